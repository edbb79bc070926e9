"""Degrees, weights and ridge of a potential, chosen by folds of its training rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.potentials.normal_equations import NormalEquations

__all__ = ["Choice", "choose", "fold_errors", "solve"]


@dataclass(frozen=True)
class Choice:
    """What a fit depends on beside the rows.

    Attributes
    ----------
    degrees : tuple of int
    energy_weight, stress_weight : float
        Of an energy per atom in eV and a stress in eV/angstrom^3, beside a force in eV/angstrom.
    ridge : float
        Penalty on the squares of the coefficients, each times one plus its roughness, in units of the mean
        diagonal of the normal equations.
    """

    degrees: tuple[int, ...]
    energy_weight: float
    stress_weight: float
    ridge: float

    @property
    def weights(self) -> NDArray[np.float64]:
        """Squares of the weights of energies, forces and stresses."""
        return np.array([self.energy_weight, 1.0, self.stress_weight]) ** 2


def solve(
    gram: NDArray[np.float64], product: NDArray[np.float64], penalty: NDArray[np.float64], ridge: float
) -> NDArray[np.float64] | None:
    """Solve a ridge regression; None where the ridge is too small for the precision of numbers.

    Parameters
    ----------
    gram : ndarray of shape (n, n)
    product : ndarray of shape (n,)
    penalty : ndarray of shape (n,)
        Relative penalties of the coefficients.
    ridge : float
        In units of the mean diagonal of `gram`.
    """
    # Coefficients in units in which all are penalized alike.
    unit = 1 / np.sqrt(penalty)
    scaled = gram * unit * unit[:, None]
    scaled[np.diag_indices_from(scaled)] += ridge * np.mean(np.diag(gram))
    try:
        factor = cho_factor(scaled, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError:
        return None
    found: NDArray[np.float64] = unit * cho_solve(factor, unit * product, check_finite=False)
    return found


def fold_errors(
    equations: NormalEquations, columns: NDArray[np.intp], penalty: NDArray[np.float64], choice: Choice
) -> NDArray[np.float64]:
    """Return the root mean square errors of held-out energies, forces and stresses.

    The sums of squares of the residuals follow from the normal equations of the held-out fold: no row is
    needed again.

    Returns
    -------
    ndarray of shape (3,)
        NaN where there are no such labels, infinite where a fold could not be solved.
    """
    block = np.ix_(columns, columns)
    weights = choice.weights
    grams = [np.tensordot(weights, own, axes=1)[block] for own in equations.grams]
    products = [weights @ own[:, columns] for own in equations.products]
    gram, product = sum(grams), sum(products)
    residuals = np.zeros(3)
    for fold, (own_gram, own_product) in enumerate(zip(grams, products, strict=True)):
        learned = solve(gram - own_gram, product - own_product, penalty[columns], choice.ridge)
        if learned is None:
            return np.full(3, np.inf)
        for kind in range(3):
            residuals[kind] += (
                equations.squares[fold, kind]
                - 2 * learned @ equations.products[fold, kind][columns]
                + learned @ equations.grams[fold, kind][block] @ learned
            )
    counts = equations.counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(np.maximum(residuals, 0) / counts)


def choose(
    equations: NormalEquations,
    columns: dict[tuple[int, ...], NDArray[np.intp]],
    penalty: NDArray[np.float64],
    start: Choice,
    candidates: dict[str, Sequence[object]],
) -> tuple[Choice, NDArray[np.float64]]:
    """Choose one parameter after the other, twice around, by the errors of held-out rows.

    Errors of energies, forces and stresses count alike: what is least is the mean of their logarithms, which
    does not depend on units.

    Parameters
    ----------
    equations : NormalEquations
    columns : dict
        Degrees -> the columns of the design that they allow.
    penalty : ndarray of shape (n_coefficients,)
    start : Choice
    candidates : dict
        Name of a parameter -> values to try; a parameter of one value is not searched.

    Returns
    -------
    choice : Choice
    errors : ndarray of shape (3,)
        Root mean square errors of held-out rows.
    """
    known: dict[Choice, NDArray[np.float64]] = {}

    def errors(choice: Choice) -> NDArray[np.float64]:
        if choice not in known:
            known[choice] = fold_errors(equations, columns[choice.degrees], penalty, choice)
        return known[choice]

    def loss(choice: Choice) -> float:
        found = errors(choice)
        found = found[~np.isnan(found)]
        return float(np.log(np.maximum(found, 1e-300)).mean())

    best = start
    for _ in range(2):
        before = best
        for name, values in candidates.items():
            options = [replace(best, **{name: value}) for value in values]  # type: ignore[arg-type]
            best = min(options, key=loss)
        if best == before:
            break
    return best, errors(best)
