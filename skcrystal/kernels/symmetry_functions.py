"""Behler's symmetry functions of each site, and their gradients against given weights.

Neighbours come kind by kind: sums run over the pairs of kinds once, and channels weigh them. The loops that
cost are over neighbours, or over the pairs of a block.
"""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.channel_pairs import paired_channels, weigh_channels, weigh_kinds
from skcrystal.kernels.compilation import njit
from skcrystal.kernels.cutoffs import behler_cutoff
from skcrystal.kernels.exponential import exponential
from skcrystal.kernels.site_kinds import gather_neighbors, most_neighbors
from skcrystal.kernels.triplets import (
    BLOCK,
    FAST,
    add_pairs,
    angular_powers,
    empty_block,
    keep_close,
    third_sides,
)


@njit(cache=True, fastmath={"contract"})
def radial_terms(lengths, n, functions, cutoff, form, fades, values, slopes):  # type: ignore[no-untyped-def]
    """Fill in what each neighbour adds to each radial function: a row per function.

    Rows of `functions` are eta, R and kappa of exp(-eta (r - R)^2) cos(kappa r), times the cutoff function,
    which takes the two rows of `fades` with its slope.
    """
    fade, fall = fades[0], fades[1]
    for j in range(n):
        fade[j], fall[j] = behler_cutoff(lengths[j], cutoff, form)
    for f in range(len(functions)):
        eta, shift, kappa = functions[f, 0], functions[f, 1], functions[f, 2]
        for j in range(n):
            away = lengths[j] - shift
            values[f, j] = exponential(-eta * away * away)
        if len(slopes) > 0:
            for j in range(n):
                slopes[f, j] = values[f, j] * (fall[j] - 2.0 * eta * (lengths[j] - shift) * fade[j])
        for j in range(n):
            values[f, j] *= fade[j]
        if kappa != 0.0:
            for j in range(n):
                wave = np.cos(kappa * lengths[j])
                if len(slopes) > 0:
                    turn = kappa * np.sin(kappa * lengths[j])
                    slopes[f, j] = slopes[f, j] * wave - values[f, j] * turn
                values[f, j] *= wave


@njit(cache=True, inline="always")
def unit_vectors(points, lengths, n, directions):  # type: ignore[no-untyped-def]
    """Fill in the directions of the neighbours."""
    for j in range(n):
        for axis in range(3):
            directions[axis, j] = points[axis, j] / max(lengths[j], 1e-12)


@njit(cache=True, fastmath=FAST)
def add_angular(angular, block, n, line, sums):  # type: ignore[no-untyped-def]
    """Add up angular functions over the pairs of a block.

    `angular` is a tuple: for each function the number of its radial factor, its zeta and lambda, its scale
    and its column. Functions of one zeta and lambda follow each other.
    """
    factors, shapes, scales, columns = angular
    for f in range(len(factors)):
        if f == 0 or shapes[f, 0] != shapes[f - 1, 0] or shapes[f, 1] != shapes[f - 1, 1]:
            angular_powers(block[0], n, shapes[f, 0], shapes[f, 1], line[0], line[1])
        power, product, total = line[1, :n], block[2][factors[f], :n], 0.0
        for p in range(n):
            total += power[p] * product[p]
        sums[columns[f]] += scales[f] * total


@njit(cache=True)
def angular_sums(starts, around, values, angular, block, work, sums):  # type: ignore[no-untyped-def]
    """Fill in the sum of each angular function over the pairs of neighbours of each pair of kinds."""
    open_pairs, closed, cubics, step, cutoff = angular
    line, sides, none = work
    n_kinds = len(starts) - 1
    for one in range(n_kinds):
        for two in range(one, n_kinds):
            # A type of its own: what takes a literal is compiled for literals, and then once more.
            held, total = np.int64(0), sums[one, two]
            for f in range(len(total)):
                total[f] = 0.0
            for j in range(starts[one], starts[one + 1]):
                held = add_pairs(j, max(j + 1, starts[two]), starts[two + 1], around, values, block, held)
                if held < BLOCK and j + 1 < starts[one + 1]:
                    continue
                add_angular(open_pairs, block, held, line, total)
                if len(closed[0]) > 0:
                    held = keep_close(block, held, cutoff)
                    third_sides(block[1], held, cubics, step, sides, none)
                    for e in range(len(sides)):
                        for p in range(held):
                            block[2][e, p] *= sides[e, p]
                    add_angular(closed, block, held, line, total)
                held = np.int64(0)


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
        Two tuples. The first holds the radial functions and after them the radial factors of angular ones
        (both of :func:`radial_terms`), the number of the former, the cutoff and the form of its function; the
        second the angular functions
        without and with a third side (both of :func:`add_angular`), then the cubic pieces of the factors of
        third sides, the length of a piece, and the cutoff.
    row_offsets : ndarray of shape (n_sites + 1,)
    rows : ndarray
        Filled in: one row after the other.
    """
    site_offsets, labels, kind_offsets, examples = sites
    channel_offsets, channel_list = held
    (radials, n_radial, cutoff, form), angular = functions
    n_angular = len(angular[0][0]) + len(angular[1][0])
    size = most_neighbors(pairs[0])
    points, directions, lengths = np.empty((3, size)), np.empty((3, size)), np.empty(size)
    order, none = np.empty(size, dtype=np.int64), np.empty((0, size))
    fades = np.empty((2, size))
    n_factors, terms = len(radials) - n_radial, np.empty((len(radials), size))
    block, values = empty_block(n_factors, size), terms[n_radial:]
    work = np.empty((2, BLOCK + size)), np.empty((n_factors, BLOCK + size)), none
    for n in range(len(site_offsets) - 1):
        own = channel_list[channel_offsets[n] : channel_offsets[n + 1]]
        n_kinds = kind_offsets[n + 1] - kind_offsets[n]
        shares = np.empty((n_kinds, len(own)))
        for kind in range(n_kinds):
            for channel in range(len(own)):
                shares[kind, channel] = weights[examples[kind_offsets[n] + kind], own[channel]]
        paired = paired_channels(len(own), channel_pairs)
        starts = np.zeros(n_kinds + 1, dtype=np.int64)
        sums, angles = np.empty((n_kinds, n_radial)), np.empty((n_kinds, n_kinds, n_angular))
        for site in range(site_offsets[n], site_offsets[n + 1]):
            count = gather_neighbors(site, False, pairs, labels, starts, order, points, lengths)
            radial_terms(lengths, count, radials, cutoff, form, fades, terms, none)
            for kind in range(n_kinds):
                for f in range(n_radial):
                    total = 0.0
                    for j in range(starts[kind], starts[kind + 1]):
                        total += terms[f, j]
                    sums[kind, f] = total
            if n_angular > 0:
                unit_vectors(points, lengths, count, directions)
                angular_sums(starts, (directions, lengths), values, angular, block, work, angles)
            row = rows[row_offsets[site] : row_offsets[site + 1]]
            weigh_channels(shares, paired, sums, angles, row)


@njit(cache=True, fastmath=FAST)
def pull_pairs(angular, block, n, around, radial, sides, work, pulls, forces):  # type: ignore[no-untyped-def]
    """Add the gradients by the neighbours' positions of the sum of pull times function over a block's pairs.

    `angular` is that of :func:`add_angular`; `radial` are the factors of the neighbours and their slopes,
    `sides` those of third sides, the slopes over their lengths.
    """
    factors, shapes, scales, columns = angular
    cosines, _, products, ones, others = block
    directions, lengths = around
    values, slopes = radial
    third, steep = sides
    line, along = work
    square, power, lower, turn = line[0], line[1], line[2], line[3]
    for p in range(n):
        turn[p] = 0.0
        for e in range(len(along)):
            along[e, p] = 0.0
    for f in range(len(factors)):
        zeta, sign, e = shapes[f, 0], shapes[f, 1], factors[f]
        if f == 0 or zeta != shapes[f - 1, 0] or sign != shapes[f - 1, 1]:
            angular_powers(cosines, n, zeta, sign, square, power)
            angular_powers(cosines, n, zeta - 1.0, sign, square, lower)
        pull = pulls[columns[f]] * scales[f]
        for p in range(n):
            along[e, p] += pull * power[p]
            turn[p] += zeta * sign * pull * lower[p] * products[e, p] * third[e, p]
    for p in range(n):
        j, k = ones[p], others[p]
        one, two, apart = 0.0, 0.0, 0.0
        for e in range(len(along)):
            one += along[e, p] * third[e, p] * slopes[e, j] * values[e, k]
            two += along[e, p] * third[e, p] * slopes[e, k] * values[e, j]
            apart += along[e, p] * steep[e, p] * products[e, p]
        # A slope by the cosine turns each vector towards the other; one by the third side parts their ends.
        bend_one, bend_two = turn[p] / max(lengths[j], 1e-12), turn[p] / max(lengths[k], 1e-12)
        one += apart * lengths[j] - bend_one * cosines[p]
        two += apart * lengths[k] - bend_two * cosines[p]
        bend_one -= apart * lengths[k]
        bend_two -= apart * lengths[j]
        for axis in range(3):
            here, there = directions[axis, j], directions[axis, k]
            forces[axis, j] += one * here + bend_one * there
            forces[axis, k] += two * there + bend_two * here


@njit(cache=True)
def angular_pulls(starts, around, radial, angular, block, work, pulls, forces):  # type: ignore[no-untyped-def]
    """Add the gradients by the neighbours' positions of the sum of pull times angular function."""
    open_pairs, closed, cubics, step, cutoff = angular
    sides, work = work
    n_kinds = len(starts) - 1
    for one in range(n_kinds):
        for two in range(one, n_kinds):
            held = np.int64(0)
            for j in range(starts[one], starts[one + 1]):
                held = add_pairs(j, max(j + 1, starts[two]), starts[two + 1], around, radial[0], block, held)
                if held < BLOCK and j + 1 < starts[one + 1]:
                    continue
                if len(open_pairs[0]) > 0:
                    for e in range(len(radial[0])):
                        for p in range(held):
                            sides[0][e, p], sides[1][e, p] = 1.0, 0.0
                    pull_pairs(open_pairs, block, held, around, radial, sides, work, pulls[one, two], forces)
                if len(closed[0]) > 0:
                    held = keep_close(block, held, cutoff)
                    third_sides(block[1], held, cubics, step, sides[0], sides[1])
                    pull_pairs(closed, block, held, around, radial, sides, work, pulls[one, two], forces)
                held = np.int64(0)


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
    neighbors, n_channels = pairs[1], weights.shape[1]
    (radials, n_radial, cutoff, form), angular = functions
    n_angular = len(angular[0][0]) + len(angular[1][0])
    size = most_neighbors(pairs[0])
    points, directions, lengths = np.empty((3, size)), np.empty((3, size)), np.empty(size)
    order, forces = np.empty(size, dtype=np.int64), np.empty((3, size))
    fades = np.empty((2, size))
    terms, bends = np.empty((len(radials), size)), np.empty((len(radials), size))
    radial, n_factors = (terms[n_radial:], bends[n_radial:]), len(radials) - n_radial
    block, room = empty_block(n_factors, size), (n_factors, BLOCK + size)
    work = (np.empty(room), np.empty(room)), (np.empty((4, BLOCK + size)), np.empty(room))
    paired = paired_channels(n_channels, channel_pairs)
    for n in range(len(site_offsets) - 1):
        n_kinds = kind_offsets[n + 1] - kind_offsets[n]
        shares = np.empty((n_kinds, n_channels))
        for kind in range(n_kinds):
            for channel in range(n_channels):
                shares[kind, channel] = weights[examples[kind_offsets[n] + kind], channel]
        starts = np.zeros(n_kinds + 1, dtype=np.int64)
        pulls, angles = np.empty((n_kinds, n_radial)), np.empty((n_kinds, n_kinds, n_angular))
        for site in range(site_offsets[n], site_offsets[n + 1]):
            count = gather_neighbors(site, False, pairs, labels, starts, order, points, lengths)
            weigh_kinds(shares, paired, rows[site], pulls, angles)
            unit_vectors(points, lengths, count, directions)
            radial_terms(lengths, count, radials, cutoff, form, fades, terms, bends)
            for kind in range(n_kinds):
                for j in range(starts[kind], starts[kind + 1]):
                    total = 0.0
                    for f in range(n_radial):
                        total += pulls[kind, f] * bends[f, j]
                    for axis in range(3):
                        forces[axis, j] = total * directions[axis, j]
            if n_angular > 0:
                around = directions, lengths
                angular_pulls(starts, around, radial, angular, block, work, angles, forces)
            for j in range(count):
                other = neighbors[order[j]]
                for axis in range(3):
                    gradients[other, axis] += forces[axis, j]
                    gradients[site, axis] -= forces[axis, j]
                    for second in range(3):
                        strains[n, axis, second] += forces[axis, j] * points[second, j]
