"""What makes a batch of crystals unusable: arrays that do not fit, and crystals that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.crystal import CrystalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from skcrystal.crystals.arrays import CrystalArrays

__all__ = ["check_shapes", "find_faults"]

# pymatgen refuses a site whose occupancies sum to more than 1 by this much.
OCCUPANCY_TOLERANCE = 1e-8

# A cell whose volume is below this share of a*b*c is flat in all but name.
FLATNESS_TOLERANCE = 1e-6


def check_shapes(crystals: CrystalArrays) -> None:
    """Raise a CrystalError where the arrays do not fit each other."""
    n_crystals, n_sites, n_species = (
        len(crystals.lattices),
        len(crystals.frac_coords),
        len(crystals.atomic_numbers),
    )
    for name, offsets, owners, owned in (
        ("site_offsets", crystals.site_offsets, n_crystals, n_sites),
        ("species_offsets", crystals.species_offsets, n_sites, n_species),
    ):
        if (
            offsets.shape != (owners + 1,)
            or offsets[0] != 0
            or offsets[-1] != owned
            or (np.diff(offsets) < 0).any()
        ):
            raise CrystalError(f"{name} must rise from 0 to {owned} in {owners + 1} steps")
    for name in ("occupancies", "oxidation_states"):
        if getattr(crystals, name).shape != (n_species,):
            raise CrystalError(f"{name} must have one entry for each of the {n_species} species")


def find_faults(crystals: CrystalArrays) -> dict[int, str]:
    """Return what is wrong with which crystal, in the order of the crystals."""
    found: dict[int, str] = {}

    def note(indices: NDArray[Any], say: Callable[[int], str]) -> None:
        for index in np.unique(indices).tolist():
            found.setdefault(index, say(index))

    site_crystal = np.repeat(np.arange(len(crystals.lattices)), np.diff(crystals.site_offsets))
    species_site = np.repeat(np.arange(len(crystals.frac_coords)), np.diff(crystals.species_offsets))
    species_crystal = site_crystal[species_site]

    note(np.flatnonzero(np.diff(crystals.site_offsets) == 0), lambda i: "it has no sites; give at least one")
    lattice_is_finite = np.asarray(np.isfinite(crystals.lattices).all(axis=(1, 2)))
    note(
        np.flatnonzero(~lattice_is_finite),
        lambda i: "its lattice has an entry that is NaN or infinite; give nine finite lengths in angstrom",
    )
    lattices = np.where(lattice_is_finite[:, None, None], crystals.lattices, np.eye(3))
    edges = np.sqrt((lattices**2).sum(axis=2)).prod(axis=1)
    flat = np.abs(np.linalg.det(lattices)) <= FLATNESS_TOLERANCE * edges
    note(
        np.flatnonzero(flat),
        lambda i: "its lattice vectors span no volume; give three vectors that are not in one plane",
    )
    note(
        site_crystal[~np.isfinite(crystals.frac_coords).all(axis=1)],
        lambda i: "a coordinate is NaN or infinite; complete or remove the site",
    )
    note(
        site_crystal[np.diff(crystals.species_offsets) == 0],
        lambda i: "a site holds no species; remove the site or give its element",
    )
    unknown = (crystals.atomic_numbers < 1) | (crystals.atomic_numbers > 118)
    note(
        species_crystal[unknown],
        lambda i: (
            f"atomic number {crystals.atomic_numbers[unknown & (species_crystal == i)][0]} is no element; "
            "elements are 1 to 118"
        ),
    )
    fits = (crystals.occupancies > 0) & (crystals.occupancies <= 1 + OCCUPANCY_TOLERANCE)
    wrong = np.logical_not(fits)
    note(
        species_crystal[wrong],
        lambda i: (
            f"the occupancy {crystals.occupancies[wrong & (species_crystal == i)][0]:g} is not in (0, 1]; "
            "drop empty species and scale the others"
        ),
    )
    totals = np.bincount(species_site, weights=crystals.occupancies, minlength=len(crystals.frac_coords))
    crowded = totals > 1 + OCCUPANCY_TOLERANCE
    note(
        site_crystal[crowded],
        lambda i: (
            f"the occupancies of a site sum to {totals[crowded & (site_crystal == i)][0]:g}; "
            "scale them to at most 1"
        ),
    )
    return dict(sorted(found.items()))
