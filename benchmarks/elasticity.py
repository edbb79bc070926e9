"""Elastic constants of cubic crystals: of strained cells with given stresses, and of a potential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal import Crystal, Crystals
from skcrystal.potentials import to_gpa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.potentials import Labels, LinearPotential

__all__ = ["Elasticity", "of_cells", "of_potential"]

# Strains beyond which three powers of it no longer describe the stress.
LARGEST = 0.085


class Elasticity(NamedTuple):
    """Lattice constant in angstrom; elastic constants and bulk modulus in GPa, atoms moving with the cell."""

    edge: float
    c11: float
    c12: float
    c44: float

    @property
    def bulk(self) -> float:
        """Bulk modulus in GPa."""
        return (self.c11 + 2 * self.c12) / 3


def of_cells(crystals: Crystals, labels: Labels, atoms_per_cell: int) -> Elasticity:
    """Return the slopes of stress over strain of cubic cells stretched along one axis, or sheared.

    Parameters
    ----------
    crystals : Crystals
        The cells of Zuo et al. 2020, with edges along x, y and z where nothing is strained; one is perfect.
    labels : Labels
        With the stress of each.
    atoms_per_cell : int
        Of the cubic unit cell: 8 of diamond, 2 of bcc.
    """
    lengths = np.linalg.norm(crystals.lattices, axis=2)
    # A stretched cell has two edges of the unstrained length, a sheared one has three.
    usual = float(np.median(lengths[crystals.site_counts == crystals.site_counts.max()]))
    stretched, sheared, perfect = [], [], []
    for lattice, size, count, stress in zip(
        crystals.lattices, lengths, crystals.site_counts, labels.stresses, strict=True
    ):
        if np.ptp(size) < 1e-4 * usual and np.allclose(lattice, np.diag(np.diag(lattice))):
            # Of a thermally disordered cell and a unit cell, the unit cell is perfect.
            perfect.append((int(count), float(size[0]), float(np.trace(stress)) / 3))
            continue
        strain = (lattice + lattice.T) / (2 * usual) - np.eye(3)
        along, axis = np.diag(strain), int(np.abs(np.diag(strain)).argmax())
        others = np.delete(np.arange(3), axis)
        # Sheared in xy alone: which of the other two components is which differs between these files.
        if abs(strain[0, 1]) > 1e-3:
            sheared.append((2 * float(strain[0, 1]), float(stress[0, 1])))
        elif np.allclose(lattice, np.diag(np.diag(lattice))):
            side = float(np.diag(stress)[others].mean())
            stretched.append((float(along[axis]), float(stress[axis, axis]), side))
    elongation, normal, side_stress = np.array([row for row in stretched if abs(row[0]) < LARGEST]).T
    angle, shear = np.array([row for row in sheared if abs(row[0]) < 2 * LARGEST]).T
    c11, c12, c44 = (
        float(to_gpa(np.polynomial.Polynomial.fit(x, y, 3).deriv()(0.0)))
        for x, y in ((elongation, normal), (elongation, side_stress), (angle, shear))
    )
    count, edge, tension = min(perfect)
    per_edge = round((count / atoms_per_cell) ** (1 / 3))
    stretch = to_gpa(tension) / (c11 + 2 * c12)
    return Elasticity(edge / per_edge * (1 - float(stretch)), c11, c12, c44)


def of_potential(potential: LinearPotential, structure: str, edge: float) -> Elasticity:
    """Return the lattice constant where the pressure vanishes, and slopes of stress over strain there.

    Parameters
    ----------
    potential : LinearPotential
        Of one element.
    structure : {"diamond", "bcc", "fcc"}
    edge : float
        Where the search begins, in angstrom.
    """
    from ase.build import bulk

    unit: Any = bulk(potential.elements_[0], structure, a=1.0, cubic=True)

    def stress(edge: float, deformation: NDArray[np.float64]) -> NDArray[np.float64]:
        lattice = edge * np.eye(3) @ deformation
        crystal = Crystal.ordered(lattice, unit.positions, unit.numbers)
        found: NDArray[np.float64] = potential.predict_stress(Crystals.from_crystals([crystal]))[0]
        return found

    for _ in range(20):
        # Newton's steps on the pressure: its slope over the edge from a central difference.
        pressure = np.trace(stress(edge, np.eye(3)))
        slope = np.trace(stress(edge * 1.001, np.eye(3)) - stress(edge * 0.999, np.eye(3))) / (0.002 * edge)
        edge -= float(pressure / slope)
    step = 1e-3
    slopes = []
    for i, j in ((0, 0), (0, 1)):
        strain = np.zeros((3, 3))
        strain[i, j] += step / 2
        strain[j, i] += step / 2
        change = stress(edge, np.eye(3) + strain) - stress(edge, np.eye(3) - strain)
        slopes.append(to_gpa(change / (2 * step)))
    return Elasticity(edge, float(slopes[0][0, 0]), float(slopes[0][1, 1]), float(slopes[1][0, 1]))
