"""One shard of a plan: computed by whoever takes it, written aside, renamed when it is whole."""

from __future__ import annotations

import csv
import json
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.descriptors.columns import name_units
from skcrystal.featurizer.plan import OURS, Plan, read_plan, require_pyarrow, versions
from skcrystal.featurizer.row_tables import Rows, crystal_schema, crystal_table, site_schema, site_table
from skcrystal.formats.aside import written_aside
from skcrystal.formats.stretches import stretch_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike
    from pathlib import Path

    from skcrystal.descriptors.columns import Column
    from skcrystal.featurizer.crystal_featurizer import CrystalFeaturizer
    from skcrystal.formats.table_rows import Row

__all__ = [
    "Shard",
    "Status",
    "failures_of",
    "featurize_shard",
    "finished",
    "shard_path",
    "status",
    "table_metadata",
    "tidy",
]

# Inputs that are in memory at once, and whose rows are one group of rows of the file.
AT_ONCE = 1000

# Crystals of a shard whose notes are said word by word.
SHOWN = 3

#: Under this name a shard says what it is.
ABOUT = b"skcrystal.shard"

FAILURE_COLUMNS = ("id", "source", "reason")


class Shard(NamedTuple):
    """A finished shard.

    Attributes
    ----------
    path : Path
        Parquet: the column ``id``, and a column for each number.
    n_rows : int
        Of the table.
    n_failures : int
        Inputs that could not be used; the table beside the shard names them with the reasons.
    notes : list of str
        What was repaired or is suspicious, of the first crystals that have notes.
    n_noted : int
        Crystals with notes.
    is_kept : bool
        It was there already.
    """

    path: Path
    n_rows: int
    n_failures: int
    notes: list[str]
    n_noted: int
    is_kept: bool


def shard_path(folder: Path, number: int) -> Path:
    """Return where a shard stands when it is finished."""
    return folder / f"shard-{number:06d}.parquet"


def failure_path(folder: Path, number: int) -> Path:
    """Return where the inputs of a shard stand that could not be used."""
    return folder / f"_shard-{number:06d}.failures.csv"


def finished(plan: Plan, number: int) -> Shard | None:
    """Return a shard that is finished; None if it is not.

    Raises
    ------
    CrystalError
        What stands in its place is of another plan, or damaged.
    """
    from pyarrow import ArrowInvalid, parquet

    path = shard_path(plan.folder, number)
    try:
        held = parquet.read_metadata(path)
        about = json.loads((held.metadata or {})[ABOUT])
    except FileNotFoundError:
        return None
    except (ArrowInvalid, OSError, KeyError, ValueError):
        raise CrystalError(
            f"{str(path)!r} is no shard, or a damaged one; remove it, and call again."
        ) from None
    if about["plan"] != plan.digest or about["number"] != number:
        raise CrystalError(f"{str(path)!r} is a shard of another plan; remove it and call again.")
    return Shard(path, held.num_rows, about["n_failures"], about["notes"], about["n_noted"], is_kept=True)


def featurize_shard(
    plan: Plan | str | PathLike[str],
    number: int,
    *,
    n_jobs: int | None = None,
    cache: str | PathLike[str] | None = None,
    progress: Callable[[int], Any] | None = None,
) -> Shard:
    """Compute one shard of a plan; one that is finished is left as it is.

    What it writes depends on the plan and the number alone, and stands in its place when all of it is
    written: it may be called anywhere, in any order, by several processes at once, and again after any of
    them was killed. No more than 1,000 inputs and their rows are in memory.

    Parameters
    ----------
    plan : Plan, str or path-like
        A plan, or the folder that holds it.
    number : int
        From 0 to ``len(plan) - 1``.
    n_jobs : int or None, default=None
        Processes, as for :class:`~skcrystal.CrystalFeaturizer`.
    cache : str, path-like or None, default=None
        As for :class:`~skcrystal.CrystalFeaturizer`; rows of sites are not cached.
    progress : callable or None, default=None
        Called with a number of inputs whenever so many are done.

    Returns
    -------
    Shard

    Raises
    ------
    CrystalError
        A file is not what it was when it was planned; versions differ from the plan's; with
        ``on_error="raise"``, an input cannot be used.
    """
    require_pyarrow()
    plan = plan if isinstance(plan, Plan) else read_plan(plan)
    if not 0 <= number < len(plan):
        raise IndexError(f"shard {number} of {len(plan)}")
    known = finished(plan, number)
    if known is not None:
        return known
    _check_versions(plan)
    featurizer = plan.featurizer().set_params(n_jobs=n_jobs, cache=cache)
    path = shard_path(plan.folder, number)
    try:
        with written_aside(path) as aside:
            _write(plan, number, featurizer, aside, progress)
    except FileNotFoundError:
        # Another process has finished the shard, and the folder was tidied up.
        if finished(plan, number) is None:
            raise
    done = finished(plan, number)
    if done is None:
        raise CrystalError(f"{str(path)!r} was removed as soon as it was written.")
    return done._replace(is_kept=False)


def _write(
    plan: Plan,
    number: int,
    featurizer: CrystalFeaturizer,
    path: Path,
    progress: Callable[[int], Any] | None,
) -> None:
    from pyarrow import parquet

    columns = plan.columns(featurizer)
    schema = (site_schema if plan.sites else crystal_schema)(columns)
    make = site_table if plan.sites else crystal_table
    rows = _rows(plan, number)
    failures: list[tuple[str, str, str]] = []
    notes: list[str] = []
    n_noted = 0
    with parquet.ParquetWriter(
        path, schema.with_metadata(table_metadata(plan, featurizer, columns))
    ) as writer:
        while part := list(islice(rows, AT_ONCE)):
            _refuse_formulas(part, featurizer)
            given = Rows.of(part)
            table, faults = make(given, featurizer, columns)
            failed = [(given.names[k], given.sources[k], faults[k]) for k in sorted(faults)]
            if failed and plan.manifest["on_error"] == "raise":
                raise CrystalError(f"{failed[0][1]}: {failed[0][2]}")
            failures += failed
            said = [text for row in part if (text := _notes_of(row))]
            notes += said[: max(0, SHOWN - len(notes))]
            n_noted += len(said)
            writer.write_table(table)
            if progress is not None:
                progress(len(part))
        about = {"plan": plan.digest, "number": number, "n_failures": len(failures)}
        writer.add_key_value_metadata({ABOUT: json.dumps({**about, "notes": notes, "n_noted": n_noted})})
    # In front of the shard: whoever finds it finds its failures.
    place = failure_path(plan.folder, number)
    if failures:
        write_failures(place, failures)
    else:
        place.unlink(missing_ok=True)


def _rows(plan: Plan, number: int) -> Iterator[Row]:
    several = len(plan.manifest["input"]["files"]) > 1
    options = plan.options()
    return chain.from_iterable(
        stretch_rows(file, mark, count, options, several=several)
        for file, mark, count in plan.stretches(number)
    )


def write_failures(path: Path, failures: Sequence[tuple[str, str, str]]) -> None:
    """Write a table of inputs that could not be used."""
    with written_aside(path) as aside, aside.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(FAILURE_COLUMNS)
        rows.writerows(failures)


def failures_of(plan: Plan, number: int) -> list[tuple[str, str, str]]:
    """Return the inputs of a finished shard that could not be used."""
    try:
        with failure_path(plan.folder, number).open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            next(rows, None)
            return [(name, source, reason) for name, source, reason in rows]
    except FileNotFoundError:
        return []


def _refuse_formulas(part: Sequence[Row], featurizer: CrystalFeaturizer) -> None:
    """Say of all formulas at once that these descriptors need more."""
    formula = next((row for row in part if isinstance(row.item, dict)), None)
    if formula is not None and any(step.needs_positions for _, step in featurizer._active()):
        raise CrystalError(
            f"{formula.source} is a formula, which says nothing of positions; give structures, or take the "
            "preset 'composition'."
        )


def _notes_of(row: Row) -> str:
    notes = row.item.notes if isinstance(row.item, Crystal) else ()
    return f"{row.source}: {'; '.join(notes)}" if notes else ""


def _check_versions(plan: Plan) -> None:
    here, there = versions(), plan.manifest["versions"]
    other = [f"{name} {here[name]} and not {there[name]}" for name in here if here[name] != there.get(name)]
    if other:
        raise CrystalError(
            f"this process has {', '.join(other)}, with which {str(plan.folder)!r} was planned; take the "
            "same environment everywhere, or plan anew with --force."
        )


def table_metadata(plan: Plan, featurizer: CrystalFeaturizer, columns: Sequence[Column]) -> dict[str, str]:
    """Return the metadata of a table: what pandas gives as ``attrs``, and what made it."""
    made = {
        "rows": "sites" if plan.sites else "crystals",
        "preset": plan.manifest["features"]["preset"] or "",
        "descriptors": [type(step).__name__ for _, step in featurizer._active()],
        "disorder": featurizer.disorder,
        "versions": plan.manifest["versions"],
    }
    return {"PANDAS_ATTRS": json.dumps({"units": name_units(columns)}), "skcrystal": json.dumps(made)}


class Status(NamedTuple):
    """How far a plan is.

    Attributes
    ----------
    plan : Plan
    missing : list of int
        Numbers of the shards that are not finished.
    n_rows, n_failures : int
        Of the finished ones.
    n_strays : int
        Files that processes are writing, or that killed ones have left.
    """

    plan: Plan
    missing: list[int]
    n_rows: int
    n_failures: int
    n_strays: int


def status(folder: str | PathLike[str]) -> Status:
    """Return how far the plan in a folder is.

    Parameters
    ----------
    folder : str or path-like

    Returns
    -------
    Status

    Raises
    ------
    CrystalError
        There is no plan, or a file in it is of another one.
    """
    plan = read_plan(folder)
    shards = [finished(plan, number) for number in range(len(plan))]
    there = [shard for shard in shards if shard is not None]
    missing = [number for number, shard in enumerate(shards) if shard is None]
    n_failures = sum(shard.n_failures for shard in there)
    return Status(plan, missing, sum(shard.n_rows for shard in there), n_failures, len(_strays(plan.folder)))


def tidy(folder: Path) -> None:
    """Remove what killed processes have left, when all shards are finished."""
    for file in _strays(folder):
        file.unlink(missing_ok=True)


def _strays(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.name.startswith(".") and OURS.fullmatch(file.name)]
