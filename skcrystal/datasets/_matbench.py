"""The structure tasks of matbench v0.1: downloaded once, checked, with the official folds."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.formats.items import read_item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sklearn.utils import Bunch

__all__ = ["fetch_matbench"]

URL = "https://ml.materialsproject.org/projects/{name}.json.gz"

# The benchmark's own: 5 folds of the rows in file order, stratified where the target is a class.
N_FOLDS = 5
FOLD_SEED = 18012019

# One file with one checksum, fetched by the standard library: a download manager would be a dependency more.
BLOCK_BYTES = 1 << 20
TIMEOUT_SECONDS = 60.0


class Task(NamedTuple):
    """What the benchmark says of one task, and the SHA-256 of its file as matminer publishes it."""

    target: str
    unit: str
    n_samples: int
    sha256: str


TASKS = {
    "dielectric": Task("n", "", 4764, "83befa09bc2ec2f4b6143afc413157827a90e5e2e42c1eb507ccfa01bf26a1d6"),
    "jdft2d": Task(
        "exfoliation_en", "meV/atom", 636, "26057dc4524e193e32abffb296ce819b58b6e11d1278cae329a2f97817a4eddf"
    ),
    "log_gvrh": Task(
        "log10(G_VRH)",
        "log10(GPa)",
        10987,
        "098af941f4c663270f1fe21abf20ffad6fb85ecbfcba5786ceac03983ac29da7",
    ),
    "log_kvrh": Task(
        "log10(K_VRH)",
        "log10(GPa)",
        10987,
        "44b113ddb7e23aa18731a62c74afa7e5aa654199e0db5f951c8248a00955c9cd",
    ),
    "mp_e_form": Task(
        "e_form", "eV/atom", 132752, "dedcb1d4ba2e3e50dbdd45ba5bc647a00e9c2bcf8f8bf556dc8e92caa39eb21f"
    ),
    "mp_gap": Task(
        "gap pbe", "eV", 106113, "58b65746bd88329986ed66031a2ac1369c7c522f7bc9f9081528e07097c2c057"
    ),
    "mp_is_metal": Task(
        "is_metal", "", 106113, "9a028ed5750a4c76ca36e9f3c8d48fe0bf3fb21b76ec2289e58ae7048d527919"
    ),
    "perovskites": Task(
        "e_form", "eV/unit cell", 18928, "4641e2417f8ec8b50096d2230864468dfa08278dc9d257c327f65d0305278483"
    ),
    "phonons": Task(
        "last phdos peak", "1/cm", 1265, "4db551f21ec5f577e6202725f10e34dfc509aa7df3a6bdaac497da7f6dbbb9b3"
    ),
}


def fetch_matbench(
    task: str,
    *,
    data_home: str | os.PathLike[str] | None = None,
    filename: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Bunch | tuple[Any, Any]:
    """Fetch a structure task of matbench v0.1, with its official folds.

    Parameters
    ----------
    task : str
        One of dielectric, jdft2d, log_gvrh, log_kvrh, mp_e_form, mp_gap, mp_is_metal, perovskites and
        phonons, with or without ``matbench_`` in front.
    data_home : str, path-like or None, default=None
        Folder that keeps the downloaded files; None is the environment variable ``SKCRYSTAL_DATA``, or
        ``~/skcrystal_data`` without it.
    filename : str, path-like or None, default=None
        The task's file on your own disk, ``.json`` or ``.json.gz``; nothing is downloaded. Its rows are
        counted; the checksum is that of the download only.
    download_if_missing : bool, default=True
        False raises an OSError where the file is not in `data_home`.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.
    n_retries : int, default=3
        How often a download that broke off is tried again.
    delay : float, default=1.0
        Seconds before the first of these, doubled before each further one.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        With the attributes

        data : Crystals of shape (n_crystals,)
            In file order.
        target : ndarray of shape (n_crystals,)
            float64, or bool for mp_is_metal.
        folds : list of 5 tuples (train, test) of ndarray
            The official folds, as a ``cv`` that :func:`~sklearn.model_selection.cross_val_score` takes.
        ids : ndarray of str, of shape (n_crystals,)
            The benchmark's names of the rows, such as ``mb-phonons-0001``.
        target_names : list of str
            Name of the target.
        unit : str
            Its unit.
        DESCR : str
            The task in words, with its source.
        filename : str
            Path of the file that was read.

    (data, target) : tuple, if ``return_X_y`` is True

    Raises
    ------
    ValueError
        There is no such task, or the file is not the task's.
    OSError
        The file is not there and cannot be downloaded, or its checksum is wrong.

    References
    ----------
    Dunn, Wang, Ganose, Dopp and Jain 2020, doi:10.1038/s41524-020-00406-3.

    Examples
    --------
    >>> from skcrystal.datasets import fetch_matbench
    >>> fetch_matbench("steels")
    Traceback (most recent call last):
        ...
    ValueError: matbench v0.1 has no structure task 'steels'; it has dielectric, jdft2d, log_gvrh, ...
    """
    short = task.removeprefix("matbench_")
    if short not in TASKS:
        raise ValueError(f"matbench v0.1 has no structure task {task!r}; it has {', '.join(TASKS)}.")
    path = (
        Path(filename).expanduser()
        if filename is not None
        else _downloaded(short, data_home, download_if_missing, n_retries, delay)
    )
    data, target, ids = _read(path, short)
    if return_X_y:
        return data, target
    from sklearn.utils import Bunch

    chosen = TASKS[short]
    return Bunch(
        data=data,
        target=target,
        folds=_folds(target),
        ids=ids,
        target_names=[chosen.target],
        unit=chosen.unit,
        DESCR=(
            f"matbench v0.1, task matbench_{short}: {chosen.n_samples} crystals, target {chosen.target} "
            f"({chosen.unit or 'no unit'}); Dunn et al. 2020, doi:10.1038/s41524-020-00406-3."
        ),
        filename=str(path),
    )


def _folds(target: Any) -> list[tuple[Any, Any]]:
    from sklearn.model_selection import KFold, StratifiedKFold

    splitter = StratifiedKFold if target.dtype == bool else KFold
    folds = splitter(N_FOLDS, shuffle=True, random_state=FOLD_SEED)
    return list(folds.split(np.zeros(len(target)), target))


def data_folder(data_home: str | os.PathLike[str] | None) -> Path:
    """Return the folder of fetched data: as given, as the environment says, or below the home folder."""
    return Path(data_home or os.environ.get("SKCRYSTAL_DATA") or "~/skcrystal_data").expanduser()


def _downloaded(
    task: str, data_home: str | os.PathLike[str] | None, download: bool, n_retries: int, delay: float
) -> Path:
    """Return the file of a task in the data folder, downloaded and checked if it is not there."""
    path = data_folder(data_home) / f"matbench_{task}.json.gz"
    if path.exists():
        return path
    if not download:
        raise FileNotFoundError(f"{path} is not there; fetch it with download_if_missing=True.")
    path.parent.mkdir(parents=True, exist_ok=True)
    url = URL.format(name=f"matbench_{task}")
    # What bears the file's name has passed its checksum; a download that broke off never bears it.
    partial = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        for attempt in range(n_retries + 1):
            try:
                digest = _save(url, partial)
                break
            except OSError as error:
                lasting = isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code != 429
                if isinstance(error, urllib.error.HTTPError):
                    error.close()
                if lasting or attempt == n_retries:
                    raise OSError(
                        f"{url} cannot be downloaded ({error}); give a copy on your disk as filename."
                    ) from error
            time.sleep(delay * 2**attempt)
        if digest != TASKS[task].sha256:
            raise OSError(
                f"the file at {url} is not the one that was published (SHA-256 {digest}, expected "
                f"{TASKS[task].sha256}); it was not kept."
            )
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _save(url: str, path: Path) -> str:
    """Download into a file and return its SHA-256."""
    digest = hashlib.sha256()
    request = urllib.request.Request(url, headers={"User-Agent": "skcrystal"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer, path.open("wb") as file:
        while block := answer.read(BLOCK_BYTES):
            digest.update(block)
            file.write(block)
        if answer.length:
            raise ConnectionError(f"the connection broke off {answer.length} bytes before the end")
    return digest.hexdigest()


def _read(path: Path, task: str) -> tuple[Any, Any, Any]:
    from skcrystal.crystals.batch import Crystals

    chosen = TASKS[task]
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged ({error}); remove it and fetch it again.") from None
    width = len(str(chosen.n_samples))
    crystals, targets, ids = [], [], []
    for i, (structure, value) in enumerate(_rows(text, path), start=1):
        ids.append(f"mb-{task.replace('_', '-')}-{i:0{width}d}")
        crystals.append(read_item(structure, source=ids[-1]))
        targets.append(value)
    if len(targets) != chosen.n_samples:
        raise ValueError(f"{path} has {len(targets)} rows, and matbench_{task} {chosen.n_samples}.")
    target = np.array(targets, dtype=bool if task == "mp_is_metal" else np.float64)
    return Crystals.from_crystals(crystals), target, np.array(ids)


def _rows(text: str, path: Path) -> Iterator[list[Any]]:
    """Yield the rows of a table as pandas writes it with ``orient="split"``, structure first.

    One row at a time: as Python objects the large tables would take ten times the room of their text.
    """
    decoder = json.JSONDecoder()
    try:
        columns = decoder.raw_decode(text, text.index("[", text.index('"columns"')))[0]
        order = [columns.index("structure"), 1 - columns.index("structure")]
        position = text.index("[", text.index('"data"')) + 1
        while _next(text, position) == "[":
            row, position = decoder.raw_decode(text, text.index("[", position))
            yield [row[k] for k in order]
    except (ValueError, IndexError, TypeError) as error:
        raise ValueError(f"{path} is no table of matbench ({error}).") from None


def _next(text: str, position: int) -> str:
    """Return the next character that is neither a comma nor white space."""
    while text[position] in ", \t\r\n":
        position += 1
    return text[position]
