"""The crystals that every contestant gets, as CIF text."""

from __future__ import annotations

import csv
import gzip
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Row", "all_rows", "cif_of", "cif_text", "has_sample", "pick", "supercell"]

SAMPLE = "mp_sample.csv.gz"


class Row(NamedTuple):
    """A crystal as a user has it: a name, the text of its CIF, and how many sites it holds."""

    name: str
    cif: str
    n_sites: int


def _folder() -> Path:
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    return Path(os.environ.get("SKCRYSTAL_SHARED", beside))


def _sample() -> Path | None:
    # The variable may name the shared folder or the data folder in it.
    for path in (_folder() / "data" / SAMPLE, _folder() / SAMPLE):
        if path.is_file():
            return path
    return None


def has_sample() -> bool:
    """Tell whether the Materials Project rows are there."""
    return _sample() is not None


def all_rows() -> Iterator[Row]:
    """Yield the Materials Project sample row by row, or the built-in crystals where it is absent."""
    path = _sample()
    if path is None:
        from skcrystal.datasets import load_experimental

        crystals = load_experimental().data
        for index, crystal in enumerate(crystals):
            yield Row(f"experimental-{index}", cif_of(crystal), len(crystal.frac_coords))
        return
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Row(row["material_id"], row["cif"], int(row["nsites"]))


def pick(rows: list[Row], n: int, seed: int) -> list[Row]:
    """Return n random rows; with fewer at hand, all of them, repeated as often as it takes."""
    drawn = random.Random(seed).sample(rows, min(n, len(rows)))
    return [drawn[i % len(drawn)] for i in range(n)]


def cif_of(crystal: Any) -> str:
    """Write an ordered crystal as the plain CIF that a database serves."""
    return cif_text(crystal.lattice, crystal.frac_coords, crystal.atomic_numbers)


def cif_text(lattice: Any, frac_coords: Any, atomic_numbers: Any) -> str:
    """Write one ordered crystal in P 1, its coordinates with eight decimals."""
    from gemmi import Element

    vectors = np.asarray(lattice, dtype=float)
    lengths = np.linalg.norm(vectors, axis=1)
    cosines = [vectors[i] @ vectors[j] / (lengths[i] * lengths[j]) for i, j in ((1, 2), (0, 2), (0, 1))]
    values = [*lengths, *np.degrees(np.arccos(cosines))]
    tags = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    head = [f"_cell_{tag}   {value:.8f}" for tag, value in zip(tags, values, strict=True)]
    fields = ("type_symbol", "label", "fract_x", "fract_y", "fract_z", "occupancy")
    sites = []
    for k, (number, (x, y, z)) in enumerate(zip(atomic_numbers, frac_coords, strict=True)):
        symbol = Element(int(number)).name
        sites.append(f"  {symbol}  {symbol}{k}  {x:.8f}  {y:.8f}  {z:.8f}  1")
    return "\n".join(
        [
            "data_crystal",
            "_symmetry_space_group_name_H-M   'P 1'",
            *head,
            "loop_",
            " _symmetry_equiv_pos_as_xyz",
            "  'x, y, z'",
            "loop_",
            *(f" _atom_site_{field}" for field in fields),
            *sites,
            "",
        ]
    )


def supercell(cif: str, repeats: tuple[int, int, int], displacement: float, seed: int) -> str:
    """Repeat a crystal, and move each site at random by some `displacement` angstrom along each axis."""
    import gemmi

    structure = gemmi.make_small_structure_from_block(gemmi.cif.read_string(cif).sole_block())
    # gemmi keeps the vectors as columns.
    lattice = np.array(structure.cell.orth.mat.tolist()).T * np.array(repeats)[:, None]
    cells = np.stack(np.meshgrid(*map(np.arange, repeats), indexing="ij"), axis=-1).reshape(-1, 1, 3)
    coords = np.array([site.fract.tolist() for site in structure.sites])
    numbers = [site.element.atomic_number for site in structure.sites]
    frac_coords = ((coords + cells) / repeats).reshape(-1, 3)
    moves = np.random.default_rng(seed).normal(scale=displacement, size=frac_coords.shape)
    return cif_text(lattice, frac_coords + moves @ np.linalg.inv(lattice), numbers * len(cells))
