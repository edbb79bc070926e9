"""Oxidation states from the composition beside those of bond-valence analysis of the structure.

    python benchmarks/oxidation_states.py --data mp_sample.csv.gz

For each of some crystals, drawn with a fixed seed, the states of `assign_oxidation_states` are compared with
the mean state of each element that pymatgen's `BVAnalyzer` finds from the bond lengths (O'Keeffe & Brese
1991). It prints how many crystals the analyser assigns, how many agree, the times, and every difference: own
states first.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
from environment import describe_environment
from pymatgen.analysis.bond_valence import BVAnalyzer
from pymatgen.core import Structure

from skcrystal.chemistry.elements import atomic_number, symbols
from skcrystal.chemistry.oxidation import assign_oxidation_states


def own_states(structure: Structure) -> dict[str, float]:
    """Return the states that the composition gives."""
    amounts = np.zeros((1, 119))
    for symbol, amount in structure.composition.get_el_amt_dict().items():
        amounts[0, atomic_number(symbol)] = amount
    ions = assign_oxidation_states(amounts)
    return {symbols()[z]: q for z, q in zip(ions.atomic_numbers, ions.states, strict=True)}


def analysed_states(structure: Structure) -> dict[str, float] | None:
    """Return the mean state of each element by bond valences; None where the analyser finds none."""
    try:
        valences = BVAnalyzer().get_valences(structure)
    except ValueError:
        return None
    found = defaultdict(list)
    for site, valence in zip(structure, valences, strict=True):
        found[site.specie.symbol].append(valence)
    return {symbol: float(np.mean(values)) for symbol, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--crystals", type=int, default=300)
    parser.add_argument("--sites", type=int, default=40, help="at most; the analyser searches combinations")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    with gzip.open(arguments.data, "rt", newline="") as file:
        rows = [row for row in csv.DictReader(file) if int(row["nsites"]) <= arguments.sites]
    chosen = np.random.default_rng(arguments.seed).choice(len(rows), arguments.crystals, replace=False)
    print(describe_environment())
    where = f"{arguments.data.name}, at most {arguments.sites} sites, seed {arguments.seed}"
    print(f"{arguments.crystals} crystals of {where}")
    own_states(Structure(np.eye(3), ["Fe"], [[0, 0, 0]]))
    agree, assigned, times = 0, 0, np.zeros(2)
    for i in chosen.tolist():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            structure = Structure.from_str(rows[i]["cif"], fmt="cif")
        start = time.process_time()
        own = own_states(structure)
        between = time.process_time()
        analysed = analysed_states(structure)
        times += between - start, time.process_time() - between
        if analysed is None:
            continue
        assigned += 1
        if all(abs(own[symbol] - analysed[symbol]) < 1e-6 for symbol in analysed):
            agree += 1
            continue
        line = "  ".join(f"{symbol} {own[symbol]:+.2f} ({analysed[symbol]:+.2f})" for symbol in analysed)
        print(f"{rows[i]['material_id']:12} {rows[i]['formula']:24} {line}")
    print(f"assigned by the analyser {assigned}, of these equal {agree}")
    own_ms, analyser_ms = 1e3 * times / len(chosen)
    print(f"ms a crystal, one by one: composition {own_ms:.2f}, analyser {analyser_ms:.1f}")


if __name__ == "__main__":
    main()
