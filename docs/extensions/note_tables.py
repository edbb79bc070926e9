"""The table of what is said of crystals, made from the code's own list while the pages are built.

- ``notes-table``: what is merged, moved, rescaled, chosen, read as something, renamed, left out or noted
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from descriptor_tables import make_table
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from skcrystal.formats.problems import NOTES

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class NotesTable(SphinxDirective):
    """Every kind of note: what was done, the sentence, and when it is said."""

    def run(self) -> list[nodes.Node]:
        rows = []
        for kind in sorted(NOTES.values(), key=lambda kind: kind.done):
            sentence = kind.template.replace("{", "<").replace("}", ">")
            rows.append([kind.done, nodes.literal("", sentence), kind.meaning])
        return [make_table(["done", "the note", "when"], rows)]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("notes-table", NotesTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
