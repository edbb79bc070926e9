"""Which elements a density of atoms tells apart: channels of species, or of properties of the elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.crystals.limits import UnfitError
from skcrystal.descriptors.columns import fate_of_unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = [
    "CHANNEL_CONSTRAINTS",
    "ONE",
    "channel_names",
    "channel_weights",
    "check_channels",
    "fate_of_unknown_weights",
]

#: The channel in which every atom weighs 1.
ONE = "one"

CHANNEL_CONSTRAINTS: dict[str, list[Any]] = {
    "species": [list, tuple, np.ndarray, None],
    "properties": [list, tuple],
}


def species_numbers(species: Sequence[Any]) -> list[int]:
    """Return the atomic numbers of symbols or numbers, in their order."""
    return [elements.atomic_number(one) if isinstance(one, str) else int(one) for one in species]


def check_channels(species: Sequence[Any] | None, properties: Sequence[str]) -> None:
    """Refuse channels that are none: unknown elements and properties, and what comes twice."""
    if species is not None:
        numbers = species_numbers(species)
        for given, number in zip(species, numbers, strict=True):
            if not 1 <= number <= elements.MAX_ATOMIC_NUMBER:
                raise ValueError(f"species: {given!r} is no atomic number from 1 to 118")
        if not numbers or len(set(numbers)) < len(numbers):
            raise ValueError(f"species={list(species)!r}: name at least one element, and each of them once")
        return
    if not len(properties) or len(set(properties)) < len(properties):
        raise ValueError(f"properties={list(properties)!r}: name at least one, and each of them once")
    for name in properties:
        if name != ONE:
            elements.column_info(name)


def channel_names(species: Sequence[Any] | None, properties: Sequence[str]) -> list[str]:
    """Return the name of each channel: a symbol, or a property."""
    if species is None:
        return list(properties)
    return [elements.symbols()[number] for number in species_numbers(species)]


def fate_of_unknown_weights(species: Sequence[Any] | None, *channels: str) -> str:
    """Say what stands for unknown values of the properties that channels weigh by; nothing for species."""
    weighed = () if species is not None else dict.fromkeys(name for name in channels if name != ONE)
    fates = {name: fate_of_unknown(name) for name in weighed}
    return "; ".join(f"{name}: {fate}" for name, fate in fates.items() if fate)


def channel_weights(
    crystals: Crystals, species: Sequence[Any] | None, properties: Sequence[str], table: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much each site weighs in each channel, summed over its species by their occupancies.

    Parameters
    ----------
    crystals : Crystals
    species : sequence of str or int, or None
        A channel for each of these elements.
    properties : sequence of str
        Where `species` is None, a channel for each of these.
    table : ndarray of shape (119, n_properties)
        The values of the properties by atomic number, :data:`ONE` left out.

    Returns
    -------
    ndarray of shape (n_sites, n_channels)

    Raises
    ------
    UnfitError
        Crystals hold an element that is not among `species`.
    """
    if species is not None:
        numbers = species_numbers(species)
        values = np.zeros((elements.MAX_ATOMIC_NUMBER + 1, len(numbers)))
        values[numbers, np.arange(len(numbers))] = 1.0
        strangers = np.flatnonzero(values[crystals.atomic_numbers].sum(axis=1) == 0.0)
        if len(strangers):
            names, faults = channel_names(species, properties), {}
            for owner in np.unique(crystals.species_crystals[strangers]).tolist():
                own = strangers[crystals.species_crystals[strangers] == owner]
                crystal, number = crystals[owner], int(crystals.atomic_numbers[own[0]])
                source = f"{crystal.source}: " if crystal.source else ""
                faults[owner] = (
                    f"{source}{crystal.formula} holds {elements.symbols()[number]}, which is not among "
                    f"species={names}; add it, or set species=None for channels of properties that every "
                    "element has"
                )
            raise UnfitError(faults)
    else:
        others = iter(table.T)
        one = np.ones(elements.MAX_ATOMIC_NUMBER + 1)
        values = np.stack([one if name == ONE else next(others) for name in properties], axis=1)
    starts = crystals.species_offsets[:-1]
    if not len(starts):
        return np.zeros((0, values.shape[1]))
    weighted = values[crystals.atomic_numbers] * crystals.occupancies[:, None]
    weights: NDArray[np.float64] = np.add.reduceat(weighted, starts, axis=0)
    return weights
