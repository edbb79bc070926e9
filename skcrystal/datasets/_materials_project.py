"""Crystals and computed properties of the Materials Project: asked for once, kept, resumed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from skcrystal.datasets._matbench import data_folder
from skcrystal.datasets._materials_project_service import Settings, download, load
from skcrystal.formats.items import read_item

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from sklearn.utils import Bunch

__all__ = ["fetch_materials_project"]


def fetch_materials_project(
    *,
    fields: Sequence[str] = ("band_gap",),
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    api_key: str | None = None,
    endpoint: str | None = None,
    n_retries: int = 5,
    delay: float = 1.0,
    verbose: bool = False,
    **filters: Any,
) -> Bunch | tuple[Any, Any]:
    """Fetch crystals of the Materials Project with chosen properties, computed by density functional theory.

    The answer is kept in a Parquet file with the query, its date and the version of the database; the same
    call reads it again without network or key. A download that was interrupted goes on where it stopped.

    Parameters
    ----------
    fields : sequence of str, default=("band_gap",)
        Numbers or texts of the summary to take as targets, such as ``formation_energy_per_atom`` or
        ``ordering``. A missing number is NaN.
    data_home : str, path-like or None, default=None
        Folder that keeps the answers; None is the environment variable ``SKCRYSTAL_DATA``, or
        ``~/skcrystal_data`` without it. Remove a file to ask the service again.
    download_if_missing : bool, default=True
        False raises an OSError where the answer is not in `data_home`.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    api_key : str or None, default=None
        None takes ``MP_API_KEY`` from the environment, and ``PMG_MAPI_KEY`` from pymatgen's settings without
        it. It goes to the service and nowhere else.
    endpoint : str or None, default=None
        Address of another service of the same kind.
    n_retries : int, default=5
        How often a request is sent again that failed for a reason that may pass.
    delay : float, default=1.0
        Seconds before the first of these, doubled before each further one.
    verbose : bool, default=False
        Show a progress bar.
    **filters
        What mp-api's ``materials.summary.search`` takes: ``formula="ABC3"``, ``band_gap=(1, None)``,
        ``material_ids=["mp-27971"]``, ``is_stable=True`` and others.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : Crystals of shape (n_crystals,)
            In the order of `frame`.
        target : ndarray of shape (n_crystals,) or (n_crystals, n_fields)
            NaN where the service states no value.
        frame : DataFrame
            The columns id, formula, structure (CIF text) and the fields.
        target_names : list of str
            The fields.
        query : dict
            Fields and filters.
        date, database_version : str
            When the service answered, from which database.
        DESCR, filename : str
            All this in words, and the path of the file that keeps the answer.

    (data, target) : tuple, if ``return_X_y`` is True

    Raises
    ------
    ValueError
        No filter, no key or a wrong one, an unknown field or filter, or no result.
    OSError
        The service cannot be reached.
    ImportError
        mp-api is not installed.

    References
    ----------
    Jain et al. 2013, doi:10.1063/1.4812323. The data are under CC BY 4.0.

    Examples
    --------
    >>> from skcrystal.datasets import fetch_materials_project
    >>> X, y = fetch_materials_project(formula="ABC3", return_X_y=True)  # doctest: +SKIP
    """
    if not filters:
        raise ValueError("name at least one filter, such as formula='ABC3'; all of the database is too much.")
    names = [fields] if isinstance(fields, str) else list(fields)
    # Tuples become lists, as they will be when the query is read again from the file.
    query = json.loads(json.dumps({"fields": names, "filters": dict(sorted(filters.items()))}))
    digest = hashlib.sha256(
        json.dumps(query, sort_keys=True).encode() + (endpoint or "").encode()
    ).hexdigest()
    path = data_folder(data_home) / f"materials_project_{digest[:16]}.parquet"
    if not path.exists():
        if not download_if_missing:
            raise FileNotFoundError(f"{path} is not there; fetch it with download_if_missing=True.")
        settings = Settings(api_key, endpoint, n_retries, delay)
        download(path, query, settings, verbose)
    frame, about = load(path)
    return _bunch(frame, about, names, path, return_X_y)


def _bunch(frame: Any, about: dict[str, Any], names: list[str], path: Path, return_X_y: bool) -> Any:
    from skcrystal.crystals.batch import Crystals

    pairs = zip(frame["structure"], frame["id"], strict=True)
    data = Crystals.from_crystals([read_item(text, source=name) for text, name in pairs])
    # Numbers where all fields hold them; text, such as the magnetic ordering, makes an array of objects.
    target = frame[names].to_numpy()
    target = target[:, 0] if len(names) == 1 else target
    if return_X_y:
        return data, target
    from sklearn.utils import Bunch

    return Bunch(
        data=data,
        target=target,
        frame=frame,
        target_names=names,
        DESCR=(
            f"{len(frame)} crystals of the Materials Project, database version {about['database_version']}, "
            f"fetched on {about['date']} with {about['query']['filters']}; Jain et al. 2013, "
            "doi:10.1063/1.4812323, CC BY 4.0."
        ),
        filename=str(path),
        **about,
    )
