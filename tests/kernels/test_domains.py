"""Domains of sites: their faces, beside pymatgen's and scipy's, and in cells that nothing closes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from pymatgen.analysis.local_env import VoronoiNN
from pymatgen.core import Lattice, Structure

from skcrystal import Crystal, Crystals
from skcrystal.kernels.domains import find_domains
from tests.strategies import crystals


def solid_angles(crystal, cutoff=8.0, inner=6.4):
    """Of each site, the share of the full solid angle of each face and the vector to its neighbour."""
    table = Crystals.from_crystals([crystal]).neighbors(cutoff)
    planes, angles, faces, _ = find_domains(
        table.offsets,
        table.distances,
        table.vectors,
        np.full(len(table.distances), 0.5),
        np.full(len(crystal.frac_coords), True),
        inner,
        cutoff,
    )
    places = [slice(start, start + n) for start, n in zip(table.offsets[:-1], faces, strict=True)]
    return [(angles[place], table.vectors[planes[place]]) for place in places]


def test_faces_of_body_centred_iron_are_those_of_a_truncated_octahedron():
    crystal = Crystal.ordered(2.87 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26])
    angles, _ = solid_angles(crystal)[0]
    # A square of edge 1 at a height of sqrt(2): 4 arcsin(1 / 9).
    square = 4 * np.arcsin(1 / 9) / (4 * np.pi)
    found = np.sort(angles[angles > 1e-9])
    np.testing.assert_allclose(found, [square] * 6 + [(1 - 6 * square) / 8] * 8, atol=1e-9)


def test_solid_angles_are_pymatgens():
    generator = np.random.default_rng(0)
    lattice = Lattice.from_parameters(4.1, 4.7, 5.3, 81, 97, 104)
    coords = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    structure = Structure(lattice, ["Fe"] * 4, coords + 0.04 * generator.standard_normal((4, 3)))
    crystal = Crystal.ordered(lattice.matrix, structure.frac_coords, [26] * 4)
    peer = VoronoiNN(cutoff=20)
    for site, (angles, vectors) in enumerate(solid_angles(crystal, 12.0, 11.5)):
        expected = sorted(
            (np.linalg.norm(face["site"].coords - structure[site].coords), face["solid_angle"] / (4 * np.pi))
            for face in peer.get_voronoi_polyhedra(structure, site).values()
            if face["solid_angle"] > 1e-4
        )
        kept = angles > 1e-4 / (4 * np.pi)
        found = sorted(zip(np.linalg.norm(vectors[kept], axis=1), angles[kept], strict=True))
        np.testing.assert_allclose(found, expected, atol=1e-6)


@settings(max_examples=25)
@given(crystal=crystals(max_sites=3))
def test_faces_close_the_domain(crystal):
    # All of a domain lies within half the sum of the cell's edges.
    edges = np.linalg.norm(crystal.lattice, axis=1).sum()
    for angles, _ in solid_angles(crystal, edges + 0.2, edges + 0.1):
        assert angles.sum() == pytest.approx(1, abs=1e-6)


def test_a_pair_alone_shares_space_in_halves():
    # Two atoms 2 angstrom apart, all others beyond the cutoff.
    crystal = Crystal.ordered(20 * np.eye(3), [[0, 0, 0], [0.06, 0.08, 0]], [26, 26])
    for angles, vectors in solid_angles(crystal):
        assert angles == pytest.approx([0.5], abs=1e-6)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx([2])
