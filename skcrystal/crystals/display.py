"""How crystals show themselves in a notebook: tables in HTML, with drawn cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.oxidation import assign_oxidation_states
from skcrystal.crystals.bonding import find_bonding
from skcrystal.crystals.bonds import BondTable, weigh_bonds
from skcrystal.crystals.neighbors import find_neighbors
from skcrystal.crystals.split_sites import drop_excluded, find_exclusions
from skcrystal.drawing.html import Markup, tag
from skcrystal.drawing.scenes import scenes_of
from skcrystal.drawing.svg import image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skcrystal.crystals.arrays import CrystalArrays

__all__ = ["crystal_html", "crystals_html"]

SHOWN_CRYSTALS = 10
SHOWN_SITES = 30
# A notebook does not wait for the symmetry of a protein, nor carry all of its atoms.
SEARCHED_SITES = 2_000
DRAWN_SITES = 200
# In pixels: one crystal, and each of several.
LARGE, SMALL = 220, 72
# In angstrom; farther sites are never bonded.
CUTOFF = 8.0


# Crystals come as Any: their classes use this file, and not the other way round.


def group_of(crystal: Any) -> str:
    if crystal.n_sites > SEARCHED_SITES:
        return ""
    group = crystal.space_group()
    return f"{group.symbol} ({group.number})"


def html_table(caption: str, header: Sequence[str], rows: Sequence[Sequence[Any]], more: int = 0) -> Markup:
    """Return a table; what its cells hold is escaped, where it is no `Markup`."""
    return tag(
        "table",
        tag("caption", caption, style="text-align: left"),
        tag("thead", tag("tr", [tag("th", name) for name in header])),
        tag(
            "tbody",
            [tag("tr", [tag("td", cell) for cell in row]) for row in rows],
            tag("tr", tag("td", f"and {more:,} more", colspan=len(header))) if more else None,
        ),
    )


def crystal_html(crystal: Any, arrays: CrystalArrays) -> str:
    """Return a crystal's heading, its cell, and its first sites as a table, as HTML.

    Parameters
    ----------
    crystal : Crystal
    arrays : CrystalArrays
        Of this crystal alone.
    """
    cell = crystal.lattice_parameters
    group = group_of(crystal)
    caption = (
        f"{crystal.formula}{', ' + group if group else ''}; "
        f"a {cell.a:.4f}, b {cell.b:.4f}, c {cell.c:.4f} Å, "
        f"α {cell.alpha:.2f}, β {cell.beta:.2f}, γ {cell.gamma:.2f}°; "
        f"{crystal.volume:.1f} Å³, {crystal.density:.2f} g/cm³"
    )
    rows = [
        [str(k), species, *(f"{x:.5f}" for x in coords)]
        for k, (species, coords) in enumerate(
            zip(crystal.species[:SHOWN_SITES], crystal.frac_coords[:SHOWN_SITES].tolist(), strict=True)
        )
    ]
    more = max(0, crystal.n_sites - SHOWN_SITES)
    table = html_table(caption, ["site", "species", "x", "y", "z"], rows, more)
    if crystal.n_sites > DRAWN_SITES:
        return table
    scene = scenes_of(arrays, bonds_of(arrays))[0]
    drawing = image(scene, f"cell of {crystal.formula}", LARGE)
    # Side by side, and one below the other where the page is narrow.
    style = "display: flex; flex-wrap: wrap; gap: 1.5em; align-items: center"
    return tag("div", table, drawing, style=style)


def bonds_of(arrays: CrystalArrays) -> BondTable:
    """Return the bonds of one crystal, as ``Crystals.bonds`` finds those of a batch."""
    near = find_neighbors(*arrays[:3], np.full(1, CUTOFF))
    amounts = np.bincount(arrays.atomic_numbers, weights=arrays.occupancies, minlength=119)
    bonding = find_bonding(arrays, assign_oxidation_states(amounts[None].astype(np.float64, copy=False)))
    return weigh_bonds(drop_excluded(near, find_exclusions(arrays)), bonding, CUTOFF)


def crystals_html(crystals: Any) -> str:
    """Return the first crystals of a batch as a table of HTML, each with its cell."""
    n = len(crystals)
    shown = crystals[:SHOWN_CRYSTALS]
    drawings = drawn_cells(shown, SMALL)
    rows = [
        [str(k), drawing, crystal.formula, f"{crystal.n_sites:,}", group_of(crystal), crystal.source]
        for k, (crystal, drawing) in enumerate(zip(shown, drawings, strict=True))
    ]
    caption = f"{n:,} crystal{'' if n == 1 else 's'}, {crystals.n_sites:,} sites"
    header = ["", "cell", "formula", "sites", "space group", "source"]
    return html_table(caption, header, rows, max(0, n - SHOWN_CRYSTALS))


def drawn_cells(crystals: Any, width: int) -> list[Markup | None]:
    """Return the drawing of each crystal; None of one with too many sites for a small one."""
    few = crystals.site_counts <= DRAWN_SITES
    found: list[Markup | None] = [None] * len(crystals)
    if few.any():
        drawn = crystals[few]
        for k, scene in zip(np.flatnonzero(few).tolist(), scenes_of(drawn, drawn.bonds()), strict=True):
            found[k] = image(scene, f"cell of {crystals[k].formula}", width)
    return found
