"""How crystals show themselves in a notebook: tables in HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["crystal_html", "crystals_html"]

SHOWN_CRYSTALS = 10
SHOWN_SITES = 30
# A notebook does not wait for the symmetry of a protein.
SEARCHED_SITES = 2_000


# Crystals come as Any: their classes use this file, and not the other way round.


def group_of(crystal: Any) -> str:
    if crystal.n_sites > SEARCHED_SITES:
        return ""
    group = crystal.space_group()
    return f"{group.symbol} ({group.number})"


def html_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], more: int = 0) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    rest = f'<tr><td colspan="{len(header)}">and {more:,} more</td></tr>' if more else ""
    title = f"<caption style='text-align: left'>{escape(caption)}</caption>"
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}{rest}</tbody></table>"


def crystal_html(crystal: Any) -> str:
    """Return a crystal's heading and its first sites as a table of HTML."""
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
    return html_table(caption, ["site", "species", "x", "y", "z"], rows, more)


def crystals_html(crystals: Any) -> str:
    """Return the first crystals of a batch as a table of HTML."""
    n = len(crystals)
    rows = []
    for k in range(min(n, SHOWN_CRYSTALS)):
        crystal = crystals[k]
        group = group_of(crystal)
        rows.append([str(k), crystal.formula, f"{crystal.n_sites:,}", group, crystal.source])
    caption = f"{n:,} crystal{'' if n == 1 else 's'}, {crystals.n_sites:,} sites"
    return html_table(
        caption, ["", "formula", "sites", "space group", "source"], rows, max(0, n - SHOWN_CRYSTALS)
    )
