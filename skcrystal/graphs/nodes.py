"""The node table: values of each site, as columns with names."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.oxidation import assign_oxidation_states
from skcrystal.crystals.arrays import mean_over_species
from skcrystal.crystals.split_sites import site_occupancies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["check_columns", "node_table"]


def occupancy(crystals: Crystals) -> NDArray[np.float64]:
    """Sum of the occupancies of each site."""
    return site_occupancies(crystals.species_offsets, crystals.occupancies)


def oxidation_state(crystals: Crystals) -> NDArray[np.float64]:
    """Stated oxidation states where a crystal states them of all its species, else those that balance it."""
    ions = assign_oxidation_states(crystals.element_amounts)
    balanced = np.zeros((len(crystals), elements.MAX_ATOMIC_NUMBER + 1))
    balanced[ions.crystals, ions.atomic_numbers] = ions.states
    owners = crystals.species_crystals
    unknown = np.bincount(owners[np.isnan(crystals.oxidation_states)], minlength=len(crystals)) > 0
    states = np.where(unknown[owners], balanced[owners, crystals.atomic_numbers], crystals.oxidation_states)
    return mean_over_species(crystals, states)


def coordination_number(crystals: Crystals) -> NDArray[np.float64]:
    """Sum of the bond weights of each site."""
    return crystals.bonds().numbers


#: Columns that are no property of an element.
OF_SITES: dict[str, Callable[[Crystals], NDArray[np.float64]]] = {
    "coordination_number": coordination_number,
    "occupancy": occupancy,
    "oxidation_state": oxidation_state,
}


def check_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names as a tuple, or say which of them is no column."""
    if isinstance(names, str):
        raise TypeError(f"nodes is a list of columns, got the string {names!r}; use [{names!r}]")
    known = [*elements.PROPERTIES, *OF_SITES]
    for name in names:
        if name not in known:
            close = get_close_matches(str(name), known, n=1)
            advice = (
                f"did you mean {close[0]!r}?" if close else f"take element properties, or {list(OF_SITES)}"
            )
            raise ValueError(f"nodes has no column {name!r}; {advice}")
    return tuple(names)


def node_table(crystals: Crystals, names: Sequence[str]) -> NDArray[np.float64]:
    """Return the values of the columns at each site; shape (n_sites, n_columns).

    An unknown element property is estimated from the neighbours in the periodic table.
    """
    table = np.empty((crystals.n_sites, len(names)))
    of_elements = [name for name in names if name not in OF_SITES]
    if of_elements:
        values = elements.filled_table(of_elements)[crystals.atomic_numbers]
        means = mean_over_species(crystals, values)
        table[:, [names.index(name) for name in of_elements]] = means
    for column, name in enumerate(names):
        if name in OF_SITES:
            table[:, column] = OF_SITES[name](crystals)
    return table
