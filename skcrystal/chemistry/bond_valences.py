"""Lengths of bonds of valence 1: fitted where the literature has them, estimated where it has not.

The fitted lengths stand in ``data/bond_valence_lengths.csv``, sizes and electronegativities of the elements
in ``data/bond_valence.csv``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.tables import table_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SOFTNESS", "FittedLengths", "bond_parameters", "estimated_length", "fitted_lengths", "sizes"]


#: How much longer a bond of 1/e of the valence is, in angstrom: Brown & Altermatt's "universal" b.
SOFTNESS = 0.37

# Where a list gives a length for an element whatever its state.
ANY_STATE = 9

# Sizes between which a fitted length is searched, in angstrom.
SIZE_RANGE = (0.2, 3.0)


class FittedLengths(NamedTuple):
    """Fitted R0 and b in angstrom, by state (0 to 9) of the cation, its atomic number, and the anion's.

    NaN where there is none.

    A state without a value takes that of a state one unit away, then that of the element in any state.
    """

    lengths: NDArray[np.float64]
    softness: NDArray[np.float64]


@cache
def fitted_lengths() -> FittedLengths:
    """Read the fitted lengths, and fill in those of neighbouring states.

    Examples
    --------
    Phosphate and silicate:

    >>> from skcrystal.chemistry.bond_valences import fitted_lengths
    >>> lengths = fitted_lengths().lengths
    >>> float(lengths[5, 15, 8]), float(lengths[4, 14, 8])
    (1.617, 1.64)
    """
    given = np.full((2, ANY_STATE + 1, 119, 119), np.nan)
    for row in table_rows("bond_valence_lengths.csv"):
        anion = elements.atomic_number(row["anion"])
        place = int(row["state"]), int(row["atomic_number"]), anion
        given[:, *place] = float(row["length"]), float(row["softness"])
    filled = given.copy()
    for state in range(1, ANY_STATE):
        for other in (state - 1, state + 1, ANY_STATE):
            filled[:, state] = np.where(np.isnan(filled[:, state]), given[:, other], filled[:, state])
    filled[:, 0], filled[:, ANY_STATE] = np.nan, given[:, ANY_STATE]
    filled.flags.writeable = False
    return FittedLengths(*filled)


def estimated_length(
    size: NDArray[np.float64],
    electronegativity: NDArray[np.float64],
    other_size: NDArray[np.float64],
    other_electronegativity: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Estimate R0 in angstrom from sizes and electronegativities, as O'Keeffe & Brese do."""
    gap = np.sqrt(electronegativity) - np.sqrt(other_electronegativity)
    weights = electronegativity * size + other_electronegativity * other_size
    lengths: NDArray[np.float64] = size + other_size - size * other_size * gap * gap / weights
    return lengths


@cache
def sizes() -> NDArray[np.float64]:
    """Size in angstrom and electronegativity of the elements, by atomic number, for estimated lengths.

    O'Keeffe & Brese give those of 75 elements. Of the others (noble gases, Tc, Pm, Os, Pt, Au, Po, At, Fr,
    Ra, Ac, Pa, Np and beyond) the electronegativity is Pauling's times the mean ratio over the 75 elements.
    The size is what the element's fitted lengths ask for, in the mean; where it has none, the covalent radius
    times the mean ratio over the 75.

    Returns
    -------
    ndarray of shape (119, 2), read-only
        Row Z belongs to atomic number Z.
    """
    table = np.full((elements.MAX_ATOMIC_NUMBER + 1, 2), np.nan)
    for row in table_rows("bond_valence.csv"):
        table[int(row["atomic_number"])] = float(row["size"]), float(row["electronegativity"])
    likeness = elements.filled_table(["covalent_radius", "electronegativity"])
    ratios = np.nanmean(table / likeness, axis=0)
    filled: NDArray[np.float64] = np.where(np.isnan(table), ratios * likeness, table)
    lengths = fitted_lengths().lengths
    for z in np.flatnonzero(np.isnan(table[:, 0]) & ~np.isnan(lengths).all(axis=(0, 2))).tolist():
        states, anions = np.nonzero(~np.isnan(lengths[:, z]))
        low, high = (np.full(len(anions), size) for size in SIZE_RANGE)
        for _ in range(50):
            middle = (low + high) / 2
            long = estimated_length(middle, filled[z, 1], *filled[anions].T) > lengths[states, z, anions]
            low, high = np.where(long, low, middle), np.where(long, middle, high)
        filled[z, 0] = np.nanmean(low)
    filled.flags.writeable = False
    return filled


@cache
def estimated_lengths() -> NDArray[np.float64]:
    """Return the estimates of R0 between all elements, in angstrom; shape (119, 119), read-only."""
    size, electronegativity = sizes().T
    lengths = estimated_length(size[:, None], electronegativity[:, None], size, electronegativity)
    lengths.flags.writeable = False
    return lengths


def bond_parameters(
    numbers: NDArray[np.int64], states: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return R0 and b in angstrom of bonds between kinds of ions.

    Fitted values serve where a cation meets an anion; between two states of the cation they are interpolated.
    All other pairs take the estimate from sizes, and b = 0.37.

    Parameters
    ----------
    numbers : ndarray of shape (n_kinds,)
        Atomic numbers.
    states : ndarray of shape (n_kinds,)
        Oxidation states.

    Returns
    -------
    lengths, softness : ndarray of shape (n_kinds, n_kinds)
    """
    lengths = estimated_lengths()[numbers[:, None], numbers]
    softness = np.full_like(lengths, SOFTNESS)
    cation, anion = np.nonzero((states[:, None] > 0) & (states < 0))
    state = np.clip(states[cation], 1, ANY_STATE - 1)
    lower = np.floor(state).astype(np.int64)
    share = state - lower
    upper = np.where(share > 0, lower + 1, lower)
    for values, table in zip((lengths, softness), fitted_lengths(), strict=True):
        below, above = (table[whole, numbers[cation], numbers[anion]] for whole in (lower, upper))
        fitted = (1 - share) * below + share * above
        known = np.isfinite(fitted)
        values[cation[known], anion[known]] = fitted[known]
        values[anion[known], cation[known]] = fitted[known]
    return lengths, softness
