"""What the package knows about each site, as a table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.chemistry.elements import symbols
from skcrystal.crystals.wyckoff import find_wyckoff_positions
from skcrystal.descriptors.bond_valence import BondValences
from skcrystal.descriptors.coordination import CoordinationStats
from skcrystal.descriptors.electrostatics import MadelungEnergy
from skcrystal.descriptors.local_differences import LocalDifferences
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    import pandas as pd

    from skcrystal.crystals.batch import Crystals

__all__ = ["site_table"]

# Of Pauling's scale, and in angstrom: how polar the bonds of a site are, and how unlike in size its atoms.
DIFFERENCES = ("electronegativity", "covalent_radius")

# What of the descriptors' columns is in the table, and in which order.
TOLD = (
    "coordination_number",
    "bond_length",
    "nearest_distance",
    "bond_valence_sum",
    "madelung_potential",
    *(f"difference_{name}" for name in DIFFERENCES),
)


def contents(crystals: Crystals) -> list[str]:
    """Return what each site holds: a symbol, or amounts, as ``0.5 Cu + 0.25 Au``."""
    names, numbers = symbols(), crystals.atomic_numbers.tolist()
    bounds, amounts = crystals.species_offsets.tolist(), crystals.occupancies.tolist()
    texts = []
    for first, last in pairwise(bounds):
        if last - first == 1 and amounts[first] == 1.0:
            texts.append(names[numbers[first]])
        else:
            texts.append(" + ".join(f"{amounts[k]:.3g} {names[numbers[k]]}" for k in range(first, last)))
    return texts


def site_table(X: Any, *, symprec: float = 0.01) -> pd.DataFrame:
    """What the package knows about each site: a row per site, in the order of the sites.

    Parameters
    ----------
    X : Crystals or a collection of crystals
        Anything that :func:`skcrystal.as_crystals` takes.
    symprec : float, default=0.01
        Tolerance of the search for symmetry, in angstrom.

    Returns
    -------
    DataFrame
        With crystal and number of the site as its index, named ``crystal`` and ``site``, and the columns

        - ``element``: symbol; of a shared or partly vacant site the amounts, as ``0.5 Cu + 0.5 Au``
        - ``oxidation_state``: charge of the site, in elementary charges
          (:attr:`skcrystal.Crystals.site_charges`)
        - ``wyckoff_letter``, ``wyckoff_multiplicity``: letter, and number of sites in the conventional cell
          (:func:`skcrystal.crystals.wyckoff.find_wyckoff_positions`)
        - ``site_symmetry``: oriented symbol of the site symmetry group
        - ``coordination_number``, ``bond_length``, ``nearest_distance``: number of bonds, their mean length
          in angstrom, and the distance to the nearest site in angstrom
          (:class:`~skcrystal.descriptors.CoordinationStats`)
        - ``bond_valence_sum``: over the sites of opposite charge, in valence units, to be held against the
          oxidation state; 0 without charges (:class:`~skcrystal.descriptors.BondValences`)
        - ``madelung_potential``: of all charges but its own, in volt
          (:class:`~skcrystal.descriptors.MadelungEnergy`)
        - ``difference_electronegativity``, ``difference_covalent_radius``: mean difference to the bonded
          atoms, of Pauling's scale and in angstrom (:class:`~skcrystal.descriptors.LocalDifferences`)

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal import Crystal, site_table
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> table = site_table([rock_salt])
    >>> table[["element", "oxidation_state", "coordination_number", "bond_length"]].round(2).values.tolist()
    [['Na', 1.0, 6.0, 2.82], ['Cl', -1.0, 6.0, 2.82]]
    >>> table[["wyckoff_multiplicity", "wyckoff_letter", "site_symmetry"]].values.tolist()
    [[4, 'a', 'm-3m'], [4, 'b', 'm-3m']]
    """
    import pandas as pd

    crystals = as_crystals(X)
    positions = find_wyckoff_positions(crystals, symprec)
    owners, numbers = crystals.site_index.T
    columns: dict[str, Any] = {
        "element": contents(crystals),
        "oxidation_state": np.array(crystals.site_charges),
        "wyckoff_letter": positions.letters,
        "wyckoff_multiplicity": positions.multiplicities,
        "site_symmetry": positions.symmetries,
    }
    known: dict[str, Any] = {}
    for descriptor in (
        CoordinationStats(),
        BondValences(),
        MadelungEnergy(symprec=symprec),
        LocalDifferences(properties=DIFFERENCES, steps=()),
    ):
        values = descriptor.site_rows(crystals)
        names = descriptor.get_site_feature_names_out().tolist()
        known |= dict(zip(names, values.T, strict=True))
    columns |= {name: known[name] for name in TOLD}
    index = pd.MultiIndex.from_arrays([owners, numbers], names=["crystal", "site"])
    return pd.DataFrame(columns, index=index)
