"""Domains: the part of a site's surroundings that belongs to each of its neighbours."""

from __future__ import annotations

from math import atan2

import numpy as np

from skcrystal.kernels.compilation import njit
from skcrystal.kernels.cutoffs import switch_off

# Half the edge of the square that a face is cut from, in units of its distance: a domain that nothing closes
# has faces without end, whose solid angles this misses by 1e-7.
ENDLESS = 1e7

# A plane this many times as far as the nearest one cuts nothing that counts.
FAR = 1e6

# How far around, in units of the nearest plane, planes are tried first: the corners of a domain lie at 1.29
# of it in bcc, at 1.41 in fcc.
FIRST_REACH = 1.8

# The faces found so far close the domain where they cover all directions but this part.
OPEN = 1e-9


@njit(cache=True, inline="always")
def cut_polygon(corners, old, new, count, limit, along_u, along_v):  # type: ignore[no-untyped-def]
    """Write what of a polygon lies at u along_u + v along_v <= limit; returns its number of corners.

    Corners stand in rows: u and v of the polygon at `old` and behind it, those of its cut at `new`.
    """
    kept = 0
    u, v = corners[old, count - 1], corners[old + 1, count - 1]
    before = limit - u * along_u - v * along_v
    for k in range(count):
        next_u, next_v = corners[old, k], corners[old + 1, k]
        now = limit - next_u * along_u - next_v * along_v
        if (now < 0.0) != (before < 0.0):
            part = before / (before - now)
            corners[new, kept] = u + part * (next_u - u)
            corners[new + 1, kept] = v + part * (next_v - v)
            kept += 1
        if now >= 0.0:
            corners[new, kept] = next_u
            corners[new + 1, kept] = next_v
            kept += 1
        u, v, before = next_u, next_v, now
    return kept


@njit(cache=True, inline="always")
def polygon_angle(corners, row, count, height):  # type: ignore[no-untyped-def]
    """Solid angle of a polygon in a plane at this height, from the foot of which its corners are counted.

    The sum over the triangles of the foot and an edge, each by van Oosterom & Strackee, IEEE Trans. Biomed.
    Eng. 30 (1983) 125: twice the phase of a complex number, so that of their product is the sum.
    """
    real, imaginary = 1.0, 0.0
    u, v = corners[row, count - 1], corners[row + 1, count - 1]
    square = height * height
    length = np.sqrt(u * u + v * v + square)
    for k in range(count):
        next_u, next_v = corners[row, k], corners[row + 1, k]
        next_length = np.sqrt(next_u * next_u + next_v * next_v + square)
        x = length * next_length + height * (length + next_length) + u * next_u + v * next_v + square
        y = u * next_v - next_u * v
        size = abs(x) + abs(y)
        x, y = x / size, y / size
        real, imaginary = real * x - imaginary * y, real * y + imaginary * x
        u, v, length = next_u, next_v, next_length
    phase = atan2(imaginary, real)
    # A half space has pi, which rounding makes the other one.
    if phase < -0.5 * np.pi:
        phase += 2.0 * np.pi
    return max(2.0 * phase, 0.0)


@njit(cache=True)
def face_angle(face, count, heights, normals, corners):  # type: ignore[no-untyped-def]
    """Return the part of the full solid angle that one face covers, and how far its farthest corner lies.

    Planes come in the order of their heights; none beyond that corner can cut the face.
    """
    height, x, y, z = heights[face], normals[face, 0], normals[face, 1], normals[face, 2]
    # Two directions in the plane, right-handed with its normal.
    if abs(z) < 0.6:
        size = np.sqrt(x * x + y * y)
        ux, uy, uz = -y / size, x / size, 0.0
    else:
        size = np.sqrt(y * y + z * z)
        ux, uy, uz = 0.0, -z / size, y / size
    vx, vy, vz = y * uz - z * uy, z * ux - x * uz, x * uy - y * ux
    edge = ENDLESS * height
    for k in range(4):
        corners[0, k] = edge if k == 0 or k == 3 else -edge
        corners[1, k] = edge if k < 2 else -edge
    row = 0
    left, square = 4, np.inf
    for k in range(count):
        if heights[k] * heights[k] >= square + height * height:
            break
        if k == face:
            continue
        ox, oy, oz = normals[k, 0], normals[k, 1], normals[k, 2]
        cosine = x * ox + y * oy + z * oz
        limit = heights[k] - height * cosine
        # Both planes meet in a line, and the corners may all be nearer to the foot than that.
        if limit > 0.0 and limit * limit >= (1.0 - cosine * cosine) * square:
            continue
        along_u, along_v = ux * ox + uy * oy + uz * oz, vx * ox + vy * oy + vz * oz
        left = cut_polygon(corners, row, 2 - row, left, limit, along_u, along_v)
        if left < 3:
            return 0.0, 0.0
        row = 2 - row
        square = 0.0
        for k_left in range(left):
            u, v = corners[row, k_left], corners[row + 1, k_left]
            square = max(square, u * u + v * v)
    return polygon_angle(corners, row, left, height) / (4.0 * np.pi), np.sqrt(square + height * height)


@njit(cache=True)
def find_domains(  # type: ignore[no-untyped-def]
    offsets, distances, vectors, shares, wanted, inner, cutoff
):
    """Find the faces of sites' domains: their pairs, and the parts of the full solid angle that they cover.

    A plane across each pair, at the given share of its distance, bounds the domain. Towards the cutoff, a
    plane moves away without end, so that a neighbour that comes in does so from far.

    Returns
    -------
    planes, angles : ndarray of shape (n_pairs,)
        The pairs of a site's faces and their angles begin at its offset; faces without an angle are left out.
    faces : ndarray of shape (n_sites,)
        How many there are.
    ends : ndarray of shape (n_sites,)
        How far the farthest corner of a domain lies: planes beyond it cut nothing.
    """
    n_sites, n_pairs = len(offsets) - 1, len(distances)
    planes, angles = np.empty(n_pairs, dtype=np.int64), np.empty(n_pairs)
    faces, ends = np.zeros(n_sites, dtype=np.int64), np.full(n_sites, np.inf)
    most = 0
    for site in range(n_sites):
        if wanted[site]:
            most = max(most, offsets[site + 1] - offsets[site])
    # A cut has at most one corner more than what it is cut from.
    heights, normals, corners = np.empty(most), np.empty((most, 3)), np.empty((4, most + 4))
    for site in range(n_sites):
        if not wanted[site]:
            continue
        start, stop = offsets[site], offsets[site + 1]
        nearest = np.inf
        for pair in range(start, stop):
            if distances[pair] > 0.0:
                nearest = min(nearest, shares[pair] * distances[pair])
        reach = FIRST_REACH * nearest
        while True:
            count, all_in = 0, True
            for pair in range(start, stop):
                distance = distances[pair]
                height = shares[pair] * distance
                if height > reach:
                    all_in = False
                    continue
                if distance <= 0.0 or distance >= cutoff:
                    continue
                if distance > inner:
                    height /= switch_off(distance, inner, cutoff)
                    if height > reach:
                        all_in = all_in and height > FAR * nearest
                        continue
                place = count
                while place > 0 and heights[place - 1] > height:
                    heights[place], planes[start + place] = heights[place - 1], planes[start + place - 1]
                    place -= 1
                heights[place], planes[start + place] = height, pair
                count += 1
            for k in range(count):
                pair = planes[start + k]
                for axis in range(3):
                    normals[k, axis] = vectors[pair, axis] / distances[pair]
            farthest, covered = 0.0, 0.0
            for face in range(count):
                angle = 0.0
                if covered < 1.0 - OPEN:
                    angle, radius = face_angle(face, count, heights, normals, corners)
                    farthest = max(farthest, radius)
                    covered += angle
                angles[start + face] = angle
            # Planes beyond all corners cut nothing.
            if all_in or farthest <= reach:
                break
            reach = min(farthest, FAR * nearest)
        kept = start
        for k in range(start, start + count):
            if angles[k] > 0.0:
                planes[kept], angles[kept] = planes[k], angles[k]
                kept += 1
        faces[site] = kept - start
        if count > 0:
            ends[site] = farthest
    return planes, angles, faces, ends
