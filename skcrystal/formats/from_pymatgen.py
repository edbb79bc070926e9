"""Structures of pymatgen, as objects and as dicts, into crystals; pymatgen itself is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skcrystal.chemistry.elements import atomic_number
from skcrystal.crystals.crystal import Crystal, CrystalError, real_numbers
from skcrystal.formats.cell import check_periodic, lattice_from_parameters
from skcrystal.formats.foreign import is_a
from skcrystal.formats.problems import HEAVY_HYDROGEN, MAX_SITES, check_count

__all__ = ["crystal_from_dict", "crystal_from_structure", "is_structure", "structure_of"]

_SITES = "pymatgen.core.structure"
_CELL = ("a", "b", "c", "alpha", "beta", "gamma")


def is_structure(item: Any) -> bool:
    """Tell whether an object is a ``Structure`` or ``IStructure``."""
    return is_a(item, _SITES, "IStructure")


def structure_of(item: Any) -> Any:
    """Return the structure that an object of pymatgen or of mp-api carries; None if there is none.

    A ``ComputedStructureEntry``, a ``Poscar``, a summary document of the Materials Project.
    """
    held = getattr(item, "structure", None)
    return held if is_structure(held) else None


def crystal_from_structure(structure: Any, *, source: str = "", max_sites: int = MAX_SITES) -> Crystal:
    """Make a crystal of a pymatgen ``Structure``, ordered or disordered.

    Raises
    ------
    CrystalError
        If it is not periodic in three directions, or holds a species that is no element.
    """
    check_periodic(structure.lattice.pbc)
    check_count(len(structure), max_sites)
    counts, numbers, occupancies, states = [0], [], [], []
    heavy = False
    for site in structure:
        for species, occupancy in site.species.items():
            number, isotope = _element(species)
            heavy |= isotope
            numbers.append(number)
            occupancies.append(occupancy)
            state = getattr(species, "oxi_state", None)
            states.append(np.nan if state is None else state)
        counts.append(len(numbers))
    return Crystal(
        real_numbers(structure.lattice.matrix, "the lattice", (3, 3)).copy(),
        real_numbers(structure.frac_coords, "the coordinates", (len(structure), 3)).copy(),
        np.array(counts, dtype=np.int64),
        np.array(numbers, dtype=np.int64),
        real_numbers(occupancies, "the occupancies", (None,)),
        real_numbers(states, "the oxidation states", (None,)),
        source,
        (HEAVY_HYDROGEN,) if heavy else (),
    )


def _element(species: Any) -> tuple[int, bool]:
    """Atomic number, and whether it is deuterium or tritium."""
    # A DummySpecies has a Z too: a hash of its symbol.
    if is_a(species, "pymatgen.core.periodic_table", "DummySpecies"):
        raise CrystalError(f"the species {species} is a dummy, no element; replace or remove it")
    number: int = species.Z
    return number, number == 1 and getattr(species, "symbol", "H") in {"D", "T"}


def crystal_from_dict(data: Mapping[str, Any], *, source: str = "", max_sites: int = MAX_SITES) -> Crystal:
    """Make a crystal of a dict as pymatgen's ``Structure.as_dict`` gives it.

    Lists may be numpy arrays, and what a dict lacks may stand in it as None: so Parquet gives them back.

    Raises
    ------
    CrystalError
        If something is missing in the dict, or of the wrong kind.
    """
    lattice = data["lattice"]
    sites = data["sites"]
    if not isinstance(lattice, Mapping) or not isinstance(sites, list | tuple | np.ndarray):
        raise CrystalError(
            "the lattice or the sites of a structure dict are of the wrong kind; give what Structure.as_dict "
            "returns: 'lattice' with a 'matrix', and 'sites'"
        )
    pbc = lattice.get("pbc")
    check_periodic((True,) * 3 if pbc is None else pbc)
    check_count(len(sites), max_sites)
    matrix = _matrix(lattice)
    counts, numbers, occupancies, states, coords = [0], [], [], [], []
    heavy = False
    try:
        for site in sites:
            coords.append(_place(site, matrix))
            for species in site["species"]:
                symbol = species["element"]
                numbers.append(_number_of(symbol))
                heavy |= symbol in {"D", "T"}
                occupancies.append(species["occu"])
                state = species.get("oxidation_state")
                states.append(np.nan if state is None else state)
            counts.append(len(numbers))
    except CrystalError as error:
        raise CrystalError(f"site {len(counts) - 1}: {error}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CrystalError(
            f"site {len(counts) - 1} of a structure dict cannot be read ({_short(error)}); each site "
            "needs 'abc' and 'species', a list of {'element', 'occu'}"
        ) from None
    return Crystal(
        matrix,
        real_numbers(coords, "the coordinates", (len(sites), 3)),
        np.array(counts, dtype=np.int64),
        np.array(numbers, dtype=np.int64),
        real_numbers(occupancies, "the occupancies", (None,)),
        real_numbers(states, "the oxidation states", (None,)),
        source,
        (HEAVY_HYDROGEN,) if heavy else (),
    )


def _matrix(lattice: Mapping[str, Any]) -> Any:
    if lattice.get("matrix") is not None:
        return real_numbers(lattice["matrix"], "the rows of the lattice", (3, 3))
    if any(lattice.get(name) is None for name in _CELL):
        raise CrystalError(
            "the lattice of a structure dict has no 'matrix'; give its three vectors in angstrom"
        )
    return lattice_from_parameters(
        *real_numbers([lattice[name] for name in _CELL], "the cell", (6,)).tolist()
    )


def _place(site: Mapping[str, Any], matrix: Any) -> Any:
    """Fractional coordinates of a site that states them, or Cartesian ones."""
    if site.get("abc") is not None:
        return site["abc"]
    xyz = real_numbers(site["xyz"], "the coordinates", (3,))
    try:
        return np.linalg.solve(matrix.T, xyz)
    except np.linalg.LinAlgError:
        return xyz  # the lattice spans no volume, which is what will be said


def _number_of(symbol: Any) -> int:
    try:
        return atomic_number(symbol)
    except ValueError:
        raise CrystalError(f"{symbol!r:.40} is no element; correct the symbol or remove the site") from None


def _short(error: Exception) -> str:
    return " ".join(repr(error).split())[:100]
