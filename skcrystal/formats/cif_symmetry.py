"""The symmetry operations that a CIF data block lists, and those of the space group that it names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.cell import parameters_from_lattice
from skcrystal.formats.cif_fields import words
from skcrystal.formats.symops import (
    IDENTITY,
    Operations,
    closed,
    group_number,
    named_groups,
    operations_from_text,
)
from skcrystal.formats.values import is_null, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.cif_columns import CifBlock
    from skcrystal.formats.problems import Notes

__all__ = ["declared_number", "declared_symbol", "read_operations"]

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
_HALL = ("_space_group_name_hall", "_symmetry_space_group_name_hall")
_SYMBOL = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group_name_h-m_full",
    "_space_group_name_h-m_ref",
    "_symmetry_space_group_name_h_m",
    "_space_group_name_h-m",
)
_NUMBER = ("_space_group_it_number", "_symmetry_int_tables_number")
_MAGNETIC = ("_space_group_magn_name_bns",)
_SUPERSPACE = ("_space_group_ssg_name", "_space_group_ssg_name_it")
_UNUSED = ("_space_group_magn_number_bns", "_space_group_magn_number_og", "_space_group_magn_name_og")
_MAX_OPERATIONS = 10_000  # 192 in the largest group; a magnetic supercell multiplies them

# Refined cells are metrically symmetric to far less than this; a wrong setting is off by much more.
_METRIC_TOLERANCE = 0.05


def read_operations(
    block: CifBlock, lattice: NDArray[np.float64], notes: Notes
) -> tuple[list[Operations], list[Operations]]:
    """Return what the file lists (one entry at most) and what its space group's name gives (settings).

    Parameters
    ----------
    block : CifBlock
    lattice : ndarray of shape (3, 3)
    notes : Notes
        Receives what was guessed.

    Raises
    ------
    CrystalError
        If symmetry is stated, and none of it can be read.
    """
    listed, unreadable = _listed(block, notes)
    named = _named(block, lattice, notes, quiet=bool(listed))
    if not listed and not named:
        if unreadable is not None:
            raise notes.error(str(unreadable))
        declared = block.first(*_HALL, *_SYMBOL, *_NUMBER, *_MAGNETIC, *_SUPERSPACE, *_UNUSED)
        if declared:
            raise notes.error(
                f"the space group {declared!r} is not known and no symmetry operations are listed; "
                "list them in _space_group_symop_operation_xyz."
            )
        notes.add("no symmetry is stated, the atoms were read as the whole cell (P 1)")
    elif unreadable is not None:
        notes.add(str(unreadable).rstrip("."))
    used = listed or named
    if used and not _fits_cell(used[0], lattice):
        notes.add(f"the cell does not have the symmetry of {used[0].name}")
    return listed, named


def declared_symbol(block: CifBlock) -> str:
    """Return the Hermann-Mauguin symbol that the file states; empty if there is none."""
    return block.first(*_SYMBOL)


def declared_number(block: CifBlock) -> int:
    """Return the space group number that the file states; 0 if there is none."""
    stated = number(block.first(*_NUMBER))
    return 0 if math.isnan(stated) else int(stated)


def _listed(block: CifBlock, notes: Notes) -> tuple[list[Operations], CrystalError | None]:
    """Return the list of operations, if there is one, and why it cannot be read."""
    generators = False
    texts = _lines(block.column(*_OPERATIONS))
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
    if not texts:
        return [], None
    try:
        found = operations_from_text(texts, "the list of symmetry operations", centrings)
        if generators:
            found = closed(found)
    except CrystalError as error:
        return [], error
    only_turns = (found.rotations == np.eye(3)).all(axis=(1, 2))
    if not (only_turns & (found.translations % 1 == 0).all(axis=1)).any():
        # A group holds the identity; a list without it means the positions given besides.
        found = Operations(
            np.concatenate([IDENTITY.rotations, found.rotations]),
            np.concatenate([IDENTITY.translations, found.translations]),
            found.name,
        )
        notes.add("the list of symmetry operations lacks x,y,z, which was added")
    identity = len(found.rotations) == 1
    return [IDENTITY if identity else found], None


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


def _named(block: CifBlock, lattice: NDArray[np.float64], notes: Notes, *, quiet: bool) -> list[Operations]:
    """Return the settings of the space group that the file names; `quiet` where it lists operations too."""
    _, _, _, *angles = (round(value, 3) for value in parameters_from_lattice(lattice))
    hall, symbol, stated = block.first(*_HALL), declared_symbol(block), declared_number(block)
    found = named_groups(hall, symbol, stated, *angles)
    if found:
        of_symbol = group_number(symbol)
        if not quiet and symbol and not of_symbol and f"Hall symbol {hall}" not in found[0].name:
            notes.add(f"the space group symbol {symbol!r} is not known, {found[0].name} was used")
        elif not quiet and of_symbol and 1 <= stated <= 230 and of_symbol != stated:
            notes.add(f"space group number {stated} contradicts the symbol {symbol!r}, and was not used")
        return list(found)
    magnetic, superspace = block.first(*_MAGNETIC), block.first(*_SUPERSPACE)
    plain = magnetic.replace("'", "").replace('"', "") if "_" not in magnetic else ""
    plain = plain or superspace.partition("(")[0]
    found = named_groups("", plain, 0, *angles) if plain else ()
    if found and not quiet:
        notes.add(f"no operations of the group {magnetic or superspace} are listed, {found[0].name} was used")
    return list(found)


def _fits_cell(operations: Operations, lattice: NDArray[np.float64]) -> bool:
    """Tell whether the rotations leave the metric of the lattice as it is, to a few percent."""
    metric = lattice @ lattice.T
    turned = operations.rotations.transpose(0, 2, 1) @ metric @ operations.rotations
    scale = np.sqrt(np.outer(np.diag(metric), np.diag(metric)))
    return bool((np.abs(turned - metric) < _METRIC_TOLERANCE * scale).all())
