"""Stretching frequencies: how fast the atoms vibrate between their bonds, estimated without a calculation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.descriptors.bond_species import species_of_bonds
from skcrystal.descriptors.bonded import BOND_CONSTRAINTS, BondedDescriptor
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.site_values import site_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.crystals.bonds import BondTable

__all__ = ["StretchingFrequencies", "force_constants", "gordy_constant"]

# Gordy's a and b in mdyn/angstrom, for molecules whose atoms have their normal valences.
SLOPE, INTERCEPT = 1.67, 0.30
# The shortest bond that there is, of H2, in angstrom: Huber & Herzberg (1979). Atoms that a file has in one
# place are not stiffer than that.
SHORTEST = 0.741
# sqrt(mdyn/angstrom / atomic mass unit) / (2 pi c) in 1/cm: a textbook's 1302.8.
WAVENUMBER = float(np.sqrt(1e2 / 1.66053907e-27) / (2 * np.pi * 2.99792458e10))

MEANINGS = {
    "einstein_frequency": "how fast an atom vibrates between neighbours at rest, along its stiffest bonds",
    "stretching_frequency": "how fast an atom vibrates against its neighbours",
}


def gordy_constant(
    order: NDArray[np.float64], product: NDArray[np.float64], distance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return force constants in mdyn/angstrom of bonds, by Gordy's rule.

    Parameters
    ----------
    order : ndarray
        Order of the bond; a part of a single bond has that part of the intercept.
    product : ndarray
        Of the electronegativities of its atoms, on Pauling's scale.
    distance : ndarray
        In angstrom.

    Examples
    --------
    From spectra, N2 has 22.95 mdyn/angstrom and HCl 5.16:

    >>> import numpy as np
    >>> from skcrystal.descriptors.stretching import gordy_constant
    >>> gordy_constant(np.array([3, 1]), np.array([3.04**2, 2.20 * 3.16]), np.array([1.098, 1.275])).round(1)
    array([23.4,  5.3])
    """
    reach = np.maximum(distance, SHORTEST)
    found: NDArray[np.float64] = SLOPE * order * (product / reach**2) ** 0.75
    return found + INTERCEPT * np.minimum(order, 1.0)


def force_constants(crystals: Crystals, bonds: BondTable) -> NDArray[np.float64]:
    """Return the force constant of each bond in mdyn/angstrom, by its valence; a mean over its species.

    Parameters
    ----------
    crystals : Crystals
    bonds : BondTable

    Returns
    -------
    ndarray of shape (n_bonds,)
        Of whole bonds: their weights are not in it.
    """
    pulls = elements.filled_table(["electronegativity"])[crystals.atomic_numbers, 0]
    pairs = species_of_bonds(crystals, bonds)
    products = pulls[pairs.centers] * pulls[pairs.neighbors]
    return pairs.mean(gordy_constant(pairs.valences, products, pairs.distances))


class StretchingFrequencies(BondedDescriptor):
    """Frequencies of the atoms between their bonds as springs, in 1/cm.

    A bond of the length d, of the valence N (as in :class:`~skcrystal.descriptors.BondValences`) and between
    atoms of the electronegativities x is a spring, with the force constant of Gordy's rule

        k = 1.67 N (x_i x_j / d^2)^(3/4) + 0.30 min(N, 1)    in mdyn/angstrom

    and with its weight w among the bonds (:meth:`skcrystal.Crystals.bonds`). Springs along the unit vectors e
    and the masses m make the dynamical matrix, of which two blocks matter to a site:

        D_ii = sum_j w_ij k_ij e_ij e_ij^T / m_i,    D_ij = -w_ij k_ij e_ij e_ij^T / sqrt(m_i m_j)

    - ``einstein_frequency``: the atom alone vibrates between neighbours at rest, in the direction in which
      its bonds are stiffest: the square root of the largest eigenvalue of D_ii
    - ``stretching_frequency``: the atom against its neighbours: the root of M_2 / M_1, the first two moments
      of its density of vibrational states over squared frequencies,

          M_1 = tr D_ii,    M_2 = tr D_ii^2 + sum_j tr(D_ij D_ji)

      Optical modes weigh most in it, and it is no higher than the highest mode of the springs

    and the statistics of both over the sites: light atoms between stiff bonds have the highest. For two atoms
    alone, the stretching frequency is that of the textbook, sqrt(k / reduced mass).

    The rule knows no angles and no electric fields, and was made for molecules. In eight covalent crystals,
    diamond to InSb, ``max_stretching_frequency`` lies between 0.76 and 1.04 times the measured optical mode,
    in MgO, CaO, NaCl and KBr at 1.07 to 1.14 times the transverse one; in LiF at 1.4 times it.

    A site without bonds has 0. A disordered site counts once, with the mean mass of its species; the force
    constant of a bond is the mean over the species at its ends.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula, and no mode of one cell. Continuous: bonds form and break from weight 0 on.

    Parameters
    ----------
    statistics : sequence of str, default=("max",)
        Some of ``mean``, ``std``, ``min`` and ``max``: what to give over the sites.
    log10 : bool, default=False
        Whether to give decadic logarithms of 1 + frequency in 1/cm, ``log10_einstein_frequency`` and so on:
        what suits a model that learns the logarithm of a frequency.
    cutoff : float, default=8.0
        In angstrom; farther sites do not see each other.

    References
    ----------
    Gordy, J. Chem. Phys. 14 (1946) 305, doi 10.1063/1.1724138, for the rule; Born & Huang, Dynamical Theory
    of Crystal Lattices (1954), for the dynamical matrix; Maradudin, Montroll, Weiss & Ipatova, Theory of
    Lattice Dynamics in the Harmonic Approximation (1971), for moments of its frequencies.

    Examples
    --------
    Magnesium oxide, whose transverse optical mode is measured at 401 1/cm:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import StretchingFrequencies
    >>> magnesia = Crystal.ordered(4.212 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [12, 8])
    >>> frequencies = StretchingFrequencies()
    >>> row = frequencies.transform([magnesia])[0].round().tolist()
    >>> dict(zip(frequencies.get_feature_names_out().tolist(), row))
    {'max_einstein_frequency': 372.0, 'max_stretching_frequency': 429.0}
    """

    schema_version = 1

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"log10": ["boolean"], **BOND_CONSTRAINTS}

    def __init__(self, *, statistics: Any = ("max",), log10: bool = False, cutoff: float = 8.0) -> None:
        self.statistics = statistics
        self.log10 = log10
        self.cutoff = cutoff

    def describe_site_columns(self) -> list[Column]:
        """Describe ``einstein_frequency`` and ``stretching_frequency``."""
        columns = []
        for name, meaning in MEANINGS.items():
            unit = "1/cm"
            if self.log10:
                name, unit, meaning = f"log10_{name}", "1", f"log10(1 + frequency in 1/cm): {meaning}"
            columns.append(Column.of(name, unit, meaning, "0 at a site without bonds"))
        return columns

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return both frequencies of each site."""
        if not crystals.n_sites:
            return np.zeros((0, 2))
        bonds = crystals.bonds(self.cutoff)
        masses = site_means(crystals, elements.filled_table(["atomic_mass"]))[:, 0]
        springs, directions = force_constants(crystals, bonds), bonds.directions
        outer = (directions[:, :, None] * directions[:, None, :]).reshape(-1, 9)
        blocks = bonds.sum_of_bonds(springs[:, None] * outer).reshape(-1, 3, 3) / masses[:, None, None]
        first = np.trace(blocks, axis1=1, axis2=2)
        # Weights enter twice: as often as force constants.
        pairs = bonds.weights * springs**2 / masses[bonds.neighbors]
        second = np.einsum("nij,nij->n", blocks, blocks) + bonds.sum_of_bonds(pairs) / masses
        squares = np.column_stack(
            [np.linalg.eigvalsh(blocks)[:, 2], second / np.where(first > 0.0, first, 1.0)]
        )
        frequencies = WAVENUMBER * np.sqrt(np.maximum(squares, 0.0))
        return np.log10(1.0 + frequencies) if self.log10 else frequencies
