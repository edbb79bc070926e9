"""Write tests/descriptors/dscribe_reference.json: what dscribe makes of three crystals.

Run with the Python of .venv-peers (benchmarks/peers-requirements.txt), which has dscribe.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
from ase import Atoms
from dscribe.descriptors import ACSF, SOAP

TARGET = Path(__file__).parents[1] / "tests" / "descriptors" / "dscribe_reference.json"

FCC = (1 - np.eye(3)) / 2
CRYSTALS = {
    "rock salt": (5.64 * FCC, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17]),
    "silicon carbide": (4.36 * FCC, [[0, 0, 0], [0.25, 0.25, 0.25]], [14, 6]),
    "three oxides of low symmetry": (
        [[4.1, 0.2, 0.0], [0.3, 4.6, 0.1], [-0.2, 0.5, 5.2]],
        [[0.0, 0.05, 0.0], [0.45, 0.5, 0.1], [0.5, 0.0, 0.52], [0.1, 0.55, 0.6]],
        [22, 8, 8, 38],
    ),
}
SOAP_SETTINGS = {"r_cut": 4.0, "n_max": 3, "l_max": 2, "sigma": 0.5, "rbf": "gto", "periodic": True}
COMPRESSIONS = {"species": "off", "mu2": "mu2", "mu1nu1": "mu1nu1", "own": "crossover"}
ACSF_SETTINGS = {
    "r_cut": 4.0,
    "g2_params": [[0.05, 0.0], [4.0, 2.5]],
    "g3_params": [1.0, 2.0],
    "g4_params": [[0.01, 1.0, 1.0], [0.05, 4.0, -1.0], [0.1, 2.5, 1.0]],
    "g5_params": [[0.01, 1.0, -1.0], [0.05, 4.0, 1.0]],
    "periodic": True,
}


def rounded(rows: np.ndarray) -> list[list[float]]:
    """Twelve digits are enough, and short."""
    return [[float(f"{value:.12g}") for value in row] for row in np.atleast_2d(rows)]


def main() -> None:
    """Compute and write."""
    crystals = {}
    for name, (lattice, frac_coords, numbers) in CRYSTALS.items():
        atoms = Atoms(numbers=numbers, cell=lattice, scaled_positions=frac_coords, pbc=True)
        own = sorted(set(numbers))
        rows = {}
        for label, mode in COMPRESSIONS.items():
            compression = {"mode": mode, "species_weighting": None}
            rows[f"soap_{label}"] = rounded(
                SOAP(species=own, compression=compression, **SOAP_SETTINGS).create(atoms)
            )
        compression = {"mode": "mu2", "species_weighting": None}
        inner = SOAP(species=own, compression=compression, average="inner", **SOAP_SETTINGS)
        rows["soap_inner"] = rounded(inner.create(atoms))
        rows["symmetry_functions_species"] = rounded(ACSF(species=own, **ACSF_SETTINGS).create(atoms))
        alike = atoms.copy()
        alike.numbers[:] = 1
        rows["symmetry_functions_one"] = rounded(ACSF(species=[1], **ACSF_SETTINGS).create(alike))
        crystals[name] = {
            "lattice": np.asarray(lattice).tolist(),
            "frac_coords": frac_coords,
            "atomic_numbers": numbers,
            **rows,
        }
    settings = {"made_with": f"dscribe {version('dscribe')}", "soap": SOAP_SETTINGS, "acsf": ACSF_SETTINGS}
    text = json.dumps({**settings, "crystals": crystals}, indent=1)
    # A row of numbers on a line.
    text = re.sub(r"\[[^][]*\]", lambda found: " ".join(found[0].split()), text)
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
