"""What the guide and the front page say of limits and notes is what the code does."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from skcrystal import descriptors
from skcrystal.crystals import checks, gate
from skcrystal.crystals.symmetry import MAX_SYMPREC
from skcrystal.formats import (
    archives,
    cif_symmetry,
    cif_syntax,
    delimited,
    files,
    problems,
    read,
    read_cif,
    read_many,
    write,
)

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "files.md"


def default(function, name):
    return inspect.signature(function).parameters[name].default


LIMITS = {
    "`max_bytes`": default(read, "max_bytes"),
    "the same, of many crystals": problems.MANY,
    "`max_sites`": default(read_many, "max_sites"),
    "files in an archive": archives.MAX_MEMBERS,
    "columns of a CSV table": delimited.MAX_COLUMNS,
    "data blocks of a CIF": cif_syntax.MAX_BLOCKS,
    "symmetry operations of a CIF": cif_symmetry._MAX_OPERATIONS,
    "text that breaks the grammar of CIF": cif_syntax.MAX_SCANNED,
    "`site_tolerance` of `read_cif`": default(read_cif, "site_tolerance"),
    "`special_tolerance` of `read_cif`": default(read_cif, "special_tolerance"),
    "`occupancy_tolerance` of `read_cif`": default(read_cif, "occupancy_tolerance"),
    "sites of one element that are one, whatever the input": gate.SAME_POINT,
    "shortest edge of the reduced cell": checks.REDUCED_EDGES[0],
    "longest edge of the reduced cell": checks.REDUCED_EDGES[1],
    "largest volume for each site": checks.MOST_ROOM,
    "room of an atom": checks.LEAST_ROOM,
    "`symprec` of writing": default(write, "symprec"),
    "`symprec` of descriptors": default(descriptors.SpaceGroupOneHot, "symprec"),
    "largest `symprec`": MAX_SYMPREC,
    "answer of an address": files.TIMEOUT_SECONDS,
}


@pytest.fixture(scope="module")
def table():
    """Limit -> default, as the guide has them."""
    if not GUIDE.exists():
        pytest.skip("the guide is not part of an installed package")
    text = GUIDE.read_text(encoding="utf-8").partition("## Limits")[2]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0].strip(): row[1] for row in rows[1:]}


def test_the_guide_lists_every_limit(table):
    assert list(table) == list(LIMITS)


@pytest.mark.parametrize("limit", LIMITS)
def test_the_guide_says_the_default_of_a_limit(table, limit):
    number = re.match(r"[\d.,]+", table[limit])
    assert number is not None
    assert float(number.group().replace(",", "")) == LIMITS[limit]


def test_the_front_page_lists_every_note():
    readme = GUIDE.parents[2] / "README.md"
    if not readme.exists():
        pytest.skip("the front page is not part of an installed package")
    text = readme.read_text(encoding="utf-8").partition("| done | notes |\n|---|---|\n")[2]
    rows = [line.strip("| ").split(" | ") for line in text.partition("\n\n")[0].splitlines()]
    listed = {done: names.split(", ") for done, names in rows}
    for name, kind in problems.NOTES.items():
        assert name.replace("_", " ") in listed[kind.done], f"the table of notes in README.md lacks {name}"
