"""Power spectra of the density of atoms around each site, and their gradients against given weights.

The neighbours are the innermost loop everywhere. They are gathered kind by kind, a kind being all sites of a
crystal that weigh the same in every channel: one expansion per kind serves all channels.
"""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.cutoffs import fade_out
from skcrystal.kernels.harmonics import add_harmonic_gradients, harmonic_norms, solid_harmonics
from skcrystal.kernels.site_kinds import gather_neighbors

# How channels are paired in the spectrum.
ALL_PAIRS, OWN_PAIRS, WITH_TOTAL = 0, 1, 2

# Sites whose spectra are taken at once.
LANES = 4

# Sums over neighbours may be taken in any order, so that they are taken several at a time.
FAST = {"reassoc", "contract", "nsz"}


@njit(cache=True)
def radial_values(lengths, n, cubics, step, cutoff, width, values):  # type: ignore[no-untyped-def]
    """Fill in the radial functions over r^l, times the cutoff function: a row per function."""
    last = len(cubics) - 1
    # Two neighbours at a time: their chains of operations run side by side.
    for j in range(0, n, 2):
        k = min(j + 1, n - 1)
        one, two = lengths[j] / step, lengths[k] / step
        piece, other = cubics[min(int(one), last)], cubics[min(int(two), last)]
        t, u = one - min(int(one), last), two - min(int(two), last)
        fade, other_fade = fade_out(lengths[j], cutoff, width)[0], fade_out(lengths[k], cutoff, width)[0]
        for f in range(cubics.shape[2]):
            values[f, j] = fade * (piece[0, f] + t * (piece[1, f] + t * (piece[2, f] + t * piece[3, f])))
            values[f, k] = other_fade * (
                other[0, f] + u * (other[1, f] + u * (other[2, f] + u * other[3, f]))
            )


@njit(cache=True)
def radial_slopes(lengths, n, cubics, step, cutoff, width, slopes):  # type: ignore[no-untyped-def]
    """Fill in the slopes, over r, of what :func:`radial_values` gives."""
    for j in range(n):
        place = lengths[j] / step
        knot = min(int(place), len(cubics) - 1)
        t, piece = place - knot, cubics[knot]
        fade, fall = fade_out(lengths[j], cutoff, width)
        # The site itself is in its place whatever moves.
        over = 1.0 / lengths[j] if lengths[j] > 0.0 else 0.0
        for f in range(cubics.shape[2]):
            value = piece[0, f] + t * (piece[1, f] + t * (piece[2, f] + t * piece[3, f]))
            change = piece[1, f] + t * (2.0 * piece[2, f] + t * 3.0 * piece[3, f])
            slopes[f, j] = over * (fade * change / step + fall * value)


@njit(cache=True, fastmath=FAST)
def expand_kinds(starts, n_max, l_max, radial, harmonics, kinds):  # type: ignore[no-untyped-def]
    """Sum radial function times harmonic over the neighbours of each kind.

    `kinds` has a row per kind: n_max l^2 + n (2 l + 1) + l + m is the place of l, n and m.
    """
    # Slices, since a loop that does not start at 0 may count from the end for all that the compiler knows;
    # three radial functions at once, since a harmonic that is loaded then serves three sums.
    for kind in range(len(starts) - 1):
        first, last = starts[kind], starts[kind + 1]
        for degree in range(l_max + 1):
            size, base = 2 * degree + 1, n_max * degree * degree
            for n in range(0, n_max, 3):
                second, third = min(n + 1, n_max - 1), min(n + 2, n_max - 1)
                row = radial[degree * n_max + n, first:last]
                row_2 = radial[degree * n_max + second, first:last]
                row_3 = radial[degree * n_max + third, first:last]
                for m in range(size):
                    wave = harmonics[degree * degree + m, first:last]
                    sum_1, sum_2, sum_3 = 0.0, 0.0, 0.0
                    for j in range(len(wave)):
                        sum_1 += row[j] * wave[j]
                        sum_2 += row_2[j] * wave[j]
                        sum_3 += row_3[j] * wave[j]
                    kinds[kind, base + n * size + m] = sum_1
                    kinds[kind, base + second * size + m] = sum_2
                    kinds[kind, base + third * size + m] = sum_3


@njit(cache=True)
def mix_kinds(kinds, weights, channels, lane):  # type: ignore[no-untyped-def]
    """Weigh the expansions of the kinds together to those of the channels, in one lane of the latter."""
    for channel in range(len(channels)):
        for place in range(channels.shape[1]):
            channels[channel, place, lane] = 0.0
        for kind in range(len(weights)):
            weight = weights[kind, channel]
            if weight != 0.0:
                for place in range(channels.shape[1]):
                    channels[channel, place, lane] += weight * kinds[kind, place]


@njit(cache=True)
def total_expansion(channels, total):  # type: ignore[no-untyped-def]
    """Sum the expansions over the channels."""
    for place in range(len(total)):
        for lane in range(total.shape[1]):
            total[place, lane] = 0.0
            for channel in range(len(channels)):
                total[place, lane] += channels[channel, place, lane]


@njit(cache=True, fastmath={"contract"})
def power_spectra(channels, n_max, l_max, pairing, total, rows):  # type: ignore[no-untyped-def]
    """Fill in products of expansions, summed over m: pairs of channels outermost, then l, n and n'.

    A row per lane of the expansions, as many as there are rows: all lanes are computed in one step, where the
    sums over m of one site would each be too short to fill a processor.
    """
    place, product = 0, np.empty(LANES)
    with_total = pairing == WITH_TOTAL
    if with_total:
        total_expansion(channels, total)
    for a in range(len(channels)):
        mine = channels[a]
        for b in range(a, len(channels) if pairing == ALL_PAIRS else a + 1):
            other = total if with_total else channels[b]
            for degree in range(l_max + 1):
                size = 2 * degree + 1
                factor = np.pi * np.sqrt(8.0 / size)
                for n in range(n_max):
                    one = n_max * degree * degree + n * size
                    for k in range(n if a == b and not with_total else 0, n_max):
                        two = n_max * degree * degree + k * size
                        sum_1, sum_2, sum_3, sum_4 = 0.0, 0.0, 0.0, 0.0
                        for m in range(size):
                            i, j = np.uintp(one + m), np.uintp(two + m)
                            sum_1 += mine[i, 0] * other[j, 0]
                            sum_2 += mine[i, 1] * other[j, 1]
                            sum_3 += mine[i, 2] * other[j, 2]
                            sum_4 += mine[i, 3] * other[j, 3]
                        product[0], product[1] = sum_1, sum_2
                        product[2], product[3] = sum_3, sum_4
                        for lane in range(len(rows)):
                            rows[lane, place] = factor * product[lane]
                        place += 1


@njit(cache=True)
def power_gradient(channels, n_max, l_max, pairing, total, pull, row, gradient):  # type: ignore[no-untyped-def]
    """Fill in the derivative, by the expansions, of the sum over columns of row times power spectrum.

    Here the expansions have one lane, and no axis for it.
    """
    place = 0
    with_total = pairing == WITH_TOTAL
    for k in range(channels.shape[1]):
        pull[k] = 0.0
        for a in range(len(channels)):
            gradient[a, k] = 0.0
    for a in range(len(channels)):
        for b in range(a, len(channels) if pairing == ALL_PAIRS else a + 1):
            other = total if with_total else channels[b]
            back = pull if with_total else gradient[b]
            for degree in range(l_max + 1):
                size = 2 * degree + 1
                factor = np.pi * np.sqrt(8.0 / size)
                for n in range(n_max):
                    one = n_max * degree * degree + n * size
                    for k in range(n if a == b and not with_total else 0, n_max):
                        two = n_max * degree * degree + k * size
                        weight = factor * row[place]
                        place += 1
                        if weight == 0.0:
                            continue
                        for m in range(size):
                            gradient[a, one + m] += weight * other[two + m]
                            back[two + m] += weight * channels[a, one + m]
    # Every channel is part of the total.
    for a in range(len(channels)):
        for k in range(channels.shape[1]):
            gradient[a, k] += pull[k]


@njit(cache=True)
def soap_spectra(sites, pairs, held, weights, radial, numbers, inner, row_offsets, rows):  # type: ignore[no-untyped-def]
    """Fill in the power spectrum of each site, or, `inner`, of the mean expansion of each crystal.

    Parameters
    ----------
    sites : tuple
        Site offsets; labels of kinds, their offsets and examples, of :func:`label_kinds`.
    pairs : tuple
        Offsets, neighbours, distances and vectors of the neighbour table.
    held : tuple
        Offsets by crystal and numbers of the channels that each crystal has.
    weights : ndarray of shape (n_sites, n_channels)
    radial : tuple
        Cubic pieces of shape (n_knots, 4, (l_max + 1) n_max), their length, cutoff and smoothing width.
    numbers : tuple
        n_max, l_max and the pairing of channels.
    inner : bool
    row_offsets : ndarray of shape (n_rows + 1,)
    rows : ndarray
        Filled in: one row after the other.
    """
    site_offsets, labels, kind_offsets, examples = sites
    offsets = pairs[0]
    cubics, step, cutoff, width = radial
    n_max, l_max, pairing = numbers
    channel_offsets, channel_list = held
    size = 2
    for site in range(len(offsets) - 1):
        size = max(size, offsets[site + 1] - offsets[site] + 1)
    n_values = n_max * (l_max + 1) ** 2
    points, lengths, order = np.empty((3, size)), np.empty(size), np.empty(size, dtype=np.int64)
    values = np.empty((cubics.shape[2], size))
    legendre = np.empty(((l_max + 1) * (l_max + 2) // 2, size))
    waves, harmonics = np.empty((2, l_max + 1, size)), np.empty(((l_max + 1) ** 2, size))
    norms, total = harmonic_norms(l_max), np.empty((n_values, LANES))
    for n in range(len(site_offsets) - 1):
        own = channel_list[channel_offsets[n] : channel_offsets[n + 1]]
        n_kinds = kind_offsets[n + 1] - kind_offsets[n]
        shares = np.empty((n_kinds, len(own)))
        for kind in range(n_kinds):
            for channel in range(len(own)):
                shares[kind, channel] = weights[examples[kind_offsets[n] + kind], own[channel]]
        starts = np.zeros(n_kinds + 1, dtype=np.int64)
        kinds, channels = np.empty((n_kinds, n_values)), np.zeros((len(own), n_values, LANES))
        mean = np.zeros((n_kinds, n_values))
        for site in range(site_offsets[n], site_offsets[n + 1]):
            count = gather_neighbors(
                site,
                True,
                pairs,
                labels,
                starts,
                order,
                points,
                lengths,
            )
            radial_values(lengths, count, cubics, step, cutoff, width, values)
            solid_harmonics(points, count, norms, l_max, legendre, waves, harmonics)
            expand_kinds(starts, n_max, l_max, values, harmonics, kinds)
            if inner:
                share = 1.0 / (site_offsets[n + 1] - site_offsets[n])
                for kind in range(n_kinds):
                    for place in range(n_values):
                        mean[kind, place] += share * kinds[kind, place]
            else:
                lane, n_columns = (site - site_offsets[n]) % LANES, row_offsets[site + 1] - row_offsets[site]
                mix_kinds(kinds, shares, channels, lane)
                if lane + 1 == LANES or site + 1 == site_offsets[n + 1]:
                    own_rows = rows[row_offsets[site - lane] : row_offsets[site + 1]]
                    own_rows = own_rows.reshape(lane + 1, n_columns)
                    power_spectra(channels, n_max, l_max, pairing, total, own_rows)
        if inner:
            mix_kinds(mean, shares, channels, 0)
            own_rows = rows[row_offsets[n] : row_offsets[n + 1]]
            own_rows = own_rows.reshape(1, len(own_rows))
            power_spectra(channels, n_max, l_max, pairing, total, own_rows)


@njit(cache=True, fastmath=FAST)
def pull_neighbors(starts, n_max, l_max, values, slopes, harmonics, pulls, factors, along):  # type: ignore[no-untyped-def]
    """Sum, for each neighbour, its radial functions against the derivatives by the expansion of its kind.

    `factors` is what multiplies the harmonics, `along` the part of the gradient along the neighbour, over r.
    """
    for kind in range(len(starts) - 1):
        first, last = starts[kind], starts[kind + 1]
        part = along[first:last]
        for j in range(len(part)):
            part[j] = 0.0
        for degree in range(l_max + 1):
            for m in range(2 * degree + 1):
                wave = harmonics[degree * degree + m, first:last]
                factor = factors[degree * degree + m, first:last]
                for j in range(len(factor)):
                    factor[j] = 0.0
                for n in range(n_max):
                    pull = pulls[kind, n_max * degree * degree + n * (2 * degree + 1) + m]
                    value = values[degree * n_max + n, first:last]
                    slope = slopes[degree * n_max + n, first:last]
                    for j in range(len(factor)):
                        factor[j] += pull * value[j]
                        part[j] += pull * slope[j] * wave[j]


@njit(cache=True)
def soap_gradients(sites, pairs, weights, radial, numbers, factors, gradients, strains):  # type: ignore[no-untyped-def]
    """Add the derivatives of the sum over sites and columns of factor times power spectrum.

    Parameters
    ----------
    sites, pairs, weights, radial, numbers
        As for :func:`soap_spectra`; here every crystal has all channels.
    factors : ndarray of shape (n_sites, n_columns)
    gradients : ndarray of shape (n_sites, 3)
    strains : ndarray of shape (n_crystals, 3, 3)
    """
    site_offsets, labels, kind_offsets, examples = sites
    offsets, neighbors = pairs[0], pairs[1]
    cubics, step, cutoff, width = radial
    n_max, l_max, pairing = numbers
    size = 2
    for site in range(len(offsets) - 1):
        size = max(size, offsets[site + 1] - offsets[site] + 1)
    n_values = n_max * (l_max + 1) ** 2
    n_channels = weights.shape[1]
    points, lengths, order = np.empty((3, size)), np.empty(size), np.empty(size, dtype=np.int64)
    values, slopes = np.empty((cubics.shape[2], size)), np.empty((cubics.shape[2], size))
    legendre = np.empty(((l_max + 1) * (l_max + 2) // 2, size))
    waves, harmonics = np.empty((2, l_max + 1, size)), np.empty(((l_max + 1) ** 2, size))
    norms, total, pull = harmonic_norms(l_max), np.empty((n_values, 1)), np.empty(n_values)
    sums, along, forces = np.empty(((l_max + 1) ** 2, size)), np.empty(size), np.empty((3, size))
    channels, by_channel = np.empty((n_channels, n_values, 1)), np.empty((n_channels, n_values))
    one_lane, one_total = channels.reshape(n_channels, n_values), total.reshape(n_values)
    for n in range(len(site_offsets) - 1):
        n_kinds = kind_offsets[n + 1] - kind_offsets[n]
        shares = np.empty((n_kinds, n_channels))
        turned = np.empty((n_channels, n_kinds))
        for kind in range(n_kinds):
            for channel in range(n_channels):
                shares[kind, channel] = weights[examples[kind_offsets[n] + kind], channel]
                turned[channel, kind] = shares[kind, channel]
        starts = np.zeros(n_kinds + 1, dtype=np.int64)
        kinds, pulls = np.empty((n_kinds, n_values)), np.empty((n_kinds, n_values, 1))
        for site in range(site_offsets[n], site_offsets[n + 1]):
            count = gather_neighbors(
                site,
                True,
                pairs,
                labels,
                starts,
                order,
                points,
                lengths,
            )
            radial_values(lengths, count, cubics, step, cutoff, width, values)
            radial_slopes(lengths, count, cubics, step, cutoff, width, slopes)
            solid_harmonics(points, count, norms, l_max, legendre, waves, harmonics)
            expand_kinds(starts, n_max, l_max, values, harmonics, kinds)
            mix_kinds(kinds, shares, channels, 0)
            if pairing == WITH_TOTAL:
                total_expansion(channels, total)
            power_gradient(one_lane, n_max, l_max, pairing, one_total, pull, factors[site], by_channel)
            mix_kinds(by_channel, turned, pulls, 0)
            one_pull = pulls.reshape(n_kinds, n_values)
            pull_neighbors(starts, n_max, l_max, values, slopes, harmonics, one_pull, sums, along)
            for j in range(count):
                for axis in range(3):
                    forces[axis, j] = along[j] * points[axis, j]
            add_harmonic_gradients(points, count, norms, l_max, legendre, waves, sums, forces)
            for j in range(count):
                if order[j] < 0:
                    continue
                other = neighbors[order[j]]
                for axis in range(3):
                    gradients[other, axis] += forces[axis, j]
                    gradients[site, axis] -= forces[axis, j]
                    for second in range(3):
                        strains[n, axis, second] += forces[axis, j] * points[second, j]
