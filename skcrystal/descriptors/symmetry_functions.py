"""Behler and Parrinello's symmetry functions: distances and angles around each site, through Gaussians."""

from __future__ import annotations

from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval, StrOptions
from skcrystal.chemistry import elements
from skcrystal.descriptors.base import Invariance, decimal
from skcrystal.descriptors.channel_columns import ChannelColumns, HeldChannels, channel_columns
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.cubic_pieces import cubic_pieces
from skcrystal.descriptors.site_channels import (
    CHANNEL_CONSTRAINTS,
    ONE,
    channel_names,
    channel_weights,
    check_channels,
    fate_of_unknown_weights,
)
from skcrystal.descriptors.site_descriptor import (
    SiteDescriptor,
    SiteGradients,
    site_factors,
    whole_atoms,
)
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from skcrystal.crystals.batch import Crystals

__all__ = ["SymmetryFunctions"]

FORMS = {"cosine": 0, "tanh": 1}

# Knots of the tables of third sides: to the cutoff, and to the width of a Gaussian.
KNOTS = 400
KNOTS_PER_WIDTH = 40

# Eight Gaussians half an angstrom apart and as wide, after Gastegger et al.
RADIAL = tuple((2.0, 0.5 * k) for k in range(2, 10))
ANGULAR = tuple((eta, zeta, sign) for eta in (0.01, 0.1) for zeta in (1, 4) for sign in (1, -1))


@lru_cache(maxsize=32)
def side_cubics(etas: tuple[float, ...], cutoff: float, form: str) -> tuple[NDArray[np.float64], float]:
    """Return exp(-eta r^2) times the cutoff function as cubic pieces in r, and the length of a piece."""
    from skcrystal.kernels.cutoffs import behler_cutoff

    n_pieces = int(np.ceil(max(KNOTS, KNOTS_PER_WIDTH * cutoff * np.sqrt(2.0 * max(etas, default=0.0)))))
    knots, step = np.linspace(0.0, cutoff, n_pieces + 1, retstep=True)
    ends = np.array([behler_cutoff(knot, cutoff, FORMS[form]) for knot in knots])
    fades, slopes = ends[:, :1], ends[:, 1:]
    sharpness, distances = np.array(etas, dtype=np.float64), knots[:, None]
    gaussians = np.exp(-sharpness * distances**2)
    return (
        cubic_pieces(
            gaussians * fades, gaussians * (slopes - 2.0 * sharpness * distances * fades), float(step)
        ),
        float(step),
    )


def relative_table(properties: list[str]) -> NDArray[np.float64]:
    """Return element properties over their means over the known elements; unknown ones are estimated.

    Row 0 is 0: there is no element 0.
    """
    table = elements.filled_table(properties)
    if properties:
        table = table / np.nanmean(elements.property_table(properties), axis=0)
    return np.nan_to_num(table)


class SymmetryFunctions(SiteDescriptor):
    """Behler's atom-centred symmetry functions G2 to G5 of each site, without unit.

    Over the neighbours j of the site i, and over the unordered pairs j < k of them, with the angle t between
    both, the distances r and the cutoff function f::

        G2(eta, R) = sum_j w_j exp(-eta (r_ij - R)^2) f(r_ij)
        G3(kappa) = sum_j w_j cos(kappa r_ij) f(r_ij)
        G4(eta, zeta, lambda) = 2^(1 - zeta) sum_(j<k) w_jk a^zeta b(r_ij) b(r_ik) b(r_jk)
        G5(eta, zeta, lambda) = 2^(1 - zeta) sum_(j<k) w_jk a^zeta b(r_ij) b(r_ik)

    where a = 1 + lambda cos t and b(r) = exp(-eta r^2) f(r).

    The cutoff function is (1 + cos(pi r / cutoff)) / 2, or tanh(1 - r / cutoff)^3, whose curvature has no
    jump at the cutoff. Behler's G1, the sum of f, is G2 with eta = 0. All are in angstrom, where some
    programs read bohr.

    With ``species`` there is a G2 and G3 for each element and a G4 and G5 for each pair of elements, as in
    the papers and in dscribe. By default the functions are weighted, and their number is the same for all
    elements (Gastegger et al.): for each property, w_j is its value at the element of j, and w_jk is w_j w_k.
    Values are over their mean over the periodic table, so that all are of order 1 and none changes its sign.
    ``one`` weighs every atom by 1: ``properties=("one",)`` is blind to elements.

    Columns are ``g2_<channel>_eta_<eta>_at_<R>`` and ``g3_<channel>_kappa_<kappa>`` of each channel, then
    ``g4_<channel>_eta_<eta>_zeta_<zeta>_lambda_<lambda>`` and ``g5_...``, with two elements where there are
    ``species``. A crystal's row pools those of its sites. A disordered site weighs with the sum over its
    species, by their occupancies. None tells the element of the site itself.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell; rows of sites are
    equivariant to permutation. Continuous, as are the first derivatives (:meth:`site_gradients`). The third
    side of G4 is read from a table of cubic pieces, exact to 1e-9.

    Parameters
    ----------
    cutoff : float, default=5.0
        In angstrom.
    cutoff_function : {"cosine", "tanh"}, default="cosine"
    g2 : sequence of (eta, R), default: eta 2 at 1, 1.5, ... 4.5
        In 1/angstrom^2, and angstrom.
    g3 : sequence of float, default=()
        The kappas, in 1/angstrom.
    g4 : sequence of (eta, zeta, lambda), default: eta 0.01 and 0.1, zeta 1 and 4, lambda 1 and -1
        In 1/angstrom^2; zeta from 1 up; lambda is 1 or -1.
    g5 : sequence of (eta, zeta, lambda), default=()
    species : sequence of str or int, default=None
        Elements that have a channel each. A crystal with another one is refused.
    properties : sequence of str, default=("one", "group", "row")
        Where `species` is None: ``one``, or names of :data:`skcrystal.chemistry.elements.PROPERTIES`. An
        unknown value is estimated from the neighbours in the periodic table.
    statistics : sequence of {"mean", "std", "min", "max"}, default=("mean",)
        What :meth:`transform` takes over the sites
        (:func:`skcrystal.descriptors.site_values.site_statistics`).
    sparse_output : bool, default=False
        Whether to return a sparse array, for many `species`: a site has values only where the elements of its
        crystal meet.

    References
    ----------
    Behler & Parrinello, Phys. Rev. Lett. 98 (2007) 146401, doi 10.1103/PhysRevLett.98.146401; Behler,
    J. Chem. Phys. 134 (2011) 074106, doi 10.1063/1.3553717; Gastegger, Schwiedrzik, Bittermann, Berzsenyi &
    Marquetand, J. Chem. Phys. 148 (2018) 241709, doi 10.1063/1.5019667.

    Examples
    --------
    The four bonds of diamond, 1.545 angstrom long, make six angles whose cosine is -1/3:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import SymmetryFunctions
    >>> diamond = Crystal.ordered(3.567 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]], [6, 6])
    >>> functions = SymmetryFunctions(cutoff=2.0, g2=[(0, 0)], g4=[], g5=[(0, 1, 1)], species=["C"])
    >>> functions.get_site_feature_names_out().tolist()
    ['g2_C_eta_0_at_0', 'g5_C_C_eta_0_zeta_1_lambda_1']
    >>> fade = (1 + np.cos(np.pi * 1.5446 / 2)) / 2
    >>> (functions.transform_sites([diamond])[0] / [fade, fade**2]).round(2)
    array([4., 4.])
    """

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
        "cutoff": [Interval(Real, 0, None, closed="neither")],
        "cutoff_function": [StrOptions(set(FORMS))],
        "g2": [list, tuple, np.ndarray],
        "g3": [list, tuple, np.ndarray],
        "g4": [list, tuple, np.ndarray],
        "g5": [list, tuple, np.ndarray],
        **CHANNEL_CONSTRAINTS,
        "statistics": [list, tuple],
        "sparse_output": ["boolean"],
    }

    def __init__(
        self,
        *,
        cutoff: float = 5.0,
        cutoff_function: str = "cosine",
        g2: Any = RADIAL,
        g3: Any = (),
        g4: Any = ANGULAR,
        g5: Any = (),
        species: Any = None,
        properties: Any = (ONE, "group", "row"),
        statistics: Any = ("mean",),
        sparse_output: bool = False,
    ) -> None:
        self.cutoff = cutoff
        self.cutoff_function = cutoff_function
        self.g2 = g2
        self.g3 = g3
        self.g4 = g4
        self.g5 = g5
        self.species = species
        self.properties = properties
        self.statistics = statistics
        self.sparse_output = sparse_output

    def _validate_params(self) -> None:
        super()._validate_params()
        check_channels(self.species, self.properties)
        for name, width, words in (
            ("g2", 2, "(eta, R)"),
            ("g4", 3, "(eta, zeta, lambda)"),
            ("g5", 3, "(eta, zeta, lambda)"),
        ):
            for row in getattr(self, name):
                if np.shape(row) != (width,) or row[0] < 0:
                    raise ValueError(f"{name}: {row!r} is not {words} with eta from 0 up")
                if width == 3 and (row[1] < 1 or abs(row[2]) != 1):
                    raise ValueError(f"{name}: {row!r} needs zeta from 1 up, and lambda 1 or -1")
        if not (len(self.g2) or len(self.g3) or len(self.g4) or len(self.g5)):
            raise ValueError("g2, g3, g4 and g5 are all empty: give the parameters of at least one function")

    def _names(self) -> list[str]:
        return channel_names(self.species, self.properties)

    def _columns(self) -> ChannelColumns:
        angular = len(self.g4) + len(self.g5)
        unlike = None if self.species is None else angular
        return channel_columns(len(self._names()), len(self.g2) + len(self.g3), angular, unlike)

    def describe_site_columns(self) -> list[Column]:
        """Describe ``g2_one_eta_2_at_1`` and so on."""
        radial = [
            (
                2,
                f"eta_{decimal(eta)}_at_{decimal(shift)}",
                f"Gaussian of width {eta:g}/angstrom^2 at {shift:g}",
            )
            for eta, shift in self.g2
        ]
        radial += [(3, f"kappa_{decimal(kappa)}", f"cosine of {kappa:g}/angstrom") for kappa in self.g3]
        angular = [
            (
                number,
                f"eta_{decimal(eta)}_zeta_{decimal(zeta)}_lambda_{'' if sign > 0 else 'minus_'}1",
                f"eta {eta:g}/angstrom^2, zeta {zeta:g}, lambda {sign:g}",
            )
            for number, functions in ((4, self.g4), (5, self.g5))
            for eta, zeta, sign in functions
        ]
        channels = self._names()
        pairs = [(channel, channel) for channel in channels]
        if self.species is not None:
            pairs = [(f"{a}_{b}", f"{a} and {b}") for i, a in enumerate(channels) for b in channels[i:]]
        fates = {channel: fate_of_unknown_weights(self.species, channel) for channel in channels}
        return [
            Column.of(
                f"g{number}_{channel}_{what}",
                "1",
                f"G{number} of neighbours, {channel}: {words}",
                fates[channel],
            )
            for channel in channels
            for number, what, words in radial
        ] + [
            Column.of(
                f"g{number}_{pair}_{what}",
                "1",
                f"G{number} of pairs of neighbours, {both}: {words}",
                fates.get(pair, ""),
            )
            for pair, both in pairs
            for number, what, words in angular
        ]

    def _functions(self) -> tuple[Any, Any]:
        """Return the functions as the kernel reads them: radial, and angular with what third sides need."""
        rows = np.reshape([*self.g4, *self.g5], (-1, 3)).astype(np.float64)
        etas, of_eta = np.unique(rows[:, 0], return_inverse=True)
        n_radial, cutoff = len(self.g2) + len(self.g3), float(self.cutoff)
        radial = np.zeros((n_radial + len(etas), 3))
        radial[: len(self.g2), :2] = np.reshape(self.g2, (-1, 2))
        radial[len(self.g2) : n_radial, 2] = self.g3
        radial[n_radial:, 0] = etas
        # The kernel takes one power for all functions that follow each other with it.
        order = np.lexsort(rows[:, 1:].T)
        scales = 2.0 ** (1.0 - rows[:, 1])
        open_pairs, triangles = (
            (of_eta[own], np.ascontiguousarray(rows[own, 1:]), scales[own], own)
            for own in (order[order >= len(self.g4)], order[order < len(self.g4)])
        )
        sides = side_cubics(tuple(etas.tolist()), cutoff, self.cutoff_function)
        form = FORMS[self.cutoff_function]
        return (radial, n_radial, cutoff, form), (open_pairs, triangles, *sides, cutoff)

    def _surroundings(self, crystals: Crystals) -> tuple[Any, ...]:
        """Return what both kernels read: sites, pairs, weights."""
        from skcrystal.kernels.site_kinds import label_kinds

        properties = [] if self.species is not None else [name for name in self.properties if name != ONE]
        weights = channel_weights(crystals, self.species, self.properties, relative_table(properties))
        neighbors = crystals.neighbors(self.cutoff)
        return (
            (crystals.site_offsets, *label_kinds(crystals.site_offsets, weights)),
            (neighbors.offsets, neighbors.neighbors, neighbors.distances, neighbors.vectors),
            weights,
        )

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Return the symmetry functions of each site."""
        from skcrystal.kernels.symmetry_functions import symmetry_values

        sites, pairs, weights = self._surroundings(crystals)
        columns = self._columns()
        held = HeldChannels.of(crystals, weights, every=self.species is None)
        offsets = columns.row_offsets(held, crystals.site_counts)
        rows = np.empty(offsets[-1])
        by_pairs = self.species is not None
        symmetry_values(
            sites, pairs, (held.offsets, held.channels), weights, by_pairs, self._functions(), offsets, rows
        )
        return columns.table(rows, offsets, held, crystals.site_counts, self.sparse_output)

    def site_gradients(self, X: Any, weights: Any) -> SiteGradients:
        """Return the derivatives of a weighted sum of the sites' columns by positions and strains.

        With E the sum over sites and columns of weight times value of :meth:`transform_sites`. The whole
        Jacobian is never made.

        Parameters
        ----------
        X : Crystals or a collection of crystals
        weights : array-like of shape (n_sites, n_site_features)

        Returns
        -------
        SiteGradients
            ``positions`` of shape (n_sites, 3): dE/dr, per angstrom, a force being its negative; ``strains``
            of shape (n_crystals, 3, 3): dE/de where positions and lattice vectors turn into (1 + e) times
            themselves.
        """
        from skcrystal.kernels.symmetry_functions import symmetry_gradients

        self._validate_params()
        crystals = whole_atoms(as_crystals(X))
        sites, pairs, channels = self._surroundings(crystals)
        rows = site_factors(weights, crystals.n_sites, self._columns().total)
        positions, strains = np.zeros((crystals.n_sites, 3)), np.zeros((len(crystals), 3, 3))
        by_pairs = self.species is not None
        symmetry_gradients(sites, pairs, channels, by_pairs, self._functions(), rows, positions, strains)
        return SiteGradients(positions, strains)
