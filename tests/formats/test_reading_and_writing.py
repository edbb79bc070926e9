"""Files, archives, folders, URLs and tables; and the way back."""

from __future__ import annotations

import bz2
import gzip
import http.server
import io
import json
import lzma
import tarfile
import threading
import time
import zipfile

import numpy as np
import pytest

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats import (
    ReadWarning,
    cif_text,
    iter_crystals,
    read,
    read_cif,
    read_many,
    read_path,
    read_poscar,
    write,
)
from tests.formats.texts import PEROVSKITE_POSCAR, QUARTZ, ROCK_SALT, SILICON_POSCAR, cif

DISORDERED = read_cif(
    cif(
        "4.1 5.2 6.3 80 95 101",
        columns="type_symbol label fract_x fract_y fract_z occupancy",
        atoms="Fe3+ Fe1 0.1 0.2 0.3 0.25\nAl3+ Al1 0.1 0.2 0.3 0.5\nO2- O1 1.5 -.5 .5 1\nU U1 0 0 0 0.5",
    )
)
SITES = ("frac_coords", "species_offsets", "atomic_numbers", "occupancies", "oxidation_states")


def assert_close(one, other, lattice=True):
    for name in SITES:
        assert np.allclose(getattr(one, name), getattr(other, name), atol=1e-9, equal_nan=True), name
    # A CIF keeps the metric of a lattice, not its orientation.
    assert np.allclose(one.lattice @ one.lattice.T, other.lattice @ other.lattice.T)
    if lattice:
        assert np.allclose(one.lattice, other.lattice)


@pytest.mark.parametrize("name", ["x.cif", "x.cif.gz", "x.json"])
def test_disordered_crystal_survives_writing_and_reading(tmp_path, name):
    write(DISORDERED, tmp_path / name)
    assert_close(read(tmp_path / name), DISORDERED)
    assert_close(read_path(tmp_path / name), DISORDERED)


@pytest.mark.parametrize(
    "name", ["x.vasp", "POSCAR", "x.xyz", "x.extxyz.gz", "x.traj", "x.db", "x.csv", "x.tsv.gz", "x.jsonl"]
)
def test_ordered_crystal_survives_writing_and_reading(tmp_path, name):
    if name.endswith((".traj", ".db")):
        pytest.importorskip("ase")
    crystal = read_poscar(PEROVSKITE_POSCAR)
    write(crystal, tmp_path / name)
    assert_close(read(tmp_path / name), crystal)


def test_parquet_survives_writing_and_reading(tmp_path):
    pytest.importorskip("pyarrow")
    write([DISORDERED, DISORDERED], tmp_path / "x.parquet")
    for crystal in read_many(tmp_path / "x.parquet"):
        assert_close(crystal, DISORDERED)


@pytest.mark.parametrize("name", ["x.cif", "x.xyz", "x.json", "x.csv", "x.jsonl", "x.traj"])
def test_many_crystals_in_one_file(tmp_path, name):
    if name.endswith(".traj"):
        pytest.importorskip("ase")
    crystals = [read_poscar(PEROVSKITE_POSCAR), read_poscar(SILICON_POSCAR), read_poscar(SILICON_POSCAR)]
    write(crystals, tmp_path / name)
    found = read_many(tmp_path / name)
    for one, other in zip(found, crystals, strict=True):
        assert_close(one, other)
    assert len({crystal.source for crystal in found}) == 3
    with pytest.warns(ReadWarning, match="several crystals, the first was read"):
        assert_close(read(tmp_path / name), crystals[0])


@pytest.mark.parametrize("text", [ROCK_SALT, QUARTZ], ids=["NaCl", "SiO2"])
def test_symmetrized_cif_is_short_and_the_same_crystal(text):
    crystal = read_cif(text)
    written = cif_text(crystal, symmetrized=True)
    assert len(written.partition("_atom_site_occupancy\n")[2].splitlines()) == 2
    again = read_cif(written)
    assert len(again.frac_coords) == len(crystal.frac_coords)
    assert np.bincount(again.atomic_numbers).tolist() == np.bincount(crystal.atomic_numbers).tolist()
    volumes = [abs(np.linalg.det(one.lattice)) for one in (again, crystal)]
    assert volumes[0] == pytest.approx(volumes[1], rel=1e-6)


def test_a_symmetrized_cif_at_any_tolerance_comes_to_an_end():
    # Three sites, half an angstrom: a search at that tolerance takes minutes, so it is lowered.
    text = cif("3 3.1 3.3 91 95 100", atoms="Po Po1 0 0 0\nPo Po2 .31 .42 .53\nAt At1 .7 .6 .2")
    crystal = read_cif(text)
    start = time.process_time()
    for symprec in (0.5, 10.0):
        assert "_atom_site_fract_x" in cif_text(crystal, symmetrized=True, symprec=symprec)
    assert time.process_time() - start < 10


def test_symmetrized_cif_names_the_group_and_keeps_disorder():
    written = cif_text(DISORDERED, symmetrized=True)
    assert "_symmetry_space_group_name_H-M 'P 1'" in written
    assert "'F m -3 m'" in cif_text(read_cif(ROCK_SALT), symmetrized=True)
    assert sorted(read_cif(written).occupancies.tolist()) == [0.25, 0.5, 0.5, 1.0]


def test_pymatgen_reads_our_dict_and_we_read_its(tmp_path):
    from pymatgen.core import Structure

    write(DISORDERED, tmp_path / "x.json")
    structure = Structure.from_file(tmp_path / "x.json")
    assert structure.composition.as_dict() == {"Fe3+": 0.25, "Al3+": 0.5, "O2-": 1.0, "U": 0.5}
    (tmp_path / "y.json").write_text(json.dumps(structure.as_dict()))
    assert read(tmp_path / "y.json").oxidation_states[:2].tolist() in ([3, 3], [3.0, 3.0])


def test_pymatgen_reads_our_cif(tmp_path):
    from pymatgen.core import Structure

    write(read_cif(QUARTZ), tmp_path / "x.cif", symmetrized=True)
    with pytest.warns(UserWarning, match="rounded to ideal values"):
        assert Structure.from_file(tmp_path / "x.cif").composition.formula == "Si3 O6"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_files(tmp_path, pack):
    suffix = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}[pack]
    path = tmp_path / f"NaCl.cif.{suffix}"
    path.write_bytes(pack(ROCK_SALT.encode()))
    assert len(read(path).frac_coords) == 8
    assert len(read_path(path).frac_coords) == 8
    bomb = tmp_path / f"bomb.cif.{suffix}"
    bomb.write_bytes(pack(b"\n" * 10_000_000))
    with pytest.raises(CrystalError, match="more than max_bytes=1,000,000"):
        read(bomb, max_bytes=1_000_000)
    path.write_bytes(pack(ROCK_SALT.encode())[:-9] if suffix != "bz2" else b"BZh9")
    with pytest.raises(CrystalError, match="cannot be unpacked"):
        read(path)


def archive(kind, files):
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
            for name, text in files.items():
                out.writestr(name, text)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as out:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                out.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_archives(tmp_path, kind):
    path = tmp_path / f"all.{kind}"
    path.write_bytes(
        archive(kind, {"a/NaCl.cif": ROCK_SALT, "b/POSCAR": SILICON_POSCAR, "readme.txt": "hello"})
    )
    assert [len(crystal.frac_coords) for crystal in read_many(path)] == [8, 8]
    path.write_bytes(archive(kind, {"bomb.cif": " " * 10_000_000}))
    with pytest.raises(CrystalError, match="more than max_bytes"):
        read_many(path, max_bytes=1_000_000)
    path.write_bytes(archive(kind, {"NaCl.cif": ROCK_SALT, "run/OUTCAR": "x" * 9000}))
    assert len(read_many(path, max_bytes=5000)) == 1
    padded = {f"{i}.cif": ROCK_SALT + " " * 4000 for i in range(60)}
    path.write_bytes(archive(kind, padded))
    with pytest.raises(CrystalError, match="more than max_bytes=250,000"):
        read_many(path, max_bytes=5000)
    path.write_bytes(b"no archive at all")
    with pytest.raises(CrystalError, match="cannot be unpacked"):
        read_many(path)
    path.write_bytes(archive(kind, {"readme.txt": "hello"}))
    with pytest.raises(CrystalError, match="holds no crystal"):
        read_many(path)


def test_an_encrypted_archive_gets_one_sentence(tmp_path):
    content = bytearray(archive("zip", {"NaCl.cif": ROCK_SALT}))
    content[6] |= 1  # the flag of encryption, in the header of the file and in the directory
    content[content.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(CrystalError, match="is encrypted; unpack it"):
        read_many(tmp_path / "x.zip")


def test_folders_and_patterns(tmp_path):
    for name in ("run1", "run2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "CONTCAR").write_text(SILICON_POSCAR)
        (tmp_path / name / "OUTCAR").write_text("much output")
    assert [crystal.source for crystal in read_many(tmp_path)] == [
        str(tmp_path / name / "CONTCAR") for name in ("run1", "run2")
    ]
    assert len(read_many(tmp_path / "run*" / "CONTCAR")) == 2
    with pytest.raises(CrystalError, match="no file matches"):
        read_many(tmp_path / "*.cif")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CrystalError, match="holds no file of a known format"):
        read_many(tmp_path / "empty")


@pytest.mark.parametrize(("name", "what"), [("x.traj", "trajectory"), ("x.db", "database")])
def test_a_damaged_file_of_ase_gets_one_sentence(tmp_path, name, what):
    pytest.importorskip("ase")
    (tmp_path / name).write_bytes(b"garbage" * 1000)
    with pytest.raises(CrystalError, match=f"is no {what} that ASE can read") as error:
        read(tmp_path / name)
    assert "\n" not in str(error.value)


def test_crystals_come_one_by_one(tmp_path):
    (tmp_path / "a.cif").write_text(ROCK_SALT)
    (tmp_path / "b.cif").write_text("broken")
    found = iter_crystals(tmp_path)
    assert len(next(found).frac_coords) == 8
    with pytest.raises(CrystalError, match=r"b\.cif"):
        next(found)


def test_table_columns(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(f'material_id,my text\nmp-1,"{ROCK_SALT}"\n')
    (crystal,) = read_many(path, structure_column="my text")
    assert crystal.source.endswith("table.csv, row mp-1")
    with pytest.raises(CrystalError, match=r"no column 'structure' or .* \(it has: material_id, my text\)"):
        read_many(path)
    path.write_text(",".join(["structure"] * 20_000) + "\n1")
    with pytest.raises(CrystalError, match="more than 10,000 columns"):
        read_many(path)
    path.write_text("id,structure\n7,\n")
    with pytest.raises(CrystalError, match="row 7: the text is empty"):
        read_many(path)
    for name in ("x.parquet", "x.jsonl"):
        (tmp_path / name).write_text("no table")
        with pytest.raises(CrystalError, match=f"is no {name[2:]} table"):
            read_many(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2\ncomment\nH 0 0 0\nH 0 0 1", "it is a molecule or no extended XYZ"),
        ('2\nLattice="1 0 0 0 1 0 0 0 1"\nH 0 0 0', "does not hold its 2 atoms"),
        ('1\nLattice="1 0 0 0 1 0 0 0 0"\nH 0 0 0', "span no volume"),
        ('1\nLattice="1 0 0 0 1 0 0 0 1"\nH 0 0', "line 3 of the XYZ text, 'H 0 0'"),
        ('1\nLattice="1 0 0 0 1 0 0 0 1"\nQq 0 0 0', "must hold an element"),
        (
            '1\nLattice="1 0 0 0 1 0 0 0 1"\nH 0 0 0\nmore',
            "line 4 of the XYZ text must be the number of atoms",
        ),
        (
            '1\nLattice="2 0 0 0 2 0 0 0 2" Properties=species:S:1:pos:R:2\nPo 1 1\n',
            "line 2 of the XYZ text: Properties has pos in 2 columns, not 3",
        ),
    ],
)
def test_broken_xyz_ends_in_one_sentence(tmp_path, text, sentence):
    (tmp_path / "x.xyz").write_text(text)
    with pytest.raises(CrystalError, match=sentence):
        read_many(tmp_path / "x.xyz")


def test_xyz_columns_follow_the_properties(tmp_path):
    (tmp_path / "x.xyz").write_text(
        "1\nProperties=id:I:1:force:R:3:species:S:1:pos:R:3 Lattice='2 0 0 0 2 0 0 0 2'\n7 9 9 9 Po 1 1 1\n"
    )
    assert read(tmp_path / "x.xyz").frac_coords.tolist() == [[0.5, 0.5, 0.5]]


ONE_SITE = (
    '{"lattice": {"matrix": [[%s, 0, 0], [0, 2, 0], [0, 0, 2]]}, '
    '"sites": [{"species": [{"element": "H", "occu": %s}], "abc": [0, 0, 0]}]}'
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no JSON"),
        ("[1]", "type int is no crystal"),
        ('{"lattice": {}, "sites": []}', "has no 'matrix'"),
        ('{"lattice": {"matrix": [1]}, "sites": []}', r"have the shape \(1,\), not \(3, 3\)"),
        ("[" * 100_000, "is no JSON"),
        (ONE_SITE % ("1e999", 1), "NaN or infinite"),
        (ONE_SITE % (2, 1.5), r"occupancy 1.5 is not in \(0, 1\]"),
    ],
)
def test_broken_json_ends_in_one_sentence(tmp_path, text, sentence):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(CrystalError, match=sentence):
        read(tmp_path / "x.json")


def test_what_a_format_cannot_hold_is_refused(tmp_path):
    crystal = read_poscar(SILICON_POSCAR)
    for name, crystals, sentence in [
        ("POSCAR", [crystal, crystal], "holds one crystal, not 2"),
        ("POSCAR", DISORDERED, "is disordered, which POSCAR cannot express"),
        ("x.xyz", DISORDERED, "is disordered, which extended XYZ cannot express"),
        ("x.pdf", crystal, "does not say which format"),
        ("XDATCAR", crystal, "does not say which format"),
        ("x.cif", [], "no crystal to write"),
    ]:
        with pytest.raises(CrystalError, match=sentence):
            write(crystals, tmp_path / name)
        assert not (tmp_path / name).exists()


def test_addresses_are_read_by_read_only():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/NaCl.cif"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(ROCK_SALT.encode() if found else b"")

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            base = f"http://127.0.0.1:{server.server_port}"
            assert len(read(f"{base}/NaCl.cif").frac_coords) == 8
            with pytest.raises(CrystalError, match="answers 404"):
                read(f"{base}/none.cif")
            with pytest.raises(CrystalError, match="more than max_bytes=10"):
                read(f"{base}/NaCl.cif", max_bytes=10)
            with pytest.raises(CrystalError, match="is an address, not a file"):
                read_path(f"{base}/NaCl.cif")
        finally:
            server.shutdown()
            thread.join()
    with pytest.raises(CrystalError, match="cannot be reached"):
        read(f"{base}/NaCl.cif")


def test_one_data_block_is_read(tmp_path):
    text = cif() + cif(atoms="Fe Fe1 0 0 0").replace("test", "iron") + "data_text\n_note nothing\n"
    (tmp_path / "two.cif").write_text(text)
    for block in ("iron", "IRON", "data_iron", 1, -1):
        for crystal in (
            read(tmp_path / "two.cif", block=block),
            read_cif(text, block=block, source=str(tmp_path / "two.cif")),
            *read_many(tmp_path, block=block),
        ):
            assert crystal.atomic_numbers.tolist() == [26]
            assert crystal.source.endswith("two.cif, data_iron")
    for block in ("text", 2, -3):
        with pytest.raises(CrystalError, match=r"no data block .* that holds a crystal; it has test, iron"):
            read(tmp_path / "two.cif", block=block)
    (tmp_path / "POSCAR").write_text(SILICON_POSCAR)
    with pytest.raises(CrystalError, match="this is no CIF"):
        read(tmp_path / "POSCAR", block=0)


def test_tabulators_part_the_columns_of_tsv(tmp_path):
    write(read_cif(ROCK_SALT), tmp_path / "x.tsv", targets={"gap": [8.5]})
    assert (tmp_path / "x.tsv").read_text().startswith("id\tformula\tstructure\tgap\n")


def test_tables_hold_targets(tmp_path):
    crystals = [read_poscar(SILICON_POSCAR), read_cif(ROCK_SALT)]
    write(crystals, tmp_path / "set.csv", targets={"gap": [1.1, 8.5], "id": ["no", "no"]})
    lines = (tmp_path / "set.csv").read_text().splitlines()
    assert lines[0] == "id,formula,structure,gap"
    assert lines[-1].endswith('",8.5')
    assert len(read_many(tmp_path / "set.csv")) == 2
    with pytest.raises(CrystalError, match="target 'gap' has 1 values for 2 crystals"):
        write(crystals, tmp_path / "set.csv", targets={"gap": [1.1]})
    with pytest.raises(CrystalError, match="only tables"):
        write(crystals, tmp_path / "set.cif", targets={"gap": [1.1, 8.5]})
