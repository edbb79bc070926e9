"""SOAP: the power spectrum of the density of atoms around each site."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._sklearn import Interval, StrOptions
from skcrystal.descriptors.base import Invariance
from skcrystal.descriptors.channel_columns import ChannelColumns, HeldChannels, channel_columns
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.gaussian_type_orbitals import orbital_cubics
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
from skcrystal.descriptors.site_values import standardized_table
from skcrystal.inputs import as_crystals

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from skcrystal.crystals.batch import Crystals

__all__ = ["SOAP"]

# A Gaussian has fallen to this where dscribe ceases to see it.
UNSEEN = 1e-3

# How the kernel pairs channels.
PAIRINGS = {None: 0, "own": 1, "mu1nu1": 2}


class SOAP(SiteDescriptor):
    """Smooth overlap of atomic positions: the power spectrum of the density around each site, without unit.

    Around each site, itself included, each neighbour is a Gaussian of the width sigma. The density of a
    channel a, in which the atom j weighs w_a(j), is expanded in radial functions g_nl and real spherical
    harmonics, and products of the coefficients that are summed over m do not turn with the crystal:

        c_anlm = sum_j w_a(j) f(r_j) integral g_nl(x) Y_lm(x) exp(-(x - r_j)^2 / 2 sigma^2) dx
        p_abnn'l = pi sqrt(8 / (2 l + 1)) sum_m c_anlm c_bn'lm

    The g_nl are Gaussian-type orbitals, r^l exp(-a r^2) orthonormalised, as dscribe has them. f(r) falls from
    1 to 0 as a cosine over the last `smoothing` before the cutoff: no atom beyond it is seen, and none enters
    with a jump. With ``smoothing=None`` the definition is dscribe's, column for column: f is 1, and atoms are
    seen up to cutoff + sigma sqrt(2 ln 1000), where the tails of their Gaussians have fallen to 0.001.

    Channels are, with ``species``, one for each element, as in the papers, and the number of columns grows
    with the square of theirs. By default they are properties of the elements, standardised over the periodic
    table, beside ``one``, in which every atom weighs 1: a fixed width for all elements, after the alchemical
    kernels of Willatt et al. ``properties=("one",)`` is blind to elements (dscribe's ``mu2``).
    ``pairs`` keeps fewer products: ``"own"`` those of a channel with itself (dscribe's ``crossover``),
    ``"mu1nu1"`` those of each channel with the sum of all channels (Darby et al.).

    Columns are ``soap_<channel>_<channel'>_l<l>_n<n>_n<n'>``, pair of channels outermost, then l, n and n';
    within a channel n <= n'. A crystal's row pools those of its sites: ``average="outer"`` takes statistics
    of the spectra, ``"inner"`` the spectrum of the mean density coefficients, which tells less.
    A disordered site weighs with the sum over its species, by their occupancies.

    Invariant to origin, rotation, reflection, permutation, supercell and choice of cell; rows of sites are
    equivariant to permutation. Continuous with a smoothing width, as are the first derivatives
    (:meth:`site_gradients`).

    Parameters
    ----------
    cutoff : float, default=5.0
        In angstrom, above 1.
    n_max : int, default=6
        Number of radial functions.
    l_max : int, default=4
        Highest degree of the harmonics.
    sigma : float, default=0.5
        Width of the Gaussians, in angstrom.
    smoothing : float or None, default=1.0
        Over which distance before the cutoff an atom fades, in angstrom, at most the cutoff. None is
        dscribe's padded mode, which has jumps of the order of 0.001 where atoms enter.
    species : sequence of str or int, default=None
        Elements that have a channel each. A crystal with another one is refused.
    properties : sequence of str, default=("one", "group", "row")
        Where `species` is None: ``one``, or names of :data:`skcrystal.chemistry.elements.PROPERTIES`, each
        less its mean over the elements, over its standard deviation; an unknown value is estimated from the
        neighbours in the periodic table.
    pairs : {"own", "mu1nu1"} or None, default=None
        Which products are kept; None keeps all.
    average : {"outer", "inner"}, default="outer"
        How :meth:`transform` comes to one row per crystal.
    statistics : sequence of {"mean", "std", "min", "max"}, default=("mean",)
        What ``outer`` takes over the sites (:func:`skcrystal.descriptors.site_values.site_statistics`).
    sparse_output : bool, default=False
        Whether to return a sparse array, for many `species`: a site has values only where the elements of its
        crystal meet.

    References
    ----------
    Bartok, Kondor & Csanyi, Phys. Rev. B 87 (2013) 184115, doi 10.1103/PhysRevB.87.184115; Himanen et al.,
    Comput. Phys. Commun. 247 (2020) 106949, doi 10.1016/j.cpc.2019.106949, for dscribe; Willatt, Musil &
    Ceriotti, Phys. Chem. Chem. Phys. 20 (2018) 29661, doi 10.1039/C8CP05921G; Darby, Kermode & Csanyi,
    npj Comput. Mater. 8 (2022) 166, doi 10.1038/s41524-022-00847-y.

    Examples
    --------
    The carbon atoms of diamond see silicon nowhere, those of silicon carbide beside them:

    >>> import numpy as np
    >>> from skcrystal import Crystal
    >>> from skcrystal.descriptors import SOAP
    >>> lattice, sites = 4.36 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.25, 0.25, 0.25]]
    >>> crystals = [Crystal.ordered(lattice, sites, [6, 6]), Crystal.ordered(lattice, sites, [6, 14])]
    >>> soap = SOAP(species=["C", "Si"], n_max=1, l_max=0).set_output(transform="pandas")
    >>> table = soap.transform_sites(crystals).round(2)
    >>> table.loc[(0, 0)].tolist(), table.loc[(1, 0)].tolist()
    ([3.71, 0.0, 0.0], [3.59, 0.06, 0.0])
    >>> SOAP(species=["C"]).transform(crystals)
    Traceback (most recent call last):
        ...
    skcrystal.crystals.limits.UnfitError: crystal 1: SiC holds Si, which is not among species=['C']; ...
    """

    schema_version = 2

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "cutoff": [Interval(Real, 1, None, closed="neither")],
        "n_max": [Interval(Integral, 1, None, closed="left")],
        "l_max": [Interval(Integral, 0, None, closed="left")],
        "sigma": [Interval(Real, 0, None, closed="neither")],
        "smoothing": [Interval(Real, 0, None, closed="neither"), None],
        **CHANNEL_CONSTRAINTS,
        "pairs": [StrOptions({"own", "mu1nu1"}), None],
        "average": [StrOptions({"outer", "inner"})],
        "statistics": [list, tuple],
        "sparse_output": ["boolean"],
    }

    def __init__(
        self,
        *,
        cutoff: float = 5.0,
        n_max: int = 6,
        l_max: int = 4,
        sigma: float = 0.5,
        smoothing: float | None = 1.0,
        species: Any = None,
        properties: Any = (ONE, "group", "row"),
        pairs: str | None = None,
        average: str = "outer",
        statistics: Any = ("mean",),
        sparse_output: bool = False,
    ) -> None:
        self.cutoff = cutoff
        self.n_max = n_max
        self.l_max = l_max
        self.sigma = sigma
        self.smoothing = smoothing
        self.species = species
        self.properties = properties
        self.pairs = pairs
        self.average = average
        self.statistics = statistics
        self.sparse_output = sparse_output

    @property
    def invariance(self) -> Invariance:  # type: ignore[override]
        """What leaves a row as it is; only a smoothing width makes it continuous."""
        smooth = self.smoothing is not None
        note = "" if smooth else "an atom that crosses the padded cutoff enters with a jump of about 0.001"
        return Invariance(
            origin=True,
            rotation=True,
            reflection=True,
            permutation=True,
            supercell=True,
            cell_choice=True,
            continuous=smooth,
            note=note,
        )

    def _validate_params(self) -> None:
        super()._validate_params()
        check_channels(self.species, self.properties)
        if self.smoothing is not None and self.smoothing > self.cutoff:
            raise ValueError(
                f"smoothing={self.smoothing:g} is wider than cutoff={self.cutoff:g}; make it at most as wide"
            )

    def _names(self) -> list[str]:
        return channel_names(self.species, self.properties)

    def _columns(self) -> ChannelColumns:
        n, degrees = self.n_max, self.l_max + 1
        square, half = degrees * n * n, degrees * n * (n + 1) // 2
        return channel_columns(
            len(self._names()),
            0,
            square if self.pairs == "mu1nu1" else half,
            square if self.pairs is None else None,
        )

    def describe_site_columns(self) -> list[Column]:
        """Describe ``soap_one_one_l0_n1_n1``, ``soap_one_one_l0_n1_n2`` and so on."""
        channels, columns = self._names(), []
        numbers = range(1, self.n_max + 1)
        degrees = range(self.l_max + 1)
        for i, a in enumerate(channels):
            others = {None: channels[i:], "own": [a], "mu1nu1": ["all"]}[self.pairs]
            fates = {
                b: fate_of_unknown_weights(self.species, a, *(channels if b == "all" else [b]))
                for b in others
            }
            columns += [
                Column.of(
                    f"soap_{a}_{b}_l{k}_n{n}_n{m}",
                    "1",
                    f"power spectrum of the densities {a} and {b}, degree {k}, radial functions {n} and {m}",
                    fates[b],
                )
                for b in others
                for k in degrees
                for n in numbers
                for m in numbers[n - 1 if a == b else 0 :]
            ]
        return columns

    def multiplicities(self) -> NDArray[np.float64]:
        """Return 2 for products of two unlike factors, which the full spectrum has in both orders, or 1.

        Returns
        -------
        ndarray of shape (n_site_features,)
        """
        if self.pairs == "mu1nu1":
            return np.ones(self._columns().total)
        n = self.n_max
        alike = np.tile(2.0 - np.eye(n)[np.triu_indices(n)], self.l_max + 1)
        unlike = np.full((self.l_max + 1) * n * n, 2.0)
        channels = range(len(self._names()))
        pairs = [(a, b) for a in channels for b in channels[a:] if a == b or self.pairs is None]
        return np.concatenate([alike if a == b else unlike for a, b in pairs])

    def describe_columns(self) -> list[Column]:
        """Describe ``mean_soap_one_one_l0_n1_n1`` and so on, or ``inner_soap_one_one_l0_n1_n1``."""
        if self.average == "outer":
            return super().describe_columns()
        return [
            column._replace(
                name=f"inner_{column.name}", meaning=f"{column.meaning}; of the mean density over the sites"
            )
            for column in self.describe_site_columns()
        ]

    def _reach(self) -> float:
        """Return how far atoms are seen, in angstrom."""
        padding = self.sigma * np.sqrt(-2.0 * np.log(UNSEEN)) if self.smoothing is None else 0.0
        return float(self.cutoff + padding)

    def _density(self, crystals: Crystals) -> tuple[Any, ...]:
        """Return what both kernels read: sites, pairs, weights, radial functions, numbers."""
        from skcrystal.kernels.site_kinds import label_kinds

        table = standardized_table(
            [] if self.species is not None else [p for p in self.properties if p != ONE]
        )
        weights = channel_weights(crystals, self.species, self.properties, table)
        neighbors = crystals.neighbors(self._reach())
        cubics, step = orbital_cubics(
            self.n_max, self.l_max, float(self.cutoff), float(self.sigma), self._reach()
        )
        return (
            (crystals.site_offsets, *label_kinds(crystals.site_offsets, weights)),
            (neighbors.offsets, neighbors.neighbors, neighbors.distances, neighbors.vectors),
            weights,
            (cubics, step, float(self.cutoff), float(self.smoothing or 0.0)),
            (int(self.n_max), int(self.l_max), PAIRINGS[self.pairs]),
        )

    def _spectra(self, crystals: Crystals, inner: bool) -> NDArray[np.float64] | csr_array:
        from skcrystal.kernels.soap import soap_spectra

        sites, pairs, weights, radial, numbers = self._density(crystals)
        columns = self._columns()
        held = HeldChannels.of(crystals, weights, every=self.species is None)
        repeats = np.ones(len(crystals), dtype=np.int64) if inner else crystals.site_counts
        offsets = columns.row_offsets(held, repeats)
        rows = np.empty(offsets[-1])
        soap_spectra(
            sites, pairs, (held.offsets, held.channels), weights, radial, numbers, inner, offsets, rows
        )
        return columns.table(rows, offsets, held, repeats, self.sparse_output)

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Return the power spectrum of each site."""
        return self._spectra(crystals, inner=False)

    def describe(self, crystals: Crystals) -> NDArray[np.float64] | csr_array:
        """Return the averaged power spectrum of each crystal."""
        return self._spectra(crystals, inner=True) if self.average == "inner" else super().describe(crystals)

    def site_gradients(self, X: Any, weights: Any) -> SiteGradients:
        """Return the derivatives of a weighted sum of the sites' columns by positions and strains.

        With E the sum over sites and columns of weight times value of :meth:`transform_sites`. The
        whole Jacobian is never made: this costs about twice as much as the values themselves.

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
        from skcrystal.kernels.soap import soap_gradients

        self._validate_params()
        crystals = whole_atoms(as_crystals(X))
        sites, pairs, channels, radial, numbers = self._density(crystals)
        factors = site_factors(weights, crystals.n_sites, self._columns().total)
        positions, strains = np.zeros((crystals.n_sites, 3)), np.zeros((len(crystals), 3, 3))
        soap_gradients(sites, pairs, channels, radial, numbers, factors, positions, strains)
        return SiteGradients(positions, strains)
