"""Radii of atoms by their charge: ionic ones after Shannon, metallic and covalent ones of neutral atoms."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.tables import table_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ALL_CHARGES", "charged_radii", "covalent_radii", "metallic_radii", "nonmetals"]


#: Integer charges that :func:`charged_radii` has columns for, in elementary charges.
ALL_CHARGES = range(-4, 9)

NONMETALS = "H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Sb Te I Xe Bi At Rn"

# Pauling, J. Am. Chem. Soc. 69 (1947) 542, doi 10.1021/ja01195a024: a bond of order n is 0.6 log10(n)
# angstrom shorter than a single one; a third of a bond to each of twelve neighbours makes a radius 0.14
# larger, a fifth 0.21. Aluminium, indium and thallium have 0.2 more in their metals than in single bonds.
METALLIC_EXCESS = 0.2

# Anions of Shannon's table are larger than the covalent radius by 0.78 on average (0.74 to 0.83), cations
# smaller by 0.81.
ANION_EXCESS, CATION_DEFECT = 0.78, 0.81

# An element that no table knows.
UNKNOWN_COVALENT = 1.7


@cache
def nonmetals() -> NDArray[np.bool_]:
    """Return which elements stand right of the staircase between metals and nonmetals.

    Of shape (119,), read-only. The semimetals B, Si, Ge, As, Sb, Te and Bi do: covalent bonds make their
    structures.
    """
    found = np.isin(elements.symbols(), NONMETALS.split())
    found.flags.writeable = False
    return found


@cache
def covalent_radii() -> NDArray[np.float64]:
    """Return the covalent radius of each element in angstrom; shape (119,), read-only.

    Radii of Cordero et al., Dalton Trans. (2008) 2832, doi 10.1039/b801115j, to curium; 1.7 beyond.
    """
    radii = elements.property_table(["covalent_radius"])[:, 0]
    radii = np.where(np.isnan(radii), UNKNOWN_COVALENT, radii)
    radii.flags.writeable = False
    return radii


@cache
def metallic_radii() -> NDArray[np.float64]:
    """Return the radius of each neutral element among twelve neighbours, in angstrom.

    Of shape (119,), read-only. The metallic radius, and 0.2 angstrom more than the covalent one for an
    element without.
    """
    radii = elements.property_table(["metallic_radius"])[:, 0]
    radii = np.where(np.isnan(radii), covalent_radii() + METALLIC_EXCESS, radii)
    radii.flags.writeable = False
    return radii


def _shannon_radii() -> dict[int, dict[int, float]]:
    """Radius by atomic number and charge: of six neighbours, or the nearest number; high spin."""
    best: dict[tuple[int, int], tuple[tuple[int, bool, bool], float]] = {}
    for row in table_rows("ionic_radii.csv"):
        rank = abs(int(row["coordination_number"]) - 6), row["spin"] == "low spin", row["shape"] != ""
        key = int(row["atomic_number"]), int(row["charge"])
        if key not in best or rank < best[key][0]:
            best[key] = rank, float(row["radius"])
    radii: dict[int, dict[int, float]] = {}
    for (z, charge), (_, radius) in best.items():
        radii.setdefault(z, {})[charge] = radius
    return radii


@cache
def charged_radii() -> NDArray[np.float64]:
    """Return the radius of each element at each integer charge from -4 to 8, in angstrom.

    Effective ionic radii of Shannon for six neighbours (or the nearest number in his table), high spin; of a
    charge that he does not give, interpolated between those beside it, or the radius of the nearest one. An
    anion that he does not give has 0.78 angstrom more than its covalent radius, a cation 0.81 less, the mean
    differences over his table. At charge 0, the metallic radius.

    Returns
    -------
    ndarray of shape (119, 13), read-only

    References
    ----------
    Shannon, Acta Cryst. A32 (1976) 751, doi 10.1107/S0567739476001551.

    Examples
    --------
    Fe2+ and Fe3+ of high spin, and O2-:

    >>> from skcrystal.chemistry.radii import charged_radii
    >>> charged_radii()[26, [4 + 2, 4 + 3]].tolist(), float(charged_radii()[8, 4 - 2])
    ([0.78, 0.645], 1.4)
    """
    shannon = _shannon_radii()
    covalent, metallic = covalent_radii(), metallic_radii()
    table = np.zeros((elements.MAX_ATOMIC_NUMBER + 1, len(ALL_CHARGES)))
    for z in range(1, len(table)):
        for column, charge in enumerate(ALL_CHARGES):
            known = {q: r for q, r in shannon.get(z, {}).items() if q * charge > 0}
            if charge == 0:
                table[z, column] = metallic[z]
            elif known:
                charges = sorted(known)
                table[z, column] = np.interp(charge, charges, [known[q] for q in charges])
            elif charge < 0:
                table[z, column] = covalent[z] + ANION_EXCESS
            else:
                table[z, column] = max(covalent[z] - CATION_DEFECT, 0.0)
    table.flags.writeable = False
    return table
