"""The columns of formulas beside matminer's Magpie columns, on the same formulas in one run.

    python benchmarks/formulas.py [--formulas 5000] [--rounds 5]

All start from text, and processor time is compared. matminer's are the 132 columns of the Magpie preset of
its ElementProperty, behind pymatgen's reading of formulas, in an environment of its own (.venv-peers). Ours
are what they are, statistics of element properties (`CompositionStats`), and the whole preset "composition",
with oxidation states and valence electrons. Formulas are those of SuperCon and of the measured band gaps, or
of the built-in crystals where the data folder is absent. Ours are measured before and after the peer.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from functools import partial
from typing import Any

from accuracy_sets import SEED, data_folder, load_tasks
from engine.clock import take_turns
from engine.peer_environment import BENCHMARKS, peer_python
from engine.table import Check, markdown
from environment import describe_environment

from skcrystal import CrystalFeaturizer
from skcrystal.descriptors import CompositionStats

AT_LEAST = 50


def formulas_of(n: int) -> list[str]:
    """Return n formulas, drawn at random."""
    folder = data_folder()
    if folder is None:
        from skcrystal.datasets import load_experimental

        known = [crystal.formula for crystal in load_experimental().data]
    else:
        known = [
            formula for task in load_tasks(folder, ["supercon", "expt_gap"]) for formula in task.crystals
        ]
    drawn = random.Random(SEED).sample(known, min(n, len(known)))
    return [drawn[k % len(drawn)] for k in range(n)]


def of_matminer(formulas: list[str]) -> dict[str, Any]:
    """Return what matminer needs for the formulas."""
    # Our own path must not leak in: the peers have other versions of the same packages.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [peer_python(), BENCHMARKS / "formula_peers.py"],
        input=json.dumps(formulas),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=environment,
    )
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--formulas", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    formulas = formulas_of(arguments.formulas)
    featurizers = {
        "statistics of element properties": CrystalFeaturizer(
            [("composition", CompositionStats())], n_jobs=1
        ),
        "composition preset": CrystalFeaturizer("composition", n_jobs=1),
    }
    calls = {name: partial(featurizer.fit_transform, formulas) for name, featurizer in featurizers.items()}
    take_turns(calls, 1)
    before = take_turns(calls, arguments.rounds)
    peer = of_matminer(formulas)
    after = take_turns(calls, arguments.rounds)
    whole, per_row = peer["reading"] + peer["columns"], 1e3 / len(formulas)
    checks = []
    for name, featurizer in featurizers.items():
        seconds = sorted(before[name] + after[name])[arguments.rounds]
        width = len(featurizer.get_feature_names_out())
        checks.append(
            Check(
                f"{name}: times faster than matminer's Magpie columns",
                whole / seconds,
                "x",
                at_least=AT_LEAST,
                note=f"{seconds * per_row:.3f} ms for {width} columns, {whole * per_row:.2f} ms for "
                f"{peer['width']}; matminer failed on {peer['failures']} of {len(formulas)}",
            )
        )
    load = f"load      {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{describe_environment()}\n{load}\n\n{markdown(checks)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
