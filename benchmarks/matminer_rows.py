"""matminer's Magpie, density and symmetry columns; run by the Python of .venv-peers, which has no skcrystal.

CIF texts come as a JSON list on stdin, rows go as JSON to stdout, NaN where matminer fails.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

from joblib import Parallel, delayed

# pymatgen's names of crystal systems, which matminer gives as text.
SYSTEMS = ("triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic")


def number(value: Any) -> float:
    """Return a column's value as a number: a crystal system by its place in the order of symmetry."""
    if isinstance(value, str):
        return float(SYSTEMS.index(value))
    return float("nan") if value is None else float(value)


def rows_of(cifs: list[str]) -> list[list[float]]:
    """Return one row per text."""
    from matminer.featurizers.composition import ElementProperty
    from matminer.featurizers.structure import DensityFeatures, GlobalSymmetryFeatures
    from pymatgen.core import Structure

    warnings.simplefilter("ignore")
    parts = [
        ElementProperty.from_preset("magpie", impute_nan=True),
        DensityFeatures(),
        GlobalSymmetryFeatures(),
    ]
    rows = []
    for cif in cifs:
        structure = Structure.from_str(cif, fmt="cif")
        row: list[float] = []
        for part in parts:
            subject = structure.composition if isinstance(part, ElementProperty) else structure
            try:
                row += [number(value) for value in part.featurize(subject)]
            except Exception:  # whatever a peer raises is a part of a row its user does not get
                row += [float("nan")] * len(part.feature_labels())
        rows.append(row)
    return rows


def main() -> None:
    """Describe the crystals of stdin."""
    cifs = json.load(sys.stdin)
    chunks = [cifs[start : start + 64] for start in range(0, len(cifs), 64)]
    done = Parallel(n_jobs=int(sys.argv[1]))(delayed(rows_of)(chunk) for chunk in chunks)
    json.dump([row for rows in done for row in rows], sys.stdout)


if __name__ == "__main__":
    main()
