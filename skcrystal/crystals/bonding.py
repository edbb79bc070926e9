"""What the atoms of a crystal are to each other: ions, metal atoms or covalent ones, and how large."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.radii import (
    ALL_CHARGES,
    charged_radii,
    covalent_radii,
    metallic_radii,
    nonmetals,
)
from skcrystal.crystals.arrays import CrystalArrays, counts_of, mean_over_species

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.chemistry.oxidation import IonicComposition

__all__ = ["SiteBonding", "find_bonding"]

# A mean charge below this is none.
UNCHARGED = 1e-6

# Where a shell ends at the latest, in units of the nearest distance. In rock salt the second shell lies
# sqrt(2) times as far as the first, behind it. A covalent bond stretched by a quarter has less than a fifth
# of its valence left, exp(-0.25 x 2 / 0.37) at 2 angstrom, and lone pairs beside it.
SHELL_END = float(np.sqrt(2.0))
COVALENT_END = 1.25

# Bonds between elements less apart on Pauling's scale count as unpolar in every textbook.
POLAR = 0.5


class SiteBonding(NamedTuple):
    """What the bonds of each site are judged by.

    Attributes
    ----------
    charges : ndarray of shape (n_sites,)
        In elementary charges; 0 throughout a metal or a covalent crystal.
    radii : ndarray of shape (n_sites,)
        Ionic at a charge, metallic without, in angstrom.
    covalent_radii : ndarray of shape (n_sites,)
        What pairs of nonmetals are compared by, in angstrom.
    nonmetals : ndarray of shape (n_sites,), bool
        Whether all species of the site are nonmetals or semimetals.
    limits : ndarray of shape (n_sites,)
        What a site adds to the length, in angstrom, below which like charges, and two nonmetals, are bonded;
        0 on a site without electrons left to bond with, and where there are no charges.
    metallic : ndarray of shape (n_sites,), bool
        Whether the crystal is a metal: neither a salt nor of nonmetals alone.
    ends : ndarray of shape (n_sites,)
        Where a shell of neighbours ends at the latest, in units of the distance of the nearest one; without
        a say in a metal.
    """

    charges: NDArray[np.float64]
    radii: NDArray[np.float64]
    covalent_radii: NDArray[np.float64]
    nonmetals: NDArray[np.bool_]
    limits: NDArray[np.float64]
    metallic: NDArray[np.bool_]
    ends: NDArray[np.float64]


class _Elements(NamedTuple):
    electronegativity: NDArray[np.float64]
    group: NDArray[np.float64]
    nonmetal: NDArray[np.bool_]
    anion: NDArray[np.bool_]
    certain_anion: NDArray[np.bool_]
    octet: NDArray[np.float64]
    outer: NDArray[np.float64]
    limit: NDArray[np.float64]


@cache
def _elements() -> _Elements:
    """Tabulate by atomic number what decides on the kind of bonding."""
    electronegativity, group = elements.filled_table(["electronegativity", "group"]).T
    group = np.round(group)
    z = np.arange(len(group))
    nonmetal = nonmetals()
    # Zintl's border: elements right of it take electrons until their octet is full.
    anion = (group >= 14) | (z == 1)
    certain = (group >= 16) | (z == 7)
    outer = np.where(group > 10, group - 10, group)
    octet = np.where(group >= 14, group - 18, 0)
    limit = np.where(nonmetal, COVALENT_END * covalent_radii(), metallic_radii())
    return _Elements(electronegativity, group, nonmetal, anion, certain, octet, outer, limit)


def find_salts(ions: IonicComposition) -> NDArray[np.bool_]:
    """Decide which crystals are made of ions, by their composition; shape (n_crystals,).

    A crystal is a salt where

    - its anions stand right of Zintl's border, in groups 14 to 17, or are hydrogen,
    - an anion is nitrogen or of groups 16 and 17, or all anions are more electronegative than all cations
      by 0.5 on Pauling's scale and more,
    - all metals among the cations have a charge of 1 at least, and metals among the anions (tin, lead) a full
      octet: in suboxides, carbides of iron or LaSn3, metal atoms bond to each other.

    All others are metals, or covalent where they hold nonmetals alone.
    """
    table = _elements()
    z, states, starts = ions.atomic_numbers, ions.states, ions.starts
    if not len(starts):
        return np.zeros(0, dtype=np.bool_)
    anion, cation = states < -UNCHARGED, states > UNCHARGED
    metal = ~table.nonmetal[z]
    refused = anion & ~table.anion[z]
    refused |= anion & metal & (states > table.octet[z] + UNCHARGED)
    refused |= ~anion & metal & (states < 1.0 - UNCHARGED)
    pulls = table.electronegativity[z]
    lowest = np.minimum.reduceat(np.where(anion, pulls, np.inf), starts)
    highest = np.maximum.reduceat(np.where(cation, pulls, -np.inf), starts)
    certain = np.logical_or.reduceat(anion & table.certain_anion[z], starts)
    polar = certain | (np.isfinite(lowest) & (lowest - highest >= POLAR))
    found: NDArray[np.bool_] = polar & ~np.logical_or.reduceat(refused, starts)
    return found


def find_bonding(arrays: CrystalArrays, ions: IonicComposition) -> SiteBonding:
    """Return charges, radii and limits of the sites of a batch, from its composition alone.

    Parameters
    ----------
    arrays : CrystalArrays
    ions : IonicComposition
        The oxidation states of the crystals.

    Returns
    -------
    SiteBonding
        A disordered site has the mean of its species, weighted by their occupancies.
    """
    table = _elements()
    n = len(arrays.lattices)
    counts = counts_of(arrays.species_offsets)
    site_counts = counts_of(arrays.site_offsets)
    sites = np.repeat(np.arange(len(counts)), counts)
    owners = np.repeat(np.arange(n), counts_of(arrays.species_offsets[arrays.site_offsets]))
    z = arrays.atomic_numbers
    salts = find_salts(ions)
    states = np.zeros((n, elements.MAX_ATOMIC_NUMBER + 1))
    states[ions.crystals, ions.atomic_numbers] = ions.states * salts[ions.crystals]
    charges = states[owners, z]
    # Between integer charges, radii are interpolated.
    places = np.clip(charges, ALL_CHARGES[0], ALL_CHARGES[-1]) - ALL_CHARGES[0]
    lower = np.minimum(places.astype(np.int64), len(ALL_CHARGES) - 2)
    share = places - lower
    known = charged_radii()
    radii = (1.0 - share) * known[z, lower] + share * known[z, lower + 1]
    # Where there are no charges all bonds are of one kind, and the gaps between them decide alone.
    left = np.where(salts[owners], table.outer[z] - charges, 0.0)
    limits = np.where(left > 0.5, table.limit[z], 0.0)
    covalent = ~salts
    covalent[owners[~table.nonmetal[z]]] = False
    metals = ~salts & ~covalent

    metallic = np.bincount(sites, ~table.nonmetal[z], minlength=len(counts)) > 0
    ends = np.where(covalent, COVALENT_END, SHELL_END)
    return SiteBonding(
        mean_over_species(arrays, charges),
        mean_over_species(arrays, radii),
        mean_over_species(arrays, covalent_radii()[z]),
        ~metallic,
        mean_over_species(arrays, limits),
        np.repeat(metals, site_counts),
        np.repeat(ends, site_counts),
    )
