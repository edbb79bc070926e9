"""XDATCAR, and POSCAR after POSCAR: one crystal for each frame."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import ReadWarning, read, read_many, read_poscar, read_text
from skcrystal.formats.conversion import convert
from tests.formats.texts import PEROVSKITE_POSCAR, SILICON_POSCAR

HEAD = "CsCl\n1.0\n{a} 0 0\n0 {a} 0\n0 0 {a}\nCs Cl\n1 1\n"


def frame(number: int, shift: float) -> str:
    return f"Direct configuration= {number:5d}\n  {shift:.8f} 0.00000000 0.00000000\n  0.5 0.5 0.5\n"


FIXED = HEAD.format(a=4) + "".join(frame(i, 0.1 * i) for i in range(3))
CHANGING = "".join(HEAD.format(a=4 + i) + frame(i, 0.1 * i) for i in range(3))


@pytest.mark.parametrize("name", ["XDATCAR", "XDATCAR_300K", "run.xdatcar", "x.vasp", "POSCAR", "md.dat"])
def test_every_frame_of_a_fixed_cell_is_a_crystal(tmp_path, name):
    (tmp_path / name).write_text(FIXED)
    crystals = read_many(tmp_path / name)
    assert [crystal.frac_coords[0, 0] for crystal in crystals] == [0, 0.1, 0.2]
    assert [crystal.lattice[0, 0] for crystal in crystals] == [4, 4, 4]
    assert [crystal.source.partition(name)[2] for crystal in crystals] == ["", ", frame 1", ", frame 2"]


@pytest.mark.parametrize(
    "text",
    [
        CHANGING,
        CHANGING.replace("\n", "\r\n"),
        CHANGING.replace("Direct configuration=", "direct  configuration ="),
        # As POSCARs one after another, also with empty lines and velocities between them.
        CHANGING.replace(" configuration=", "!"),
        CHANGING.replace(" configuration=", "!").replace(
            "0.5 0.5 0.5\n", "0.5 0.5 0.5\n\n 0.1 0 0\n 0 0 0.1\n\n"
        ),
    ],
)
def test_the_cell_may_change(tmp_path, text):
    (tmp_path / "XDATCAR").write_bytes(text.encode())
    crystals = read_many(tmp_path / "XDATCAR")
    assert [crystal.lattice[0, 0] for crystal in crystals] == [4, 5, 6]
    assert [crystal.frac_coords[0, 0] for crystal in crystals] == [0, 0.1, 0.2]


def test_empty_lines_may_part_the_frames_of_a_file_that_is_called_xdatcar(tmp_path):
    (tmp_path / "XDATCAR").write_text(
        HEAD.format(a=4) + "".join(f"\n{0.1 * i} 0 0\n.5 .5 .5\n" for i in range(3))
    )
    assert [crystal.frac_coords[0, 0] for crystal in read_many(tmp_path / "XDATCAR")] == [0, 0.1, 0.2]


def test_one_crystal_is_never_read_of_many_in_silence(tmp_path):
    (tmp_path / "XDATCAR").write_text(FIXED)
    for read_one in (
        lambda: read(tmp_path / "XDATCAR"),
        lambda: read_text(FIXED),
        lambda: read_poscar(FIXED),
    ):
        with pytest.warns(ReadWarning, match="there are several crystals, the first was read"):
            assert read_one().frac_coords[0, 0] == 0
    with pytest.warns(ReadWarning, match="several crystals"):
        read_poscar(SILICON_POSCAR + PEROVSKITE_POSCAR)


def test_velocities_and_the_data_of_a_predictor_are_no_crystal():
    velocities = "\n".join(" 1.0E-02  2.0E-02 -3.0E-02" for _ in range(2))
    tails = [
        f"\n{velocities}\n",
        f"\n{velocities}\n\n1\n 1.0\n 0.1 0.0 0.2 0.0\n{velocities}\n{velocities}\n{velocities}\n",
        "Lattice velocities and vectors\n  1\n" + "  0.1 0.2 0.3\n" * 6 + f"\n{velocities}\n",
        "\n0 0 0\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n1 1 1\n0 0 0\n",
    ]
    text = HEAD.format(a=4) + "Direct\n0 0 0\n.5 .5 .5\n"
    for tail in tails:
        assert read_poscar(text + tail).notes == ()


def test_a_frame_that_breaks_off_costs_itself(tmp_path):
    for text in (FIXED, CHANGING):
        for bad, broken in (
            (1, text.replace(f"{0.1:.8f} 0.00000000 0.00000000\n", "")),
            (1, text.replace(f"{0.1:.8f} 0.00000000", f"{0.1:.8f} *********")),
            (2, text[:-20]),
        ):
            (tmp_path / "XDATCAR").write_text(broken)
            done = convert(tmp_path / "XDATCAR", tmp_path / "out.json", force=True)
            assert done.n_crystals == 2
            (name,) = done.failures
            assert name.endswith(f"frame {bad}")
            with pytest.raises(CrystalError, match=f"XDATCAR, frame {bad}: the configuration at line"):
                read_many(tmp_path / "XDATCAR")


def test_a_head_that_cannot_be_read_costs_its_frames(tmp_path):
    (tmp_path / "XDATCAR").write_text(CHANGING.replace("5 0 0", "5 0 0 0", 1).replace("0 5 0", "0 x 0", 1))
    with pytest.warns(ReadWarning, match="1 left out"):
        crystals = read_many(tmp_path / "XDATCAR", on_error="skip")
    # The second frame has no head of its own that can be read, and that of another is not its own.
    assert [crystal.lattice[0, 0] for crystal in crystals] == [4, 6]


def test_a_broken_poscar_between_others_costs_itself(tmp_path):
    text = (
        SILICON_POSCAR + PEROVSKITE_POSCAR.replace("0.50000  0.00000  0.50000", "0.5 oops") + SILICON_POSCAR
    )
    (tmp_path / "all.vasp").write_text(text)
    done = convert(tmp_path / "all.vasp", tmp_path / "out.csv")
    assert (done.n_crystals, list(done.failures)) == (2, [f"{tmp_path / 'all.vasp'}, frame 1"])


def test_vasp_4_wrote_no_cell(tmp_path):
    (tmp_path / "XDATCAR").write_text(
        "  2  2  1\n 0.1E+02 0.5E-09\n CAR\n name\n Konfig= 1\n 0 0 0\n .5 .5 .5\n"
    )
    with pytest.raises(CrystalError, match="the XDATCAR holds no cell"):
        read_many(tmp_path / "XDATCAR")


def test_elements_of_a_trajectory_are_given(tmp_path):
    (tmp_path / "XDATCAR").write_text(FIXED.replace("Cs Cl\n", "", 1).replace("CsCl", "unnamed"))
    with pytest.raises(CrystalError, match="does not say which elements"):
        read_many(tmp_path / "XDATCAR")
    crystals = read_many(tmp_path / "XDATCAR", elements=["Na", "Cl"])
    assert [crystal.atomic_numbers.tolist() for crystal in crystals] == [[11, 17]] * 3


def test_a_trajectory_may_be_larger_than_a_crystal(tmp_path):
    text = HEAD.format(a=4) + "".join(frame(i, 0) for i in range(400))
    (tmp_path / "XDATCAR").write_text(text)
    (tmp_path / "XDATCAR.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("XDATCAR", "XDATCAR.gz"):
        assert len(read_many(tmp_path / name, max_bytes=len(text) // 20)) == 400
        with pytest.raises(CrystalError, match="more than max_bytes"):
            read_many(tmp_path / name, max_bytes=len(text) // 60)


def test_frames_go_one_by_one_into_a_table(tmp_path):
    (tmp_path / "XDATCAR").write_text(FIXED)
    done = convert(tmp_path / "XDATCAR", tmp_path / "out.xyz")
    assert (done.n_crystals, done.failures, done.notes) == (3, {}, [])
    back = read_many(tmp_path / "out.xyz")
    assert np.allclose([crystal.frac_coords[0, 0] for crystal in back], [0, 0.1, 0.2])
