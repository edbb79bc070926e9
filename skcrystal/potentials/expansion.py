"""A basis of invariants laid over crystals: the rows of the design."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.crystals import CrystalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals
    from skcrystal.potentials.basis import Basis

__all__ = ["Design", "Expansion", "element_channels"]

# Occupancies that sum to 1 within rounding.
FULL = 1 - 1e-6


class Design(NamedTuple):
    """What each coefficient adds to one crystal's energy, forces and strain derivative.

    Attributes
    ----------
    sites : ndarray of shape (n_sites, n_functions)
        The invariants of each site.
    kinds : ndarray of shape (n_sites,)
        Number of each site's element.
    energy : ndarray of shape (n_coefficients,)
    forces : ndarray of shape (3 n_sites, n_coefficients)
    strain : ndarray of shape (6, n_coefficients)
    """

    sites: NDArray[np.float64]
    kinds: NDArray[np.int64]
    energy: NDArray[np.float64]
    forces: NDArray[np.float64]
    strain: NDArray[np.float64]


def element_channels(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weights by which neighbours of each element enter each density.

    The first channel counts all neighbours alike; the second and third weigh them by their group and row of
    the periodic table, as far as these tell the given elements apart (Gastegger et al. 2018, Willatt et al.
    2018). Channels are orthogonal over the elements.

    Parameters
    ----------
    numbers : ndarray of shape (n_elements,)
        Atomic numbers.

    Returns
    -------
    ndarray of shape (n_elements, n_channels)
    """
    table = elements.filled_table(["group", "row"])[numbers]
    channels = [np.ones(len(numbers))]
    for column in table.T:
        rest = column - column.mean()
        for known in channels:
            rest = rest - known * (rest @ known) / (known @ known)
        size = np.sqrt(np.mean(rest**2))
        if size > 1e-9:
            channels.append(rest / size)
    return np.stack(channels, axis=1)


@dataclass(frozen=True, eq=False)
class Expansion:
    """Invariants of all sites up to a cutoff, for a list of elements.

    Attributes
    ----------
    basis : Basis
    cutoff : float
        In angstrom.
    stretch : float
        How much finer the radial functions are near than far; 0 is even.
    numbers : ndarray of shape (n_elements,)
        Atomic numbers.
    channels : ndarray of shape (n_elements, n_channels)
    """

    basis: Basis
    cutoff: float
    stretch: float
    numbers: NDArray[np.int64]
    channels: NDArray[np.float64]

    @property
    def n_coefficients(self) -> int:
        """Coefficients of all elements together."""
        return len(self.numbers) * self.basis.n_functions

    def kinds(self, crystals: Crystals) -> NDArray[np.int64]:
        """Return the number of each site's element.

        Raises
        ------
        CrystalError
            A crystal is disordered or holds an element that the expansion does not know.
        """
        full = crystals.n_sites == len(crystals.atomic_numbers) and (crystals.occupancies > FULL).all()
        if not full:
            per_site = np.diff(crystals.species_offsets)
            shared = (per_site != 1) | (crystals.occupancies[crystals.species_offsets[:-1]] <= FULL)
            site = int(np.flatnonzero(shared)[0])
            index = int(np.searchsorted(crystals.site_offsets, site, side="right") - 1)
            raise CrystalError(
                f"crystal {index} ({crystals[index].formula}): site {site - crystals.site_offsets[index]} is "
                "shared or partly vacant, and a potential needs an atom on each site; order the crystal"
            )
        kinds = np.searchsorted(self.numbers, crystals.atomic_numbers)
        known = self.numbers[np.minimum(kinds, len(self.numbers) - 1)] == crystals.atomic_numbers
        if not known.all():
            site = int(np.flatnonzero(~known)[0])
            index = int(np.searchsorted(crystals.site_offsets, site, side="right") - 1)
            symbols = elements.symbols()
            raise CrystalError(
                f"crystal {index} ({crystals[index].formula}) holds "
                f"{symbols[crystals.atomic_numbers[site]]}, which the training crystals "
                f"({', '.join(symbols[z] for z in self.numbers)}) "
                "lack; leave it out, or train on such crystals"
            )
        return kinds

    def designs(self, crystals: Crystals) -> Iterator[Design]:
        """Yield the design of each crystal, in their order; several are computed at once."""
        import numba

        kinds, n_threads = self.kinds(crystals), numba.get_num_threads()
        waiting: deque[Future[Design]] = deque()
        with ThreadPoolExecutor(n_threads) as pool:
            for index in range(len(crystals)):
                first, last = crystals.site_offsets[index : index + 2].tolist()
                # A table of one crystal at a time: those of large batches do not fit into memory.
                own = crystals[index : index + 1]
                waiting.append(pool.submit(self._design, own, kinds[first:last]))
                if len(waiting) > 2 * n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _design(self, crystal: Crystals, kinds: NDArray[np.int64]) -> Design:
        """Return the design of one crystal."""
        from skcrystal.kernels.cluster_expansion import design_of_crystal

        n, terms = len(kinds), self.basis.terms
        n_elements, n_functions = len(self.numbers), self.basis.n_functions
        sites = np.empty((n, n_functions))
        forces = np.zeros((n_elements, n_functions, n, 3))
        strains = np.zeros((n_elements, n_functions, 6))
        kernel: Any = design_of_crystal
        kernel(
            *self.surroundings(crystal, kinds),
            terms.functions,
            terms.factors,
            terms.coefficients,
            sites,
            forces,
            strains,
        )
        energy = np.zeros((n_elements, n_functions))
        np.add.at(energy, kinds, sites)
        width = self.n_coefficients
        return Design(
            sites, kinds, energy.reshape(width), forces.reshape(width, 3 * n).T, strains.reshape(width, 6).T
        )

    def surroundings(self, crystal: Crystals, kinds: NDArray[np.int64]) -> tuple[object, ...]:
        """Return what the kernels ask for of one crystal: its neighbours, and how they enter densities."""
        table = crystal.neighbors(self.cutoff)
        if not table.distances.all():
            pair = int(table.distances.argmin())
            raise CrystalError(
                f"sites {table.centers[pair]} and {table.neighbors[pair]} of {crystal[0].formula} are on one "
                "point, where a potential has no value; move one of them"
            )
        return (
            kinds,
            table.offsets,
            table.neighbors,
            table.distances,
            table.vectors,
            self.cutoff,
            self.stretch,
            self.basis.starts,
            self.basis.l_max,
            self.channels,
        )
