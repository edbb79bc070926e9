"""Long dotted names in text may break after a dot, a bracket, a comma or an equals sign, not in a word.

The style sheet lets them do so on narrow screens alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WORD = re.compile(r'(?<=<span class="pre">)[^<\s]{12,}(?=</span>)')
BREAK = re.compile(r"[.(\[,=/](?=[^\d.)\]=,])")


def break_names(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    def broken(word: re.Match[str]) -> str:
        return BREAK.sub(r"\g<0><wbr>", word[0])

    if "body" in context:
        context["body"] = WORD.sub(broken, context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", break_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
