"""What decides whether metals mix, and into what: of alloys, from the composition alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.constants import R

from skcrystal.chemistry import elements
from skcrystal.chemistry.mixing import mixing_enthalpies
from skcrystal.chemistry.radii import metallic_radii
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.columns import Column, fate_of_unknown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions, Crystals

__all__ = ["AlloyStats"]


def valence_electrons() -> NDArray[np.float64]:
    """Return, by atomic number, the s, p and open-shell d electrons of each element.

    The group up to 12, the group less 10 beyond; helium has 2, and f elements 3.
    """
    groups = np.nan_to_num(elements.property_table(["group"])[:, 0])
    counts = np.where(groups > 12, groups - 10, groups)
    counts[2] = 2
    return counts


class AlloyStats(Descriptor):
    """What decides whether elements form a solid solution, a compound or a glass.

    With the share w of each element among the atoms:

    - ``mixing_enthalpy`` (kJ/mol): sum over pairs of elements of 4 w w' H, with H that of the liquid alloy of
      both in equal amounts after Miedema's model (:func:`skcrystal.chemistry.mixing.mixing_enthalpies`)
    - ``mixing_entropy`` (J/(mol K)): ideal one, -R times the sum of w ln w
    - ``atomic_size_mismatch``: square root of the sum of w (1 - r / mean r)^2, with the metallic radius r, or
      0.2 angstrom more than the covalent one
    - ``electronegativity_mismatch``: square root of the sum of w (x - mean x)^2, on Pauling's scale; equal to
      ``std_electronegativity`` of :class:`CompositionStats`
    - ``valence_electron_concentration``: mean number of s, p and open-shell d electrons per atom: the group
      up to 12, the group less 10 beyond, 3 for f elements and 2 for helium

    Miedema's model is one of alloys. Pairs that it has no value for, as those with oxygen or a halogen, count
    as 0 in the mixing enthalpy: of an oxide it is that of the metals.

    Invariant to everything that leaves the composition as it is. The row does not depend on where the
    atoms are: formulas are taken as well as crystals.

    References
    ----------
    Zhang, Zhou, Lin, Chen & Liaw, Adv. Eng. Mater. 10 (2008) 534, doi 10.1002/adem.200700240, for mismatch
    and enthalpy; Guo, Ng, Lu & Liu, J. Appl. Phys. 109 (2011) 103505, doi 10.1063/1.3587228, for the valence
    electron concentration; Takeuchi & Inoue, Mater. Trans. 46 (2005) 2817, doi 10.2320/matertrans.46.2817,
    for the enthalpies of pairs.

    Examples
    --------
    The alloy of Cantor has an enthalpy of mixing of -4.16 kJ/mol, an entropy of R ln 5, and 8 electrons:

    >>> from skcrystal.descriptors import AlloyStats
    >>> alloys = AlloyStats()
    >>> row = dict(zip(alloys.get_feature_names_out(), alloys.transform(["CoCrFeMnNi"])[0].round(2).tolist()))
    >>> row["mixing_enthalpy"], row["mixing_entropy"], row["valence_electron_concentration"]
    (-4.16, 13.38, 8.0)
    """

    needs_positions = False
    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )

    def __init__(self) -> None:
        pass

    def describe_columns(self) -> list[Column]:
        """Describe the columns, in the order of the docstring."""
        scale = elements.column_info("electronegativity").unit
        return [
            Column.of(
                "mixing_enthalpy",
                "kJ/mol",
                "enthalpy of mixing of the liquid alloy, by pairs of elements",
                "pairs without a value in Miedema's model count as 0",
            ),
            Column.of("mixing_entropy", "J/(mol K)", "ideal entropy of mixing"),
            Column.of("atomic_size_mismatch", "1", "root mean square of 1 - radius / mean radius"),
            Column.of(
                "electronegativity_mismatch",
                scale,
                "standard deviation of the electronegativity over the atoms",
                fate_of_unknown("electronegativity"),
            ),
            Column.of(
                "valence_electron_concentration", "1", "s, p and open-shell d electrons; mean over the atoms"
            ),
        ]

    def describe(self, crystals: Crystals | Compositions) -> NDArray[np.float64]:
        """Return the numbers of each crystal."""
        amounts = crystals.element_amounts[:, 1:]
        shares = amounts / amounts.sum(axis=1, keepdims=True)
        radii = metallic_radii()[1:]
        electronegativity = elements.filled_table(["electronegativity"])[1:, 0]
        # The sum over ordered pairs counts each pair twice. einsum, not @: rows of a matrix product depend,
        # in the last digit, on how many there are.
        known = np.flatnonzero(np.diagonal(mixing_enthalpies())[1:] == 0.0)
        alloyed = shares[:, known]
        pairs = np.nan_to_num(mixing_enthalpies()[np.ix_(known + 1, known + 1)])
        enthalpy = 2 * np.sum(np.einsum("ij,jk->ik", alloyed, pairs) * alloyed, axis=1)
        entropy = -R * np.sum(shares * np.log(np.where(shares > 0, shares, 1.0)), axis=1)
        return np.stack(
            [
                enthalpy,
                entropy,
                _spread(shares, radii / _mean(shares, radii)[:, None]),
                _spread(shares, np.broadcast_to(electronegativity, shares.shape)),
                _mean(shares, valence_electrons()[1:]),
            ],
            axis=1,
        )


def _mean(shares: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.einsum("ij,j->i", shares, values)
    return mean


def _spread(shares: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = np.einsum("ij,ij->i", shares, values)[:, None]
    spread: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", shares, (values - mean) ** 2))
    return spread
