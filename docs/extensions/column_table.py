"""The table of all columns, made from the code while the pages are built, with a field to search it.

- ``column-table``: every column of the presets and of every descriptor at its defaults
"""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from descriptor_tables import all_descriptors, family_pages
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from skcrystal import CrystalFeaturizer
from skcrystal.featurizer.presets import PRESETS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from skcrystal.descriptors import Descriptor

MOVES = (
    "origin",
    "rotation",
    "reflection",
    "permutation",
    "supercell",
    "cell_choice",
)

HEAD = ("column", "family", "unit", "meaning", "missing", "invariance", "presets")

# Rows that hold every word of the field stay; the address keeps what was asked for.
SCRIPT = """
const field = document.getElementById("column-search");
const count = document.getElementById("column-count");
const rows = [...document.querySelectorAll(".column-table tbody tr")];
const texts = rows.map((row) => row.textContent.toLowerCase());
function search() {
  const words = field.value.toLowerCase().split(/\\s+/);
  let shown = 0;
  rows.forEach((row, k) => {
    row.hidden = !words.every((word) => texts[k].includes(word));
    shown += !row.hidden;
  });
  count.textContent = shown + " of " + rows.length + " columns";
  history.replaceState(null, "", field.value ? "#" + encodeURIComponent(field.value) : location.pathname);
}
field.value = decodeURIComponent(location.hash.slice(1));
field.addEventListener("input", search);
search();
"""


def invariance_in_words(claims: str) -> str:
    held = set(claims.split(", "))
    lost = [move.replace("_choice", "") for move in MOVES if move not in held]
    moves = f"all moves but {', '.join(lost)}" if lost else "all moves"
    return f"{moves}; {'continuous' if 'continuous' in held else 'jumps'}"


def all_columns() -> list[dict[str, Any]]:
    """Return a record for each column: of the presets, then of the descriptors at their defaults."""
    sources: list[tuple[str, Descriptor]] = [
        (preset, step)
        for preset in dict.fromkeys(("full", *PRESETS))
        for _, step in PRESETS[preset]()
    ]
    sources += [("", descriptor) for descriptor in all_descriptors()]
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for preset, step in sources:
        table = CrystalFeaturizer([("step", step)]).describe_features()
        for row in table.to_dict("records"):
            same = (row["name"], row["unit"], row["missing"], row["meaning"])
            record = found.setdefault(
                same, row | {"family": type(step).__name__, "presets": []}
            )
            if preset and preset not in record["presets"]:
                record["presets"].append(preset)
    return list(found.values())


class ColumnTable(SphinxDirective):
    """Every column: name, family, unit, meaning, what is missing, invariance, presets."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        pages = family_pages(self.env)
        columns = all_columns()
        # Of columns of one name, as of raw and corrected values, each has its own anchor.
        seen: Counter[str] = Counter()
        rows = []
        for column in columns:
            name, family = column["name"], escape(column["family"])
            seen[name] += 1
            anchor = name if seen[name] == 1 else f"{name}-{seen[name]}"
            if column["family"] in pages:
                page = pages[column["family"]][0].removeprefix("guide/")
                family = f'<a href="{page}.html">{family}</a>'
            cells = [
                f"<code>{escape(name)}</code>",
                family,
                *(escape(column[key]) for key in ("unit", "meaning", "missing")),
                invariance_in_words(column["invariances"]),
                ", ".join(column["presets"]),
            ]
            rows.append(
                f'<tr id="column-{escape(anchor)}">'
                + "".join(f"<td>{cell}</td>" for cell in cells)
                + "</tr>"
            )
        html = (
            '<p><label>Find <input type="search" id="column-search" placeholder="bond angstrom">'
            '</label> <output id="column-count"></output></p>\n'
            '<div class="pst-scrollable-table-container">'
            '<table class="table descriptor-table column-table"><thead><tr>'
            + "".join(f"<th>{head}</th>" for head in HEAD)
            + "</tr></thead>\n<tbody>\n"
            + "\n".join(rows)
            + f"\n</tbody></table></div>\n<script>{SCRIPT}</script>"
        )
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("column-table", ColumnTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
