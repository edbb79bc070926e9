"""Energies, forces and stresses of a batch: targets that are split as the crystals are."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from skcrystal.crystals.arrays import gather, offsets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["VOIGT", "Label", "Labels", "from_voigt", "to_voigt"]

#: Places of xx, yy, zz, yz, xz and xy in a symmetric tensor, in ASE's order of Voigt's notation.
VOIGT = (np.array([0, 1, 2, 1, 0, 0]), np.array([0, 1, 2, 2, 2, 1]))


class Label(NamedTuple):
    """What is known of one crystal: NaN, or arrays of NaN, where it is not."""

    energy: float
    forces: NDArray[np.float64]
    stress: NDArray[np.float64]


class Labels:
    """An immutable sequence of energies, forces and stresses, one entry for each crystal.

    It has ``len``, and is indexed by an int (a :class:`Label`), or by a slice, an index array or a mask (a
    ``Labels``), so that it passes through ``train_test_split`` and ``cross_val_score`` as y beside
    :class:`skcrystal.Crystals` as X.

    Parameters
    ----------
    energies : array-like of shape (n_crystals,), default=None
        In eV per cell. NaN, or None for all, where none is known; so for the others.
    forces : sequence of n_crystals arrays of shape (n_sites, 3), default=None
        In eV/angstrom; an entry may be None.
    stresses : array-like of shape (n_crystals, 3, 3) or (n_crystals, 6), default=None
        In eV/angstrom^3, derivative of the energy with respect to strain over the volume: positive under
        tension, as ASE has it. Six components are in the order xx, yy, zz, yz, xz, xy.
    groups : sequence of n_crystals labels, default=None
        What belongs together when rows are split, such as the frames of one run.
    n_sites : sequence of int, default=None
        Numbers of sites; needed only where `forces` is None or has entries that are None.

    Raises
    ------
    ValueError
        Arrays that do not fit each other.

    Examples
    --------
    >>> from skcrystal.potentials import Labels
    >>> y = Labels(energies=[-10.8, -10.7], forces=[[[0, 0, 0.1], [0, 0, -0.1]], None], n_sites=[2, 2])
    >>> len(y), y[0].energy, y[1:].energies.tolist()
    (2, -10.8, [-10.7])
    """

    def __init__(
        self,
        energies: Any = None,
        forces: Iterable[Any] | None = None,
        stresses: Any = None,
        *,
        groups: Iterable[Any] | None = None,
        n_sites: Iterable[int] | None = None,
    ) -> None:
        given = (
            None if forces is None else [None if own is None else np.asarray(own, float) for own in forces]
        )
        counts = None if n_sites is None else [int(n) for n in n_sites]
        n = _length(energies, given, stresses, counts)
        if given is None:
            given = [None] * n
        if counts is None:
            counts = [0 if own is None else len(own) for own in given]
        for index, (own, count) in enumerate(zip(given, counts, strict=True)):
            if own is not None and own.shape != (count, 3):
                raise ValueError(
                    f"the forces of crystal {index} have the shape {own.shape}; give ({count}, 3), a row for "
                    "each site"
                )
        blocks = [
            np.full((k, 3), np.nan) if own is None else own for own, k in zip(given, counts, strict=True)
        ]
        self.energies = np.full(n, np.nan) if energies is None else np.array(energies, dtype=np.float64)
        self.site_offsets = offsets_of(counts)
        self.forces = np.concatenate([np.zeros((0, 3)), *blocks])
        self.stresses = np.full((n, 3, 3), np.nan) if stresses is None else _tensors(stresses, n)
        self.groups = None if groups is None else np.array(list(groups))
        if self.groups is not None and len(self.groups) != n:
            raise ValueError(f"groups has {len(self.groups)} entries for {n} crystals; give one for each")
        self._freeze()

    def _freeze(self) -> None:
        for array in (self.energies, self.site_offsets, self.forces, self.stresses):
            array.flags.writeable = False

    @property
    def shape(self) -> tuple[int]:
        """``(n_crystals,)``: scikit-learn indexes what has a shape as one array."""
        return (len(self.energies),)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries, for scikit-learn: none of the types that it converts."""
        return np.dtype(object)

    @property
    def has_forces(self) -> NDArray[np.bool_]:
        """Whether the forces of a crystal are known, those of all sites; shape (n_crystals,)."""
        unknown = np.isnan(self.forces).any(axis=1)
        owner = np.repeat(np.arange(len(self)), np.diff(self.site_offsets))
        missing = np.bincount(owner, weights=unknown, minlength=len(self))
        return np.asarray((missing == 0) & (np.diff(self.site_offsets) > 0))

    @property
    def has_stress(self) -> NDArray[np.bool_]:
        """Whether the stress of a crystal is known; shape (n_crystals,)."""
        return np.asarray(~np.isnan(self.stresses).any(axis=(1, 2)))

    def __len__(self) -> int:
        return len(self.energies)

    def __iter__(self) -> Iterator[Label]:
        return (self._one(i) for i in range(len(self)))

    @overload
    def __getitem__(self, key: int | np.integer[Any]) -> Label: ...
    @overload
    def __getitem__(self, key: Any) -> Labels: ...
    def __getitem__(self, key: Any) -> Label | Labels:
        if isinstance(key, tuple):
            # scikit-learn indexes arrays as y[key, ...].
            if len(key) != 2 or key[1] is not Ellipsis:
                raise IndexError(f"Labels has one dimension, and was indexed with {key!r}")
            key = key[0]
        if isinstance(key, int | np.integer):
            if not -len(self) <= key < len(self):
                raise IndexError(f"label {key} of {len(self)}")
            return self._one(int(key) % len(self))
        indices = np.arange(len(self))[key]
        sites, offsets = gather(self.site_offsets, indices)
        taken = object.__new__(Labels)
        taken.energies = self.energies[indices]
        taken.site_offsets = offsets
        taken.forces = self.forces[sites]
        taken.stresses = self.stresses[indices]
        taken.groups = None if self.groups is None else self.groups[indices]
        taken._freeze()
        return taken

    def _one(self, index: int) -> Label:
        first, last = self.site_offsets[index], self.site_offsets[index + 1]
        return Label(float(self.energies[index]), self.forces[first:last], self.stresses[index])

    def forces_of(self) -> list[NDArray[np.float64]]:
        """Return the forces crystal by crystal."""
        return [self.forces[first:last] for first, last in pairwise(self.site_offsets.tolist())]

    def __repr__(self) -> str:
        known = {
            "energies": int((~np.isnan(self.energies)).sum()),
            "forces": int(self.has_forces.sum()),
            "stresses": int(self.has_stress.sum()),
        }
        return f"Labels({len(self)} crystals: {', '.join(f'{n} {name}' for name, n in known.items())})"


def _length(energies: Any, forces: list[Any] | None, stresses: Any, n_sites: list[int] | None) -> int:
    """Return the number of crystals, which all that is given must share."""
    lengths = {
        name: len(value)
        for name, value in (
            ("energies", energies),
            ("forces", forces),
            ("stresses", stresses),
            ("n_sites", n_sites),
        )
        if value is not None
    }
    if not lengths:
        raise ValueError("Labels needs energies, forces or stresses; give at least one of them")
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"entries do not fit each other: {told}; give one for each crystal")
    return next(iter(lengths.values()))


def _tensors(stresses: Any, n: int) -> NDArray[np.float64]:
    values = np.array(stresses, dtype=np.float64)
    if values.shape == (n, 6):
        return from_voigt(values)
    if values.shape != (n, 3, 3):
        raise ValueError(
            f"stresses has the shape {values.shape}; give ({n}, 3, 3), or ({n}, 6) in the order xx yy zz "
            "yz xz xy"
        )
    return values


def from_voigt(components: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return symmetric tensors, (..., 3, 3), of components in the order xx, yy, zz, yz, xz, xy."""
    tensors = np.empty((*components.shape[:-1], 3, 3))
    tensors[..., VOIGT[0], VOIGT[1]] = components
    tensors[..., VOIGT[1], VOIGT[0]] = components
    return tensors


def to_voigt(tensors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the components (..., 6) of symmetric tensors in the order xx, yy, zz, yz, xz, xy."""
    return (tensors[..., VOIGT[0], VOIGT[1]] + tensors[..., VOIGT[1], VOIGT[0]]) / 2
