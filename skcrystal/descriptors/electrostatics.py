"""Electrostatic energy and site potentials of a crystal of ions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.crystals.cells import heights, inverses
from skcrystal.crystals.limits import MAX_TERMS, check_limit, expected_pairs
from skcrystal.descriptors.base import SYMPREC, Invariance
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.site_descriptor import SiteDescriptor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["COULOMB", "MadelungEnergy"]

#: e^2 / (4 pi epsilon_0), in eV angstrom, CODATA 2018.
COULOMB = 14.3996454784

# A mean charge below this is none.
UNCHARGED = 1e-6


def ewald_terms(volumes: NDArray[np.float64], site_counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how many terms Ewald's two sums have for each crystal, were its sites spread evenly.

    In space, all pairs of sites are looked at, and all of those within the cutoff; in reciprocal space, each
    site with half the reciprocal lattice vectors within the cutoff.
    """
    from skcrystal.kernels.ewald import DIRECT_COST, LIMIT

    alpha = DIRECT_COST * np.sqrt(np.pi) * (site_counts / volumes**2) ** (1 / 6)
    direct = expected_pairs(volumes, site_counts, np.sqrt(LIMIT) / alpha)
    reciprocal = volumes * (2 * alpha * np.sqrt(LIMIT)) ** 3 / (12 * np.pi**2)
    terms: NDArray[np.float64] = site_counts**2 / 2.0 + direct + site_counts * reciprocal
    return terms


def largest_waves(lattices: NDArray[np.float64], alphas: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many multiples of each reciprocal lattice vector lie within the cutoff; shape (n, 3)."""
    from skcrystal.kernels.ewald import LIMIT

    lengths = np.sqrt((lattices**2).sum(axis=2))
    return (alphas[:, None] * np.sqrt(LIMIT) * lengths / np.pi).astype(np.int64)


def site_potentials(cells: Crystals) -> NDArray[np.float64]:
    """Return the potential at each site of all charges but its own, in elementary charges per angstrom.

    A net charge of the cell is balanced by an even background.
    """
    from skcrystal.kernels.ewald import DIRECT_COST, screened_sums

    owners, charges = cells.site_index[:, 0], cells.site_charges
    # Both sums then take about the same time: Perram, Petersen & de Leeuw 1988,
    # doi 10.1080/00268978800101471, with the measured cost of their terms.
    alphas = DIRECT_COST * np.sqrt(np.pi) * (cells.site_counts / cells.volumes**2) ** (1 / 6)
    net = np.bincount(owners, weights=charges, minlength=len(cells))
    charged = np.bincount(owners, weights=np.abs(charges), minlength=len(cells)) > 0.0
    potentials: NDArray[np.float64] = np.zeros(len(charges))
    screened_sums(
        cells.lattices,
        inverses(cells.lattices),
        heights(cells.lattices),
        np.array(cells.volumes),
        largest_waves(cells.lattices, alphas),
        alphas * charged,
        cells.site_offsets,
        cells.frac_coords,
        np.array(charges),
        potentials,
    )
    background = np.pi * net / (cells.volumes * alphas**2)
    potentials -= 2.0 * alphas[owners] / np.sqrt(np.pi) * charges + background[owners]
    return potentials


def madelung_potentials(cells: Crystals) -> NDArray[np.float64]:
    """Return the potential at each site of all charges but its own, in volt; shape (n_sites,)."""
    terms = ewald_terms(cells.volumes, cells.site_counts)
    check_limit(terms, MAX_TERMS, "terms of Ewald's sums", "leave MadelungEnergy out")
    potentials = COULOMB * site_potentials(cells)
    if (exclusions := cells.exclusions()) is not None:
        pairs = exclusions.pairs
        fields = cells.site_charges[pairs.neighbors] / pairs.distances
        potentials -= COULOMB * np.bincount(pairs.centers, weights=fields, minlength=cells.n_sites)
    return potentials


class MadelungEnergy(SiteDescriptor):
    """Electrostatic energy per site in eV, and mean potentials at cations and anions in volt.

    Each element gets the oxidation states that balance the charge
    (:func:`skcrystal.chemistry.oxidation.assign_oxidation_states`). With the charges q as points and V(i) the
    potential at site i of all charges but its own, summed by Ewald's method:

    - ``madelung_energy``: 1/2 sum of q V over the sites, divided by their number
    - ``mean_cation_potential``, ``mean_anion_potential``: mean of V over sites of positive and of negative
      charge, weighted by the charge; 0 where there are none
    - ``madelung_gap``: the anions' potential minus the cations': what the crystal field adds to the energy
      to carry an electron from an anion to a cation
    - ``reduced_madelung_energy``: the energy over e^2 q2 / (4 pi epsilon_0 s), with the mean q2 of the
      squared charges and s = (V/N)^(1/3): the geometry alone, without charges and size

    An even background balances a charge that no tabulated state balances. A disordered site holds its mean
    charge; an atom that is split over several sites counts as one, and other partly occupied sites too close
    to be occupied together do not see each other (:meth:`skcrystal.Crystals.exclusions`). A crystal without
    charges (a metal) gives zeros.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell, to about 1e-7 of the
    largest term. Not continuous: two ions that come together have no finite energy, and a displacement beyond
    `symprec` ends the averaging of sites that a translation joins (a step of second order in it).

    Parameters
    ----------
    symprec : float, default=0.01
        Tolerance of the search for the primitive cell, in angstrom, at most 0.2.

    References
    ----------
    Ewald, Ann. Phys. 369 (1921) 253, doi 10.1002/andp.19213690304; Torrance, Lacorre, Asavaroengchai &
    Metzger, Physica C 182 (1991) 351, doi 10.1016/0921-4534(91)90534-6, for gaps from an ionic model.

    Examples
    --------
    The Madelung constant of rock salt, 1.7476, is that of a pair of ions at their distance r; a site has half
    of it:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import MadelungEnergy
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> energy = MadelungEnergy().transform([rock_salt])[0, 0]
    >>> round(float(-energy * 2 * 2.82 / 14.39964548), 5)
    1.74756
    """

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=False,
        note="steep without bound where two sites come close; a small step at symprec",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"symprec": SYMPREC}

    def __init__(self, *, symprec: float = 0.01) -> None:
        self.symprec = symprec

    def describe_columns(self) -> list[Column]:
        """Describe the columns, in the order of the docstring."""
        zero = "0 without charges, as of a metal"
        return [
            Column.of("madelung_energy", "eV", "electrostatic energy of point charges per site", zero),
            Column.of(
                "mean_cation_potential",
                "V",
                "electrostatic potential at the cations; mean weighted by their charges",
                "0 without cations",
            ),
            Column.of(
                "mean_anion_potential",
                "V",
                "electrostatic potential at the anions; mean weighted by their charges",
                "0 without anions",
            ),
            Column.of("madelung_gap", "V", "potential at the anions minus that at the cations", zero),
            Column.of(
                "reduced_madelung_energy",
                "1",
                "electrostatic energy per site in units of the mean squared charge over the spacing of sites",
                zero,
            ),
        ]

    def describe_site_columns(self) -> list[Column]:
        """Describe ``madelung_potential``."""
        return [Column.of("madelung_potential", "V", "electrostatic potential of all charges but the own")]

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the potential at each site of all charges but its own, in volt."""
        if not len(crystals):
            return np.zeros((0, 1))
        cells = crystals.primitive(self.symprec)
        images = crystals.symmetry(self.symprec).primitive_sites
        potentials = madelung_potentials(cells)[cells.site_offsets[crystals.site_index[:, 0]] + images]
        return potentials[:, None]

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return energies and potentials of each crystal."""
        if not len(crystals):
            return np.zeros((0, 5))
        cells = crystals.primitive(self.symprec)
        starts = cells.site_offsets[:-1]
        charges, potentials = cells.site_charges, madelung_potentials(cells)
        energy = np.add.reduceat(charges * potentials, starts) / (2 * cells.site_counts)
        means = []
        for sign in (1.0, -1.0):
            weights = np.where(sign * charges > UNCHARGED, sign * charges, 0.0)
            total = np.add.reduceat(weights, starts)
            means.append(np.add.reduceat(weights * potentials, starts) / np.where(total > 0, total, 1.0))
        squares = np.add.reduceat(charges**2, starts) / cells.site_counts
        spacing = np.cbrt(cells.volumes / cells.site_counts)
        unit = COULOMB * np.where(squares > UNCHARGED**2, squares, 1.0) / spacing
        return np.stack([energy, *means, means[1] - means[0], energy / unit], axis=1)
