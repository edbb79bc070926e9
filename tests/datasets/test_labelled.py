"""Crystals with labels out of files: names of programs, compression, labels that do not fit each other."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.io import write

from skcrystal import CrystalError
from skcrystal.datasets import read_labelled
from skcrystal.formats import ReadWarning


def run(n=8, seed=0):
    """A few steps of copper, each with what the effective medium theory says."""
    rng = np.random.default_rng(seed)
    atoms = bulk("Cu", cubic=True)
    frames = []
    for _ in range(n):
        atoms.positions += rng.normal(scale=0.02, size=atoms.positions.shape)
        frame = atoms.copy()
        frame.calc = EMT()
        held = {
            "energy": frame.get_potential_energy(),
            "forces": frame.get_forces(),
            "stress": frame.get_stress(),
        }
        frame.calc = SinglePointCalculator(frame, **held)
        frame.info["config_type"] = "rattled"
        frames.append(frame)
    return frames


def renamed(frames, names):
    """The same frames with what was computed under other names, and stress as a virial."""
    for atoms in frames:
        results, atoms.calc = atoms.calc.results, None
        atoms.info[names[0]] = results["energy"]
        atoms.arrays[names[1]] = results["forces"]
        xx, yy, zz, yz, xz, xy = -results["stress"] * atoms.get_volume()
        atoms.info[names[2]] = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    return frames


def assert_same(found, frames):
    np.testing.assert_allclose(found.labels.energies, [a.get_potential_energy() for a in frames], atol=1e-6)
    np.testing.assert_allclose(
        found.labels.forces, np.concatenate([a.get_forces() for a in frames]), atol=1e-6
    )
    np.testing.assert_allclose(found.labels.stresses, [a.get_stress(voigt=False) for a in frames], atol=1e-6)
    np.testing.assert_allclose(found.crystals.lattices, [a.cell.array for a in frames], atol=1e-6)


@pytest.mark.parametrize("name", ["run.extxyz", "run.traj", "run.db"])
def test_what_ase_writes_is_read(tmp_path, name):
    frames, path = run(), tmp_path / name
    if name.endswith(".db"):
        with connect(path) as database:
            for atoms in frames:
                database.write(atoms, config_type=atoms.info["config_type"])
    else:
        write(path, frames)
    found = read_labelled(path)
    assert_same(found, frames)
    assert set(found.labels.groups) == {"rattled"}


@pytest.mark.parametrize(
    "names",
    [("dft_energy", "dft_force", "dft_virial"), ("REF_energy", "REF_forces", "REF_virials")],
    ids=["GAP", "MACE"],
)
def test_names_of_other_programs_are_known(tmp_path, names):
    write(tmp_path / "run.xyz", renamed(run(), names), format="extxyz")
    assert_same(read_labelled(tmp_path / "run.xyz"), run())


@pytest.mark.parametrize(("ending", "module"), [(".gz", gzip), (".bz2", bz2), (".xz", lzma)])
def test_compressed_files_are_the_same(tmp_path, ending, module):
    frames = run()
    write(tmp_path / "plain.extxyz", frames)
    path = tmp_path / f"run.extxyz{ending}"
    path.write_bytes(module.compress((tmp_path / "plain.extxyz").read_bytes()))
    assert_same(read_labelled(path), frames)


def test_a_file_that_is_not_compressed_for_all_its_ending_is_named(tmp_path):
    path = tmp_path / "run.extxyz.gz"
    path.write_text("no gzip")
    with pytest.raises(CrystalError, match=r"run\.extxyz\.gz.* cannot be read"):
        read_labelled(path)


@pytest.mark.parametrize(
    ("kind", "factor", "message"),
    [
        # 1 hartree/bohr is 51.4 eV/angstrom
        ("forces", 1 / 51.422, r"51\.\d times what the forces say"),
        ("forces", -1.0, r"-(1\.0\d*|0\.9\d*|1) times what the forces say"),
    ],
)
def test_forces_in_other_units_are_told(tmp_path, kind, factor, message):
    frames = run(12)
    for atoms in frames:
        atoms.calc.results[kind] = factor * atoms.calc.results[kind]
    write(tmp_path / "run.extxyz", frames)
    with pytest.warns(ReadWarning, match=message):
        read_labelled(tmp_path / "run.extxyz")


@pytest.mark.parametrize(("factor", "told"), [(-1.0, "-"), (1602.18, "0.00062")])
def test_stress_of_another_sign_or_unit_is_told(tmp_path, factor, told):
    frames = []
    for k in range(12):
        atoms = bulk("Cu", a=3.5 + 0.01 * k)
        atoms.calc = EMT()
        stress = factor * atoms.get_stress()
        energy = atoms.get_potential_energy()
        atoms.calc = SinglePointCalculator(atoms, energy=energy, stress=stress)
        frames.append(atoms)
    write(tmp_path / "run.extxyz", frames)
    with pytest.warns(ReadWarning, match=f"{told}.* times what the stresses say"):
        read_labelled(tmp_path / "run.extxyz")


def test_labels_that_fit_are_not_remarked_on(tmp_path):
    write(tmp_path / "run.extxyz", run(12))
    with warnings.catch_warnings():
        # A remark is one of these; what libraries warn of each other is none.
        warnings.simplefilter("error", ReadWarning)
        read_labelled(tmp_path / "run.extxyz")


def test_files_without_labels_or_crystals_are_told(tmp_path):
    frames = [bulk("Cu"), bulk("Cu", a=3.7)]
    write(tmp_path / "bare.extxyz", frames)
    with pytest.warns(ReadWarning, match="no energies, forces or stresses were found"):
        read_labelled(tmp_path / "bare.extxyz")
    with pytest.raises(CrystalError, match="there is no file"):
        read_labelled(tmp_path / "absent.extxyz")
    frames[0].pbc = False
    write(tmp_path / "molecule.extxyz", frames)
    with pytest.raises(CrystalError, match="frame 0"):
        read_labelled(tmp_path / "molecule.extxyz")


def vasp_table(name, rows):
    lines = "".join(f"<v>{' '.join(f'{value:.8f}' for value in row)}</v>" for row in rows)
    return f'<varray name="{name}">{lines}</varray>'


def vasp_structure(positions, name=""):
    basis = vasp_table("basis", 3.6 * np.eye(3))
    return f"<structure{name}><crystal>{basis}</crystal>{vasp_table('positions', positions)}</structure>"


def vasp_step(positions, forces, energy):
    energies = "".join(
        f'<i name="{name}">{energy}</i>' for name in ("e_fr_energy", "e_wo_entrp", "e_0_energy")
    )
    return (
        f"<calculation><scstep><energy>{energies}</energy></scstep>{vasp_structure(positions)}"
        f"{vasp_table('forces', forces)}{vasp_table('stress', 10 * np.eye(3))}"
        f"<energy>{energies}</energy></calculation>"
    )


def test_each_step_of_a_vasprun_is_a_crystal(tmp_path):
    """Forces in eV/angstrom; VASP's 10 kbar of pressure are -1 GPa of stress."""
    start = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    moved = start.copy()
    moved[0, 0] = 0.01
    forces = np.array([[0.1, 0, 0], [-0.1, 0, 0], [0, 0, 0], [0, 0, 0]])
    atoms = "<rc><c>Cu</c><c>1</c></rc>" * 4
    first = vasp_structure(start, ' name="initialpos"')
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><modeling><incar></incar>'
        '<kpoints><generation param="Gamma"></generation>'
        '<varray name="kpointlist"><v>0 0 0</v></varray><varray name="weights"><v>1.0</v></varray></kpoints>'
        '<parameters><separator name="electronic"></separator></parameters>'
        f'<atominfo><atoms>4</atoms><types>1</types><array name="atoms"><set>{atoms}</set></array></atominfo>'
        f"{first}"
        f"{vasp_step(start, forces, -14.9)}{vasp_step(moved, forces, -14.895)}</modeling>"
    )
    (tmp_path / "vasprun.xml").write_text(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReadWarning)  # the forces are made up, and said not to fit
        crystals, labels = read_labelled(tmp_path / "vasprun.xml")
    np.testing.assert_allclose(crystals.frac_coords.reshape(2, 4, 3), [start, moved])
    np.testing.assert_allclose(labels.energies, [-14.9, -14.895])
    np.testing.assert_allclose(labels.forces, [*forces, *forces])
    np.testing.assert_allclose(labels.stresses[0], -0.00624151 * np.eye(3), rtol=1e-5, atol=1e-12)
