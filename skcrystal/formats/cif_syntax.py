"""CIF text into data blocks: gemmi's parser, and a forgiving one for what breaks the grammar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from skcrystal.formats.cif_columns import CifBlock
from skcrystal.formats.cif_fields import unfolded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skcrystal.formats.problems import Notes

__all__ = ["parse_blocks"]

MAX_SCANNED = 2_000_000
"""Characters of a text that the forgiving scanner takes, which needs some seconds for them."""

MAX_BLOCKS = 100_000
"""Data blocks of one text."""

# All that is read of a file; a million reflections are left where they are.
_RELEVANT = (
    "_cell",
    "_atom_site",
    "_atom_type",
    "_space_group",
    "_symmetry",
    "_chemical_formula",
    "_magnetic_space",
    "_exptl_crystal_density",
)


def parse_blocks(text: str, notes: Notes, max_rows: int) -> list[CifBlock]:
    """Parse CIF text into its data blocks.

    gemmi reads CIF 1.1. What it refuses is read again by a scanner that goes on where a strict parser must
    stop: text before the first ``data_``, characters outside ASCII, an unterminated string, a loop with an
    incomplete last row, and the lists, tables and triple quotes of CIF 2.0.

    Parameters
    ----------
    text : str
    notes : Notes
        Names the text in errors; what is repaired in a block is noted there.
    max_rows : int
        A block with a loop of atoms or operations of more rows is at fault.

    Returns
    -------
    list of CifBlock
        With the tags that say something about the crystal.

    Raises
    ------
    CrystalError
        If a text that breaks the grammar is too long to be read leniently.
    """
    import gemmi

    text = text.lstrip("\ufeff")
    if len(text) <= MAX_SCANNED and _has_lists(text):
        return _scan(text)
    try:
        document = gemmi.cif.read_string(text, 0)
    except (ValueError, RuntimeError, TypeError) as error:
        reason = str(error).partition("\n")[0].removeprefix("string:")
        if isinstance(error, TypeError):
            reason = "characters that no encoding has"
        if len(text) > MAX_SCANNED:
            raise notes.error(
                f"the text breaks the grammar of CIF 1.1 ({reason}) and is too long to be read leniently "
                f"({len(text):,} characters); correct it."
            ) from None
        blocks = _scan(text)
        if not _is_cif2(text):
            for block in blocks:
                block.notes.tell("grammar", reason=reason)
        return blocks
    if len(document) > MAX_BLOCKS:
        raise notes.error(f"the text has more than {MAX_BLOCKS:,} data blocks; split it.")
    return [_block_of_gemmi(block, max_rows) for block in document]


def _block_of_gemmi(block: Any, max_rows: int) -> CifBlock:
    result = CifBlock(block.name)
    for item in block:
        if item.pair is not None:
            tag, value = item.pair
            if tag.lower().startswith(_RELEVANT):
                result.put(tag, [_unquoted(value)])
        elif item.loop is not None and any(tag.lower().startswith(_RELEVANT) for tag in item.loop.tags):
            if item.loop.length() > max_rows:
                result.fault = (
                    f"the loop of {item.loop.tags[0]} has {item.loop.length():,} rows, more than the "
                    f"{max_rows:,} that max_sites allows."
                )
                return result
            tags, values = item.loop.tags, item.loop.values
            columns = [[_unquoted(value) for value in values[i :: len(tags)]] for i in range(len(tags))]
            result.put_loop(tags, columns)
    return result


def _unquoted(value: str) -> str:
    if value and value[0] in "'\"" and len(value) > 1:
        return value[1:-1]
    if value.startswith(";"):
        return unfolded(value[1:-1].strip("\n"))
    return value


def _is_cif2(text: str) -> bool:
    return text.startswith("#\\#CIF_2.0")


def _has_lists(text: str) -> bool:
    """Tell whether a text uses what CIF 2.0 added, which gemmi may take for words of CIF 1.1."""
    return (_is_cif2(text) or _LIST_TAG.search(text) is not None) and _CIF2_VALUE.search(text) is not None


_LIST_TAG = re.compile(r"(?:^|\s)_(?:atom_site\.(?:fract|cartn)_xyz|space_group_symop\.rt)\s", re.IGNORECASE)
_CIF2_VALUE = re.compile(r"""(?:^|\s)(?:[\[{]|'{3}|"{3})""")

_INNER = ("field", "t1", "t2", "q1", "q2", "b")

# One token of CIF 1.1 or 2.0. A quoted string ends at its quote only before white space (CIF 1.1) or,
# inside CIF 2.0 brackets, before a bracket, comma or colon; without an end it runs to the end of the line.
_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*)
    | (?P<text>(?<![^\n]);(?P<field>.*?)(?:\n;|\Z))
    | (?P<triple>'''(?P<t1>.*?)'''|\"\"\"(?P<t2>.*?)\"\"\")
    | (?P<quoted>'(?P<q1>[^\n]*?)'(?=[\s\]\}:,]|\Z)|"(?P<q2>[^\n]*?)"(?=[\s\]\}:,]|\Z))
    | (?P<broken>['"](?P<b>[^\n]*))
    | (?P<bare>[^\s]+)
    """,
    re.VERBOSE | re.DOTALL,
)


def _tokens(text: str) -> Iterator[tuple[bool, str]]:
    """Yield (is a plain word, value) for every token; a bracketed value of CIF 2.0 is one token."""
    pending: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "comment":
            continue
        groups = match.groupdict()
        inner = next((groups[key] for key in _INNER if groups[key] is not None), None)
        plain = inner is None
        value = match.group() if inner is None else inner.strip("\r\n")
        if match.lastgroup == "text":
            value = unfolded(value)
        if plain and (depth or value[0] in "[{"):
            if depth and _is_keyword(value):
                # A bracket that nobody closed must not eat the rest of the file.
                yield False, " ".join(pending)
                pending, depth = [], 0
            else:
                depth += sum(map(value.count, "[{")) - sum(map(value.count, "]}"))
                pending.append(value)
                if depth <= 0:
                    yield False, " ".join(pending)
                    pending, depth = [], 0
                continue
        elif depth:
            pending.append(value)
            continue
        yield plain, value
    if pending:
        yield False, " ".join(pending)


def _is_keyword(word: str) -> bool:
    return word.lower().startswith(("_", "loop_", "data_", "save_"))


class _Scanner:
    """Builds blocks from tokens, never giving up: a tag without value is unknown, a half row is dropped."""

    def __init__(self) -> None:
        self.blocks = [CifBlock("")]
        self.tags: list[str] = []
        self.values: list[str] = []
        self.looping = False

    def close(self) -> None:
        """Store the item or loop that was being read."""
        tags, values = self.tags, self.values
        extra = len(values) % len(tags) if tags and self.looping else 0
        if extra:
            self.blocks[-1].notes.tell("incomplete_row", tag=tags[0])
            del values[len(values) - extra :]
        if self.looping:
            columns = [values[i :: len(tags)] for i in range(len(tags))]
            self.blocks[-1].put_loop(tags, columns)
        else:
            for tag in tags:
                self.blocks[-1].put(tag, values[:1] or ["?"])
        self.tags, self.values, self.looping = [], [], False

    def word(self, word: str) -> None:
        """Take a word without quotes: a keyword, a tag or a value."""
        lower = word.lower()
        if lower.startswith("data_") or lower == "global_":
            self.close()
            self.blocks.append(CifBlock(word[5:]))
        elif lower == "loop_":
            self.close()
            self.looping = True
        elif lower == "stop_" or lower.startswith("save_"):
            self.close()
        elif word.startswith("_") and len(word) > 1:
            if not self.looping or self.values:
                self.close()
            self.tags.append(word)
        else:
            self.value(word)

    def value(self, value: str) -> None:
        """Take a value; one that belongs to no tag is passed over."""
        if self.tags:
            self.values.append(value)


def _scan(text: str) -> list[CifBlock]:
    """Read blocks token by token."""
    scanner = _Scanner()
    for plain, value in _tokens(text):
        if plain:
            scanner.word(value)
        else:
            scanner.value(value)
    scanner.close()
    return [block for block in scanner.blocks if block.columns]
