"""What all descriptors share: scikit-learn's plumbing, and the statement of invariances."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skcrystal._sklearn import Interval
from skcrystal.crystals.symmetry import MAX_SYMPREC
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from skcrystal.crystals.batch import Crystals

__all__ = [
    "SYMPREC",
    "Descriptor",
    "Invariance",
    "StatelessTransformer",
    "as_names",
    "decimal",
]

#: Constraint on a tolerance of the symmetry search, in angstrom.
SYMPREC = [Interval(Real, 0, MAX_SYMPREC, closed="right")]


@dataclass(frozen=True, slots=True)
class Invariance:
    """What leaves a row as it is. Tests and documentation read it.

    Attributes
    ----------
    origin : bool
        Moving all sites by one vector.
    rotation : bool
        Rotating lattice and sites together.
    permutation : bool
        Listing the sites in another order.
    supercell : bool
        Repeating the cell.
    cell_choice : bool
        Another cell of the same lattice: any integer matrix of determinant 1 or -1.
    continuous : bool
        Small displacements of sites or lattice vectors change the row by little.
    note : str
        What limits a yes, or why a no cannot be otherwise.
    """

    origin: bool
    rotation: bool
    permutation: bool
    supercell: bool
    cell_choice: bool
    continuous: bool
    note: str = ""


class StatelessTransformer(TransformerMixin, BaseEstimator):
    """Crystals in, numbers out, nothing learned: the tags that say so to scikit-learn."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = False
        tags.requires_fit = False
        tags.no_validation = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return True


class Descriptor(StatelessTransformer, ABC):
    """Base of the descriptors: a subclass gives names, invariances and one hook over a batch.

    A descriptor is stateless: ``fit`` only validates the parameters, and ``transform`` works without it.
    """

    invariance: Invariance
    #: To be raised when the same parameters give other values: rows kept under a lower one are not used.
    schema_version: ClassVar[int] = 1
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {}

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Validate the parameters; nothing is learned and X is not read.

        Parameters
        ----------
        X : ignored
        y : ignored

        Returns
        -------
        self
        """
        self._validate_params()
        return self

    def transform(self, X: Any) -> NDArray[np.float64] | csr_array:
        """Compute one row per crystal.

        Parameters
        ----------
        X : Crystals or a collection of crystals
            Anything that :func:`skcrystal.as_crystals` takes.

        Returns
        -------
        ndarray of shape (n_crystals, n_features), float64
        """
        self._validate_params()
        return self.describe(as_crystals(X).join_split_sites())

    def key(self) -> str:
        """Return what tells rows of this descriptor from those of others: class, parameters, versions."""
        import joblib
        import moyopy

        from skcrystal._version import __version__

        name = f"{type(self).__module__}.{type(self).__qualname__}"
        versions = (self.schema_version, __version__, moyopy.__version__)
        key: str = joblib.hash((name, sorted(self.get_params().items()), versions))
        return key

    @abstractmethod
    def describe(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Compute one row per crystal of a batch: the hook that holds the science.

        An atom that is split over several sites is one site here
        (:meth:`skcrystal.Crystals.join_split_sites`).
        """

    @abstractmethod
    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """


def decimal(number: float) -> str:
    """Return a number as part of a column's name, which has no point: 1.15 as ``1_15``."""
    return f"{number:.4g}".replace(".", "_")


def as_names(names: list[str]) -> NDArray[np.object_]:
    """Return column names in the type that scikit-learn expects."""
    return np.array(names, dtype=object)
