"""Oxidation states from the composition alone, by charge balance.

What a state costs an element stands in :mod:`skcrystal.chemistry.state_costs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry.state_costs import companies, modes, steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["IonicComposition", "assign_oxidation_states"]

# Charges per atom smaller than this are rounding.
CHARGE_TOLERANCE = 1e-9

# Costs closer than this are equal, so that rounding does not choose.
COST_TOLERANCE = 1e-9

# An unbalanced charge outweighs every cost.
UNBALANCED_COST = 1e4

# Choices of states that are compared for one crystal at most; with more (five or more non-metals in one
# compound), the non-metal that offers most choices makes its own along its steps.
MOST_CHOICES = 4096


@dataclass(frozen=True, slots=True, eq=False)
class IonicComposition:
    """The elements of each crystal of a batch, with the oxidation states assigned to them.

    Attributes
    ----------
    crystals, atomic_numbers : ndarray of shape (n_pairs,)
        One entry for each element of each crystal, crystal by crystal.
    starts : ndarray of shape (n_crystals,)
        First entry of each crystal.
    shares : ndarray of shape (n_pairs,)
        Share of the element among the crystal's atoms; they sum to 1.
    states : ndarray of shape (n_pairs,)
        Mean oxidation state of the element, in elementary charges; fractional for mixed valence.
    residuals : ndarray of shape (n_crystals,)
        Charge per atom that no tabulated state balances; 0 for a balanced composition.
    costs : ndarray of shape (n_crystals,)
        Mean over the atoms of the states' costs, -ln p(state | element) and what the company adds: how
        unusual the states are.
    slopes : ndarray of shape (n_crystals,)
        Cost of the last unit of charge, negative where electrons had to be added: the multiplier of charge
        balance.
    """

    crystals: NDArray[np.int64]
    atomic_numbers: NDArray[np.int64]
    starts: NDArray[np.int64]
    shares: NDArray[np.float64]
    states: NDArray[np.float64]
    residuals: NDArray[np.float64]
    costs: NDArray[np.float64]
    slopes: NDArray[np.float64]


def limit_choices(counts: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Free the elements with most choices until no crystal has more than ``MOST_CHOICES``."""
    counts = counts.copy()
    stops = np.append(starts[1:], len(counts))
    for crystal in np.flatnonzero(np.multiply.reduceat(counts.astype(np.float64), starts) > MOST_CHOICES):
        mine = counts[starts[crystal] : stops[crystal]]
        while mine.prod() > MOST_CHOICES:
            mine[mine.argmax()] = 1
    return counts


def assign_oxidation_states(amounts: NDArray[np.float64]) -> IonicComposition:
    """Assign the likeliest oxidation states that balance the charge.

    With the share x of each element and the cost c(q) of its states q, -ln p(q | element) among ICSD
    structures and what the other elements add (:mod:`skcrystal.chemistry.state_costs`), the sum of x c(q) is
    minimised under sum of x q = 0:

    - all atoms of a non-metal other than O and F share one state, since p-block ions pair their electrons,
      or pay for being mixed; every combination of these states is tried
    - metals, O, F and what is mixed walk along the lower convex hull of their costs: from the cheapest
      states, the cheapest segments (by slope) are taken until the charge is balanced, which reaches the
      minimum exactly. On a segment the element has mixed valence.

    Beside oxygen a non-metal pays for each unit of charge below its group number, so that in LiFePO4 iron is
    reduced and not phosphorus; beside S, Se, Te, P, As and Sb late metals keep low states, so that the
    sulfur of pyrite is paired; metals are anions beside metals of groups 1 and 2, Eu and Yb only.

    Parameters
    ----------
    amounts : ndarray of shape (n_crystals, 119)
        Atoms of each element, occupancies counted; each row has at least one.

    Returns
    -------
    IonicComposition

    References
    ----------
    Waroquiers et al., Chem. Mater. 29 (2017) 8346, doi 10.1021/acs.chemmater.7b02766, for the statistics;
    Bratsch, J. Phys. Chem. Ref. Data 18 (1989) 1, doi 10.1063/1.555839, for the potentials of oxyanions;
    Rouxel, Chem. Eur. J. 2 (1996) 1053, doi 10.1002/chem.19960020904, for sulfides.

    Examples
    --------
    Magnetite, Fe3O4: iron is 8/3+ on average. Triphylite, LiFePO4, is a phosphate of iron(II):

    >>> import numpy as np
    >>> from skcrystal.chemistry.oxidation import assign_oxidation_states
    >>> amounts = np.zeros((2, 119))
    >>> amounts[0, [26, 8]] = 3, 4
    >>> amounts[1, [3, 26, 15, 8]] = 1, 1, 1, 4
    >>> ions = assign_oxidation_states(amounts)
    >>> for crystal in (0, 1):
    ...     mine = ions.crystals == crystal
    ...     print(dict(zip(ions.atomic_numbers[mine].tolist(), ions.states[mine].round(3).tolist())))
    {8: -2.0, 26: 2.667}
    {3: 1.0, 8: -2.0, 15: 5.0, 26: 2.0}
    """
    # Compiled when it is used: whoever imports the package alone does not wait for numba.
    from skcrystal.kernels.charge_balance import cheapest_states

    n = len(amounts)
    crystals, elements_ = np.nonzero(amounts)
    starts = np.searchsorted(crystals, np.arange(n))
    found = amounts[crystals, elements_]
    if not n:
        nothing = np.zeros(0)
        return IonicComposition(crystals, elements_, starts, found, found, nothing, nothing, nothing)
    shares = found / np.add.reduceat(found, starts)[crystals]
    company = companies(amounts)[crystals]
    counts = limit_choices(modes().counts[company, elements_], starts)

    table, held = steps(), modes()
    states, (residuals, costs, slopes) = cheapest_states(
        np.append(starts, len(crystals)),
        company,
        elements_,
        shares,
        counts,
        table.states,
        table.costs,
        table.slopes,
        table.widths,
        held.states,
        held.costs,
        CHARGE_TOLERANCE,
        COST_TOLERANCE,
        UNBALANCED_COST,
    )
    # A column of rounding errors alone, as the Madelung energies of alloys would be, has no scale.
    whole = np.rint(states) + 0.0  # and no minus before a zero
    states = np.where(np.abs(states - whole) < CHARGE_TOLERANCE, whole, states)
    return IonicComposition(crystals, elements_, starts, shares, states, residuals, costs, slopes)
