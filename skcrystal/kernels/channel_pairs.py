"""From sums over kinds of sites to channels, which weigh the kinds, and back."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit


@njit(cache=True)
def paired_channels(n_channels, channel_pairs):  # type: ignore[no-untyped-def]
    """Return the pairs of channels that angular functions have: of each with each, or with itself."""
    count = n_channels * (n_channels + 1) // 2 if channel_pairs else n_channels
    pairs = np.empty((count, 2), dtype=np.int64)
    place = 0
    for a in range(n_channels):
        for b in range(a, n_channels if channel_pairs else a + 1):
            pairs[place, 0] = a
            pairs[place, 1] = b
            place += 1
    return pairs


@njit(cache=True)
def weigh_channels(shares, pairs, radial, angular, row):  # type: ignore[no-untyped-def]
    """Fill in a row of columns from the sums over kinds: channels, then pairs of channels."""
    place = 0
    n_kinds = len(shares)
    for channel in range(shares.shape[1]):
        for f in range(radial.shape[1]):
            total = 0.0
            for kind in range(n_kinds):
                total += shares[kind, channel] * radial[kind, f]
            row[place] = total
            place += 1
    for pair in range(len(pairs)):
        a, b = pairs[pair, 0], pairs[pair, 1]
        for f in range(angular.shape[2]):
            row[place + f] = 0.0
        for one in range(n_kinds):
            for two in range(one, n_kinds):
                weight = shares[one, a] * shares[two, b]
                if a != b:
                    weight += shares[one, b] * shares[two, a]
                if weight != 0.0:
                    for f in range(angular.shape[2]):
                        row[place + f] += weight * angular[one, two, f]
        place += angular.shape[2]


@njit(cache=True)
def weigh_kinds(shares, pairs, row, radial, angular):  # type: ignore[no-untyped-def]
    """Fill in how much the sum of row times columns changes with each sum over kinds."""
    place = 0
    n_kinds = len(shares)
    for one in range(n_kinds):
        for f in range(radial.shape[1]):
            radial[one, f] = 0.0
        for two in range(n_kinds):
            for f in range(angular.shape[2]):
                angular[one, two, f] = 0.0
    for channel in range(shares.shape[1]):
        for f in range(radial.shape[1]):
            for kind in range(n_kinds):
                radial[kind, f] += shares[kind, channel] * row[place]
            place += 1
    for pair in range(len(pairs)):
        a, b = pairs[pair, 0], pairs[pair, 1]
        for one in range(n_kinds):
            for two in range(one, n_kinds):
                weight = shares[one, a] * shares[two, b]
                if a != b:
                    weight += shares[one, b] * shares[two, a]
                if weight != 0.0:
                    for f in range(angular.shape[2]):
                        angular[one, two, f] += weight * row[place + f]
        place += angular.shape[2]
