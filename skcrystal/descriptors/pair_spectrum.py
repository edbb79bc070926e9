"""Pair spectra: which kinds of atoms are at which distance from each other."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval
from skcrystal.chemistry import elements
from skcrystal.descriptors.base import Descriptor, Invariance, decimal
from skcrystal.descriptors.columns import Column, fate_of_unknown
from skcrystal.descriptors.radial import WIDTHS_BELOW_CUTOFF, spectrum_centers
from skcrystal.descriptors.site_values import site_means, standardized_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["PairSpectrum"]

KINDS = ("product", "difference")


class PairSpectrum(Descriptor):
    """Products and differences of element properties over the pairs of sites at a row of distances.

    With a_i a property at site i, in standard deviations from its mean over the periodic table, and at the
    centre r_k, over all N sites i of the cell and all their neighbours j, periodic images counted,

        product(r_k)    = 1/N sum_ij a_i a_j        f(r_ij) exp(-(r_ij - r_k)^2 / (2 w^2))
        difference(r_k) = 1/N sum_ij abs(a_i - a_j) f(r_ij) exp(-(r_ij - r_k)^2 / (2 w^2))

    with f(r) = (1 - (r / cutoff)^2)^2. Products tell whether like stands beside like, as an autocorrelation
    does; differences tell how polar the contacts are. On a disordered site a_i is the mean over its species,
    weighted by their occupancies; the site counts once. An unknown property is estimated from the neighbours
    in the periodic table.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: each term is a smooth function of a distance, and f takes it to 0 at the cutoff.

    Parameters
    ----------
    properties : sequence of str, default=("electronegativity", "covalent_radius", "group", "row")
        Names of :data:`skcrystal.chemistry.elements.PROPERTIES`.
    cutoff : float, default=6.0
        Where the weight of a pair reaches 0, in angstrom.
    start : float, default=2.1
        The first centre, in angstrom. The last one is at most 10/3 widths, and never less than 0.5 angstrom,
        below the cutoff.
    step : float, default=0.3
        From one centre to the next, in angstrom.
    width : float, default=0.4
        Standard deviation w of the Gaussians, in angstrom.

    References
    ----------
    Moreau & Broto, Nouv. J. Chim. 4 (1980) 359, for autocorrelations of atomic properties in molecules;
    Behler & Parrinello, Phys. Rev. Lett. 98 (2007) 146401, doi 10.1103/PhysRevLett.98.146401, for smooth sums
    over pairs.

    Examples
    --------
    In rock salt the six contacts at 2.82 angstrom join 0.93 to 3.16 on Pauling's scale, which differ by 3.5
    standard deviations; the weight of a pair there is 0.607:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import PairSpectrum
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> nearest = PairSpectrum(properties=["electronegativity"], start=2.82, step=10, width=0.36)
    >>> nearest.get_feature_names_out().tolist()
    ['product_electronegativity_at_2_82', 'difference_electronegativity_at_2_82']
    >>> nearest.transform([rock_salt]).round(2)
    array([[-7.7 , 10.93]])
    """

    schema_version = 3

    invariance = Invariance(
        origin=True,
        rotation=True,
        reflection=True,
        permutation=True,
        supercell=True,
        cell_choice=True,
        continuous=True,
    )
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "properties": [list, tuple, np.ndarray],
        "cutoff": [Interval(Real, 0, None, closed="neither")],
        "start": [Interval(Real, 0, None, closed="left")],
        "step": [Interval(Real, 0, None, closed="neither")],
        "width": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        properties: Any = (
            "electronegativity",
            "covalent_radius",
            "group",
            "row",
        ),
        cutoff: float = 6.0,
        start: float = 2.1,
        step: float = 0.3,
        width: float = 0.4,
    ) -> None:
        self.properties = properties
        self.cutoff = cutoff
        self.start = start
        self.step = step
        self.width = width

    def _validate_params(self) -> None:
        super()._validate_params()
        for name in self.properties:
            elements.column_info(name)

    def _centers(self) -> NDArray[np.float64]:
        margin = max(WIDTHS_BELOW_CUTOFF * self.width, 0.5)
        return spectrum_centers(self.start, self.cutoff - margin, self.step)

    def describe_columns(self) -> list[Column]:
        """Describe ``product_electronegativity_at_2_1`` and so on: kinds, then properties, then centres."""
        words = {"product": "product", "difference": "absolute difference"}
        return [
            Column.of(
                f"{kind}_{name}_at_{decimal(center)}",
                "1",
                f"{words[kind]} at pairs of sites around {center:.4g} angstrom, summed per site, in standard "
                f"deviations: {elements.column_info(name).description}",
                fate_of_unknown(name),
            )
            for kind in KINDS
            for name in self.properties
            for center in self._centers()
        ]

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the spectra of each crystal."""
        from skcrystal.kernels.spectra import pair_spectra

        table = crystals.neighbors(self.cutoff)
        centers = self._centers()
        spectra: NDArray[np.float64] = pair_spectra(
            crystals.site_offsets,
            table.offsets,
            table.neighbors,
            table.distances,
            site_means(crystals, standardized_table(self.properties)),
            float(self.cutoff),
            centers[0],
            float(self.step),
            len(centers),
            float(self.width),
        )
        return spectra.reshape(len(crystals), 2 * len(self.properties) * len(centers))
