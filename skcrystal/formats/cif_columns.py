"""A CIF data block as columns, by whatever dictionary its tags are named."""

from __future__ import annotations

from dataclasses import dataclass, field

from skcrystal.formats.problems import Notes

__all__ = ["CifBlock"]

# Of each kind the first column; the DDLm dictionary also has all three as one list.
_COORDINATES = ("_atom_site_fract_x", "_atom_site_cartn_x", "_atom_site_fract_xyz", "_atom_site_cartn_xyz")

_LABEL = "_atom_site_label"


@dataclass
class CifBlock:
    """One data block: its name, and every tag with its values.

    Attributes
    ----------
    name : str
    columns : dict of str to list of str
        Tags in lower case with ``.`` as ``_``, so that the names of the DDLm dictionary
        (``_cell.length_a``) and of the core dictionary (``_cell_length_a``) are the same. Values without
        quotes; a single value is a list of one.
    notes : Notes
        What was repaired in the text of the block.
    fault : str
        Why the block cannot be read; empty if it can.
    """

    name: str
    columns: dict[str, list[str]] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)
    fault: str = ""

    def first(self, *tags: str) -> str:
        """Return the first value that is neither missing nor ``?`` nor ``.`` among the tags, or ``""``."""
        for tag in tags:
            for value in self.columns.get(tag, ())[:1]:
                if value not in {"?", ".", ""}:
                    return value
        return ""

    def column(self, *tags: str) -> list[str]:
        """Return the values of the first tag that is present, or an empty list."""
        for tag in tags:
            if tag in self.columns:
                return self.columns[tag]
        return []

    def has_structure(self) -> bool:
        """Tell whether the block lists coordinates of atoms, and at least one cell length."""
        columns = self.columns
        if self.fault:
            return True
        return not columns.keys().isdisjoint(_COORDINATES) and (
            "_cell_length_a" in columns or "_cell_length_c" in columns
        )

    def put_loop(self, tags: list[str], columns: list[list[str]]) -> None:
        """Store the columns of a loop; a second loop of atom sites is joined by its labels."""
        names = [tag.lower().replace(".", "_") for tag in tags]
        known = self.columns.get(_LABEL)
        if known and _LABEL in names and columns[names.index(_LABEL)] != known:
            rows = {label: i for i, label in enumerate(columns[names.index(_LABEL)])}
            if len(rows) == len(columns[0]) and not rows.keys().isdisjoint(known):
                order = [rows.get(label) for label in known]
                columns = [["?" if i is None else column[i] for i in order] for column in columns]
                columns[names.index(_LABEL)] = known
        for tag, column in zip(tags, columns, strict=True):
            self.put(tag, column)

    def put(self, tag: str, values: list[str]) -> None:
        """Store a column; of a tag given twice the first known values are kept.

        A difference is noted where it decides the crystal.
        """
        key = tag.lower().replace(".", "_")
        kept = self.columns.setdefault(key, values)
        if kept is values or kept == values or all(value in {"?", ".", ""} for value in values):
            return
        if all(value in {"?", ".", ""} for value in kept):
            self.columns[key] = values
        elif key.startswith(("_cell_", "_atom_site_", "_symmetry_", "_space_group_")):
            self.notes.tell("stated_twice", tag=tag)
