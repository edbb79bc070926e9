"""CIF texts damaged as people and programs damage them: by lines, rows, values and tags, not by bytes."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cif import iter_cif

if TYPE_CHECKING:
    import random

__all__ = ["check_reading", "mutated"]

VALUES = (
    "?", ".", "0", "1", "-1", "0.5", "0.3333", "0.67", "1.0(2)", "(3)", "1/0", "1/3", "1e-9", "1e999", "nan",
    "-inf", "9" * 400, "1e300", "90", "120", "60.1", "x,y,z", "-x,y+1/2,z", "x+1/7,y,z", "x,x,x", "'P 1'",
    "'F m -3 m'", "'R -3 c :H'", "227", "0.0001", "100", "10000", "Wat", "Du", "H2O", "''", ";", "loop_", "#",
    "data_", "_", "\u2028", "\x00", "é", "[", "'",
)  # fmt: skip


def mutated(text: str, other: str, random: random.Random) -> str:
    """Damage a text in one to four ways; `other` gives lines that come from elsewhere."""
    lines = text.split("\n")
    for _ in range(random.choice((1, 1, 2, 4))):
        random.choice(_WAYS)(lines, other.split("\n"), random)
        if not lines:
            return ""
    end = random.choice(("\n", "\n", "\n", "\r\n", "\r"))
    return end.join(lines)


def _drop(lines: list[str], other: list[str], random: random.Random) -> None:
    start = random.randrange(len(lines))
    del lines[start : start + random.choice((1, 1, 1, 3, 20))]


def _double(lines: list[str], other: list[str], random: random.Random) -> None:
    start = random.randrange(len(lines))
    part = lines[start : start + random.choice((1, 1, 2, 10))]
    place = random.choice((start, random.randrange(len(lines))))
    lines[place:place] = part


def _swap(lines: list[str], other: list[str], random: random.Random) -> None:
    i, j = random.randrange(len(lines)), random.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]


def _cut(lines: list[str], other: list[str], random: random.Random) -> None:
    del lines[random.randrange(len(lines)) :]


def _graft(lines: list[str], other: list[str], random: random.Random) -> None:
    start, place = random.randrange(len(other)), random.randrange(len(lines))
    lines[place:place] = other[start : start + random.choice((1, 5, 40))]


def _exchange(lines: list[str], other: list[str], random: random.Random) -> None:
    """Exchange a value of two rows."""
    i, j = random.randrange(len(lines)), min(random.randrange(len(lines)), len(lines) - 1)
    one, two = lines[i].split(), lines[j].split()
    if one and two:
        a, b = random.randrange(len(one)), random.randrange(len(two))
        one[a], two[b] = two[b], one[a]
        lines[i], lines[j] = " ".join(one), " ".join(two)


def _replace(lines: list[str], other: list[str], random: random.Random) -> None:
    """Put another value in the place of one, or drop it."""
    i = random.randrange(len(lines))
    words = lines[i].split(" ")
    words[random.randrange(len(words))] = random.choice((*VALUES, ""))
    lines[i] = " ".join(words)


def _retag(lines: list[str], other: list[str], random: random.Random) -> None:
    """Give a tag the name of another."""
    tags = [i for i, line in enumerate(lines) if line.lstrip().startswith("_")]
    if len(tags) > 1:
        i, j = random.sample(tags, 2)
        lines[i] = lines[i].replace(lines[i].split()[0], lines[j].split()[0])


def _truncate_row(lines: list[str], other: list[str], random: random.Random) -> None:
    i = random.randrange(len(lines))
    words = lines[i].split()
    lines[i] = " ".join(words[: random.randrange(len(words) + 1)])


_WAYS = (_drop, _double, _swap, _cut, _graft, _exchange, _exchange, _replace, _replace, _retag, _truncate_row)


def check_reading(text: str, *, max_sites: int = 2000, seconds: float = 10.0) -> int:
    """Read a text; return how many crystals it holds. All else than a crystal or its sentence is an error."""
    start = time.process_time()
    found: list[Crystal | CrystalError] = []
    try:
        for one in iter_cif(text, max_sites=max_sites):
            found.append(one)
    except CrystalError as error:
        found.append(error)
    spent = time.process_time() - start
    assert spent < seconds, f"{spent:.1f} s"
    for one in found:
        if isinstance(one, CrystalError):
            assert "\n" not in str(one)
            continue
        assert 0 < len(one.frac_coords) <= max_sites
        assert np.isfinite(one.frac_coords).all()
        assert np.isfinite(one.lattice).all()
        assert (one.occupancies > 0).all()
        totals = np.add.reduceat(one.occupancies, one.species_offsets[:-1])
        assert totals.max() <= 1 + 1e-8 or math.isclose(totals.max(), 1, abs_tol=1e-6)
        assert ((one.atomic_numbers > 0) & (one.atomic_numbers < 119)).all()
        assert not any("\n" in note for note in one.notes)
    return sum(isinstance(one, Crystal) for one in found)
