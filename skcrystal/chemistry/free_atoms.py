"""Energies of free atoms: successive ionization energies and orbital energies, in eV.

The values stand in ``data/ionization_energies.csv`` (NIST Atomic Spectra Database, doi 10.18434/T4W30F) and
``data/orbital_energies.csv`` (Kotochigova et al. 1997, doi 10.1103/PhysRevA.55.191), both through pymatgen.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry.tables import table_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HARTREE", "Orbitals", "ionization_energies", "orbitals"]


#: Electronvolts per hartree, CODATA 2018.
HARTREE = 27.211386245988

CAPACITIES = {"s": 2, "p": 6, "d": 10, "f": 14}

# Where no source gives the next ionization energy, it is this many times the one before: about the median
# over the elements.
TYPICAL_RATIO = 1.5

LAST_CALCULATED = 92


class Orbitals(NamedTuple):
    """Orbitals of the neutral atoms, row Z for atomic number Z; rows beyond uranium repeat uranium.

    Attributes
    ----------
    energies : ndarray of shape (119, n)
        In eV, from the lowest; infinite where the atom has no more.
    capacities : ndarray of shape (119, n)
        Electrons that the orbital takes; 0 where the atom has no more.
    electrons : ndarray of shape (119,)
    outermost : ndarray of shape (119, 4)
        Energy of the outermost s, p, d and f orbital in eV; NaN where the atom has none.
    """

    energies: NDArray[np.float64]
    capacities: NDArray[np.float64]
    electrons: NDArray[np.float64]
    outermost: NDArray[np.float64]


@cache
def ionization_energies() -> NDArray[np.float64]:
    """Return successive ionization energies in eV; entry [Z, n] removes electron n + 1 from the element Z.

    A value that no source gives is 1.5 times the one before.

    Returns
    -------
    ndarray of shape (119, 9), read-only

    Examples
    --------
    >>> from skcrystal.chemistry.free_atoms import ionization_energies
    >>> ionization_energies()[11, :2].round(2).tolist()
    [5.14, 47.29]
    """
    table = np.full((119, 9), np.nan)
    for row in table_rows("ionization_energies.csv"):
        values = [float(row[f"ionization_{n}"] or "nan") for n in range(1, 10)]
        table[int(row["atomic_number"])] = values
    first = table[1:, 0]
    first[np.isnan(first)] = np.nanmean(first)
    for n in range(1, 9):
        unknown = np.isnan(table[:, n])
        table[unknown, n] = TYPICAL_RATIO * table[unknown, n - 1]
    table.flags.writeable = False
    return table


@cache
def orbitals() -> Orbitals:
    """Return the orbital energies of the neutral atoms in the local density approximation.

    Returns
    -------
    Orbitals

    Examples
    --------
    The 2p orbital of oxygen:

    >>> from skcrystal.chemistry.free_atoms import orbitals
    >>> round(float(orbitals().outermost[8, 1]), 2)
    -9.21
    """
    atoms: dict[int, list[tuple[float, str]]] = {}
    for row in table_rows("orbital_energies.csv"):
        orbital = (float(row["energy"]) * HARTREE, row["orbital"])
        atoms.setdefault(int(row["atomic_number"]), []).append(orbital)
    longest = max(map(len, atoms.values()))
    energies, capacities = np.full((119, longest), np.inf), np.zeros((119, longest))
    outermost = np.full((119, 4), np.nan)
    for z, found in atoms.items():
        for i, (energy, name) in enumerate(sorted(found)):
            energies[z, i] = energy
            capacities[z, i] = CAPACITIES[name[1]]
            # From the lowest up: what stays is the outermost.
            outermost[z, "spdf".index(name[1])] = energy
    for array in (energies, capacities, outermost):
        array[LAST_CALCULATED + 1 :] = array[LAST_CALCULATED]
        array.flags.writeable = False
    return Orbitals(energies, capacities, np.minimum(np.arange(119.0), LAST_CALCULATED), outermost)
