"""Every input becomes the same crystal, and every wrong one is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from ase import Atoms
from hypothesis import given
from pymatgen.core import Lattice, Molecule, Structure

from skcrystal import Crystal, CrystalError, CrystalFeaturizer, Crystals, as_crystals
from tests.prototypes import (
    CAESIUM_CHLORIDE,
    ROCK_SALT,
    ROCK_SALT_CIF,
    SILICON_POSCAR,
    STRONTIUM_TITANATE_POSCAR,
)
from tests.strategies import crystals

STRUCTURE = Structure.from_spacegroup(225, Lattice.cubic(5.6402), ["Na", "Cl"], [[0, 0, 0], [0.5] * 3])


def rock_salts(folder):
    """The same rock salt, in every form a user has it."""
    cif = folder / "NaCl.cif"
    cif.write_text(ROCK_SALT_CIF)
    poscar = folder / "POSCAR"
    poscar.write_text(STRUCTURE.to(fmt="poscar"))
    return {
        "structure": STRUCTURE,
        "structure_with_charges": STRUCTURE.copy().add_oxidation_state_by_element({"Na": 1, "Cl": -1}),
        "primitive_structure": STRUCTURE.get_primitive_structure(),
        "atoms": STRUCTURE.to_ase_atoms(),
        "cif_text": ROCK_SALT_CIF,
        "poscar_text": STRUCTURE.to(fmt="poscar"),
        "cif_path": cif,
        "cif_path_as_text": str(cif),
        "poscar_path": poscar,
        "dict": STRUCTURE.as_dict(),
        "crystal": as_crystals(STRUCTURE)[0],
    }


def test_every_form_gives_the_same_row(tmp_path):
    forms = rock_salts(tmp_path)
    rows = CrystalFeaturizer().fit_transform(list(forms.values()))
    for form, row in zip(forms, rows, strict=True):
        np.testing.assert_allclose(row, rows[0], rtol=1e-6, atol=1e-6, err_msg=form)


def test_each_form_alone_is_a_batch_of_one(tmp_path):
    for form, item in rock_salts(tmp_path).items():
        assert len(as_crystals(item)) == 1, form
        assert len(as_crystals([item])) == 1, form


@pytest.mark.parametrize(
    "collect",
    [
        list,
        tuple,
        lambda items: iter(items),
        lambda items: np.array([*items, None], dtype=object)[:-1],
        lambda items: np.array([*items, None], dtype=object)[:-1, None],
        lambda items: pd.Series(items),
        lambda items: pd.DataFrame({"structure": items}),
        lambda items: pl.Series(items, dtype=pl.Object),
        as_crystals,
    ],
)
def test_every_collection_holds_the_same_crystals(collect):
    items = [STRUCTURE, ROCK_SALT, CAESIUM_CHLORIDE]
    got = as_crystals(collect(items))
    assert len(got) == 3
    np.testing.assert_array_equal(got.frac_coords, as_crystals(items).frac_coords)


def test_arrays_of_text_are_collections():
    assert len(as_crystals(np.array([ROCK_SALT_CIF, STRONTIUM_TITANATE_POSCAR]))) == 2


def test_a_batch_passes_unchanged():
    batch = as_crystals([ROCK_SALT])
    assert as_crystals(batch) is batch


def test_lecture_poscars():
    silicon, titanate = as_crystals([SILICON_POSCAR, STRONTIUM_TITANATE_POSCAR])
    assert (silicon.formula, silicon.n_sites) == ("Si", 8)
    assert (titanate.formula, titanate.n_sites) == ("SrTiO3", 5)


def test_disordered_structure_with_charges_comes_back_exactly():
    structure = Structure(
        [[4.1, 0.2, 0.1], [0, 4.3, 0.3], [0.1, 0, 5.2]],
        [{"Fe2+": 0.5, "Fe3+": 0.25}, {"O2-": 1}, {"Mg": 0.2, "Ca": 0.8}],
        [[0.1, 0.2, 1.3], [-0.4, 0.5, 0.6], [0.7, 0.8, 0.9]],
    )
    back = as_crystals(structure)[0].to_structure()
    assert back == structure
    np.testing.assert_array_equal(back.frac_coords, structure.frac_coords)
    np.testing.assert_array_equal(back.lattice.matrix, structure.lattice.matrix)
    assert [site.species for site in back] == [site.species for site in structure]


# pymatgen orders species by electronegativity when it compares structures, and noble gases have none.
@pytest.mark.filterwarnings("ignore:No Pauling electronegativity")
@given(crystal=crystals())
def test_round_trip_through_pymatgen_is_exact(crystal):
    structure = crystal.to_structure()
    back = as_crystals(structure)[0]
    np.testing.assert_array_equal(back.lattice, crystal.lattice)
    np.testing.assert_array_equal(back.frac_coords, crystal.frac_coords)
    np.testing.assert_array_equal(back.species_offsets, crystal.species_offsets)
    assert back.to_structure() == structure
    assert as_crystals(structure.as_dict())[0].to_structure() == structure


def test_partial_occupancies_of_ase():
    atoms = Atoms("FeO", scaled_positions=[[0, 0, 0], [0.5] * 3], cell=[4.2] * 3, pbc=True)
    atoms.info["occupancy"] = {"0": {"Fe": 0.75, "Co": 0.25}, "1": {"O": 1.0}}
    atoms.set_array("spacegroup_kinds", np.array([0, 1]))
    crystal = as_crystals(atoms)[0]
    assert crystal.atomic_numbers.tolist() == [26, 27, 8]
    assert crystal.occupancies.tolist() == [0.75, 0.25, 1.0]


def test_deuterium_counts_as_hydrogen():
    heavy_ice = Structure(Lattice.cubic(4), ["D", "O"], [[0, 0, 0], [0.5] * 3])
    assert as_crystals(heavy_ice)[0].atomic_numbers.tolist() == [1, 8]


def test_inputs_are_not_modified():
    structure, atoms, data = STRUCTURE.copy(), STRUCTURE.to_ase_atoms(), STRUCTURE.as_dict()
    before = structure.copy(), atoms.copy(), STRUCTURE.as_dict()
    CrystalFeaturizer().fit_transform([structure, atoms, data])
    assert (structure, atoms, data) == before


def zero_volume():
    return Crystal.ordered([[3, 0, 0], [6, 0, 0], [0, 0, 3]], [[0, 0, 0]], [26])


def with_nan():
    return Crystal.ordered(3 * np.eye(3), [[0, np.nan, 0]], [26])


WRONG = {
    "molecule": (Molecule(["C", "O"], [[0, 0, 0], [0, 0, 1.1]]), "Molecule.*no lattice"),
    "atoms_without_cell": (Atoms("CO", [[0, 0, 0], [0, 0, 1.1]]), "periodic in 0 of three directions"),
    "slab": (Atoms("C", cell=[3, 3, 20], pbc=(True, True, False)), "three directions"),
    "zero_volume": (zero_volume(), "span no volume"),
    "nan_coordinate": (with_nan(), "coordinate is NaN"),
    "nan_lattice": (Crystal.ordered(np.full((3, 3), np.nan), [[0, 0, 0]], [26]), "lattice .* NaN"),
    "beyond_the_table": (Crystal.ordered(3 * np.eye(3), [[0, 0, 0]], [119]), "119 is no element"),
    "no_sites": (Crystal.ordered(3 * np.eye(3), [], []), "no sites"),
    "unknown_symbol": (STRONTIUM_TITANATE_POSCAR.replace("Sr Ti O", "Sr Qq O"), "Qq"),
    "unknown_symbol_in_dict": (
        {
            "lattice": {"matrix": np.eye(3)},
            "sites": [{"abc": [0] * 3, "species": [{"element": "Qq", "occu": 1}]}],
        },
        "'Qq' is no element",
    ),
    "dummy_species": (Structure(Lattice.cubic(3), ["X"], [[0, 0, 0]]), "dummy"),
    "dict_of_something_else": ({"formula": "NaCl"}, r"keys \['formula'\]"),
    "missing_file": ("nowhere/NaCl.cif", "nowhere/NaCl.cif"),
    "empty_text": ("\n", "empty|no "),
    "none": (None, "missing"),
    "nan": (float("nan"), "missing"),
    "number": (7, "type int"),
    "overfull_site": (
        Crystal(
            3 * np.eye(3), np.zeros((1, 3)), np.array([0, 2]), np.array([26, 27]), np.ones(2), np.ones(2)
        ),
        "sum to 2",
    ),
    "negative_occupancy": (
        Crystal(3 * np.eye(3), np.zeros((1, 3)), np.array([0, 1]), np.array([26]), -np.ones(1), np.ones(1)),
        "occupancy -1",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_wrong_item_among_good_ones_is_named(name):
    item, reason = WRONG[name]
    items = [ROCK_SALT, ROCK_SALT_CIF, item, CAESIUM_CHLORIDE]
    with pytest.raises(CrystalError, match=rf"^crystal 2: .*{reason}") as error:
        as_crystals(items)
    assert "\n" not in str(error.value)
    for chunk_size in (256, 1):
        featurizer = CrystalFeaturizer(chunk_size=chunk_size)
        with pytest.raises(CrystalError, match=rf"^crystal 2: .*{reason}"):
            featurizer.transform(items)


def test_a_table_of_numbers_is_refused():
    with pytest.raises(CrystalError, match=r"array of shape \(3, 4\)"):
        as_crystals(np.zeros((3, 4)))
    with pytest.raises(CrystalError, match="DataFrame of 2 columns"):
        as_crystals(pd.DataFrame({"a": [1], "b": [2]}))
    with pytest.raises(CrystalError, match="type int"):
        as_crystals(7)


def test_no_crystals_give_no_rows():
    assert len(as_crystals([])) == 0
    for preset in ("default", "notebook"):
        featurizer = CrystalFeaturizer(preset)
        for empty in (
            [],
            (),
            np.array([], dtype=object),
            pd.Series([], dtype=object),
            Crystals.from_crystals([]),
        ):
            assert featurizer.fit_transform(empty).shape == (0, len(featurizer.get_feature_names_out()))
