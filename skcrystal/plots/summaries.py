"""What the figures and the page draw: errors, and their means over groups of crystals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors.symmetry_numbers import CRYSTAL_SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = [
    "CRYSTAL_SYSTEMS",
    "CoverageGroup",
    "Group",
    "coverage_by_prediction",
    "crystal_systems",
    "error_by_element",
    "error_by_label",
    "errors_of",
]

# The last space group of each crystal system, in the order of `CRYSTAL_SYSTEMS`.
LAST_GROUPS = np.array([2, 15, 74, 142, 167, 194, 230])


class Group(NamedTuple):
    """The errors of a group of rows.

    Attributes
    ----------
    name : str
    size : int
        Number of rows.
    mean : float
        Mean of their errors.
    uncertainty : float
        Standard error of that mean; NaN of fewer than two rows.
    """

    name: str
    size: int
    mean: float
    uncertainty: float


class CoverageGroup(NamedTuple):
    """How often intervals of rows with alike predictions hold the true value.

    Attributes
    ----------
    low, high : float
        The least and largest prediction.
    size : int
        Number of rows.
    inside : float
        Share of the rows whose interval holds the true value.
    uncertain_low, uncertain_high : float
        Where the share of all such rows lies with 95 % probability (Wilson's interval).
    width : float
        Mean width of the intervals.
    """

    low: float
    high: float
    size: int
    inside: float
    uncertain_low: float
    uncertain_high: float
    width: float


def errors_of(y: Array, predicted: Array) -> Array:
    """Return the error of each row, at least 0; NaN where nothing is predicted.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Targets; of classes their numbers.
    predicted : ndarray of shape (n_rows,) or (n_rows, n_classes)
        Of numbers the error is the distance from the target, of probabilities what the true class lacks to 1.
    """
    if predicted.ndim == 1:
        return np.abs(predicted - y)
    return 1.0 - predicted[np.arange(len(y)), y.astype(np.int64)]


def crystal_systems(space_groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each space group's system in `CRYSTAL_SYSTEMS`; -1 for the number 0.

    Examples
    --------
    >>> import numpy as np
    >>> crystal_systems(np.array([1, 62, 225, 0])).tolist()
    [0, 2, 6, -1]
    """
    return np.where(space_groups > 0, np.searchsorted(LAST_GROUPS, space_groups), -1)


def error_by_element(errors: Array, amounts: Array) -> list[Group]:
    """Return the errors of the rows that hold each element, by atomic number.

    Parameters
    ----------
    errors : ndarray of shape (n_rows,)
        Rows of NaN do not count.
    amounts : ndarray of shape (n_rows, 119)
        Atoms of each element.
    """
    known = np.isfinite(errors)
    names = elements.symbols()
    held = [(names[z], known & (amounts[:, z] > 0)) for z in range(1, amounts.shape[1])]
    return [_group(name, errors[rows]) for name, rows in held if rows.any()]


def error_by_label(errors: Array, labels: NDArray[np.int64], names: Sequence[str]) -> list[Group]:
    """Return the errors of the rows of each label, which is a place in `names`; -1 is none."""
    known = np.isfinite(errors)
    held = [(name, known & (labels == k)) for k, name in enumerate(names)]
    return [_group(name, errors[rows]) for name, rows in held if rows.any()]


def coverage_by_prediction(
    y: Array, predicted: Array, low: Array, high: Array, n_groups: int = 8
) -> list[CoverageGroup]:
    """Return how often the intervals hold, in groups of about as many rows, by ascending prediction.

    Rows of one prediction stay in one group. Rows without an interval do not count.
    """
    known = np.isfinite(low + high + predicted)
    y, predicted, low, high = y[known], predicted[known], low[known], high[known]
    if not len(y):
        return []
    cuts = np.quantile(predicted, np.linspace(0, 1, n_groups + 1)[1:-1])
    place = np.searchsorted(cuts, predicted, side="left")
    groups = []
    for k in np.unique(place):
        rows = place == k
        count = int(rows.sum())
        inside = float(((low <= y) & (y <= high))[rows].mean())
        below, above = _wilson(inside, count)
        ends = float(predicted[rows].min()), float(predicted[rows].max())
        groups.append(CoverageGroup(*ends, count, inside, below, above, float((high - low)[rows].mean())))
    return groups


def _group(name: str, errors: Array) -> Group:
    many = len(errors) > 1
    spread = float(np.std(errors, ddof=1) / np.sqrt(len(errors))) if many else float("nan")
    return Group(name, len(errors), float(errors.mean()), spread)


def _wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share, J. Am. Stat. Assoc. 22 (1927) 209, doi 10.2307/2276774."""
    middle = share + z**2 / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return float((middle - half) / (1 + z**2 / count)), float((middle + half) / (1 + z**2 / count))
