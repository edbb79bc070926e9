"""Oxidation states from the composition alone, by charge balance, without a search.

The states that each element takes, and how often, stand in ``data/oxidation_states.csv``.
"""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["IonicComposition", "assign_oxidation_states", "state_costs"]

_DATA = Path(__file__).parent / "data"

# A state counts by the number of ICSD structures that hold it, plus these where a list names it: a common
# state that bond-valence statistics happen not to cover must not look forbidden.
LISTED_WEIGHTS = {"known": 0.2, "common": 5.0, "icsd": 1.0}

# Cost of staying uncharged, as -ln of a probability. Intermetallics have no balance to pay for, oxides do.
NEUTRAL_COST = 4.0

# Charges per atom smaller than this are rounding.
CHARGE_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class IonicComposition:
    """The elements of each crystal of a batch, with the oxidation states assigned to them.

    Attributes
    ----------
    crystals, atomic_numbers : ndarray of shape (n_pairs,)
        One entry for each element of each crystal, crystal by crystal.
    starts : ndarray of shape (n_crystals,)
        First entry of each crystal.
    shares : ndarray of shape (n_pairs,)
        Share of the element among the crystal's atoms; they sum to 1.
    states : ndarray of shape (n_pairs,)
        Mean oxidation state of the element, in elementary charges; fractional for mixed valence.
    residuals : ndarray of shape (n_crystals,)
        Charge per atom that no tabulated state balances; 0 for a balanced composition.
    costs : ndarray of shape (n_crystals,)
        Mean over the atoms of -ln p(state | element): how unusual the states are.
    slopes : ndarray of shape (n_crystals,)
        Cost of the last unit of charge, negative where electrons had to be added: the multiplier of charge
        balance.
    """

    crystals: NDArray[np.int64]
    atomic_numbers: NDArray[np.int64]
    starts: NDArray[np.int64]
    shares: NDArray[np.float64]
    states: NDArray[np.float64]
    residuals: NDArray[np.float64]
    costs: NDArray[np.float64]
    slopes: NDArray[np.float64]


class _Steps(NamedTuple):
    """From each element's cheapest state up (index 0) and down (1): slopes and widths of the segments."""

    states: NDArray[np.float64]
    costs: NDArray[np.float64]
    slopes: NDArray[np.float64]
    widths: NDArray[np.float64]


@cache
def state_costs() -> dict[int, dict[int, float]]:
    """Cost -ln p(state | element) of each tabulated oxidation state, by atomic number.

    Returns
    -------
    dict of int to dict of int to float

    Examples
    --------
    Sodium is nearly always 1+:

    >>> from skcrystal.chemistry.oxidation import state_costs
    >>> min(state_costs()[11], key=state_costs()[11].get)
    1
    """
    weights: dict[int, dict[int, float]] = {z: {} for z in range(1, 119)}
    with (_DATA / "oxidation_states.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            listed = sum(weight * int(row[name]) for name, weight in LISTED_WEIGHTS.items())
            weights[int(row["atomic_number"])][int(row["state"])] = int(row["icsd_count"]) + listed
    costs = {}
    for z, counts in weights.items():
        total = sum(counts.values())
        costs[z] = {state: float(-np.log(count / total)) for state, count in counts.items()}
        costs[z][0] = NEUTRAL_COST
    return costs


def lower_hull(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return the points that the lower convex hull of a plane set runs through, from left to right."""
    hull: list[tuple[int, float]] = []
    for x, y in sorted(points):
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2:]
            if (y1 - y0) * (x - x0) < (y - y0) * (x1 - x0):
                break
            hull.pop()
        hull.append((x, y))
    return hull


@cache
def _steps() -> _Steps:
    """Tabulate the hull of each element's costs as steps away from its cheapest state."""
    hulls = {z: lower_hull(list(costs.items())) for z, costs in state_costs().items()}
    longest = max(map(len, hulls.values())) - 1
    states, costs = np.zeros(119), np.zeros(119)
    # Segments that do not exist have no width, and come last.
    slopes, widths = np.full((2, 119, longest), np.inf), np.zeros((2, 119, longest))
    for z, hull in hulls.items():
        cheapest = min(range(len(hull)), key=lambda i, hull=hull: hull[i][1])  # type: ignore[misc]
        states[z], costs[z] = hull[cheapest]
        for way, vertices in enumerate((hull[cheapest:], hull[cheapest::-1])):
            for i, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(vertices)):
                widths[way, z, i] = abs(x1 - x0)
                slopes[way, z, i] = (y1 - y0) / abs(x1 - x0)
    return _Steps(states, costs, slopes, widths)


def assign_oxidation_states(amounts: NDArray[np.float64]) -> IonicComposition:
    """Assign the likeliest oxidation states that balance the charge.

    With the share x of each element and the lower convex hull c(q) of -ln p(q | element) over its tabulated
    states q, the sum of x c(q) is minimised under sum of x q = 0. The cost is convex and linear in pieces,
    so the minimum is reached exactly by one walk: every element starts at its cheapest state, and the
    cheapest segments (by slope) are taken until the charge is balanced. The work is O(k log k) in the number
    of segments, whatever the composition, and states vary continuously with it.

    Parameters
    ----------
    amounts : ndarray of shape (n_crystals, 119)
        Atoms of each element, occupancies counted; each row has at least one.

    Returns
    -------
    IonicComposition

    Examples
    --------
    Magnetite, Fe3O4: iron is 8/3+ on average.

    >>> import numpy as np
    >>> from skcrystal.chemistry.oxidation import assign_oxidation_states
    >>> amounts = np.zeros((1, 119))
    >>> amounts[0, [26, 8]] = 3, 4
    >>> ions = assign_oxidation_states(amounts)
    >>> dict(zip(ions.atomic_numbers.tolist(), ions.states.round(3).tolist()))
    {8: -2.0, 26: 2.667}
    """
    steps = _steps()
    n = len(amounts)
    crystals, elements = np.nonzero(amounts)
    starts = np.searchsorted(crystals, np.arange(n))
    found = amounts[crystals, elements]
    if not n:
        nothing = np.zeros(0)
        return IonicComposition(crystals, elements, starts, found, found, nothing, nothing, nothing)
    shares = found / np.add.reduceat(found, starts)[crystals]
    states = steps.states[elements]
    costs = np.add.reduceat(shares * steps.costs[elements], starts)
    totals = np.add.reduceat(shares * states, starts)
    way = np.where(totals < 0, 0, 1)

    # One row of segments per crystal, padded by segments without width.
    place = np.arange(len(crystals)) - starts[crystals]
    shape = (n, int(place.max()) + 1, steps.slopes.shape[2])
    padded_slopes, padded_rooms = np.full(shape, np.inf), np.zeros(shape)
    padded_slopes[crystals, place] = steps.slopes[way[crystals], elements]
    padded_rooms[crystals, place] = steps.widths[way[crystals], elements] * shares[:, None]
    order = np.argsort(padded_slopes.reshape(n, -1), axis=1, kind="stable")
    slopes = np.take_along_axis(padded_slopes.reshape(n, -1), order, axis=1)
    rooms = np.take_along_axis(padded_rooms.reshape(n, -1), order, axis=1)
    taken = np.cumsum(rooms, axis=1)
    missing = np.abs(totals)[:, None] - (taken - rooms)
    walked = np.where(missing > CHARGE_TOLERANCE, np.clip(missing, 0, rooms), 0.0)

    back = np.empty_like(walked)
    np.put_along_axis(back, order, walked, axis=1)
    sign = np.where(way == 0, 1.0, -1.0)
    moved = back.reshape(shape)[crystals, place].sum(axis=1)
    states = states + sign[crystals] * moved / shares
    finite = np.where(np.isfinite(slopes), slopes, 0.0)
    # Running sums, not sum(): its grouping, and so its last digit, depends on the padding.
    costs = costs + np.cumsum(walked * finite, axis=1)[:, -1]
    residuals = totals + sign * np.cumsum(walked, axis=1)[:, -1]
    # Slopes rise along the walk: the last is the largest.
    last = np.where(walked > 0, finite, 0.0).max(axis=1)
    residuals[np.abs(residuals) < CHARGE_TOLERANCE] = 0.0
    return IonicComposition(crystals, elements, starts, shares, states, residuals, costs, sign * last + 0.0)
