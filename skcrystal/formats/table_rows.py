"""Rows of a table: crystals or formulas, each with its name and what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from skcrystal.chemistry.elements import symbols
from skcrystal.chemistry.formulas import FormulaError, parse_formula
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.entries import Entry, gated, one_line
from skcrystal.formats.items import is_missing
from skcrystal.formats.optimade import NEEDED, holds_optimade
from skcrystal.formats.tables import FORMULA_COLUMNS, STRUCTURE_COLUMNS, Table, column_called, table_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from skcrystal.formats.options import Options

__all__ = ["Row", "column_roles", "row_of", "table_rows"]


class Row(NamedTuple):
    """A crystal or a formula, or why there is none.

    Attributes
    ----------
    name : str
        No other row of the run has it.
    source : str
        Where it was read: path, and block, frame or row.
    item : Crystal, dict of str to float, or None
        A dict has the amounts of the elements of a formula.
    reason : str
        Why there is none; "" if there is one.
    targets : mapping of str to object
        What stands beside it in its table.
    names : list of str
        What it may be called in a table of targets.
    """

    name: str
    source: str
    item: Crystal | dict[str, float] | None
    reason: str
    targets: Mapping[str, Any]
    names: list[str]


def row_of(name: str, entry: Entry, names: list[str]) -> Row:
    """Return what was read as a row."""
    return Row(name, entry.source, entry.crystal, entry.reason, entry.targets, names)


def column_roles(
    columns: Sequence[str], source: str, structure_column: str | None, formula_column: str | None
) -> tuple[str | None, str | None]:
    """Return the column of structures or the column of formulas that is read of a table; the other is None.

    Raises
    ------
    CrystalError
        There is none, or not the one that was asked for.
    """
    found = column_called(columns, STRUCTURE_COLUMNS) if structure_column is None else None
    if formula_column is None and (structure_column is not None or found is not None):
        return Table(source, list(columns), [], []).structures(structure_column), None
    wanted = (formula_column,) if formula_column is not None else FORMULA_COLUMNS
    column = column_called(columns, wanted)
    if column is None:
        shown = ", ".join(one_line(name)[:40] for name in columns[:10])
        what = "structures or formulas" if formula_column is None else repr(formula_column)
        raise CrystalError(
            f"{source!r} has no column of {what} (it has: {shown}); name it with --structure-column or "
            "--formula-column."
        )
    return None, column


def table_rows(table: Table, options: Options, formula_column: str | None) -> Iterator[Row]:
    """Yield the rows of a table, crystals or formulas, under the names that stand in it."""
    unnamed = options.structure_column is None and formula_column is None
    structures: str | None
    column: str | None
    if unnamed and holds_optimade(table.columns):
        structures, column = NEEDED[0], None
    else:
        structures, column = column_roles(
            table.columns, table.source, options.structure_column, formula_column
        )
    if structures is not None:
        for k, entry in enumerate(gated(table_entries(table, options))):
            label = entry.name or f"row {table.labels[k]}"
            yield row_of(label, entry, [label])
        return
    formulas, ids = column or "", table.ids()
    for label, row in zip(table.labels, table.rows, strict=True):
        if not isinstance(row, dict):
            place = f"{table.source}, {row.place}"
            yield Row(row.place, place, None, row.reason, {}, [])
            continue
        name = label if ids is None or is_missing(row.get(ids)) else one_line(str(row[ids]))
        item, reason = _amounts(row.get(formulas))
        targets = {key: value for key, value in row.items() if key not in {ids, formulas}}
        yield Row(name, f"{table.source}, row {name}", item, reason, targets, [name])


def _amounts(value: Any) -> tuple[dict[str, float] | None, str]:
    """Read a formula; no file is opened, whatever it says."""
    if is_missing(value) or not str(value).strip():
        return None, "the formula is missing; fill it in, or leave out the row"
    try:
        amounts = parse_formula(str(value).strip())
    except FormulaError as error:
        return None, str(error)
    names = symbols()
    return {names[number]: amount for number, amount in amounts.items()}, ""
