"""``skcrystal describe``: what textbooks say of crystals, in lines and as JSON."""

from __future__ import annotations

import json

import pytest

from skcrystal.cli.arguments import PRESETS
from skcrystal.cli.main import main
from skcrystal.featurizer.presets import PRESETS as KNOWN
from skcrystal.formats import write
from tests.prototypes import ROCK_SALT, STRONTIUM_TITANATE_POSCAR


@pytest.fixture
def titanate(tmp_path):
    path = tmp_path / "POSCAR"
    path.write_text(STRONTIUM_TITANATE_POSCAR)
    return str(path)


def test_a_perovskite_in_lines(titanate, capsys):
    assert main(["describe", titanate]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"SrTiO3  ({titanate})\n")
    for text in (
        "a 3.9050  b 3.9050  c 3.9050 angstrom",
        "density         5.117 g/cm^3",
        "Pm-3m (221), cubic; tolerance 0.01 angstrom",
        "6 O at 1.952",
        "12 O at 2.761",
        "4/mm.m",
    ):
        assert text in out
    assert [line.split()[:2] for line in out.splitlines()[-3:]] == [["1a", "Sr"], ["1b", "Ti"], ["3c", "O"]]


def test_the_same_as_json(titanate, capsys):
    assert main(["describe", titanate, "--json", "--features", "notebook"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["space_group"]["number"] == 221
    assert [one["oxidation_state"] for one in facts["sites"]] == [2, 4, -2]
    assert [one["equivalent_sites"] for one in facts["sites"]] == [1, 1, 3]
    assert facts["sites"][1]["bonds"] == [
        {"element": "O", "number": 6, "shortest": 1.9525, "longest": 1.9525}
    ]
    assert facts["units"]["density"] == "g/cm^3"
    assert len(facts["features"]) == 327
    assert {"name", "value", "unit", "meaning"} == set(facts["features"][0])


def test_columns_with_units(tmp_path, capsys):
    write(ROCK_SALT, tmp_path / "NaCl.cif")
    assert main(["describe", str(tmp_path / "NaCl.cif"), "--features", "composition"]) == 0
    out = capsys.readouterr().out
    assert "mean_atomic_mass" in out
    assert "K" in {line.split()[-1] for line in out.splitlines() if "melting_point" in line}


def test_what_was_repaired_is_said(tmp_path, capsys):
    lines = STRONTIUM_TITANATE_POSCAR.splitlines()
    (tmp_path / "POSCAR").write_text("\n".join(["Sr Ti O exported", *lines[1:5], *lines[6:]]) + "\n")
    assert main(["describe", str(tmp_path / "POSCAR")]) == 0
    captured = capsys.readouterr()
    assert "notes\n  the elements were" in captured.out
    assert captured.err == ""


def test_a_mistake_is_one_sentence(tmp_path, capsys):
    assert main(["describe", str(tmp_path / "absent.cif")]) == 2
    assert capsys.readouterr().err.startswith("skcrystal describe: there is no file")
    with pytest.raises(Exception, match="there is no file"):
        main(["describe", str(tmp_path / "absent.cif"), "--debug"])


def test_the_command_knows_all_presets():
    assert set(PRESETS) == set(KNOWN)
