"""A fit of a potential: what is tried where a parameter is "auto", and the regression."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrystal.potentials.basis import make_basis
from skcrystal.potentials.energy_surface import EnergySurface, make_polynomial
from skcrystal.potentials.expansion import Expansion, element_channels
from skcrystal.potentials.extrapolation import calibrate
from skcrystal.potentials.normal_equations import accumulate, reference_energies
from skcrystal.potentials.selection import Choice, choose, fold_errors, solve
from skcrystal.potentials.shear_order import warn_of_shears

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals
    from skcrystal.crystals.labels import Labels
    from skcrystal.potentials.basis import Basis
    from skcrystal.potentials.extrapolation import Extrapolation
    from skcrystal.potentials.normal_equations import NormalEquations

__all__ = ["Settings", "Trained", "train"]

# The largest degree of three-density products that is tried, what the others have more, and how many degrees
# below it are tried too.
LARGEST_DEGREE = 12
MORE_DEGREES = (6, 3, 0)
DEGREES_TRIED = 3

# Coefficients of all elements together: the normal equations take 15 times the square of it, in numbers.
MOST_COEFFICIENTS = 2500

ENERGY_WEIGHTS = (30.0, 100.0, 300.0, 1000.0)
STRESS_WEIGHTS = (0.0, 10.0, 30.0, 100.0, 300.0)
RIDGES = tuple(10.0**power for power in range(-15, -6))

# Sites are compared by about so many invariants, those of lowest degree.
COMPARED = 200
SITES_PER_FOLD = 4000


class Settings(NamedTuple):
    """Parameters of :class:`skcrystal.potentials.LinearPotential` that a fit needs."""

    cutoff: float
    n_max: int
    l_max: int
    correlation_order: int
    degrees: str | Sequence[int]
    stretch: float
    energy_weight: str | float
    stress_weight: str | float
    ridge: str | float


class Trained(NamedTuple):
    """What a fit leaves.

    Attributes
    ----------
    surface : EnergySurface
    extrapolation : Extrapolation
    coefficients : ndarray of shape (n_elements, n_functions)
    references : ndarray of shape (n_elements,)
        In eV.
    choice : Choice
    errors : ndarray of shape (3,)
        Root mean square errors of held-out rows, by kind of label.
    """

    surface: EnergySurface
    extrapolation: Extrapolation
    coefficients: NDArray[np.float64]
    references: NDArray[np.float64]
    choice: Choice
    errors: NDArray[np.float64]


def train(
    settings: Settings,
    crystals: Crystals,
    labels: Labels,
    folds: NDArray[np.int64],
    given: dict[int, float],
    seed: int | None,
) -> Trained:
    """Choose what is "auto" by the folds, and solve the regression on all rows.

    Parameters
    ----------
    settings : Settings
    crystals : Crystals
    labels : Labels
        Of these crystals.
    folds : ndarray of shape (n_crystals,)
    given : dict
        Atomic number -> reference energy in eV.
    seed : int or None
        Of the sites by which extrapolation is calibrated.
    """
    numbers = np.unique(crystals.atomic_numbers)
    amounts = np.array(crystals.element_amounts[:, numbers])
    places = {k: given[z] for k, z in enumerate(numbers.tolist()) if z in given}
    references = reference_energies(amounts, labels.energies, places)
    channels = element_channels(numbers)
    basis, options = basis_and_degrees(settings, len(numbers), channels.shape[1])
    expansion = Expansion(basis, settings.cutoff, settings.stretch, numbers, channels)
    compared = lowest_invariants(basis, options[-1])
    energies = labels.energies - amounts @ references
    equations = accumulate(
        expansion, crystals, labels, energies, folds, compared, most_sites=SITES_PER_FOLD, seed=seed
    )
    known = equations.counts.sum(axis=0) > 0
    if not known.any():
        raise ValueError("all labels are NaN; give energies, forces or stresses")

    columns = {degrees: np.flatnonzero(np.tile(basis.allowed(degrees), len(numbers))) for degrees in options}
    penalty = np.tile(1 + basis.roughness, len(numbers))
    candidates: dict[str, Any] = {
        "degrees": options,
        "energy_weight": to_try(settings.energy_weight, ENERGY_WEIGHTS, known[0] and known.sum() > 1),
        "stress_weight": to_try(settings.stress_weight, STRESS_WEIGHTS, known[2] and known.sum() > 1),
        "ridge": to_try(settings.ridge, RIDGES, matters=True),
    }
    weights_and_ridge = (candidates[name] for name in ("energy_weight", "stress_weight", "ridge"))
    start = Choice(options[0], *(values[len(values) // 2] for values in weights_and_ridge))
    choice, errors = choose(equations, columns, penalty, start, candidates)

    own = columns[choice.degrees]
    gram, product = weighted(equations, choice, own)
    learned = solve(gram, product, penalty[own], choice.ridge)
    # What suffices for the folds may be too little for all rows: few rows leave many columns to the ridge.
    for larger in [ridge for ridge in candidates["ridge"] if ridge > choice.ridge]:
        if learned is not None:
            break
        choice = replace(choice, ridge=larger)
        errors = fold_errors(equations, own, penalty, choice)
        learned = solve(gram, product, penalty[own], choice.ridge)
    if learned is None:
        raise ValueError(
            f"the ridge {choice.ridge:g} is too small for these labels; take a larger one or 'auto'"
        )
    warn_of_shears(labels, equations.shears[..., own], equations.shear_squares, learned, stacklevel=3)
    coefficients = learned.reshape(len(numbers), -1)
    fitted = Expansion(
        basis.subset(basis.allowed(choice.degrees)), settings.cutoff, settings.stretch, numbers, channels
    )
    chosen = np.zeros(basis.n_functions, dtype=bool)
    chosen[compared] = True
    surface = EnergySurface(
        fitted, make_polynomial(fitted.basis, coefficients), basis.subset(chosen).terms, len(compared)
    )
    return Trained(surface, calibrate(equations), coefficients, references, choice, errors)


def basis_and_degrees(
    settings: Settings, n_elements: int, n_channels: int
) -> tuple[Basis, tuple[tuple[int, ...], ...]]:
    """Return the largest basis, and the degrees to choose from, largest first."""

    def make(degrees: tuple[int, ...]) -> Basis:
        n_max = min(settings.n_max, max(degrees) + 1)
        return make_basis(degrees, n_max=n_max, l_max=settings.l_max, n_channels=n_channels)

    if not isinstance(settings.degrees, str):
        if not all(isinstance(degree, Integral) for degree in settings.degrees):
            raise ValueError(f"degrees holds {list(settings.degrees)}; give whole numbers")
        options = [tuple(int(degree) for degree in settings.degrees)]
        if len(options[0]) != settings.correlation_order:
            raise ValueError(
                f"degrees has {len(options[0])} entries for correlation_order={settings.correlation_order}; "
                "give one for each order"
            )
        return make(options[0]), tuple(options)
    for largest in range(LARGEST_DEGREE, 1, -1):
        options = [
            tuple(degree + more for more in MORE_DEGREES[: settings.correlation_order])
            for degree in range(largest, max(largest - DEGREES_TRIED, 1), -1)
        ]
        basis = make(options[0])
        if n_elements * basis.n_functions <= MOST_COEFFICIENTS:
            break
    return basis, tuple(options)


def lowest_invariants(basis: Basis, degrees: tuple[int, ...]) -> NDArray[np.intp]:
    """Return the places of the invariants of lowest degree, among those that the degrees allow."""
    allowed = np.flatnonzero(basis.allowed(degrees))
    return np.sort(allowed[np.argsort(basis.degrees[allowed], kind="stable")[:COMPARED]])


def to_try(value: str | float, choices: tuple[float, ...], matters: bool) -> tuple[float, ...]:
    """Return the values to try: one where it is given, or where there is nothing to weigh."""
    if not isinstance(value, str):
        return (float(value),)
    return choices if matters else (1.0,)


def weighted(
    equations: NormalEquations, choice: Choice, columns: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the normal equations of all folds and kinds together."""
    gram = np.tensordot(choice.weights, equations.grams.sum(axis=0), axes=1)
    product = choice.weights @ equations.products.sum(axis=0)
    return gram[np.ix_(columns, columns)], product[columns]
