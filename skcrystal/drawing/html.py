"""HTML of trusted tags and untrusted texts: whatever is not `Markup` is escaped."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import Any

__all__ = ["Markup", "json_script", "tag"]

# Elements without content, which have no end tag.
VOID = frozenset({"meta", "input", "br", "hr", "img", "link"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """Return an element of HTML or SVG.

    Parameters
    ----------
    name : str
    *children : str, Markup, number, None, or iterables of them
        `Markup` stands as it is, anything else is escaped, None is nothing.
    **attributes : str, number, bool or None
        ``class_`` is written as ``class``, ``aria_label`` as ``aria-label``. True is an attribute without a
        value; False and None are none.

    Returns
    -------
    Markup

    Examples
    --------
    >>> tag("td", "</script>", tag("b", 1), class_="wide", hidden=True)
    '<td class="wide" hidden>&lt;/script&gt;<b>1</b></td>'
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        parts.append(key if value is True else f'{key}="{html.escape(str(value))}"')
    start = f"<{' '.join(parts)}>"
    return Markup(start) if name in VOID else Markup(f"{start}{joined(*children)}</{name}>")


def joined(*children: Any) -> Markup:
    """Return the children of an element, one behind the other."""
    parts = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            parts.append(str(child))
        elif isinstance(child, str) or not isinstance(child, Iterable):
            parts.append(html.escape(str(child)))
        else:
            parts.append(str(joined(*child)))
    return Markup("".join(parts))


def json_script(data: Any) -> str:
    """Return JSON that can stand in a script element: no text in it can end the element or begin a comment.

    Examples
    --------
    >>> json_script({"id": "</script><!--"})
    '{"id":"\\\\u003c/script\\\\u003e\\\\u003c!--"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
