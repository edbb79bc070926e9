"""Bond valences: whether the contacts of the ions add up to their charges."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.chemistry.bond_valences import bond_parameters
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.electrostatics import UNCHARGED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondValences"]

SUM = "sum of the bond valences of a site with those of opposite charge"
DEVIATION = "bond valence sum minus the size of the charge"
METAL = "0 without charges, as of a metal"
UNIT = "valence unit"
COLUMNS = (
    Column.of("mean_bond_valence_sum", UNIT, f"{SUM}; mean over the sites", METAL),
    Column.of("min_bond_valence_sum", UNIT, f"{SUM}; smallest of the sites", METAL),
    Column.of("max_bond_valence_sum", UNIT, f"{SUM}; largest of the sites", METAL),
    Column.of("mean_bond_valence_deviation", UNIT, f"{DEVIATION}; mean over the sites", METAL),
    Column.of("mean_cation_deviation", UNIT, f"{DEVIATION}; mean over the cations", "0 without cations"),
    Column.of("mean_anion_deviation", UNIT, f"{DEVIATION}; mean over the anions", "0 without anions"),
    Column.of("global_instability_index", UNIT, f"{DEVIATION}; root mean square over the sites", METAL),
    Column.of(
        "mean_bond_valence_vector",
        UNIT,
        "length of the sum of a site's bond valences as vectors along the contacts; mean over the sites",
        METAL,
    ),
    Column.of(
        "mean_contact_valence_sum",
        UNIT,
        "sum of the bond valences of a site with all others, whatever their charge; mean over the sites",
    ),
    Column.of("mean_strongest_valence", UNIT, "largest bond valence of a site; mean over the sites"),
)


def valence_sums(crystals: Crystals, cutoff: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sums of bond valences over the contacts of each site, and the charge of what sits there.

    Parameters
    ----------
    crystals : Crystals
    cutoff : float
        In angstrom.

    Returns
    -------
    sums : ndarray of shape (n_sites, 4)
        Over contacts of opposite charge, the length of their vector sum, over all contacts, the largest one.
    charges : ndarray of shape (n_sites,)
        Mean over the species of the site, which count in the shares of their occupancies.
    """
    from skcrystal.kernels.valences import bond_valences

    states = np.zeros((len(crystals), 119))
    states[crystals.ions.crystals, crystals.ions.atomic_numbers] = crystals.ions.states
    # Mixed states are known to rounding only.
    of_species = np.round(states[crystals.species_crystals, crystals.atomic_numbers], 6)
    found, kinds = np.unique(
        np.column_stack([crystals.atomic_numbers, of_species]), axis=0, return_inverse=True
    )
    lengths, softness = bond_parameters(found[:, 0].astype(np.int64), found[:, 1])
    full = np.add.reduceat(crystals.occupancies, crystals.species_offsets[:-1])
    charges = crystals.site_charges / full
    table = crystals.neighbors(cutoff)
    sums = bond_valences(
        table.offsets,
        table.neighbors,
        table.distances,
        table.vectors,
        crystals.species_offsets,
        kinds.ravel(),
        crystals.occupancies,
        np.where(np.abs(charges) > UNCHARGED, charges, 0.0),
        lengths,
        softness,
        float(cutoff),
    )
    return sums, charges


class BondValences(Descriptor):
    """Bond-valence sums of the sites beside their assigned charges, in valence units.

    A contact of the length r between a cation and an anion has the valence

        s = exp((R0 - r) / b)

    with the fitted R0 and b = 0.37 angstrom of Brown & Altermatt and of Brese & O'Keeffe (for actinides also
    of Zachariasen) for the elements and the charge of the cation; where they give none, and between atoms of
    like charge or none, R0 is estimated from sizes and electronegativities, as O'Keeffe & Brese do
    (:func:`skcrystal.chemistry.bond_valences.bond_parameters`). The charges q are those of the oxidation
    states that balance the composition
    (:func:`skcrystal.chemistry.oxidation.assign_oxidation_states`). All contacts up to a cutoff count, and
    the valence at the cutoff is taken off each, so that none jumps there. In valence units:

    - ``mean_bond_valence_sum``, ``min_...``, ``max_...``: over the sites, of V_i, the sum of s over the sites
      of opposite charge
    - ``mean_bond_valence_deviation``: mean of d_i = V_i - abs(q_i), above 0 where sites are squeezed, below
      where they rattle; ``mean_cation_deviation`` and ``mean_anion_deviation``: over the cations and over the
      anions; ``global_instability_index``: root mean square of d_i over the sites, 0.05 to 0.2 in
      well-determined unstrained structures
    - ``mean_bond_valence_vector``: mean length of the sum of s along the contacts, as vectors; 0 on a site
      with inversion, large beside a lone pair or in a polar distortion
    - ``mean_contact_valence_sum``: mean of the sum of s over all sites whatever their charge, defined for
      metals too; more than V_i where like atoms bond, as in a peroxide
    - ``mean_strongest_valence``: mean of the largest s of each site

    A crystal without charges (a metal) has 0 in all that reads charges. On a disordered site, which counts
    once, s and q are means over its species; neighbours count by their occupancies.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: valences are smooth functions of distances, and charges depend on the composition
    alone.

    Parameters
    ----------
    cutoff : float, default=6.0
        Up to where contacts count, in angstrom. A contact at 6 angstrom has a valence below 0.0001.

    References
    ----------
    Brown & Altermatt, Acta Cryst. B41 (1985) 244, doi 10.1107/S0108768185002063, and Brese & O'Keeffe, Acta
    Cryst. B47 (1991) 192, doi 10.1107/S0108768190011041, for R0; O'Keeffe & Brese, J. Am. Chem. Soc. 113
    (1991) 3226, doi 10.1021/ja00009a002, for the estimate; Salinas-Sanchez et al., J. Solid State Chem. 100
    (1992) 201, doi 10.1016/0022-4596(92)90094-C, for the instability index; Harvey et al., Acta Cryst. B62
    (2006) 1038, doi 10.1107/S0108768106026553, for the vectors.

    Examples
    --------
    The six bonds of MgO at 2.106 angstrom have a valence of exp((1.693 - 2.106) / 0.37) = 0.328 each, and
    farther contacts add 0.04:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondValences
    >>> magnesia = Crystal.ordered(4.212 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [12, 8])
    >>> valences = BondValences()
    >>> row = dict(zip(valences.get_feature_names_out(), valences.transform([magnesia])[0].round(2).tolist()))
    >>> row["mean_bond_valence_sum"], row["mean_strongest_valence"], row["mean_bond_valence_vector"]
    (2.01, 0.33, 0.0)
    """

    schema_version = 4

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "cutoff": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, *, cutoff: float = 6.0) -> None:
        self.cutoff = cutoff

    def describe_columns(self) -> list[Column]:
        """Describe the columns, in the order of the docstring."""
        return list(COLUMNS)

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the statistics of each crystal."""
        if not len(crystals):
            return np.zeros((0, len(COLUMNS)))
        sums, charges = valence_sums(crystals, self.cutoff)
        starts, counts = crystals.site_offsets[:-1], crystals.site_counts
        deviations = sums[:, 0] - np.abs(charges)

        def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
            total: NDArray[np.float64] = np.add.reduceat(values, starts)
            return total / counts

        def mean_over(ions: NDArray[np.bool_]) -> NDArray[np.float64]:
            number = np.add.reduceat(ions.astype(np.float64), starts)
            total: NDArray[np.float64] = np.add.reduceat(deviations * ions, starts)
            return total / np.maximum(number, 1.0)

        columns = (
            mean(sums[:, 0]),
            np.minimum.reduceat(sums[:, 0], starts),
            np.maximum.reduceat(sums[:, 0], starts),
            mean(deviations),
            mean_over(charges > UNCHARGED),
            mean_over(charges < -UNCHARGED),
            np.sqrt(mean(deviations**2)),
            mean(sums[:, 1]),
            mean(sums[:, 2]),
            mean(sums[:, 3]),
        )
        return np.stack(columns, axis=1)
