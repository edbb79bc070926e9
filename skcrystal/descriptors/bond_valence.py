"""Bond valences: whether the contacts of the ions add up to their charges."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.chemistry.bond_valences import bond_parameters
from skcrystal.descriptors.base import Invariance
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.electrostatics import UNCHARGED
from skcrystal.descriptors.site_descriptor import SiteDescriptor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondValences", "species_parameters"]

SUM = "sum of the bond valences of a site with those of opposite charge"
DEVIATION = "bond valence sum minus the size of the charge"
METAL = "0 without charges, as of a metal"
UNIT = "valence unit"
SITE_COLUMNS = (
    Column.of("bond_valence_sum", UNIT, SUM, METAL),
    Column.of("bond_valence_deviation", UNIT, DEVIATION, "0 without charge"),
    Column.of(
        "bond_valence_vector",
        UNIT,
        "length of the sum of a site's bond valences as vectors along the contacts",
        METAL,
    ),
    Column.of(
        "contact_valence_sum",
        UNIT,
        "sum of the bond valences of a site with all others, whatever their charge",
    ),
    Column.of("strongest_valence", UNIT, "largest bond valence of a site"),
)
# Which statistics over the sites are columns of a crystal.
POOLED = {
    "bond_valence_sum": ("mean", "min", "max"),
    "bond_valence_deviation": ("mean",),
    "bond_valence_vector": ("mean",),
    "contact_valence_sum": ("mean",),
    "strongest_valence": ("mean",),
}
# Behind them, what else is told of the deviations.
DEVIATIONS = (
    Column.of("mean_cation_deviation", UNIT, f"{DEVIATION}; mean over the cations", "0 without cations"),
    Column.of("mean_anion_deviation", UNIT, f"{DEVIATION}; mean over the anions", "0 without anions"),
    Column.of("global_instability_index", UNIT, f"{DEVIATION}; root mean square over the sites", METAL),
)


def mean_charges(crystals: Crystals) -> NDArray[np.float64]:
    """Return the charge of what sits at each site, a mean over its species by their occupancies."""
    charges: NDArray[np.float64] = crystals.site_charges
    return charges / np.add.reduceat(crystals.occupancies, crystals.species_offsets[:-1])


def species_parameters(
    crystals: Crystals,
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Return R0 and b in angstrom between the kinds of ions of a batch.

    Parameters
    ----------
    crystals : Crystals

    Returns
    -------
    kinds : ndarray of shape (n_species,)
        Of each species of each site: its place in the other two.
    lengths, softness : ndarray of shape (n_kinds, n_kinds)
    """
    # Mixed states are known to rounding only.
    of_species = np.round(crystals.species_charges, 6)
    # As one number each, which sorts several times as fast as rows of two.
    found, kinds = np.unique(crystals.atomic_numbers + 1j * of_species, return_inverse=True)
    return kinds, *bond_parameters(found.real.astype(np.int64), found.imag)


def valence_sums(crystals: Crystals, cutoff: float) -> NDArray[np.float64]:
    """Return sums of bond valences over the contacts of each site.

    Parameters
    ----------
    crystals : Crystals
    cutoff : float
        In angstrom.

    Returns
    -------
    ndarray of shape (n_sites, 4)
        Over contacts of opposite charge, the length of their vector sum, over all contacts, the largest one.
    """
    from skcrystal.kernels.valences import bond_valences

    kinds, lengths, softness = species_parameters(crystals)
    charges = mean_charges(crystals)
    table = crystals.neighbors(cutoff)
    sums: NDArray[np.float64] = bond_valences(
        table.offsets,
        table.neighbors,
        table.distances,
        table.vectors,
        crystals.species_offsets,
        kinds,
        crystals.occupancies,
        np.where(np.abs(charges) > UNCHARGED, charges, 0.0),
        lengths,
        softness,
        float(cutoff),
    )
    return sums


class BondValences(SiteDescriptor):
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

    - ``bond_valence_sum``: V_i, the sum of s over the sites of opposite charge; ``mean_...``, ``min_...`` and
      ``max_...`` over the sites
    - ``bond_valence_deviation``: d_i = V_i - abs(q_i), above 0 where a site is squeezed, below where it
      rattles; ``mean_...`` over the sites, ``mean_cation_deviation`` and ``mean_anion_deviation`` over the
      cations and over the anions; ``global_instability_index``: root mean square over the sites, 0.05 to 0.2
      in well-determined unstrained structures
    - ``bond_valence_vector``: length of the sum of s along the contacts, as vectors; 0 on a site with
      inversion, large beside a lone pair or in a polar distortion; ``mean_...`` over the sites
    - ``contact_valence_sum``: sum of s over all sites whatever their charge, defined for metals too; more
      than V_i where like atoms bond, as in a peroxide; ``mean_...`` over the sites
    - ``strongest_valence``: the largest s of a site; ``mean_...`` over the sites

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

    schema_version = 5

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

    def describe_site_columns(self) -> list[Column]:
        """Describe the columns of a site's row, in the order of the docstring."""
        return list(SITE_COLUMNS)

    def _pooled(self) -> Mapping[str, Sequence[str]]:
        return POOLED

    def describe_columns(self) -> list[Column]:
        """Describe the columns: those pooled from the sites, and what else is told of the deviations."""
        return [*super().describe_columns(), *DEVIATIONS]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the five numbers of each site."""
        if not len(crystals):
            return np.zeros((0, len(SITE_COLUMNS)))
        sums = valence_sums(crystals, self.cutoff)
        deviations = sums[:, :1] - np.abs(mean_charges(crystals))[:, None]
        return np.concatenate([sums[:, :1], deviations, sums[:, 1:]], axis=1)

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the statistics of each crystal."""
        if not len(crystals):
            return np.zeros((0, len(self.describe_columns())))
        rows, charges = self.describe_sites(crystals), mean_charges(crystals)
        deviations, starts = rows[:, 1], crystals.site_offsets[:-1]

        def mean_over(ions: NDArray[np.bool_]) -> NDArray[np.float64]:
            total: NDArray[np.float64] = np.add.reduceat(deviations * ions, starts)
            return total / np.maximum(np.add.reduceat(ions.astype(np.float64), starts), 1.0)

        others = (
            mean_over(charges > UNCHARGED),
            mean_over(charges < -UNCHARGED),
            np.sqrt(np.add.reduceat(deviations**2, starts) / crystals.site_counts),
        )
        return np.column_stack([self._pool(crystals, rows), *others])
