"""`CurveRegressor`: targets of many ordered columns, learned as a few factors by one model."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, check_cv
from sklearn.utils import check_array, get_tags, indexable
from sklearn.utils.validation import check_is_fitted

from skcrystal._documentation import Documented
from skcrystal._sklearn import HasMethods, Interval, check_sample_weight, take_rows

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["CurveRegressor"]


class CurveRegressor(Documented, MetaEstimatorMixin, RegressorMixin, BaseEstimator):
    """Regression of curves that are never negative, as a density of states or a spectrum.

    The columns of y are a curve's values on one grid for all crystals. Curves are a mean and a few principal
    components, and one model learns the scores of all of them at once, whatever the number of columns. How
    many components there are is found inside ``fit``: components and model are made on part of the rows, and
    the number is taken for which curves of the other rows are reproduced with the least squared error; what
    nobody can predict is left out.

    What a prediction has below 0 is cut off. With ``keep_area`` the model learns shape and area apart: curves
    are divided by their mean, which is one more output, and a prediction is scaled to its own. Where all
    training curves have one area, as a normalized spectrum, so does each prediction.

    Parameters
    ----------
    regressor : estimator
        Takes several outputs. Cloned, not fitted itself.
    keep_area : bool, default=False
        Whether a prediction's mean over the columns is the one that is predicted, and not what remains once
        negative parts are cut off. Columns count alike: give curves on an even grid.
    max_factors : int, default=30
        How many components to try.
    cv : int or splitter, default=3
        Folds on which their number is found; an int are shuffled ones.
    random_state : int or None, default=None
        Shuffles the folds.

    Attributes
    ----------
    regressor_ : estimator
        Fitted to the scores, and with ``keep_area`` to the mean as the last output.
    n_factors_ : int
        Components that pay; 0 predicts the mean curve.
    errors_ : ndarray of shape (n_tried + 1,)
        Squared error per curve with 0, 1, 2, ... components, of curves that were not learned from.
    components_ : ndarray of shape (n_factors, n_columns)
    mean_ : ndarray of shape (n_columns,)
    area_scale_ : float
        By which means are multiplied where they are learned: their spread is that of the first component.
    n_outputs_ : int

    References
    ----------
    Ramsay & Silverman, Functional Data Analysis, Springer (2005), doi 10.1007/b98888, for principal
    components of curves. Yeo, Kim, Kim & Han, Sci. Rep. 9 (2019) 5879, doi 10.1038/s41598-019-42277-9, for
    densities of states learned by their components.

    Examples
    --------
    Peaks of two heights: one component, and no prediction below 0.

    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skcrystal.models import CurveRegressor
    >>> X = np.linspace(0, 1, 30)[:, None]
    >>> y = X * [0.0, 1.0, 3.0, 1.0, 0.0]
    >>> model = CurveRegressor(LinearRegression(), random_state=0).fit(X, y)
    >>> model.n_factors_, model.predict([[0.5], [-1.0]]).round(6).tolist()
    (1, [[0.0, 0.5, 1.5, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regressor": [HasMethods(["fit", "predict"])],
        "keep_area": ["boolean"],
        "max_factors": [Interval(Integral, 1, None, closed="left")],
        "cv": ["cv_object"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        regressor: Any,
        *,
        keep_area: bool = False,
        max_factors: int = 30,
        cv: Any = 3,
        random_state: Any = None,
    ) -> None:
        self.regressor = regressor
        self.keep_area = keep_area
        self.max_factors = max_factors
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find how many components pay, then learn their scores on all rows.

        Parameters
        ----------
        X : array-like of n_samples rows
            Passed on to the model.
        y : array-like of shape (n_samples, n_columns)
            Finite and not negative.
        sample_weight : array-like of shape (n_samples,), default=None
            Passed on to the model; components are weighted, too.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Names the first negative value.
        """
        self._validate_params()
        curves = check_curves(y)
        X, curves, sample_weight = indexable(X, curves, sample_weight)
        weights = None
        if sample_weight is not None:
            weights = check_sample_weight(sample_weight, curves, dtype=np.float64, ensure_non_negative=True)
        areas, shapes = np.zeros((len(curves), 0)), curves
        if self.keep_area:
            areas, shapes = split_areas(curves)
        self.area_scale_ = area_scale(shapes, areas)
        self.errors_ = self._errors(X, shapes, areas, weights)
        self.n_factors_ = int(np.argmin(self.errors_))
        self.mean_, self.components_ = factors(shapes, self.n_factors_, weights)
        self.regressor_ = self._learn(X, shapes, areas, weights, self.mean_, self.components_)
        self.n_outputs_ = curves.shape[1]
        return self

    def _learn(
        self, X: Any, shapes: Array, areas: Array, weights: Array | None, mean: Array, components: Array
    ) -> Any:
        """Fit a clone of the model to the scores, and the areas as a last column where there are any."""
        targets = np.column_stack([(shapes - mean) @ components.T, areas * self.area_scale_])
        if not targets.shape[1]:
            # Nothing to learn: the model still checks X, and predicts zeros that nobody uses.
            targets = np.zeros((len(shapes), 1))
        weight = {} if weights is None else {"sample_weight": weights}
        return clone(self.regressor).fit(X, targets, **weight)

    def _errors(self, X: Any, shapes: Array, areas: Array, weights: Array | None) -> Array:
        """Return the squared error per curve out of fold with 0, 1, 2, ... components."""
        splitter = self.cv
        if isinstance(splitter, int):
            if len(shapes) < splitter:
                return np.zeros(1)
            splitter = KFold(splitter, shuffle=True, random_state=self.random_state)
        folds = list(check_cv(splitter).split(shapes))
        tried = min(self.max_factors, shapes.shape[1], *(len(train) - 1 for train, _ in folds))
        total, tested = np.zeros(tried + 1), 0.0
        for train, test in folds:
            learned = None if weights is None else weights[train]
            mean, components = factors(shapes[train], tried, learned)
            model = self._learn(take_rows(X, train), shapes[train], areas[train], learned, mean, components)
            guess = as_columns(model.predict(take_rows(X, test)))[:, :tried]
            centered = shapes[test] - mean
            true = centered @ components.T
            # Components are orthonormal: each takes its own share from the squared error.
            gains = np.cumsum(guess * (2 * true - guess), axis=1)
            errors = np.sum(centered**2, axis=1)[:, None] - np.pad(gains, ((0, 0), (1, 0)))
            weight = np.ones(len(test)) if weights is None else weights[test]
            total, tested = total + weight @ errors, tested + weight.sum()
        return total / tested

    def predict(self, X: Any) -> Array:
        """Predict curves.

        Parameters
        ----------
        X : array-like of n_samples rows

        Returns
        -------
        ndarray of shape (n_samples, n_columns), float64
            Not negative.
        """
        check_is_fitted(self)
        outputs = as_columns(self.regressor_.predict(X))
        curves = np.maximum(self.mean_ + outputs[:, : self.n_factors_] @ self.components_, 0.0)
        if self.keep_area:
            # A shape that was cut off everywhere counts as that of the mean curve.
            curves = np.where(curves.any(axis=1, keepdims=True), curves, self.mean_)
            areas = np.maximum(outputs[:, -1:] / self.area_scale_, 0.0)
            curves *= areas / curves.mean(axis=1, keepdims=True)
        return curves

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R2 of all columns together: each counts by its variance.

        Parameters
        ----------
        X : array-like of n_samples rows
        y : array-like of shape (n_samples, n_columns)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        float
        """
        predicted = self.predict(X)
        return float(r2_score(y, predicted, sample_weight=sample_weight, multioutput="variance_weighted"))

    @property
    def n_features_in_(self) -> int:
        check_is_fitted(self)
        return int(self.regressor_.n_features_in_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        tags.target_tags.two_d_labels = True
        tags.input_tags = get_tags(self.regressor).input_tags
        return tags


def check_curves(y: Any) -> Array:
    """Return curves as an array; they are finite, not negative, and have several columns."""
    if y is None:
        raise ValueError("This CurveRegressor requires y to be passed, but the target y is None")
    curves: Array = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
    if curves.ndim != 2:
        raise ValueError(
            f"y has the shape {curves.shape}; curves have a row for each sample and a column for each value. "
            "For one number take another target of make_regressor"
        )
    for row, column in np.argwhere(curves < 0)[:1].tolist():
        raise ValueError(
            f"a curve is never negative for a CurveRegressor, and y[{row}, {column}] is {curves[row, column]}"
        )
    return curves


def split_areas(curves: Array) -> tuple[Array, Array]:
    """Return the means as a column, and shapes of mean 1; a curve of zeros has the mean shape."""
    areas = curves.mean(axis=1, keepdims=True)
    shapes = curves / np.where(areas > 0, areas, 1.0)
    flat = areas[:, 0] == 0
    shapes[flat] = 1.0 if flat.all() else shapes[~flat].mean(axis=0)
    return areas, shapes


def area_scale(shapes: Array, areas: Array) -> float:
    """Return what gives the areas the spread of the first component's scores; 1 where all areas are equal."""
    spread = areas.std() if areas.size else 0.0
    if spread <= np.finfo(float).eps * np.abs(areas).max(initial=0.0) * len(areas):
        return 1.0
    mean, components = factors(shapes, 1)
    first = ((shapes - mean) @ components.T).std()
    return float(first / spread) if first > 0 else 1.0


def factors(curves: Array, n_factors: int, weights: Array | None = None) -> tuple[Array, Array]:
    """Return the mean curve and the first principal components, orthonormal rows."""
    mean = np.average(curves, axis=0, weights=weights)
    if not n_factors:
        return mean, np.zeros((0, curves.shape[1]))
    scale = 1.0 if weights is None else np.sqrt(weights)[:, None]
    components = np.linalg.svd(scale * (curves - mean), full_matrices=False)[2][:n_factors]
    # A component and its opposite are one: the largest entry is positive.
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    return mean, components * np.where(largest < 0, -1.0, 1.0)


def as_columns(values: Any) -> Array:
    """Return predictions of one or several outputs as a table."""
    array = np.asarray(values, dtype=np.float64)
    return array.reshape(len(array), -1)
