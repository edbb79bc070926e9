"""A potential as an ASE calculator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from skcrystal.crystals import Crystal, CrystalError, Crystals

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        held: Any = self.atoms
        if not np.all(held.pbc):
            raise CrystalError(
                f"ASE Atoms ({held.get_chemical_formula()}) without a cell that is periodic in three "
                "directions is no crystal; set cell and pbc=True, with a gap of vacuum where there is none"
            )
        crystal = Crystal.ordered(
            np.array(held.cell), held.get_scaled_positions(wrap=False), np.array(held.numbers)
        )
        crystals = Crystals.from_crystals([crystal])
        found, grades = self.potential._graded(crystals)
        energies = found.energies + self.potential._references[found.kinds]
        if not self._warned and (grades > self.potential.extrapolation_limit).any():
            self._warned = True
            self.potential.extrapolation_.warn(grades, self.potential.extrapolation_limit, stacklevel=6)
        energy = float(energies.sum())
        self.results = {
            "energy": energy,
            "free_energy": energy,
            "energies": energies,
            "forces": found.forces,
            "stress": found.strains[0] / crystals.volumes[0],
            "extrapolation": grades,
        }
