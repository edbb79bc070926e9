"""Crystals at and beyond every limit, by every door: a finite row in bounded time, or one sentence."""

from __future__ import annotations

import json
import time
import warnings

import numpy as np
import pytest
from ase import Atoms
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Element, Lattice, Structure

from skcrystal import Crystal, CrystalError, CrystalFeaturizer, Crystals, as_crystals
from skcrystal.chemistry.elements import symbols
from skcrystal.formats import ReadWarning, read_many

# What a draw may do at most, in seconds of this process; a row is one thousandth of it.
PATIENCE = 20


EDGES = [1e-300, 5.43e-10, 0.02, 0.9, 1.0, 1.1, 2.5, 4.0, 6.0, 30.0, 1e3, 9e4, 2e5, 1e30, 1e100]
"""In angstrom."""


@st.composite
def extreme_crystals(draw):
    """Lattices, positions and occupancies at the limits of what a crystal can be, and beyond."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    edge = draw(
        st.sampled_from([1e-300, 5.43e-10, 0.02, 0.9, 1.0, 1.1, 2.5, 4.0, 30.0, 1e3, 9e4, 2e5, 1e30, 1e100])
    )
    shape = draw(st.sampled_from(["cubic", "needle", "plate", "shear", "flat", "left-handed"]))
    lattice = (
        edge
        * {
            "cubic": np.eye(3),
            "needle": np.diag([1.0, 1.0, 40.0]),
            "plate": np.diag([10.0, 10.0, 1.0]),
            "shear": np.array([[1.0, 0, 0], [1000.3, 1, 0], [-999.6, 1000, 1]]),
            "flat": np.array([[1.0, 0, 0], [0, 1, 0], [1, 1, 0]]),
            "left-handed": np.diag([1.0, 1.0, -1.0]),
        }[shape]
    )
    n_sites = draw(st.integers(1, 6))
    coords = rng.random((n_sites, 3))
    if n_sites > 1:
        closeness = draw(st.sampled_from([None, 0.0, 1e-12, 1e-5, 0.004, 0.2, 1.0]))
        if closeness is not None and 1e-3 < edge < 1e6:
            coords[1] = coords[0] + np.array([closeness / edge, 0, 0]) + rng.integers(-1, 2, 3)
    coords += draw(st.sampled_from([0.0, 0.0, 0.0, -3.0, 1e4, 1e12]))
    if draw(st.integers(0, 9)) == 0:
        coords[0, 0] = draw(st.sampled_from([np.nan, np.inf, 1e300]))
    numbers, occupancies, counts = [], [], [0]
    known = draw(st.booleans())
    for _ in range(n_sites):
        n_species = draw(st.integers(1, 2))
        drawn = rng.choice(np.arange(1, 100 if known else 119), n_species, replace=False)
        numbers += drawn.tolist()
        share = draw(st.sampled_from([1.0, 1.0, 0.5, 0.499, 1 / 3, 1e-6, 0.75])) / n_species
        occupancies += [share] * n_species
        counts.append(len(numbers))
    return Crystal(
        lattice,
        coords,
        np.array(counts),
        np.array(numbers),
        np.array(occupancies),
        np.full(len(numbers), np.nan),
    )


def as_structure(crystal):
    return crystal.to_structure()


def as_dict(crystal):
    species = [
        [
            {"element": symbols()[crystal.atomic_numbers[k]], "occu": float(crystal.occupancies[k])}
            for k in range(*crystal.species_offsets[site : site + 2])
        ]
        for site in range(crystal.n_sites)
    ]
    places = crystal.frac_coords.tolist()
    sites = [{"species": kinds, "abc": abc} for kinds, abc in zip(species, places, strict=True)]
    return {"lattice": {"matrix": crystal.lattice.tolist()}, "sites": sites}


def as_json(crystal):
    return json.dumps(as_dict(crystal))


def as_atoms(crystal):
    first = crystal.species_offsets[:-1]
    atoms = Atoms(
        crystal.atomic_numbers[first], crystal.frac_coords @ crystal.lattice, cell=crystal.lattice, pbc=True
    )
    atoms.info["occupancy"] = {
        str(site): {species["element"]: species["occu"] for species in content["species"]}
        for site, content in enumerate(as_dict(crystal)["sites"])
    }
    atoms.set_array("spacegroup_kinds", np.arange(crystal.n_sites))
    return atoms


def as_extxyz(crystal):
    lattice = " ".join(map(repr, crystal.lattice.ravel().tolist()))
    rows = [
        f"{symbols()[crystal.atomic_numbers[first]]} {' '.join(map(repr, place))}"
        for first, place in zip(
            crystal.species_offsets[:-1], (crystal.frac_coords @ crystal.lattice).tolist(), strict=True
        )
    ]
    return "\n".join([str(crystal.n_sites), f'Lattice="{lattice}"', *rows, ""])


def as_poscar(crystal):
    lattice = [" ".join(map(repr, row)) for row in crystal.lattice.tolist()]
    names = [symbols()[crystal.atomic_numbers[first]] for first in crystal.species_offsets[:-1]]
    rows = [" ".join(map(repr, place)) for place in crystal.frac_coords.tolist()]
    return "\n".join(
        ["limit", "1.0", *lattice, " ".join(names), " ".join("1" * len(names)), "Direct", *rows, ""]
    )


def as_cif(crystal):
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(crystal.lattice, axis=1)
        units = crystal.lattice / lengths[:, None]
        cosines = [units[1] @ units[2], units[0] @ units[2], units[0] @ units[1]]
        angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    keys = ["length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"]
    values = [*lengths.tolist(), *angles.tolist()]
    cell = [f"_cell_{key} {value!r}" for key, value in zip(keys, values, strict=True)]
    columns = [f"_atom_site_{name}" for name in ("type_symbol", "fract_x", "fract_y", "fract_z", "occupancy")]
    rows = [
        f"{species['element']} {' '.join(map(repr, content['abc']))} {species['occu']!r}"
        for content in as_dict(crystal)["sites"]
        for species in content["species"]
    ]
    return "\n".join(["data_limit", *cell, "_space_group_IT_number 1", "loop_", *columns, *rows, ""])


DOORS = {
    "crystal": lambda crystal: crystal,
    "structure": as_structure,
    "dict": as_dict,
    "json": as_json,
    "atoms": as_atoms,
    "extxyz": as_extxyz,
    "poscar": as_poscar,
    "cif": as_cif,
}


def answer(read, item):
    """What comes of an item: what `read` returns, or the sentence of its CrystalError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadWarning)
        try:
            return read(item)
        except CrystalError as error:
            return str(error)


def handed_over(door, crystal):
    """The crystal as another package or a file holds it; None where that package refuses to."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return DOORS[door](crystal)
        except (ValueError, ArithmeticError):
            return None


@pytest.mark.parametrize("door", DOORS)
@given(crystal=extreme_crystals())
@settings(max_examples=30)
def test_a_finite_row_or_one_sentence(door, crystal):
    item = handed_over(door, crystal)
    if item is None:
        return
    start = time.process_time()
    batch = answer(as_crystals, [item])
    row = answer(CrystalFeaturizer("full").transform, batch) if isinstance(batch, Crystals) else batch
    assert time.process_time() - start < PATIENCE
    if isinstance(row, str):
        assert "\n" not in row
        assert len(row) < 500
    else:
        assert np.isfinite(row).all()


@given(crystal=extreme_crystals())
@settings(max_examples=100)
def test_all_doors_agree(crystal):
    """What one door lets in, the others let in as the same crystal; what one refuses, they refuse."""
    ours = answer(as_crystals, [crystal])
    for door in ("dict", "json"):
        theirs = answer(as_crystals, [handed_over(door, crystal)])
        assert type(theirs) is type(ours)
        if isinstance(ours, str):
            assert theirs == ours
            continue
        np.testing.assert_array_equal(theirs.frac_coords, ours.frac_coords)
        np.testing.assert_array_equal(theirs.occupancies, ours.occupancies)
        assert theirs.notes == ours.notes


def test_a_wrong_cell_is_said_at_once_by_every_door():
    tiny = Crystal.ordered(0.02 * np.eye(3), [[0, 0, 0]], [14])
    start = time.process_time()
    for make in DOORS.values():
        with pytest.raises(CrystalError, match="angstrom"):
            as_crystals([make(tiny)])
    assert time.process_time() - start < PATIENCE


def test_one_bad_item_of_each_kind_costs_its_own_row_only(tmp_path):
    good = Structure(Lattice.cubic(4.12), [Element("Cs"), Element("Cl")], [[0, 0, 0], [0.5] * 3])
    twice = Crystal.ordered(3.6 * np.eye(3), [[0, 0, 0], [0, 0, 0]], [29, 79])
    items = []
    for make in DOORS.values():
        items += [good, make(twice)]
    featurizer = CrystalFeaturizer("notebook", on_error="nan", n_jobs=2, chunk_size=4)
    with pytest.warns(UserWarning, match=f"{len(DOORS)} of {2 * len(DOORS)} items"):
        rows = featurizer.transform(items)
    errors = featurizer.report(items).errors
    assert list(errors) == list(range(1, len(items), 2))
    assert all(("on" in reason and "position" in reason) or "point" in reason for reason in errors.values())
    assert np.isfinite(rows[::2]).all()
    (tmp_path / "x.vasp").write_text(as_poscar(twice))
    with pytest.raises(CrystalError, match=r"x.vasp: its sites 0 \(Cu\) and 1 \(Au\)"):
        read_many(tmp_path / "x.vasp")
