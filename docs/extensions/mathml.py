"""Formulas as MathML, which browsers draw themselves: no script, no font, no network.

A formula that docutils cannot translate is a warning that names its page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)


def formula(node: nodes.math | nodes.math_block, *, as_block: bool) -> str:
    try:
        return str(tex2mathml(node.astext(), as_block=as_block))
    # docutils raises the second for an index without a base, such as `N$_2$`.
    except (MathError, IndexError) as error:
        logger.warning(
            "no MathML for the formula %r: %s", node.astext(), error, location=node
        )
        return ""


def visit_inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(formula(node, as_block=False))
    raise nodes.SkipNode


def visit_block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(
        f'<div class="formula">{formula(node, as_block=True)}</div>\n'
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
