"""A CIF in which nothing needs repair: one block, every atom one element, and all that it states agrees.

Most files of the databases are so, and come by the ten thousand. Whatever is not plain is declined, and the
general reader finds out what to make of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.chemistry.radii import covalent_radii
from skcrystal.crystals.checks import LEAST_ROOM, MOST_ROOM, REDUCED_EDGES
from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cell import lattice_from_parameters
from skcrystal.formats.cif_atoms import MAX_COORDINATE, MULTIPLICITIES, oxidation_numbers
from skcrystal.formats.cif_cell import DALTON, DENSITY, VOLUME_TOLERANCE
from skcrystal.formats.cif_symmetry import (
    CODE,
    HALL,
    METRIC_ROUNDING,
    NUMBER,
    SYMBOL,
    Stated,
    fits_cell,
    groups_of_symbol,
    judge,
    kind_of_angles,
)
from skcrystal.formats.formula import atomic_masses, formula_amounts
from skcrystal.formats.orbits import expand
from skcrystal.formats.settings import group_number
from skcrystal.formats.species import is_heavy_hydrogen, parse_type_symbol
from skcrystal.formats.symops import IDENTITY, Operations
from skcrystal.formats.witnesses import DENSITY_TOLERANCE, MISFIT, TIGHT, charges_fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.formats.cif_block import ReadOptions

__all__ = ["read_plain"]

_CELL = [f"_cell_length_{axis}" for axis in "abc"] + [
    f"_cell_angle_{angle}" for angle in ("alpha", "beta", "gamma")
]
_X = "_atom_site_fract_x"
_LABEL = "_atom_site_label"
_XYZ = (_X, "_atom_site_fract_y", "_atom_site_fract_z")
_OPERATIONS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")

_SECOND_LOOP = re.compile(r"\s_atom_site_label\s")  # not _geom_bond_atom_site_label_1
_LETTERS = re.compile(r"([A-Z][a-z]?)(?![A-Za-z+-])[\w()*']*$")
_NO_HYDROGEN = {"0", ".", "?"}
_IDENTITIES = {("'x, y, z'",), ("x,y,z",), ("'x,y,z'",)}
_NO_DUMMY = {"d", "calc", "c", ".", "?"}


def read_plain(text: str, options: ReadOptions) -> Crystal | None:
    """Read a file of one block that is plain; None where the general path is needed.

    Whatever it does return, the general path returns too, up to the order of arithmetic, and the gate of
    :mod:`skcrystal.crystals.gate` lets pass as it is.

    Parameters
    ----------
    text : str
    options : ReadOptions
    """
    lower = text.lower()
    # A modulated structure needs more than its columns of atoms.
    if lower.count(_X) != 1 or "_ssg_" in lower or "modulation_dimension" in lower:
        return None
    if lower.count(_LABEL) > 1 and len(_SECOND_LOOP.findall(lower)) > 1:
        return None
    import gemmi

    try:
        block = _document(text).sole_block()
        atoms = _read_atoms(block, options.max_sites)
        if atoms is None:
            return None
        as_number = gemmi.cif.as_number
        cell = [as_number(block.find_value(tag) or "?") for tag in _CELL]
        lattice = lattice_from_parameters(*cell)
    except (ValueError, RuntimeError, TypeError, IndexError, CrystalError):
        return None  # the general path finds the words for it
    # c lies along z and a in the xz plane.
    volume = float(lattice[0, 0] * lattice[1, 1] * lattice[2, 2])
    stated_volume = _number(block, ("_cell_volume",))
    if stated_volume > 0 and abs(volume - stated_volume) > VOLUME_TOLERANCE * stated_volume:
        return None
    operations = _operations(block, lattice, tuple(cell[3:]))
    if operations is None or (operations is not IDENTITY and "symop_magn" in lower):
        return None
    coords, numbers, states = atoms.frac_coords, atoms.atomic_numbers, atoms.states
    if len(operations.rotations) > 1:
        if not np.abs(coords).max() <= MAX_COORDINATE:  # NaN, too
            return None
        if len(coords) * len(operations.rotations) > 20 * max(options.max_sites, 1000):
            return None
        try:
            coords, parents = expand(
                coords,
                operations,
                lattice,
                options.special_tolerance,
                max_sites=options.max_sites,
                places=np.array([[*map(_places, column)] for column in atoms.texts]).T,
            )
        except CrystalError:
            return None
        if atoms.multiplicities is not None:
            images = np.bincount(parents, minlength=len(numbers))
            if (images != atoms.multiplicities).any():
                return None
        numbers = numbers[parents]
        states = None if states is None else states[parents]
    if not LEAST_ROOM * len(numbers) <= volume <= MOST_ROOM * len(numbers):
        return None
    from skcrystal.kernels.contacts import closest_contact

    if states is not None and charges_fit(states) < 0:
        return None
    radii = covalent_radii()[numbers]
    steps, ones, unknown = _constants(len(numbers))
    # All are 0 where a coordinate is NaN or beyond `FARTHEST`, which is `MAX_COORDINATE`.
    shortest, ratio, height, largest = closest_contact(coords, lattice, radii, ones, TIGHT)
    # A site comes no closer to its own images than the least height of the cell.
    if height <= max(REDUCED_EDGES[0], largest):
        return None
    if shortest < options.site_tolerance or ratio < TIGHT or not _agrees(block, numbers, volume):
        return None
    return Crystal(
        lattice, coords, steps, numbers, ones, unknown if states is None else states, options.source
    )


@lru_cache(maxsize=256)
def _constants(n_sites: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return species offsets, occupancies and oxidation states of ordered sites: shared, so read-only."""
    arrays = np.arange(n_sites + 1), np.ones(n_sites), np.full(n_sites, np.nan)
    for array in arrays:
        array.flags.writeable = False
    return arrays


def _document(text: str) -> Any:
    import gemmi

    try:
        return gemmi.cif.read_string(text)
    except RuntimeError as error:
        # The American Mineralogist database has two equal ones; of two the first counts.
        if "duplicate tag _chemical_formula_sum" not in str(error):
            raise
        return gemmi.cif.read_string(text, 0)


class _Atoms(NamedTuple):
    """The asymmetric unit: `texts` are the coordinates as written; None where no atom states a charge, and
    where all multiplicities are 1.
    """

    atomic_numbers: NDArray[np.int64]
    frac_coords: NDArray[np.float64]
    texts: tuple[list[str], ...]
    states: NDArray[np.float64] | None
    multiplicities: NDArray[np.int64] | None


class _Plan(NamedTuple):
    """Which column of the loop of atoms holds what; -1 for none."""

    symbol: int
    label: int
    x: int
    occupancy: int
    multiplicity: int
    flag: int
    attached: int


@lru_cache(maxsize=256)
def _plan(*tags: str) -> _Plan | None:
    names = [tag.lower() for tag in tags]

    def place(*wanted: str) -> int:
        return next((names.index(tag) for tag in wanted if tag in names), -1)

    x, symbol, label = place(_X), place("_atom_site_type_symbol"), place(_LABEL)
    if tuple(names[x : x + 3]) != _XYZ or max(symbol, label) < 0:
        return None
    if "_atom_site_subsystem_code" in names:
        return None
    occupancy, flag = place("_atom_site_occupancy"), place("_atom_site_calc_flag")
    attached = place("_atom_site_attached_hydrogens")
    return _Plan(symbol, label, x, occupancy, place(*MULTIPLICITIES), flag, attached)


def _read_atoms(block: Any, max_sites: int) -> _Atoms | None:
    """Read the loop of atoms; None where an atom is not plainly one element with coordinates."""
    import gemmi

    loop = block.find_loop(_X).get_loop()
    if loop is None:
        return None
    tags, width, n_atoms = loop.tags, loop.width(), loop.length()
    plan = _plan(*tags)
    if plan is None or not 0 < n_atoms <= max_sites:
        return None
    values = loop.values
    columns = values[plan.x :: width], values[plan.x + 1 :: width], values[plan.x + 2 :: width]
    # Without uncertainties; NaN for what is no number.
    flat = map(gemmi.cif.as_number, columns[0] + columns[1] + columns[2])
    coords = np.fromiter(flat, np.float64, 3 * n_atoms).reshape(3, n_atoms).T.copy()
    if plan.occupancy < 0:
        if block.find_loop("_atom_site_occupancy"):
            return None
    elif any(gemmi.cif.as_number(value) != 1 for value in set(values[plan.occupancy :: width])):
        return None
    if plan.flag >= 0 and not {*map(str.lower, values[plan.flag :: width])} <= _NO_DUMMY:
        return None
    if plan.attached >= 0 and not set(values[plan.attached :: width]) <= _NO_HYDROGEN:
        return None
    if plan.symbol < 0 and block.find_loop("_atom_site_type_symbol"):
        return None
    names = values[plan.symbol if plan.symbol >= 0 else plan.label :: width]
    charges = block.find_loop("_atom_type_oxidation_number")
    stated: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    if charges:
        stated = tuple(block.find_loop("_atom_type_symbol")), tuple(charges)
    kinds = {}
    for name in set(names):
        kind = _kind(name) if plan.symbol >= 0 else _kind_of_label(name)
        if kind is None:
            return None
        if charges:
            oxidation = oxidation_numbers(*stated)
            own = oxidation.get(symbols()[kind[0]], kind[1])
            kind = kind[0], oxidation.get(name.strip("'\""), own) if plan.symbol >= 0 else own
        kinds[name] = kind
    numbers = {name: number for name, (number, _) in kinds.items()}
    charged = any(state == state for _, state in kinds.values())
    multiplicities = None
    if plan.multiplicity >= 0 and set(values[plan.multiplicity :: width]) != {"1"}:
        counts = [*map(gemmi.cif.as_number, values[plan.multiplicity :: width])]
        if any(count != 1 for count in counts):
            multiplicities = np.array(counts)
    return _Atoms(
        np.array([*map(numbers.__getitem__, names)], dtype=np.int64),
        coords,
        columns,
        np.array([kinds[name][1] for name in names]) if charged else None,
        multiplicities,
    )


@lru_cache(maxsize=4096)
def _kind(symbol: str) -> tuple[int, float] | None:
    """Atomic number and charge of a type symbol; None where that is a guess, or no atom."""
    symbol = symbol.strip("'\"")
    found = parse_type_symbol(symbol)
    if found is None or found[1] or found[0][0] == 0 or is_heavy_hydrogen(symbol):
        return None
    return found[0]


@lru_cache(maxsize=4096)
def _kind_of_label(label: str) -> tuple[int, float] | None:
    """Atomic number and charge of a label that begins with a symbol and goes on with no letter."""
    letters = _LETTERS.match(label.strip("'\""))
    return _kind(letters[1]) if letters else None


def _places(value: str) -> int:
    """Digits after the decimal point, without the uncertainty."""
    point = value.find(".")
    if point < 0:
        return 0
    end = value.find("(", point)
    return (end if end >= 0 else len(value)) - point - 1


def _text(block: Any, tags: tuple[str, ...]) -> str:
    """Return the first stated value without its quotes; of a text field, as it is."""
    for tag in tags:
        value = block.find_value(tag)
        if value and value not in {"?", "."}:
            return value[1:-1] if value[0] in "'\"" else str(value)
    return ""


def _number(block: Any, tags: tuple[str, ...]) -> float:
    import gemmi

    return float(gemmi.cif.as_number(_text(block, tags) or "?"))


def _operations(block: Any, lattice: NDArray[np.float64], angles: tuple[float, ...]) -> Operations | None:
    """Return the operations where list and name agree, or the name leaves nothing open, that fit the cell."""
    listed: tuple[str, ...] = ()
    for tag in _OPERATIONS:
        if not listed and (column := block.find_values(tag)):
            # By index: the end of gemmi's iterator is an exception of C++.
            listed = tuple([column[i] for i in range(len(column))])
    if listed in _IDENTITIES and not _text(block, HALL) and _text(block, SYMBOL) in {"P 1", "P1"}:
        return IDENTITY
    stated_number = _number(block, NUMBER)
    stated = Stated(
        listed,
        hall=_text(block, HALL),
        symbol=_text(block, SYMBOL),
        number=int(stated_number) if stated_number == stated_number else 0,
        code=_text(block, CODE),
        angles=kind_of_angles(angles),
    )
    operations = _agreed(stated)
    if operations is None or operations is IDENTITY or fits_cell(operations, lattice, METRIC_ROUNDING):
        return operations
    return None


@lru_cache(maxsize=1024)
def _agreed(stated: Stated) -> Operations | None:
    verdict = judge(stated)
    if groups_of_symbol(stated):
        return None
    if verdict.relation == "listed" and not verdict.lacks_identity:
        return verdict.listed
    if verdict.relation != "named" or verdict.reason or len(verdict.named) > 1:
        return None
    of_symbol = group_number(stated.symbol)
    known = of_symbol and (not stated.number or stated.number == of_symbol)
    return verdict.named[0] if known else None


def _agrees(block: Any, numbers: NDArray[np.int64], volume: float) -> bool:
    """Tell whether formula, Z and density are those of the cell."""
    listed = numbers.tolist()
    n_sites = len(listed)
    counts = {number: listed.count(number) for number in set(listed)}
    formula = formula_amounts(_text(block, ("_chemical_formula_sum",)))
    total = sum(amount for _, amount in formula)
    if formula and not (
        len(formula) == len(counts)
        and all(abs(counts.get(number, 0) / n_sites - amount / total) < MISFIT for number, amount in formula)
    ):
        return False
    units = _number(block, ("_cell_formula_units_Z",))
    # pymatgen states the content of the cell as the formula, and Z of the reduced one.
    of_cell = n_sites == total and units > 0 and not any(amount % units for _, amount in formula)
    if formula and units > 0 and abs(n_sites - units * total) > MISFIT * n_sites and not of_cell:
        return False
    density = _number(block, DENSITY)
    if density > 0:
        masses = atomic_masses()
        found = DALTON * sum(float(masses[number]) * count for number, count in counts.items()) / volume
        return bool(abs(found / density - 1) < DENSITY_TOLERANCE)
    return True
