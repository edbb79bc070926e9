"""Tables about descriptors, made from the code while the pages are built: they cannot disagree with it.

- ``invariance``: for each descriptor of its content (one expression per line), what leaves a row as it is
- ``family-table``: the same for every descriptor of the package, with its number of columns
- ``preset-table NAME``: the steps of a preset
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from skcrystal import CrystalFeaturizer, descriptors
from skcrystal.descriptors import Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

# Claim -> head of a narrow column, and the claim in words.
CLAIMS = {
    "origin": ("origin", "moving the origin"),
    "rotation": ("rotation", "rotating the crystal"),
    "reflection": ("mirror", "taking its mirror image"),
    "permutation": ("order", "listing the sites in another order"),
    "supercell": ("supercell", "repeating the cell"),
    "cell_choice": ("cell", "choosing another cell of the same lattice"),
    "continuous": ("continuous", "small displacements: it changes by little"),
}


def yes_or_no(value: bool) -> nodes.inline:
    return nodes.inline(
        "", "yes" if value else "no", classes=["yes" if value else "no"]
    )


def class_link(name: str) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "",
        nodes.literal(name, name, classes=["xref", "py"]),
        refdomain="py",
        reftype="class",
        reftarget=f"skcrystal.descriptors.{name}",
        refexplicit=True,
        refwarn=True,
    )


def page_link(docname: str, title: str) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "",
        nodes.inline("", title),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{docname}",
        refexplicit=True,
        refwarn=True,
    )


def make_table(
    head: Sequence[str], rows: Iterable[Sequence[nodes.Node | str]]
) -> nodes.container:
    """Return a table that scrolls sideways on a narrow screen."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    header, body = nodes.thead(), nodes.tbody()
    header += table_row(head)
    body += [table_row(row) for row in rows]
    group += [header, body]
    table = nodes.table(classes=["descriptor-table"])
    table += group
    return nodes.container("", table, classes=["pst-scrollable-table-container"])


def table_row(cells: Sequence[nodes.Node | str]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        content = nodes.Text(cell) if isinstance(cell, str) else cell
        row += nodes.entry("", nodes.paragraph("", "", content))
    return row


def all_descriptors() -> list[Descriptor]:
    """Return every public descriptor with its default parameters, those of functions left out."""
    found = [getattr(descriptors, name) for name in descriptors.__all__]
    return [
        cls()
        for cls in found
        if isinstance(cls, type)
        and issubclass(cls, Descriptor)
        and not inspect.isabstract(cls)
        and cls is not descriptors.Embedding
    ]


def family_pages(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """Return, by name of the class, document and title of the page whose ``invariance`` names it first."""
    pages: dict[str, tuple[str, str]] = {}
    folder = env.srcdir / "guide" / "families"
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        block = re.search(r"^```\{invariance\}\n(.*?)^```", text, flags=re.M | re.S)
        for name in re.findall(
            r"^(\w+)\(", block.group(1) if block else "", flags=re.M
        ):
            pages.setdefault(
                name,
                (f"guide/families/{path.stem}", text.partition("\n")[0].lstrip("# ")),
            )
    return pages


class InvarianceTable(SphinxDirective):
    """What leaves the rows of some descriptors as they are."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        expressions = [line.strip() for line in self.content if line.strip()]
        found = [eval(expression, vars(descriptors)) for expression in expressions]
        rows = [
            [
                words,
                *(
                    yes_or_no(getattr(descriptor.invariance, claim))
                    for descriptor in found
                ),
            ]
            for claim, (_, words) in CLAIMS.items()
        ]
        notes: list[nodes.Node] = []
        for expression, descriptor in zip(expressions, found, strict=True):
            if descriptor.invariance.note:
                notes.append(nodes.paragraph("", "", nodes.literal("", expression)))
                notes[-1] += nodes.Text(f": {descriptor.invariance.note}.")
        heads = [nodes.literal("", expression) for expression in expressions]
        return [make_table(["A row stays as it is under", *heads], rows), *notes]


def grouped_pages(env: BuildEnvironment) -> dict[str, list[str]]:
    """Return the documents of each group, in the order of its list of contents."""
    folder = env.srcdir / "guide" / "families"
    groups: dict[str, list[str]] = {}
    for path in sorted(folder.glob("of_*.md")):
        text = path.read_text(encoding="utf-8")
        listed = re.findall(r"^```\{toctree\}\n(.*?)^```", text, flags=re.M | re.S)
        names = [
            name for block in listed for name in re.findall(r"^\w+$", block, flags=re.M)
        ]
        groups[path.stem] = [f"guide/families/{name}" for name in names]
    return groups


class FamilyTable(SphinxDirective):
    """Descriptors of a group, or of all, page by page: columns, what leaves a row as it is, continuity."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        # Pages that name a descriptor may have come or gone.
        self.env.note_reread()
        pages = family_pages(self.env)
        groups = grouped_pages(self.env)
        chosen = self.arguments or groups
        shown = [page for group in chosen for page in groups[group]]
        of_page: dict[str, list[Descriptor]] = {page: [] for page in shown}
        for descriptor in all_descriptors():
            page = pages.get(type(descriptor).__name__, ("", ""))[0]
            if page in of_page:
                of_page[page].append(descriptor)
            elif not self.arguments:
                raise self.error(
                    f"{type(descriptor).__name__} is on no page of a group"
                )
        titles = dict(pages.values())
        rows = []
        for page, found in of_page.items():
            for k, descriptor in enumerate(found):
                name = type(descriptor).__name__
                claims = [
                    yes_or_no(getattr(descriptor.invariance, claim)) for claim in CLAIMS
                ]
                family = "" if k else page_link(page, titles[page])
                width = str(len(descriptor.get_feature_names_out()))
                rows.append([family, class_link(name), width, *claims])
        heads = (head for head, _ in CLAIMS.values())
        return [make_table(["family", "class", "columns", *heads], rows)]


class PresetTable(SphinxDirective):
    """The steps of a preset, in the order of their columns."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        steps = CrystalFeaturizer(self.arguments[0])._active()
        rows = []
        for name, step in steps:
            width = str(len(step.get_feature_names_out()))
            rows.append(
                [nodes.literal("", name), class_link(type(step).__name__), width]
            )
        rows.append(["in total", "", str(sum(int(row[2]) for row in rows))])
        return [make_table(["step", "class", "columns"], rows)]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("invariance", InvarianceTable)
    app.add_directive("family-table", FamilyTable)
    app.add_directive("preset-table", PresetTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
