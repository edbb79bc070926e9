"""The radial spectrum: how many neighbours a site has at which distance."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval, StrOptions
from skcrystal.descriptors.base import Descriptor, Invariance, decimal
from skcrystal.descriptors.columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals

__all__ = ["RadialSpectrum", "spectrum_centers"]

# The last centre stays this many widths below the cutoff: the weight of pairs falls to 0 there, and a column
# at the very end holds little but this fall.
WIDTHS_BELOW_CUTOFF = 10 / 3


def spectrum_centers(start: float, stop: float, step: float) -> NDArray[np.float64]:
    """Return equally spaced centres from `start` to at most `stop`; the first one always."""
    # A stop that is a whole number of steps away counts, whatever the rounding.
    count = max(1, int(np.floor((stop - start) / step + 1e-6)) + 1)
    return start + step * np.arange(count, dtype=np.float64)


class RadialSpectrum(Descriptor):
    """Number of neighbours per site around each of a row of distances, without unit.

    At the centre r_k, over all N sites i of the cell and all their neighbours j, periodic images counted,

        g(r_k) = 1/N sum_ij f(r_ij) exp(-(r_ij - r_k)^2 / (2 w^2)),   f(r) = (1 - (r / cutoff)^2)^2

    so that a shell of n neighbours at r_k adds n f(r_k). Species do not enter: a disordered site counts once.
    Centres run from `start` in steps of `step` to 10/3 widths below the cutoff (0.73 angstrom by default).

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell: no cell enters the
    formula. Continuous: each term is a smooth function of a distance, and f takes it to 0 at the cutoff. With
    ``units="spacing"``, distances are in units of (V/N)^(1/3), the edge of a cube of the volume per site, and
    the row is invariant to uniform expansion as well.

    Parameters
    ----------
    units : {"angstrom", "spacing"}, default="angstrom"
        Unit of the distances and of all other parameters.
    cutoff : float, default=None
        Where the weight of a pair reaches 0. None stands for 8 angstrom, or 2.6 in units of the spacing.
        Time and memory grow with its third power.
    start : float, default=None
        The first centre. None stands for 1.75 angstrom, or 0.75.
    step : float, default=None
        From one centre to the next. None stands for 0.15 angstrom, or 0.2.
    width : float, default=None
        Standard deviation w of the Gaussians. None stands for 0.22 angstrom, or 0.14. Much smaller
        ones tell apart shells that thermal motion blurs, and react more to small displacements.

    References
    ----------
    Behler & Parrinello, Phys. Rev. Lett. 98 (2007) 146401, doi 10.1103/PhysRevLett.98.146401, for sums of
    Gaussians with a smooth cutoff as descriptors (G2).

    Examples
    --------
    Rock salt has six neighbours at half the edge; the weight there is (1 - (2.82 / 8)^2)^2 = 0.767:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import RadialSpectrum
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> RadialSpectrum(start=2.82, step=10, width=0.15).transform([rock_salt]).round(3)
    array([[4.602]])
    """

    # Defaults that depend on the units are not among the parameters, by which kept rows are found.
    schema_version = 2

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
        "units": [StrOptions({"angstrom", "spacing"})],
        "cutoff": [Interval(Real, 0, None, closed="neither"), None],
        "start": [Interval(Real, 0, None, closed="left"), None],
        "step": [Interval(Real, 0, None, closed="neither"), None],
        "width": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self,
        *,
        units: str = "angstrom",
        cutoff: float | None = None,
        start: float | None = None,
        step: float | None = None,
        width: float | None = None,
    ) -> None:
        self.units = units
        self.cutoff = cutoff
        self.start = start
        self.step = step
        self.width = width

    def _grid(self) -> tuple[float, NDArray[np.float64], float, float]:
        """Return cutoff, centres, step and width."""
        angstrom = self.units == "angstrom"
        # In units of the spacing, counts around 0.9, 1.3 and 1.7 vary little between crystals, so that small
        # displacements of a cell of three sites would show: the centres stand beside these.
        cutoff, start, step, width = (8.0, 1.75, 0.15, 0.22) if angstrom else (2.6, 0.75, 0.2, 0.14)
        cutoff = cutoff if self.cutoff is None else self.cutoff
        start = start if self.start is None else self.start
        step = step if self.step is None else self.step
        width = width if self.width is None else self.width
        return cutoff, spectrum_centers(start, cutoff - WIDTHS_BELOW_CUTOFF * width, step), step, width

    def describe_columns(self) -> list[Column]:
        """Describe ``neighbors_at_1_75`` and so on, ``relative_...`` in units of the spacing."""
        prefix, unit = "", "angstrom"
        if self.units == "spacing":
            prefix, unit = "relative_", "times the cube root of the volume per site"
        return [
            Column.of(
                f"{prefix}neighbors_at_{decimal(center)}",
                "1",
                f"neighbours per site at distances around {center:.4g} {unit}, by their weights",
            )
            for center in self._grid()[1]
        ]

    def describe(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the spectrum of each crystal."""
        from skcrystal.kernels.spectra import radial_spectra

        cutoff, centers, step, width = self._grid()
        table = crystals.neighbors(cutoff, units=self.units)
        spacings = np.cbrt(crystals.volumes / crystals.site_counts)
        units = spacings if self.units == "spacing" else np.ones(len(crystals))
        spectra: NDArray[np.float64] = radial_spectra(
            crystals.site_offsets,
            table.offsets,
            table.neighbors,
            table.distances,
            units,
            float(cutoff),
            centers[0],
            float(step),
            len(centers),
            float(width),
        )
        return spectra
