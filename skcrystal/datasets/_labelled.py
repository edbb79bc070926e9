"""Crystals with energies, forces and stresses, out of files as calculations leave them."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.crystals import Crystal, CrystalError, Crystals
from skcrystal.crystals.label_checks import find_misfits
from skcrystal.crystals.labels import Labels, from_voigt
from skcrystal.formats import ReadWarning
from skcrystal.formats.items import read_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from os import PathLike

    from numpy.typing import NDArray

__all__ = ["Labelled", "read_labelled"]

# Names under which programs that fit potentials keep what was computed, in lower case, the likeliest first.
ENERGY_NAMES = ("energy", "dft_energy", "ref_energy", "total_energy", "energy_dft", "e0", "free_energy")
FORCE_NAMES = ("forces", "force", "dft_forces", "dft_force", "ref_forces", "ref_force")
STRESS_NAMES = ("stress", "dft_stress", "ref_stress")
VIRIAL_NAMES = ("virial", "virials", "dft_virial", "dft_virials", "ref_virial", "ref_virials")
# Endings of compressed files, and the modules that open them.
COMPRESSED = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}

GROUP_NAMES = ("config_type", "config", "run", "system")


class Labelled(NamedTuple):
    """Crystals, and what was computed of them.

    Attributes
    ----------
    crystals : Crystals
    labels : Labels
        ``labels.groups`` holds the ``config_type`` of each frame, where the file gives it.
    """

    crystals: Crystals
    labels: Labels


def read_labelled(path: str | PathLike[str], *, format: str | None = None) -> Labelled:
    """Read crystals with their energies, forces and stresses.

    Read is what ASE reads: extended XYZ, with the names of ASE, GAP (``dft_energy``, ``virial``, ...) and
    MACE (``REF_energy``, ...), ASE's databases and trajectories, VASP's vasprun.xml and OUTCAR, and others.
    Of a calculation in steps each step is a crystal. A virial becomes a stress: minus it, over the volume.

    Crystals of one run hold each other to account: where atoms or lattice move a little, the energy changes
    by what forces and stresses say. Where it does not, by a factor, a note names the factor: it tells forces
    per bohr, stresses in kbar, and stresses of the other sign.

    Parameters
    ----------
    path : str or path-like
        Also compressed, as ``.gz``, ``.bz2`` or ``.xz``.
    format : str or None, default=None
        ASE's name of the format; None takes it from the file.

    Returns
    -------
    Labelled
        ``crystals, labels``, as ``LinearPotential.fit`` takes them.

    Raises
    ------
    CrystalError
        The file cannot be read, or a frame is no crystal.

    Warns
    -----
    ReadWarning
        Labels do not fit each other, or none were found.
    """
    crystals: list[Crystal] = []
    rows: list[tuple[float, NDArray[np.float64] | None, NDArray[np.float64]]] = []
    groups: list[str] = []
    for index, (atoms, known) in enumerate(_frames(os.fspath(path), format)):
        try:
            crystals.append(read_item(atoms, source=f"{path}, frame {index}"))
            rows.append(_label(atoms, known))
        except (CrystalError, ValueError) as error:
            raise CrystalError(f"{path}, frame {index}: {error}") from None
        groups.append(str(next((known[name] for name in GROUP_NAMES if name in known), "")))
    if not crystals:
        raise CrystalError(f"{os.fspath(path)!r} holds no crystal; give a file with computed ones")
    batch = Crystals.from_crystals(crystals)
    labels = Labels(
        [row[0] for row in rows],
        [row[1] for row in rows],
        np.stack([row[2] for row in rows]),
        groups=groups if any(groups) else None,
        n_sites=[len(crystal.frac_coords) for crystal in crystals],
    )
    known_kinds = (~np.isnan(labels.energies)).any() or labels.has_forces.any() or labels.has_stress.any()
    notes = find_misfits(batch, labels) if known_kinds else ["no energies, forces or stresses were found"]
    if notes:
        warnings.warn(f"{os.fspath(path)}: {'; '.join(notes)}.", ReadWarning, stacklevel=2)
    return Labelled(batch, labels)


def _frames(path: str, format: str | None) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield atoms, and all that is known of them by names in lower case."""
    try:
        import ase.io
    except ImportError:
        raise CrystalError(
            "read_labelled needs ASE, which is not installed: pip install 'skcrystal[ase]'"
        ) from None
    if not os.path.isfile(path):
        raise CrystalError(f"there is no file {path!r}; check the path")
    if path.lower().endswith(".db") and format in {None, "db"}:
        from ase.db import connect

        with connect(path) as database:  # ASE closes it in a block alone
            for row in database.select():
                atoms = row.toatoms()
                yield atoms, _known(atoms, row.key_value_pairs, row.data)
        return
    try:
        with _decompressed(path) as plain:
            for atoms in ase.io.iread(plain, index=":", format=format):
                yield atoms, _known(atoms, atoms.info, atoms.arrays)
    except (ase.io.formats.UnknownFileTypeError, EOFError, LookupError, OSError, SyntaxError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        raise CrystalError(f"{path!r} cannot be read by ASE: {reason}; give format=") from None


@contextmanager
def _decompressed(path: str) -> Iterator[str]:
    """Hold what a compressed file contains in a file beside the temporary ones; others are as they are.

    ASE goes to and fro in a file for each frame, which in a compressed one means to begin again each time.
    """
    name, ending = os.path.splitext(os.path.basename(path))
    if ending.lower() not in COMPRESSED:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, name)
        with import_module(COMPRESSED[ending.lower()]).open(path) as source, open(plain, "wb") as target:
            shutil.copyfileobj(source, target)
        yield plain


def _known(atoms: Any, *places: Mapping[str, Any]) -> dict[str, Any]:
    """Gather what is known of a frame; what its calculator has comes first."""
    found: dict[str, Any] = {}
    held = {} if atoms.calc is None else atoms.calc.results
    for place in (held, *places):
        for name, value in place.items():
            found.setdefault(str(name).lower(), value)
    return found


def _label(
    atoms: Any, known: Mapping[str, Any]
) -> tuple[float, NDArray[np.float64] | None, NDArray[np.float64]]:
    """Return energy, forces and stress of a frame; NaN or None where unknown."""
    energy = _first(known, ENERGY_NAMES)
    forces = _first(known, FORCE_NAMES)
    stress, virial = _first(known, STRESS_NAMES), _first(known, VIRIAL_NAMES)
    if stress is not None:
        tensor = _tensor(stress, "stress")
    elif virial is not None:
        tensor = -_tensor(virial, "virial") / atoms.get_volume()
    else:
        tensor = np.full((3, 3), np.nan)
    rows = None if forces is None else np.asarray(forces, dtype=np.float64)
    if rows is not None and rows.shape != (len(atoms), 3):
        raise ValueError(f"the forces have the shape {rows.shape}; a row of three for each atom is needed")
    return float("nan" if energy is None else energy), rows, tensor


def _first(known: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((known[name] for name in names if known.get(name) is not None), None)


def _tensor(values: Any, name: str) -> NDArray[np.float64]:
    found = np.asarray(values, dtype=np.float64)
    if found.shape == (6,):
        return from_voigt(found)
    if found.size != 9:
        raise ValueError(f"the {name} has {found.size} components; give 6 or 9")
    found = found.reshape(3, 3)
    return (found + found.T) / 2
