"""Sums of Gaussians over the pairs of a neighbour table."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.cutoffs import biweight

# A Gaussian is left out this many widths away, where it is 1.5e-8 of its height.
REACH = 6.0


@njit(cache=True)
def add_gaussians(value, weight, first, step, width, row):  # type: ignore[no-untyped-def]
    """Add the Gaussians of a value at equally spaced centres to a row.

    Along equally spaced centres the ratio of neighbouring Gaussians falls by a constant factor: three
    exponentials serve all of them.
    """
    low = max(0, int(np.ceil((value - REACH * width - first) / step)))
    high = min(len(row), int(np.floor((value + REACH * width - first) / step)) + 1)
    if low >= high:
        return
    t = (first + low * step - value) / width
    h = step / width
    gaussian = weight * np.exp(-0.5 * t * t)
    ratio = np.exp(-h * (t + 0.5 * h))
    fall = np.exp(-h * h)
    for k in range(low, high):
        row[k] += gaussian
        gaussian *= ratio
        ratio *= fall


@njit(cache=True)
def radial_spectra(site_offsets, offsets, neighbors, distances, units, cutoff, first, step, count, width):  # type: ignore[no-untyped-def]
    """Mean over the sites of each crystal of the Gaussians of all distances, in the crystal's unit."""
    spectra = np.zeros((len(units), count))
    for n in range(len(units)):
        start, stop = site_offsets[n], site_offsets[n + 1]
        for site in range(start, stop):
            for pair in range(offsets[site], offsets[site + 1]):
                distance = distances[pair] / units[n]
                # The pair comes again with the sites exchanged, and gives the same.
                if neighbors[pair] < site or distance >= cutoff:
                    continue
                weight = biweight(distance, cutoff) * (2.0 if neighbors[pair] > site else 1.0)
                add_gaussians(distance, weight / (stop - start), first, step, width, spectra[n])
    return spectra


@njit(cache=True)
def kinds_of_sites(values):  # type: ignore[no-untyped-def]
    """Number the different rows of values in the order they come; return the numbers, and a site of each."""
    kinds = np.empty(len(values), dtype=np.int64)
    examples = np.empty(len(values), dtype=np.int64)
    count = 0
    for site in range(len(values)):
        kind = 0
        while kind < count and not np.array_equal(values[examples[kind]], values[site]):
            kind += 1
        if kind == count:
            examples[count] = site
            count += 1
        kinds[site] = kind
    return kinds, examples[:count]


@njit(cache=True)
def pair_spectra(site_offsets, pair_offsets, neighbors, distances, values, cutoff, first, step, count, width):  # type: ignore[no-untyped-def]
    """Mean over the sites of Gaussians times products and times differences of site values.

    Shape (n_crystals, 2, n_values, count). Gaussians are summed up by the kinds of the two sites first, and
    meet the values once per two kinds.
    """
    n_crystals, n_values = len(site_offsets) - 1, values.shape[1]
    spectra = np.zeros((n_crystals, 2, n_values, count))
    for n in range(n_crystals):
        start, stop = site_offsets[n], site_offsets[n + 1]
        own = values[start:stop]
        kinds, examples = kinds_of_sites(own)
        windows = np.zeros((len(examples), count))
        seen = np.zeros(len(examples), dtype=np.bool_)
        order = np.argsort(kinds, kind="mergesort")
        for place in range(stop - start):
            i = order[place]
            for pair in range(pair_offsets[start + i], pair_offsets[start + i + 1]):
                j = neighbors[pair] - start
                # The pair comes again with the sites exchanged, and gives the same.
                if j < i:
                    continue
                weight = biweight(distances[pair], cutoff) * (2.0 if j > i else 1.0)
                weight /= stop - start
                add_gaussians(distances[pair], weight, first, step, width, windows[kinds[j]])
                seen[kinds[j]] = True
            if place + 1 < stop - start and kinds[order[place + 1]] == kinds[i]:
                continue
            for kind in range(len(examples)):
                if not seen[kind]:
                    continue
                for v in range(n_values):
                    one, other = own[i, v], own[examples[kind], v]
                    for k in range(count):
                        spectra[n, 0, v, k] += one * other * windows[kind, k]
                        spectra[n, 1, v, k] += abs(one - other) * windows[kind, k]
                for k in range(count):
                    windows[kind, k] = 0.0
                seen[kind] = False
    return spectra
