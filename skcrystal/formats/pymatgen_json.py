"""pymatgen's JSON form of a structure into a crystal, and back, without importing pymatgen."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.crystal import Crystal, CrystalError
from skcrystal.formats.cell import parameters_from_lattice
from skcrystal.formats.problems import HEAVY_HYDROGEN, MAX_SITES, Notes
from skcrystal.formats.species import element_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["crystal_from_dict", "dict_from_crystal", "read_json"]


def read_json(text: str, *, source: str = "", max_sites: int = MAX_SITES) -> Iterator[Crystal]:
    """Read JSON text: a structure as ``Structure.as_dict`` gives it, a list of them, or a dict of them.

    Raises
    ------
    CrystalError
        If the text is no JSON, or holds something else.
    """
    notes = Notes(source)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise notes.error(f"the text is no JSON: {str(error)[:100]}.") from None
    if isinstance(data, dict) and "sites" not in data and "lattice" not in data:
        data = list(data.values())
    entries = data if isinstance(data, list) else [data]
    for i, entry in enumerate(entries):
        name = f"{source}, entry {i}" if len(entries) > 1 else source
        yield crystal_from_dict(entry, source=name, max_sites=max_sites)


def crystal_from_dict(data: Any, *, source: str = "", max_sites: int = MAX_SITES) -> Crystal:
    """Make a crystal of a dict as pymatgen's ``Structure.as_dict`` gives it.

    Raises
    ------
    CrystalError
        If something is missing in the dict, or of the wrong kind.
    """
    notes = Notes(source)
    numbers = element_numbers()
    try:
        sites = data["sites"]
        if len(sites) > max_sites:
            raise notes.error(
                f"the cell holds more than max_sites={max_sites:,} sites; raise max_sites to read it."
            )
        lattice = np.array(data["lattice"]["matrix"], dtype=np.float64).reshape(3, 3)
        coords = np.array([site["abc"] for site in sites], dtype=np.float64).reshape(len(sites), 3)
        species = [kind for site in sites for kind in site["species"]]
        elements = [numbers[kind["element"]] for kind in species]
        occupancies = [float(kind["occu"]) for kind in species]
        states = [kind.get("oxidation_state") for kind in species]
        oxidation = [math.nan if state is None else float(state) for state in states]
        offsets = np.cumsum([0] + [len(site["species"]) for site in sites])
    except KeyError as error:
        raise notes.error(f"the dict of a structure has no or an unknown {error.args[0]!r}.") from None
    except CrystalError:
        raise
    except (AttributeError, TypeError, ValueError):
        raise notes.error("the dict is no structure as pymatgen's Structure.as_dict gives it.") from None
    if any(kind["element"] in {"D", "T"} for kind in species):
        notes.add(HEAVY_HYDROGEN)
        notes.emit()
    finite = np.isfinite(coords).all() and np.isfinite(lattice).all()
    if not len(sites) or not finite or not abs(np.linalg.det(lattice)) > 1e-9:
        raise notes.error("the dict of a structure has no sites, no finite coordinates or no cell volume.")
    if any(not 0 < occupancy <= 1 + 1e-8 for occupancy in occupancies):
        raise notes.error("the dict of a structure has an occupancy outside (0, 1].")
    return Crystal(
        lattice,
        coords,
        offsets.astype(np.int64),
        np.array(elements, dtype=np.int64),
        np.array(occupancies),
        np.array(oxidation, dtype=np.float64),
        source,
    )


def dict_from_crystal(crystal: Crystal) -> dict[str, Any]:
    """Return the dict that pymatgen's ``Structure.from_dict`` reads."""
    symbols = {number: symbol for symbol, number in element_numbers().items() if symbol not in {"D", "T"}}
    a, b, c, alpha, beta, gamma = parameters_from_lattice(crystal.lattice)
    rows = list(
        zip(
            crystal.atomic_numbers.tolist(),
            crystal.occupancies.tolist(),
            crystal.oxidation_states.tolist(),
            strict=True,
        )
    )
    sites = []
    bounds = pairwise(crystal.species_offsets.tolist())
    for abc, xyz, (low, high) in zip(
        crystal.frac_coords.tolist(), (crystal.frac_coords @ crystal.lattice).tolist(), bounds, strict=True
    ):
        species = []
        for number, occupancy, state in rows[low:high]:
            kind: dict[str, Any] = {"element": symbols[number], "occu": occupancy}
            if not math.isnan(state):
                kind["oxidation_state"] = state
            species.append(kind)
        label = symbols[rows[low][0]]
        sites.append({"species": species, "abc": abc, "xyz": xyz, "properties": {}, "label": label})
    return {
        "@module": "pymatgen.core.structure",
        "@class": "Structure",
        "charge": None,
        "lattice": {
            "matrix": crystal.lattice.tolist(),
            "pbc": [True, True, True],
            **dict(
                zip(("a", "b", "c", "alpha", "beta", "gamma"), (a, b, c, alpha, beta, gamma), strict=True)
            ),
            "volume": abs(float(np.linalg.det(crystal.lattice))),
        },
        "properties": {},
        "sites": sites,
    }
