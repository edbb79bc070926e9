"""What is to be computed, divided into shards, written down once: a plan that any process can work on."""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal._version import __version__
from skcrystal.crystals.crystal import CrystalError
from skcrystal.featurizer.crystal_featurizer import CrystalFeaturizer
from skcrystal.featurizer.row_tables import crystal_columns, site_columns
from skcrystal.featurizer.written_steps import read_steps, written_steps
from skcrystal.formats.aside import written_aside
from skcrystal.formats.named import file_paths
from skcrystal.formats.names import is_companion
from skcrystal.formats.options import Options
from skcrystal.formats.stretches import InputFile, file_state, input_files
from skcrystal.formats.survey import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

    from skcrystal.descriptors.columns import Column

__all__ = ["Plan", "plan_dataset", "read_plan"]

#: Names that begin so are passed over by what reads a folder of Parquet files as one table.
MANIFEST = "_plan.json"

# What a plan writes, and what a process that was killed leaves of it.
OURS = re.compile(r"shard-\d+\.parquet|_shard-\d+\.failures\.csv|_plan\.json|\._?(shard-\d|plan)[\w.]*-.*")

# Of the layout of a manifest.
LAYOUT = 1

# The parts of a manifest that decide what rows are, as they are called in a sentence.
DECISIVE = {
    "input": "the input",
    "features": "the descriptors",
    "reading": "how the input is read",
    "on_error": "on_error",
    "rows": "the rows of a shard",
    "versions": "the versions of libraries",
    "layout": "the layout of the manifest",
}


class Plan:
    """A data set to be computed, in shards that do not depend on each other.

    It is made by :func:`plan_dataset`. What is sent to another process is its folder, where that process
    reads the manifest: both must see the same disk.

    Attributes
    ----------
    folder : Path
        Where the manifest and the shards are.
    manifest : dict
        As it stands in ``_plan.json``: the preset, each descriptor with its parameters and the version of its
        columns, versions of libraries, the files of the input with their digest, and what each shard reads.
    digest : str
        Of all that decides what the rows are.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.digest: str = manifest["digest"]

    def __reduce__(self) -> Any:
        return read_plan, (os.fspath(self.folder),)

    def __len__(self) -> int:
        return len(self.manifest["shards"])

    def __repr__(self) -> str:
        return f"Plan({str(self.folder)!r}, {len(self)} shards)"

    @property
    def sites(self) -> bool:
        """Whether there is a row for each site."""
        return bool(self.manifest["features"]["sites"])

    @property
    def n_inputs(self) -> int:
        """Rows of the input, as far as they are known beforehand: a file that is read as a whole is one."""
        return sum(count for shard in self.manifest["shards"] for _, _, count in shard)

    def files(self) -> list[list[Any]]:
        """Return path and state of each file."""
        return [[path, state] for path, state, *_ in self.manifest["input"]["files"]]

    def stretches(self, number: int) -> list[tuple[InputFile, Mark, int]]:
        """Return what a shard reads."""
        files = self.manifest["input"]["files"]
        return [
            (InputFile(*files[file]), Mark(*mark), count)
            for file, mark, count in self.manifest["shards"][number]
        ]

    def options(self) -> Options:
        """Return how the input is read."""
        reading = self.manifest["reading"]
        return Options(structure_column=reading["structure_column"], elements=reading["elements"])

    def featurizer(self) -> CrystalFeaturizer:
        """Make the featurizer."""
        features = self.manifest["features"]
        steps = read_steps(features["descriptors"])
        return CrystalFeaturizer(steps, on_error="nan", disorder=features["disorder"])

    def columns(self, featurizer: CrystalFeaturizer) -> list[Column]:
        """Return the columns of the numbers."""
        return (site_columns if self.sites else crystal_columns)(featurizer)


def plan_dataset(
    sources: str | PathLike[str] | Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    rows: int = 20_000,
    descriptors: Any = "default",
    sites: bool = False,
    on_error: str = "nan",
    disorder: str = "average",
    structure_column: str | None = None,
    formula_column: str | None = None,
    elements: Sequence[str] | None = None,
    force: bool = False,
) -> Plan:
    """Divide crystals or formulas into shards, and write down what is to be computed of them.

    Each file is looked through once, of CSV, JSON lines and extended XYZ all of it, of Parquet and databases
    what they say of themselves. A folder that holds the same plan already is left as it is.

    Parameters
    ----------
    sources : str, path-like, or sequence of them
        Files, folders, patterns, archives, tables or addresses, as :func:`skcrystal.formats.read_many` takes
        them; tables may have a column of formulas instead of structures.
    output : str or path-like
        A folder, made if absent.
    rows : int, default=20_000
        Inputs in a shard: what is computed as a whole, and computed again where it was not finished.
    descriptors : str or list of (str, Descriptor), default="default"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    sites : bool, default=False
        One row for each site instead, of the descriptors that describe sites.
    on_error : {"nan", "raise"}, default="nan"
        An input that cannot be used is a row of missing values, or stops its shard. Of sites it has no row.
    disorder : {"average", "raise"}, default="average"
        As for :class:`~skcrystal.CrystalFeaturizer`.
    structure_column, formula_column, elements
        As for :func:`skcrystal.formats.rows.iter_rows`.
    force : bool, default=False
        Remove the shards of another plan from the folder.

    Returns
    -------
    Plan

    Raises
    ------
    CrystalError
        There is nothing to read, or the folder holds another plan or other files.
    ImportError
        pyarrow is not installed.
    """
    require_pyarrow()
    if on_error not in {"nan", "raise"}:
        raise ValueError(f"on_error is {on_error!r}; it must be 'nan' or 'raise'")
    if rows < 1:
        raise ValueError(f"rows is {rows!r}; a shard has at least one")
    folder = Path(output)
    names = named_sources(sources)
    featurizer = CrystalFeaturizer(descriptors, disorder=disorder).fit()
    reading = {
        "structure_column": structure_column,
        "formula_column": formula_column,
        "elements": elements and list(elements),
    }
    manifest: dict[str, Any] = {
        "layout": LAYOUT,
        "features": {
            "preset": descriptors if isinstance(descriptors, str) else None,
            "descriptors": written_steps(featurizer._active()),
            "disorder": disorder,
            "sites": sites,
        },
        "reading": reading,
        "on_error": on_error,
        "rows": rows,
        "versions": versions(),
    }
    # A mistake in the descriptors is said before anything is written.
    (site_columns if sites else crystal_columns)(featurizer)
    known = _known(folder)
    if known is not None and _is_planned(known, manifest, names):
        return known
    options = Options(structure_column=structure_column, elements=elements)
    files, shards = input_files(names, options, formula_column, rows)
    if not shards:
        raise CrystalError(f"{names[0]!r} holds no row; give files of crystals, or a table.")
    manifest["input"] = {"digest": _digest([file[:2] for file in files]), "files": files}
    manifest["shards"] = shards
    # As a manifest that is read again has it.
    manifest = json.loads(json.dumps(manifest))
    manifest["digest"] = _digest(manifest)
    if known is not None and known.digest == manifest["digest"]:
        return known
    if known is not None and not force:
        raise _differing(known, manifest)
    if known is not None:
        remove_all(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with written_aside(folder / MANIFEST) as aside:
        aside.write_text(json.dumps(manifest, separators=(",", ":")), encoding="utf-8")
    return Plan(folder, manifest)


def read_plan(folder: str | PathLike[str]) -> Plan:
    """Read the plan that a folder holds.

    Raises
    ------
    CrystalError
        It holds none.
    """
    path = Path(folder, MANIFEST)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise CrystalError(f"{str(folder)!r} holds no plan; make one with plan_dataset.") from None
    return _read(path, changed)


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> Plan:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return Plan(path.parent, manifest)
    except (ValueError, KeyError, TypeError):
        raise CrystalError(f"{str(path)!r} is no plan, or a damaged one; remove the folder.") from None


def _known(folder: Path) -> Plan | None:
    """Return the plan of a folder; None where there is neither a plan nor anything else."""
    if (folder / MANIFEST).exists():
        return read_plan(folder)
    if folder.exists() and not folder.is_dir():
        raise CrystalError(f"{str(folder)!r} is a file; name a folder, or a file that ends in .parquet.")
    if folder.is_dir() and any(not OURS.fullmatch(file.name) for file in folder.iterdir()):
        raise CrystalError(
            f"{str(folder)!r} is a folder with other files in it; name one that is new or empty."
        )
    return None


def _is_planned(known: Plan, manifest: dict[str, Any], sources: Sequence[str]) -> bool:
    """Tell whether a plan is the one that would be made, without looking through its files again."""
    if any(known.manifest.get(part) != json.loads(json.dumps(manifest[part])) for part in manifest):
        return False
    items = [path for path, _ in file_paths(sources)]
    paths = [path for path in items if len(items) == 1 or not is_companion(path)]
    now = [[path if not file_state(path) else os.path.abspath(path), file_state(path)] for path in paths]
    return now == known.files()


def _differing(known: Plan, manifest: dict[str, Any]) -> CrystalError:
    parts = [text for part, text in DECISIVE.items() if known.manifest.get(part) != manifest[part]]
    changed = " and ".join(parts) or "what each shard reads"
    return CrystalError(
        f"{str(known.folder)!r} holds the shards of another plan ({changed} changed); name another output, "
        "or begin anew with --force."
    )


def remove_all(folder: Path) -> None:
    """Remove the plan and its shards, the plan last, and the folder if nothing else is in it."""
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir(), key=lambda file: file.name == MANIFEST):
        if OURS.fullmatch(file.name):
            file.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def named_sources(sources: str | PathLike[str] | Iterable[str | PathLike[str]]) -> list[str]:
    """Return sources as a list of names."""
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    return [os.fspath(source) for source in given]


def require_pyarrow() -> None:
    """Say how Parquet files are had, where they are not."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise ImportError("Parquet files need pyarrow: pip install 'skcrystal[parquet]'") from None


def versions() -> dict[str, str]:
    """Return the versions of what decides the bytes of a table."""
    import pyarrow

    return {"skcrystal": __version__, "numpy": np.__version__, "pyarrow": pyarrow.__version__}


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()
