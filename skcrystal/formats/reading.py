"""Crystals out of anything that lies on a disk or at a URL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skcrystal.crystals.admission import checked
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.archives import Bundle
from skcrystal.formats.detect import kind_of
from skcrystal.formats.entries import Entry
from skcrystal.formats.files import decoded, is_url
from skcrystal.formats.items import first_of, text_crystal
from skcrystal.formats.names import format_of, is_archive
from skcrystal.formats.options import Options
from skcrystal.formats.problems import MAX_BYTES, MAX_SITES, NOTES, warn_of, warn_of_one
from skcrystal.formats.sources import files_in, open_source, paths_of
from skcrystal.formats.tables import looks_like_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

__all__ = ["CrystalList", "iter_crystals", "path_crystal", "read", "read_many", "read_path"]


class CrystalList(list[Crystal]):
    """Crystals, and what was left out.

    Attributes
    ----------
    failures : dict of str to str
        Path, and block, frame or row -> why there is no crystal.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failures: dict[str, str] = {}


def read(
    source: str | PathLike[str],
    *,
    format: str | None = None,
    block: str | int | None = None,
    elements: Sequence[str] | None = None,
    check_symmetry: bool = False,
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Crystal:
    """Read one crystal from a file or URL.

    Parameters
    ----------
    source : str or path-like
        CIF, POSCAR, XDATCAR, extended XYZ, pymatgen's JSON, an ASE trajectory or database, or a table; also
        as ``.gz``, ``.bz2``, ``.xz``, ``.zip`` or ``.tar.gz``; a path, or an address with http or https.
    format : {"cif", "poscar", "extxyz", "json", "ase", "csv", "jsonl", "parquet"} or None, default=None
        None takes it from the content, and from the name where the content leaves it open.
    block : str or int or None, default=None
        For a CIF of several data blocks: the name of the one to read, or its place among those that hold a
        crystal, from 0.
    elements : sequence of str or None, default=None
        For a POSCAR or XDATCAR that does not name its elements (VASP 4): a symbol for each of its numbers of
        sites. Without them, a ``POTCAR`` in the same folder is asked.
    check_symmetry : bool, default=False
        Note where the space group that a CIF declares is not the one found in its crystal.
    max_bytes : int, default=20_000_000
        Larger files, decompressed, are refused; an archive, a table or a trajectory may be 50 times as large,
        each file or text in it as large as this.
    max_sites : int, default=100_000
        Crystals with more sites are refused.

    Returns
    -------
    Crystal
        The first one. What was repaired, guessed or is suspicious stands in its ``notes`` and is said in one
        :class:`ReadWarning`, as is that there are more.

    Raises
    ------
    CrystalError
        If there is no readable crystal.
    """
    options = Options(format, block, None, elements, check_symmetry, max_bytes, max_sites)
    crystal = first_of(_entries(source, options), str(source))
    warn_of_one(str(source), crystal.notes)
    return crystal


def read_path(
    path: str | PathLike[str], *, max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read one crystal from a file on disk; as :func:`read`, but never from a URL."""
    crystal = checked([path_crystal(path, max_bytes=max_bytes, max_sites=max_sites)])[0]
    warn_of_one(str(path), crystal.notes)
    return crystal


def path_crystal(
    path: str | PathLike[str], *, max_bytes: int = MAX_BYTES, max_sites: int = MAX_SITES
) -> Crystal:
    """Read as :func:`read_path`, without a warning: what was repaired stands in the crystal's notes."""
    name = str(path)
    if is_url(name):
        raise CrystalError(f"{name[:200]!r} is an address, not a file; read it with skcrystal.formats.read.")
    if format_of(name) in {None, "cif"} and not is_archive(name):
        # The common case: one text, of which only the first crystal is asked for.
        bundle = Bundle(path, max_bytes)
        text = decoded(next(iter(bundle.members()))[1])  # type: ignore[arg-type]  # only members fail alone
        if kind_of(text) == "cif" and not looks_like_table(text):
            return text_crystal(text, name, max_bytes=max_bytes, max_sites=max_sites)
    return first_of(_entries(path, Options(max_bytes=max_bytes, max_sites=max_sites)), name)


def read_many(
    source: str | PathLike[str],
    *,
    format: str | None = None,
    block: str | int | None = None,
    structure_column: str | None = None,
    elements: Sequence[str] | None = None,
    check_symmetry: bool = False,
    on_error: str = "raise",
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> CrystalList:
    """Read all crystals of a file, archive, folder, pattern of paths, or table.

    Parameters
    ----------
    source : str or path-like
        As in :func:`read`; besides, a folder (all files below it whose names are those of a known format,
        sorted by path) and a pattern such as ``"runs/*/CONTCAR"``.
    format : str or None, default=None
        As in :func:`read`; for all files.
    block : str or int or None, default=None
        As in :func:`read`, for each CIF; None reads all blocks.
    structure_column : str or None, default=None
        For tables: the column with CIF, POSCAR or extended XYZ text or pymatgen's JSON. None takes the first
        of ``structure``, ``cif``, ``poscar``, ``cif_string`` and ``atoms`` that there is.
    elements : sequence of str or None, default=None
        As in :func:`read`; for all POSCAR files that do not name theirs.
    check_symmetry : bool, default=False
        As in :func:`read`; tables are not checked.
    on_error : {"raise", "skip"}, default="raise"
        Of a file, block, frame or row that cannot be read: raise the error, or leave out this one and say so
        in the warning and in ``failures``.
    max_bytes, max_sites : int
        As in :func:`read`, for each file and crystal.

    Returns
    -------
    list of Crystal
        Each with its own source: path, and block, frame or row. Its attribute ``failures`` names what was
        left out, and why. What is noted of the crystals is said in one :class:`ReadWarning`.

    Raises
    ------
    CrystalError
        At the first crystal that cannot be read, unless ``on_error="skip"``; and if there is nothing to read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import warnings
    >>> from skcrystal.formats import ReadWarning, read_many
    >>> cell = "1.0\\n4.12 0 0\\n0 4.12 0\\n0 0 4.12\\n"
    >>> with TemporaryDirectory() as folder, warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ReadWarning)
    ...     _ = Path(folder, "a.vasp").write_text(f"CsCl\\n{cell}Cs Cl\\n1 1\\nDirect\\n0 0 0\\n.5 .5 .5\\n")
    ...     _ = Path(folder, "b.vasp").write_text(f"broken\\n{cell}")
    ...     crystals = read_many(folder, on_error="skip")
    >>> crystals, list(crystals.failures.values())
    ([Crystal(CsCl, 2 sites)], ['the POSCAR text ends after line 5, before the elements ...'])
    """
    if on_error not in {"raise", "skip"}:
        raise ValueError(f"on_error is {on_error!r}; it must be 'raise' or 'skip'")
    options = Options(format, block, structure_column, elements, check_symmetry, max_bytes, max_sites)
    found = CrystalList()
    for entry in _named_apart(_entries(source, options)):
        if entry.crystal is not None or on_error == "raise":
            found.append(entry.get())
        else:
            found.failures[entry.source] = entry.reason
    warn_of(str(source), found, [f"{name}: {reason}" for name, reason in found.failures.items()])
    return found


def iter_crystals(
    source: str | PathLike[str],
    *,
    format: str | None = None,
    block: str | int | None = None,
    structure_column: str | None = None,
    elements: Sequence[str] | None = None,
    check_symmetry: bool = False,
    on_error: str = "raise",
    max_bytes: int = MAX_BYTES,
    max_sites: int = MAX_SITES,
) -> Iterator[Crystal]:
    """Yield the crystals that :func:`read_many` returns, one by one; at the end, warn of what was left out.

    What is noted of a crystal stands in its ``notes``.
    """
    if on_error not in {"raise", "skip"}:
        raise ValueError(f"on_error is {on_error!r}; it must be 'raise' or 'skip'")
    options = Options(format, block, structure_column, elements, check_symmetry, max_bytes, max_sites)
    left_out = []
    for entry in _named_apart(_entries(source, options)):
        if entry.crystal is not None or on_error == "raise":
            yield entry.get()
        else:
            left_out.append(f"{entry.source}: {entry.reason}")
    warn_of(str(source), [], left_out)


def _entries(source: str | PathLike[str], options: Options) -> Iterator[Entry]:
    """Yield all entries of a source; an error if it holds none."""
    paths = paths_of(source)
    count = 0
    for path in paths:
        try:
            bundle = open_source(path, options)
            for file in files_in(bundle, options, beside=len(paths) > 1):
                for entry in file.entries or ():
                    count += 1
                    yield entry
        except CrystalError as error:
            count += 1
            yield Entry(path, None, error)
    if not count:
        raise CrystalError(f"{str(source)!r} holds no crystal; give files in a format that is known.")


def _named_apart(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Give a crystal whose source an earlier one has a number behind it, with a note."""
    seen: dict[str, int] = {}
    for entry in entries:
        seen[entry.source] = count = seen.get(entry.source, 0) + 1
        if count > 1:
            source = f"{entry.source} ({count})"
            crystal = entry.crystal
            if crystal is not None:
                note = NOTES["renamed"].template.format(name=repr(entry.source), new=repr(source))
                crystal = replace(crystal, source=source, notes=(*crystal.notes, note))
            entry = replace(entry, source=source, crystal=crystal)
        yield entry
