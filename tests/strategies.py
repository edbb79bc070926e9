"""Hypothesis strategies: crystals of many kinds, and moves that leave a crystal what it is."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from skcrystal import Crystal
from skcrystal.chemistry.radii import covalent_radii
from skcrystal.crystals.checks import LEAST_ROOM

# Coordinates and edges lie on grids much coarser than symprec (0.01 angstrom). A crystal that is symmetric
# to within about the tolerance, but not exactly, has a symmetry that rounding decides; no claim is made of
# it.
GRID = 24
EDGE_STEP = 0.25

# Closer sites are no crystal, and moyo cannot tell them apart; closer than half a bond they are noted.
CLOSEST = 0.6
RADII = covalent_radii()

# In angstrom: what tests may displace sites by.
LEEWAY = 0.1


# Lattice points of P, I, C and F cells; P comes first, and most often.
P = [[0, 0, 0]]
I_CENTRED = [*P, [0.5, 0.5, 0.5]]
C_CENTRED = [*P, [0.5, 0.5, 0]]
F_CENTRED = [*C_CENTRED, [0.5, 0, 0.5], [0, 0.5, 0.5]]
CENTRINGS = [P, P, I_CENTRED, C_CENTRED, F_CENTRED]


def lattice_from_parameters(a, b, c, alpha, beta, gamma):
    """Rows a, b, c in angstrom from lengths in angstrom and angles in degrees."""
    cos_a, cos_b, cos_g = np.cos(np.radians([alpha, beta, gamma]))
    sin_g = np.sin(np.radians(gamma))
    cy = (cos_a - cos_b * cos_g) / sin_g
    cz = np.sqrt(1 - cos_b**2 - cy**2)
    return np.array([[a, 0, 0], [b * cos_g, b * sin_g, 0], [c * cos_b, c * cy, c * cz]])


@st.composite
def lattices(draw):
    """Primitive vectors of every lattice system, edges of 3 to 9 angstrom, angles of 60 to 120 degrees."""
    a, b, c = (draw(st.integers(12, 36)) * EDGE_STEP for _ in range(3))
    angle = st.integers(62, 118)
    kind = draw(
        st.sampled_from(["cubic", "fcc", "bcc", "hexagonal", "rhombohedral", "tetragonal", "orthorhombic"])
        | st.sampled_from(["monoclinic", "triclinic"])
    )
    if kind == "fcc":
        return a * (1 - np.eye(3)) / 2 * 1.4
    if kind == "bcc":
        return a * (1 - 2 * np.eye(3)) / 2 * 1.2
    if kind == "rhombohedral":
        alpha = draw(angle)
        return lattice_from_parameters(a, a, a, alpha, alpha, alpha)
    parameters = {
        "cubic": (a, a, a, 90, 90, 90),
        "hexagonal": (a, a, c, 90, 90, 120),
        "tetragonal": (a, a, c, 90, 90, 90),
        "orthorhombic": (a, b, c, 90, 90, 90),
        "monoclinic": (a, b, c, 90, draw(angle), 90),
    }
    if kind in parameters:
        return lattice_from_parameters(*parameters[kind])
    return lattice_from_parameters(a, b, c, *(draw(st.integers(75, 105)) for _ in range(3)))


@st.composite
def crystals(draw, max_sites=30):
    """Ordered and disordered crystals of 1 to about `max_sites` sites, of low and of high symmetry."""
    lattice = draw(lattices())
    wanted = draw(st.integers(1, max_sites))
    # One number seeds the sites: drawing a hundred floats one by one is slow, and shrinks no better.
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    centring = np.array(draw(st.sampled_from(CENTRINGS)))
    special = draw(st.booleans())
    disordered = draw(st.booleans())
    positions = rng.integers(0, GRID, (3 * wanted, 3)) / GRID
    if special:
        positions = np.round(positions * 4) / 4
    # Each position stands for its images under centring and inversion, all with the same species.
    images = centring if not draw(st.booleans()) else np.concatenate([centring, centring])
    signs = np.repeat([1, -1], len(centring))[: len(images)]
    # Nor is an atom that close to its own image.
    fitting = 1 + np.flatnonzero(RADII[1:104] < shortest_vector(lattice) - LEEWAY)
    elements = rng.choice(fitting, size=draw(st.integers(1, 4)), replace=False).tolist()
    # Nor has an atom less room than is refused: in flat cells, distances are not looked for far enough.
    most = abs(np.linalg.det(lattice)) / LEAST_ROOM
    coords: list = []
    radii: list = []
    counts, numbers, occupancies = [0], [], []
    for position in positions:
        if disordered and rng.random() < 0.5 and len(elements) > 1:
            species = rng.choice(elements, 2, replace=False).tolist()
            shares = (rng.integers(1, 5, 2) / 8).tolist()
        else:
            species, shares = [int(rng.choice(elements))], [1.0]
        radius = RADII[species].max()
        for image, sign in zip(images, signs, strict=True):
            candidate = (sign * position + image) % 1
            if len(coords) + 1 <= most and all(
                nearest_image_distance(candidate - other, lattice) > max(CLOSEST, (radius + its) / 2 + LEEWAY)
                for other, its in zip(coords, radii, strict=True)
            ):
                coords.append(candidate)
                radii.append(radius)
                numbers += species
                occupancies += shares
                counts.append(len(numbers))
        if len(coords) >= wanted:
            break
    return Crystal(
        lattice,
        np.array(coords),
        np.array(counts),
        np.array(numbers),
        np.array(occupancies),
        np.full(len(numbers), np.nan),
    )


def shortest_vector(lattice):
    """Length of the shortest lattice vector, of those up to two cells away."""
    steps = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3), axis=-1).reshape(-1, 3)
    lengths = np.linalg.norm(steps @ lattice, axis=1)
    return lengths[lengths > 0].min()


def without_vacancies(crystal):
    """The crystal with its sites filled, so that none of them exclude each other."""
    totals = np.add.reduceat(crystal.occupancies, crystal.species_offsets[:-1])
    return Crystal(
        crystal.lattice,
        crystal.frac_coords,
        crystal.species_offsets,
        crystal.atomic_numbers,
        crystal.occupancies / np.repeat(totals, np.diff(crystal.species_offsets)),
        crystal.oxidation_states,
    )


def nearest_image_distance(frac_difference, lattice, reach=1):
    """Brute force over the images up to `reach` cells away."""
    steps = np.arange(-reach, reach + 1)
    shifts = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    wrapped = frac_difference - np.rint(frac_difference)
    return np.linalg.norm((wrapped + shifts) @ lattice, axis=1).min()


def replace(crystal, lattice, frac_coords, order):
    """The crystal with another lattice and other sites; `order` names the old site of each new one."""
    starts, stops = crystal.species_offsets[:-1][order], crystal.species_offsets[1:][order]
    species = np.concatenate([np.arange(start, stop) for start, stop in zip(starts, stops, strict=True)])
    return Crystal(
        lattice,
        frac_coords,
        np.concatenate([[0], np.cumsum(stops - starts)]),
        crystal.atomic_numbers[species],
        crystal.occupancies[species],
        crystal.oxidation_states[species],
    )


def all_sites(crystal):
    return np.arange(crystal.n_sites)


@st.composite
def origin_shifts(draw):
    """Move all sites by one vector."""
    shift = np.array([draw(st.floats(-2, 2)) for _ in range(3)])
    return lambda crystal: replace(crystal, crystal.lattice, crystal.frac_coords + shift, all_sites(crystal))


@st.composite
def permutations(draw):
    """List the sites in another order, some of them in another cell."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def move(crystal):
        order = rng.permutation(crystal.n_sites)
        cells = rng.integers(-2, 3, (crystal.n_sites, 3))
        return replace(crystal, crystal.lattice, crystal.frac_coords[order] + cells, order)

    return move


@st.composite
def rotations(draw):
    """Rotate the whole crystal: a random quaternion."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    w, x, y, z = (q := rng.normal(size=4)) / np.linalg.norm(q)
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return lambda crystal: replace(
        crystal, crystal.lattice @ rotation, crystal.frac_coords, all_sites(crystal)
    )


@st.composite
def reflections(draw):
    """Take the mirror image in a plane of any direction, or by turning the fractional coordinates over."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    normal = (v := rng.normal(size=3)) / np.linalg.norm(v)
    mirror = np.eye(3) - 2 * np.outer(normal, normal)
    if draw(st.booleans()):
        # The inversion is a reflection and a half turn: the cell keeps its hand.
        return lambda crystal: replace(crystal, crystal.lattice, -crystal.frac_coords, all_sites(crystal))
    return lambda crystal: replace(crystal, crystal.lattice @ mirror, crystal.frac_coords, all_sites(crystal))


@st.composite
def supercells(draw):
    """Repeat the cell, up to 2 x 2 x 2."""
    repeats = np.array([draw(st.integers(1, 2)) for _ in range(3)])

    def move(crystal):
        cells = np.stack(np.meshgrid(*(np.arange(n) for n in repeats)), axis=-1).reshape(-1, 3)
        coords = (crystal.frac_coords[:, None, :] + cells) / repeats
        order = np.repeat(all_sites(crystal), len(cells))
        return replace(crystal, crystal.lattice * repeats[:, None], coords.reshape(-1, 3), order)

    return move


@st.composite
def cell_choices(draw):
    """Choose another cell of the same lattice: a product of shears, of determinant 1."""
    matrix = np.eye(3)
    for _ in range(draw(st.integers(1, 4))):
        i, j = draw(st.sampled_from([(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]))
        shear = np.eye(3)
        shear[i, j] = draw(st.integers(-2, 2))
        matrix = shear @ matrix

    def move(crystal):
        coords = crystal.frac_coords @ np.linalg.inv(matrix)
        return replace(crystal, matrix @ crystal.lattice, coords, all_sites(crystal))

    return move


#: Name of a claim in `Invariance` -> strategy of moves that it speaks of.
MOVES = {
    "origin": origin_shifts(),
    "permutation": permutations(),
    "rotation": rotations(),
    "reflection": reflections(),
    "supercell": supercells(),
    "cell_choice": cell_choices(),
}
