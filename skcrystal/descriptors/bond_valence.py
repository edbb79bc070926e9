"""Bond valences: whether the contacts of the ions add up to their charges."""

from __future__ import annotations

import csv
from functools import cache
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.chemistry import elements
from skcrystal.descriptors.base import Descriptor, Invariance, as_names
from skcrystal.descriptors.electrostatics import UNCHARGED
from skcrystal.descriptors.site_values import select_statistics, site_means, site_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["BondValences", "bond_valence_table"]

# Each with its statistics over the sites. A valence falls by e within a third of an angstrom: what stands on
# single sites is too steep for small displacements, but for the sums, which vary enough between crystals.
QUANTITIES = {
    "bond_valence_sum": ("mean", "min", "max"),
    "bond_valence_deviation": ("mean",),
    "contact_valence_sum": ("mean", "min", "max"),
    "log_strongest_valence": ("mean",),
    "bond_valence_asymmetry": ("mean",),
}
NAMES, KEPT = select_statistics(QUANTITIES)

# Sums and charges are compared with this much added, so that the logarithm of neither runs away.
SMALL = 0.25


@cache
def bond_valence_table() -> NDArray[np.float64]:
    """Size in angstrom and electronegativity of the elements, by atomic number, for bond valences.

    Where O'Keeffe & Brese give none, the size is the covalent radius and the electronegativity is Pauling's,
    each times the mean ratio over the 75 elements that they give.

    Returns
    -------
    ndarray of shape (119, 2), read-only
        Row Z belongs to atomic number Z.
    """
    table = np.full((elements.MAX_ATOMIC_NUMBER + 1, 2), np.nan)
    path = Path(elements.__file__).parent / "data" / "bond_valence.csv"
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            table[int(row["atomic_number"])] = float(row["size"]), float(row["electronegativity"])
    likeness = elements.filled_table(["covalent_radius", "electronegativity"])
    ratios = np.nanmean(table / likeness, axis=0)
    filled: NDArray[np.float64] = np.where(np.isnan(table), ratios * likeness, table)
    filled.flags.writeable = False
    return filled


class BondValences(Descriptor):
    """Bond-valence sums of the sites beside their assigned charges, in valence units.

    A contact of the length r between sites i and j has the valence

        s_ij = f(r) exp((R_ij - r) / b),
        R_ij = r_i + r_j - r_i r_j (sqrt(c_i) - sqrt(c_j))^2 / (c_i r_i + c_j r_j)

    with b = 0.37 angstrom, the sizes r_i and electronegativities c_i of O'Keeffe & Brese, estimated where
    they give none (:func:`bond_valence_table`), and f(r) = (1 - (r / cutoff)^6)^2. With the charges q of the
    oxidation states that balance the composition
    (:func:`skcrystal.chemistry.oxidation.assign_oxidation_states`), the mean over the sites, and of the sums
    V_i and of all contacts minimum and maximum, of

    - ``bond_valence_sum``: V_i, the sum of s_ij over the sites j of the opposite charge
    - ``bond_valence_deviation``: d_i = n / (n + 1) ln((V_i + 0.25) / (abs(q_i) + 0.25)), with the effective
      number n of contacts of the opposite charge, V_i^2 over the sum of the squared s_ij; above 0 where a
      site is squeezed, below where it rattles. A difference of valences would be too steep where they are
      large, and that of a single contact is as sharp as its length
    - ``contact_valence_sum``: the sum of s_ij over all sites j, defined for metals too; more than V_i where
      like atoms bond, as in a peroxide; a sum S above 10 or so counts as S / sqrt(1 + (S / 30)^2)
    - ``log_strongest_valence``: the natural logarithm of 0.01 plus the mean of s_ij weighted by itself, which
      is near the largest one
    - ``bond_valence_asymmetry``: length v of the sum of s_ij along the contacts over their sum, in 0 to 1,
      damped against noise to sqrt(v^2 + 0.12^2) - 0.12; 0 on a site with inversion, large beside a lone
      pair or in a polar distortion

    then ``mean_cation_deviation`` and ``mean_anion_deviation``, the means of d_i over the cations and over
    the anions, and ``instability_index``, its root mean square over the sites, after the global instability
    index, which is that of V_i - abs(q_i). A crystal without charges (a metal) has 0 in all that reads
    charges. On a disordered site, which counts once, r_i, c_i and q_i are means over its species, q_i
    occupancies counted.

    Invariant to origin, rotation, permutation, supercell and choice of cell: no cell enters the formula.
    Continuous: valences are smooth functions of distances, and charges depend on the composition alone.

    Parameters
    ----------
    cutoff : float, default=8.0
        Where the valence of a contact reaches 0, in angstrom.
    softness : float, default=0.37
        How much longer a contact is, in angstrom, that has 1/e of the valence: b.

    References
    ----------
    O'Keeffe & Brese, J. Am. Chem. Soc. 113 (1991) 3226, doi 10.1021/ja00009a002, for sizes and b; Brown,
    Chem. Rev. 109 (2009) 6858, doi 10.1021/cr900053k, for the model and the index; Harvey et al.,
    Acta Cryst. B62 (2006) 1038, doi 10.1107/S0108768106026553, for the vectors.

    Examples
    --------
    The six bonds of MgO at 2.106 angstrom have a valence of 0.376 each, and farther contacts add 0.05:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import BondValences
    >>> magnesia = Crystal.ordered(4.212 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [12, 8])
    >>> valences = BondValences()
    >>> values = valences.transform([magnesia])[0].round(2).tolist()
    >>> row = dict(zip(valences.get_feature_names_out(), values))
    >>> row["mean_bond_valence_sum"], row["mean_bond_valence_deviation"], row["mean_bond_valence_asymmetry"]
    (2.3, 0.11, 0.0)
    """

    schema_version = 4

    invariance = Invariance(
        origin=True,
        rotation=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "cutoff": [Interval(Real, 0, None, closed="neither")],
        "softness": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, *, cutoff: float = 8.0, softness: float = 0.37) -> None:
        self.cutoff = cutoff
        self.softness = softness

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``mean_bond_valence_sum``, ``min_bond_valence_sum`` and so on.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        return as_names([*NAMES, "mean_cation_deviation", "mean_anion_deviation", "instability_index"])

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the statistics of each crystal."""
        from skcrystal.kernels.valences import bond_valences

        if not len(crystals):
            return np.zeros((0, len(NAMES) + 3))
        table = crystals.neighbors(self.cutoff)
        charges = crystals.site_charges
        sizes, pulls = site_means(crystals, bond_valence_table()).T
        sums = bond_valences(
            table.offsets,
            table.neighbors,
            table.distances,
            table.vectors,
            np.ascontiguousarray(sizes),
            np.ascontiguousarray(pulls),
            np.where(np.abs(charges) > UNCHARGED, charges, 0.0),
            float(self.cutoff),
            float(self.softness),
        )
        deviations = sums[:, 4] * np.log((sums[:, 0] + SMALL) / (np.abs(charges) + SMALL))
        statistics = site_statistics(crystals, np.column_stack([sums[:, 0], deviations, sums[:, 1:4]]))
        starts = crystals.site_offsets[:-1]
        means = []
        for ions in (charges > UNCHARGED, charges < -UNCHARGED):
            counts = np.add.reduceat(ions.astype(np.float64), starts)
            means.append(np.add.reduceat(deviations * ions, starts) / np.maximum(counts, 1.0))
        index = np.sqrt(np.add.reduceat(deviations**2, starts) / crystals.site_counts)
        return np.column_stack([statistics[:, KEPT], *means, index])
