"""One crystal as plain arrays: what every reader makes and every batch is made of."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pymatgen.core import Composition, Structure

__all__ = ["Crystal", "CrystalError"]


class CrystalError(ValueError):
    """An input that is no usable crystal: one sentence on what is wrong and what to do."""

    __module__ = "skcrystal"  # where users find it, and what tracebacks say


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Crystal:
    """One crystal: a lattice, and sites that own one species (ordered) or several (disordered).

    Nothing is checked here; :class:`skcrystal.Crystals` checks a whole batch at once.

    Attributes
    ----------
    lattice : ndarray of shape (3, 3)
        Lattice vectors a, b, c as rows, in angstrom.
    frac_coords : ndarray of shape (n_sites, 3)
        Fractional coordinates, as given (not wrapped into the cell).
    species_offsets : ndarray of shape (n_sites + 1,), int64
        Site i owns the species ``species_offsets[i]:species_offsets[i + 1]``.
    atomic_numbers : ndarray of shape (n_species,), int64
    occupancies : ndarray of shape (n_species,), float64
        In (0, 1]; an ordered site has one species at 1; what a site lacks to 1 is vacant.
    oxidation_states : ndarray of shape (n_species,), float64
        NaN where none is stated. Kept for the way back; no descriptor reads them.
    source : str
        Where the crystal came from (a path, an identifier), for messages; may be empty.
    notes : tuple of str
        What was repaired, guessed or is suspicious: a sentence each, without its full stop.
    """

    lattice: NDArray[np.float64]
    frac_coords: NDArray[np.float64]
    species_offsets: NDArray[np.int64]
    atomic_numbers: NDArray[np.int64]
    occupancies: NDArray[np.float64]
    oxidation_states: NDArray[np.float64]
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def ordered(
        cls,
        lattice: Any,
        frac_coords: Any,
        atomic_numbers: Any,
        *,
        source: str = "",
    ) -> Crystal:
        """Make a crystal in which every site holds one element.

        Parameters
        ----------
        lattice : array-like of shape (3, 3)
            Rows a, b, c in angstrom.
        frac_coords : array-like of shape (n_sites, 3)
        atomic_numbers : array-like of shape (n_sites,)
        source : str, default=""
        """
        numbers = np.asarray(atomic_numbers, dtype=np.int64)
        n_sites = len(numbers)
        return cls(
            np.asarray(lattice, dtype=np.float64),
            np.asarray(frac_coords, dtype=np.float64).reshape(n_sites, 3),
            np.arange(n_sites + 1),
            numbers,
            np.ones(n_sites),
            np.full(n_sites, np.nan),
            source,
        )

    @property
    def n_sites(self) -> int:
        """Number of sites in the cell."""
        return len(self.frac_coords)

    @property
    def volume(self) -> float:
        """Volume of the cell, in cubic angstrom."""
        return float(abs(np.linalg.det(self.lattice)))

    @property
    def composition(self) -> Composition:
        """Amounts of the elements in the cell, occupancies counted, as pymatgen has it."""
        from pymatgen.core import Composition, Element

        amounts: dict[Element, float] = {}
        for number, occupancy in zip(self.atomic_numbers.tolist(), self.occupancies.tolist(), strict=True):
            element = Element.from_Z(number)
            amounts[element] = amounts.get(element, 0.0) + occupancy
        return Composition(amounts)

    @property
    def formula(self) -> str:
        """Reduced formula, as pymatgen writes it."""
        with warnings.catch_warnings():
            # pymatgen orders the symbols by electronegativity, and warns of noble gases, which have none.
            warnings.filterwarnings("ignore", message="No Pauling electronegativity")
            return self.composition.reduced_formula

    def to_structure(self) -> Structure:
        """Return the crystal as a pymatgen ``Structure``, coordinates and occupancies bit for bit."""
        from pymatgen.core import Element, Lattice, Species, Structure

        numbers, occupancies = self.atomic_numbers.tolist(), self.occupancies.tolist()
        states = [None if np.isnan(state) else state for state in self.oxidation_states.tolist()]
        offsets = self.species_offsets.tolist()
        sites = []
        for start, stop in pairwise(offsets):
            species: dict[Any, float] = {}
            for k in range(start, stop):
                element = Element.from_Z(numbers[k])
                kind = element if states[k] is None else Species(element.symbol, states[k])
                species[kind] = species.get(kind, 0.0) + occupancies[k]
            sites.append(species)
        return Structure(Lattice(self.lattice), sites, self.frac_coords)

    def __repr__(self) -> str:
        known = (
            len(self.atomic_numbers) > 0 and ((self.atomic_numbers > 0) & (self.atomic_numbers < 119)).all()
        )
        return f"Crystal({self.formula if known else '?'}, {self.n_sites} sites)"
