"""`LinearPotential`: energies, forces and stresses as derivatives of one energy, by ridge regression."""

from __future__ import annotations

from itertools import pairwise
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval, StrOptions
from skcrystal.chemistry import elements
from skcrystal.crystals.labels import Labels, from_voigt
from skcrystal.inputs import as_crystals
from skcrystal.potentials.normal_equations import KINDS
from skcrystal.potentials.training import Settings, train
from skcrystal.potentials.training_rows import checked_labels, make_folds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import NDArray

    from skcrystal.crystals import Crystals
    from skcrystal.potentials.calculator import LinearPotentialCalculator
    from skcrystal.potentials.energy_surface import Predicted

__all__ = ["LinearPotential"]


class LinearPotential(Documented, RegressorMixin, BaseEstimator):
    """A potential energy that is linear in invariants of each atom's surroundings.

    The energy of a crystal is the sum over its atoms of a reference energy of the element and of c_k B_k,
    where B_k are the invariants of the atomic cluster expansion up to four bodies
    (:func:`skcrystal.potentials.basis.make_basis`) and the coefficients c_k belong to the element in the
    centre. Forces are minus its derivative with respect to positions, stress its derivative with respect to
    strain over the volume: everything predicted comes from one energy, whose first two derivatives are
    continuous where an atom crosses the cutoff.

    The neighbours of an atom enter by Chebyshev polynomials of the stretched distance times a factor that
    goes to 0 at the cutoff, and by real spherical harmonics. Elements are told apart by weights of the
    neighbours, one density for each weight: all alike, by group and by row of the periodic table.

    Coefficients are found by ridge regression on energies per atom, forces and stresses at once; the penalty
    of a coefficient grows with the roughness of its invariant. What is ``"auto"`` is chosen by folds of the
    training rows (:func:`skcrystal.potentials.selection.choose`).

    Energies are invariant to origin, rotation, reflection, order of sites and choice of cell, and
    proportional to the size of a supercell; forces and stresses turn with the crystal.

    Parameters
    ----------
    cutoff : float, default=6.0
        In angstrom: atoms farther away do not see each other.
    n_max : int, default=18
        Number of radial functions.
    l_max : int, default=6
        Largest degree of the harmonics.
    correlation_order : {1, 2, 3}, default=3
        How many neighbours an invariant sees at once: 1 is a pair potential, 3 sees four bodies.
    degrees : "auto" or sequence of int, default="auto"
        Largest total degree n + l of the invariants of each correlation order.
    stretch : float, default=1.0
        How much finer radial functions are near than far: by exp(-stretch r / cutoff).
    energy_weight : "auto" or float, default="auto"
        Weight of an energy per atom in eV beside a force in eV/angstrom.
    stress_weight : "auto" or float, default="auto"
        Weight of a stress in eV/angstrom^3 beside a force in eV/angstrom.
    ridge : "auto" or float, default="auto"
        Penalty, in units of the mean diagonal of the normal equations.
    references : dict of str to float, default=None
        Symbol -> energy of an atom of the element, in eV. Those that are not given are fitted.
    n_folds : int, default=5
        Folds by which what is "auto" is chosen, and extrapolation is calibrated.
    extrapolation_limit : float, default=1.0
        Grade above which sites are warned of; a thousandth of held-out training sites exceeds 1.
    random_state : int or None, default=0
        Seed of the sites by which extrapolation is calibrated.

    Attributes
    ----------
    elements_ : list of str
        Elements of the training crystals.
    references_ : dict of str to float
        Energy of an atom of each element, in eV.
    choice_ : Choice
        Degrees, weights and ridge.
    fold_errors_ : dict of str to float
        Root mean square errors of held-out training rows: "energy" (eV/atom), "force" (eV/angstrom), "stress"
        (eV/angstrom^3); NaN where there are no such labels.
    coef_ : ndarray of shape (n_elements, n_functions)
    extrapolation_ : Extrapolation

    References
    ----------
    Drautz, Phys. Rev. B 99 (2019) 014104, doi 10.1103/PhysRevB.99.014104; Willatt, Musil & Ceriotti, Phys.
    Chem. Chem. Phys. 20 (2018) 29661, doi 10.1039/C8CP05921G, for the weights of elements; Lysogorskiy et
    al., Phys. Rev. Materials 7 (2023) 043801, doi 10.1103/PhysRevMaterials.7.043801, for extrapolation.

    Examples
    --------
    A chain of argon-like atoms with the energy of pairs as its only label:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.potentials import LinearPotential
    >>> spacings = np.linspace(3.4, 4.6, 25)
    >>> chains = [Crystal.ordered(np.diag([a, 9.0, 9.0]), [[0, 0, 0]], [18]) for a in spacings]
    >>> def energy(r):
    ...     return 0.04 * ((3.4 / r) ** 12 - (3.4 / r) ** 6)
    >>> potential = LinearPotential(cutoff=6.0, correlation_order=1).fit(chains, energy(spacings))
    >>> errors = potential.predict(chains) - energy(spacings)
    >>> bool(np.abs(errors).max() < 1e-3)
    True
    >>> potential.predict(["no such file"])
    Traceback (most recent call last):
    ...
    skcrystal.CrystalError: crystal 0: ...
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "cutoff": [Interval(Real, 0, 15, closed="right")],
        "n_max": [Interval(Integral, 1, 40, closed="both")],
        "l_max": [Interval(Integral, 0, 10, closed="both")],
        "correlation_order": [Interval(Integral, 1, 3, closed="both")],
        "degrees": [StrOptions({"auto"}), list, tuple],
        "stretch": [Interval(Real, 0, 20, closed="neither")],
        "energy_weight": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "stress_weight": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "ridge": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "references": [dict, None],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
        "extrapolation_limit": [Interval(Real, 0, None, closed="neither")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        cutoff: float = 6.0,
        n_max: int = 18,
        l_max: int = 6,
        correlation_order: int = 3,
        degrees: str | Sequence[int] = "auto",
        stretch: float = 1.0,
        energy_weight: str | float = "auto",
        stress_weight: str | float = "auto",
        ridge: str | float = "auto",
        references: dict[str, float] | None = None,
        n_folds: int = 5,
        extrapolation_limit: float = 1.0,
        random_state: int | None = 0,
    ) -> None:
        self.cutoff = cutoff
        self.n_max = n_max
        self.l_max = l_max
        self.correlation_order = correlation_order
        self.degrees = degrees
        self.stretch = stretch
        self.energy_weight = energy_weight
        self.stress_weight = stress_weight
        self.ridge = ridge
        self.references = references
        self.n_folds = n_folds
        self.extrapolation_limit = extrapolation_limit
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags

    def fit(
        self, X: Any, y: Any = None, *, forces: Any = None, stresses: Any = None, groups: Any = None
    ) -> Self:
        """Learn from energies, forces and stresses, whichever are known.

        Parameters
        ----------
        X : Crystals or a collection of crystals
            Ordered ones; anything that :func:`skcrystal.as_crystals` takes.
        y : Labels, or array-like of shape (n_crystals,)
            All that is known of the crystals, or their energies in eV per cell.
        forces : sequence of arrays of shape (n_sites, 3), default=None
            In eV/angstrom, where y holds energies only.
        stresses : array-like of shape (n_crystals, 3, 3) or (n_crystals, 6), default=None
            In eV/angstrom^3, positive under tension, where y holds energies only.
        groups : array-like of shape (n_crystals,), default=None
            What stays in one fold, as frames of one run; None takes those of the labels. Where there are
            none, or crystals of the same elements have fewer groups than there are folds, stretches of
            consecutive crystals of a group stay together.

        Returns
        -------
        self

        Raises
        ------
        CrystalError
            A crystal is disordered, or no usable crystal.
        ValueError
            Labels that do not fit the crystals.
        """
        self._validate_params()
        crystals = as_crystals(X)
        labels = checked_labels(crystals, y, forces, stresses)
        groups = labels.groups if groups is None else np.asarray(groups)
        settings = Settings(
            float(self.cutoff),
            self.n_max,
            self.l_max,
            self.correlation_order,
            self.degrees,
            float(self.stretch),
            self.energy_weight,
            self.stress_weight,
            self.ridge,
        )
        given = {elements.atomic_number(name): float(own) for name, own in (self.references or {}).items()}
        folds = make_folds(crystals, self.n_folds, groups)
        trained = train(settings, crystals, labels, folds, given, self.random_state)
        numbers = trained.surface.expansion.numbers
        self.elements_ = [elements.symbols()[number] for number in numbers.tolist()]
        self.references_ = dict(zip(self.elements_, trained.references.tolist(), strict=True))
        self.choice_ = trained.choice
        self.fold_errors_ = dict(zip(KINDS, trained.errors.tolist(), strict=True))
        self.coef_ = trained.coefficients
        self.extrapolation_ = trained.extrapolation
        self._surface = trained.surface
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict energies.

        Parameters
        ----------
        X : Crystals or a collection of crystals

        Returns
        -------
        ndarray of shape (n_crystals,)
            In eV per cell.

        Raises
        ------
        CrystalError
            A crystal is disordered, or holds an element that the training crystals lack.

        Warns
        -----
        ExtrapolationWarning
            Sites are unlike those of the training crystals.
        """
        crystals, predicted = self._evaluate(X)
        return self._energies(crystals, predicted)

    def predict_forces(self, X: Any) -> list[NDArray[np.float64]]:
        """Predict forces.

        Parameters
        ----------
        X : Crystals or a collection of crystals

        Returns
        -------
        list of n_crystals ndarrays of shape (n_sites, 3)
            In eV/angstrom, in the order of the sites.
        """
        crystals, predicted = self._evaluate(X)
        return [predicted.forces[first:last] for first, last in pairwise(crystals.site_offsets.tolist())]

    def predict_stress(self, X: Any) -> NDArray[np.float64]:
        """Predict stresses.

        Parameters
        ----------
        X : Crystals or a collection of crystals

        Returns
        -------
        ndarray of shape (n_crystals, 3, 3)
            In eV/angstrom^3, positive under tension; :func:`skcrystal.potentials.to_gpa` and
            :func:`skcrystal.potentials.to_kbar` turn them into other units.
        """
        crystals, predicted = self._evaluate(X)
        return from_voigt(predicted.strains / crystals.volumes[:, None])

    def predict_labels(self, X: Any) -> Labels:
        """Predict energies, forces and stresses at the cost of one.

        Parameters
        ----------
        X : Crystals or a collection of crystals

        Returns
        -------
        Labels
        """
        crystals, predicted = self._evaluate(X)
        return Labels(
            self._energies(crystals, predicted),
            [predicted.forces[first:last] for first, last in pairwise(crystals.site_offsets.tolist())],
            from_voigt(predicted.strains / crystals.volumes[:, None]),
        )

    def extrapolation_grades(self, X: Any) -> list[NDArray[np.float64]]:
        """Tell how new the surroundings of each site are: above 1 as those of a thousandth of held-out sites.

        Parameters
        ----------
        X : Crystals or a collection of crystals

        Returns
        -------
        list of n_crystals ndarrays of shape (n_sites,)
        """
        check_is_fitted(self, "coef_")
        crystals = as_crystals(X)
        grades = self._graded(crystals)[1]
        return [grades[first:last] for first, last in pairwise(crystals.site_offsets.tolist())]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R2 of the energies per atom, or of the force components where no energy is known.

        Parameters
        ----------
        X : Crystals or a collection of crystals
        y : Labels, or array-like of shape (n_crystals,)
        sample_weight : array-like of shape (n_crystals,), default=None
            Of the energies.

        Returns
        -------
        float
        """
        from sklearn.metrics import r2_score

        crystals = as_crystals(X)
        labels = checked_labels(crystals, y, None, None)
        predicted = self.predict_labels(crystals)
        known = ~np.isnan(labels.energies)
        if known.any():
            sizes = crystals.site_counts[known]
            weight = None if sample_weight is None else np.asarray(sample_weight)[known]
            true, found = labels.energies[known] / sizes, predicted.energies[known] / sizes
            return float(r2_score(true, found, sample_weight=weight))
        known = ~np.isnan(labels.forces).any(axis=1)
        return float(r2_score(labels.forces[known].ravel(), predicted.forces[known].ravel()))

    def as_calculator(self) -> LinearPotentialCalculator:
        """Return an ASE calculator of energy, forces, stress and the grade of each site.

        Returns
        -------
        ase.calculators.calculator.Calculator
        """
        from skcrystal.potentials.calculator import LinearPotentialCalculator

        check_is_fitted(self, "coef_")
        return LinearPotentialCalculator(self)

    def _graded(self, crystals: Crystals) -> tuple[Predicted, NDArray[np.float64]]:
        predicted = self._surface.evaluate(crystals)
        return predicted, self.extrapolation_.grades(predicted.kinds, predicted.compared)

    def _evaluate(self, X: Any) -> tuple[Crystals, Predicted]:
        check_is_fitted(self, "coef_")
        crystals = as_crystals(X)
        predicted, grades = self._graded(crystals)
        self.extrapolation_.warn(grades, self.extrapolation_limit, stacklevel=4)
        return crystals, predicted

    def _energies(self, crystals: Crystals, predicted: Predicted) -> NDArray[np.float64]:
        sums = np.add.reduceat(predicted.energies, crystals.site_offsets[:-1])
        # Not by a matrix product, whose last digit depends on the number of rows.
        amounts = crystals.element_amounts[:, self._surface.expansion.numbers]
        shares = amounts * list(self.references_.values())
        return np.asarray(sums + shares.sum(axis=1))
