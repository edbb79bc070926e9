"""What all descriptors share: scikit-learn's plumbing, and the statement of invariances."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skcrystal._documentation import Documented
from skcrystal._sklearn import Interval
from skcrystal.chemistry.tables import tables_digest
from skcrystal.crystals.symmetry import MAX_SYMPREC
from skcrystal.descriptors.columns import Column, with_units
from skcrystal.descriptors.naming import is_named, is_plain, source_digests
from skcrystal.inputs import as_compositions, as_crystals

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray
    from scipy.sparse import csr_array


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
    reflection : bool
        Taking the mirror image of lattice and sites together: the other hand of a chiral crystal.
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
    reflection: bool
    permutation: bool
    supercell: bool
    cell_choice: bool
    continuous: bool
    note: str = ""

    @property
    def claims(self) -> tuple[str, ...]:
        """Names of what is a yes, in the order of the attributes."""
        return tuple(claim for claim, answer in asdict(self).items() if answer is True)


class StatelessTransformer(Documented, TransformerMixin, BaseEstimator):
    """Crystals in, numbers out, nothing learned: the tags that say so to scikit-learn, and named columns."""

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

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # scikit-learn lets transform give tables of pandas here, and no earlier.
        super().__init_subclass__(**kwargs)
        if "transform" in cls.__dict__:
            cls.transform = with_units(cls.transform)

    def describe_columns(self) -> list[Column]:
        """Say of each column what it means, in which unit: the hook that names the columns.

        A class that gives ``get_feature_names_out`` instead has columns of which nothing but the name is
        known.

        Returns
        -------
        list of :class:`~skcrystal.descriptors.Column`
        """
        if type(self).get_feature_names_out is StatelessTransformer.get_feature_names_out:
            raise NotImplementedError(f"{type(self).__name__} has no describe_columns to name its columns")
        return [Column(str(name)) for name in self.get_feature_names_out()]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns, in the order of :meth:`describe_columns`.

        Parameters
        ----------
        input_features : ignored
            The columns follow from the parameters alone.

        Returns
        -------
        ndarray of str
        """
        return as_names([column.name for column in self.describe_columns()])


class Descriptor(StatelessTransformer, ABC):
    """Base of the descriptors: a subclass gives columns, invariances and one hook over a batch.

    A descriptor is stateless: ``fit`` only validates the parameters, and ``transform`` works without it.
    """

    invariance: Invariance
    #: To be raised when the same parameters give other values: rows kept under a lower one are not used.
    schema_version: ClassVar[int] = 1
    #: False where amounts of elements suffice: the hook then gets a :class:`skcrystal.Compositions` too.
    needs_positions: ClassVar[bool] = True
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
        if not self.needs_positions:
            return self.describe(as_compositions(X))
        return self.describe(as_crystals(X).join_split_sites())

    def key(self) -> str | None:
        """Return what tells rows of this descriptor from others: class, parameters, versions and tables.

        Of a class outside of this package, the files that it and its bases stand in belong to it.
        None where another program may mean something else by the same name: a class or a parameter from
        ``__main__``, a lambda, what a function defines.
        """
        import joblib
        import moyopy

        from skcrystal._version import __version__

        parameters = sorted(self.get_params().items())
        if not (is_named(type(self)) and all(is_plain(value) for _, value in parameters)):
            return None
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        versions = (self.schema_version, __version__, moyopy.__version__, tables_digest())
        key: str = joblib.hash((name, parameters, versions, *source_digests(type(self))))
        return key

    @abstractmethod
    def describe(self, crystals: Any) -> NDArray[np.float64] | csr_array:
        """Compute one row per crystal of a batch: the hook that holds the science.

        An atom that is split over several sites is one site here
        (:meth:`skcrystal.Crystals.join_split_sites`).
        """


def decimal(number: float) -> str:
    """Return a number as part of a column's name, which has no point: 1.15 as ``1_15``."""
    return f"{number:.4g}".replace(".", "_")


def as_names(names: list[str]) -> NDArray[np.object_]:
    """Return column names in the type that scikit-learn expects."""
    return np.array(names, dtype=object)
