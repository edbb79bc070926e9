"""How far a site's surroundings are from those that a potential was trained on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cholesky, solve_triangular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.potentials.normal_equations import NormalEquations

__all__ = ["Extrapolation", "ExtrapolationWarning", "calibrate"]

# Added to the diagonal, in units of its mean: directions that no training site has, to the precision of
# numbers.
FLOOR = 1e-12

# A site counts as new where its leverage exceeds that of all but this share of held-out sites.
RARE = 0.001


class ExtrapolationWarning(UserWarning):
    """Sites whose surroundings the training crystals do not cover: what is predicted there may be far off."""


@dataclass(frozen=True, eq=False)
class Extrapolation:
    """Leverages of sites against those of the training crystals.

    Attributes
    ----------
    factors : ndarray of shape (n_elements, n_chosen, n_chosen)
        Inverses of the Cholesky factors of the training sites' products.
    units : ndarray of shape (n_elements,)
        Leverage that all but one of a thousand held-out sites stay below.
    """

    factors: NDArray[np.float64]
    units: NDArray[np.float64]

    def grades(self, kinds: NDArray[np.int64], compared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the leverage of each site in units of the held-out sites': above 1 is new.

        Parameters
        ----------
        kinds : ndarray of shape (n_sites,)
        compared : ndarray of shape (n_sites, n_chosen)
            The invariants by which sites are compared.

        Returns
        -------
        ndarray of shape (n_sites,)
        """
        if len(self.factors) == 1:
            return np.asarray(((compared @ self.factors[0].T) ** 2).sum(axis=1) / self.units[0])
        found = np.empty(len(compared))
        for kind in range(len(self.factors)):
            own = kinds == kind
            found[own] = ((compared[own] @ self.factors[kind].T) ** 2).sum(axis=1) / self.units[kind]
        return found

    def warn(self, grades: NDArray[np.float64], limit: float, stacklevel: int = 3) -> None:
        """Warn where a grade exceeds the limit."""
        beyond = int((grades > limit).sum())
        if beyond:
            warnings.warn(
                f"{beyond} of {len(grades)} sites have surroundings that the training crystals do not cover "
                f"(grade up to {grades.max():.3g}, where one of a thousand held-out sites exceeds 1); train "
                "on crystals like these",
                ExtrapolationWarning,
                stacklevel=stacklevel,
            )


def calibrate(equations: NormalEquations) -> Extrapolation:
    """Learn what leverages held-out sites have, fold by fold."""
    grams = equations.site_grams
    total = grams.sum(axis=0)
    n_elements = len(total)
    held_out: list[list[NDArray[np.float64]]] = [[] for _ in range(n_elements)]
    for fold, (kinds, rows) in enumerate(equations.site_samples):
        for kind in np.unique(kinds).tolist():
            rest = total[kind] - grams[fold, kind]
            # An element that only this fold has teaches nothing of itself.
            if rest.any():
                factor = _inverse_factor(rest)
                held_out[kind].append(((rows[kinds == kind] @ factor.T) ** 2).sum(axis=1))
    units = np.array(
        [np.quantile(np.concatenate(own), 1 - RARE) if own else np.inf for own in held_out], dtype=np.float64
    )
    return Extrapolation(np.stack([_inverse_factor(own) for own in total]), units)


def _inverse_factor(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return L^-1 with L L^T = gram, so that a leverage is the square of L^-1 b."""
    size = len(gram)
    floor = FLOOR * max(float(np.mean(np.diag(gram))), 1e-300)
    factor = cholesky(gram + floor * np.eye(size), lower=True)
    inverse: NDArray[np.float64] = solve_triangular(factor, np.eye(size), lower=True)
    return inverse
