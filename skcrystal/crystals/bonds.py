"""Bonds: which neighbours of a site are bonded to it, and how much so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.arrays import counts_of, sums_of_owned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.bonding import SiteBonding
    from skcrystal.crystals.neighbors import NeighborTable

__all__ = ["BondTable", "join_bonds", "weigh_bonds", "weigh_near_bonds"]


@dataclass(frozen=True, slots=True, eq=False)
class BondTable:
    """The bonds of all sites of a batch, centre by centre; each comes once from either end.

    Attributes
    ----------
    offsets : ndarray of shape (n_sites + 1,)
        Site i is the centre of the bonds ``offsets[i]:offsets[i + 1]``.
    neighbors : ndarray of shape (n_bonds,)
        Index, in the batch, of the other site.
    distances : ndarray of shape (n_bonds,)
        In angstrom.
    vectors : ndarray of shape (n_bonds, 3)
        From the centre to the neighbour, in angstrom.
    weights : ndarray of shape (n_bonds,)
        How much of a bond this is, above 0 and at most 1, the same from both ends: 1 but for neighbours
        between shells.
    numbers : ndarray of shape (n_sites,)
        Sum of the weights of each site: its coordination number.
    """

    offsets: NDArray[np.int64]
    neighbors: NDArray[np.int64]
    distances: NDArray[np.float64]
    vectors: NDArray[np.float64]
    weights: NDArray[np.float64]
    numbers: NDArray[np.float64]

    @property
    def centers(self) -> NDArray[np.int64]:
        """Index of the centre of each bond; shape (n_bonds,)."""
        return np.repeat(np.arange(len(self.numbers)), counts_of(self.offsets))

    @property
    def directions(self) -> NDArray[np.float64]:
        """Unit vectors along the bonds, shape (n_bonds, 3); two sites in one place have none, but zeros."""
        lengths = np.where(self.distances > 0.0, self.distances, 1.0)
        return np.where(self.distances > 0.0, self.vectors.T / lengths, 0.0).T.copy()

    def sum_of_bonds(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum values of bonds, times their weights, at each site; shape (n_bonds, ...) to (n_sites, ...)."""
        return sums_of_owned((self.weights * values.T).T, self.offsets)

    def mean_of_bonds(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average values of bonds, by their weights, at each site; what lacks to one bond counts as 0."""
        return (self.sum_of_bonds(values).T / np.maximum(self.numbers, 1.0)).T

    def sum_of_neighbors(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum values of the bonded sites, times the weights, at each site; shape (n_sites, n_values)."""
        return self.sum_of_bonds(values[self.neighbors])


def weigh_bonds(table: NeighborTable, bonding: SiteBonding, cutoff: float) -> BondTable:
    """Weigh each pair of neighbours as a bond, and keep those of weight above 0.

    Two sites can be bonded unless their charges have the same sign. In salts and covalent crystals their
    distance is compared with their radii R, ionic ones by the charge, metallic ones where it is 0, and
    covalent ones between two nonmetals:

        x_ij = r_ij / (R_i + R_j)

    Around each site the shell ends at the largest gap: with the x of its partners in ascending order, in
    units of the smallest, t_1 = 1, t_2, ..., and the share of the gap behind the k-th

        a_k = F(t_(k+1)) - F(t_k),    F(t) = 3 u^2 - 2 u^3,    u = (t - 1) / (t_end - 1) in 0 to 1

    it ends there with the probability p_k, and the neighbour j weighs what follows it:

        p_k = a_k^6 / sum_l a_l^6,    w_ij = sum_(k >= j) p_k

    A gap that closes has no probability, so that weights are smooth functions of the positions, and
    neighbours of one distance weigh the same. F leaves gaps near the nearest neighbours and near t_end
    without a say; t_end is sqrt(2), where the second shell of rock salt lies, and 1.25 in covalent crystals.
    The sixth power makes it a choice: a gap twice as wide as another one counts 64 times as much. A bond is
    as much of one as the end says that sees more of it.

    In a metal, a neighbour stands with the solid angle Omega of the face that it makes in the domain of the
    site, its Voronoi cell; in descending order,

        a_k = (Omega_k - Omega_(k+1)) (Omega_1 + ... + Omega_k),    p_k = a_k^24 / sum_l a_l^24

    and the rest as above: a shell ends at a gap, and it surrounds its site. The power is high since these are
    products of two factors; where one a is a tenth smaller than another, it counts a twelfth as much. Planes
    stand halfway between two metal atoms or two nonmetals, and between a metal and a nonmetal atom where
    the metallic radius of the one and the covalent radius of the other put it. Omega counts in full up to
    sqrt(2) times the x of the nearest neighbour, by the same radii, and falls to 0 at twice that.

    In a salt, like charges, and two nonmetals of any charge, are bonded as well where they are close: weight
    v is 1 up to 0.92 of a limit and falls to 0 at it. The limit is 1.25 times the covalent radii for
    nonmetals (peroxide, disulfide, azide, Zintl anions, carbon to carbon) and the metallic radii for metals
    (pairs closer than in the metal, as in MoO2); both ends need electrons left beside their charge. Among the
    x of a site, a bond of like charges stands with x / v.

    Towards the cutoff, from 4/5 of it on, distances are stretched without end and weights fall to 0.

    Parameters
    ----------
    table : NeighborTable
        All pairs closer than the cutoff.
    bonding : SiteBonding
        Charges, radii and limits of the sites.
    cutoff : float
        In angstrom.

    Returns
    -------
    BondTable

    References
    ----------
    Brunner, Acta Cryst. A33 (1977) 226, doi 10.1107/S0567739477000461, for shells that end at the largest
    gap; O'Keeffe, Acta Cryst. A35 (1979) 772, doi 10.1107/S0567739479001765, for solid angles of domains;
    Shannon, Acta Cryst. A32 (1976) 751, doi 10.1107/S0567739476001551, for ionic radii.
    """
    return _weigh(table, bonding, cutoff)[0]


def weigh_near_bonds(
    table: NeighborTable, bonding: SiteBonding, cutoff: float, site_offsets: NDArray[np.int64]
) -> tuple[BondTable, NDArray[np.bool_]]:
    """Weigh bonds as :func:`weigh_bonds` does, by a table that ends before the cutoff.

    Parameters
    ----------
    table : NeighborTable
        Of a cutoff at which distances are not stretched yet.
    bonding : SiteBonding
    cutoff : float
        In angstrom.
    site_offsets : ndarray of shape (n_crystals + 1,)

    Returns
    -------
    bonds : BondTable
    enough : ndarray of shape (n_crystals,), bool
        Of which crystals these are the bonds that the whole table gives: no pair outside of this one can lie
        in a shell, be close, or bound a domain.
    """
    bonds, needed = _weigh(table, bonding, cutoff, site_offsets)
    return bonds, np.maximum.reduceat(needed, site_offsets[:-1]) <= table.cutoffs


def _weigh(
    table: NeighborTable,
    bonding: SiteBonding,
    cutoff: float,
    site_offsets: NDArray[np.int64] | None = None,
) -> tuple[BondTable, NDArray[np.float64]]:
    """Return the bonds and, of a batch, up to which distance each site has to know its neighbours."""
    from skcrystal.kernels.bonds import FULL_RANGE, find_bonds

    columns = {name: np.array(column) for name, column in bonding._asdict().items()}
    in_metals = np.zeros(len(table.distances))
    ends = nearest = np.zeros(len(bonding.charges))
    if columns["metallic"].any():
        # Compiled with the first metal alone.
        from skcrystal.kernels.metals import weigh_metals

        ends, nearest = weigh_metals(
            table.offsets,
            table.neighbors,
            table.distances,
            table.vectors,
            columns["radii"],
            columns["covalent_radii"],
            columns["nonmetals"],
            columns["metallic"],
            FULL_RANGE * cutoff,
            float(cutoff),
            in_metals,
        )
    offsets, pairs, weights, numbers, bounds = find_bonds(
        table.offsets, table.neighbors, table.distances, *columns.values(), in_metals, float(cutoff)
    )
    pairs, weights = pairs[: offsets[-1]].copy(), weights[: offsets[-1]].copy()
    bonds = BondTable(
        offsets,
        table.neighbors[pairs],
        table.distances[pairs],
        table.vectors[pairs],
        weights,
        numbers,
    )
    if site_offsets is None:
        return bonds, np.zeros(0)
    return bonds, _needed(bonding, np.where(bonding.metallic, nearest, bounds), ends, site_offsets)


def _needed(
    bonding: SiteBonding,
    bounds: NDArray[np.float64],
    ends: NDArray[np.float64],
    site_offsets: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the distance from which on pairs do not matter to a site.

    A pair is no shorter than its distance over the largest sum of radii that the site can have with another
    one of its crystal; those with a charge of the same sign matter as close ones only. A plane that bounds a
    domain stands no nearer than the least share of a pair's distance.

    Parameters
    ----------
    bonding : SiteBonding
    bounds : ndarray of shape (n_sites,)
        Relative distance from which on pairs do not matter.
    ends : ndarray of shape (n_sites,)
        Distance from which on planes do not matter, in metals.
    site_offsets : ndarray of shape (n_crystals + 1,)
    """
    from skcrystal.kernels.bonds import LEAST_SIZE

    counts = counts_of(site_offsets)

    def largest(values: NDArray[np.float64], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
        found = np.maximum.reduceat(np.where(wanted, values, -np.inf), site_offsets[:-1])
        return np.repeat(found, counts)

    charges, radii, covalent = bonding.charges, bonding.radii, bonding.covalent_radii
    anything = np.ones(len(charges), dtype=bool)
    others = np.where(
        charges > 0.0,
        largest(radii, charges <= 0.0),
        np.where(charges < 0.0, largest(radii, charges >= 0.0), largest(radii, anything)),
    )
    between_nonmetals = covalent + largest(covalent, bonding.nonmetals)
    sizes = np.maximum(radii + others, np.where(bonding.nonmetals, between_nonmetals, LEAST_SIZE))
    sizes = np.maximum(sizes, LEAST_SIZE)
    close = bonding.limits + largest(bonding.limits, anything)
    if not bonding.metallic.any():
        return np.maximum(bounds * sizes, close)
    # In metals a nonmetal atom has its covalent radius beside a metal atom.
    own = np.where(bonding.nonmetals, covalent, radii)
    its = np.where(
        bonding.nonmetals, largest(radii, ~bonding.nonmetals), largest(covalent, bonding.nonmetals)
    )
    shares = np.minimum(0.5, own / (own + np.maximum(its, 0.0)))
    in_metals = np.maximum(bounds * np.maximum(sizes, own + its), ends / shares)
    return np.where(bonding.metallic, in_metals, np.maximum(bounds * sizes, close))


def join_bonds(bonds: BondTable, sites: NDArray[np.int64], others: BondTable) -> BondTable:
    """Return a table in which some sites have the bonds of another one.

    Parameters
    ----------
    bonds : BondTable
    sites : ndarray of int
        Index of each site of the other table; none of the rest is bonded to one of them.
    others : BondTable

    Returns
    -------
    BondTable
    """
    replaced = np.zeros(len(bonds.numbers), dtype=bool)
    replaced[sites] = True
    kept = ~replaced[bonds.centers]
    centers = np.concatenate([bonds.centers[kept], sites[others.centers]])
    order = np.argsort(centers, kind="stable")
    offsets = np.zeros(len(bonds.offsets), dtype=np.int64)
    np.cumsum(np.bincount(centers, minlength=len(replaced)), out=offsets[1:])
    numbers = bonds.numbers.copy()
    numbers[sites] = others.numbers
    columns = (
        (bonds.neighbors, sites[others.neighbors]),
        (bonds.distances, others.distances),
        (bonds.vectors, others.vectors),
        (bonds.weights, others.weights),
    )
    neighbors, distances, vectors, weights = (
        np.concatenate([one[kept], other])[order] for one, other in columns
    )
    return BondTable(offsets, neighbors, distances, vectors, weights, numbers)
