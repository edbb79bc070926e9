"""The atoms that a CIF data block lists: elements, positions, occupancies, before symmetry is applied."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.formats.cif_fields import words
from skcrystal.formats.problems import listed
from skcrystal.formats.species import (
    Species,
    is_heavy_hydrogen,
    parse_label,
    parse_type_symbol,
)
from skcrystal.formats.values import decimals, is_null, number, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.cif_columns import CifBlock
    from skcrystal.formats.problems import Notes

__all__ = ["MULTIPLICITIES", "Atoms", "oxidation_numbers", "read_atoms", "species_of"]

_XYZ = ("_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z")
_CARTN = ("_atom_site_cartn_x", "_atom_site_cartn_y", "_atom_site_cartn_z")
_LISTS = {_XYZ[0]: "_atom_site_fract_xyz", _CARTN[0]: "_atom_site_cartn_xyz"}

MULTIPLICITIES = (
    "_atom_site_site_symmetry_multiplicity",
    "_atom_site_symmetry_multiplicity",
    "_atom_site_site_symmetry_order_multiplicity",
)
_EXACT = 15  # decimals of a coordinate that was computed

MAX_COORDINATE = 1e4
"""Coordinates beyond this, fractional or in angstrom, are a damaged file: their digits are lost."""

# A site of the Pauling file that several elements share: "0.8Nb + 0.2Zr" where the symbol should stand.
_SHARE = re.compile(r"^\s*(\d*\.?\d+)\s*(?:\(\d*\))?\s*([A-Z][a-z]?)\W*")


@dataclass
class Atoms:
    """The atoms of an asymmetric unit as columns; a row is one species at one position.

    Attributes
    ----------
    labels : list of str
    atomic_numbers : ndarray of shape (n,), int64
    oxidation_states : ndarray of shape (n,)
        NaN where none is stated.
    occupancies : ndarray of shape (n,)
    frac_coords : ndarray of shape (n, 3)
        As written.
    places : ndarray of shape (n, 3), int64
        Decimals that each coordinate is written with.
    roundings : ndarray of shape (n,)
        Half a unit of the last digit of each occupancy.
    multiplicities : ndarray of shape (n,)
        Sites that the file says each atom stands for; NaN where it does not.
    """

    labels: list[str]
    atomic_numbers: NDArray[np.int64]
    oxidation_states: NDArray[np.float64]
    occupancies: NDArray[np.float64]
    frac_coords: NDArray[np.float64]
    places: NDArray[np.int64]
    roundings: NDArray[np.float64]
    multiplicities: NDArray[np.float64]


def read_atoms(
    block: CifBlock, lattice: NDArray[np.float64], elements: frozenset[int], notes: Notes
) -> Atoms:
    """Read the ``_atom_site_`` columns of a block.

    Parameters
    ----------
    block : CifBlock
    lattice : ndarray of shape (3, 3)
        Rows in angstrom; used for Cartesian coordinates.
    elements : frozenset of int
        Atomic numbers of the stated formula, to decide what an ambiguous label means; may be empty.
    notes : Notes
        Receives which atoms were left out and which labels were guessed.

    Raises
    ------
    CrystalError
        If an atom is of no known element, or no atom with coordinates is left.
    """
    coords, places = _coordinates(block, notes)
    n_rows = len(coords)
    labels = _padded(block.column("_atom_site_label"), n_rows)
    types = _padded(block.column("_atom_site_type_symbol"), n_rows)
    occupancy_texts = _padded(block.column("_atom_site_occupancy"), n_rows)
    occupancies = numbers(occupancy_texts)
    in_percent = _are_percent(occupancies, coords)
    if in_percent:
        notes.tell("percent")
        occupancies = occupancies / 100
    flags = _padded(block.column("_atom_site_calc_flag"), n_rows)
    multiplicities = numbers(_padded(block.column(*MULTIPLICITIES), n_rows))
    oxidation = oxidation_numbers(
        tuple(block.column("_atom_type_symbol")), tuple(block.column("_atom_type_oxidation_number"))
    )

    rows: list[tuple[int, Species, float]] = []
    said: dict[str, list[str]] = defaultdict(list)
    unplaced = np.isnan(coords.sum(axis=1)).tolist()
    far = (np.abs(coords).max(axis=1) > MAX_COORDINATE).tolist()
    for i in range(n_rows):
        label = labels[i] or types[i] or f"number {i + 1}"
        shared = _shared_species(types[i], labels[i])
        found = None if shared else species_of(types[i], labels[i], elements)
        if flags[i].lower() == "dum" or (found is not None and found[0][0] == 0):
            said["dummies"].append(label)
            continue
        if unplaced[i]:
            said["unplaced"].append(label)
            continue
        if far[i]:
            raise notes.error(f"the atom {label!r} has a coordinate beyond {MAX_COORDINATE:g}; correct it.")
        if shared:
            rows.extend((i, species, share) for species, share in shared if species[0] and share > 0)
            continue
        occupancy = 1.0 if math.isnan(occupancies[i]) else float(occupancies[i])
        if occupancy < 0:
            raise notes.error(f"the atom {label!r} has the occupancy {occupancy:g}; correct it.")
        if occupancy == 0:
            said["empty_sites"].append(label)
            continue
        if found is None:
            named = " that the stated formula has" if elements else ""
            raise notes.error(
                f"the atom {label!r} is of no known element{named}; give its element in "
                "_atom_site_type_symbol."
            )
        species, is_guess = found
        if is_guess:
            said["labels_guessed"].append(f"{types[i] or label} as {symbols()[species[0]]}")
        if species[0] == 1 and is_heavy_hydrogen(types[i] or label):
            said["heavy_hydrogen_at"].append(label)
        stated = oxidation.get(types[i], oxidation.get(symbols()[species[0]], species[1]))
        rows.append((i, (species[0], stated), occupancy))

    said["attached_hydrogens"] = [
        f"{int(count)} on {labels[i] or types[i]}"
        for i, count in enumerate(numbers(block.column("_atom_site_attached_hydrogens")[:n_rows]).tolist())
        if count >= 1
    ]
    for kind, names in said.items():
        if names:
            notes.tell(kind, names=listed(list(dict.fromkeys(names))))
    if not rows:
        raise notes.error(
            "no atom has coordinates and an occupancy above 0; a crystal needs _atom_site_fract_x, _y and _z."
        )
    index = np.array([row[0] for row in rows])
    if not _is_fractional(block):
        coords = _fractional(block, coords, lattice)
        places = np.full_like(places, _EXACT)
    return Atoms(
        [labels[i] or types[i] or str(i + 1) for i in index.tolist()],
        np.array([row[1][0] for row in rows], dtype=np.int64),
        np.array([row[1][1] for row in rows], dtype=np.float64),
        np.array([row[2] for row in rows], dtype=np.float64),
        coords[index],
        places[index],
        np.array([_rounding(occupancy_texts[i], in_percent) for i in index.tolist()]),
        multiplicities[index],
    )


def _are_percent(occupancies: NDArray[np.float64], coords: NDArray[np.float64]) -> bool:
    """Tell whether occupancies are percentages: all above 1, and 100 on one position at least."""
    known = occupancies[~np.isnan(occupancies)]
    if not known.size or not (known.min() > 1 and known.max() <= 100):
        return False
    _, positions = np.unique(np.nan_to_num(coords), axis=0, return_inverse=True)
    sums = np.bincount(positions.ravel(), weights=np.nan_to_num(occupancies))
    return bool((np.abs(sums - 100) < 0.5).any())


def _rounding(occupancy: str, in_percent: bool = False) -> float:
    # One decimal is rather a choice (0.3 and 0.6) than a rounding.
    places = decimals(occupancy) + 2 * in_percent
    return 0.5 * 10.0**-places if places >= 2 else 0.0


def _coordinates(block: CifBlock, notes: Notes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Coordinates and their numbers of decimals, NaN where unknown; fractional if there are any."""
    columns = _three_columns(block, *_XYZ) if _is_fractional(block) else _three_columns(block, *_CARTN)
    if not len(columns[0]) == len(columns[1]) == len(columns[2]):
        raise notes.error(
            "the atoms have unequal numbers of x, y and z coordinates; put them into one loop of atom sites."
        )
    coords = np.array([numbers(column) for column in columns]).reshape(3, -1).T.copy()
    # The dictionary's default of a fractional coordinate is 0, and "." may stand for a default. A file means
    # that where it mixes both in one atom; an atom of three dots only in another file has no place.
    dots = np.array([[value == "." for value in column] for column in columns]).reshape(3, -1).T
    if (dots.any(axis=1) & ~np.isnan(coords).all(axis=1)).any():
        coords[dots] = 0.0
        notes.add("coordinates given as '.' were read as 0")
    places = np.array([[decimals(value) for value in column] for column in columns]).reshape(3, -1).T
    return coords, places


def _is_fractional(block: CifBlock) -> bool:
    return bool(block.column(_XYZ[0], _LISTS[_XYZ[0]]))


def _three_columns(block: CifBlock, x: str, y: str, z: str) -> list[list[str]]:
    """The columns of x, y and z, or the one of lists that the DDLm dictionary has."""
    if x in block.columns or _LISTS[x] not in block.columns:
        return [block.column(tag) for tag in (x, y, z)]
    rows = [(words(text) + ["?"] * 3)[:3] for text in block.column(_LISTS[x])]
    return [list(column) for column in zip(*rows, strict=True)] or [[], [], []]


def _fractional(
    block: CifBlock, cartesian: NDArray[np.float64], lattice: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fractional coordinates of Cartesian ones: by the matrix of the file, or with a along x and b in xy."""
    columns = {tag.replace("[", "").replace("]", ""): values for tag, values in block.columns.items()}
    names = [f"{row}{column}" for row in "123" for column in "123"]
    for stem in ("_atom_sites_fract_tran_matrix_", "_atom_sites_fract_transf_matrix"):
        values = [number(columns.get(stem + name, ["?"])[0]) for name in names]
        shift = [number(columns.get(stem.replace("matrix", "vector") + row, ["0"])[0]) for row in "123"]
        if not math.isnan(sum(values)):
            return np.asarray(cartesian @ np.reshape(values, (3, 3)).T + np.nan_to_num(shift))
    values = [number(columns.get("_atom_sites_cartn_tran_matrix_" + name, ["?"])[0]) for name in names]
    if not math.isnan(sum(values)) and abs(np.linalg.det(np.reshape(values, (3, 3)))) > 1e-9:
        shift = [number(columns.get("_atom_sites_cartn_tran_vector_" + row, ["0"])[0]) for row in "123"]
        return np.asarray((cartesian - np.nan_to_num(shift)) @ np.linalg.inv(np.reshape(values, (3, 3)).T))
    # The Cholesky factor of the metric is the lattice with a along x and b in the xy plane.
    return np.asarray(cartesian @ np.linalg.inv(np.linalg.cholesky(lattice @ lattice.T)))


def _padded(column: list[str], length: int) -> list[str]:
    """A column with unknown values as "", as long as the coordinates."""
    values = ["" if is_null(value) else value for value in column[:length]]
    return values + [""] * (length - len(values))


@lru_cache(maxsize=256)
def oxidation_numbers(types: tuple[str, ...], texts: tuple[str, ...]) -> dict[str, float]:
    """Type symbol, and its bare element symbol, to the number in the ``_atom_type_`` loop."""
    found: dict[str, float] = {}
    for symbol, text in zip(types, texts, strict=False):
        value = number(text)
        species = parse_type_symbol(symbol)
        if species is not None and not math.isnan(value):
            found[symbol] = value
            found.setdefault(symbols()[species[0][0]], value)
    return found


def _shared_species(symbol: str, label: str) -> list[tuple[Species, float]]:
    """Species and occupancies of a site written as a sum such as "0.8Nb + 0.2Zr"; empty if it is none."""
    text = symbol if " + " in symbol else label
    if " + " not in text:
        return []
    shares = []
    for part in re.sub(r"</?su[bp]>", "", text).split(" + "):
        match = _SHARE.match(part)
        species = parse_type_symbol(match[2]) if match else None
        if match is None or species is None:
            return []
        shares.append((species[0], float(match[1])))
    return shares


def species_of(symbol: str, label: str, elements: frozenset[int]) -> tuple[Species, bool] | None:
    """Return the species of a row, and whether it is a guess: of its type symbol, or of its label without."""
    found = parse_type_symbol(symbol, elements) if symbol else None
    if found is None and label:
        found = parse_label(label, elements)
        if found is not None and symbol:
            return found[0], True
    return found
