"""Large sets: any sources into one Parquet file, part by part; a finished part is not computed again."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal._version import __version__
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.descriptors.columns import name_units
from skcrystal.featurizer.crystal_featurizer import CrystalFeaturizer
from skcrystal.featurizer.part_tables import crystal_columns, crystal_table, site_columns, site_table
from skcrystal.featurizer.parts import Parts
from skcrystal.formats.named import file_paths
from skcrystal.formats.rows import iter_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from skcrystal.descriptors.columns import Column
    from skcrystal.formats.rows import Row

__all__ = ["Featurized", "featurize_files"]

# Crystals whose notes are said word by word.
SHOWN = 3


@dataclass
class Featurized:
    """What became of the inputs.

    Attributes
    ----------
    path : Path
        The table.
    n_rows, n_columns : int
        Of the table, ``id`` not counted.
    n_failures : int
        Inputs that could not be used.
    failure_table : Path or None
        CSV beside the table, with the columns id, source and reason; None where nothing failed.
    n_kept : int
        Rows that an earlier run, which was stopped, had computed.
    notes : list of str
        What was repaired or is suspicious: of the first crystals word by word, and how many more there are.
    """

    path: Path
    n_rows: int = 0
    n_columns: int = 0
    n_failures: int = 0
    failure_table: Path | None = None
    n_kept: int = 0
    notes: list[str] = field(default_factory=list)


def featurize_files(
    sources: str | PathLike[str] | Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    descriptors: Any = "default",
    sites: bool = False,
    n_jobs: int | None = None,
    cache: str | PathLike[str] | None = None,
    on_error: str = "nan",
    disorder: str = "average",
    structure_column: str | None = None,
    formula_column: str | None = None,
    elements: Sequence[str] | None = None,
    part_size: int = 1000,
    force: bool = False,
    verbose: bool = False,
) -> Featurized:
    """Compute the columns of crystals or formulas into one Parquet file, with flat memory.

    Parts of `part_size` inputs are computed one after the other and kept in a folder beside the output, until
    all are joined and the folder is removed. A run that was stopped, by whatever it was, goes on with the
    part that it had not finished when it is called in the same way on the same files; the output is the same
    bytes as of a run that was never stopped.

    Parameters
    ----------
    sources : str, path-like, or sequence of them
        As for :func:`skcrystal.formats.read_many`; tables may have a column of formulas instead.
    output : str or path-like
        A ``.parquet`` file. Its first column, ``id``, holds the names of the inputs; each other column has
        its unit and meaning as metadata, and ``pandas.read_parquet(...).attrs["units"]`` has the units.
    descriptors : str or list of (str, Descriptor), default="default"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    sites : bool, default=False
        One row for each site instead, of the descriptors that describe sites, behind the columns ``id``,
        ``site`` and ``element``.
    n_jobs, cache, disorder
        As for :class:`~skcrystal.CrystalFeaturizer`; rows of sites are not cached.
    on_error : {"nan", "raise"}, default="nan"
        An input that cannot be used is a row of missing values, or stops the run. Of sites it has no row.
    structure_column, formula_column, elements
        As for :func:`skcrystal.formats.rows.iter_rows`.
    part_size : int, default=1000
        Inputs in a part.
    force : bool, default=False
        Replace an output that exists.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    Featurized

    Raises
    ------
    CrystalError
        There is nothing to read, the output is no Parquet file, or, with ``on_error="raise"``, an input
        cannot be used.
    FileExistsError
        The output exists, without `force`.
    ImportError
        pyarrow is not installed.
    """
    from tqdm.auto import tqdm

    _require_pyarrow()
    if on_error not in {"nan", "raise"}:
        raise ValueError(f"on_error is {on_error!r}; it must be 'nan' or 'raise'")
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    names = [os.fspath(source) for source in given]
    output = Path(output)
    if output.suffix.lower() != ".parquet":
        raise CrystalError(f"{str(output)!r} is no name of a Parquet file; end it in .parquet.")
    featurizer = CrystalFeaturizer(descriptors, on_error="nan", disorder=disorder).fit()
    columns = site_columns(featurizer) if sites else crystal_columns(featurizer)
    reading: dict[str, Any] = {
        "structure_column": structure_column,
        "formula_column": formula_column,
        "elements": elements,
    }
    plan = {
        "files": [_state(path) for path, _ in file_paths(names)],
        "reading": {**reading, "elements": elements and list(elements)},
        "featurizer": repr(featurizer.get_params()),
        "columns": [column.name for column in columns],
        "parameters": [on_error, part_size, sites],
        "versions": _versions(),
    }
    parts = Parts(output, plan)
    if output.exists() and not force and not parts.is_begun:
        raise FileExistsError(f"{output} exists; replace it with --force, or name another file")
    parts.begin()
    featurizer.set_params(n_jobs=n_jobs, cache=cache)
    rows = iter_rows(names, skip=parts.kept * part_size, taken=parts.names, targets=False, **reading)
    done = Featurized(output, n_columns=len(columns), n_kept=parts.kept_rows)
    try:
        n_noted = 0
        with tqdm(unit=" crystals", initial=len(parts.names), disable=not verbose) as bar:
            while part := list(islice(rows, part_size)):
                _refuse_formulas(part, featurizer)
                table, failures = (site_table if sites else crystal_table)(part, featurizer, columns)
                failed = [(row.name, row.source, failures[row.name]) for row in part if row.name in failures]
                if failed and on_error == "raise":
                    raise CrystalError(f"{failed[0][1]}: {failed[0][2]}")
                parts.write(table, [row.name for row in part], failed)
                said = [text for row in part if (text := _notes_of(row))]
                done.notes += said[: max(0, SHOWN - len(done.notes))]
                n_noted += len(said)
                bar.update(len(part))
        if not parts.count:
            raise CrystalError(f"{names[0]!r} holds no row; give files of crystals, or a table.")
    finally:
        if not parts.count:
            parts.remove()
    if n_noted > len(done.notes):
        done.notes.append(f"{n_noted - len(done.notes):,} more crystals have notes")
    done.n_rows, done.n_failures = parts.join(_metadata(featurizer, columns, sites))
    done.failure_table = parts.failure_table if done.n_failures else None
    return done


def _refuse_formulas(part: Sequence[Row], featurizer: CrystalFeaturizer) -> None:
    """Say of all formulas at once that these descriptors need more."""
    formula = next((row for row in part if isinstance(row.item, dict)), None)
    if formula is not None and any(step.needs_positions for _, step in featurizer._active()):
        raise CrystalError(
            f"{formula.source} is a formula, which says nothing of positions; give structures, or take the "
            "preset 'composition'."
        )


def _require_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise ImportError("Parquet files need pyarrow: pip install 'skcrystal[parquet]'") from None


def _state(path: str) -> list[Any]:
    """Return what tells whether a file is the one that it was."""
    try:
        status = os.stat(path)
    except OSError:
        return [path]
    return [os.path.abspath(path), status.st_size, status.st_mtime_ns]


def _versions() -> dict[str, str]:
    import pyarrow

    return {
        "skcrystal": __version__,
        "numpy": np.__version__,
        "pyarrow": pyarrow.__version__,
        "python": platform.python_version(),
    }


def _notes_of(row: Row) -> str:
    notes = row.item.notes if isinstance(row.item, Crystal) else ()
    return f"{row.source}: {'; '.join(notes)}" if notes else ""


def _metadata(featurizer: CrystalFeaturizer, columns: Sequence[Column], sites: bool) -> dict[str, str]:
    """Return the metadata of the table: what pandas gives as ``attrs``, and what made it."""
    preset = featurizer.descriptors if isinstance(featurizer.descriptors, str) else ""
    made = {
        "rows": "sites" if sites else "crystals",
        "preset": preset,
        "descriptors": [type(step).__name__ for _, step in featurizer._active()],
        "disorder": featurizer.disorder,
        "versions": _versions(),
    }
    return {"PANDAS_ATTRS": json.dumps({"units": name_units(columns)}), "skcrystal": json.dumps(made)}
