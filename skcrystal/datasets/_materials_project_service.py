"""What the Materials Project is asked, through mp-api: in batches, patiently, each answer kept at once."""

from __future__ import annotations

import datetime
import inspect
import json
import os
import re
import shutil
import time
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal._progress import progress_bar
from skcrystal.formats import cif_text
from skcrystal.formats.items import read_item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["Settings", "download", "load"]

# A request names this many materials: its address stays below 2000 characters.
BATCH = 100

KEY_LENGTH = 32
METADATA_KEY = b"skcrystal"


class Settings(NamedTuple):
    """How to reach the service; never written anywhere, and shown without the key."""

    api_key: str | None
    endpoint: str | None
    n_retries: int
    delay: float

    def __repr__(self) -> str:
        return "Settings()"


def _key(given: str | None) -> str:
    key = given or os.environ.get("MP_API_KEY")
    if not key:
        from pymatgen.core import SETTINGS

        key = SETTINGS.get("PMG_MAPI_KEY")
    if not key:
        raise ValueError(
            "the Materials Project needs a key: get one at https://materialsproject.org/api and give it as "
            "api_key or in the environment variable MP_API_KEY."
        )
    if len(key) != KEY_LENGTH:
        raise ValueError(
            f"the key of the Materials Project has {KEY_LENGTH} characters, this one {len(key)}; copy it "
            "again from https://materialsproject.org/api."
        )
    return key


def download(path: Path, query: dict[str, Any], settings: Settings, verbose: bool) -> None:
    """Ask for the names of all materials, then for batches of them, each kept as soon as it is there."""
    try:
        from mp_api.client import MPRester
    except ImportError as error:
        raise ImportError(
            "fetch_materials_project needs mp-api, which is not installed: "
            "pip install 'skcrystal[materials-project]'"
        ) from error

    key = _key(settings.api_key)

    def connect() -> Any:
        return MPRester(key, endpoint=settings.endpoint, use_document_model=False, mute_progress_bars=True)

    with warnings.catch_warnings():
        # mp-api warns of what is said here in its own place, such as a service that does not answer.
        warnings.simplefilter("ignore")
        with _patiently(connect, settings) as service:
            search = service.materials.summary.search
            _check(query, service.materials.summary.available_fields, search)
            parts = path.with_suffix(".parts")
            ids = _ids(parts, query, service.db_version, search, settings)
            wanted = ["material_id", "structure", *query["fields"]]
            for start in progress_bar(range(0, len(ids), BATCH), shown=verbose, unit=" batches"):
                part = parts / f"{start:08d}.json"
                if not part.exists():
                    ask = partial(search, material_ids=ids[start : start + BATCH], fields=wanted)
                    documents = _patiently(ask, settings)
                    _keep(part, [_row(document, query["fields"]) for document in documents])
            about = {
                "query": query,
                "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
                "database_version": service.db_version,
            }
    _join(path, parts, query["fields"], about)
    shutil.rmtree(parts)


def _check(query: dict[str, Any], available: Sequence[str], search: Any) -> None:
    unknown = [name for name in query["fields"] if name not in available]
    if unknown:
        raise ValueError(f"the summary has no field {unknown[0]!r}; it has {', '.join(sorted(available))}.")
    known = inspect.signature(search).parameters
    unknown = [name for name in query["filters"] if name not in known]
    if unknown:
        raise ValueError(f"there is no filter {unknown[0]!r}; see mp-api's materials.summary.search.")


def _ids(parts: Path, query: dict[str, Any], version: str, search: Any, settings: Settings) -> list[str]:
    """Return the names of the materials that the query finds, from an interrupted call if there was one."""
    begun = parts / "ids.json"
    if begun.exists():
        kept = json.loads(begun.read_text(encoding="utf-8"))
        if kept["database_version"] == version:
            return list(kept["ids"])
        # Half of one version and half of another would be a data set that never was.
        shutil.rmtree(parts)
    found = _patiently(lambda: search(fields=["material_id"], **query["filters"]), settings)
    ids = sorted({str(document["material_id"]) for document in found})
    if not ids:
        raise ValueError(f"no material of the Materials Project has {query['filters']}; widen the filters.")
    parts.mkdir(parents=True, exist_ok=True)
    _keep(begun, {"database_version": version, "ids": ids})
    return ids


def _patiently(ask: Callable[[], Any], settings: Settings) -> Any:
    """Ask again, later and later, where the failure may pass; say in one sentence what does not."""
    from mp_api.client.core.exceptions import MPRestError
    from requests.exceptions import RequestException

    for attempt in range(settings.n_retries + 1):
        try:
            return ask()
        except MPRestError as error:
            found = re.search(r"status code (\d{3})", str(error))
            status = int(found[1]) if found else 0
            reason = " ".join(str(error).split())[:300]
        except RequestException as error:
            status, reason = 503, type(error).__name__
        # Raised out here, so that no frame of the client, which holds the key, hangs on the error.
        if status in {401, 403}:
            raise ValueError(
                "the Materials Project refuses this key; see https://materialsproject.org/api for yours."
            )
        if status != 429 and status < 500:
            raise ValueError(f"the Materials Project does not take this query: {reason}")
        if attempt < settings.n_retries:
            time.sleep(settings.delay * 2**attempt)
    raise OSError(
        f"the Materials Project cannot be reached ({reason}); try again later, what is there is kept."
    )


def _row(document: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    crystal = read_item(document["structure"], source=str(document["material_id"]))
    # The client turns some texts, such as the magnetic ordering, into enumerations of its own.
    values = {name: getattr(document.get(name), "value", document.get(name)) for name in fields}
    for name, value in values.items():
        if not isinstance(value, bool | int | float | str | None):
            raise ValueError(
                f"the field {name!r} holds neither number nor text but {str(value)[:60]!r}; leave it out."
            )
    row = {"id": crystal.source, "formula": crystal.formula, "structure": cif_text(crystal)}
    return {**row, **values}


def _keep(path: Path, content: Any) -> None:
    unfinished = path.with_suffix(".partial")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(path)


def _join(path: Path, parts: Path, fields: Sequence[str], about: dict[str, Any]) -> None:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(file for file in parts.glob("*.json") if file.name != "ids.json")
    rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))]
    frame = pd.DataFrame(rows, columns=["id", "formula", "structure", *fields])
    texts = {name for row in rows for name in fields if isinstance(row[name], str)}
    frame = frame.astype({name: np.float64 for name in fields if name not in texts})
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), METADATA_KEY: json.dumps(about)})
    unfinished = path.with_suffix(".partial")
    pq.write_table(table, unfinished)
    unfinished.replace(path)


def load(path: Path) -> tuple[Any, dict[str, Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return table.to_pandas(), json.loads(table.schema.metadata[METADATA_KEY])
