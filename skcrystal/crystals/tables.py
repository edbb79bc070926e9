"""What is made of a batch once, for all descriptors that need it: symmetry, cells, neighbours, bonds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from skcrystal.chemistry.oxidation import IonicComposition, assign_oxidation_states
from skcrystal.crystals.arrays import content_digests, counts_of, gather, label_sites
from skcrystal.crystals.bonding import find_bonding
from skcrystal.crystals.bonds import BondTable, join_bonds, weigh_bonds, weigh_near_bonds
from skcrystal.crystals.checks import OCCUPANCY_TOLERANCE
from skcrystal.crystals.flat import FlatCrystals
from skcrystal.crystals.known_symmetry import KnownSymmetry, entries_of, look_up
from skcrystal.crystals.neighbors import NeighborTable, find_neighbors
from skcrystal.crystals.split_sites import (
    Exclusions,
    JoinedSites,
    drop_excluded,
    find_exclusions,
    join_split_sites,
)
from skcrystal.crystals.symmetry import SymmetryTable, find_symmetry, primitive_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Self

    from numpy.typing import NDArray

__all__ = ["CrystalTables"]

# Up to which share of the cutoff neighbours are looked for first: of 8 angstrom, the 6 of the bond valences,
# within which the bonds of nearly all crystals are decided, at two fifths of the pairs.
NEAR = 0.75

# What a batch makes for itself.
MADE = ("_tables", "_symmetries", "_known_symmetry")

# In a batch's tables, the batch: its primitive cells, where they are its own.
ITSELF = "itself"

T = TypeVar("T")


class CrystalTables(FlatCrystals):
    """Flat arrays, and the tables that are made of them at most once, as they are asked for."""

    def _finish(self) -> None:
        super()._finish()
        self._tables: dict[Hashable, Any] = {}
        self._symmetries: dict[float, SymmetryTable] = {}
        self._known_symmetry = KnownSymmetry()

    def __getstate__(self) -> dict[str, Any]:
        # Tables are cheap to make again and large to send; with them, equal batches would not be equal bytes.
        return {name: value for name, value in self.__dict__.items() if name not in MADE}

    def _table(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self._tables:
            made = make()
            # A batch that held itself would not be freed before the garbage collector comes by.
            self._tables[key] = ITSELF if made is self else made
        table: Any = self._tables[key]
        if table is ITSELF:
            table = self
        found: T = table
        return found

    @property
    def volumes(self) -> NDArray[np.float64]:
        """Volumes of the cells, in cubic angstrom; shape (n_crystals,)."""
        return self._table("volumes", lambda: np.abs(np.linalg.det(self.lattices)))

    @property
    def site_counts(self) -> NDArray[np.int64]:
        """Number of sites of each crystal; shape (n_crystals,)."""
        return self._table("site_counts", lambda: counts_of(self.site_offsets))

    @property
    def site_index(self) -> NDArray[np.int64]:
        """Crystal that owns each site, and the site's number in it; shape (n_sites, 2).

        The first column is what a split by crystals takes as its groups.
        """
        owners = np.repeat(np.arange(len(self)), self.site_counts)
        return np.stack([owners, np.arange(self.n_sites) - self.site_offsets[owners]], axis=1)

    @property
    def species_crystals(self) -> NDArray[np.int64]:
        """Index of the crystal that owns each species; shape (n_species,)."""

        def find() -> NDArray[np.int64]:
            counts = counts_of(self.species_offsets[self.site_offsets])
            return np.repeat(np.arange(len(self)), counts)

        return self._table("species_crystals", find)

    @property
    def element_amounts(self) -> NDArray[np.float64]:
        """Atoms of each element in each cell, occupancies counted; shape (n_crystals, 119).

        Column Z is the element Z; column 0 is empty.
        """

        def count() -> NDArray[np.float64]:
            flat = self.species_crystals * 119 + self.atomic_numbers
            amounts = np.bincount(flat, weights=self.occupancies, minlength=len(self) * 119)
            return amounts.astype(np.float64, copy=False).reshape(-1, 119)

        return self._table("element_amounts", count)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Whether all sites of a crystal are filled by one species each; shape (n_crystals,)."""

        def find() -> NDArray[np.bool_]:
            partial = self.occupancies < 1 - OCCUPANCY_TOLERANCE
            return np.bincount(self.species_crystals[partial], minlength=len(self)) == 0

        return self._table("whole", find)

    def keys(self) -> list[bytes]:
        """Return a digest of each crystal's content: equal for equal arrays, whatever the source."""
        return self._table("keys", lambda: content_digests(self._arrays()))

    @property
    def site_kinds(self) -> NDArray[np.int64]:
        """Equal for sites with the same elements at the same occupancies (to 0.001); shape (n_sites,)."""
        return self._table("site_kinds", lambda: label_sites(self._arrays()))

    def _sites(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        return self.lattices, self.site_offsets, self.frac_coords

    def symmetry(self, symprec: float = 0.01) -> SymmetryTable:
        """Return the symmetry of each crystal, searched once per content of a crystal and tolerance.

        What is found is known to all that is taken from this batch, or that this batch was taken from:
        slices, folds, chunks of a featurizer.

        Parameters
        ----------
        symprec : float, default=0.01
            Tolerance on positions, in angstrom.

        Returns
        -------
        SymmetryTable
        """

        def find(indices: NDArray[np.intp]) -> SymmetryTable:
            part = self if len(indices) == len(self) else self._part(indices)
            return find_symmetry(*part._sites(), part.site_kinds, symprec)

        def look() -> SymmetryTable:
            differ = len({lattice.tobytes() for lattice in self.lattices}) == len(self)
            if not len(self) or (differ and not self._known_symmetry.is_shared):
                # No two are equal, and nobody else asks.
                return find_symmetry(*self._sites(), self.site_kinds, symprec)
            return look_up(self.keys(), self.site_counts, symprec, self._known_symmetry, find)

        if symprec not in self._symmetries:
            self._symmetries[symprec] = look()
        return self._symmetries[symprec]

    def _share_symmetry(self) -> None:
        """Let what is taken from this batch know the symmetry that was found in it, now and later."""
        if self._known_symmetry.is_shared:
            return
        self._known_symmetry.is_shared = True
        for symprec, table in list(self._symmetries.items()):
            self._known_symmetry.write(entries_of(self.keys(), table, self.site_counts), symprec)

    def apart(self) -> Self:
        """Return the same crystals with tables of their own, but for symmetry, which both know.

        Tables are large, and go with the batch that they hang on.

        Returns
        -------
        Crystals
        """
        same = self._trusted(*self._arrays(), sources=self.sources, notes=self.notes)
        same._symmetries = self._symmetries
        same._known_symmetry = self._known_symmetry
        return same

    def knowing(self, symmetry: KnownSymmetry) -> Self:
        """Return the same crystals, whose symmetry is looked up before it is searched, and remembered.

        Parameters
        ----------
        symmetry : KnownSymmetry

        Returns
        -------
        Crystals
        """
        same = self._trusted(*self._arrays(), sources=self.sources, notes=self.notes)
        same._tables = self._tables
        same._symmetries = self._symmetries
        same._known_symmetry = symmetry
        return same

    def neighbors(self, cutoff: float, *, units: str = "angstrom") -> NeighborTable:
        """Return all pairs of sites closer than a cutoff, found once per batch and cutoff.

        A table of a larger cutoff that was asked for before saves the search: ask for the largest first.
        Partly occupied sites too close to be occupied together (:meth:`exclusions`) are no neighbours.

        Parameters
        ----------
        cutoff : float
        units : {"angstrom", "spacing"}, default="angstrom"
            Whether the cutoff is in angstrom or in units of each crystal's (V/N)^(1/3).

        Returns
        -------
        NeighborTable
        """
        cutoffs = cutoff * (np.cbrt(self.volumes / self.site_counts) if units == "spacing" else 1.0)

        def find() -> NeighborTable:
            tables = [table for table in self._tables.values() if isinstance(table, NeighborTable)]
            widest = max(tables, key=lambda table: float(table.cutoffs.sum()), default=None)
            return drop_excluded(find_neighbors(*self._sites(), cutoffs, widest), self.exclusions())

        return self._table(("neighbors", cutoff, units), find)

    def _near_neighbors(self, cutoff: float) -> NeighborTable:
        """Return the neighbours within a cutoff where they are known, or those that lie near."""
        known = ("neighbors", cutoff, "angstrom") in self._tables
        return self.neighbors(cutoff if known else NEAR * cutoff)

    def nearest_distances(self, cutoff: float = 8.0) -> NDArray[np.float64]:
        """Return the distance from each site to the nearest one, in angstrom, at most a cutoff.

        Parameters
        ----------
        cutoff : float, default=8.0
            In angstrom.

        Returns
        -------
        ndarray of shape (n_sites,)
        """
        table = self._near_neighbors(cutoff)
        filled = table.offsets[1:] > table.offsets[:-1]
        if not filled.all():
            # What has no near neighbour may have a far one.
            table = self.neighbors(cutoff)
            filled = table.offsets[1:] > table.offsets[:-1]
        nearest = np.full(self.n_sites, float(cutoff))
        if filled.any():
            nearest[filled] = np.minimum.reduceat(table.distances, table.offsets[:-1][filled])
        return nearest

    def exclusions(self) -> Exclusions | None:
        """Return which sites are never occupied together with which others near them; None if there are none.

        Two partly occupied sites whose occupancies sum to at most 1 (within 0.01) exclude each other where
        they are closer than any bond between their elements: 0.6 times the sum of the covalent radii.

        Returns
        -------
        Exclusions or None
        """
        return self._table("exclusions", lambda: find_exclusions(self._arrays()))

    def _joined_sites(self) -> JoinedSites | None:
        def join() -> JoinedSites | None:
            exclusions = self.exclusions()
            return None if exclusions is None else join_split_sites(self._arrays(), exclusions)

        return self._table("joined_sites", join)

    def join_split_sites(self) -> Self:
        """Return the crystals with one site for each atom that is split over several: what descriptors see.

        Partial atoms that exclude each other (:meth:`exclusions`), that are at most one atom together and all
        within a bond length of each other, are one site of all their species at their mean position, weighted
        by occupancy. Ordered crystals, and all others without such sites, are returned as they are.

        Returns
        -------
        Crystals
        """
        return self._table("join_split_sites", self._join_split_sites)

    def _join_split_sites(self) -> Self:
        joined = self._joined_sites()
        if joined is None:
            return self
        *arrays, _ = joined
        made = self._trusted(self.lattices, *arrays, sources=self.sources, notes=self.notes)
        self._share_symmetry()
        made._known_symmetry = self._known_symmetry
        return made

    @property
    def joined_sites(self) -> NDArray[np.int64]:
        """Index of each site's own among those of :meth:`join_split_sites`; shape (n_sites,)."""
        joined = self._joined_sites()
        return np.arange(self.n_sites) if joined is None else joined.owners

    @property
    def ions(self) -> IonicComposition:
        """Oxidation states of the elements of each crystal, which balance its composition."""
        return self._table("ions", lambda: assign_oxidation_states(self.element_amounts))

    @property
    def species_charges(self) -> NDArray[np.float64]:
        """Charge of each species by the oxidation states; shape (n_species,)."""

        def find() -> NDArray[np.float64]:
            states = np.zeros((len(self), self.element_amounts.shape[1]))
            states[self.ions.crystals, self.ions.atomic_numbers] = self.ions.states
            return states[self.species_crystals, self.atomic_numbers]

        return self._table("species_charges", find)

    @property
    def site_charges(self) -> NDArray[np.float64]:
        """Charge of each site by the oxidation states, occupancies counted; shape (n_sites,)."""

        def find() -> NDArray[np.float64]:
            charges = self.species_charges * self.occupancies
            if len(charges) == self.n_sites:
                return charges
            sites = np.repeat(np.arange(self.n_sites), counts_of(self.species_offsets))
            return np.bincount(sites, weights=charges, minlength=self.n_sites).astype(np.float64, copy=False)

        return self._table("site_charges", find)

    def bonds(self, cutoff: float = 8.0) -> BondTable:
        """Return which neighbours of each site are bonded to it, found once per batch and cutoff.

        :func:`skcrystal.crystals.bonds.weigh_bonds` says what a bond is.

        Parameters
        ----------
        cutoff : float, default=8.0
            In angstrom; farther sites do not see each other.

        Returns
        -------
        BondTable

        Examples
        --------
        >>> import numpy as np
        >>> from skcrystal import Crystal, Crystals
        >>> rutile = Crystal.ordered(
        ...     np.diag([4.594, 4.594, 2.959]),
        ...     [[0, 0, 0], [0.5, 0.5, 0.5], [0.305, 0.305, 0], [0.695, 0.695, 0], [0.195, 0.805, 0.5],
        ...      [0.805, 0.195, 0.5]],
        ...     [22, 22, 8, 8, 8, 8],
        ... )
        >>> Crystals.from_crystals([rutile]).bonds().numbers.round(2).tolist()
        [6.0, 6.0, 3.0, 3.0, 3.0, 3.0]
        """
        return self._table(("bonds", cutoff), lambda: self._find_bonds(cutoff))

    def _find_bonds(self, cutoff: float) -> BondTable:
        bonding = find_bonding(self._arrays(), self.ions)
        if not len(self):
            return weigh_bonds(self.neighbors(cutoff), bonding, cutoff)
        near = self._near_neighbors(cutoff)
        bonds, enough = weigh_near_bonds(near, bonding, cutoff, self.site_offsets)
        enough |= near.cutoffs >= cutoff
        if enough.all():
            return bonds
        sparse = np.flatnonzero(~enough)
        part = self._part(sparse)
        part_bonding = find_bonding(part._arrays(), part.ions)
        sites, _ = gather(self.site_offsets, sparse)
        return join_bonds(bonds, sites, weigh_bonds(part.neighbors(cutoff), part_bonding, cutoff))

    def primitive(self, symprec: float = 0.01) -> Self:
        """Return the crystals in their Niggli-reduced primitive cells.

        The cell is not idealised: sites that a lattice translation maps onto each other within `symprec`
        are averaged, nothing else moves.

        Parameters
        ----------
        symprec : float, default=0.01
            Tolerance on positions, in angstrom: translations that hold within it are taken as exact.

        Returns
        -------
        Crystals
        """
        return self._table(("primitive", symprec), lambda: self._make_primitive(symprec))

    def _make_primitive(self, symprec: float) -> Self:
        cells = primitive_sites(*self._sites(), self.symmetry(symprec))
        species, species_offsets = gather(self.species_offsets, cells.sites)
        found = self._trusted(
            cells.lattices,
            cells.site_offsets,
            cells.frac_coords,
            species_offsets,
            self.atomic_numbers[species],
            self.occupancies[species],
            self.oxidation_states[species],
            sources=self.sources,
            notes=self.notes,
        )
        # Oxidation states are those of the composition, which a primitive cell has too.
        if "ions" in self._tables and (len(species) == len(self.atomic_numbers) or _are_alike(found, self)):
            found._tables["ions"] = self._tables["ions"]
        return found


def _are_alike(crystals: CrystalTables, others: CrystalTables) -> bool:
    """Tell whether elements have the same shares in both batches."""
    shares, other_shares = (
        amounts / amounts.sum(axis=1, keepdims=True)
        for amounts in (crystals.element_amounts, others.element_amounts)
    )
    return np.array_equal(shares, other_shares)
