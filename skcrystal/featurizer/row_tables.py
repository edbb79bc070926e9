"""Rows of inputs as tables of arrow: a row for each crystal, or for each site."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed

from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.descriptors.site_descriptor import SiteDescriptor
from skcrystal.descriptors.site_table import contents
from skcrystal.featurizer.describing import dense

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.descriptors.columns import Column
    from skcrystal.featurizer.crystal_featurizer import CrystalFeaturizer
    from skcrystal.formats.table_rows import Row

# Crystals whose sites are described together.
AT_ONCE = 64

__all__ = [
    "Rows",
    "crystal_columns",
    "crystal_schema",
    "crystal_table",
    "site_columns",
    "site_schema",
    "site_table",
]


def crystal_columns(featurizer: CrystalFeaturizer) -> list[Column]:
    """Return the columns of a crystal's row."""
    return featurizer.describe_columns()


def site_columns(featurizer: CrystalFeaturizer) -> list[Column]:
    """Return the columns of a site's row: of all descriptors that describe sites.

    Raises
    ------
    CrystalError
        None does.
    """
    found = [column for step in _site_steps(featurizer) for column in step.site_columns()]
    if not found:
        raise CrystalError("none of the descriptors describes sites; take the preset 'default' or 'full'.")
    return found


class Rows(NamedTuple):
    """Inputs that are described together, and why some of them cannot be.

    Attributes
    ----------
    names, sources : list of str
        What each is called, and where it was read.
    items : sequence of (Crystal or dict of str to float), or Crystals
        The good ones.
    places : list of int
        Which inputs they are.
    faults : dict of int to str
        The number of each other input -> why it cannot be used.
    """

    names: list[str]
    sources: list[str]
    items: Sequence[Any]
    places: list[int]
    faults: dict[int, str]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Rows:
        """Take rows as they were read."""
        good = [k for k, row in enumerate(rows) if row.item is not None]
        faults = {k: row.reason for k, row in enumerate(rows) if row.item is None}
        names, sources = [row.name for row in rows], [row.source for row in rows]
        return cls(names, sources, [rows[k].item for k in good], good, faults)


def crystal_table(
    rows: Rows, featurizer: CrystalFeaturizer, columns: Sequence[Column]
) -> tuple[Any, dict[int, str]]:
    """Describe crystals or formulas: a row for each, of missing values where one cannot be used.

    Returns
    -------
    table : pyarrow.Table
        With the column ``id`` in front.
    faults : dict of int to str
        The number of an input -> why it cannot be used.
    """
    import pyarrow as pa

    faults = dict(rows.faults)
    values = np.full((len(rows.names), len(columns)), np.nan)
    if len(rows.items):
        # Who asked is told of all parts together.
        report = featurizer.report(rows.items)
        values[rows.places] = dense(report.rows)
        faults |= {rows.places[k]: reason for k, reason in report.errors.items()}
    arrays = [pa.array(rows.names, pa.string()), *map(pa.array, values.T)]
    return pa.table(arrays, schema=crystal_schema(columns)), faults


def crystal_schema(columns: Sequence[Column]) -> Any:
    """Return the schema of a table of crystals."""
    import pyarrow as pa

    return _schema([("id", pa.string(), None)], columns)


def site_table(
    rows: Rows, featurizer: CrystalFeaturizer, columns: Sequence[Column]
) -> tuple[Any, dict[int, str]]:
    """Describe the sites of crystals; as :func:`crystal_table`, without rows for what cannot be used."""
    import pyarrow as pa

    faults = dict(rows.faults)
    good = list(zip(rows.places, rows.items, strict=True))
    faults |= {
        k: "a formula has no sites; give the structure" for k, item in good if not isinstance(item, Crystal)
    }
    good = [(k, item) for k, item in good if isinstance(item, Crystal)]
    steps = _site_steps(featurizer)
    jobs = [good[start : start + AT_ONCE] for start in range(0, len(good), AT_ONCE)]
    found = Parallel(n_jobs=featurizer.n_jobs)(
        delayed(_describe_sites)(steps, [crystal for _, crystal in job]) for job in jobs
    )
    tables: list[tuple[str, list[str], Any]] = []
    for job, blocks in zip(jobs, found, strict=True):
        for (k, crystal), block in zip(job, blocks, strict=True):
            if isinstance(block, str):
                faults[k] = block
            else:
                tables.append((rows.names[k], contents(Crystals.from_crystals([crystal])), block))
    values = np.concatenate([np.empty((0, len(columns))), *(block for _, _, block in tables)])
    ids = [name for name, held, _ in tables for _ in held]
    numbers = [k for _, held, _ in tables for k in range(len(held))]
    held = [text for _, texts, _ in tables for text in texts]
    arrays = [pa.array(ids, pa.string()), pa.array(numbers, pa.int64()), pa.array(held, pa.string())]
    return pa.table([*arrays, *map(pa.array, values.T)], schema=site_schema(columns)), faults


def site_schema(columns: Sequence[Column]) -> Any:
    """Return the schema of a table of sites."""
    import pyarrow as pa

    first = [
        ("id", pa.string(), None),
        ("site", pa.int64(), "number of the site in its crystal, from 0"),
        ("element", pa.string(), "what the site holds"),
    ]
    return _schema(first, columns)


def _describe_sites(steps: list[SiteDescriptor], crystals: list[Crystal]) -> list[NDArray[np.float64] | str]:
    """Return the rows of each crystal's sites, or why there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            batch = Crystals.from_crystals(crystals)
            rows = np.concatenate([dense(step.site_rows(batch)) for step in steps], axis=1)
        except CrystalError as error:
            if len(crystals) == 1:
                return [str(error).removeprefix("crystal 0: ")]
            # One by one, so that the one that cannot be described costs itself.
            return [rows for crystal in crystals for rows in _describe_sites(steps, [crystal])]
    return np.split(rows, batch.site_offsets[1:-1])


def _site_steps(featurizer: CrystalFeaturizer) -> list[SiteDescriptor]:
    return [step for _, step in featurizer._active() if isinstance(step, SiteDescriptor)]


def _schema(first: Sequence[tuple[str, Any, str | None]], columns: Sequence[Column]) -> Any:
    import pyarrow as pa

    fields = [
        pa.field(name, kind, metadata={"meaning": text} if text else None) for name, kind, text in first
    ]
    for column in columns:
        about = {"unit": column.unit or "", "meaning": column.meaning or ""}
        fields.append(pa.field(column.name, pa.float64(), metadata=about))
    return pa.schema(fields)
