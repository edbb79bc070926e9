"""The symmetry that a CIF data block states: its operations, its names, and what they allow together."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.cell import parameters_from_lattice
from skcrystal.formats.cif_fields import words
from skcrystal.formats.groups import (
    IDENTITY_KEY,
    LARGEST_GROUP,
    distinct,
    generated,
    is_group,
    is_part,
    same_kind,
    sorted_keys,
    tabulated_number,
)
from skcrystal.formats.settings import group_number, named_groups, settings_of
from skcrystal.formats.symops import IDENTITY, Operations, operations_from_text
from skcrystal.formats.values import is_null, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.formats.cif_columns import CifBlock
    from skcrystal.formats.problems import Notes

__all__ = [
    "CODE",
    "HALL",
    "METRIC_ROUNDING",
    "NUMBER",
    "SYMBOL",
    "Stated",
    "Verdict",
    "angles_of",
    "declared",
    "declared_number",
    "declared_symbol",
    "fits_cell",
    "group_of",
    "groups_of_symbol",
    "judge",
    "kind_of_angles",
    "magnetic_groups",
    "note_names",
    "read_stated",
    "settings_that_fit",
]

_OPERATIONS = (
    "_space_group_symop_operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
    "_space_group_symop_magn_operation_xyz",
    "_magnetic_space_group_symop_operation_xyz",
    "_space_group_symop_ssg_operation_algebraic",
    "_space_group_symop_magn_ssg_operation_algebraic",
    "_symmetry_equiv_pos_as_xyz_",
    "_space_group_symop_operation_xyz_",
)
_MATRICES = "_space_group_symop_rt"
_GENERATORS = "_space_group_symop_generator_xyz"
_CENTRINGS = ("_space_group_symop_magn_centering_xyz", "_space_group_symop_magn_ssg_centering_algebraic")
HALL = ("_space_group_name_hall", "_symmetry_space_group_name_hall")
SYMBOL = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group_name_h-m_full",
    "_space_group_name_h-m_ref",
    "_symmetry_space_group_name_h_m",
    "_space_group_name_h-m",
)
NUMBER = ("_space_group_it_number", "_symmetry_int_tables_number")
CODE = ("_space_group_it_coordinate_system_code",)
_MAGNETIC = ("_space_group_magn_name_bns",)
_SUPERSPACE = ("_space_group_ssg_name", "_space_group_ssg_name_it")
_UNUSED = ("_space_group_magn_number_bns", "_space_group_magn_number_og", "_space_group_magn_name_og")
_OF_SPACE = frozenset(tag for tag in _OPERATIONS if "magn" not in tag and "ssg" not in tag)
_MAX_OPERATIONS = 10_000  # 192 in the largest group; a magnetic supercell multiplies them

# A wrong setting is off by much more.
_METRIC_TOLERANCE = 0.05

METRIC_ROUNDING = 0.005
"""Refined cells are metrically symmetric to far less than this, relative to products of lengths."""


class Stated(NamedTuple):
    """What a block says of its symmetry, as texts: equal ones are judged once.

    Attributes
    ----------
    operations, centrings : tuple of str
        Symmetry operations in the form x,y,z, and translations that each is combined with.
    generators : bool
        The operations are those that generate the group.
    of_space : bool
        The operations are those of a space group, not of a magnetic or superspace group.
    hall, symbol : str
    number : int
        0 if none is stated.
    code : str
        Of origin and axes, as the core dictionary has it.
    angles : tuple of float
        Of the cell, as :func:`kind_of_angles` has them.
    """

    operations: tuple[str, ...]
    centrings: tuple[str, ...] = ()
    generators: bool = False
    of_space: bool = True
    hall: str = ""
    symbol: str = ""
    number: int = 0
    code: str = ""
    angles: tuple[float, float, float] = (90.0, 90.0, 90.0)


class Verdict(NamedTuple):
    """What the stated symmetry comes to.

    Attributes
    ----------
    listed : Operations or None
        The listed operations, each once and with the identity.
    named : tuple of Operations
        Settings of the named group, the likeliest first.
    relation : str
        ``"listed"`` (nothing named, or the same group), ``"named"`` (nothing listed), ``"part"`` (a list that
        the named group contains), ``"no group"``, ``"differ"`` or ``"nothing"``.
    lacks_identity : bool
    reason : str
        Why the list cannot be read; empty if it can, or there is none.
    """

    listed: Operations | None
    named: tuple[Operations, ...]
    relation: str
    lacks_identity: bool = False
    reason: str = ""


def read_stated(block: CifBlock, lattice: NDArray[np.float64], notes: Notes) -> Stated:
    """Read what a block says of its symmetry.

    Raises
    ------
    CrystalError
        If it lists more operations than any crystal has.
    """
    texts = _lines(block.column(*_OPERATIONS))
    of_space = not texts or any(tag in block.columns for tag in _OF_SPACE)
    generators = False
    if not texts:
        texts = [_of_matrix(text) for text in block.column(_MATRICES) if not is_null(text)]
    if not texts:
        texts = _lines(block.column(_GENERATORS))
        generators = bool(texts)
    centrings = _lines(block.column(*_CENTRINGS))
    count = len(texts) * max(len(centrings), 1)
    if count > _MAX_OPERATIONS:
        raise notes.error(
            f"the file lists {count:,} symmetry operations, more than {_MAX_OPERATIONS:,}; "
            "expand the crystal with the program that made it."
        )
    return Stated(
        tuple(texts),
        tuple(centrings),
        generators,
        of_space,
        block.first(*HALL),
        declared_symbol(block),
        declared_number(block),
        block.first(*CODE),
        angles_of(lattice),
    )


def angles_of(lattice: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the cell angles in degrees as far as they decide between settings (:func:`kind_of_angles`)."""
    return kind_of_angles(parameters_from_lattice(lattice)[3:])


def kind_of_angles(angles: Sequence[float]) -> tuple[float, float, float]:
    """Return 90 and 120 for angles that are, and 100 for others: few cases, each judged once.

    >>> kind_of_angles((90, 90, 120.001)), kind_of_angles((55.3, 55.3, 55.3))
    ((90.0, 90.0, 120.0), (100.0, 100.0, 100.0))
    """
    alpha, beta, gamma = (
        90.0 if abs(x - 90) <= 0.01 else 120.0 if abs(x - 120) <= 0.05 else 100.0 for x in angles
    )
    return alpha, beta, gamma


@lru_cache(maxsize=1024)
def judge(stated: Stated) -> Verdict:
    """Compare the operations that a file lists with each other, and with the group that it names.

    A list is a group where it is closed. It is the named one where it is that of a setting of it, or of the
    same number, or, in a setting that no table has, of the same rotations. The names of magnetic and
    superspace groups are not compared.
    """
    names = stated.hall, stated.symbol, stated.number, stated.code, *stated.angles
    named = named_groups(*names)
    listed, reason = _listed(stated)
    if listed is None:
        return Verdict(None, named, "named" if named else "nothing", reason=reason)
    keys = sorted_keys(listed)
    if keys is not None and any(np.array_equal(keys, other) for other in _named_keys(*names)):
        # The common case.
        listed = distinct(listed) if len(keys) < len(listed.rotations) else listed
        return Verdict(IDENTITY if len(keys) == 1 else listed, named, "listed")
    listed = distinct(listed)
    lacks = keys is not None and IDENTITY_KEY not in keys
    if lacks:
        # A list without the identity means the positions given besides.
        listed = Operations(
            np.concatenate([IDENTITY.rotations, listed.rotations]),
            np.concatenate([IDENTITY.translations, listed.translations]),
            listed.name,
        )
    if len(listed.rotations) == 1:
        listed = IDENTITY
    return Verdict(listed, named, _relation(listed, named, stated.of_space), lacks)


@lru_cache(maxsize=1024)
def _named_keys(*names: Any) -> list[NDArray[np.int64]]:
    found = [sorted_keys(group) for group in named_groups(*names)]
    return [keys for keys in found if keys is not None]


def _listed(stated: Stated) -> tuple[Operations | None, str]:
    if not stated.operations:
        return None, ""
    try:
        found = operations_from_text(stated.operations, "the list of symmetry operations", stated.centrings)
    except CrystalError as error:
        return None, str(error).rstrip(".")
    if stated.generators:
        whole = generated(distinct(found))
        if whole is None:
            return None, f"the listed generators generate more than {LARGEST_GROUP} operations"
        return whole, ""
    return found, ""


def _relation(listed: Operations, named: tuple[Operations, ...], of_space: bool) -> str:
    parts = [is_part(listed, group) for group in named]
    if any(same for _, same in parts) or not of_space:
        return "listed"
    if not is_group(listed):
        return "no group"
    if not named:
        return "listed"
    if any(part for part, _ in parts):
        return "part"
    numbers = tabulated_number(listed), tabulated_number(named[0])
    agree = numbers[0] == numbers[1] if all(numbers) else same_kind(listed, named[0])
    return "listed" if agree else "differ"


def settings_that_fit(number: int, lattice: NDArray[np.float64]) -> list[Operations]:
    """Return the tabulated settings of a space group that keep the metric of a cell."""
    return [setting for setting in settings_of(number) if fits_cell(setting, lattice)]


def group_of(stated: Stated, verdict: Verdict) -> int:
    """Return the number of the named space group; 0 if it is in no table."""
    return group_number(stated.symbol) or (tabulated_number(verdict.named[0]) if verdict.named else 0)


def note_names(stated: Stated, verdict: Verdict, notes: Notes) -> None:
    """Note it where the names of the group contradict each other or are not known."""
    if verdict.relation != "named":
        return
    of_symbol = group_number(stated.symbol)
    name = verdict.named[0].name
    if stated.symbol and not of_symbol and not name.startswith("the Hall symbol"):
        notes.tell("symbol_unknown", symbol=stated.symbol, name=name)
    elif of_symbol and 1 <= stated.number <= 230 and of_symbol != stated.number:
        notes.tell("number_contradicts", number=stated.number, symbol=stated.symbol)


@lru_cache(maxsize=1024)
def groups_of_symbol(stated: Stated) -> tuple[Operations, ...]:
    """Return the settings of the Hermann-Mauguin symbol where the Hall symbol is of another group."""
    of_symbol = group_number(stated.symbol)
    if not stated.hall or not of_symbol:
        return ()
    named = named_groups(stated.hall, stated.symbol, stated.number, stated.code, *stated.angles)
    if not named or tabulated_number(named[0]) in {0, of_symbol}:
        return ()
    return named_groups("", stated.symbol, stated.number, stated.code, *stated.angles)


def magnetic_groups(
    block: CifBlock, angles: tuple[float, float, float]
) -> tuple[str, tuple[Operations, ...]]:
    """Return the symbol of a magnetic or superspace group, and the space group in it."""
    magnetic, superspace = block.first(*_MAGNETIC), block.first(*_SUPERSPACE)
    plain = magnetic.replace("'", "").replace('"', "") if "_" not in magnetic else ""
    plain = plain or superspace.partition("(")[0]
    return magnetic or superspace, named_groups("", plain, 0, "", *angles) if plain else ()


def declared_symbol(block: CifBlock) -> str:
    """Return the Hermann-Mauguin symbol that the file states; empty if there is none."""
    return block.first(*SYMBOL)


def declared_number(block: CifBlock) -> int:
    """Return the space group number that the file states; 0 if there is none."""
    stated = number(block.first(*NUMBER))
    return 0 if math.isnan(stated) else int(stated)


def declared(block: CifBlock) -> str:
    """Return any name of a group that the file states; empty if there is none."""
    return block.first(*HALL, *SYMBOL, *NUMBER, *_MAGNETIC, *_SUPERSPACE, *_UNUSED)


def _lines(column: list[str]) -> list[str]:
    """Operations, one a value, or several as the lines of a text field."""
    return [line for text in column if not is_null(text) for line in text.splitlines() if line.strip()]


def _of_matrix(text: str) -> str:
    """The operation of a DDLm matrix of 3 x 4 or 4 x 4 numbers, as x,y,z."""
    values = [number(word) for word in words(text)]
    if len(values) not in {12, 16}:
        return text
    rows = [values[i : i + 4] for i in (0, 4, 8)]
    return ",".join(
        "".join(f"{x:+g}*{axis}" for x, axis in zip(row, "xyz", strict=False) if x) + f"{row[3]:+.8g}"
        for row in rows
    )


def fits_cell(
    operations: Operations, lattice: NDArray[np.float64], tolerance: float = _METRIC_TOLERANCE
) -> bool:
    """Tell whether the rotations leave the metric of the lattice as it is, to a few percent."""
    metric = lattice @ lattice.T
    turned = operations.rotations.transpose(0, 2, 1) @ metric @ operations.rotations
    lengths = np.sqrt(metric.diagonal())
    return bool((np.abs(turned - metric) < tolerance * lengths * lengths[:, None]).all())
