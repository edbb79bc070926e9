"""One process against the notebook's recipe, and against the least that reading and symmetry can cost."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.clock import Turns, take_turns
from engine.table import Check
from skcrystal import CrystalFeaturizer

if TYPE_CHECKING:
    from engine.rows import Row

__all__ = ["against_floor", "against_recipe"]

SYMPREC = 0.01
CUTOFF = 6.0


def against_recipe(rows: list[Row], rounds: int) -> list[Check]:
    """CIF text in, 327 columns out: the preset against pymatgen calls."""
    from notebook_recipe import N_COLUMNS, describe

    cifs = [row.cif for row in rows]
    failures: dict[str, int] = {}

    def recipe() -> None:
        failures.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for cif in cifs:
                try:
                    describe(cif)
                except Exception as error:  # a peer's failure is counted, whatever it is
                    kind = type(error).__name__
                    failures[kind] = failures.get(kind, 0) + 1

    preset = CrystalFeaturizer("notebook", n_jobs=1)
    width = preset.fit_transform(cifs[:50]).shape[1]
    if width != N_COLUMNS:
        raise AssertionError(f"the notebook preset has {width} columns, its recipe {N_COLUMNS}")
    turns = take_turns({"preset": lambda: preset.fit_transform(cifs), "recipe": recipe}, rounds)
    note = (
        f"{number_of_failures(failures)}; {_ms(turns, 'preset', cifs)} against {_ms(turns, 'recipe', cifs)}"
    )
    return [
        Check(
            "notebook preset: times faster than the recipe",
            turns.ratio("recipe", "preset"),
            "x",
            at_least=20,
            note=note,
        )
    ]


def number_of_failures(failures: dict[str, int]) -> str:
    """Say how often the recipe failed."""
    if not failures:
        return "the recipe failed on no row"
    kinds = ", ".join(f"{kind} {count}" for kind, count in failures.items())
    return f"the recipe failed on {sum(failures.values())} rows ({kinds})"


def _ms(turns: Turns, name: str, rows: list[Any]) -> str:
    return f"{1e3 * turns.seconds(name) / len(rows):.2f} ms"


class Floor:
    """The bare library calls; turning one's output into the next one's input is a step of its own."""

    def __init__(self, cifs: list[str]) -> None:
        self.cifs = cifs
        self.read()
        self.convert()

    def read(self) -> None:
        """Read the text, with gemmi."""
        from gemmi import cif, make_small_structure_from_block

        self.structures = [
            make_small_structure_from_block(cif.read_string(text).sole_block()) for text in self.cifs
        ]

    def convert(self) -> None:
        """Turn gemmi's structures into moyopy's cells and vesin's arrays."""
        from moyopy import Cell

        self.cells = []
        self.arrays = []
        for structure in self.structures:
            lattice = np.array(structure.cell.orth.mat.tolist()).T.copy()
            coords = [site.fract.tolist() for site in structure.sites]
            numbers = [site.element.atomic_number for site in structure.sites]
            self.cells.append(Cell(lattice.tolist(), coords, numbers))
            self.arrays.append((np.array(coords) @ lattice, lattice))

    def symmetry(self) -> None:
        """Search the symmetry once per crystal; a failure costs what it costs."""
        from moyopy import MoyoDataset

        for cell in self.cells:
            try:
                MoyoDataset(cell, symprec=SYMPREC)
            except ValueError:
                continue

    def neighbors(self) -> None:
        """List all pairs (both directions) within 6 angstrom and their distances."""
        from vesin import NeighborList

        for points, box in self.arrays:
            NeighborList(cutoff=CUTOFF, full_list=True).compute(points, box, True, "ijd")


def against_floor(rows: list[Row], rounds: int) -> list[Check]:
    """Both presets against gemmi + moyopy, and against these + vesin."""
    cifs = [row.cif for row in rows]
    floor = Floor(cifs)
    presets = {name: CrystalFeaturizer(name, n_jobs=1) for name in ("notebook", "default")}
    for preset in presets.values():
        preset.fit_transform(cifs[:50])
    contestants = {
        "read": floor.read,
        "convert": floor.convert,
        "symmetry": floor.symmetry,
        "notebook": lambda: presets["notebook"].fit_transform(cifs),
        "default": lambda: presets["default"].fit_transform(cifs),
    }
    try:
        import vesin  # noqa: F401  # is it there?
    except ImportError:
        print("vesin is absent (pip install vesin): the default preset is not compared with the floor")
    else:
        contestants["neighbors"] = floor.neighbors
    floor.symmetry()
    turns = take_turns(contestants, rounds)
    parts = ", ".join(f"{name} {_ms(turns, name, cifs)}" for name in contestants if name not in presets)
    checks = [
        Check(
            "notebook preset: over gemmi + moyopy",
            turns.ratio("notebook", "read", "symmetry"),
            "x",
            at_most=1.3,
            note=f"{_ms(turns, 'notebook', cifs)}; {parts} (convert is not in the floor)",
        )
    ]
    if "neighbors" in turns:
        checks.append(
            Check(
                "default preset: over gemmi + moyopy + neighbours of 6 angstrom",
                turns.ratio("default", "read", "symmetry", "neighbors"),
                "x",
                at_most=1.25,
                note=_ms(turns, "default", cifs),
            )
        )
    return checks
