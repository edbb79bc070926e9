"""How alike crystals or sites are: kernels of their descriptors, from 0 to 1."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.descriptors.soap import SOAP
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.descriptors.site_descriptor import SiteDescriptor

__all__ = ["similarity"]

# How many numbers of a table of sites by sites are held at once.
BLOCK = 2**22


def unit_rows(descriptor: SiteDescriptor, crystals: Crystals) -> NDArray[np.float64]:
    """Return the rows of the sites, divided by their lengths; a row of zeros stays as it is."""
    rows = descriptor.site_rows(crystals)
    if not isinstance(rows, np.ndarray):
        rows = rows.toarray()
    rows = rows * np.sqrt(descriptor.multiplicities())
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    units: NDArray[np.float64] = rows / np.where(lengths > 0.0, lengths, 1.0)
    return units


def site_kernel(one: NDArray[np.float64], other: NDArray[np.float64], zeta: float) -> NDArray[np.float64]:
    """Return (x y)^zeta for each row x of one table and y of another, rounding kept within 0 to 1."""
    kernel: NDArray[np.float64] = np.clip(one @ other.T, 0.0, 1.0) ** zeta
    return kernel


def mean_kernels(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    starts: NDArray[np.int64],
    other_starts: NDArray[np.int64],
    zeta: float,
) -> NDArray[np.float64]:
    """Return the mean of the site kernel over the pairs of sites of each pair of crystals."""
    n, m = len(starts) - 1, len(other_starts) - 1
    means = np.zeros((n, m))
    share = max(1, BLOCK // max(len(other), 1))
    first = 0
    while first < n and m:
        last = max(first + 1, int(np.searchsorted(starts, starts[first] + share, side="right")) - 1)
        block = site_kernel(one[starts[first] : starts[last]], other, zeta)
        sums = np.add.reduceat(block, starts[first:last] - starts[first], axis=0)
        means[first:last] = np.add.reduceat(sums, other_starts[:-1], axis=1)
        first = last
    return means / (np.diff(starts)[:, None] * np.diff(other_starts))


def match(kernel: NDArray[np.float64]) -> float:
    """Return the largest mean of a kernel over the ways to share the sites of one crystal among the other's.

    Each site is shared out in parts if the numbers differ: the same as matching cells that are repeated until
    they have equally many.
    """
    from scipy.optimize import linear_sum_assignment, linprog
    from scipy.sparse import csr_array, identity, kron, vstack

    n, m = kernel.shape
    if n == m:
        return float(kernel[linear_sum_assignment(kernel, maximize=True)].mean())
    if min(n, m) == 1:
        return float(kernel.mean())
    rows = csr_array(kron(identity(n), np.ones((1, m))))
    columns = csr_array(kron(np.ones((1, n)), identity(m)))
    totals = np.concatenate([np.full(n, 1.0 / n), np.full(m, 1.0 / m)])
    found = linprog(-kernel.ravel(), A_eq=vstack([rows, columns]), b_eq=totals, method="highs")
    return float(-found.fun)


def best_matches(
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    starts: NDArray[np.int64],
    other_starts: NDArray[np.int64],
    zeta: float,
) -> NDArray[np.float64]:
    """Return the site kernel's mean over the best matching of the sites of each pair of crystals."""
    matches = np.empty((len(starts) - 1, len(other_starts) - 1))
    for i in range(len(matches)):
        rows = one[starts[i] : starts[i + 1]]
        for j in range(matches.shape[1]):
            matches[i, j] = match(site_kernel(rows, other[other_starts[j] : other_starts[j + 1]], zeta))
    return matches


def similarity(
    X: Any,
    Y: Any = None,
    *,
    descriptor: SiteDescriptor | None = None,
    of: str = "crystals",
    kernel: str = "average",
    zeta: float = 2.0,
) -> NDArray[np.float64]:
    """How alike crystals are, or sites: a kernel between 0 and 1 that is 1 for equal ones.

    With the row p of a site over its length, the kernel of two sites is k(i, j) = (p_i p_j)^zeta. That of two
    crystals A and B is

    - ``average``: mean of k over all pairs of a site of A and one of B, over the geometric mean of the same
      of A with itself and of B with itself
    - ``best_match``: largest mean of k over the ways to pair the sites off. Cells of different size are
      repeated until they match, in effect: a site is shared out in parts.

    ``best_match`` tells crystals apart that have the same mean, costs one assignment per pair of crystals,
    and is no positive definite kernel; ``average`` is one, for a Gaussian process or a support vector machine
    (``kernel="precomputed"``). Of SOAP, columns that stand for two equal ones (n n' and n' n)
    count twice, so that k is the overlap of the two densities, squared and integrated over all rotations. A
    negative product, which other descriptors may have, counts as 0.

    Invariant to what the descriptor's rows are invariant to, and to repeating the cell of either.

    Parameters
    ----------
    X : Crystals or a collection of crystals
    Y : Crystals or a collection of crystals, default=None
        What X is compared with; None compares X with itself.
    descriptor : SiteDescriptor, default=None
        None is ``SOAP()``.
    of : {"crystals", "sites"}, default="crystals"
        Whether to compare crystals, or each site with each.
    kernel : {"average", "best_match"}, default="average"
        For crystals.
    zeta : float, default=2.0
        Above 0; larger ones tell like environments apart more sharply.

    Returns
    -------
    ndarray of shape (n_X, n_Y)
        Crystals, or sites, of X and Y.

    References
    ----------
    De, Bartok, Csanyi & Ceriotti, Phys. Chem. Chem. Phys. 18 (2016) 13754, doi 10.1039/C6CP00415F.

    Examples
    --------
    Silicon is nearer to germanium than to rock salt, and the same in a cell twice as large:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import similarity
    >>> fcc, sites = (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]]
    >>> silicon = Crystal.ordered(5.431 * fcc, sites, [14, 14])
    >>> germanium = Crystal.ordered(5.658 * fcc, sites, [32, 32])
    >>> rock_salt = Crystal.ordered(5.64 * fcc, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> row = similarity([silicon], [silicon, germanium, rock_salt])[0]
    >>> bool(row[0] > row[1] > row[2])
    True
    """
    if of not in ("crystals", "sites"):
        raise ValueError(f"of={of!r}: give 'crystals' or 'sites'")
    if kernel not in ("average", "best_match"):
        raise ValueError(f"kernel={kernel!r}: give 'average' or 'best_match'")
    if not zeta > 0:
        raise ValueError(f"zeta={zeta!r} must be above 0")
    descriptor = SOAP() if descriptor is None else descriptor
    descriptor.fit()
    crystals = as_crystals(X)
    others = crystals if Y is None else as_crystals(Y)
    if of == "crystals":
        crystals, others = crystals.join_split_sites(), others.join_split_sites()
    one = unit_rows(descriptor, crystals)
    other = one if Y is None else unit_rows(descriptor, others)
    if of == "sites":
        return site_kernel(one, other, zeta)
    bounds = crystals.site_offsets, others.site_offsets
    if kernel == "best_match":
        return best_matches(one, other, *bounds, zeta)
    return mean_kernels(one, other, *bounds, zeta) / np.sqrt(
        np.outer(own_means(one, bounds[0], zeta), own_means(other, bounds[1], zeta))
    )


def own_means(rows: NDArray[np.float64], starts: NDArray[np.int64], zeta: float) -> NDArray[np.float64]:
    """Return the mean of the site kernel over the pairs of sites of each crystal; 1 where all rows are 0."""
    means = [site_kernel(rows[a:b], rows[a:b], zeta).mean() for a, b in pairwise(starts)]
    values = np.array(means, dtype=np.float64)
    return np.where(values > 0.0, values, 1.0)
