"""Values of CIF that need more than the grammar: folded and prefixed text fields, lists."""

from __future__ import annotations

import re

__all__ = ["unfolded", "words"]


def unfolded(text: str) -> str:
    r"""Return a text field with its line prefix removed and its folded lines joined.

    The protocols of CIF 1.1 (common semantic features, paragraph 26) and of CIF 2.0 (section 5.2): a first
    line that ends in a backslash says that lines which end in one go on in the next; a first line such as
    ``CIF>\`` says that every line begins with ``CIF>``, and ``CIF>\\`` says both.

    Examples
    --------
    >>> unfolded("\\\n-F 4 \\\n2 3"), unfolded("CIF>\\\nCIF>-F 4 2 3"), unfolded("as it is")
    ('-F 4 2 3', '-F 4 2 3', 'as it is')
    """
    first, _, rest = text.partition("\n")
    start = first.rstrip(" \t")
    if not rest or not start.endswith("\\"):
        return text
    lines = rest.split("\n")
    prefix = start.rstrip("\\")
    if prefix:
        if not all(line.startswith(prefix) for line in lines):
            return text
        lines = [line[len(prefix) :] for line in lines]
        if not start.endswith("\\\\"):
            return "\n".join(lines)
    return re.sub(r"\\[ \t]*\n", "", "\n".join(lines))


def words(text: str) -> list[str]:
    """Return the words of a CIF 2.0 list, nested or not, one after the other.

    Examples
    --------
    >>> words("[0.25(1) 0.5 [1/3, -1]]")
    ['0.25(1)', '0.5', '1/3', '-1']
    """
    return [word for word in re.split(r"[\s,\[\]]+", text) if word]
