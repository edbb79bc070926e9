"""POSCAR text in all its forms."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, read, read_many, read_poscar
from skcrystal.formats.poscar_elements import potcar_elements
from tests.formats.texts import PEROVSKITE_POSCAR, SILICON_POSCAR

CELL = "4 0 0\n0 4 0\n0 0 4"


def poscar(
    comment="CsCl", scale="1.0", cell=CELL, head="Cs Cl\n1 1", mode="Direct", sites="0 0 0\n.5 .5 .5", end=""
):
    return "\n".join([comment, scale, cell, head, mode, sites, end])


def test_lecture_silicon_has_eight_sites():
    crystal = read_poscar(SILICON_POSCAR)
    assert crystal.atomic_numbers.tolist() == [14] * 8
    assert np.allclose(crystal.lattice, 5.43 * np.eye(3))


def test_lecture_perovskite_has_five_sites():
    assert read_poscar(PEROVSKITE_POSCAR).atomic_numbers.tolist() == [38, 22, 8, 8, 8]


@pytest.mark.parametrize(
    ("text", "volume"),
    [
        (poscar(), 64),
        (poscar(scale="2"), 512),
        (poscar(scale="-100"), 100),
        (poscar(scale="1 2 3"), 384),
        (poscar(scale="1.0  ! angstrom"), 64),
        (poscar(scale="  1.0 scaled"), 64),
        (poscar(cell="4.D0 0 0\n0 .4d+1 0\n0 0 40.0E-1"), 64),
    ],
)
def test_scale_factors(text, volume):
    crystal = read_poscar(text)
    assert np.linalg.det(crystal.lattice) == pytest.approx(volume)
    assert np.allclose(crystal.frac_coords[1], 0.5)


@pytest.mark.parametrize("mode", ["Cartesian", "cart", "K", "k-points"])
@pytest.mark.parametrize("scale", ["1.0", "1.5", "-100", "1 2 3"])
def test_cartesian_positions_scale_with_the_lattice(mode, scale):
    crystal = read_poscar(poscar(scale=scale, mode=mode, sites="0 0 0\n2 2 2"))
    assert np.allclose(crystal.frac_coords[1], 0.5)


@pytest.mark.parametrize(
    "text",
    [
        poscar(head="Cs  Cl  ! caesium chloride\n1  1  # one each"),
        poscar(head="Cs_sv Cl_h\n1 1"),
        poscar(head="Cs/0f1e2d3c Cl/abc123\n1 1"),
        poscar(head="Cs\nCl\n1\n1"),
        poscar(comment="Cs Cl", head="1 1"),
        poscar(comment="no names", head="1 1", sites="0 0 0 Cs\n.5 .5 .5 Cl"),
        poscar(mode="Selective dynamics\nDirect", sites="0 0 0 T T F\n.5 .5 .5 F F F"),
        poscar(comment="?", head="1 1", mode="sel\ndir", sites="0 0 0 T T F Cs\n.5 .5 .5 .TRUE. .F. F Cl1"),
        poscar(end="\n0.1 0.2 0.3\n0.1 0.2 0.3\n\npredictor corrector\n1\n1.0"),
        poscar(sites="0 0 0\n\n.5 .5 .5"),
        poscar().replace("\n", "\r\n"),
        "\ufeff" + poscar(),
        poscar(mode=""),
    ],
)
def test_forms_of_the_same_crystal(text):
    crystal = read_poscar(text)
    assert crystal.atomic_numbers.tolist() == [55, 17]
    assert crystal.frac_coords.tolist() == [[0, 0, 0], [0.5, 0.5, 0.5]]


def test_element_may_stand_in_several_groups():
    text = poscar(head="O Ti O\n1 1 1", sites="0 0 0\n.5 .5 .5\n.1 .1 .1")
    assert read_poscar(text).atomic_numbers.tolist() == [8, 22, 8]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (poscar(scale="one"), "line 2 of the POSCAR text, 'one', must be the scale factor"),
        (poscar(scale="0"), "must be the scale factor"),
        (poscar(scale="-1 1 1"), "line 2 of the POSCAR text, '-1 1 1', must be the scale factor"),
        (poscar(scale="-1 -1 -1"), "must be the scale factor"),
        (poscar(scale="1 2"), "must be the scale factor"),
        (poscar(scale="1 2 3 4"), "line 2 of the POSCAR text, '1 2 3 4', must be the scale factor"),
        (poscar(scale="1 nan 1"), "must be the scale factor"),
        (poscar(cell="4 0 0\n0 4\n0 0 4"), "line 4 of the POSCAR text, '0 4', must begin with three numbers"),
        (poscar(cell="4 0 0\n0 nan 0\n0 0 4"), "line 4"),
        (poscar(cell="4 0 0\n8 0 0\n0 0 4"), "enclose no volume"),
        (poscar(scale="1e9"), "4e\\+09 angstrom long"),
        (poscar(sites="0 0 0\n1e300 0 0"), "thousands of cells away"),
        (poscar(head="Si\nSi"), "line 8 of the POSCAR text, 'Direct', must give the number of sites"),
        (poscar(head="Cs Cl\n2"), "gives 1 numbers for 2 elements"),
        (poscar(head="Cs Cl\n1.0 1"), "as whole numbers"),
        (poscar(head="Cs Xq\n1 1"), "names 'Xq', which is no element"),
        (poscar("salt", head="1 1"), "does not say which elements"),
        (poscar(head="Cs Cl\n1 2"), "ends after line 10, before position 3 of 3"),
        (poscar(head="Cs Cl\n1 0 1"), "gives 3 numbers for 2 elements"),
        (poscar(sites="0 0 0\n.5 .5"), "line 10 of the POSCAR text"),
        (poscar(mode="0 0 0"), "must say Direct or Cartesian"),
        (poscar(head="Cs\n999999999999"), "more than max_sites"),
        ("CsCl\n1.0\n4 0 0", "ends after line 3, before a lattice vector"),
    ],
)
def test_mistakes_end_in_one_sentence_that_names_the_line(text, sentence):
    with pytest.raises(CrystalError, match=sentence) as error:
        read_poscar(text, source="POSCAR")
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("POSCAR: ")


def test_elements_of_vasp_4_may_stand_as_a_formula_in_the_comment():
    text = PEROVSKITE_POSCAR.replace("SrTiO3 cubic", "old SrTiO3").replace("Sr Ti O\n", "", 1)
    with pytest.warns(ReadWarning, match="the elements were guessed from 'SrTiO3' in the comment line"):
        assert read_poscar(text).atomic_numbers.tolist() == [38, 22, 8, 8, 8]
    for other in ("SrTiO2", "SrTi", "SrXxO3", "Sr1Ti1O3x", "Sr0Ti0O0"):
        with pytest.raises(CrystalError, match="does not say which elements"):
            read_poscar(text.replace("SrTiO3", other))


NAMELESS = poscar("exported without symbols", head="1 1")


@pytest.mark.parametrize("elements", [["Cs", "Cl"], ("Cs_sv", "Cl"), np.array(["Cs", "Cl"])])
def test_elements_are_given_where_the_text_names_none(elements):
    assert read_poscar(NAMELESS, elements=elements).atomic_numbers.tolist() == [55, 17]
    # Placeholders are no names.
    assert read_poscar(poscar(head="A B\n1 1"), elements=elements).atomic_numbers.tolist() == [55, 17]


def test_given_elements_go_before_a_guess_and_must_not_contradict_the_text():
    text = poscar("Cs Cl prim", head="1 1")
    assert read_poscar(text, elements=["Na", "Cl"]).atomic_numbers.tolist() == [11, 17]
    assert read_poscar(poscar(), elements=["Cs", "Cl"]).atomic_numbers.tolist() == [55, 17]
    for own in (poscar(), poscar("?", head="1 1", sites="0 0 0 Cs\n.5 .5 .5 Cl")):
        with pytest.raises(CrystalError, match="its own elements, which are not the given Na Cl"):
            read_poscar(own, elements=["Na", "Cl"])


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        (["Cs"], r"name 1 element \(Cs\), and the POSCAR text has 2 groups of sites \(1 1\)"),
        (["Cs", "Cl", "O"], "name 3 elements"),
        (["Cs", "Xq"], "name 'Xq', which is no element"),
        ("CsCl", "which is no element"),
        ([], "name 0 elements"),
    ],
)
def test_wrong_elements_end_in_one_sentence(elements, sentence):
    with pytest.raises(CrystalError, match=sentence):
        read_poscar(NAMELESS, elements=elements)


def test_symbols_in_the_comment_are_noted_where_other_words_follow():
    assert read_poscar(poscar("Cs Cl", head="1 1")).notes == ()
    with pytest.warns(ReadWarning, match=r"read from the comment line \(Cs Cl\)"):
        crystal = read_poscar(poscar("Cs Cl prim", head="1 1"))
    assert crystal.notes == ("the elements were read from the comment line (Cs Cl)",)


POTCAR = """  PAW_PBE Cs_sv 23Mar2010
   parameters from PSCTR are:
   VRHFIN =Cs: 5s5p6s
   TITEL  = PAW_PBE Cs_sv 23Mar2010
  PAW_PBE Cl 06Sep2000
   VRHFIN =Cl: s2p5
   TITEL  = PAW_PBE Cl 06Sep2000
"""


@pytest.mark.parametrize(
    "text",
    [
        POTCAR,
        POTCAR.replace("TITEL", "TITLE"),
        POTCAR.replace("PAW_PBE", "US"),
        POTCAR.replace("TITEL  = PAW_PBE ", "TITEL  = "),
    ],
)
def test_a_potcar_names_its_elements(text):
    assert [name[:2] for name in potcar_elements(text)] == ["Cs", "Cl"]


def test_a_potcar_beside_a_poscar_gives_the_elements(tmp_path):
    (tmp_path / "POSCAR").write_text(NAMELESS)
    with pytest.raises(CrystalError, match="does not say which elements"):
        read(tmp_path / "POSCAR")
    (tmp_path / "POTCAR").write_text(POTCAR)
    with pytest.warns(ReadWarning, match="taken from the POTCAR beside the file"):
        crystal = read(tmp_path / "POSCAR")
    assert crystal.atomic_numbers.tolist() == [55, 17]
    assert read(tmp_path / "POSCAR", elements=["Na", "Cl"]).atomic_numbers.tolist() == [11, 17]
    # A POSCAR that names its elements needs none.
    (tmp_path / "POSCAR").write_text(poscar(head="Na Cl\n1 1"))
    assert read(tmp_path / "POSCAR").atomic_numbers.tolist() == [11, 17]
    (tmp_path / "POSCAR").write_text(poscar("three", head="1 1 1", sites="0 0 0\n.5 .5 .5\n.5 0 0"))
    with pytest.raises(CrystalError, match="the POTCAR beside it has potentials of 2 elements"):
        read(tmp_path / "POSCAR")


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_potcar_in_the_same_folder_of_an_archive_gives_the_elements(tmp_path, kind):
    (tmp_path / "in" / "run1").mkdir(parents=True)
    (tmp_path / "in" / "run2").mkdir()
    (tmp_path / "in" / "run1" / "POSCAR").write_text(NAMELESS)
    (tmp_path / "in" / "run1" / "POTCAR").write_text(POTCAR)
    (tmp_path / "in" / "run2" / "POSCAR").write_text(NAMELESS)
    shutil.make_archive(str(tmp_path / "all"), {"zip": "zip", "tar.gz": "gztar"}[kind], tmp_path / "in")
    with pytest.warns(ReadWarning, match="1 left out"):
        crystals = read_many(tmp_path / f"all.{kind}", on_error="skip")
    assert [crystal.atomic_numbers.tolist() for crystal in crystals] == [[55, 17]]
    assert [name[-11:] for name in crystals.failures] == ["run2/POSCAR"]


def test_more_positions_than_sites_are_noted():
    text = "x\n1\n4 0 0\n0 4 0\n0 0 4\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
    with pytest.warns(ReadWarning, match="more positions than the numbers of sites say, the first 2"):
        assert len(read_poscar(text + ".25 .25 .25\n").frac_coords) == 2
    assert read_poscar(text + "\n.01 .02 .03\n.01 .02 .03\n").notes == ()
