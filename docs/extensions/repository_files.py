"""``{repository-file}`PATH```: a file of the repository that is no page, by its path from the root.

It links to a copy of the file; a measurement that has not been made yet is named without a link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxRole

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class RepositoryFile(SphinxRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        name = nodes.literal("", self.text)
        if not (self.env.srcdir.parent / self.text).is_file():
            self.env.note_reread()
            return [name], []
        link = addnodes.download_reference(
            "", "", name, refdoc=self.env.docname, reftarget=f"/../{self.text}"
        )
        return [link], []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_role("repository-file", RepositoryFile())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
