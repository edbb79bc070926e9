"""Statistics of element properties over the atoms of each crystal."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# In the order of skcrystal.descriptors.composition.STATISTICS.
MEAN, MAX, MIN, STD, RANGE, MEAN_ABS_DEV, MODE = range(7)


def lines(starts, numbers, amounts, table, wanted, tolerance):  # type: ignore[no-untyped-def]
    n_properties = table.shape[1]
    return n_properties * (12.0 * len(numbers) + 12.0 * len(wanted) * len(starts))


@njit(cache=True, lines=lines)
def element_statistics(starts, numbers, amounts, table, wanted, tolerance):  # type: ignore[no-untyped-def]
    """Return statistics of the columns of `table`; shape (n_crystals, n_properties, n_statistics).

    Crystal i owns the elements ``starts[i]:starts[i + 1]``, `amounts` of each; `wanted` holds numbers of
    statistics. Elements whose amounts are closer than `tolerance`, relative to the largest, are equally
    abundant. NaN of an element makes all statistics NaN but modes of others.
    """
    n_properties, n_statistics = table.shape[1], len(wanted)
    out = np.empty((len(starts) - 1, n_properties, n_statistics))
    for crystal in range(len(starts) - 1):
        first, last = starts[crystal], starts[crystal + 1]
        total, most = 0.0, 0.0
        for k in range(first, last):
            total += amounts[k]
            most = max(most, amounts[k])
        for prop in range(n_properties):
            mean, highest, lowest, mode, unknown = 0.0, -np.inf, np.inf, np.inf, False
            for k in range(first, last):
                value = table[numbers[k], prop]
                mean += amounts[k] / total * value
                highest, lowest = max(highest, value), min(lowest, value)
                unknown |= np.isnan(value)
                if amounts[k] >= most * (1 - tolerance) and not np.isnan(mode):
                    mode = value if np.isnan(value) else min(mode, value)
            if unknown:
                highest, lowest = np.nan, np.nan
            square, deviation = 0.0, 0.0
            for k in range(first, last):
                away = table[numbers[k], prop] - mean
                square += amounts[k] / total * away * away
                deviation += amounts[k] / total * abs(away)
            for place in range(n_statistics):
                which = wanted[place]
                if which == MEAN:
                    value = mean
                elif which == MAX:
                    value = highest
                elif which == MIN:
                    value = lowest
                elif which == STD:
                    value = np.sqrt(square)
                elif which == RANGE:
                    value = highest - lowest
                elif which == MEAN_ABS_DEV:
                    value = deviation
                else:
                    value = mode
                out[crystal, prop, place] = value
    return out
