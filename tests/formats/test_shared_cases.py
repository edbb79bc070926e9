"""Inputs on which readers in this field fall short, with the right answer, where the shared data lie."""

from __future__ import annotations

import warnings

import pytest

from skcrystal.formats import ReadWarning, read_cif

# File, sites, composition of the cell, a word of the note (empty: none is needed).
CIF_CASES = [
    ("01-cr-line-ends.cif", 8, "Mg4 O4", ""),
    ("09-listed-operations-form-no-group.cif", 30, "In12 Se18", "form no group"),
    ("10-only-identity-listed.cif", 8, "Na4 Cl4", "only 1 of the 192"),
    ("10b-whole-cell-listed.cif", 8, "Na4 Cl4", ""),
    ("11-two-operations-of-192.cif", 56, "Fe24 O32", "form no group"),
    ("16-cell-in-picometres.cif", 8, "Si8", "picometres"),
    ("18-attached-hydrogens.cif", 5, "Mg1 Cl2 O2", "attached"),
    ("19-two-decimals-on-a-mirror.cif", 6, "Si6", ""),
    ("20-hexagonal-symbol-rhombohedral-cell.cif", 10, "Al4 O6", "the cell does not have the symmetry"),
    ("22-origin-left-open.cif", 56, "Mg8 Al16 O32", ""),
    ("23-setting-left-open.cif", 20, "Gd4 Fe4 O12", "setting"),
    ("25-centring-not-listed.cif", 10, "Na8 Cl2", "only 4 of the 8"),
    ("26-one-operation-mistyped.cif", 20, "Gd4 Fe4 O12", "form no group"),
]


@pytest.mark.parametrize(("name", "n_sites", "composition", "note"), CIF_CASES)
def test_a_case_of_the_shared_data_is_read_right(shared, name, n_sites, composition, note):
    path = shared / "cases" / name
    if not path.exists():
        pytest.skip(f"{name} is not in {path.parent}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadWarning)
        crystal = read_cif(path.read_bytes().decode())
    assert len(crystal.frac_coords) == n_sites
    assert crystal.composition.formula == composition
    assert not note or any(note in sentence for sentence in crystal.notes)
