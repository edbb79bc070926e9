"""A plain CIF is read at once, as the general path reads it, or declined."""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile

import numpy as np
import pytest

from skcrystal.formats.cif import iter_cif
from skcrystal.formats.cif_block import ReadOptions, read_block
from skcrystal.formats.cif_plain import read_plain
from skcrystal.formats.cif_syntax import parse_blocks
from skcrystal.formats.orbits import close_pairs
from skcrystal.formats.problems import Notes
from skcrystal.formats.writing import cif_text
from skcrystal.kernels.contacts import closest_contact
from tests.formats.texts import P1_LIST, QUARTZ, ROCK_SALT, cif

OPTIONS = ReadOptions("", 0.01, 0.05, 0.5, False, 100_000)


def general(text):
    blocks = [block for block in parse_blocks(text, Notes(), 10**6) if block.has_structure()]
    return read_block(blocks[0], OPTIONS)


def plain(text):
    return read_plain(text, OPTIONS)


def assert_same(one, other):
    for name in one.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, name
            assert np.array_equal(left, right, equal_nan=left.dtype.kind == "f"), name
        else:
            assert left == right, name


@pytest.mark.parametrize(
    "atoms",
    [
        "Po Po1 0 0 0",
        "H H1 0.1(1) -0.2 1.7\nOg Og1 1e-3 .5 5.",
        "Po Po1 0.9999999 0 0\nPo Po2 0.5 0 0",
    ],
)
def test_a_plain_file_in_p1_is_read_the_same_on_both_paths(atoms):
    text = cif("5 6.5 7 90 100.5 120", P1_LIST, atoms)
    assert_same(plain(text), general(text))


LISTED = "loop_\n_space_group_symop_operation_xyz\n'x, y, z'\n'-x, -y, -z'\n"
ATOMS = "Na2+ Na1 0 0 0\nCl1- Cl1 0.5 0.5 0.1987(3)"


@pytest.mark.parametrize(
    "text",
    [
        ROCK_SALT,
        cif(symmetry="_symmetry_space_group_name_H-M 'P m -3 m'"),
        cif(symmetry=LISTED + "_space_group_name_H-M_alt 'P -1'", atoms=ATOMS),
        cif(symmetry=LISTED + "_space_group_name_Hall '-P 1'", atoms=ATOMS),
        cif(symmetry=LISTED, atoms=ATOMS, extra="_cell_volume 125.01(2)\n_chemical_formula_sum 'Na Cl2'"),
        cif("4 4 10 90 90 120", "_symmetry_space_group_name_H-M 'R -3 m'", "Po Po1 0 0 0"),
        cif(
            "5 6 7 90 90 90",
            "_symmetry_space_group_name_H-M 'P 2 2 2'\n_symmetry_Int_Tables_number 16",
            "Po 4 0.11 0.22 0.33 0\nAt 1 0 .5 0 .",
            "label symmetry_multiplicity fract_x fract_y fract_z attached_hydrogens",
        ),
    ],
)
def test_a_plain_file_with_symmetry_is_read_the_same_on_both_paths(text):
    assert_same(plain(text), general(text))


@pytest.mark.parametrize(
    "text",
    [
        QUARTZ,  # a bare number
        cif(symmetry=P1_LIST, atoms="X X1 0 0 0"),
        cif(symmetry=P1_LIST, atoms="D D1 0 0 0"),
        cif(symmetry=P1_LIST, atoms="Po Po1 ? 0 0"),
        cif(symmetry=P1_LIST, atoms="Po Po1 0.0005 0 0\nPo Po2 0.9995 0 0"),
        cif(symmetry=P1_LIST, atoms="Po Po1 0 0 0\nPo Po2 0.2 0 0"),
        cif(
            symmetry=P1_LIST,
            atoms="Po Po1 0 0 0 .5",
            columns="type_symbol label fract_x fract_y fract_z occupancy",
        ),
        cif(symmetry=P1_LIST, extra="_chemical_formula_sum 'Po H2'"),
        cif(symmetry=P1_LIST, extra="_chemical_formula_sum At"),
        cif(symmetry=P1_LIST, extra="_chemical_formula_sum Po\n_cell_formula_units_Z 3"),
        cif(symmetry=P1_LIST, extra="_cell_volume 250"),
        cif(symmetry=P1_LIST, extra="_exptl_crystal_density_diffrn 1.0"),
        cif(symmetry=P1_LIST) + cif().replace("test", "two"),
        cif(symmetry=P1_LIST.replace("'P 1'", "'P m -3 m'")),
        cif(symmetry=LISTED + "'-x, y, -z+1/3'\n"),
        cif(symmetry="_symmetry_space_group_name_H-M 'F d -3 m'"),
        cif("5 5 6 90 90 90", "_symmetry_space_group_name_H-M 'P m -3 m'"),
        cif(
            symmetry=P1_LIST,
            atoms="O O1 0 0 0 2",
            columns="type_symbol label fract_x fract_y fract_z attached_hydrogens",
        ),
        cif(
            symmetry="_symmetry_space_group_name_H-M 'P m m m'",
            atoms="O O1 0 0 0 2",
            columns="type_symbol label fract_x fract_y fract_z symmetry_multiplicity",
        ),
        cif(symmetry=P1_LIST, atoms=""),
        cif("5 5 5 60 60 130", P1_LIST),
        "",
        "data_",
    ],
)
def test_what_is_not_plain_is_declined(text):
    assert plain(text) is None


def test_the_shortest_contact_is_that_of_all_pairs():
    rng = np.random.default_rng(0)
    cells = np.stack(np.meshgrid(*[np.arange(-3, 4)] * 3), axis=-1).reshape(-1, 3)
    for _ in range(300):
        n_sites = int(rng.integers(1, 12))
        lattice = rng.normal(size=(3, 3)) + rng.uniform(2, 6) * np.eye(3)
        coords = rng.random((n_sites, 3)) + rng.integers(-1, 2)
        radii, occupancies = rng.uniform(0.3, 1.5, n_sites), rng.choice([0.4, 1.0], n_sites)
        vectors = (coords[:, None, None] - coords[None, :, None] + cells) @ lattice
        distances = np.linalg.norm(vectors, axis=-1).min(axis=-1)
        distances[np.tril_indices(n_sites)] = np.inf
        ratios = distances / np.add.outer(radii, radii)
        ratios[np.add.outer(occupancies, occupancies) < 1.01] = np.inf
        share = 0.7
        shortest, ratio, height, largest = closest_contact(coords, lattice, radii, occupancies, share)
        assert height == pytest.approx(1 / np.linalg.norm(np.linalg.inv(lattice), axis=0).max())
        assert largest == radii.max()
        limit = 2 * share * largest
        assert shortest == pytest.approx(distances.min() if distances.min() < limit else np.inf)
        assert ratio == pytest.approx(ratios.min() if ratios.min() < share else np.inf)


def test_the_shortest_contact_of_many_sites_is_that_of_the_tree():
    rng = np.random.default_rng(1)
    coords, lattice = rng.random((2000, 3)), np.diag([30.0, 35.0, 40.0])
    shortest, *_ = closest_contact(coords, lattice, np.full(2000, 0.25), np.ones(2000), 1.0)
    pairs = close_pairs(coords, lattice, 0.5)
    shifts = coords[pairs[:, 0]] - coords[pairs[:, 1]]
    assert shortest == pytest.approx(np.linalg.norm((shifts - np.rint(shifts)) @ lattice, axis=1).min())
    assert closest_contact(np.full((2, 3), np.nan), lattice, np.ones(2), np.ones(2), 1.0) == (
        0.0,
        0.0,
        0.0,
        0.0,
    )


def test_materials_project_files_are_read_the_same_on_both_paths(shared):
    with gzip.open(shared / "mp_sample.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = random.Random(0).sample(list(csv.DictReader(file)), 300)
    fast = 0
    for row in rows:
        crystal = plain(row["cif"])
        if crystal is None:
            continue
        fast += 1
        assert_same(crystal, general(row["cif"]))
        if fast % 10 == 0:  # and with symmetry: what pymatgen and we write
            text = cif_text(crystal, symmetrized=True)
            other = plain(text)
            if other is not None:
                assert_same(other, general(text))
    assert fast > 290


def test_files_of_other_projects_are_read_the_same_on_both_paths(shared):
    fast = 0
    with zipfile.ZipFile(shared / "corpus.zip") as archive:
        rows = csv.DictReader(io.TextIOWrapper(archive.open("manifest.csv"), encoding="utf-8"))
        texts = [archive.read(row["file"]).decode(errors="replace") for row in rows if row["kind"] == "cif"]
    for text in texts:
        crystal = plain(text)
        if crystal is not None:
            fast += 1
            assert_same(crystal, general(text))
            assert not crystal.notes
    assert fast > 0.8 * len(texts)


def test_a_bad_block_costs_itself():
    text = cif() + cif(atoms="M1 M1 0 0 0").replace("test", "bad") + cif().replace("test", "good")
    found = list(iter_cif(text, source="a.cif"))
    assert [getattr(one, "source", str(one).partition(":")[0]) for one in found] == [
        "a.cif, data_test",
        "a.cif, data_bad",
        "a.cif, data_good",
    ]
