"""Behler's symmetry functions of each site, and their gradients against given weights.

As in the kernel of power spectra, the neighbours are the innermost loop and come kind by kind: sums run over
the pairs of kinds once, and channels weigh them.
"""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.cutoffs import behler_cutoff
from skcrystal.kernels.site_kinds import gather_neighbors

FAST = {"reassoc", "contract", "nsz"}


@njit(cache=True)
def radial_terms(lengths, n, functions, cutoff, form, values, slopes):  # type: ignore[no-untyped-def]
    """Fill in what each neighbour adds to each radial function: a row per function.

    Rows of `functions` are eta, R and kappa of exp(-eta (r - R)^2) cos(kappa r), times the cutoff function.
    """
    for j in range(n):
        fade, slope = behler_cutoff(lengths[j], cutoff, form)
        for f in range(len(functions)):
            eta, away, kappa = functions[f, 0], lengths[j] - functions[f, 1], functions[f, 2]
            gauss = np.exp(-eta * away * away)
            wave, turn = 1.0, 0.0
            if kappa != 0.0:
                wave, turn = np.cos(kappa * lengths[j]), -kappa * np.sin(kappa * lengths[j])
            values[f, j] = gauss * wave * fade
            if len(slopes) > 0:
                slopes[f, j] = gauss * ((turn - 2.0 * eta * away * wave) * fade + wave * slope)


@njit(cache=True, fastmath=FAST)
def pair_geometry(points, lengths, one, count, cosines, distances):  # type: ignore[no-untyped-def]
    """Fill in cosines at the centre and distances between the neighbour `one` and those after it."""
    x, y, z, length = points[0, one], points[1, one], points[2, one], lengths[one]
    xs, ys, zs = points[0, one + 1 : count], points[1, one + 1 : count], points[2, one + 1 : count]
    others = lengths[one + 1 : count]
    for k in range(len(others)):
        product = x * xs[k] + y * ys[k] + z * zs[k]
        cosines[k] = min(1.0, max(-1.0, product / max(length * others[k], 1e-12)))
        distances[k] = np.sqrt(max(length * length + others[k] * others[k] - 2.0 * product, 0.0))


@njit(cache=True, fastmath=FAST)
def powers(cosines, n, zeta, sign, square, lower, power):  # type: ignore[no-untyped-def]
    """Fill in the powers zeta - 1 and zeta of 1 + sign cosine."""
    for k in range(n):
        power[k] = max(1.0 + sign * cosines[k], 0.0)
        square[k] = power[k]
        lower[k] = 1.0
    exponent = int(zeta) - 1
    if exponent + 1 != zeta:
        for k in range(n):
            lower[k] = power[k] ** (zeta - 1.0)
        exponent = 0
    while exponent > 0:
        if exponent & 1:
            for k in range(n):
                lower[k] *= square[k]
        exponent >>= 1
        if exponent > 0:
            for k in range(n):
                square[k] *= square[k]
    for k in range(n):
        power[k] *= lower[k]


@njit(cache=True)
def third_sides(distances, n, cubics, step, values, slopes):  # type: ignore[no-untyped-def]
    """Fill in the factors of the third side, and their slopes over its length: a row per eta."""
    n_pieces, n_etas = len(cubics), cubics.shape[2]
    for k in range(n):
        place = distances[k] / step
        if place >= n_pieces:
            for e in range(n_etas):
                values[e, k] = 0.0
                if len(slopes) > 0:
                    slopes[e, k] = 0.0
            continue
        knot = int(place)
        t = place - knot
        piece = cubics[knot]
        for e in range(n_etas):
            values[e, k] = piece[0, e] + t * (piece[1, e] + t * (piece[2, e] + t * piece[3, e]))
            if len(slopes) > 0:
                change = piece[1, e] + t * (2.0 * piece[2, e] + t * 3.0 * piece[3, e])
                slopes[e, k] = change / (step * max(distances[k], 1e-12))


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


@njit(cache=True, fastmath=FAST)
def angular_sums(points, lengths, starts, angular, sides, values, work, sums):  # type: ignore[no-untyped-def]
    """Fill in the sum of each angular function over the pairs of neighbours of each pair of kinds.

    `angular` is a tuple: for each function the numbers of its radial factor, of its angular power and of the
    factor of its third side, -1 where it has none, its scale and its column; and the powers (zeta, lambda).
    Functions of one power follow each other. `sides` are the cubic pieces of the third sides, and their step.
    """
    radials, angles, thirds, scales, columns, shapes = angular
    cubics, step = sides
    cosines, distances, square, lower, power, third, none, added = work
    n_kinds = len(starts) - 1
    count = starts[n_kinds]
    if n_kinds == 1:
        sums[:] = 0.0
    for one in range(n_kinds):
        for f in range(len(radials)):
            part = added[f, :count]
            for k in range(len(part)):
                part[k] = 0.0
        for j in range(starts[one], starts[one + 1]):
            n = count - j - 1
            pair_geometry(points, lengths, j, count, cosines, distances)
            if cubics.shape[2] > 0:
                third_sides(distances, n, cubics, step, third, none)
            known = -1
            for f in range(len(radials)):
                if angles[f] != known:
                    known = angles[f]
                    powers(cosines, n, shapes[known, 0], shapes[known, 1], square, lower, power)
                mine = scales[f] * values[radials[f], j]
                value, part = values[radials[f], j + 1 : count], added[f, j + 1 : count]
                if n_kinds == 1:
                    # All neighbours weigh alike: one sum, and nothing to keep for each of them.
                    total = 0.0
                    if thirds[f] < 0:
                        for k in range(len(value)):
                            total += power[k] * value[k]
                    else:
                        side = third[thirds[f]]
                        for k in range(len(value)):
                            total += power[k] * value[k] * side[k]
                    sums[0, 0, columns[f]] += mine * total
                elif thirds[f] < 0:
                    for k in range(len(value)):
                        part[k] += mine * power[k] * value[k]
                else:
                    side = third[thirds[f]]
                    for k in range(len(value)):
                        part[k] += mine * power[k] * value[k] * side[k]
        for two in range(n_kinds if n_kinds > 1 else 0):
            for f in range(len(radials)):
                total = 0.0
                part = added[f, starts[two] : starts[two + 1]]
                for k in range(len(part)):
                    total += part[k]
                sums[one, two, columns[f]] = total


@njit(cache=True)
def symmetry_values(sites, pairs, held, weights, channel_pairs, functions, row_offsets, rows):  # type: ignore[no-untyped-def]
    """Fill in the symmetry functions of each site.

    Parameters
    ----------
    sites : tuple
        Site offsets; labels of kinds, their offsets and examples, of ``label_kinds``.
    pairs : tuple
        Offsets, neighbours, distances and vectors of the neighbour table.
    held : tuple
        Offsets by crystal and numbers of the channels that each crystal has.
    weights : ndarray of shape (n_sites, n_channels)
    channel_pairs : bool
        Whether angular functions pair each channel with each, or with itself alone.
    functions : tuple
        Three tuples. The first holds the radial functions, the factors of neighbours in angular ones (both of
        :func:`radial_terms`), the cutoff and the form of its function; the others are the angular functions
        and the third sides of :func:`angular_sums`.
    row_offsets : ndarray of shape (n_sites + 1,)
    rows : ndarray
        Filled in: one row after the other.
    """
    site_offsets, labels, kind_offsets, examples = sites
    offsets = pairs[0]
    channel_offsets, channel_list = held
    radial, angular, sides = functions
    radials, factors, cutoff, form = radial
    size = 2
    for site in range(len(offsets) - 1):
        size = max(size, offsets[site + 1] - offsets[site])
    points, lengths, order = np.empty((3, size)), np.empty(size), np.empty(size, dtype=np.int64)
    terms, values, none = (
        np.empty((len(radials), size)),
        np.empty((len(factors), size)),
        np.empty((0, size)),
    )
    line = np.empty((5, size))
    third, added = np.empty((sides[0].shape[2], size)), np.empty((len(angular[0]), size))
    work = line[0], line[1], line[2], line[3], line[4], third, none, added
    for n in range(len(site_offsets) - 1):
        own = channel_list[channel_offsets[n] : channel_offsets[n + 1]]
        n_kinds = kind_offsets[n + 1] - kind_offsets[n]
        shares = np.empty((n_kinds, len(own)))
        for kind in range(n_kinds):
            for channel in range(len(own)):
                shares[kind, channel] = weights[examples[kind_offsets[n] + kind], own[channel]]
        paired = paired_channels(len(own), channel_pairs)
        starts = np.zeros(n_kinds + 1, dtype=np.int64)
        sums, angles = np.empty((n_kinds, len(radials))), np.empty((n_kinds, n_kinds, len(angular[0])))
        for site in range(site_offsets[n], site_offsets[n + 1]):
            count = gather_neighbors(site, False, pairs, labels, starts, order, points, lengths)
            radial_terms(lengths, count, radials, cutoff, form, terms, none)
            for kind in range(n_kinds):
                for f in range(len(radials)):
                    total = 0.0
                    for j in range(starts[kind], starts[kind + 1]):
                        total += terms[f, j]
                    sums[kind, f] = total
            radial_terms(lengths, count, factors, cutoff, form, values, none)
            if len(angular[0]) > 0:
                angular_sums(points, lengths, starts, angular, sides, values, work, angles)
            row = rows[row_offsets[site] : row_offsets[site + 1]]
            weigh_channels(shares, paired, sums, angles, row)


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


@njit(cache=True, fastmath=FAST)
def angular_pulls(points, lengths, starts, angular, sides, values, slopes, work, pulls, forces):  # type: ignore[no-untyped-def]
    """Add the gradients by the neighbours' positions of the sum of pull times angular function."""
    radials, angles, thirds, scales, columns, shapes = angular
    cubics, step = sides
    cosines, distances, square, lower, power, third, steep, added, along, turn, apart = work
    n_kinds = len(starts) - 1
    count = starts[n_kinds]
    for one in range(n_kinds):
        # How much the sum changes with the function f of a pair of a neighbour of this kind and k.
        for f in range(len(radials)):
            for two in range(n_kinds):
                part = added[f, starts[two] : starts[two + 1]]
                for k in range(len(part)):
                    part[k] = scales[f] * pulls[one, two, columns[f]]
        for j in range(starts[one], starts[one + 1]):
            n = count - j - 1
            pair_geometry(points, lengths, j, count, cosines, distances)
            if cubics.shape[2] > 0:
                third_sides(distances, n, cubics, step, third, steep)
            for k in range(n):
                along[k] = 0.0
                turn[k] = 0.0
                apart[k] = 0.0
            known, outward = -1, 0.0
            for f in range(len(radials)):
                if angles[f] != known:
                    known = angles[f]
                    powers(cosines, n, shapes[known, 0], shapes[known, 1], square, lower, power)
                # The derivative of the power by the cosine is this times the power of zeta - 1.
                inner = shapes[known, 0] * shapes[known, 1]
                value, slope = values[radials[f], j + 1 : count], slopes[radials[f], j + 1 : count]
                mine, rise, pull = values[radials[f], j], slopes[radials[f], j], added[f, j + 1 : count]
                total = 0.0
                if thirds[f] < 0:
                    for k in range(len(value)):
                        total += pull[k] * power[k] * value[k]
                        along[k] += mine * pull[k] * power[k] * slope[k]
                        turn[k] += mine * pull[k] * inner * lower[k] * value[k]
                else:
                    side, change = third[thirds[f]], steep[thirds[f]]
                    for k in range(len(value)):
                        total += pull[k] * power[k] * value[k] * side[k]
                        along[k] += mine * pull[k] * power[k] * slope[k] * side[k]
                        turn[k] += mine * pull[k] * inner * lower[k] * value[k] * side[k]
                        apart[k] += mine * pull[k] * power[k] * value[k] * change[k]
                outward += rise * total
            length = max(lengths[j], 1e-12)
            others = lengths[j + 1 : count]
            # `turn` becomes the share of the other's vector, `along` that of the own.
            bent = outward / length
            for k in range(len(others)):
                other = max(others[k], 1e-12)
                share = turn[k] / (length * other)
                bent += apart[k] - turn[k] * cosines[k] / (length * length)
                along[k] = along[k] / other + apart[k] - turn[k] * cosines[k] / (other * other)
                turn[k] = share - apart[k]
            for axis in range(3):
                here, total = points[axis, j], 0.0
                row, force = points[axis, j + 1 : count], forces[axis, j + 1 : count]
                for k in range(len(row)):
                    force[k] += along[k] * row[k] + turn[k] * here
                    total += turn[k] * row[k]
                forces[axis, j] += bent * here + total


@njit(cache=True)
def symmetry_gradients(sites, pairs, weights, channel_pairs, functions, rows, gradients, strains):  # type: ignore[no-untyped-def]
    """Add the derivatives of the sum over sites and columns of row times symmetry function.

    Parameters
    ----------
    sites, pairs, weights, channel_pairs, functions
        As for :func:`symmetry_values`; here every crystal has all channels.
    rows : ndarray of shape (n_sites, n_columns)
    gradients : ndarray of shape (n_sites, 3)
    strains : ndarray of shape (n_crystals, 3, 3)
    """
    site_offsets, labels, kind_offsets, examples = sites
    offsets, neighbors = pairs[0], pairs[1]
    radial, angular, sides = functions
    radials, factors, cutoff, form = radial
    n_channels, n_etas = weights.shape[1], sides[0].shape[2]
    size = 2
    for site in range(len(offsets) - 1):
        size = max(size, offsets[site + 1] - offsets[site])
    points, lengths, order = np.empty((3, size)), np.empty(size), np.empty(size, dtype=np.int64)
    terms, bends = np.empty((len(radials), size)), np.empty((len(radials), size))
    values, slopes = np.empty((len(factors), size)), np.empty((len(factors), size))
    forces = np.empty((3, size))
    line, third = np.empty((8, size)), np.empty((2, n_etas, size))
    added = np.empty((len(angular[0]), size))
    work = line[0], line[1], line[2], line[3], line[4], third[0], third[1], added, line[5], line[6], line[7]
    paired = paired_channels(n_channels, channel_pairs)
    for n in range(len(site_offsets) - 1):
        n_kinds = kind_offsets[n + 1] - kind_offsets[n]
        shares = np.empty((n_kinds, n_channels))
        for kind in range(n_kinds):
            for channel in range(n_channels):
                shares[kind, channel] = weights[examples[kind_offsets[n] + kind], channel]
        starts = np.zeros(n_kinds + 1, dtype=np.int64)
        pulls, angles = np.empty((n_kinds, len(radials))), np.empty((n_kinds, n_kinds, len(angular[0])))
        for site in range(site_offsets[n], site_offsets[n + 1]):
            count = gather_neighbors(site, False, pairs, labels, starts, order, points, lengths)
            weigh_kinds(shares, paired, rows[site], pulls, angles)
            radial_terms(lengths, count, radials, cutoff, form, terms, bends)
            for kind in range(n_kinds):
                for j in range(starts[kind], starts[kind + 1]):
                    total = 0.0
                    for f in range(len(radials)):
                        total += pulls[kind, f] * bends[f, j]
                    total /= max(lengths[j], 1e-12)
                    for axis in range(3):
                        forces[axis, j] = total * points[axis, j]
            if len(angular[0]) > 0:
                radial_terms(lengths, count, factors, cutoff, form, values, slopes)
                angular_pulls(points, lengths, starts, angular, sides, values, slopes, work, angles, forces)
            for j in range(count):
                other = neighbors[order[j]]
                for axis in range(3):
                    gradients[other, axis] += forces[axis, j]
                    gradients[site, axis] -= forces[axis, j]
                    for second in range(3):
                        strains[n, axis, second] += forces[axis, j] * points[second, j]
