"""Scenes: the atoms and bonds of a crystal that a drawing shows, from its cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from skcrystal.chemistry import elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Scene", "scenes_of"]

# Cells of more sites are drawn without the images on their faces.
MAX_SITES = 200

# How far from a face, in fractions of an edge, an atom counts as on it.
ON_FACE = 0.02

# Between two shells a neighbour is a bond in part: drawn from this weight on.
MIN_WEIGHT = 0.3


class Bonds(Protocol):
    """The bonds of all sites, as a :class:`~skcrystal.crystals.bonds.BondTable` holds them."""

    @property
    def offsets(self) -> NDArray[np.int64]: ...
    @property
    def neighbors(self) -> NDArray[np.int64]: ...
    @property
    def vectors(self) -> NDArray[np.float64]: ...
    @property
    def weights(self) -> NDArray[np.float64]: ...


class Cells(Protocol):
    """What can be drawn: cells as flat arrays, as :class:`~skcrystal.Crystals` holds them.

    Crystals show themselves by their drawing, so that their room lies above this one, which says what it
    needs of them.
    """

    @property
    def lattices(self) -> NDArray[np.float64]: ...
    @property
    def site_offsets(self) -> NDArray[np.int64]: ...
    @property
    def frac_coords(self) -> NDArray[np.float64]: ...
    @property
    def species_offsets(self) -> NDArray[np.int64]: ...
    @property
    def atomic_numbers(self) -> NDArray[np.int64]: ...
    @property
    def occupancies(self) -> NDArray[np.float64]: ...


@dataclass(frozen=True, eq=False)
class Scene:
    """What is drawn of one crystal: its cell with the atoms on all its faces, and the bonds among them.

    Attributes
    ----------
    lattice : ndarray of shape (3, 3)
        Edges of the cell as rows, in angstrom.
    numbers : ndarray of shape (n_atoms,), int64
        Atomic numbers; of a site that several elements share, the one with the largest share.
    names : list of str
        What stands on the site, as ``"Fe"`` or ``"Fe 0.60, Co 0.40"``.
    places : ndarray of shape (n_atoms, 3)
        In angstrom.
    bonds : ndarray of shape (n_bonds, 2), int64
        Pairs of atoms, each once.
    """

    lattice: NDArray[np.float64]
    numbers: NDArray[np.int64]
    names: list[str]
    places: NDArray[np.float64]
    bonds: NDArray[np.int64]


def scenes_of(crystals: Cells, bonds: Bonds) -> list[Scene]:
    """Return the scene of each crystal.

    Parameters
    ----------
    crystals : Crystals, or other :class:`Cells`
    bonds : BondTable
        Theirs.
    """
    return [_scene(crystals, bonds, k) for k in range(len(crystals.lattices))]


def _scene(crystals: Cells, table: Bonds, k: int) -> Scene:
    start, stop = crystals.site_offsets[k : k + 2].tolist()
    lattice = crystals.lattices[k]
    frac = crystals.frac_coords[start:stop] % 1.0
    # From here on a coordinate just below 1 is one just below 0, and has its image at the other face.
    frac = np.where(frac > 1.0 - ON_FACE, frac - 1.0, frac)
    sites, images = _drawn(frac)
    places = (frac[sites] + images) @ lattice
    where = {key: n for n, key in enumerate(_keys(sites, images))}
    numbers, names = zip(*(_species(crystals, site) for site in range(start, stop)), strict=True)

    offsets = table.offsets
    low, high = int(offsets[start]), int(offsets[stop])
    centers = np.repeat(np.arange(stop - start), np.diff(offsets[start : stop + 1]))
    partners = table.neighbors[low:high] - start
    vectors = table.vectors[low:high]
    weights = table.weights[low:high]
    shifts = np.rint(vectors @ np.linalg.inv(lattice) + frac[centers] - frac[partners]).astype(np.int64)
    bonds = set()
    of_site: dict[int, list[int]] = {}
    for n, site in enumerate(sites.tolist()):
        of_site.setdefault(site, []).append(n)
    for center, partner, shift, weight in zip(
        centers.tolist(), partners.tolist(), shifts, weights.tolist(), strict=True
    ):
        if weight < MIN_WEIGHT:
            continue
        for n in of_site[center]:
            other = where.get((partner, *(images[n] + shift).tolist()))
            if other is not None and other != n:
                bonds.add((min(n, other), max(n, other)))
    pairs = np.array(sorted(bonds), dtype=np.int64).reshape(-1, 2)
    return Scene(lattice, np.array(numbers)[sites], [names[site] for site in sites], places, pairs)


def _drawn(frac: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return sites and cells of the atoms in the cell and on its faces."""
    sites = np.arange(len(frac))
    images = np.zeros((len(frac), 3), dtype=np.int64)
    if len(frac) > MAX_SITES:
        return sites, images
    for axis in range(3):
        on_face = frac[sites, axis] < ON_FACE
        moved = images[on_face]
        moved[:, axis] = 1
        sites, images = np.r_[sites, sites[on_face]], np.r_[images, moved]
    return sites, images


def _keys(sites: NDArray[np.int64], images: NDArray[np.int64]) -> list[tuple[int, ...]]:
    return [(site, *image) for site, image in zip(sites.tolist(), images.tolist(), strict=True)]


def _species(crystals: Cells, site: int) -> tuple[int, str]:
    """Return the atomic number that a site is drawn as, and the name of what stands on it."""
    species = slice(crystals.species_offsets[site], crystals.species_offsets[site + 1])
    numbers, shares = crystals.atomic_numbers[species], crystals.occupancies[species]
    symbols = [elements.symbols()[number] for number in numbers.tolist()]
    drawn = int(numbers[np.argmax(shares)])
    if len(symbols) == 1 and shares[0] == 1.0:
        return drawn, symbols[0]
    return drawn, ", ".join(f"{one} {share:.2f}" for one, share in zip(symbols, shares, strict=True))
