"""`TransformerColumns`: a stateless transformer of crystals among descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.utils import get_tags

from skcrystal._sklearn import HasMethods
from skcrystal.crystals import Crystal, CrystalError, Crystals
from skcrystal.descriptors.base import Descriptor, Invariance, as_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TransformerColumns", "as_descriptor", "is_stateless_transformer"]


def is_stateless_transformer(step: Any) -> bool:
    """Tell whether a step is a transformer that need not be fitted, as a ``FunctionTransformer`` is."""
    return (
        hasattr(step, "transform")
        and hasattr(step, "get_params")
        and hasattr(step, "__sklearn_tags__")
        and not get_tags(step).requires_fit
    )


def as_descriptor(step: Any) -> Any:
    """Return a descriptor as it is, and a transformer as one."""
    return step if isinstance(step, Descriptor | str) else TransformerColumns(transformer=step)


class TransformerColumns(Descriptor):
    """The columns that a transformer makes of a batch of crystals.

    Of what they are invariant to nothing is known.

    Parameters
    ----------
    transformer : transformer
        Given a :class:`~skcrystal.Crystals`, it returns a row for each. It is not fitted.
    """

    invariance = Invariance(
        origin=False,
        rotation=False,
        reflection=False,
        permutation=False,
        supercell=False,
        cell_choice=False,
        continuous=False,
        note="what a transformer of the user's keeps, only its author knows",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {"transformer": [HasMethods(["transform"])]}

    def __init__(self, *, transformer: Any) -> None:
        self.transformer = transformer

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the transformer's names of its columns, or its own name with their numbers.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        try:
            return as_names([str(name) for name in self.transformer.get_feature_names_out()])
        except (AttributeError, TypeError, ValueError):
            function = getattr(self.transformer, "func", None) or type(self.transformer)
            one = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
            width = self.describe(Crystals.from_crystals([one])).shape[1]
            stem = getattr(function, "__name__", "column").strip("<>")
            return as_names([stem] if width == 1 else [f"{stem}_{k}" for k in range(width)])

    def describe(self, crystals: Any) -> NDArray[np.float64]:
        """Return the transformer's rows."""
        found = self.transformer.transform(crystals)
        rows = np.asarray(found.toarray() if hasattr(found, "toarray") else found, dtype=np.float64)
        rows = rows[:, None] if rows.ndim == 1 else rows
        if rows.ndim != 2 or len(rows) != len(crystals):
            raise CrystalError(
                f"{self.transformer!r} returns an array of shape {rows.shape} for {len(crystals)} crystals; "
                "return a row of numbers for each"
            )
        return rows
