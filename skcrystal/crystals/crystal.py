"""One crystal as plain arrays: what every reader makes and every batch is made of."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.crystals.arrays import CrystalArrays, label_sites
from skcrystal.crystals.errors import CrystalError
from skcrystal.crystals.geometry import (
    LatticeParameters,
    SpaceGroup,
    distance_matrix,
    lattice_parameters,
    site_table,
)
from skcrystal.crystals.symmetry import find_symmetry

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pymatgen.core import Composition, Structure

# One atomic mass unit over one cubic angstrom, in g/cm^3: CODATA 2018.
DENSITY_UNIT = 1.66053906660

__all__ = ["Crystal", "CrystalError", "real_numbers", "whole_numbers"]


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

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> perovskite = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
    >>> crystal = Crystal.ordered(3.905 * np.eye(3), perovskite, [38, 22, 8, 8, 8])
    >>> print(crystal)
    SrTiO3, 5 sites; a 3.9050, b 3.9050, c 3.9050 angstrom, alpha 90.00, beta 90.00, gamma 90.00 degrees
       0  Sr   0.00000   0.00000   0.00000
       1  Ti   0.50000   0.50000   0.50000
       2  O    0.50000   0.50000   0.00000
       3  O    0.50000   0.00000   0.50000
       4  O    0.00000   0.50000   0.50000
    >>> crystal.space_group().symbol, round(crystal.density, 2)
    ('Pm-3m', 5.12)
    >>> crystal.distance_matrix[1].round(3).tolist()
    [3.382, 0.0, 1.952, 1.952, 1.952]
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

        Raises
        ------
        CrystalError
            Where these are no numbers, or do not fit each other.
        """
        numbers = whole_numbers(atomic_numbers, "the atomic numbers", (None,))
        n_sites = len(numbers)
        return cls(
            real_numbers(lattice, "the lattice", (3, 3)),
            real_numbers(frac_coords, "the coordinates", (n_sites, 3)),
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
    def lattice_parameters(self) -> LatticeParameters:
        """Lengths a, b, c in angstrom and angles alpha, beta, gamma in degrees."""
        return lattice_parameters(self.lattice)

    @property
    def cart_coords(self) -> NDArray[np.float64]:
        """Cartesian coordinates of the sites, in angstrom; shape (n_sites, 3)."""
        return self.frac_coords @ self.lattice

    @property
    def species(self) -> tuple[str, ...]:
        """What each site holds: "Na", or "Cu0.75Au0.25" where it is shared or partly vacant."""
        names = [elements.symbols()[number] for number in self.atomic_numbers.tolist()]
        amounts = ["" if amount == 1 else f"{amount:.4g}" for amount in self.occupancies.tolist()]
        labels = [name + amount for name, amount in zip(names, amounts, strict=True)]
        return tuple("".join(labels[start:stop]) for start, stop in pairwise(self.species_offsets.tolist()))

    @property
    def charge(self) -> float:
        """Sum over the cell of the oxidation states that were stated, in e; 0 where none is."""
        return float(np.nansum(self.oxidation_states * self.occupancies))

    @property
    def density(self) -> float:
        """Mass over volume, in g/cm^3."""
        mass = elements.property_table(["atomic_mass"])[self.atomic_numbers, 0] @ self.occupancies
        return float(DENSITY_UNIT * mass / self.volume)

    @property
    def distance_matrix(self) -> NDArray[np.float64]:
        """Distances between the sites, each to the nearest image of the other, in angstrom.

        Of shape (n_sites, n_sites), with zeros on the diagonal.
        """
        return distance_matrix(self.lattice, self.frac_coords)

    def space_group(self, symprec: float = 0.01) -> SpaceGroup:
        """Return the number and the symbol of the space group.

        Parameters
        ----------
        symprec : float, default=0.01
            Tolerance on positions, in angstrom.

        Returns
        -------
        SpaceGroup
            With the fields ``number`` and ``symbol``, the Hermann-Mauguin symbol of the standard setting.
        """
        import gemmi

        arrays = self._arrays()
        kinds = label_sites(arrays)
        number = int(find_symmetry(*arrays[:3], kinds, symprec).numbers[0])
        return SpaceGroup(number, gemmi.find_spacegroup_by_number(number).short_name())

    def _arrays(self) -> CrystalArrays:
        """Return the arrays of a batch of this crystal alone."""
        return CrystalArrays(
            self.lattice[None],
            np.array([0, self.n_sites]),
            self.frac_coords,
            self.species_offsets,
            self.atomic_numbers,
            self.occupancies,
            self.oxidation_states,
        )

    @property
    def composition(self) -> Composition:
        """Amounts of the elements in the cell, occupancies counted, as pymatgen has it."""
        from pymatgen.core import Composition

        names = elements.symbols()
        amounts: dict[str, float] = {}
        for number, occupancy in zip(self.atomic_numbers.tolist(), self.occupancies.tolist(), strict=True):
            amounts[names[number]] = amounts.get(names[number], 0.0) + occupancy
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

        names = elements.symbols()
        numbers, occupancies = self.atomic_numbers.tolist(), self.occupancies.tolist()
        states = [None if np.isnan(state) else state for state in self.oxidation_states.tolist()]
        offsets = self.species_offsets.tolist()
        sites = []
        for start, stop in pairwise(offsets):
            species: dict[Any, float] = {}
            for k in range(start, stop):
                name = names[numbers[k]]
                kind = Element(name) if states[k] is None else Species(name, states[k])
                species[kind] = species.get(kind, 0.0) + occupancies[k]
            sites.append(species)
        return Structure(Lattice(self.lattice), sites, self.frac_coords)

    def __repr__(self) -> str:
        known = (
            len(self.atomic_numbers) > 0 and ((self.atomic_numbers > 0) & (self.atomic_numbers < 119)).all()
        )
        return f"Crystal({self.formula if known else '?'}, {self.n_sites} sites)"

    def _repr_html_(self) -> str:
        from skcrystal.crystals.display import crystal_html

        return crystal_html(self, self._arrays())

    def __str__(self) -> str:
        cell = self.lattice_parameters
        heading = (
            f"{self.formula}, {self.n_sites} sites; "
            f"a {cell.a:.4f}, b {cell.b:.4f}, c {cell.c:.4f} angstrom, "
            f"alpha {cell.alpha:.2f}, beta {cell.beta:.2f}, gamma {cell.gamma:.2f} degrees"
        )
        return site_table(heading, self.species, self.frac_coords)


def real_numbers(values: Any, what: str, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    """Return values as an array of float64; text, complex numbers and gaps are none.

    Parameters
    ----------
    values : array-like
        Also nested, as Parquet gives lists of lists: arrays in an array of objects.
    what : str
        How a message names them.
    shape : tuple
        What the array must have; None stands for any length.

    Raises
    ------
    CrystalError
        If they are no numbers, too large for one, or of another shape.

    Examples
    --------
    >>> real_numbers([0, 10**400], "the coordinates", (2,))
    Traceback (most recent call last):
    ...
    skcrystal.CrystalError: the coordinates hold a number beyond 1e308; correct it
    """
    try:
        array = np.asarray(values)
        if array.dtype == object:
            array = np.asarray(_lists(values), dtype=object)
            if any(value is None or isinstance(value, str | bytes) for value in array.flat):
                raise TypeError
            array = array.astype(np.float64)
        if array.dtype.kind not in "fiub":
            raise TypeError
    except OverflowError:
        raise CrystalError(f"{what} hold a number beyond 1e308; correct it") from None
    except (TypeError, ValueError, RecursionError):
        dimensions = " by ".join("n" if length is None else str(length) for length in shape)
        raise CrystalError(f"{what} are not {dimensions} real numbers; give an array of numbers") from None
    if 0 in shape and not array.size:
        array = array.reshape(shape)  # type: ignore[arg-type]  # no list of no sites has a second dimension
    if len(array.shape) != len(shape) or any(
        wanted not in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
    ):
        dimensions = ", ".join("n" if length is None else str(length) for length in shape)
        raise CrystalError(f"{what} have the shape {array.shape}, not ({dimensions}); give arrays that fit")
    return np.asarray(array, dtype=np.float64)


def whole_numbers(values: Any, what: str, shape: tuple[int | None, ...]) -> NDArray[np.int64]:
    """Return values as an array of int64; as :func:`real_numbers`, and 11.7 is none.

    Raises
    ------
    CrystalError
        As of :func:`real_numbers`, and if one is no whole number.
    """
    array = np.asarray(values) if isinstance(values, np.ndarray) else None
    if array is not None and array.dtype == np.int64 and array.shape == shape:
        return array
    real = real_numbers(values, what, shape)
    wrong = real[~(np.abs(real) < 2**53) | (real != np.rint(real))]
    if wrong.size:
        raise CrystalError(f"{what} hold {wrong[0]:g}, which is no whole number; correct it")
    return real.astype(np.int64)


def _lists(values: Any) -> Any:
    """Arrays and tuples in each other, as lists in each other."""
    return [_lists(value) for value in values] if isinstance(values, np.ndarray | list | tuple) else values
