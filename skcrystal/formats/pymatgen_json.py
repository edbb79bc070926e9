"""A crystal as the dict that pymatgen keeps structures in, without importing pymatgen."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.formats.cell import parameters_from_lattice

if TYPE_CHECKING:
    from skcrystal.crystals.crystal import Crystal

__all__ = ["dict_from_crystal"]


def dict_from_crystal(crystal: Crystal) -> dict[str, Any]:
    """Return the dict that pymatgen's ``Structure.from_dict`` reads."""
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
            kind: dict[str, Any] = {"element": symbols()[number], "occu": occupancy}
            if not math.isnan(state):
                kind["oxidation_state"] = state
            species.append(kind)
        label = symbols()[rows[low][0]]
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
