"""Crystals of any database that answers as the OPTIMADE standard says: asked for once, and kept."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from skcrystal.crystals.batch import Crystals
from skcrystal.datasets._matbench import data_folder
from skcrystal.formats.aside import written_aside
from skcrystal.formats.optimade import NEEDED, USED, optimade_entries

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from sklearn.utils import Bunch

    from skcrystal.formats.entries import Entry

__all__ = ["fetch_optimade"]

ABOUT = b"skcrystal"

# Answers of a server that is busy or starts again; the same request may succeed later.
PASSING = frozenset({429, 500, 502, 503, 504})

# The longest that a request waits for another try, whatever the server asks for.
LONGEST_WAIT = 60.0


def fetch_optimade(
    base_url: str,
    filter: str,
    *,
    fields: Sequence[str] = (),
    max_results: int | None = None,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    n_retries: int = 5,
    delay: float = 1.0,
    timeout: float = 60.0,
) -> Bunch | tuple[Any, Any]:
    """Fetch crystals of a database that follows the OPTIMADE standard, page by page.

    The answer is kept in a Parquet file whose columns are OPTIMADE's properties, with the query and its date;
    the same call reads it again without network, and :func:`skcrystal.shards.plan_dataset` reads it as it is.

    Parameters
    ----------
    base_url : str
        Address of the database, as ``"https://optimade.materialsproject.org"``; https://www.optimade.org/
        has a list.
    filter : str
        What to ask for, in the standard's language: ``'elements HAS ALL "Ti", "O" AND nelements=2'``.
    fields : sequence of str, default=()
        Properties to take as targets beside the structure: numbers, texts or truth values, the database's
        own with their prefix, as ``"_mp_band_gap"``. One that an entry lacks is missing.
    max_results : int or None, default=None
        So many entries at most; None takes all.
    data_home : str, path-like or None, default=None
        Folder that keeps the answers; None is the environment variable ``SKCRYSTAL_DATA``, or
        ``~/skcrystal_data`` without it. Remove a file to ask again.
    download_if_missing : bool, default=True
        False raises an OSError where the answer is not in `data_home`.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    n_retries : int, default=5
        How often a request is sent again that failed for a reason that may pass.
    delay : float, default=1.0
        Seconds before the first of these, doubled before each further one.
    timeout : float, default=60.0
        Seconds after which a request has failed.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : Crystals of shape (n_crystals,)
            Of the entries that are usable crystals.
        target : ndarray of shape (n_crystals,) or (n_crystals, n_fields)
            None without fields.
        frame : DataFrame
            The column id and the fields, a row for each crystal.
        failures : dict of str to str
            The id of each other entry -> why it is no usable crystal.
        target_names : list of str
            The fields.
        query : dict
            Address, filter and fields.
        date : str
            When the database answered.
        DESCR, filename : str
            All this in words, and the path of the file that keeps the answer.

    (data, target) : tuple, if ``return_X_y`` is True

    Raises
    ------
    ValueError
        The filter cannot be read, or there is no result.
    OSError
        The database cannot be reached, or answers with an error.
    ImportError
        The package optimade or pyarrow is not installed.

    References
    ----------
    Andersen et al. 2021, doi:10.1038/s41597-021-00974-z.

    Examples
    --------
    >>> from skcrystal.datasets import fetch_optimade
    >>> rutile = fetch_optimade(  # doctest: +SKIP
    ...     "https://optimade.materialsproject.org", 'chemical_formula_reduced="O2Ti"'
    ... )
    """
    names = [fields] if isinstance(fields, str) else list(fields)
    query = {"base_url": base_url, "filter": filter, "fields": names, "max_results": max_results}
    digest = hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()
    path = data_folder(data_home) / f"optimade_{digest[:16]}.parquet"
    if not path.exists():
        if not download_if_missing:
            raise FileNotFoundError(f"{path} is not there; fetch it with download_if_missing=True.")
        entries = _answer(query, n_retries, delay, timeout)
        _keep(path, entries, query)
    return _bunch(path, names, return_X_y)


def _answer(query: dict[str, Any], n_retries: int, delay: float, timeout: float) -> list[dict[str, Any]]:
    """Ask a database for all pages."""
    try:
        from optimade.client import OptimadeClient
    except ImportError:
        raise ImportError(
            "fetch_optimade needs the package optimade, which is not installed: "
            "pip install 'skcrystal[optimade]'"
        ) from None
    most = query["max_results"]
    # Of the client 0 takes all.
    client = OptimadeClient(
        base_urls=[query["base_url"]],
        max_results_per_provider=most or 0,
        use_async=False,
        silent=True,
        http_timeout=timeout,
        http_client=_patient_session(n_retries, delay),
    )
    _check(query["filter"])
    wanted = [*USED, *query["fields"]]
    found = client.get(query["filter"], endpoint="structures", response_fields=wanted)
    (result,) = found["structures"][query["filter"]].values()
    if result["errors"]:
        said = " ".join(str(result["errors"][0]).split())[:300]
        raise OSError(f"{query['base_url']} answers with an error: {said}")
    entries: list[dict[str, Any]] = result["data"][:most]
    if not entries:
        raise ValueError(f"{query['base_url']} holds nothing of {query['filter']!r}; ask for something else.")
    return entries


def _check(text: str) -> None:
    """Say of a filter that it cannot be read, before it is sent."""
    from optimade.exceptions import BadRequest
    from optimade.filterparser import LarkParser

    try:
        LarkParser().parse(text)
    except BadRequest as error:
        reason = " ".join(str(error.detail or error).split())[:200]
        raise ValueError(f"the filter {text!r} is none of OPTIMADE's: {reason}") from None


def _patient_session(n_retries: int, delay: float) -> type[Any]:
    """Return a session that sends a request again where its failure may pass, and gives up in the end.

    The client itself counts tries anew after each of them.
    """
    import requests

    class Patient(requests.Session):
        def get(self, url: Any, **options: Any) -> Any:  # type: ignore[override]  # as the client calls it
            wait = delay
            for left in range(n_retries, -1, -1):
                asked = 0.0
                try:
                    response = super().get(url, **options)
                except (requests.ConnectionError, requests.Timeout) as error:
                    reason = type(error).__name__
                else:
                    if response.status_code not in PASSING:
                        return response
                    reason = f"{response.status_code} {response.reason}"
                    after = response.headers.get("Retry-After", "")
                    asked = float(after) if after.isdecimal() else 0.0
                if left:
                    time.sleep(min(max(wait, asked), LONGEST_WAIT))
                    wait *= 2
            raise OSError(f"{reason} after {n_retries + 1} tries")

    return Patient


def _keep(path: Path, entries: list[dict[str, Any]], query: dict[str, Any]) -> None:
    """Write entries as a table of OPTIMADE's properties."""
    import pyarrow as pa
    from pyarrow import parquet

    numbers = pa.list_(pa.list_(pa.float64()))
    species = [
        ("name", pa.string()),
        ("chemical_symbols", pa.list_(pa.string())),
        ("concentration", pa.list_(pa.float64())),
    ]
    kinds = {
        "id": pa.string(),
        "lattice_vectors": numbers,
        "cartesian_site_positions": numbers,
        "species_at_sites": pa.list_(pa.string()),
        "species": pa.list_(pa.struct(species)),
        "dimension_types": pa.list_(pa.int64()),
        "structure_features": pa.list_(pa.string()),
    }
    rows = [{**(entry.get("attributes") or {}), "id": str(entry.get("id"))} for entry in entries]
    columns = {name: pa.array([row.get(name) for row in rows], kind) for name, kind in kinds.items()}
    # A database need not say what it is not asked to.
    columns = {
        name: column for name, column in columns.items() if name in NEEDED or column.null_count < len(rows)
    }
    for name in query["fields"]:
        values = [row.get(name) for row in rows]
        plain = all(value is None or isinstance(value, bool | int | float | str) for value in values)
        columns[name] = pa.array(values if plain else [json.dumps(value) for value in values])
    about = {"query": query, "date": date.today().isoformat()}
    table = pa.table(columns).replace_schema_metadata({ABOUT: json.dumps(about)})
    with written_aside(path) as aside:
        parquet.write_table(table, aside)


def _bunch(path: Path, names: list[str], return_X_y: bool) -> Any:
    from pyarrow import parquet

    table = parquet.read_table(path)
    about = json.loads(table.schema.metadata[ABOUT])
    ids: list[str] = table.column("id").to_pylist()
    used = table.select([name for name in USED if name in table.schema.names])
    entries: list[Entry] = []
    start = 0
    for batch in used.to_batches(max_chunksize=1000):
        labels = ids[start : start + len(batch)]
        entries += optimade_entries(batch, labels, labels)
        start += len(batch)
    good = [k for k, entry in enumerate(entries) if entry.crystal is not None]
    data = Crystals.from_crystals([entries[k].get() for k in good])
    frame = table.select(["id", *names]).to_pandas().iloc[good].reset_index(drop=True)
    target: Any = frame[names].to_numpy() if names else None
    target = target[:, 0] if len(names) == 1 else target
    if target is not None and target.dtype == object and all(_is_number(value) for value in target.flat):
        target = target.astype(np.float64)
    if return_X_y:
        return data, target
    from sklearn.utils import Bunch

    host = urlsplit(about["query"]["base_url"]).netloc
    return Bunch(
        data=data,
        target=target,
        frame=frame,
        failures={entry.name: entry.reason for entry in entries if entry.crystal is None},
        target_names=names,
        DESCR=(
            f"{len(data)} crystals of {host}, asked for as {about['query']['filter']!r} on {about['date']} "
            "by the OPTIMADE standard; the database says under which licence they are."
        ),
        filename=str(path),
        **about,
    )


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
