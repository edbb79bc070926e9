"""Means of element vectors that were learned elsewhere."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval, StrOptions
from skcrystal.chemistry.element_vectors import VECTORS, element_components, known_elements
from skcrystal.descriptors.base import Descriptor, Invariance
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.composition import OVER, STATISTICS, property_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals import Compositions, Crystals

__all__ = ["ElementVectors"]


class ElementVectors(Descriptor):
    """Statistics over the atoms of element vectors that others learned, as a few principal components.

    An element's vector has no unit and no meaning column by column; elements that are alike have near ones.
    ``mat2vec`` was learned from the words beside the elements in abstracts of papers on materials up to 2018,
    ``skipatom`` from the neighbours of atoms in the Materials Project. The vectors, of 200 numbers, are
    turned into the principal components of the elements up to plutonium: a fixed table, of which nothing is
    learned from the crystals. An element without a vector (in ``skipatom`` noble gases, Po, At, Fr, Ra and
    all beyond Pu) has the mean of its neighbours in the periodic table.

    Invariant to everything that leaves the composition as it is. The row does not depend on where the
    atoms are: formulas are taken as well as crystals.

    Parameters
    ----------
    vectors : {"mat2vec", "skipatom"}, default="mat2vec"
        Which table.
    n_components : int, default=20
        Principal components, at most 85.
    statistics : sequence of str, default=("mean",)
        As for :class:`CompositionStats`.

    References
    ----------
    Tshitoyan et al., Nature 571 (2019) 95, doi 10.1038/s41586-019-1335-8, for mat2vec; Antunes, Grau-Crespo &
    Butler, npj Comput. Mater. 8 (2022) 44, doi 10.1038/s41524-022-00729-3, for SkipAtom. Both tables are
    under the MIT licence.

    Examples
    --------
    Rock salt is nearer to sylvine than to gallium arsenide:

    >>> import numpy as np
    >>> from skcrystal.descriptors import ElementVectors
    >>> nacl, kcl, gaas = ElementVectors(n_components=5).transform(["NaCl", "KCl", "GaAs"])
    >>> bool(np.linalg.norm(nacl - kcl) < np.linalg.norm(nacl - gaas))
    True
    """

    needs_positions = False
    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
        note="max, min, range and mode jump when a trace of another element comes in",
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "vectors": [StrOptions(set(VECTORS))],
        "n_components": [Interval(Integral, 1, 85, closed="both")],
        "statistics": [list, tuple, np.ndarray],
    }

    def __init__(
        self, *, vectors: str = "mat2vec", n_components: int = 20, statistics: Any = ("mean",)
    ) -> None:
        self.vectors = vectors
        self.n_components = n_components
        self.statistics = statistics

    def _validate_params(self) -> None:
        super()._validate_params()
        for name in self.statistics:
            if name not in STATISTICS:
                raise ValueError(
                    f"ElementVectors knows no statistic {name!r}; choose from {', '.join(STATISTICS)}"
                )

    def describe_columns(self) -> list[Column]:
        """Describe ``<statistic>_<vectors>_<component>``."""
        unknown = int((~known_elements(self.vectors)[1:]).sum())
        fate = (
            f"{unknown} elements are estimated by their neighbours in the periodic table" if unknown else ""
        )
        source = f"element vectors learned from {VECTORS[self.vectors]}"
        own = [
            Column.of(f"{self.vectors}_{k}", "1", f"principal component {k} of {source}", fate)
            for k in range(1, self.n_components + 1)
        ]
        return [column.over(statistic, OVER[statistic]) for column in own for statistic in self.statistics]

    def describe(self, crystals: Crystals | Compositions) -> NDArray[np.float64]:
        """Return the statistics of each crystal, component after component."""
        table = element_components(self.vectors, self.n_components)
        return property_statistics(crystals.element_amounts, table, self.statistics)
