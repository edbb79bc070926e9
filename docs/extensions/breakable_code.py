"""Long dotted names in text may break after a dot, a bracket, a comma or an equals sign, not in a word.

The style sheet lets them do so on narrow screens alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WORD = re.compile(r'(?<=<span class="pre">)[^<\s]{12,}(?=</span>)')
MODULE = re.compile(r"(?<=>)\s*skcrystal\.[\w.]+\s*(?=<)")
BREAK = re.compile(r"[.(\[,=/](?=[^\d.)\]=,])|&gt;(?=_)")
# What no line of a telephone holds breaks between its words as well.
LONG = re.compile(r"\w{27,}")


def broken(word: re.Match[str]) -> str:
    text = BREAK.sub(r"\g<0><wbr>", word[0])
    return LONG.sub(lambda part: re.sub(r"_+(?=[a-z])", r"\g<0><wbr>", part[0]), text)


def break_names(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    if "body" in context:
        context["body"] = WORD.sub(broken, context["body"])
    # The theme's own function, which makes the list of pages beside the text.
    pages = context.get("generate_toctree_html")
    if pages:
        context["generate_toctree_html"] = lambda *arguments, **options: MODULE.sub(
            broken, str(pages(*arguments, **options))
        )


def setup(app: Sphinx) -> dict[str, bool]:
    # Behind the theme, which adds to the context at the usual place.
    app.connect("html-page-context", break_names, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
