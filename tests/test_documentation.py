"""Every block of Python in the README and the guide runs as it stands, on fewer crystals.

A block of the README is pasted alone; a page of the guide is read from its top, and its blocks run in one
namespace. Files that a page speaks of as the reader's are written beforehand.
"""

from __future__ import annotations

import gzip
import re
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from skcrystal import datasets
from skcrystal.formats import ReadWarning, cif_text, write
from tests.models.runs import example_run

pytest.importorskip("matplotlib", reason="blocks draw, which needs the extra plots")
pytest.importorskip("xgboost", reason="blocks fit models, which need the extra models")

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
# What a page says that its blocks warn of; no others do.
WARNINGS = {"files": (ReadWarning, "1 left out: cifs.zip/b.cif")}
# Blocks that need what is not installed for the tests.
NEEDS = {"to_pyg": "torch_geometric"}


def blocks_of(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text(encoding="utf-8")) if page.exists() else []


GUIDE = [
    page for page in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in page.parts and blocks_of(page)
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the files that the pages read, and few built-in crystals."""
    import matplotlib as mpl

    mpl.use("Agg")
    X, y = datasets.load_experimental(return_X_y=True)
    few = slice(None, None, 20)
    table = datasets.load_experimental

    def load_few(*, return_X_y=False, as_frame=False):
        return (X[few], y[few]) if return_X_y else table(as_frame=as_frame)

    monkeypatch.setattr(datasets, "load_experimental", load_few)
    monkeypatch.chdir(tmp_path)
    for name in ("candidate.cif", "quartz.cif", "NaCl.cif", "POSCAR"):
        write(X[0], name)
    Path("alloy.cif").write_text(cif_text(X[0]))
    Path("structures").mkdir()
    for index in (0, 1):
        Path(f"structures/{index}.cif.gz").write_bytes(gzip.compress(cif_text(X[index]).encode()))
    with zipfile.ZipFile("cifs.zip", "w") as archive:
        archive.writestr("a.cif", cif_text(X[0]))
        archive.writestr("b.cif", "data_b\n_cell_length_a 3\n")
    gaps = [
        f'"{cif_text(crystal)}",{100 + gap},{60 + gap}' for crystal, gap in zip(X[few], y[few], strict=True)
    ]
    Path("moduli.csv").write_text("\n".join(["cif,bulk_modulus,shear_modulus", *gaps]))
    formulas = [f"YBa{1 + k / 20}Cu{3 + k % 5}O7,{4.0 * (k % 7)}" for k in range(30)]
    Path("superconductors.csv").write_text("\n".join(["formula,critical_temperature", *formulas]))
    example_run(40).save("gaps.run.zip")
    write_labelled_copper()
    return tmp_path


def write_labelled_copper() -> None:
    """Cells of copper with the energies, forces and stresses of ASE's effective-medium theory."""
    ase_io = pytest.importorskip("ase.io", reason="the page of potentials needs the extra ase")
    from ase.build import bulk
    from ase.calculators.emt import EMT

    cells = []
    for seed in range(12):
        atoms = bulk("Cu", cubic=True)
        atoms.set_cell(atoms.cell * (1 + 0.004 * (seed % 5 - 2)), scale_atoms=True)
        atoms.rattle(0.08, seed=seed)
        atoms.calc = EMT()
        atoms.get_stress()
        cells.append(atoms)
    ase_io.write("train.extxyz", cells)
    ase_io.write("candidates.extxyz", cells[:2])


def run(block: str, name: str, names: dict) -> None:
    for word, package in NEEDS.items():
        if word in block:
            pytest.importorskip(package, reason=f"a block of {name} needs {package}")
    exec(compile(block, name, "exec"), names)


@pytest.mark.parametrize("number", range(len(blocks_of(ROOT / "README.md"))))
def test_a_block_of_the_readme_runs_as_pasted(number, here):
    run(blocks_of(ROOT / "README.md")[number], f"README.md, block {number}", {})


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.stem)
def test_the_blocks_of_a_page_run_in_order(page, here):
    names: dict = {}
    kind, words = WARNINGS.get(page.stem, (None, ""))
    with pytest.warns(kind, match=words) if kind else nullcontext():
        for number, block in enumerate(blocks_of(page)):
            run(block, f"{page.name}, block {number}", names)
