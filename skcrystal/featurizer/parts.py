"""The finished parts of a large table, in a folder beside it until all are there and are joined."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

from skcrystal.formats.aside import written_aside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Failure", "Parts"]

PLAN = "plan.json"

#: Name of an input, where it was read, and why it could not be used.
Failure = tuple[str, str, str]


class Parts:
    """A folder of parts, each one Parquet file, that belong to one plan.

    A part is renamed to its place when all of it is written: what is there is whole, whenever a program was
    killed. Parts of another plan, on other files or with other parameters, are removed.

    Parameters
    ----------
    output : Path
        The table to be made.
    plan : dict
        All that the parts depend on, of what JSON can hold.

    Attributes
    ----------
    kept : int
        Parts that were there already.
    kept_rows : int
        Rows in them.
    names : list of str
        Of the inputs in them.
    count : int
        Parts that are there now.
    """

    def __init__(self, output: Path, plan: Mapping[str, Any]) -> None:
        self.output = output
        self.folder = output.with_name(f".{output.name}.parts")
        self.failure_table = output.with_name(f"{output.stem}.failures.csv")
        self._plan = json.dumps(plan, indent=1)
        self.kept = self.count = self.kept_rows = 0
        self.names: list[str] = []

    @property
    def is_begun(self) -> bool:
        """Whether an earlier run of the same plan was stopped."""
        try:
            return (self.folder / PLAN).read_text(encoding="utf-8") == self._plan
        except OSError:
            return False

    def begin(self) -> None:
        """Count the parts that are there, and remove what does not belong to them."""
        from pyarrow import parquet

        if not self.is_begun:
            self.remove()
        self.folder.mkdir(parents=True, exist_ok=True)
        while self._part(self.kept).exists():
            self.kept += 1
        known = {PLAN, *(self._part(k).name for k in range(self.kept))}
        for file in self.folder.iterdir():
            if file.name not in known:
                file.unlink()
        if not self.is_begun:
            with written_aside(self.folder / PLAN) as aside:
                aside.write_text(self._plan, encoding="utf-8")
        for k in range(self.kept):
            held = parquet.read_metadata(self._part(k))
            self.kept_rows += held.num_rows
            self.names += json.loads(held.metadata[b"names"])
        self.count = self.kept

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:06d}.parquet"

    def write(self, table: Any, names: Sequence[str], failures: Sequence[Failure]) -> None:
        """Keep the next part.

        Parameters
        ----------
        table : pyarrow.Table
        names : sequence of str
            Of its inputs.
        failures : sequence of Failure
        """
        from pyarrow import parquet

        about = {b"names": json.dumps(names), b"failures": json.dumps(failures)}
        with written_aside(self._part(self.count)) as aside:
            parquet.write_table(table.replace_schema_metadata(about), aside)
        self.count += 1

    def join(self, metadata: Mapping[str, str]) -> tuple[int, int]:
        """Make one table of all parts, with its table of failures, and remove the parts.

        Parameters
        ----------
        metadata : mapping of str to str
            Of the table.

        Returns
        -------
        n_rows, n_failures : int
        """
        from pyarrow import parquet

        # In the folder, so that a run that is killed here leaves nothing beside the output.
        joined = self.folder / "joined.parquet"
        schema = parquet.read_schema(self._part(0)).with_metadata(metadata)
        n_rows = 0
        failures: list[Failure] = []
        with parquet.ParquetWriter(joined, schema) as writer:
            for k in range(self.count):
                part = parquet.read_table(self._part(k))
                failures += [tuple(row) for row in json.loads(part.schema.metadata[b"failures"])]
                n_rows += part.num_rows
                writer.write_table(part.replace_schema_metadata(metadata))
        if failures:
            with (
                written_aside(self.failure_table) as aside,
                aside.open("w", newline="", encoding="utf-8") as file,
            ):
                rows = csv.writer(file)
                rows.writerow(("id", "source", "reason"))
                rows.writerows(failures)
        else:
            self.failure_table.unlink(missing_ok=True)
        joined.replace(self.output)
        self.remove()
        return n_rows, len(failures)

    def remove(self) -> None:
        """Remove the folder, and nothing in it that is not of its making."""
        if not self.folder.is_dir():
            return
        ours = re.compile(r"\.?(part|joined|plan)[-.].*")
        # The plan last: until then the parts that are left belong to it.
        for file in sorted(self.folder.iterdir(), key=lambda file: file.name == PLAN):
            if ours.fullmatch(file.name):
                file.unlink()
        self.folder.rmdir()
