"""How far the nearest sites of each site are: rows of the pointwise distance distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.cells import heights, volumes
from skcrystal.crystals.limits import MAX_PAIRS, check_limit
from skcrystal.crystals.reduction import niggli_reduce
from skcrystal.crystals.split_sites import exclusion_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["nearest_site_distances"]


def nearest_site_distances(crystals: Crystals, k: int) -> NDArray[np.float64]:
    """Return the distances from each site to the first, ..., k-th nearest site, images counted.

    Parameters
    ----------
    crystals : Crystals
        Sites that exclude each other do not see each other.
    k : int

    Returns
    -------
    ndarray of shape (n_sites, k)
        In angstrom, ascending in each row.

    Raises
    ------
    CrystalError
        If a crystal has too many sites for this many neighbours.
    """
    from skcrystal.kernels.nearest import nearest_distances

    amounts = (crystals.site_counts * k).astype(np.float64)
    check_limit(amounts, MAX_PAIRS, "nearest sites to find", "give a smaller k")
    # Any cell of the lattice gives the same; in the reduced one the fewest images are near.
    lattices, transforms = niggli_reduce(crystals.lattices)
    back = np.rint(np.linalg.inv(transforms))[crystals.site_index[:, 0]]
    coords = (crystals.frac_coords[:, None, :] @ back)[:, 0, :]
    limits = exclusion_limits(crystals.exclusions(), crystals.n_sites)
    distances: NDArray[np.float64] = nearest_distances(
        lattices,
        heights(lattices),
        volumes(lattices),
        np.array(crystals.site_offsets),
        coords,
        *limits,
        k,
    )
    return distances
