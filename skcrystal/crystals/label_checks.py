"""Whether energies, forces and stresses of a run fit each other: in unit, and in sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.labels import Labels

__all__ = ["find_misfits"]

# Atoms that move less than this (angstrom), and lattices that are strained less, change the energy about as
# the mean of the derivatives at both ends says: the error is of third order.
SMALL_STEP = 0.3
SMALL_STRAIN = 0.03

# Fewer steps do not tell a factor from chance.
FEWEST = 5

# Factors that are beyond what the third order explains.
FACTOR = 1.7


def find_misfits(crystals: Crystals, labels: Labels) -> list[str]:
    """Compare steps of the energy with the work of forces and stresses, from each crystal to the next.

    Compared are neighbours in the sequence that have the same atoms and lie close: by forces where the
    lattice is the same, by stresses where the fractional coordinates are.

    Returns
    -------
    list of str
        What does not fit, a sentence each.
    """
    steps: dict[str, list[tuple[float, float]]] = {"forces": [], "stresses": []}
    forces, has_forces, has_stress = labels.forces_of(), labels.has_forces, labels.has_stress
    bounds = crystals.site_offsets.tolist()
    for i in range(len(crystals) - 1):
        one, two = slice(bounds[i], bounds[i + 1]), slice(bounds[i + 1], bounds[i + 2])
        energy = labels.energies[i + 1] - labels.energies[i]
        if (
            np.isnan(energy)
            or one.stop - one.start != two.stop - two.start
            or (crystals.atomic_numbers[one] != crystals.atomic_numbers[two]).any()
        ):
            continue
        moved = crystals.frac_coords[two] - crystals.frac_coords[one]
        moved -= np.rint(moved)
        path = moved @ crystals.lattices[i]
        strain = np.linalg.solve(crystals.lattices[i], crystals.lattices[i + 1]) - np.eye(3)
        still, rigid = np.abs(path).max(initial=0) < 1e-4, np.abs(strain).max() < 1e-6
        if rigid and not still and np.abs(path).max() < SMALL_STEP and has_forces[i : i + 2].all():
            steps["forces"].append((energy, -float(((forces[i] + forces[i + 1]) / 2 * path).sum())))
        if still and not rigid and np.abs(strain).max() < SMALL_STRAIN and has_stress[i : i + 2].all():
            mean = (labels.stresses[i] + labels.stresses[i + 1]) / 2
            volume = crystals.volumes[i : i + 2].mean()
            steps["stresses"].append((energy, float(volume * (mean * (strain + strain.T) / 2).sum())))
    found = []
    for name, pairs in steps.items():
        factor = _factor(np.array(pairs).reshape(-1, 2))
        if factor is not None:
            found.append(_sentence(name, factor, len(pairs)))
    return found


def _factor(pairs: NDArray[np.float64]) -> float | None:
    """Return what the work would have to be multiplied with to be the energy; None where it fits as it is."""
    if len(pairs) < FEWEST or not pairs[:, 1].any():
        return None
    energy, work = pairs.T
    agreement = float(energy @ work) / float(np.sqrt((energy @ energy) * (work @ work)) or 1.0)
    # Without a clear relation there is nothing to say.
    if abs(agreement) < 0.8:
        return None
    factor = float(energy @ work / (work @ work))
    return None if 1 / FACTOR < factor < FACTOR else factor


def _sentence(name: str, factor: float, count: int) -> str:
    unit = {"forces": "eV/angstrom", "stresses": "eV/angstrom^3, positive under tension"}[name]
    return (
        f"over {count} steps the energy changes by {factor:.3g} times what the {name} say, which should be "
        f"in {unit}; correct their unit or sign"
    )
