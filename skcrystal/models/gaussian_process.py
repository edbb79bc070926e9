"""`ARDGaussianProcessRegressor`: a Gaussian process that learns how much each column matters."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpotri, dpotrs
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval, Options, StrOptions, check_sample_weight
from skcrystal.models.fitted import checked_rows, ensure_fitted
from skcrystal.models.likelihood import (
    factorise_below,
    matern,
    negative_log_likelihood,
    row_blocks,
    squared_distances,
    squared_norms,
    student_noises,
)
from skcrystal.models.scaling import mean_and_spread, share_of_median

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ARDGaussianProcessRegressor"]

# Where the search starts, in units of the target's variance.
INITIAL_NOISE = 0.05
INITIAL_AMPLITUDE = 1.6
# Bounds of the search, as logarithms. A weight may fall by 18, which switches its column off, and rise by
# 10. The floor under the noise keeps the smallest eigenvalue of the kernel matrix far above rounding, so
# that every Cholesky factorisation exists.
WEIGHT_BOUNDS = (-18.0, 10.0)
NOISE_BOUNDS = (-9.0, 1.0)
AMPLITUDE_BOUNDS = (-2.0, 4.0)
# Rows of the kernel matrix computed at once: temporaries stay small beside the matrix.
BLOCK = 512
# Rows that the search for weights starts on where there are twice as many: iterations cost little there, and
# half of them on all rows finish what they began.
START_ROWS = 500
# How often rows that are far off are weighed anew. Three rounds cost little among the iterations of the
# search; of all rows, each is one more factorisation, and one has most of what three have.
SEARCH_ROUNDS, ROUNDS = 3, 1


class ARDGaussianProcessRegressor(Documented, RegressorMixin, BaseEstimator):
    """Gaussian process regression with one learnt weight per column.

    Targets are standardised; their covariance is a Matern kernel and noise, with the smoothness 3/2

    .. math:: k(x, x') = a (1 + \\sqrt 3 r) e^{-\\sqrt 3 r} + \\sigma^2 [x = x'], \\qquad
              r^2 = \\sum_k w_k (x_k - x'_k)^2

    and with 5/2 :math:`a (1 + \\sqrt 5 r + 5 r^2 / 3) e^{-\\sqrt 5 r}` in place of the first term.

    The weights w (inverse squared length scales; automatic relevance determination), the amplitude a and
    the noise maximise the log marginal likelihood of a random subset of the training rows, found by
    L-BFGS-B with the analytic gradient. A weak prior holds each log w_k to its initial value, 1 / (number
    of columns that vary * variance of column k), so that hundreds of columns do not overfit a thousand rows.
    The prediction is then exact, from one Cholesky factorisation over all training rows.

    With `freedom` the noise is Student's t distribution: a row far from what its neighbours say is likelier
    to be off, and pulls less. The prediction is the mode given the other parameters, found by weighing
    rows anew; the search weighs those of its second half.

    Columns with outliers want :class:`~skcrystal.models.SoftStandardScaler` before. NaN is refused:
    the scaler fills it. Columns constant in training get weight 0, and with `max_one_value` those that nearly
    are.

    Cost: with m = min(n_samples, max_likelihood_rows), each iteration takes time of order
    m^2 (m + n_features) and about 2 m^2 float64; the factorisation n_samples^3 / 3, and once more with
    `freedom`, and n_samples^2 float64, which is 0.8 GB for 10,000 rows and 3.2 GB for 20,000. Part of them
    stays in the fitted object: see `keep_factor`.

    Parameters
    ----------
    nu : {1.5, 2.5}, default=1.5
        Smoothness of the kernel, as of scikit-learn's ``Matern``: what the process learns is differentiable
        once, or twice.
    max_likelihood_rows : int, default=1500
        Rows, drawn at random, on which weights are learnt. More are slower and more exact.
    max_iter : int, default=40
        Iterations of L-BFGS-B; a budget, of which stopping early is part. 0 keeps the initial weights. From
        1,000 rows on half of them are spent on 500 rows.
    penalty : float, default=0.02
        Strength of the prior on the weights: penalty * (log w_k - initial log w_k)^2. 0 is none.
    max_one_value : float, default=1.0
        From 0.5 to 1. A column that has one value in more than this share of the training rows gets weight 0:
        a flag, or the share of a rare element, whose weight would be learnt from few rows.
    max_rows : int, default=20000
        Training rows beyond which n_samples^2 numbers are too many.
    excess : {"raise", "sample"}, default="raise"
        What happens beyond `max_rows`: ``fit`` refuses, or learns from a random sample of `max_rows` rows.
    keep_factor : bool, default=True
        Whether the fitted object keeps the n_samples^2 numbers of the Cholesky factor, which only
        ``predict(X, return_std=True)`` needs. A pickle is smaller without.
    freedom : float, default=None
        Degrees of freedom of the noise, above 2; None is normal noise. 4 is usual where outliers are to be
        expected.
    outputs : {"alike", "by_variance"}, default="alike"
        How several targets count where weights, amplitude and noise are learnt: alike, or each by its
        variance, as principal components want it, of which the last are mostly noise.
    random_state : int, RandomState or None, default=None
        Draws the subsets.

    Attributes
    ----------
    weights_ : ndarray of shape (n_features,)
        w, in inverse squared units of the columns.
    amplitude_ : float
        a, in units of the target's variance.
    noise_ : float
        Variance of the noise, or the square of the scale of Student's t, in units of the target's variance.
    n_iter_ : int
        Iterations used.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Set where X has column names.

    See Also
    --------
    sklearn.gaussian_process.GaussianProcessRegressor : Any kernel; its gradient holds a matrix of
        n_samples^2 numbers per column, too much for hundreds of columns.

    References
    ----------
    C. E. Rasmussen, C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press (2006), chapters
    2 and 5. https://doi.org/10.7551/mitpress/3206.001.0001

    R. M. Neal, Bayesian Learning for Neural Networks, Springer (1996), on automatic relevance
    determination. https://doi.org/10.1007/978-1-4612-0745-0

    J. Vanhatalo, P. Jylänki, A. Vehtari, Advances in Neural Information Processing Systems 22, 1910 (2009),
    on Student's t as noise; K. L. Lange, R. J. A. Little, J. M. G. Taylor, J. Am. Stat. Assoc. 84, 881
    (1989), on weighing rows anew. https://doi.org/10.1080/01621459.1989.10478852

    Examples
    --------
    The target depends on the first of two columns, and the weights show it.

    >>> import numpy as np
    >>> from skcrystal.models import ARDGaussianProcessRegressor
    >>> X = np.random.default_rng(0).uniform(-2, 2, (60, 2))
    >>> model = ARDGaussianProcessRegressor().fit(X, np.sin(X[:, 0]))
    >>> bool(model.weights_[0] > 100 * model.weights_[1])
    True
    >>> model.predict([[1.0, 0.0]]).round(1)
    array([0.8])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "nu": [Options(Real, {1.5, 2.5})],
        "max_likelihood_rows": [Interval(Integral, 2, None, closed="left")],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "penalty": [Interval(Real, 0, None, closed="left")],
        "max_one_value": [Interval(Real, 0.5, 1, closed="both")],
        "max_rows": [Interval(Integral, 2, None, closed="left")],
        "excess": [StrOptions({"raise", "sample"})],
        "keep_factor": ["boolean"],
        "freedom": [Interval(Real, 2, None, closed="neither"), None],
        "outputs": [StrOptions({"alike", "by_variance"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        nu: float = 1.5,
        max_likelihood_rows: int = 1500,
        max_iter: int = 40,
        penalty: float = 0.02,
        max_one_value: float = 1.0,
        max_rows: int = 20_000,
        excess: str = "raise",
        keep_factor: bool = True,
        freedom: float | None = None,
        outputs: str = "alike",
        random_state: Any = None,
    ) -> None:
        self.nu = nu
        self.max_likelihood_rows = max_likelihood_rows
        self.max_iter = max_iter
        self.penalty = penalty
        self.max_one_value = max_one_value
        self.max_rows = max_rows
        self.excess = excess
        self.keep_factor = keep_factor
        self.freedom = freedom
        self.outputs = outputs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn the weights on a subset of the rows, then the prediction on all of them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Several targets share weights, amplitude and noise.
        sample_weight : array-like of shape (n_samples,), default=None
            Not negative. The variance of a row's noise is that of the model divided by the row's weight over
            the mean weight; a row of weight 0 is left out.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            More than `max_rows` rows, and `excess` is "raise".
        """
        self._validate_params()
        X, y = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, ensure_min_samples=2
        )
        y = np.asarray(y, dtype=np.float64)
        w = check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if (w == 0).any():
            X, y, w = X[w > 0], y[w > 0], w[w > 0]
        w = w / w.mean()
        random = check_random_state(self.random_state)
        kept: Any = slice(None)
        if len(X) > self.max_rows:
            if self.excess == "raise":
                raise ValueError(
                    f"{len(X)} rows need {8e-9 * len(X) ** 2:.1f} GB for an exact Gaussian process, and "
                    f"max_rows is {self.max_rows}: raise max_rows, learn from a part of the rows with "
                    "excess='sample', or take a model of trees"
                )
            kept = np.sort(random.permutation(len(X))[: self.max_rows])
        X, y, w = X[kept], y[kept], w[kept]
        self._y_mean = np.average(y, axis=0, weights=w)
        spread = np.sqrt(np.average((y - self._y_mean) ** 2, axis=0, weights=w))
        self._y_scale = np.where(spread > 0, spread, 1.0)
        if self.outputs == "by_variance":
            # The mean square over all outputs stays 1: together they count as often as before.
            self._y_scale = np.full_like(self._y_scale, np.sqrt(np.mean(self._y_scale**2)))
        T = ((y - self._y_mean) / self._y_scale).reshape(len(y), -1)

        self._x_mean, spread = mean_and_spread(X)
        spread[share_of_median(X) > self.max_one_value] = np.inf
        X = X - self._x_mean
        n_varying = max(int(np.isfinite(spread).sum()), 1)
        self._learn_weights(X, T, w, 1.0 / (n_varying * spread**2), random)
        self._solve(X, T, w)
        return self

    def _learn_weights(self, X: Array, T: Array, sample_weight: Array, initial: Array, random: Any) -> None:
        rows = random.permutation(len(X))[: self.max_likelihood_rows]
        varying = np.flatnonzero(initial)
        scale = np.sqrt(initial[varying])
        theta = np.append(np.zeros(len(varying)), [0.0, 0.0])
        self.n_iter_ = 0
        stages = [(len(rows), self.max_iter)]
        if len(rows) >= 2 * START_ROWS:
            stages = [(START_ROWS, self.max_iter // 2), (len(rows), -(-self.max_iter // 2))]
        for n_rows, max_iter in stages if self.max_iter > 0 else []:
            part = rows[:n_rows]
            S, weight = X[np.ix_(part, varying)] * scale, sample_weight[part]
            if self.n_iter_ and self.freedom is not None:
                noise, amplitude = np.exp(theta[-2:])
                K = self._kernel(S * np.exp(0.5 * theta[:-2]), amplitude)
                weight = noise / student_noises(K, T[part], noise / weight, self.freedom, SEARCH_ROUNDS)
            # Few rows can show next to no noise; from there, a search on more rows leaps to noise alone.
            theta[-2:] = np.log([INITIAL_NOISE, INITIAL_AMPLITUDE])
            found = minimize(
                negative_log_likelihood,
                theta,
                args=(S, T[part], self.penalty, weight, self.nu),
                jac=True,
                method="L-BFGS-B",
                bounds=[WEIGHT_BOUNDS] * len(varying) + [NOISE_BOUNDS, AMPLITUDE_BOUNDS],
                options={"maxiter": max_iter},
            )
            theta, self.n_iter_ = found.x, self.n_iter_ + int(found.nit)
        self.weights_ = np.zeros_like(initial)
        self.weights_[varying] = initial[varying] * np.exp(theta[:-2])
        self.noise_, self.amplitude_ = (float(value) for value in np.exp(theta[-2:]))

    def _solve(self, X: Array, T: Array, sample_weight: Array) -> None:
        self._rows = X * np.sqrt(self.weights_)
        self._norms = squared_norms(self._rows)
        K = self._kernel(self._rows, self.amplitude_)
        noises = self.noise_ / sample_weight
        if self.freedom is not None:
            noises = student_noises(K, T, noises, self.freedom, ROUNDS)
        factorise_below(K, self.amplitude_ + noises)
        self._dual = dpotrs(K, T, lower=1)[0]
        self._factor = K if self.keep_factor else None

    def _kernel(self, rows: Array, amplitude: float) -> Array:
        """Return the kernel of scaled rows, in the Fortran order in which LAPACK factorises in place."""
        K = np.empty((len(rows), len(rows)), order="F")
        # The matrix is symmetric, so columns serve as rows.
        for part in row_blocks(len(rows), BLOCK):
            K[:, part] = amplitude * matern(squared_distances(rows, rows[part]), self.nu)[0]
        return K

    def leave_one_out(self, y: Any) -> Array:
        """Return what the process would have predicted for each training row without it.

        The weights of the columns, amplitude and noise stay those that all rows taught.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets of ``fit``, of the rows that were learned from.

        Returns
        -------
        ndarray of the shape of y

        Raises
        ------
        ValueError
            The model was fitted with ``keep_factor=False``.
        """
        ensure_fitted(self, "weights_")
        if self._factor is None:
            raise ValueError("leave_one_out needs a model fitted with keep_factor=True")
        inverse, _ = dpotri(self._factor, lower=True)
        error = (self._dual / np.diag(inverse)[:, None]).reshape(len(inverse), *self._y_mean.shape)
        unseen: Array = np.asarray(y, dtype=np.float64) - error * self._y_scale
        return unseen

    def drop_factor(self) -> Self:
        """Forget the Cholesky factor: a fitted model is then as with ``keep_factor=False``."""
        self._factor = None
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict targets, and how sure the process is.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        return_std : bool, default=False
            Whether to return standard deviations too.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        std : ndarray of the same shape
            Standard deviation of a new measurement, its noise included; with ``return_std=True`` only.

        Raises
        ------
        ValueError
            Standard deviations are asked of a model fitted with ``keep_factor=False``.
        """
        ensure_fitted(self, "weights_")
        if return_std and self._factor is None:
            raise ValueError("return_std=True needs a model fitted with keep_factor=True")
        X = checked_rows(self, X)
        S = (X - self._x_mean) * np.sqrt(self.weights_)
        T = np.empty((len(S), self._dual.shape[1]))
        variance = np.empty(len(S))
        # The variance of Student's t is larger than the square of its scale.
        noise = self.noise_ * (1.0 if self.freedom is None else self.freedom / (self.freedom - 2.0))
        for part in row_blocks(len(S), BLOCK):
            k = self.amplitude_ * matern(squared_distances(S[part], self._rows, self._norms), self.nu)[0]
            T[part] = k @ self._dual
            if return_std:
                half = solve_triangular(self._factor, k.T, lower=True, check_finite=False)
                variance[part] = self.amplitude_ + noise - np.sum(half**2, axis=0)
        y = T.reshape(len(S), *self._y_mean.shape) * self._y_scale + self._y_mean
        if not return_std:
            return y
        return y, np.multiply.outer(np.sqrt(variance), self._y_scale)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_rows" in state:
            # A file may hold other norms than those of its rows, or none.
            self._norms = squared_norms(self._rows)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
