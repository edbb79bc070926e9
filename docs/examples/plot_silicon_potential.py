"""
A potential for silicon
=======================

Energies, forces and stresses of some dozen small cells are enough to learn a potential for relaxations and
molecular dynamics. Here Tersoff's potential stands in for a calculation by density functional theory: it is
quick, and knows the right answer for every cell that the learnt potential is asked about.
"""

# %%
# What may be changed
# -------------------

# Cells to learn from and to judge by.
N_CELLS = 60

# Steps of molecular dynamics, of 2 femtoseconds each.
N_STEPS = 250

# %%
# What is learnt from
# -------------------
# Silicon as Tersoff parametrised it in `Phys. Rev. B 39 (1989) 5566
# <https://doi.org/10.1103/PhysRevB.39.5566>`_: energies in eV, lengths in angstrom.

from ase.calculators.tersoff import Tersoff, TersoffParameters

SILICON = TersoffParameters(
    m=3,
    gamma=1,
    lambda3=0,
    c=1.0039e5,
    d=16.217,
    h=-0.59825,
    n=0.78734,
    beta=1.1e-6,
    lambda2=1.7322,
    B=471.18,
    R=2.85,
    D=0.15,
    lambda1=2.4799,
    A=1830.8,
)
tersoff = Tersoff({("Si", "Si", "Si"): SILICON})

# %%
# Cells of 16 atoms, strained by up to 2 % and rattled by 0.1 angstrom: what atoms meet in a warm crystal.
# No bond is as long as the 2.7 angstrom from which on Tersoff's potential cuts it off, within 0.3 angstrom.

import numpy as np
from ase.build import bulk

EDGE = 5.432
rng = np.random.default_rng(0)
frames = []
for _ in range(N_CELLS):
    atoms = bulk("Si", a=EDGE) * 2
    strain = rng.uniform(-0.02, 0.02, (3, 3))
    atoms.set_cell(atoms.cell @ (np.eye(3) + (strain + strain.T) / 2), scale_atoms=True)
    atoms.positions += rng.normal(scale=0.1 / np.sqrt(3), size=(len(atoms), 3))
    atoms.calc = tersoff
    frames.append(atoms)

# %%
# Crystals and labels are sequences, and are split as X and y always are.

from sklearn.model_selection import train_test_split

from skcrystal import as_crystals
from skcrystal.potentials import Labels, LinearPotential

labels = Labels(
    [atoms.get_potential_energy() for atoms in frames],
    [atoms.get_forces() for atoms in frames],
    [atoms.get_stress() for atoms in frames],
)
X_train, X_test, y_train, y_test = train_test_split(
    as_crystals(frames), labels, test_size=1 / 3, random_state=0
)
potential = LinearPotential(cutoff=5.0, degrees=(10, 7, 5)).fit(X_train, y_train)
print(potential.fold_errors_)

# %%
# The answer
# ----------
# Energies and forces of cells that were not learnt from.

import matplotlib.pyplot as plt

sites = X_test.site_counts
energies = potential.predict(X_test) / sites, y_test.energies / sites
forces = np.vstack(potential.predict_forces(X_test)), np.vstack(y_test.forces)

fig, axes = plt.subplots(1, 2, figsize=(7, 3.5), layout="constrained")
for ax, (predicted, true), unit in zip(
    axes, (energies, forces), ("energy (eV/atom)", "force (eV/Å)"), strict=True
):
    ends = [true.min(), true.max()]
    ax.plot(ends, ends, color="#BBBBBB", lw=0.8)
    ax.plot(true.ravel(), predicted.ravel(), ".", ms=4, alpha=0.5, color="#0072B2")
    rmse = np.sqrt(np.mean((predicted - true) ** 2))
    ax.set(title=f"off by {rmse:.1g}, root mean square", xlabel=unit)
axes[0].set_ylabel("predicted")
plt.show()

# %%
# Relaxing
# --------
# A cell that is sheared and 2 % too large finds back to the lattice constant of Tersoff's silicon, 5.432
# angstrom.

from ase.filters import FrechetCellFilter
from ase.optimize import BFGS

atoms = bulk("Si", cubic=True, a=1.02 * EDGE)
atoms.set_cell(atoms.cell @ [[1, 0.02, 0], [0, 1, 0], [0, 0, 0.99]], scale_atoms=True)
atoms.rattle(0.05, seed=0)
atoms.calc = potential.as_calculator()
BFGS(FrechetCellFilter(atoms), logfile=None).run(fmax=0.005, steps=200)
atoms.cell.cellpar().round(3)

# %%
# Molecular dynamics
# ------------------
# 64 atoms at about 200 K. Forces are the derivatives of one energy, so that what the atoms lose in potential
# energy they gain in motion, and the sum stays.

from ase import units
from ase.md.verlet import VelocityVerlet

atoms = bulk("Si", cubic=True, a=EDGE) * 2
atoms.calc = potential.as_calculator()
# Maxwell's distribution at 400 K; half of it goes into the springs.
spread = np.sqrt(400 * units.kB * atoms.get_masses())
momenta = spread[:, None] * rng.normal(size=(len(atoms), 3))
atoms.set_momenta(momenta - momenta.mean(axis=0))
dynamics = VelocityVerlet(atoms, timestep=2 * units.fs)
kinetic, total, distances, grades = [], [], [], []


def observe():
    kinetic.append(atoms.get_kinetic_energy() / len(atoms))
    total.append(atoms.get_total_energy() / len(atoms))
    grades.append(atoms.calc.results["extrapolation"].max())
    apart = atoms.get_all_distances(mic=True)
    distances.append(apart[np.triu_indices(len(atoms), 1)])


dynamics.attach(observe, interval=4)
dynamics.run(N_STEPS)
print(f"largest extrapolation grade {max(grades):.2f}")

# %%
# The radial distribution function counts neighbours at a distance, beside those of an even density. Its peaks
# are the shells of diamond, at 2.35, 3.84 and 4.50 angstrom, as wide as the atoms swing.

ends = np.linspace(2, EDGE, 120)
middle = (ends[1:] + ends[:-1]) / 2
settled = distances[len(distances) // 4 :]
counts = np.histogram(np.concatenate(settled), ends)[0] / len(settled)
shells = 4 * np.pi * middle**2 * np.diff(ends) / atoms.get_volume()
even = len(atoms) * (len(atoms) - 1) / 2 * shells

fig, (left, right) = plt.subplots(1, 2, figsize=(7, 3.5), layout="constrained")
times = 8e-3 * np.arange(len(total))
stored = np.subtract(total, kinetic)
stored -= stored[0]
left.plot(times, stored, color="#0072B2", label="potential")
left.plot(times, kinetic, color="#E69F00", label="kinetic")
left.plot(times, stored + kinetic, color="#6E6E6E", label="sum")
left.set(xlabel="time (ps)", ylabel="energy (eV/atom)", ylim=(0, 0.065))
left.legend(ncols=3, fontsize="small", frameon=False, loc="upper center")
right.plot(middle, counts / even, color="#0072B2")
right.set(xlabel="distance (Å)", ylabel="radial distribution")
plt.show()
