"""Databases and trajectories of ASE, read and written by ASE itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.entries import Entry, attempt
from skcrystal.formats.extxyz import ordered_symbols
from skcrystal.formats.files import check_file, reason_of
from skcrystal.formats.items import read_item
from skcrystal.formats.problems import MANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skcrystal.crystals.crystal import Crystal
    from skcrystal.formats.options import Options

__all__ = ["ase_entries", "count_ase", "write_ase_file"]

# What ASE raises of damaged files.
_FOREIGN = (ArithmeticError, AssertionError, EOFError, LookupError, OSError, TypeError, ValueError)


def count_ase(path: str) -> int:
    """Count the rows of a database or the frames of a trajectory.

    Raises
    ------
    CrystalError
        ASE cannot read it, or is absent.
    """
    import sqlite3

    _require_ase()
    from ase.db import connect

    try:
        if path.lower().endswith(".db"):
            with connect(path) as database:
                return int(database.count())
        with _trajectory(path) as frames:
            return len(frames)
    except (*_FOREIGN, sqlite3.Error) as error:
        raise CrystalError(f"{path!r} is no database that ASE can read: {reason_of(error)}.") from None


def ase_entries(path: str, options: Options, first: int = 0, count: int | None = None) -> Iterator[Entry]:
    """Yield the rows of an ASE database (``.db``) or the frames of a trajectory (``.traj``).

    The key-value pairs of a row are its targets.

    Parameters
    ----------
    path : str
    options : Options
    first : int, default=0
        Number of the row at which to begin.
    count : int or None, default=None
        So many rows; None reads all, of files that are not larger than allowed.
    """
    try:
        _require_ase()
        if count is None:
            check_file(path, MANY * options.max_bytes)
        yield from (_rows if path.lower().endswith(".db") else _frames)(path, options, first, count)
    except CrystalError as error:
        yield Entry(path, None, error)


def _rows(path: str, options: Options, first: int, n_rows: int | None) -> Iterator[Entry]:
    import sqlite3

    from ase.db import connect

    count = 0
    try:
        # One block for each question: a connection belongs to its thread, and ASE closes it in blocks alone.
        with connect(path) as database:
            # By their numbers first: a row that cannot be read ends the selection.
            chosen = database.select(columns=["id"], include_data=False, offset=first, limit=n_rows)
            numbers = [row.id for row in chosen]
        for number in numbers:
            count += 1
            name = f"{path}, row {number}"
            try:
                with connect(path) as database:
                    row = database.get(id=number)
                targets = dict(row.key_value_pairs)
            except (*_FOREIGN, sqlite3.Error) as error:
                reason = f"{name}: it is no row that ASE can read: {reason_of(error)}."
                yield Entry(name, None, CrystalError(reason), str(number))
                continue

            def read(row: Any = row, name: str = name) -> Crystal:
                return read_item(row, source=name, max_sites=options.max_sites)

            yield attempt(read, name, name=str(number), targets=targets)
    except (*_FOREIGN, sqlite3.Error) as error:
        rest = f" behind row {numbers[count - 1]}" if count else ""
        raise CrystalError(f"{path!r} is no database that ASE can read{rest}: {reason_of(error)}.") from None


def _frames(path: str, options: Options, first: int, n_frames: int | None) -> Iterator[Entry]:
    with _trajectory(path) as frames:
        stop = len(frames) if n_frames is None else min(first + n_frames, len(frames))
        for i in range(first, stop):
            name = f"{path}, frame {i}"
            try:
                atoms = frames[i]
            except _FOREIGN as error:
                reason = f"{name}: it is no frame that ASE can read: {reason_of(error)}."
                yield Entry(name, None, CrystalError(reason))
                continue

            def read(atoms: Any = atoms, name: str = name) -> Crystal:
                return read_item(atoms, source=name, max_sites=options.max_sites)

            yield attempt(read, name)


def _trajectory(path: str) -> Any:
    from ase.io.trajectory import Trajectory

    try:
        frames = Trajectory(path)
        len(frames)
    except _FOREIGN as error:
        raise CrystalError(f"{path!r} is no trajectory that ASE can read: {reason_of(error)}.") from None
    return frames


def write_ase_file(crystals: Iterable[Crystal], path: str) -> None:
    """Write ordered crystals into an ASE database or trajectory, replacing the file."""
    _require_ase()
    import ase

    frames = [
        ase.Atoms(
            ordered_symbols(crystal, "ASE"),
            scaled_positions=crystal.frac_coords,
            cell=crystal.lattice,
            pbc=True,
        )
        for crystal in crystals
    ]
    if path.lower().endswith(".db"):
        from ase.db import connect

        with connect(path, append=False) as database:
            for atoms in frames:
                database.write(atoms)
        return
    from ase.io import write

    write(path, frames, format="traj")


def _require_ase() -> None:
    try:
        import ase  # noqa: F401
    except ImportError:
        raise CrystalError("this format needs ASE; install it with: pip install 'skcrystal[ase]'.") from None
