"""Charge balance of compositions: walks along the steps of elements, for each choice of others' states."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True, inline="always")
def walk(  # type: ignore[no-untyped-def]
    first, last, company, elements, shares, modes, step_states, step_costs, slopes, widths, mode_states,
    mode_costs, tolerance, states, place,
):  # fmt: skip
    """Balance the charge of one crystal at the least cost; return residual, cost and slope of the last step.

    Pairs ``first:last`` are its elements, `modes` the state of each that all of its atoms share, NaN in the
    tables where it is free to walk. Their states are written to `states`, which begins at 0 for the first;
    `place` is room for as many numbers.
    """
    n, longest = last - first, slopes.shape[-1]
    total, cost = 0.0, 0.0
    for k in range(n):
        element = elements[first + k]
        state = mode_states[company, element, modes[k]]
        if np.isnan(state):
            states[k] = step_states[company, element]
            cost += shares[first + k] * step_costs[company, element]
            place[k] = 0
        else:
            states[k] = state
            cost += shares[first + k] * mode_costs[company, element, modes[k]]
            place[k] = longest
        total += shares[first + k] * states[k]
    way, sign = (0, 1.0) if total < 0 else (1, -1.0)
    missing, moved, steepest = abs(total), 0.0, 0.0
    walked_any = False
    while missing > tolerance:
        # The cheapest next segment of all that are free; of equal ones that of the first element.
        best, slope = -1, np.inf
        for k in range(n):
            element = elements[first + k]
            if place[k] < longest:
                own = slopes[company, way, element, place[k]]
                if own < slope:
                    best, slope = k, own
        if best < 0:
            break
        element, share = elements[first + best], shares[first + best]
        step = min(missing, widths[company, way, element, place[best]] * share)
        states[best] += sign * step / share
        cost += step * slope
        moved += step
        missing -= step
        place[best] += 1
        steepest = max(steepest, slope) if walked_any else slope
        walked_any = True
    residual = total + sign * moved
    if abs(residual) < tolerance:
        residual = 0.0
    # Of a walk over the cheapest states alone, whose slopes are negative, the last is 0.
    return residual, cost, sign * max(steepest, 0.0) + 0.0


def lines(starts, companies, elements, shares, counts, *others):  # type: ignore[no-untyped-def]
    choices = np.multiply.reduceat(counts, starts[:-1]) + 1.0
    return 60.0 * (choices @ np.diff(starts))


@njit(cache=True, lines=lines)
def cheapest_states(  # type: ignore[no-untyped-def]
    starts, companies, elements, shares, counts, step_states, step_costs, slopes, widths, mode_states,
    mode_costs, tolerance, cost_tolerance, unbalanced_cost,
):  # fmt: skip
    """Balance every combination of the elements' modes, and keep the cheapest of each crystal.

    Of choices that cost the same, the first counts. Returned are the states of all pairs, and residuals,
    costs and slopes of the crystals.
    """
    n_crystals = len(starts) - 1
    found = np.zeros(len(elements))
    answers = np.zeros((3, n_crystals))
    most, longest = 1, 0
    for crystal in range(n_crystals):
        choices = 1
        for pair in range(starts[crystal], starts[crystal + 1]):
            choices *= counts[pair]
        most = max(most, choices)
        longest = max(longest, starts[crystal + 1] - starts[crystal])
    scores, modes, place = (
        np.zeros(most),
        np.zeros(longest, dtype=np.int64),
        np.zeros(longest, dtype=np.int64),
    )
    for crystal in range(n_crystals):
        first, last = starts[crystal], starts[crystal + 1]
        choices = 1
        for pair in range(first, last):
            choices *= counts[pair]
        # Each choice, and the cheapest once more; a single choice is the cheapest.
        best, tries = np.inf, choices + 1 if choices > 1 else 1
        for attempt in range(tries):
            chosen = attempt
            if attempt == tries - 1:
                chosen = 0
                while choices > 1 and scores[chosen] > best + cost_tolerance:
                    chosen += 1
            rest = chosen
            for k in range(last - first):
                modes[k] = rest % counts[first + k]
                rest //= counts[first + k]
            residual, cost, slope = walk(
                first, last, companies[first], elements, shares, modes, step_states, step_costs, slopes,
                widths, mode_states, mode_costs, tolerance, found[first:last], place,
            )  # fmt: skip
            answers[0, crystal], answers[1, crystal], answers[2, crystal] = residual, cost, slope
            if attempt < choices:
                scores[attempt] = cost + unbalanced_cost * abs(residual)
                best = min(best, scores[attempt])
    return found, answers
