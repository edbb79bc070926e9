"""The images of atoms under symmetry operations, each kept once."""

from __future__ import annotations

import numpy as np

from skcrystal.kernels.compilation import njit

# Fractional coordinates that are equal up to the rounding of the arithmetic; and 1 up to the same.
SAME = 1e-6
ONE = 1.0 - 1e-9


def lines(frac_coords, rotations, *others):  # type: ignore[no-untyped-def]
    return 120.0 * len(frac_coords) * len(rotations)


@njit(cache=True, lines=lines)
def orbits(frac_coords, rotations, translations, lattice, tolerance, images, parents):  # type: ignore[no-untyped-def]
    """Fill in the images of each atom and its index; return how many there are, or -1 where they do not fit.

    An atom with images within the tolerance (in angstrom) of itself is moved to their mean first.

    Parameters
    ----------
    frac_coords : ndarray of shape (n_atoms, 3)
    rotations : ndarray of shape (n_operations, 3, 3)
    translations : ndarray of shape (n_operations, 3)
    lattice : ndarray of shape (3, 3)
    tolerance : float
    images : ndarray of shape (most, 3)
        Filled in, in [0, 1).
    parents : ndarray of shape (most,), int64
        Filled in.
    """
    count = 0
    moved, shift, image = np.empty(3), np.empty(3), np.empty(3)
    for atom in range(len(frac_coords)):
        near = 0
        shift[:] = 0.0
        for n in range(len(rotations)):
            for k in range(3):
                value = translations[n, k] - frac_coords[atom, k]
                for m in range(3):
                    value += rotations[n, k, m] * frac_coords[atom, m]
                image[k] = value - np.rint(value)
            square = 0.0
            for k in range(3):
                length = image[0] * lattice[0, k] + image[1] * lattice[1, k] + image[2] * lattice[2, k]
                square += length * length
            if square < tolerance * tolerance:
                near += 1
                for k in range(3):
                    shift[k] += image[k]
        for k in range(3):
            moved[k] = frac_coords[atom, k]
            if near > 1:
                moved[k] += shift[k] / near
        first = count
        for n in range(len(rotations)):
            for k in range(3):
                value = translations[n, k]
                for m in range(3):
                    value += rotations[n, k, m] * moved[m]
                value -= np.floor(value)
                image[k] = 0.0 if value > ONE else value
            known = False
            if near > 1:
                for other in range(first, count):
                    known = True
                    for k in range(3):
                        gap = image[k] - images[other, k]
                        if abs(gap - np.rint(gap)) > SAME:
                            known = False
                    if known:
                        break
            if not known:
                if count == len(images):
                    return -1
                for k in range(3):
                    images[count, k] = image[k]
                parents[count] = atom
                count += 1
    return count
