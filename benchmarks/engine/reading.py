"""CIF text into arrays, beside gemmi: in P 1 as a database serves it, and with symmetry by three writers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.clock import take_turns
from engine.layouts import written
from engine.table import Check
from skcrystal.formats import read_cif

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.rows import Row

__all__ = ["against_gemmi"]

LIMITS = {"P 1": 0.10}
LIMIT_WITH_SYMMETRY = 0.6


def against_gemmi(rows: list[Row], rounds: int) -> list[Check]:
    """Milliseconds per file in each layout, limits in absolute terms; gemmi's stand beside them."""
    layouts = {"P 1": [row.cif for row in rows], **written(row.cif for row in rows)}
    contestants: dict[str, Callable[[], object]] = {}
    for name, texts in layouts.items():
        contestants[name] = lambda texts=texts: [read_cif(text) for text in texts]  # type: ignore[misc]
        contestants[f"gemmi {name}"] = lambda texts=texts: [_gemmi(text) for text in texts]  # type: ignore[misc]
        read_cif(texts[0])
    turns = take_turns(contestants, rounds)
    checks = []
    for name, texts in layouts.items():
        own, other = (1e3 * turns.seconds(key) / len(texts) for key in (name, f"gemmi {name}"))
        ratio = turns.ratio(name, f"gemmi {name}")
        what = "CIF in P 1" if name == "P 1" else f"CIF with symmetry, layout of {name}"
        note = f"{ratio:.2f} times gemmi's {other:.3f} ms, which compares nothing"
        limit = LIMITS.get(name, LIMIT_WITH_SYMMETRY)
        checks.append(Check(f"{what}: time per file", own, "ms", at_most=limit, note=note))
    return checks


def _gemmi(text: str) -> tuple[object, object, object]:
    """Read text with gemmi, all sites of the cell as arrays."""
    from gemmi import cif, make_small_structure_from_block

    structure = make_small_structure_from_block(cif.read_string(text).sole_block())
    sites = structure.get_all_unit_cell_sites()
    lattice = np.array(structure.cell.orth.mat.tolist()).T
    coords = np.array([site.fract.tolist() for site in sites])
    return lattice, coords, np.array([site.element.atomic_number for site in sites])
