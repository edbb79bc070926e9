"""The columns of descriptors with their ranges over the built-in crystals, measured as the pages are built.

- ``column-ranges``: every column of each descriptor of its content (one expression per line): unit, meaning,
  and the smallest, middle and greatest value
"""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from skcrystal import CrystalFeaturizer, as_crystals, descriptors
from skcrystal.datasets import load_experimental

if TYPE_CHECKING:
    import pandas as pd
    from sphinx.application import Sphinx

    from skcrystal import Crystals

HEAD = ("column", "unit", "least", "median", "greatest", "meaning")


@cache
def built_in() -> Crystals:
    """Return the built-in crystals: one batch, so that descriptors share its tables."""
    return as_crystals(load_experimental().data)


def ranges(descriptor: descriptors.Descriptor) -> pd.DataFrame:
    """Return a row for each column: what is said of it, and its quartiles 0, 2 and 4 over the crystals."""
    featurizer = CrystalFeaturizer([("step", descriptor)])
    table = featurizer.describe_features()
    rows = np.asarray(descriptor.fit_transform(built_in()))
    for name, share in (("least", 0), ("median", 50), ("greatest", 100)):
        table[name] = np.nanpercentile(rows, share, axis=0)
    return table.rename(columns={"name": "column"})


def in_digits(value: float) -> str:
    """Return three digits, with a minus sign that is as wide as a plus."""
    rounded = f"{value:.3g}" if 1e-3 <= abs(value) < 1e5 else f"{value:.2g}"
    if "e" in rounded:
        digits, _, power = rounded.partition("e")
        rounded = f"{digits}×10<sup>{int(power)}</sup>"
    return rounded.replace("-", "−") if float(value) else "0"


class ColumnRanges(SphinxDirective):
    """Unit, range and meaning of every column of some descriptors."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        expressions = [line.strip() for line in self.content if line.strip()]
        found: list[nodes.Node] = []
        for expression in expressions:
            table = ranges(eval(expression, vars(descriptors)))
            found += [
                nodes.paragraph(
                    "",
                    "",
                    nodes.literal("", expression),
                    nodes.Text(
                        f", {len(table)} columns; least, median and greatest value over the "
                        f"{len(built_in())} built-in crystals:"
                    ),
                ),
                nodes.raw("", as_html(table), format="html"),
            ]
        return found


def as_html(table: pd.DataFrame) -> str:
    rows = []
    for row in table.to_dict("records"):
        cells = [
            f"<code>{escape(row['column'])}</code>",
            escape(row["unit"]),
            *(in_digits(row[name]) for name in ("least", "median", "greatest")),
            escape(row["meaning"]),
        ]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    heads = "".join(f"<th>{head}</th>" for head in HEAD)
    return (
        '<div class="pst-scrollable-table-container column-ranges" tabindex="0">'
        f'<table class="table descriptor-table"><thead><tr>{heads}</tr></thead>\n'
        "<tbody>" + "\n".join(rows) + "</tbody></table></div>"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("column-ranges", ColumnRanges)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
