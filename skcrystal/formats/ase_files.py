"""Databases and trajectories of ASE, read and written by ASE itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.extxyz import ordered_symbols
from skcrystal.formats.files import read_bytes
from skcrystal.formats.items import read_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skcrystal.crystals.crystal import Crystal

__all__ = ["read_ase_file", "write_ase_file"]


def read_ase_file(path: str, max_bytes: int) -> Iterator[Crystal]:
    """Read the rows of an ASE database (``.db``) or the frames of a trajectory (``.traj``)."""
    _require_ase()
    # The checks of every file: existing, regular, not too large.
    read_bytes(path, max_bytes)
    if path.lower().endswith(".db"):
        import sqlite3

        from ase.db import connect

        try:
            for row in connect(path).select():
                yield read_item(row, source=f"{path}, row {row.id}")
        except CrystalError:
            raise
        except (sqlite3.Error, AssertionError, LookupError, TypeError, ValueError) as error:
            raise CrystalError(f"{path!r} is no database that ASE can read: {_reason(error)}.") from None
        return
    from ase.io import iread

    try:
        for i, atoms in enumerate(iread(path, index=":", format="traj")):
            yield read_item(atoms, source=f"{path}, frame {i}")
    except (AssertionError, EOFError, LookupError, OSError, TypeError) as error:
        raise CrystalError(f"{path!r} is no trajectory that ASE can read: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


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
