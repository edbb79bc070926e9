"""Sums of Gaussians over the pairs of a neighbour table."""

from __future__ import annotations

import numpy as np
from numba import njit

# A Gaussian is left out this many widths away, where it is 1.5e-8 of its height.
REACH = 6.0


@njit(cache=True)
def cutoff_weight(distance, cutoff):  # type: ignore[no-untyped-def]
    """Fall smoothly from 1 to 0 at the cutoff, with slope 0 there."""
    if distance >= cutoff:
        return 0.0
    rest = 1.0 - (distance / cutoff) ** 2
    return rest * rest


@njit(cache=True)
def add_gaussians(value, weight, first, step, width, row):  # type: ignore[no-untyped-def]
    """Add the Gaussians of a value at equally spaced centres to a row; return the range of those in reach.

    Along equally spaced centres the ratio of neighbouring Gaussians falls by a constant factor: three
    exponentials serve all of them.
    """
    low = max(0, int(np.ceil((value - REACH * width - first) / step)))
    high = min(len(row), int(np.floor((value + REACH * width - first) / step)) + 1)
    if low >= high:
        return low, low
    t = (first + low * step - value) / width
    h = step / width
    gaussian = weight * np.exp(-0.5 * t * t)
    ratio = np.exp(-h * (t + 0.5 * h))
    fall = np.exp(-h * h)
    for k in range(low, high):
        row[k] += gaussian
        gaussian *= ratio
        ratio *= fall
    return low, high


@njit(cache=True)
def radial_spectra(site_offsets, pair_offsets, distances, units, cutoff, first, step, count, width):  # type: ignore[no-untyped-def]
    """Mean over the sites of each crystal of the Gaussians of all distances, in the crystal's unit."""
    spectra = np.zeros((len(units), count))
    for n in range(len(units)):
        start, stop = site_offsets[n], site_offsets[n + 1]
        for pair in range(pair_offsets[start], pair_offsets[stop]):
            distance = distances[pair] / units[n]
            add_gaussians(distance, cutoff_weight(distance, cutoff), first, step, width, spectra[n])
        spectra[n] /= stop - start
    return spectra


@njit(cache=True)
def pair_spectra(site_offsets, pair_offsets, neighbors, distances, values, cutoff, first, step, count, width):  # type: ignore[no-untyped-def]
    """Mean over the sites of Gaussians times products and times differences of site values.

    Shape (n_crystals, 2, n_values, count).
    """
    n_crystals, n_values = len(site_offsets) - 1, values.shape[1]
    spectra = np.zeros((n_crystals, 2, n_values, count))
    window = np.zeros(count)
    for n in range(n_crystals):
        start, stop = site_offsets[n], site_offsets[n + 1]
        for site in range(start, stop):
            for pair in range(pair_offsets[site], pair_offsets[site + 1]):
                other = neighbors[pair]
                # The pair comes again with the sites exchanged, and gives the same.
                if other < site:
                    continue
                weight = cutoff_weight(distances[pair], cutoff) * (2.0 if other > site else 1.0)
                low, high = add_gaussians(distances[pair], weight, first, step, width, window)
                for v in range(n_values):
                    product = values[site, v] * values[other, v]
                    difference = abs(values[site, v] - values[other, v])
                    for k in range(low, high):
                        spectra[n, 0, v, k] += product * window[k]
                        spectra[n, 1, v, k] += difference * window[k]
                window[low:high] = 0.0
        spectra[n] /= stop - start
    return spectra
