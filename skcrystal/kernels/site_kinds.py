"""Sites by kind: those of a crystal that weigh the same in every channel count together."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True)
def label_kinds(site_offsets, weights):  # type: ignore[no-untyped-def]
    """Number the kinds of sites within each crystal: equal rows of weights; return also the kinds' offsets
    and a site of each."""
    n_sites = len(weights)
    labels = np.zeros(n_sites, dtype=np.int64)
    offsets = np.zeros(len(site_offsets), dtype=np.int64)
    examples = np.zeros(n_sites, dtype=np.int64)
    count = 0
    for n in range(len(site_offsets) - 1):
        for site in range(site_offsets[n], site_offsets[n + 1]):
            found = -1
            for kind in range(offsets[n], count):
                same = True
                for channel in range(weights.shape[1]):
                    if weights[examples[kind], channel] != weights[site, channel]:
                        same = False
                        break
                if same:
                    found = kind
                    break
            if found < 0:
                examples[count] = site
                found = count
                count += 1
            labels[site] = found - offsets[n]
        offsets[n + 1] = count
    return labels, offsets, examples[:count]


@njit(cache=True, inline="always")
def most_neighbors(offsets):  # type: ignore[no-untyped-def]
    """Return the largest number of neighbours that a site has."""
    most = 0
    for site in range(len(offsets) - 1):
        most = max(most, offsets[site + 1] - offsets[site])
    return most


@njit(cache=True)
def gather_neighbors(site, own, pairs, labels, starts, order, points, lengths):  # type: ignore[no-untyped-def]
    """Write neighbours into columns, kind by kind, the site itself first if `own`; return their number.

    `starts` gets the first column of each kind, `order` the pair of each column, -1 for the site itself.
    """
    offsets, neighbors, distances, vectors = pairs
    first, last = offsets[site], offsets[site + 1]
    n_kinds = len(starts) - 1
    for kind in range(n_kinds + 1):
        starts[kind] = 0
    if own:
        starts[labels[site] + 1] += 1
    for pair in range(first, last):
        starts[labels[neighbors[pair]] + 1] += 1
    for kind in range(n_kinds):
        starts[kind + 1] += starts[kind]
    # The last column of each kind is taken first, and its start is found again in passing.
    if own:
        kind = labels[site]
        place = starts[kind]
        starts[kind] += 1
        order[place] = -1
        lengths[place] = 0.0
        for axis in range(3):
            points[axis, place] = 0.0
    for pair in range(first, last):
        kind = labels[neighbors[pair]]
        place = starts[kind]
        starts[kind] += 1
        order[place] = pair
        lengths[place] = distances[pair]
        for axis in range(3):
            points[axis, place] = vectors[pair, axis]
    for kind in range(n_kinds, 0, -1):
        starts[kind] = starts[kind - 1]
    starts[0] = 0
    return starts[n_kinds]
