"""Crystals as pymatgen reads them: real files, and small ones of all kinds."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from skcrystal.formats import read_cif, read_poscar
from tests.formats.texts import PEROVSKITE_POSCAR, QUARTZ, ROCK_SALT, SILICON_POSCAR, cif


def assert_same_crystal(crystal, structure, tolerance=1e-6):
    """Compare lattices, and sites in any order: positions modulo 1, species and occupancies."""
    assert np.allclose(crystal.lattice, structure.lattice.matrix, atol=tolerance, rtol=0)
    assert len(crystal.frac_coords) == len(structure)
    shifts = crystal.frac_coords[:, None] - structure.frac_coords[None]
    shifts -= np.round(shifts)
    partner = np.abs(shifts).max(axis=-1).argmin(axis=1)
    assert sorted(partner.tolist()) == list(range(len(structure)))
    assert np.abs(shifts[np.arange(len(partner)), partner]).max() < tolerance
    for i, j in enumerate(partner.tolist()):
        rows = slice(*crystal.species_offsets[i : i + 2].tolist())
        ours = zip(crystal.atomic_numbers[rows].tolist(), crystal.occupancies[rows].tolist(), strict=True)
        theirs = [(kind.Z, amount) for kind, amount in structure[j].species.items()]
        assert np.allclose(sorted(ours), sorted(theirs))


def parsed(text, **parameters):
    from pymatgen.io.cif import CifParser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CifParser.from_str(text, **parameters).parse_structures(primitive=False)[0]


DISORDERED = cif(
    symmetry="_space_group_IT_number 221",
    columns="type_symbol label fract_x fract_y fract_z occupancy",
    atoms="La La1 0 0 0 0.7\nSr Sr1 0 0 0 0.3\nMn Mn1 .5 .5 .5 1\nO O1 .5 .5 0 0.9",
)
SILICON = cif(
    "5.4309 5.4309 5.4309 90 90 90",
    "_space_group_name_H-M_alt 'F d -3 m :1'\n_space_group_name_Hall 'F 4d 2 3 -1d'\n"
    "loop_\n_symmetry_equiv_pos_as_xyz\n"
    "x,y,z\nx+1/2,y+1/2,z\nx+1/2,y,z+1/2\nx,y+1/2,z+1/2\n"
    "-x+1/4,-y+1/4,-z+1/4\n-x+3/4,-y+3/4,-z+1/4\n-x+3/4,-y+1/4,-z+3/4\n-x+1/4,-y+3/4,-z+3/4",
    "Si Si1 0 0 0",
)


@pytest.mark.parametrize("text", [ROCK_SALT, QUARTZ, SILICON, DISORDERED], ids=["NaCl", "SiO2", "Si", "LSMO"])
def test_small_cif_is_read_as_by_pymatgen(text):
    assert_same_crystal(read_cif(text), parsed(text))


@pytest.mark.parametrize("text", [SILICON_POSCAR, PEROVSKITE_POSCAR], ids=["Si", "SrTiO3"])
def test_poscars_of_the_lecture_are_read_as_by_pymatgen(text):
    from pymatgen.io.vasp import Poscar

    assert_same_crystal(read_poscar(text), Poscar.from_str(text).structure)


def test_materials_project_files_are_read_as_by_pymatgen(shared):
    pd = pytest.importorskip("pandas")
    table = pd.read_csv(shared / "mp_sample.csv.gz", keep_default_na=False)
    for text in table["cif"].sample(200, random_state=1):
        # Without its rounding to thirds, which a file in P 1 does not need.
        assert_same_crystal(read_cif(text), parsed(text, frac_tolerance=0))
