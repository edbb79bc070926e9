"""dscribe's SOAP and symmetry functions on given crystals; run by the Python of .venv-peers.

A worker for ``sites.py``: it reads crystals and settings as one line of JSON from stdin, then one request per
line, and answers each with a line of JSON: seconds of processor time, and rows where asked for.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np


def contestants(settings: dict[str, Any]) -> dict[str, Any]:
    """Return dscribe's descriptors by the names of the contests."""
    from dscribe.descriptors import ACSF, SOAP

    blind = {"mode": "mu2", "species_weighting": None}
    made: dict[str, Any] = {}
    for name, own in settings["soap"].items():
        made[name] = SOAP(species=settings["species"], periodic=True, compression=blind, **own)
    for name, own in settings["acsf"].items():
        # Its functions know elements alone: blind ones are those of crystals of one element.
        made[name] = ACSF(species=[1], periodic=True, **own)
    return made


def main() -> None:
    """Answer until stdin ends."""
    from ase import Atoms

    job = json.loads(sys.stdin.readline())
    made = contestants(job["settings"])
    atoms = {
        blind: [
            Atoms(
                numbers=[1] * len(one["numbers"]) if blind else one["numbers"],
                cell=one["lattice"],
                scaled_positions=one["frac_coords"],
                pbc=True,
            )
            for one in job["crystals"]
        ]
        for blind in (False, True)
    }
    for line in sys.stdin:
        request = json.loads(line)
        descriptor = made[request["contest"]]
        batch = [atoms[request["contest"] in job["settings"]["acsf"]][i] for i in request["crystals"]]
        start = time.process_time()
        rows = [descriptor.create(one) for one in batch]
        answer: dict[str, Any] = {"seconds": time.process_time() - start}
        if request["rows"]:
            answer["rows"] = np.vstack(rows).tolist()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
