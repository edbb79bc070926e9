"""featomic's SOAP with derivatives of given atoms; run by a Python that has featomic and ase (both on PyPI).

A worker for ``sites.py``: it reads the atoms as a line of JSON, then answers each further line with the
seconds of processor time of one computation, and the number of columns.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Answer until stdin ends."""
    from ase import Atoms
    from featomic import SoapPowerSpectrum

    job = json.loads(sys.stdin.readline())
    atoms = Atoms(numbers=job["numbers"], cell=job["lattice"], scaled_positions=job["frac_coords"], pbc=True)
    # featomic counts radial functions from 0, and all pairs n n': 180 columns for 105 different ones.
    calculator = SoapPowerSpectrum(
        cutoff={"radius": 5.0, "smoothing": {"type": "ShiftedCosine", "width": 1.0}},
        density={"type": "Gaussian", "width": 0.5},
        basis={"type": "TensorProduct", "max_angular": 4, "radial": {"type": "Gto", "max_radial": 5}},
    )
    for _ in sys.stdin:
        start = time.process_time()
        table = calculator.compute(atoms, gradients=["positions", "strain"])
        seconds = time.process_time() - start
        print(json.dumps({"seconds": seconds, "columns": table.block(0).values.shape[1]}), flush=True)


if __name__ == "__main__":
    main()
