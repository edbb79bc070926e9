"""Errors, costs and physics of the linear potential beside published ones and a GAP fitted in the same run.

``python benchmarks/potentials.py`` reads the cells of mlearn (Zuo et al. 2020) and maml (Li et al. 2020) from
the shared data folder, and writes benchmarks/POTENTIALS.md. With ``--gap`` a Gaussian approximation potential
is fitted to the same cells in an environment of its own, which takes some minutes more. Nothing is chosen
on test cells: the potential has its defaults, and what is "auto" in them is chosen by folds of the training
cells.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
import warnings
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from elasticity import of_cells, of_potential
from engine.peer_environment import peer_python
from engine.table import Check, markdown
from environment import describe_environment

from skcrystal.datasets import read_labelled
from skcrystal.potentials import ExtrapolationWarning, LinearPotential, to_gpa

FOLDER = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"

OUTPUT = Path(__file__).with_name("POTENTIALS.md")

STRUCTURES = {"Si": ("diamond", 8), "Mo": ("bcc", 2)}

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


class Errors(NamedTuple):
    """Mean absolute errors on test cells.

    Attributes
    ----------
    energy : float
        In meV/atom.
    force, force_of_cells : float
        In meV/angstrom, over all components, and over the cells' own means, in which small cells count as
        much as large ones.
    stress : float
        In GPa, over xx, yy, zz and xy: which of the other two is which differs between these files.
    """

    energy: float
    force: float
    force_of_cells: float
    stress: float


def errors(potential: LinearPotential, crystals: Any, labels: Any) -> Errors:
    """Compare what is predicted of test cells with their labels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExtrapolationWarning)
        found = potential.predict_labels(crystals)
    energy = np.abs((found.energies - labels.energies) / crystals.site_counts).mean()
    force = np.abs(found.forces - labels.forces).mean(axis=1)
    stress = np.abs(found.stresses - labels.stresses)[:, [0, 1, 2, 0], [0, 1, 2, 1]].mean()
    of_cells = np.add.reduceat(force, crystals.site_offsets[:-1]) / crystals.site_counts
    return Errors(
        1e3 * float(energy), 1e3 * float(force.mean()), 1e3 * float(of_cells.mean()), float(to_gpa(stress))
    )


def microseconds_a_step(potential: LinearPotential, crystal: Any, steps: int = 60) -> float:
    """Return the processor time of an atom and step through ASE, of cells that differ a little."""
    from ase import Atoms

    atoms = Atoms(
        crystal.atomic_numbers, scaled_positions=crystal.frac_coords, cell=crystal.lattice, pbc=True
    )
    atoms.calc = potential.as_calculator()
    rng = np.random.default_rng(0)
    taken = []
    for _ in range(steps):
        atoms.positions += rng.normal(scale=1e-3, size=atoms.positions.shape)
        start = time.process_time()
        atoms.get_forces()
        taken.append(time.process_time() - start)
    return 1e6 * float(np.median(taken)) / len(atoms)


def drift(potential: LinearPotential, structure: str, edge: float) -> tuple[float, int]:
    """Return the drift of 1 ps of dynamics at about 300 K, in meV/atom/ps, and the number of atoms."""
    from ase import units
    from ase.build import bulk
    from ase.md.velocitydistribution import thermalize_momenta
    from ase.md.verlet import VelocityVerlet

    atoms: Any = bulk(potential.elements_[0], structure, a=edge, cubic=True)
    atoms *= 2 if len(atoms) == 8 else 3
    atoms.calc = potential.as_calculator()
    # Half of it goes into the springs.
    thermalize_momenta(atoms, temperature_K=600, rng=np.random.default_rng(0))
    energies: list[float] = []
    dynamics = VelocityVerlet(atoms, timestep=1.0 * units.fs)
    dynamics.attach(lambda: energies.append(atoms.get_total_energy() / len(atoms)), interval=5)
    dynamics.run(1000)
    times = 5e-3 * np.arange(len(energies))
    return 1e3 * float(np.polyfit(times, energies, 1)[0]), len(atoms)


def physics(symbol: str, potential: LinearPotential, crystals: Any, labels: Any) -> list[Check]:
    """Compare lattice and elastic constants with those of the strained training cells; let atoms move."""
    structure, atoms_per_cell = STRUCTURES[symbol]
    strained = np.flatnonzero(labels.groups == "Elastic")
    given = of_cells(crystals[strained], labels[strained], atoms_per_cell)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExtrapolationWarning)
        found = of_potential(potential, structure, given.edge)
        slope, n_atoms = drift(potential, structure, found.edge)

    def off(what: str, one: float, other: float, limit: float, note: str) -> Check:
        percent = 100 * abs(one / other - 1)
        return Check(f"{symbol}: {what} off by", percent, "%", at_most=limit, note=note)

    checks = [
        off(
            "lattice constant",
            found.edge,
            given.edge,
            0.3,
            f"{found.edge:.4f} angstrom; cells {given.edge:.4f}",
        ),
        off("bulk modulus", found.bulk, given.bulk, 5, f"{found.bulk:.1f} GPa; cells {given.bulk:.1f}"),
    ]
    checks += [
        off(
            name,
            getattr(found, name),
            getattr(given, name),
            10,
            f"{getattr(found, name):.1f} GPa; cells {getattr(given, name):.1f}",
        )
        for name in ("c11", "c12", "c44")
    ]
    checks.append(
        Check(
            f"{symbol}: drift of dynamics",
            abs(slope),
            "meV/atom/ps",
            at_most=0.1,
            note=f"{n_atoms} atoms, 1 ps of 1 fs steps at about 300 K",
        )
    )
    return checks


def of_one_element(symbol: str, *, gap: bool) -> list[Check]:
    """Fit and test on one element's cells."""
    train, test = (FOLDER / f"mlearn_{symbol}_{part}.extxyz.gz" for part in ("train", "test"))
    crystals, labels = read_labelled(train)
    # Compiling is not fitting.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        LinearPotential(degrees=(3, 2, 2)).fit(crystals[:4], labels[:4])
    start, processor = time.perf_counter(), time.process_time()
    potential = LinearPotential().fit(crystals, labels)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    test_crystals, test_labels = read_labelled(test)
    found = errors(potential, test_crystals, test_labels)
    step = microseconds_a_step(potential, test_crystals[0])
    print(f"{symbol}: {potential.choice_}, {potential.fold_errors_}", flush=True)
    peers = dict(PUBLISHED[symbol])
    other = fit_gap(symbol, train, test) if gap else None
    if other:
        peers["GAP fitted here"] = (other["energy"], other["force"])
    most_energy, most_force = LIMITS[symbol]
    best_force = min(peers[name][1] for name in ("SNAP", "qSNAP", "NNP"))
    checks = [
        Check(
            f"{symbol}: energy",
            found.energy,
            "meV/atom",
            at_most=most_energy,
            note=", ".join(f"{name} {own[0]:.3g}" for name, own in peers.items()),
        ),
        Check(
            f"{symbol}: force",
            found.force,
            "meV/A",
            at_most=1e3 * min(most_force, best_force, *([other["force"]] if other else [])),
            note=", ".join(f"{name} {1e3 * own[1]:.3g}" for name, own in peers.items()),
        ),
        Check(f"{symbol}: force, mean of the cells' means", found.force_of_cells, "meV/A"),
        Check(f"{symbol}: stress", found.stress, "GPa", note="xx, yy, zz and xy"),
        Check(
            f"{symbol}: a fit",
            seconds,
            "s",
            at_most=60,
            note=f"{processor:.1f} s of processor time, {len(crystals)} cells, {potential.coef_.size} terms",
        ),
        Check(f"{symbol}: a step through ASE", step, "us an atom", at_most=60),
    ]
    if other:
        checks += [
            Check(
                f"{symbol}: a fit, times faster than GAP's",
                other["processor"] / processor,
                at_least=5,
                note=f"processor time; GAP {other['processor']:.0f} s, {other['seconds']:.0f} s on the clock",
            ),
            Check(
                f"{symbol}: a step, times faster than GAP's",
                other["step"] / step,
                at_least=10,
                note=f"{other['step']:,.0f} us an atom",
            ),
        ]
    return checks + physics(symbol, potential, crystals, labels)


def of_four_elements() -> list[Check]:
    """Fit to a fifth of the cells of Mo, Nb, Ta, W and their binaries; ask for cells of three and four."""
    crystals, labels = read_labelled(FOLDER / "maml_MoNbTaW_train.extxyz.gz")
    chosen = np.arange(0, len(crystals), 5)
    start, processor = time.perf_counter(), time.process_time()
    potential = LinearPotential().fit(crystals[chosen], labels[chosen])
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    test_crystals, test_labels = read_labelled(FOLDER / "maml_MoNbTaW_test.extxyz.gz")
    n_elements = (test_crystals.element_amounts > 0).sum(axis=1)
    known, new = np.flatnonzero(n_elements <= 2), np.flatnonzero(n_elements > 2)
    print(f"Mo Nb Ta W: {potential.choice_}, {potential.fold_errors_}", flush=True)
    inside = errors(potential, test_crystals[known], test_labels[known])
    beyond = errors(potential, test_crystals[new], test_labels[new])
    most_energy, most_force = LIMITS["elements and binaries"]
    flagged = {}
    for name, indices in (("known", known), ("new", new)):
        grades = potential.extrapolation_grades(test_crystals[indices])
        flagged[name] = sum(bool(own.max() > potential.extrapolation_limit) for own in grades)
    name = "Mo Nb Ta W"
    return [
        Check(
            f"{name}: energy",
            inside.energy,
            "meV/atom",
            at_most=most_energy,
            note=f"{len(known)} cells of one or two elements; {beyond.energy:.3g} on {len(new)} of more",
        ),
        Check(
            f"{name}: force, mean of the cells' means",
            inside.force_of_cells,
            "meV/A",
            at_most=1e3 * most_force,
            note=f"{beyond.force_of_cells:.3g} on the others",
        ),
        Check(
            f"{name}: force",
            inside.force,
            "meV/A",
            note="over all components, three quarters of them of 120 cells of pure elements",
        ),
        Check(
            f"{name}: cells of more flagged as extrapolation",
            flagged["new"],
            at_least=len(new),
            note=f"of {len(new)}; {flagged['known']} of the {len(known)} others",
        ),
        Check(
            f"{name}: a fit",
            seconds,
            "s",
            note=f"{processor:.1f} s of processor time, {len(chosen)} cells, {potential.coef_.size} columns",
        ),
    ]


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
    checks: list[Check] = []
    for symbol in arguments.elements:
        checks += of_one_element(symbol, gap=arguments.gap)
    if not arguments.no_alloys:
        checks += of_four_elements()
    kept, limited = sum(c.verdict == "ok" for c in checks), sum(c.verdict != "" for c in checks)
    lines = [
        "# Potentials",
        "",
        f"Written by `python benchmarks/potentials.py{' --gap' * arguments.gap}` on {date.today()}: "
        f"{kept} of {limited} limits kept.",
        "",
        "```text",
        describe_environment(),
        f"load      {os.getloadavg()[1]:.1f} processes on average, these included",
        "```",
        "",
        "Mean absolute errors on the test cells of mlearn and maml, with the defaults for all elements; what",
        'is "auto" is chosen by folds of the training cells. SNAP, qSNAP, NNP: published parameters on the',
        "same test cells; GAP, MTP: as quoted from Zuo et al. 2020. Elastic constants are those of atoms",
        "that move with the cell.",
        "",
        markdown(checks),
    ]
    print("\n".join(lines))
    if not arguments.no_alloys and arguments.elements == ["Si", "Mo"]:
        OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
