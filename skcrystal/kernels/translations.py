"""Which translations map a crystal onto itself: candidates tried one after the other on a grid of sites."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.cell import fill_heights
from skcrystal.kernels.compilation import njit

# What a candidate turned out to be.
NONE, UNCLEAR, FOUND = 0, 1, 2

# So many unclear ones say that the tolerance is that of the displacements; each takes a look at every site.
MOST_UNCLEAR = 64


@njit(cache=True, inline="always")
def grid_for(lattice, n_sites, reach):  # type: ignore[no-untyped-def]
    """Return a reach in each fractional coordinate, and how many boxes there are along each axis."""
    spacing = np.empty(3)
    fill_heights(lattice, spacing)
    reaches = reach / spacing
    room = (spacing[0] * spacing[1] * spacing[2] / n_sites) ** (1.0 / 3.0)
    counts = np.empty(3, dtype=np.int64)
    for axis in range(3):
        counts[axis] = max(1, min(int(spacing[axis] / room), int(0.5 / reaches[axis])))
    return reaches, counts


@njit(cache=True)
def fill_grid(coords, counts):  # type: ignore[no-untyped-def]
    """Sort sites, coordinates in [0, 1), into a grid of boxes; return where each starts, and sites."""
    n_boxes = counts[0] * counts[1] * counts[2]
    starts = np.zeros(n_boxes + 1, dtype=np.int64)
    boxes = np.empty(len(coords), dtype=np.int64)
    for site in range(len(coords)):
        box = 0
        for axis in range(3):
            box = box * counts[axis] + min(int(coords[site, axis] * counts[axis]), counts[axis] - 1)
        boxes[site] = box
        starts[box + 1] += 1
    for box in range(n_boxes):
        starts[box + 1] += starts[box]
    members = np.empty(len(coords), dtype=np.int64)
    places = starts[:-1].copy()
    for site in range(len(coords)):
        members[places[boxes[site]]] = site
        places[boxes[site]] += 1
    return starts, members


@njit(cache=True)
def nearest_of_kind(point, kind, lattice, coords, kinds, counts, starts, members, reaches, step):  # type: ignore[no-untyped-def]
    """Return the site of a kind nearest to a point, -1 without one near, and fill in the step to it."""
    best, found = np.inf, -1
    low = np.empty(3, dtype=np.int64)
    high = np.empty(3, dtype=np.int64)
    for axis in range(3):
        low[axis] = int(np.floor((point[axis] - reaches[axis]) * counts[axis]))
        high[axis] = int(np.floor((point[axis] + reaches[axis]) * counts[axis]))
        high[axis] = min(high[axis], low[axis] + counts[axis] - 1)
    for i in range(low[0], high[0] + 1):
        for j in range(low[1], high[1] + 1):
            for k in range(low[2], high[2] + 1):
                box = ((i % counts[0]) * counts[1] + j % counts[1]) * counts[2] + k % counts[2]
                for place in range(starts[box], starts[box + 1]):
                    site = members[place]
                    if kinds[site] != kind:
                        continue
                    x, y, z = 0.0, 0.0, 0.0
                    for axis in range(3):
                        difference = coords[site, axis] - point[axis]
                        difference -= np.rint(difference)
                        x += difference * lattice[axis, 0]
                        y += difference * lattice[axis, 1]
                        z += difference * lattice[axis, 2]
                    square = x * x + y * y + z * z
                    if square < best:
                        best, found = square, site
                        step[0], step[1], step[2] = x, y, z
    return found, best


@njit(cache=True)
def try_translation(translation, lattice, coords, kinds, grid, reaches, tolerance, images, steps):  # type: ignore[no-untyped-def]
    """Tell whether a translation maps each site onto one of its kind, and fill in onto which.

    The images of all sites must lie within twice the tolerance of sites, and within the tolerance once the
    translation is moved by their mean. A site with no other within four times the tolerance makes it none for
    certain; what is neither is unclear.
    """
    counts, starts, members = grid
    near, clear = 2.0 * tolerance, True
    taken = np.zeros(len(coords), dtype=np.bool_)
    point = np.empty(3)
    mean = np.zeros(3)
    for site in range(len(coords)):
        for axis in range(3):
            value = coords[site, axis] + translation[axis]
            point[axis] = value - np.floor(value)
        image, square = nearest_of_kind(
            point, kinds[site], lattice, coords, kinds, counts, starts, members, reaches, steps[site]
        )
        if image < 0 or square > 4.0 * near * near:
            return NONE
        if square > near * near or taken[image]:
            clear = False
        taken[image] = True
        images[site] = image
        for axis in range(3):
            mean[axis] += steps[site, axis] / len(coords)
    if not clear:
        return UNCLEAR
    for site in range(len(coords)):
        square = 0.0
        for axis in range(3):
            square += (steps[site, axis] - mean[axis]) ** 2
        if square >= tolerance * tolerance:
            return UNCLEAR
    return FOUND


@njit(cache=True)
def first_translation(candidates, lattice, coords, kinds, tolerance):  # type: ignore[no-untyped-def]
    """Return the first candidate that is a translation, or -1; images of the sites; how many were unclear."""
    reaches, counts = grid_for(lattice, len(coords), 4.0 * tolerance)
    starts, members = fill_grid(coords, counts)
    images = np.empty(len(coords), dtype=np.int64)
    steps = np.empty((len(coords), 3))
    unclear = 0
    for n in range(len(candidates)):
        kind = try_translation(
            candidates[n],
            lattice,
            coords,
            kinds,
            (counts, starts, members),
            reaches,
            tolerance,
            images,
            steps,
        )
        if kind == FOUND:
            return n, images, unclear
        if kind == UNCLEAR:
            unclear += 1
        if unclear >= MOST_UNCLEAR:
            break
    return -1, images, unclear


@njit(cache=True)
def kept_translations(cells, displacements, bounds, form, tolerance):  # type: ignore[no-untyped-def]
    """Tell which translations take no displacement to one that differs by the tolerance or more.

    Sites of one kind stand together, between two bounds each, the most displaced first; cells are modulo the
    lattice in Hermite's normal form. The answer is by the number of the cell that a translation leads to.
    """
    n_cells = form[0, 0] * form[1, 1] * form[2, 2]
    kept = np.ones(n_cells, dtype=np.bool_)
    left = n_cells - 1
    step = np.empty(3, dtype=np.int64)
    for kind in range(len(bounds) - 1):
        start, end = bounds[kind], bounds[kind + 1]
        largest = np.sqrt(np.sum(displacements[start] ** 2))
        for one in range(start, end):
            if left == 0 or np.sqrt(np.sum(displacements[one] ** 2)) + largest < tolerance:
                break
            for other in range(start, end):
                square = 0.0
                for axis in range(3):
                    square += (displacements[one, axis] - displacements[other, axis]) ** 2
                if square < tolerance * tolerance:
                    continue
                # Whichever way: a translation and its inverse are kept together.
                for sign in (1, -1):
                    place = 0
                    for axis in range(3):
                        step[axis] = sign * (cells[other, axis] - cells[one, axis])
                    for axis in range(3):
                        times = step[axis] // form[axis, axis]
                        for column in range(axis, 3):
                            step[column] -= times * form[axis, column]
                        place = place * form[axis, axis] + step[axis]
                    if kept[place]:
                        kept[place] = False
                        left -= 1
    return kept


@njit(cache=True)
def any_operation(rotations, pivots, lattice, coords, kinds, tolerance):  # type: ignore[no-untyped-def]
    """Tell whether an operation but the identity maps all sites to within twice the tolerance of others."""
    near = 2.0 * tolerance
    reaches, counts = grid_for(lattice, len(coords), near)
    starts, members = fill_grid(coords, counts)
    point = np.empty(3)
    translation = np.empty(3)
    step = np.empty(3)
    source = pivots[0]
    for rotation in rotations:
        identity = True
        for row in range(3):
            for column in range(3):
                identity &= rotation[row, column] == (1.0 if row == column else 0.0)
        for target in pivots:
            if identity and target == source:
                continue
            for axis in range(3):
                translation[axis] = coords[target, axis]
                for row in range(3):
                    translation[axis] -= coords[source, row] * rotation[row, axis]
            fits = True
            for site in range(len(coords)):
                for axis in range(3):
                    value = translation[axis]
                    for row in range(3):
                        value += coords[site, row] * rotation[row, axis]
                    point[axis] = value - np.floor(value)
                image, square = nearest_of_kind(
                    point, kinds[site], lattice, coords, kinds, counts, starts, members, reaches, step
                )
                if image < 0 or square > near * near:
                    fits = False
                    break
            if fits:
                return True
    return False
