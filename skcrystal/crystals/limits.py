"""Crystals that a descriptor cannot describe, and how much work one may be: pairs and terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrystal.crystals.errors import CrystalError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_PAIRS", "MAX_TERMS", "LimitError", "UnfitError", "check_limit", "expected_pairs"]

#: Pairs of neighbours of one crystal, each from both sites: 52 bytes each, 2.6 GB in all, and half as much
#: again while they are searched. A cell of 100,000 atoms with 10 cubic angstrom each has 2e7 of them within
#: 8 angstrom.
MAX_PAIRS = 5e7

#: Terms of a sum over the sites and images of one crystal, minutes of work: 100,000 sites have 5e9 pairs.
MAX_TERMS = 2e10


class UnfitError(CrystalError):
    """Crystals of a batch that a descriptor cannot describe; it describes the others without them.

    Attributes
    ----------
    faults : dict
        Index of each such crystal of the batch -> what is wrong with it, and what to do.
    """

    def __init__(self, faults: dict[int, str]) -> None:
        index, reason = next(iter(faults.items()))
        super().__init__(f"crystal {index}: {reason}")
        self.faults = faults

    def __reduce__(self) -> tuple[type[UnfitError], tuple[dict[int, str]]]:
        return type(self), (self.faults,)


class LimitError(UnfitError):
    """Crystals that would take more work than is done for one."""


def expected_pairs(
    volumes: NDArray[np.float64], site_counts: NDArray[np.int64], cutoffs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many neighbours all sites of each crystal have together, were the sites spread evenly."""
    spheres: NDArray[np.float64] = 4.0 / 3.0 * np.pi * cutoffs**3
    return site_counts * (site_counts * spheres / volumes)


def check_limit(amounts: NDArray[np.float64], limit: float, what: str, remedy: str) -> None:
    """Raise an error that names the crystals with more of something than the limit.

    Parameters
    ----------
    amounts : ndarray of shape (n_crystals,)
    limit : float
    what : str
        What there is too much of.
    remedy : str

    Raises
    ------
    LimitError
    """
    over = np.flatnonzero(~(amounts <= limit))
    if len(over):
        raise LimitError(
            {
                int(index): (
                    f"it has about {amounts[index]:.2g} {what}, more than the {limit:.2g} that are computed "
                    f"for one crystal; {remedy}, or check the unit of its cell"
                )
                for index in over
            }
        )
