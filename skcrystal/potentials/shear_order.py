"""Whether shear stresses are labelled in the right order."""

from __future__ import annotations

import warnings
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.labels import Labels

__all__ = ["LabelWarning", "group_numbers", "order_of_shears", "warn_of_shears"]

NAMES = ("yz", "xz", "xy")

# Shares of the labels of a component: what another one explains at least that is labelled so, and how much
# more than the component itself, on average.
EXPLAINED = 0.7
GAINED = 0.3


class LabelWarning(UserWarning):
    """Labels that contradict each other."""


def group_numbers(labels: Labels) -> NDArray[np.int64]:
    """Return a number for each crystal's group; all are one where no groups are known."""
    if labels.groups is None:
        return np.zeros(len(labels), dtype=np.int64)
    return np.unique(labels.groups, return_inverse=True)[1].reshape(-1).astype(np.int64)


def order_of_shears(products: NDArray[np.float64], squares: NDArray[np.float64]) -> tuple[int, ...] | None:
    """Return which component stands at the place of each shear stress; None where it may be its own.

    Parameters
    ----------
    products : ndarray of shape (3, 3)
        Sum over crystals of what is learned of one component times the label of another.
    squares : ndarray of shape (3,)
        Sums of the squares of the labels.
    """
    if not squares.all():
        return None
    explained = products / squares
    places = np.arange(3)

    def gains(order: tuple[int, ...]) -> NDArray[np.float64]:
        gained: NDArray[np.float64] = explained[list(order), places] - explained[places, places]
        return gained

    best = max(permutations(range(3)), key=lambda order: float(gains(order).sum()))
    moved = np.flatnonzero(np.array(best) != places)
    sure = len(moved) and (explained[list(best), places][moved] > EXPLAINED).all()
    return best if sure and gains(best)[moved].mean() > GAINED else None


def warn_of_shears(
    labels: Labels,
    products: NDArray[np.float64],
    squares: NDArray[np.float64],
    learned: NDArray[np.float64],
    *,
    stacklevel: int,
) -> None:
    """Warn of groups of labels whose shear stresses are in another order than yz, xz, xy.

    What energies, forces and the other stresses teach tells a stress that is sheared in one plane from one in
    another: it turns with the crystal.

    Parameters
    ----------
    labels : Labels
    products : ndarray of shape (n_groups, 3, 3, n_coefficients)
    squares : ndarray of shape (n_groups, 3)
    learned : ndarray of shape (n_coefficients,)
    stacklevel : int
        As in :func:`warnings.warn`.
    """
    numbers, told = group_numbers(labels), labels.has_stress
    found: dict[tuple[int, ...], list[int]] = {}
    for group in range(len(squares)):
        order = order_of_shears(products[group] @ learned, squares[group])
        if order is not None:
            found.setdefault(order, []).append(group)
    for order, groups in found.items():
        own = np.isin(numbers, groups) & told
        names = "" if labels.groups is None else f" ({', '.join(np.unique(labels.groups[own]))})"
        warnings.warn(
            f"the shear stresses of {int(own.sum())} crystals{names} seem to be in the order "
            f"{' '.join(NAMES[place] for place in order)}, not yz xz xy: energies, forces and the other "
            "stresses say so; reorder them (VASP prints xx yy zz xy yz zx, which stress_from_vasp turns)",
            LabelWarning,
            stacklevel=stacklevel + 1,
        )
