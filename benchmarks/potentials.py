"""Errors and costs of the linear potential on test cells of silicon and molybdenum, and of four metals.

``python benchmarks/potentials.py`` reads the cells of mlearn (Zuo et al. 2020) and maml (Li et al. 2020) from
the shared data folder. With ``--gap`` a Gaussian approximation potential is fitted to the same cells in an
environment of its own, which takes some twenty minutes. Nothing is chosen on test cells: the potential has
its defaults, and what is "auto" in them is chosen by folds of the training cells.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from engine.peer_environment import peer_python
from environment import describe_environment

from skcrystal.datasets import read_labelled
from skcrystal.potentials import ExtrapolationWarning, LinearPotential

FOLDER = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"

#: Errors that may not be exceeded: meV/atom and eV/angstrom.
LIMITS = {"Si": (3.0, 0.068), "Mo": (3.0, 0.105), "elements and binaries": (2.0, 0.045)}

#: Published parameters evaluated on the same test cells (SNAP, qSNAP, NNP: Zuo et al. 2020, doi
#: 10.1021/acs.jpca.9b08723), and as quoted from there (GAP, MTP): meV/atom and eV/angstrom.
PUBLISHED = {
    "Si": {
        "SNAP": (6.44, 0.133),
        "qSNAP": (3.81, 0.116),
        "NNP": (5.63, 0.118),
        "GAP": (2.91, 0.07),
        "MTP": (2.21, 0.06),
    },
    "Mo": {
        "SNAP": (5.48, 0.207),
        "qSNAP": (2.77, 0.184),
        "NNP": (3.65, 0.118),
        "GAP": (2.24, 0.09),
        "MTP": (2.83, 0.09),
    },
}


def errors(potential: LinearPotential, crystals: Any, labels: Any) -> tuple[float, float, float]:
    """Mean absolute errors: meV/atom, eV/angstrom, GPa."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExtrapolationWarning)
        found = potential.predict_labels(crystals)
    energy = np.abs((found.energies - labels.energies) / crystals.site_counts).mean()
    stress = np.abs(found.stresses - labels.stresses).mean()
    return (
        1e3 * float(energy),
        float(np.abs(found.forces - labels.forces).mean()),
        160.2176634 * float(stress),
    )


def microseconds_a_step(potential: LinearPotential, crystal: Any, steps: int = 30) -> float:
    """Processor time of an atom and step through ASE, of cells that differ a little."""
    from ase import Atoms

    structure = crystal.to_structure()
    atoms = Atoms(
        crystal.atomic_numbers, scaled_positions=crystal.frac_coords, cell=structure.lattice.matrix, pbc=True
    )
    atoms = atoms.repeat(1 if len(atoms) >= 30 else 2)
    atoms.calc = potential.as_calculator()
    rng = np.random.default_rng(0)
    taken = []
    for _ in range(steps):
        atoms.positions += rng.normal(scale=1e-3, size=atoms.positions.shape)
        start = time.process_time()
        atoms.get_forces()
        taken.append(time.process_time() - start)
    return 1e6 * float(np.median(taken)) / len(atoms)


def of_one_element(symbol: str, *, gap: bool) -> dict[str, Any]:
    """Fit and test on one element's cells."""
    train, test = (FOLDER / f"mlearn_{symbol}_{part}.extxyz.gz" for part in ("train", "test"))
    crystals, labels = read_labelled(train)
    start, processor = time.perf_counter(), time.process_time()
    potential = LinearPotential().fit(crystals, labels)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    test_crystals, test_labels = read_labelled(test)
    energy, force, stress = errors(potential, test_crystals, test_labels)
    step = microseconds_a_step(potential, test_crystals[0])
    limit = LIMITS[symbol]
    print(f"\n{symbol}: {len(crystals)} cells, {potential.coef_.shape[1]} columns, {potential.choice_}")
    print(
        f"  fitted in {seconds:.1f} s ({processor:.1f} s of processor time); held-out training rows, rms: "
        + ", ".join(f"{kind} {value:.3g}" for kind, value in potential.fold_errors_.items())
    )
    rows = {f"skcrystal (limits {limit[0]}, {limit[1]})": (energy, force), **PUBLISHED[symbol]}
    if gap:
        found = fit_gap(symbol, train, test)
        rows["GAP fitted here"] = (found["energy"], found["force"])
    for name, (one, two) in rows.items():
        print(f"  {name:36s} {one:6.2f} meV/atom  {two:6.3f} eV/angstrom")
    print(f"  stress {stress:.2f} GPa; a step through ASE {step:.0f} microseconds an atom")
    if gap:
        print(
            f"  GAP fitted in {found['seconds']:.0f} s, a step {found['step']:.0f} microseconds an atom: "
            f"ratios {found['seconds'] / seconds:.1f} and {found['step'] / step:.1f}"
        )
    kept = energy <= limit[0] and force <= limit[1]
    print(f"  limits {'kept' if kept else 'EXCEEDED'}")
    return {"energy": energy, "force": force, "seconds": seconds, "step": step}


def of_four_elements() -> None:
    """Fit to a fifth of the cells of Mo, Nb, Ta, W and their binaries; ask for cells of three and four."""
    crystals, labels = read_labelled(FOLDER / "maml_MoNbTaW_train.extxyz.gz")
    chosen = np.arange(0, len(crystals), 5)
    start = time.perf_counter()
    potential = LinearPotential().fit(crystals[chosen], labels[chosen])
    seconds = time.perf_counter() - start
    test_crystals, test_labels = read_labelled(FOLDER / "maml_MoNbTaW_test.extxyz.gz")
    n_elements = (test_crystals.element_amounts > 0).sum(axis=1)
    known, new = np.flatnonzero(n_elements <= 2), np.flatnonzero(n_elements > 2)
    energy, force, _ = errors(potential, test_crystals[known], test_labels[known])
    limit = LIMITS["elements and binaries"]
    print(f"\nMo Nb Ta W: {len(chosen)} cells, {potential.coef_.size} columns, {seconds:.0f} s")
    print(f"  {potential.choice_}")
    print(
        f"  {len(known)} cells of one or two elements (limits {limit[0]}, {limit[1]}): "
        f"{energy:.2f} meV/atom, {force:.4f} eV/angstrom"
    )
    beyond_energy, beyond_force, _ = errors(potential, test_crystals[new], test_labels[new])
    print(
        f"  {len(new)} cells of three or four: {beyond_energy:.1f} meV/atom, {beyond_force:.3f} eV/angstrom"
    )
    grades = {
        name: np.array([own.max() for own in potential.extrapolation_grades(test_crystals[indices])])
        for name, indices in (("known", known), ("new", new))
    }
    limit_grade = potential.extrapolation_limit
    flagged = {name: int((own > limit_grade).sum()) for name, own in grades.items()}
    print(
        f"  flagged as extrapolation: {flagged['new']} of {len(new)} of three or four, "
        f"{flagged['known']} of {len(known)} others"
    )


def fit_gap(symbol: str, train: Path, test: Path) -> dict[str, Any]:
    """Fit and test a Gaussian approximation potential in an environment of its own."""
    python = peer_python("gap")
    script = Path(__file__).with_name("gap.py")
    done = subprocess.run([python, script, symbol, train, test], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print it all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gap", action="store_true", help="fit a GAP to the same cells too")
    parser.add_argument("--elements", nargs="*", default=["Si", "Mo"])
    parser.add_argument("--no-alloys", action="store_true")
    arguments = parser.parse_args()
    print(describe_environment())
    for symbol in arguments.elements:
        of_one_element(symbol, gap=arguments.gap)
    if not arguments.no_alloys:
        of_four_elements()


if __name__ == "__main__":
    main()
