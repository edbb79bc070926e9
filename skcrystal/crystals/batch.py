"""A batch of crystals, a sequence that scikit-learn can index: what every descriptor computes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

from skcrystal.crystals.arrays import CrystalArrays, offsets_of
from skcrystal.crystals.checks import check_shapes, well_formed
from skcrystal.crystals.crystal import Crystal, CrystalError, real_numbers, whole_numbers
from skcrystal.crystals.gate import pass_gate
from skcrystal.crystals.notes import warn_of_notes
from skcrystal.crystals.tables import CrystalTables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["Crystals"]


class Crystals(CrystalTables):
    """An immutable sequence of crystals, held as flat arrays.

    It has ``len``, iterates over :class:`Crystal`, and is indexed by an int (a :class:`Crystal`), or by a
    slice, an index array or a mask (a ``Crystals``), so that it passes through ``train_test_split``,
    ``cross_val_score`` and ``GridSearchCV`` as X.

    Parameters
    ----------
    lattices : array-like of shape (n_crystals, 3, 3)
        Rows are a, b, c, in angstrom.
    site_offsets : array-like of shape (n_crystals + 1,)
        Crystal i owns the sites ``site_offsets[i]:site_offsets[i + 1]``.
    frac_coords : array-like of shape (n_sites, 3)
        Fractional coordinates.
    species_offsets : array-like of shape (n_sites + 1,)
        Site i owns the species ``species_offsets[i]:species_offsets[i + 1]``.
    atomic_numbers : array-like of shape (n_species,)
        1 to 118.
    occupancies : array-like of shape (n_species,)
        In (0, 1], at most 1 in sum over a site.
    oxidation_states : array-like of shape (n_species,), default=None
        NaN, or None for all, where none is stated. Descriptors do not read them.
    sources : sequence of str, default=None
        A path or an identifier for each crystal, used in messages.
    notes : sequence of (sequence of str), default=None
        What was repaired, guessed or is suspicious in each crystal.

    Raises
    ------
    CrystalError
        A crystal without sites, of zero volume, with a coordinate that is not finite, an atomic number
        beyond the table or an occupancy outside (0, 1].

    Examples
    --------
    >>> from skcrystal import Crystals
    >>> rock_salt = Crystals(
    ...     lattices=[[[0, 2.82, 2.82], [2.82, 0, 2.82], [2.82, 2.82, 0]]],
    ...     site_offsets=[0, 2],
    ...     frac_coords=[[0, 0, 0], [0.5, 0.5, 0.5]],
    ...     species_offsets=[0, 1, 2],
    ...     atomic_numbers=[11, 17],
    ...     occupancies=[1, 1],
    ... )
    >>> rock_salt
    Crystals(1 crystal, 2 sites)
    >>> rock_salt[0]
    Crystal(NaCl, 2 sites)
    """

    def __init__(
        self,
        lattices: Any,
        site_offsets: Any,
        frac_coords: Any,
        species_offsets: Any,
        atomic_numbers: Any,
        occupancies: Any,
        oxidation_states: Any = None,
        sources: Iterable[str] | None = None,
        notes: Iterable[Iterable[str]] | None = None,
    ) -> None:
        if not len(lattices):
            lattices, frac_coords = np.zeros((0, 3, 3)), np.zeros((0, 3))
        numbers = whole_numbers(atomic_numbers, "the atomic numbers", (None,))
        if oxidation_states is None:
            oxidation_states = np.full(len(numbers), np.nan)
        arrays = CrystalArrays(
            real_numbers(lattices, "the lattices", (None, 3, 3)),
            whole_numbers(site_offsets, "the site_offsets", (None,)),
            real_numbers(frac_coords, "the coordinates", (None, 3)),
            whole_numbers(species_offsets, "the species_offsets", (None,)),
            numbers,
            real_numbers(occupancies, "the occupancies", (None,)),
            real_numbers(oxidation_states, "the oxidation states", (None,)),
        )
        check_shapes(arrays)
        n_crystals = len(arrays.lattices)
        self.sources = ("",) * n_crystals if sources is None else tuple(sources)
        given = ((),) * n_crystals if notes is None else tuple(tuple(own) for own in notes)
        for name, entries in (("sources", self.sources), ("notes", given)):
            if len(entries) != n_crystals:
                raise CrystalError(f"{name} must have one entry for each of the {n_crystals} crystals")
        passed = pass_gate(arrays)
        for index, reason in passed.faults.items():
            raise CrystalError(f"crystal {index}: {reason}")
        self.notes = tuple(own + passed.notes.get(index, ()) for index, own in enumerate(given))
        # Views, so that the arrays given stay writeable.
        self._hold(CrystalArrays._make(array.view() for array in passed.arrays))
        warn_of_notes(passed.notes, dict(enumerate(self.sources)), n_crystals)

    @classmethod
    def from_crystals(cls, crystals: Iterable[Crystal]) -> Crystals:
        """Join single crystals to one batch.

        Parameters
        ----------
        crystals : iterable of Crystal

        Returns
        -------
        Crystals

        Raises
        ------
        CrystalError
            Names the first crystal that is unusable, and why.
        """
        given = list(crystals)
        batch, faults = cls._joined(given)
        for index, reason in faults.items():
            raise CrystalError(f"crystal {index}: {reason}")
        found = {
            index: own[len(crystal.notes) :]
            for index, (crystal, own) in enumerate(zip(given, batch.notes, strict=True))
            if len(own) > len(crystal.notes)
        }
        warn_of_notes(found, dict(enumerate(batch.sources)), len(batch))
        return batch

    @classmethod
    def _joined(
        cls, crystals: list[Crystal], apart: Sequence[bool] | None = None
    ) -> tuple[Crystals, dict[int, str]]:
        """Join crystals; return the batch of the good ones, and what is wrong with each other one.

        Those that are `apart` are well-formed, and a reader found out that no sites of them are too close.
        """
        faults: dict[int, str] = {}
        sound: list[Crystal] = []
        for index, crystal in enumerate(crystals):
            if apart is not None and apart[index]:
                sound.append(crystal)
                continue
            try:
                sound.append(well_formed(crystal))
            except CrystalError as error:
                faults[index] = str(error)
        places = [index for index in range(len(crystals)) if index not in faults]
        n = len(sound)
        no_numbers = np.zeros(0)
        species_bases = offsets_of([len(c.atomic_numbers) for c in sound])
        arrays = CrystalArrays(
            np.array([c.lattice for c in sound], dtype=np.float64).reshape(n, 3, 3),
            offsets_of([len(c.frac_coords) for c in sound]),
            np.concatenate([c.frac_coords for c in sound] or [no_numbers.reshape(0, 3)]),
            np.concatenate(
                [np.zeros(1, dtype=np.int64)]
                + [c.species_offsets[1:] + base for c, base in zip(sound, species_bases[:-1], strict=True)]
            ),
            np.concatenate([c.atomic_numbers for c in sound] or [no_numbers.astype(np.int64)]),
            np.concatenate([c.occupancies for c in sound] or [no_numbers]),
            np.concatenate([c.oxidation_states for c in sound] or [no_numbers]),
        )
        looked_at = None if apart is None else np.array([apart[k] for k in places], dtype=bool)
        batch, refused = cls._gated(arrays, [c.source for c in sound], [c.notes for c in sound], looked_at)
        faults.update({places[k]: reason for k, reason in refused.items()})
        return batch, dict(sorted(faults.items()))

    @classmethod
    def _gated(
        cls,
        arrays: CrystalArrays,
        sources: Sequence[str],
        notes: Sequence[tuple[str, ...]],
        apart: NDArray[np.bool_] | None = None,
    ) -> tuple[Crystals, dict[int, str]]:
        """Let arrays that fit each other pass the gate; return the good crystals, and the others' faults."""
        passed = pass_gate(arrays, apart)
        kept = passed.kept.tolist()
        batch = cls._trusted(
            *passed.arrays,
            sources=tuple(sources[k] for k in kept),
            # A crystal that passed before has the gate's notes already.
            notes=tuple(tuple(dict.fromkeys((*notes[k], *passed.notes.get(k, ())))) for k in kept),
        )
        return batch, passed.faults

    # -- a sequence ---------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int]:
        """``(n_crystals,)``: scikit-learn indexes what has a shape as one array."""
        return (len(self.lattices),)

    def __iter__(self) -> Iterator[Crystal]:
        return (self._one(i) for i in range(len(self)))

    @overload
    def __getitem__(self, key: int | np.integer[Any]) -> Crystal: ...
    @overload
    def __getitem__(self, key: Any) -> Crystals: ...
    def __getitem__(self, key: Any) -> Crystal | Crystals:
        if isinstance(key, tuple):
            # scikit-learn indexes arrays as X[key, ...].
            if len(key) != 2 or key[1] is not Ellipsis:
                raise IndexError(f"Crystals has one dimension, and was indexed with {key!r}")
            key = key[0]
        if isinstance(key, int | np.integer):
            if not -len(self) <= key < len(self):
                raise IndexError(f"crystal {key} of {len(self)}")
            return self._one(int(key) % len(self))
        return self._take(np.arange(len(self))[key])

    def _one(self, index: int) -> Crystal:
        first, last = self.site_offsets[index], self.site_offsets[index + 1]
        start, stop = self.species_offsets[first], self.species_offsets[last]
        return Crystal(
            self.lattices[index],
            self.frac_coords[first:last],
            self.species_offsets[first : last + 1] - start,
            self.atomic_numbers[start:stop],
            self.occupancies[start:stop],
            self.oxidation_states[start:stop],
            self.sources[index],
            self.notes[index],
        )

    def _take(self, indices: NDArray[np.intp]) -> Crystals:
        taken = self._part(indices)
        self._share_symmetry()
        taken._known_symmetry = self._known_symmetry
        return taken

    def __repr__(self) -> str:
        n = len(self)
        return f"Crystals({n} crystal{'' if n == 1 else 's'}, {self.n_sites} sites)"

    def _repr_html_(self) -> str:
        from skcrystal.crystals.display import crystals_html

        return crystals_html(self)
