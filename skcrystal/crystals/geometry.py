"""Lengths, angles and distances of one crystal, and its table as text."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.crystals.symmetry import niggli_reduce

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["LatticeParameters", "SpaceGroup", "distance_matrix", "lattice_parameters", "site_table"]

# Sites that a printed table shows at most, from the top and the bottom.
SHOWN = 20


class LatticeParameters(NamedTuple):
    """Lengths of the cell's edges in angstrom, and the angles between them in degrees."""

    a: float
    b: float
    c: float
    alpha: float
    beta: float
    gamma: float


class SpaceGroup(NamedTuple):
    """Number from 1 to 230, and Hermann-Mauguin symbol of the standard setting."""

    number: int
    symbol: str


def lattice_parameters(lattice: NDArray[np.float64]) -> LatticeParameters:
    """Return lengths in angstrom and angles in degrees of lattice vectors in rows."""
    lengths = np.linalg.norm(lattice, axis=1)
    cosines = (lattice @ lattice.T) / np.outer(lengths, lengths)
    angles = np.degrees(np.arccos(np.clip(cosines[[1, 0, 0], [2, 2, 1]], -1, 1)))
    return LatticeParameters(*lengths.tolist(), *angles.tolist())


def distance_matrix(lattice: NDArray[np.float64], frac_coords: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distances between the sites, each to the nearest image of the other, in angstrom.

    In a Niggli-reduced cell the nearest image of a difference wrapped to [-1/2, 1/2] is at most one cell away
    (Nguyen & Stehle, doi 10.1145/1597036.1597050).

    Parameters
    ----------
    lattice : ndarray of shape (3, 3)
    frac_coords : ndarray of shape (n_sites, 3)

    Returns
    -------
    ndarray of shape (n_sites, n_sites)
        Symmetric, 0 on the diagonal.
    """
    reduced = niggli_reduce(lattice[None])[0][0]
    steps = np.array(list(product((-1, 0, 1), repeat=3))) @ reduced
    coords = frac_coords @ lattice @ np.linalg.inv(reduced)
    distances = np.zeros((len(coords), len(coords)))
    for site, coord in enumerate(coords):
        differences = coords - coord
        nearest = (differences - np.rint(differences)) @ reduced
        squares = ((nearest[:, None, :] + steps) ** 2).sum(axis=2)
        distances[site] = np.sqrt(squares.min(axis=1))
    np.fill_diagonal(distances, 0.0)
    return (distances + distances.T) / 2


def site_table(heading: str, species: Sequence[str], coords: NDArray[np.float64]) -> str:
    """Return a heading and one line per site: number, species, fractional coordinates.

    A crystal of many sites is cut short in the middle.
    """
    width = max(map(len, species), default=0)
    lines = [
        f"{site:4d}  {name:{width}}  " + "  ".join(f"{x:8.5f}" for x in coord)
        for site, (name, coord) in enumerate(zip(species, coords.tolist(), strict=True))
    ]
    if len(lines) > SHOWN:
        lines[SHOWN // 2 : -SHOWN // 2] = [f" ...  {len(lines) - SHOWN} more"]
    return "\n".join([heading, *lines])
