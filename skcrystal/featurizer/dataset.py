"""Large sets: a plan and all of its shards, one after the other, in processes, or on a cluster."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrystal._progress import progress_bar
from skcrystal.crystals.crystal import CrystalError
from skcrystal.featurizer.plan import MANIFEST, Plan, plan_dataset, remove_all
from skcrystal.featurizer.shards import (
    Shard,
    failures_of,
    featurize_shard,
    finished,
    shard_path,
    table_metadata,
    tidy,
    write_failures,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from os import PathLike

__all__ = ["Featurized", "featurize_dataset", "shard_folder"]

# A folder is not meant by such a name.
OTHER_TABLES = {".feather", ".h5", ".json", ".jsonl", ".npy", ".npz", ".tsv", ".txt", ".xls", ".xlsx"}


@dataclass
class Featurized:
    """What became of the inputs.

    Attributes
    ----------
    path : Path
        The table, or the folder of shards.
    n_rows, n_columns : int
        Of the shards that were asked for, ``id`` not counted.
    n_failures : int
        Inputs that could not be used.
    failure_table : Path or None
        CSV beside the table, with the columns id, source and reason; None where nothing failed, and for a
        folder, where one stands beside each shard.
    n_kept : int
        Rows that were there already.
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


def featurize_dataset(
    sources: str | PathLike[str] | Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    client: Any = None,
    *,
    n_jobs: int | None = None,
    cache: str | PathLike[str] | None = None,
    share: tuple[int, int] = (1, 1),
    force: bool = False,
    verbose: bool = False,
    **planned: Any,
) -> Featurized:
    """Compute the columns of crystals or formulas, shard by shard, with flat memory.

    It is :func:`plan_dataset` and then :func:`featurize_shard` for each shard. A run that was stopped, by
    whatever it was, goes on with the shards that it had not finished when it is called in the same way on the
    same files; the output is the same bytes as of a run that was never stopped, however it was computed.

    Parameters
    ----------
    sources : str, path-like, or sequence of them
        As for :func:`plan_dataset`.
    output : str or path-like
        A folder, in which the shards stay: ``pandas.read_parquet(folder)`` reads them as one table. Or a file
        that ends in ``.parquet`` or ``.csv``, to which they are joined at the end. Its first column, ``id``,
        holds the names of the inputs; in Parquet each other column has its unit and meaning as metadata, and
        ``pandas.read_parquet(...).attrs["units"]`` has the units.
    client : dask.distributed.Client or None, default=None
        Compute the shards on its cluster, which sees the same disk.
    n_jobs : int or None, default=None
        Without a client: processes, as in scikit-learn. Each takes whole shards while there are as many; of
        fewer shards all work on one.
    cache : str, path-like or None, default=None
        As for :func:`featurize_shard`.
    share : (int, int), default=(1, 1)
        The pair (K, N) computes every N-th shard, from the K-th on, K from 1 to N: what the K-th of N jobs
        does that know nothing of each other. The output must be a folder.
    force : bool, default=False
        Replace an output that exists, or the shards of another plan.
    verbose : bool, default=False
        Show a progress bar on stderr.
    **planned
        The other parameters of :func:`plan_dataset`.

    Returns
    -------
    Featurized

    Raises
    ------
    CrystalError
        There is nothing to read; the output is a table of another kind, or holds another plan; with
        ``on_error="raise"``, an input cannot be used; on a cluster, shards were given up.
    FileExistsError
        The output is a file that exists, without `force`.
    ImportError
        pyarrow is not installed.
    """
    output = Path(output)
    single = _is_one_file(output)
    folder = shard_folder(output)
    first, every = share
    if not 1 <= first <= every:
        raise ValueError(f"share is {share!r}; it must be (K, N) with K from 1 to N")
    if single and every > 1:
        raise CrystalError(
            f"a share of the shards goes into a folder, and {str(output)!r} is a file; name a folder."
        )
    is_begun = (folder / MANIFEST).exists()
    if single and output.exists() and not force and not is_begun:
        raise FileExistsError(f"{output} exists; replace it with --force, or name another file")
    plan = plan_dataset(sources, folder, force=force, **planned)
    numbers = range(first - 1, len(plan), every)
    try:
        shards = _computed(plan, numbers, client, n_jobs, cache, verbose)
    except BaseException:
        # A mistake leaves nothing behind; what other processes work on stays.
        if single and not any(shard_path(folder, number).exists() for number in numbers):
            remove_all(folder)
        raise
    done = Featurized(
        output,
        n_rows=sum(shard.n_rows for shard in shards),
        n_columns=len(plan.columns(plan.featurizer())),
        n_failures=sum(shard.n_failures for shard in shards),
        n_kept=sum(shard.n_rows for shard in shards if shard.is_kept),
    )
    _add_notes(done, shards)
    if single:
        done.failure_table = _join(plan, output)
    elif every == 1:
        tidy(folder)
    return done


def shard_folder(output: str | PathLike[str]) -> Path:
    """Return where the shards of an output are: in the folder itself, or in a hidden one beside the file.

    Raises
    ------
    CrystalError
        The output has the name of a table that is not written, and is no folder.
    """
    output = Path(output)
    return output.with_name(f".{output.name}.shards") if _is_one_file(output) else output


def _is_one_file(output: Path) -> bool:
    suffix = output.suffix.lower()
    if suffix in OTHER_TABLES and not output.is_dir():
        raise CrystalError(
            f"{str(output)!r} is no table that is written; name a .parquet or .csv file, or a folder."
        )
    return suffix in {".parquet", ".csv"}


def _computed(
    plan: Plan,
    numbers: Sequence[int],
    client: Any,
    n_jobs: int | None,
    cache: str | PathLike[str] | None,
    verbose: bool,
) -> list[Shard]:
    """Return the shards, those that are missing having been computed."""
    shards = {number: shard for number in numbers if (shard := finished(plan, number)) is not None}
    missing = [number for number in numbers if number not in shards]
    sizes = {number: sum(count for _, _, count in plan.stretches(number)) for number in numbers}
    kept = sum(sizes[number] for number in shards)
    with (
        progress_bar(shown=verbose, total=sum(sizes.values()), initial=kept, unit=" crystals") as bar,
        closing(_engine(plan, missing, client, n_jobs, cache, bar.update)) as found,
    ):
        for number, shard in found:
            shards[number] = shard
    return [shards[number] for number in numbers]


def _engine(
    plan: Plan,
    missing: Sequence[int],
    client: Any,
    n_jobs: int | None,
    cache: str | PathLike[str] | None,
    progress: Callable[[int], Any],
) -> Generator[tuple[int, Shard]]:
    """Compute shards, in any order."""
    from joblib import Parallel, delayed, effective_n_jobs

    if client is not None:
        from skcrystal.featurizer.cluster import shards_on_cluster

        with closing(shards_on_cluster(client, plan, missing, cache)) as shards:
            for number, shard in shards:
                progress(sum(count for _, _, count in plan.stretches(number)))
                yield number, shard
        return
    n_processes = effective_n_jobs(n_jobs)
    if n_processes == 1 or len(missing) < n_processes:
        for number in missing:
            yield number, featurize_shard(plan, number, n_jobs=n_jobs, cache=cache, progress=progress)
        return
    jobs = (delayed(_one)(plan, number, cache) for number in missing)
    with closing(Parallel(n_jobs, return_as="generator_unordered", batch_size=1)(jobs)) as results:
        for number, shard in results:
            progress(sum(count for _, _, count in plan.stretches(number)))
            yield number, shard


def _one(plan: Plan, number: int, cache: str | PathLike[str] | None) -> tuple[int, Shard]:
    return number, featurize_shard(plan, number, cache=cache)


def _add_notes(done: Featurized, shards: Sequence[Shard]) -> None:
    said = [note for shard in shards for note in shard.notes]
    n_noted = sum(shard.n_noted for shard in shards)
    done.notes = said[:3]
    if n_noted > len(done.notes):
        done.notes.append(f"{n_noted - len(done.notes):,} more crystals have notes")


def _join(plan: Plan, output: Path) -> Path | None:
    """Make one table of all shards, with its table of failures, and remove the shards."""
    from pyarrow import parquet

    featurizer = plan.featurizer()
    metadata = table_metadata(plan, featurizer, plan.columns(featurizer))
    # In the folder of the shards, so that a run that is killed here leaves nothing beside the output.
    joined = plan.folder / ".plan-joined"
    if output.suffix.lower() == ".csv":
        with joined.open("w", encoding="utf-8", newline="") as file:
            for place, rows in enumerate(_row_groups(plan)):
                rows.to_pandas().to_csv(file, index=False, header=place == 0, lineterminator="\n")
    else:
        schema = parquet.read_schema(shard_path(plan.folder, 0)).with_metadata(metadata)
        with parquet.ParquetWriter(joined, schema) as writer:
            for rows in _row_groups(plan):
                writer.write_table(rows.replace_schema_metadata(metadata))
    failures = [failure for number in range(len(plan)) for failure in failures_of(plan, number)]
    table = output.with_name(f"{output.stem}.failures.csv")
    if failures:
        write_failures(table, failures)
    else:
        table.unlink(missing_ok=True)
    joined.replace(output)
    remove_all(plan.folder)
    return table if failures else None


def _row_groups(plan: Plan) -> Generator[Any]:
    """Yield the rows of all shards in their order, as tables small enough to be held."""
    from pyarrow import parquet

    for number in range(len(plan)):
        with parquet.ParquetFile(shard_path(plan.folder, number)) as shard:
            for group in range(shard.num_row_groups):
                yield shard.read_row_group(group)
