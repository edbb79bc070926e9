"""A potential as an ASE calculator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from skcrystal.crystals import Crystal, CrystalError, Crystals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["LinearPotentialCalculator"]


class LinearPotentialCalculator(Calculator):
    """Energy (eV), forces (eV/angstrom) and stress (eV/angstrom^3, Voigt) of a fitted potential.

    ``results["extrapolation"]`` holds the grade of each site
    (:meth:`skcrystal.potentials.LinearPotential.extrapolation_grades`); the first step on which one exceeds
    the potential's `extrapolation_limit` warns.

    Parameters
    ----------
    potential : LinearPotential
        Fitted.
    """

    implemented_properties = [  # noqa: RUF012 - as ASE declares it
        "energy",
        "free_energy",
        "energies",
        "forces",
        "stress",
        "extrapolation",
    ]

    def __init__(self, potential: Any, **settings: Any) -> None:
        super().__init__(**settings)
        self.potential = potential
        self._references = np.array(list(potential.references_.values()))
        self._crystals: Crystals | None = None
        self._warned = False

    def calculate(
        self,
        atoms: Any = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Compute all properties at once, as ASE asks for it."""
        super().calculate(atoms, list(properties), list(system_changes))
        # ASE has copied them: what is computed belongs to this copy.
        crystals = self._as_crystals(self.atoms, system_changes)
        found, grades = self.potential._graded(crystals)
        energies = found.energies + self._references[found.kinds]
        energy = float(energies.sum())
        if not self._warned and (grades > self.potential.extrapolation_limit).any():
            self._warned = True
            self.potential.extrapolation_.warn(grades, self.potential.extrapolation_limit, stacklevel=6)
        self.results = {
            "energy": energy,
            "free_energy": energy,
            "energies": energies,
            "forces": found.forces,
            "stress": found.strains[0] / crystals.volumes[0],
            "extrapolation": grades,
        }

    def _as_crystals(self, atoms: Any, changes: Sequence[str]) -> Crystals:
        """Return the atoms as a batch of one; atoms that have only moved are not checked again."""
        if self._crystals is not None and {"positions", "cell"}.issuperset(changes):
            cell = np.array(atoms.cell)
            if not np.isfinite(atoms.positions).all():
                raise CrystalError(
                    f"positions of ASE Atoms ({atoms.get_chemical_formula()}) are no numbers; dynamics and "
                    "relaxations run away so where steps are too long"
                )
            return self._crystals.moved(cell[None], fractional(atoms.positions, cell))
        if not np.all(atoms.pbc):
            raise CrystalError(
                f"ASE Atoms ({atoms.get_chemical_formula()}) without a cell that is periodic in three "
                "directions is no crystal; set cell and pbc=True, with a gap of vacuum where there is none"
            )
        crystal = Crystal.ordered(
            np.array(atoms.cell), atoms.get_scaled_positions(wrap=False), np.array(atoms.numbers)
        )
        crystals = Crystals.from_crystals([crystal])
        if crystals.n_sites != len(atoms):
            raise CrystalError(
                f"{len(atoms) - crystals.n_sites} of {len(atoms)} ASE Atoms "
                f"({atoms.get_chemical_formula()}) lie on others; remove them"
            )
        self._crystals = crystals
        return crystals


def fractional(positions: NDArray[np.float64], cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return fractional coordinates."""
    return np.asarray(np.linalg.solve(cell.T, positions.T).T, dtype=np.float64)
