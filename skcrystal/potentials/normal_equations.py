"""What a ridge regression needs of the training rows, kept apart by kind of label and by fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.labels import to_voigt
from skcrystal.potentials.shear_order import group_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals
    from skcrystal.crystals.labels import Labels
    from skcrystal.potentials.expansion import Expansion

__all__ = ["KINDS", "NormalEquations", "accumulate", "reference_energies"]

#: Energies per atom (eV), forces (eV/angstrom), stresses (eV/angstrom^3).
KINDS = ("energy", "force", "stress")

# Rows are gathered to this many before they are multiplied: matrix products of few rows are slow.
ROWS = 2048


@dataclass(frozen=True, eq=False)
class NormalEquations:
    """Sums over the training rows.

    Attributes
    ----------
    grams : ndarray of shape (n_folds, 3, n_coefficients, n_coefficients)
        Products of the design's columns, by fold and by kind of label.
    products : ndarray of shape (n_folds, 3, n_coefficients)
        Products of its columns with the labels.
    squares : ndarray of shape (n_folds, 3)
        Sums of the squares of the labels.
    counts : ndarray of shape (n_folds, 3)
        Numbers of labels.
    shears : ndarray of shape (n_groups, 3, 3, n_coefficients)
        Products of the columns of each shear stress (yz, xz, xy) with each of its labels, by group of labels.
    shear_squares : ndarray of shape (n_groups, 3)
        Sums of the squares of these labels.
    site_grams : ndarray of shape (n_folds, n_elements, n_chosen, n_chosen)
        Products of the chosen invariants, summed over the sites of each element.
    site_samples : list of (NDArray, NDArray), one of each fold
        Element numbers and chosen invariants of some of the sites.
    """

    grams: NDArray[np.float64]
    products: NDArray[np.float64]
    squares: NDArray[np.float64]
    counts: NDArray[np.int64]
    shears: NDArray[np.float64]
    shear_squares: NDArray[np.float64]
    site_grams: NDArray[np.float64]
    site_samples: list[tuple[NDArray[np.int64], NDArray[np.float64]]]


def reference_energies(
    amounts: NDArray[np.float64], energies: NDArray[np.float64], given: dict[int, float]
) -> NDArray[np.float64]:
    """Return an energy for an atom of each element, the least squares of energies over compositions.

    Parameters
    ----------
    amounts : ndarray of shape (n_crystals, n_elements)
        Atoms of each element in each cell.
    energies : ndarray of shape (n_crystals,)
        In eV per cell; NaN where unknown.
    given : dict
        Number of an element -> its energy, where it is known.

    Returns
    -------
    ndarray of shape (n_elements,)
        In eV per atom; 0 where nothing tells.
    """
    found = np.zeros(amounts.shape[1])
    for kind, value in given.items():
        found[kind] = value
    free = np.setdiff1d(np.arange(amounts.shape[1]), list(given))
    known = ~np.isnan(energies)
    if len(free) and known.any():
        size = amounts[known].sum(axis=1)
        rest = (energies[known] - amounts[known] @ found) / size
        found[free] = np.linalg.lstsq(amounts[known][:, free] / size[:, None], rest, rcond=None)[0]
    return found


def accumulate(
    expansion: Expansion,
    crystals: Crystals,
    labels: Labels,
    energies: NDArray[np.float64],
    folds: NDArray[np.int64],
    chosen: NDArray[np.intp],
    most_sites: int,
    seed: int | None,
) -> NormalEquations:
    """Sum the products of the design's rows, crystal by crystal; the design is never held whole.

    Parameters
    ----------
    expansion : Expansion
    crystals : Crystals
    labels : Labels
    energies : ndarray of shape (n_crystals,)
        Energies without the references, in eV per cell.
    folds : ndarray of shape (n_crystals,)
    chosen : ndarray of int
        The invariants by which sites are compared.
    most_sites : int
        Sites kept of each fold.
    seed : int or None
        Of the choice of these sites.

    Returns
    -------
    NormalEquations
    """
    n_folds, width = int(folds.max()) + 1, expansion.n_coefficients
    n_elements = len(expansion.numbers)
    grams = np.zeros((n_folds, len(KINDS), width, width))
    products, squares = np.zeros((n_folds, len(KINDS), width)), np.zeros((n_folds, len(KINDS)))
    counts = np.zeros((n_folds, len(KINDS)), dtype=np.int64)
    site_grams = np.zeros((n_folds, n_elements, len(chosen), len(chosen)))
    groups = group_numbers(labels)
    shears = np.zeros((int(groups.max()) + 1, 3, 3, width))
    shear_squares = np.zeros(shears.shape[:2])
    sites: list[list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = [[] for _ in range(n_folds)]
    waiting: dict[tuple[int, int], list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = {}

    def add(fold: int, kind: int) -> None:
        rows = np.concatenate([part[0] for part in waiting[fold, kind]])
        values = np.concatenate([part[1] for part in waiting[fold, kind]])
        grams[fold, kind] += rows.T @ rows
        products[fold, kind] += rows.T @ values
        squares[fold, kind] += values @ values
        counts[fold, kind] += len(values)
        waiting[fold, kind] = []

    forces = labels.forces_of()
    has_forces, has_stress = labels.has_forces, labels.has_stress
    components = to_voigt(labels.stresses)
    for index, design in enumerate(expansion.designs(crystals)):
        fold, n = int(folds[index]), len(design.sites)
        if not np.isnan(energies[index]):
            waiting.setdefault((fold, 0), []).append(
                (design.energy[None] / n, energies[index : index + 1] / n)
            )
        if has_forces[index]:
            waiting.setdefault((fold, 1), []).append((design.forces, forces[index].reshape(-1)))
        if has_stress[index]:
            rows, own = design.strain / crystals.volumes[index], components[index]
            waiting.setdefault((fold, 2), []).append((rows, own))
            shears[groups[index]] += rows[3:, None] * own[3:, None]
            shear_squares[groups[index]] += own[3:] ** 2
        for key, parts in waiting.items():
            if sum(len(part[1]) for part in parts) >= ROWS:
                add(*key)
        picked = design.sites[:, chosen]
        for kind in np.unique(design.kinds).tolist():
            chosen_rows = picked[design.kinds == kind]
            site_grams[fold, kind] += chosen_rows.T @ chosen_rows
        sites[fold].append((design.kinds, picked))
    for key, parts in waiting.items():
        if parts:
            add(*key)
    samples = [_sample(own, most_sites, seed) for own in sites]
    return NormalEquations(grams, products, squares, counts, shears, shear_squares, site_grams, samples)


def _sample(
    parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]], most: int, seed: int | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return some of the sites of a fold, drawn at random."""
    kinds = np.concatenate([part[0] for part in parts])
    rows = np.concatenate([part[1] for part in parts])
    if len(kinds) > most:
        picked = np.random.default_rng(seed).choice(len(kinds), most, replace=False)
        return kinds[picked], rows[picked]
    return kinds, rows
