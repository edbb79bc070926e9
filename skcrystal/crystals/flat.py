"""Crystals as flat arrays that do not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrystal.crystals.arrays import CrystalArrays, gather

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FlatCrystals"]


class FlatCrystals:
    """What a batch holds: its arrays, read-only, and a source and notes for each crystal.

    Attributes
    ----------
    lattices, site_offsets, frac_coords, species_offsets, atomic_numbers, occupancies, oxidation_states
        As :class:`skcrystal.Crystals` takes them.
    sources : tuple of str
    notes : tuple of (tuple of str)
    """

    sources: tuple[str, ...]
    notes: tuple[tuple[str, ...], ...]

    def _hold(self, arrays: CrystalArrays) -> None:
        (
            self.lattices,
            self.site_offsets,
            self.frac_coords,
            self.species_offsets,
            self.atomic_numbers,
            self.occupancies,
            self.oxidation_states,
        ) = arrays
        self._finish()

    def _finish(self) -> None:
        for array in self._arrays():
            array.flags.writeable = False

    def _arrays(self) -> CrystalArrays:
        return CrystalArrays(
            self.lattices,
            self.site_offsets,
            self.frac_coords,
            self.species_offsets,
            self.atomic_numbers,
            self.occupancies,
            self.oxidation_states,
        )

    @classmethod
    def _trusted(
        cls, *arrays: NDArray[Any], sources: tuple[str, ...], notes: tuple[tuple[str, ...], ...]
    ) -> Self:
        """Take arrays that come from checked ones."""
        self = cls.__new__(cls)
        self.sources = sources
        self.notes = notes
        self._hold(CrystalArrays(*arrays))
        return self

    @property
    def n_sites(self) -> int:
        """Number of sites of all crystals together."""
        return len(self.frac_coords)

    def __len__(self) -> int:
        return len(self.lattices)

    def _part(self, indices: NDArray[np.intp]) -> Self:
        """Return some of the crystals, which share nothing with this batch."""
        sites, site_offsets = gather(self.site_offsets, indices)
        species, species_offsets = gather(self.species_offsets, sites)
        return self._trusted(
            self.lattices[indices],
            site_offsets,
            self.frac_coords[sites],
            species_offsets,
            self.atomic_numbers[species],
            self.occupancies[species],
            self.oxidation_states[species],
            sources=tuple(self.sources[i] for i in indices.tolist()),
            notes=tuple(self.notes[i] for i in indices.tolist()),
        )

    def moved(self, lattices: NDArray[np.float64], frac_coords: NDArray[np.float64]) -> Self:
        """Return the same crystals with their atoms elsewhere, as a step of dynamics leaves them: unchecked.

        Parameters
        ----------
        lattices : ndarray of shape (n_crystals, 3, 3)
        frac_coords : ndarray of shape (n_sites, 3)

        Returns
        -------
        Crystals
        """
        others = self._arrays()[3:]
        return self._trusted(
            lattices, self.site_offsets, frac_coords, *others, sources=self.sources, notes=self.notes
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._finish()
