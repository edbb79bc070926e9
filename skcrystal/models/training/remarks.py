"""What is suspicious in training data: one crystal with two targets, atoms too close, rare elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.crystals import Crystals
from skcrystal.matching import duplicates
from skcrystal.models.runs import Remark
from skcrystal.splits import FormulaKFold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions

__all__ = ["nearest_distances", "remarks_on"]

# Targets of one crystal that differ by more than this share of the standard deviation contradict each other.
DIFFERENT = 0.1
# Closer than this share of the sum of the covalent radii are no two atoms.
CLOSE = 0.6
# An element in fewer rows is hardly learned.
RARE = 3
NEIGHBORHOOD = 3.5
MOST = 50


def remarks_on(
    X: Crystals | Compositions,
    y: NDArray[np.float64],
    folds: NDArray[np.int64],
    *,
    unit: str = "",
    classes: tuple[str, ...] = (),
) -> tuple[Remark, ...]:
    """Say what is suspicious in training data, at most fifty remarks of a kind.

    Parameters
    ----------
    X : Crystals or Compositions
    y : ndarray of shape (n_rows,)
    folds : ndarray of shape (n_rows,)
        Of the random split.
    unit : str
        Of y.
    classes : tuple of str
        Where y holds their numbers.
    """
    found = [*_twins(X, y, folds, unit, classes), *_rare(X)]
    if isinstance(X, Crystals):
        found += _close(X)
    return tuple(found)


def _twins(
    X: Crystals | Compositions,
    y: NDArray[np.float64],
    folds: NDArray[np.int64],
    unit: str,
    classes: tuple[str, ...],
) -> list[Remark]:
    groups: dict[int, list[int]] = {}
    if isinstance(X, Crystals):
        what = "crystal"
        found = duplicates(X, confirm=False)
        for row, original in zip(found.index.tolist(), found["original"].tolist(), strict=True):
            groups.setdefault(int(original), [int(original)]).append(int(row))
    else:
        what = "formula"
        for row, label in enumerate(FormulaKFold().labels(X).tolist()):
            groups.setdefault(int(label), []).append(row)
    spread = float(np.std(y)) or 1.0
    end = f" {unit}" if unit else ""
    remarks: dict[str, list[Remark]] = {"contradiction": [], "duplicate": [], "twins": []}
    for members in groups.values():
        if len(members) < 2:
            continue
        rows = tuple(sorted(members))
        values = y[list(rows)]
        differ = len(set(values.tolist())) > 1 if classes else float(np.ptp(values)) > DIFFERENT * spread
        shown = sorted({classes[int(value)] if classes else f"{value:.4g}" for value in values.tolist()})
        if differ:
            text = f"{len(rows)} rows hold one {what}, with targets {', '.join(shown[:5])}{end}."
            remarks["contradiction"].append(Remark("contradiction", rows, text))
        else:
            remarks["duplicate"].append(Remark("duplicate", rows, f"{len(rows)} rows hold one {what}."))
        if len(set(folds[list(rows)].tolist())) > 1:
            text = f"{len(rows)} rows hold one {what}, in training and test rows of the random split."
            remarks["twins"].append(Remark("twins", rows, text))
    return [remark for own in remarks.values() for remark in sorted(own, key=lambda one: one.rows)[:MOST]]


def _rare(X: Crystals | Compositions) -> list[Remark]:
    held = X.element_amounts > 0
    found = []
    for number in np.flatnonzero((held.sum(axis=0) > 0) & (held.sum(axis=0) < RARE)).tolist():
        rows = tuple(np.flatnonzero(held[:, number]).tolist())
        where = "one row alone" if len(rows) == 1 else f"{len(rows)} rows alone"
        found.append(Remark("rare_element", rows, f"{elements.symbols()[number]} is in {where}."))
    return found[:MOST]


def _close(X: Crystals) -> list[Remark]:
    radii = elements.filled_table(["covalent_radius"])[:, 0]
    # Of a shared site the smallest radius: it is not to be blamed for what the larger ones cannot be.
    sites = np.minimum.reduceat(radii[X.atomic_numbers], X.species_offsets[:-1])
    table = X.neighbors(NEIGHBORHOOD)
    ratios = table.distances / (sites[table.centers] + sites[table.neighbors])
    owners = X.site_index[table.centers, 0]
    worst = np.full(len(X), np.inf)
    np.minimum.at(worst, owners, ratios)
    found = []
    for row in np.flatnonzero(worst < CLOSE).tolist():
        pairs = np.flatnonzero((owners == row) & (ratios == worst[row]))
        text = (
            f"two atoms are {table.distances[pairs[0]]:.2f} angstrom apart, {worst[row]:.2f} of their "
            "radii's sum."
        )
        found.append(Remark("close_atoms", (row,), text))
    return found[:MOST]


def nearest_distances(X: Crystals) -> NDArray[np.float64]:
    """Return the shortest distance between two sites of each crystal, in angstrom."""
    found = np.full(len(X), np.inf)
    # Most have neighbours nearby; the rest are asked again, farther.
    for cutoff in (NEIGHBORHOOD, 8.0, 20.0):
        missing = np.flatnonzero(np.isinf(found))
        if not len(missing):
            break
        part = X[missing]
        table = part.neighbors(cutoff)
        nearest = np.full(len(part), np.inf)
        np.minimum.at(nearest, part.site_index[table.centers, 0], table.distances)
        found[missing] = nearest
    return np.where(np.isinf(found), np.nan, found)
