"""Wyckoff positions of the sites: letter, multiplicity and site symmetry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.symmetry import search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["WyckoffTable", "find_wyckoff_positions"]


@dataclass(frozen=True, slots=True, eq=False)
class WyckoffTable:
    """The Wyckoff position of each site of a batch, in the standard setting of its space group.

    Attributes
    ----------
    letters : ndarray of str, shape (n_sites,)
        As International Tables for Crystallography A has them.
    multiplicities : ndarray of shape (n_sites,)
        Sites of the position in the conventional cell, whatever cell was given.
    symmetries : ndarray of str, shape (n_sites,)
        Site symmetry, oriented: a dot for a direction without symmetry, as in ``4mm.m``.
    """

    letters: NDArray[np.object_]
    multiplicities: NDArray[np.int64]
    symmetries: NDArray[np.object_]


def find_wyckoff_positions(crystals: Crystals, symprec: float = 0.01) -> WyckoffTable:
    """Find the Wyckoff position of each site.

    Letters depend on the choice of the origin, where a group leaves one; multiplicities do not.

    Parameters
    ----------
    crystals : Crystals
    symprec : float, default=0.01
        Tolerance on positions, in angstrom.

    Returns
    -------
    WyckoffTable
        Where the search for symmetry fails, each site is in the general position of P1: ``a``, 1, ``1``.
    """
    table = crystals.symmetry(symprec)
    letters: list[str] = []
    symmetries: list[str] = []
    multiplicities: list[int] = []
    bounds, kinds = crystals.site_offsets.tolist(), crystals.site_kinds
    for i, found in enumerate(table.symprecs.tolist()):
        sites = slice(bounds[i], bounds[i + 1])
        count = bounds[i + 1] - bounds[i]
        if np.isnan(found):
            letters += ["a"] * count
            symmetries += ["1"] * count
            multiplicities += [1] * count
            continue
        lattice, coords = crystals.lattices[i], crystals.frac_coords[sites]
        dataset = search(lattice, coords, kinds[sites], found, rotate_basis=False)
        letters += dataset.wyckoffs
        symmetries += dataset.site_symmetry_symbols
        orbits = np.array(dataset.orbits)
        in_orbit = np.bincount(orbits, minlength=count)[orbits]
        multiplicities += (in_orbit * len(dataset.std_cell.numbers) // count).tolist()
    return WyckoffTable(
        np.array(letters, dtype=object), np.array(multiplicities), np.array(symmetries, dtype=object)
    )
