"""SOAP and symmetry functions beside dscribe's, on real crystals, interleaved in one run.

    python benchmarks/sites.py --data mp_sample.csv.gz

A CSV file has one crystal per line, in a column "cif". Reading is outside the clock, the search for
neighbours within. Both take turns, chunk by chunk, so that what else the machine does meets both. Printed are
microseconds of processor time per site, their ratio, and the largest difference of a row's entries over the
row's largest entry; then the cost per site in cells of 5 to 200 sites, and of the derivatives.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from engine.peer_environment import peer_python
from environment import describe_environment

from skcrystal import Crystal, Crystals, as_crystals
from skcrystal.descriptors import SOAP, SiteDescriptor, SymmetryFunctions

CHUNK = 40
# The least of many: on a machine that others share, a few rounds may all be disturbed.
ROUNDS = 25

RADIAL = [[2.0, 0.5 * k] for k in range(2, 10)]
ANGULAR = [[eta, zeta, sign] for eta in (0.01, 0.1) for zeta in (1, 4) for sign in (1, -1)]

# What dscribe runs, by contest.
SETTINGS: dict[str, Any] = {
    "soap": {
        "SOAP n 6, l 4": {"r_cut": 5.0, "n_max": 6, "l_max": 4, "sigma": 0.5},
        "SOAP n 8, l 6": {"r_cut": 5.0, "n_max": 8, "l_max": 6, "sigma": 0.5},
    },
    "acsf": {
        "8 G2, 8 G4": {"r_cut": 5.0, "g2_params": RADIAL, "g4_params": ANGULAR},
        "8 G2, 8 G5": {"r_cut": 5.0, "g2_params": RADIAL, "g5_params": ANGULAR},
    },
}

# What we run: contest, label, whether the definition is the same, descriptor.
BLIND = {"properties": ["one"]}
OURS: list[tuple[str, str, bool, SiteDescriptor]] = [
    ("SOAP n 6, l 4", "padded", True, SOAP(smoothing=None, **BLIND)),
    ("SOAP n 6, l 4", "true cutoff", False, SOAP(**BLIND)),
    ("SOAP n 8, l 6", "padded", True, SOAP(smoothing=None, n_max=8, l_max=6, **BLIND)),
    ("SOAP n 8, l 6", "true cutoff", False, SOAP(n_max=8, l_max=6, **BLIND)),
    ("8 G2, 8 G4", "same", True, SymmetryFunctions(g2=RADIAL, g4=ANGULAR, **BLIND)),
    ("8 G2, 8 G5", "same", True, SymmetryFunctions(g2=RADIAL, g4=[], g5=ANGULAR, **BLIND)),
]


class Worker:
    """A program in a process of its own, run by another Python, which answers one request after the other."""

    def __init__(self, python: Path, program: str, job: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [str(python), str(Path(__file__).with_name(program))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(job)

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return the answer."""
        self._send(request)
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        """Let the process end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def described(crystal: Crystal) -> dict[str, Any]:
    """Return an ordered crystal as data."""
    return {
        "lattice": crystal.lattice.tolist(),
        "frac_coords": crystal.frac_coords.tolist(),
        "numbers": crystal.atomic_numbers.tolist(),
    }


def read_crystals(path: Path, count: int, seed: int) -> Crystals:
    """Draw ordered crystals from a CSV file."""
    csv.field_size_limit(sys.maxsize)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        texts = [row["cif"] for row in csv.DictReader(file)]
    crystals = as_crystals(random.Random(seed).sample(texts, count))
    if len(crystals.atomic_numbers) != crystals.n_sites:
        raise SystemExit("dscribe knows no shared sites: draw other crystals")
    return crystals


def seconds(descriptor: SiteDescriptor, crystals: Crystals) -> float:
    """Processor time of one table of sites; the batch is made anew, since it keeps its neighbours."""
    batch = crystals[np.arange(len(crystals))]
    start = process_time()
    descriptor.describe_sites(batch)
    return process_time() - start


def contest(peer: Worker, crystals: Crystals, compared: int) -> None:
    """Run all contests, by turns."""
    chunks = [list(range(i, min(i + CHUNK, len(crystals)))) for i in range(0, len(crystals), CHUNK)]
    for name, label, same, descriptor in OURS:
        seconds(descriptor, crystals[:2])
        peer.ask({"contest": name, "crystals": [0], "rows": False})
        times = np.empty((ROUNDS, len(chunks), 2))
        for turn in range(ROUNDS):
            for place, chunk in enumerate(chunks):
                answer = peer.ask({"contest": name, "crystals": chunk, "rows": False})
                times[turn, place] = answer["seconds"], seconds(descriptor, crystals[chunk])
        line = f"{name:15s}{label:13s}"
        # Of each chunk its least disturbed turn.
        them, us = times.min(axis=0).sum(axis=0) / crystals.n_sites * 1e6
        line += f"dscribe {them:7.1f}   skcrystal {us:6.1f}   ratio {them / us:5.2f}"
        if same:
            request = {"contest": name, "crystals": list(range(compared)), "rows": True}
            reference = np.array(peer.ask(request)["rows"])
            rows = descriptor.describe_sites(crystals[:compared])
            # dscribe has Behler's G1 in front.
            reference = reference[:, reference.shape[1] - rows.shape[1] :]
            scale = np.abs(reference).max(axis=1, keepdims=True)
            line += f"   difference {(np.abs(rows - reference) / scale).max():.0e} on {compared}"
        print(line, flush=True)


def sizes() -> None:
    """Print the cost per site of caesium chloride in cells of 5 to 200 sites or so."""
    print("\nmicroseconds per site, by the number of sites of a cell")
    for descriptor in (SOAP(), SymmetryFunctions()):
        line = f"{type(descriptor).__name__:20s}"
        for repeats in ((1, 1, 2), (1, 2, 3), (2, 2, 3), (2, 3, 4), (4, 4, 3), (4, 5, 5)):
            cells = np.stack(np.meshgrid(*(np.arange(n) for n in repeats)), axis=-1).reshape(-1, 3)
            coords = np.concatenate([(cells + site) / repeats for site in ([0, 0, 0], [0.5, 0.5, 0.5])])
            one = Crystal.ordered(4.12 * np.diag(repeats), coords, np.repeat([55, 17], len(cells)).tolist())
            batch = Crystals.from_crystals([one] * max(1, 2000 // one.n_sites))
            seconds(descriptor, batch)
            best = min(seconds(descriptor, batch) for _ in range(ROUNDS))
            line += f"  {one.n_sites:3d}: {best / batch.n_sites * 1e6:5.1f}"
        print(line)


def derivatives(featomic: Path | None) -> None:
    """Print the cost of derivatives by positions and strains of 64 rattled atoms of silicon."""
    rng = np.random.default_rng(0)
    cells = np.stack(np.meshgrid(*(np.arange(2),) * 3), axis=-1).reshape(-1, 1, 3)
    corners = [[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0]]
    base = np.array([*corners, *np.add(corners, 1)]) / 4
    coords = (cells + base).reshape(-1, 3) / 2 + rng.normal(scale=0.01, size=(64, 3))
    one = Crystal.ordered(10.86 * np.eye(3), coords, [14] * 64)
    silicon = Crystals.from_crystals([one])
    peer = Worker(featomic, "featomic_gradients.py", described(one)) if featomic else None
    print("\nmilliseconds for 64 atoms of silicon, values and derivatives by positions and strains")
    for descriptor in (SOAP(**BLIND), SOAP(), SymmetryFunctions(**BLIND)):
        weights = descriptor.describe_sites(silicon)
        descriptor.site_gradients(silicon, weights)
        ours, theirs = [], []
        for _ in range(10):
            batch = silicon[np.arange(1)]
            start = process_time()
            descriptor.site_gradients(batch, weights)
            ours.append(process_time() - start)
            if peer:
                theirs.append(peer.ask({})["seconds"])
        line = f"{type(descriptor).__name__:20s}{weights.shape[1]:4d} columns  {min(ours) * 1e3:6.2f}"
        if peer and isinstance(descriptor, SOAP):
            line += f"   featomic {min(theirs) * 1e3:6.2f}   ratio {min(theirs) / min(ours):5.1f}"
        print(line)
    if peer:
        peer.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="SOAP and symmetry functions beside dscribe's")
    parser.add_argument("--data", type=Path, help="CSV file with a column cif, gzipped")
    parser.add_argument("--peer", type=Path, help="a Python that has dscribe; otherwise that of .venv-peers")
    parser.add_argument("--featomic", type=Path, help="a Python that has featomic, for derivatives")
    parser.add_argument("--crystals", type=int, default=200)
    parser.add_argument("--compared", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(describe_environment())
    if options.data:
        crystals = read_crystals(options.data, options.crystals, options.seed)
        print(f"\n{len(crystals)} crystals, {crystals.n_sites} sites, seed {options.seed}; us per site")
        species = sorted(set(crystals.atomic_numbers.tolist()))
        job = {"settings": {**SETTINGS, "species": species}, "crystals": [described(one) for one in crystals]}
        peer = Worker(options.peer or peer_python(), "site_peers.py", job)
        contest(peer, crystals, options.compared)
        peer.close()
    sizes()
    derivatives(options.featomic)


if __name__ == "__main__":
    main()
