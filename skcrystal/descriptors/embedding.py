"""`Embedding`: vectors that a function of the user's makes of crystals, as a pretrained network does."""

from __future__ import annotations

from functools import lru_cache
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from skcrystal._sklearn import Interval, StrOptions
from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.crystal import Crystal
from skcrystal.crystals.limits import UnfitError
from skcrystal.descriptors.base import Invariance
from skcrystal.descriptors.columns import Column
from skcrystal.descriptors.site_descriptor import SiteDescriptor
from skcrystal.inputs import as_compositions

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from numpy.typing import NDArray

__all__ = ["Embedding"]

UNKNOWN = Invariance(
    origin=False,
    rotation=False,
    reflection=False,
    permutation=False,
    supercell=False,
    cell_choice=False,
    continuous=False,
    note="what a function of the user's keeps, only its author knows: the parameter claims says it",
)
# Functions whose widths are remembered.
MOST_FUNCTIONS = 64


class Embedding(SiteDescriptor):
    """Vectors that a function makes of crystals, or of their sites: what others have pretrained or computed.

    The function may be anything that can be called, as a network that was trained elsewhere, a program that
    is asked, or the ``predict`` of a fitted model, whose prediction is then a column. It is given the
    crystals of a batch at once, or their formulas alone. All vectors have one width; one that is not finite
    makes its crystal unusable, so that the featurizer's `on_error` decides.

    With ``CrystalFeaturizer(cache=...)`` vectors are kept under the crystal's content, `name` and `version`.
    The function itself is not looked at: another one, and the same with other weights, needs another name or
    version. Kept rows are taken without calling the function where `width` is given.

    What the function was trained on, it has seen. Where crystals that a model is judged by are among that,
    the judgement is too good: leave them out, or say so.

    Parameters
    ----------
    function : callable
        Takes the list of a batch's structures, as `structures` says, and returns for n crystals

        - an array of shape (n, width), or (n,) where the width is 1, with ``per="crystal"``
        - n arrays of shape (n_sites, width), or all rows in one array, with ``per="site"``

        Tensors of PyTorch will do. It may raise :class:`~skcrystal.CrystalError` for what it cannot take, as
        a disordered crystal. Clones of the descriptor share it. Processes are sent a pickle of it.
    name : str
        An identifier, as ``"chgnet"``. Columns are named ``chgnet_0``, and ``mean_chgnet_0`` over sites.
    version : str
        Of the function and its weights, as ``"0.3.0"``.
    per : {"crystal", "site"}, default="crystal"
        What a vector belongs to. Those of sites are pooled, and :meth:`transform_sites` gives them out.
    statistics : sequence of str, default=("mean",)
        Over the sites: "mean", "std", "min", "max". Of no meaning for vectors of crystals.
    structures : {"pymatgen", "crystals", "compositions"}, default="pymatgen"
        Whether the function is given a list of pymatgen's ``Structure``, :class:`~skcrystal.Crystals`, or
        :class:`~skcrystal.Compositions`: then the descriptor takes formulas, too, and sites have no vectors.
    width : int, default=None
        Length of the vectors. None asks the function for that of rock salt, once in a process.
    claims : Invariance, default=None
        What leaves the vectors as they are (:class:`~skcrystal.descriptors.Invariance`); None claims nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal import Crystal, CrystalFeaturizer
    >>> from skcrystal.descriptors import Density, Embedding
    >>> def sizes(structures):
    ...     return [[one.volume, len(one)] for one in structures]
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> steps = [("density", Density()), ("sizes", Embedding(sizes, "size", "1"))]
    >>> featurizer = CrystalFeaturizer(steps)
    >>> featurizer.get_feature_names_out()[-2:].tolist()
    ['size_0', 'size_1']
    >>> featurizer.fit_transform([rock_salt]).round(1)
    array([[22.4,  2.2,  0.6, 44.9,  2. ]])
    >>> Embedding(lambda structures: np.zeros((1, 3)), "wrong", "1", width=2).transform([rock_salt])
    Traceback (most recent call last):
    ...
    ValueError: the embedding 'wrong' returned an array of shape (1, 3) for 1 crystals; return one of (1, 2)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "function": [callable],
        "name": [str],
        "version": [str],
        "per": [StrOptions({"crystal", "site"})],
        "statistics": [list, tuple],
        "structures": [StrOptions({"pymatgen", "crystals", "compositions"})],
        "width": [None, Interval(Integral, 1, None, closed="left")],
        "claims": [None, Invariance],
    }

    def __init__(
        self,
        function: Callable[[Any], Any],
        name: str,
        version: str,
        *,
        per: Literal["crystal", "site"] = "crystal",
        statistics: Any = ("mean",),
        structures: Literal["pymatgen", "crystals", "compositions"] = "pymatgen",
        width: int | None = None,
        claims: Invariance | None = None,
    ) -> None:
        self.function = function
        self.name = name
        self.version = version
        self.per = per
        self.statistics = statistics
        self.structures = structures
        self.width = width
        self.claims = claims

    def __sklearn_clone__(self) -> Self:
        # scikit-learn copies what is no estimator, and a network may be large, or hold what has no copy.
        new = type(self)(**self.get_params(deep=False))
        if hasattr(self, "_sklearn_output_config"):
            new._sklearn_output_config = dict(self._sklearn_output_config)
        return new

    @property
    def invariance(self) -> Invariance:  # type: ignore[override]  # the user says it
        """What leaves a row as it is."""
        return UNKNOWN if self.claims is None else self.claims

    @property
    def needs_positions(self) -> bool:  # type: ignore[override]  # what the function is given says it
        """Whether formulas do not suffice."""
        return self.structures != "compositions"

    def _validate_params(self) -> None:
        super()._validate_params()
        if self.per == "site" and not self.needs_positions:
            raise ValueError("structures='compositions' have no sites; set per='crystal'")
        if not self.name.isidentifier():
            raise ValueError(f"name={self.name!r} cannot begin the names of columns; give an identifier")

    def key(self) -> str | None:
        """Return what tells its rows from others: name, version, and how vectors become rows."""
        import joblib

        own = (self.name, self.version, self.per, tuple(self.statistics), self.structures, self.width)
        key: str = joblib.hash(("Embedding", self.schema_version, own))
        return key

    def describe_columns(self) -> list[Column]:
        """Describe the entries of the vectors, pooled where they are those of sites."""
        return super().describe_columns() if self.per == "site" else self._entries()

    def describe_site_columns(self) -> list[Column]:
        """Describe the entries of a site's vector."""
        self._refuse_sites()
        return self._entries()

    def _entries(self) -> list[Column]:
        return [
            Column.of(f"{self.name}_{k}", "", f"entry {k} of {self.name} {self.version}")
            for k in range(self._width())
        ]

    def _width(self) -> int:
        if self.width is not None:
            return self.width
        return _width_of(_Same(self.function), self.name, self.per, self.structures)

    def _refuse_sites(self) -> None:
        if self.per != "site":
            raise ValueError(
                f"the embedding {self.name!r} has vectors of crystals and none of sites; set per='site' "
                "where its function returns a row for each site"
            )

    def describe(self, crystals: Any) -> NDArray[np.float64]:
        """Return the vectors of crystals, or the statistics over their sites."""
        if self.per == "site":
            return np.asarray(super().describe(crystals), dtype=np.float64)
        if not len(crystals):
            return np.empty((0, self._width()))
        if not self.needs_positions:
            crystals = as_compositions(crystals)
        found = _vectors(self.function, self.name, self.structures, crystals)
        rows = _numbers(found, self.name)
        rows = rows[:, None] if rows.ndim == 1 else rows
        expected = (len(crystals), self._width())
        if rows.shape != expected:
            raise ValueError(
                f"the embedding {self.name!r} returned an array of shape {rows.shape} for {len(crystals)} "
                f"crystals; return one of {expected}"
            )
        self._check_finite(crystals, rows, np.arange(len(crystals)))
        return rows

    def describe_sites(self, crystals: Crystals) -> NDArray[np.float64]:
        """Return the vectors of sites."""
        self._refuse_sites()
        if not len(crystals):
            return np.empty((0, self._width()))
        found = _vectors(self.function, self.name, self.structures, crystals)
        rows = _site_rows(found, self.name, crystals)
        if rows.shape[1] != self._width():
            raise ValueError(
                f"the embedding {self.name!r} returned vectors of {rows.shape[1]} numbers, and its width is "
                f"{self._width()}"
            )
        self._check_finite(crystals, rows, crystals.site_index[:, 0])
        return rows

    def _check_finite(
        self, crystals: Any, rows: NDArray[np.float64], owners: NDArray[np.integer[Any]]
    ) -> None:
        bad = np.unique(owners[~np.isfinite(rows).all(axis=1)]).tolist()
        if bad:
            raise UnfitError(
                {
                    index: f"{_formula(crystals[index])}: the embedding {self.name!r} returned NaN or "
                    "infinity; leave the crystal out, or set on_error='nan'"
                    for index in bad
                }
            )


def _formula(one: Any) -> str:
    """Return the reduced formula of a crystal, or of a composition's amounts."""
    if isinstance(one, Crystal):
        return one.formula
    from pymatgen.core import Composition

    return str(Composition(one).reduced_formula)


class _Same:
    """A function by its identity: what can be called need not be hashable."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def _identity(self) -> tuple[int, int]:
        # A bound method is a new object each time that it is taken from its instance.
        owner = getattr(self.function, "__self__", None)
        return (id(self.function), 0) if owner is None else (id(owner), hash(self.function.__name__))

    def __hash__(self) -> int:
        return hash(self._identity())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._identity() == other._identity()


@lru_cache(maxsize=MOST_FUNCTIONS)
def _width_of(same: _Same, name: str, per: str, structures: str) -> int:
    """Return how long the vector of rock salt is."""
    one = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    crystals = Crystals.from_crystals([one])
    given = as_compositions(crystals) if structures == "compositions" else crystals
    found = _vectors(same.function, name, structures, given)
    if per == "site":
        return int(_site_rows(found, name, crystals).shape[1])
    rows = _numbers(found, name)
    return int(rows.shape[1]) if rows.ndim == 2 else 1


def _vectors(function: Callable[[Any], Any], name: str, structures: str, crystals: Any) -> Any:
    """Call the function, and refuse what is no answer for as many crystals."""
    found = function(
        [crystal.to_structure() for crystal in crystals] if structures == "pymatgen" else crystals
    )
    if not hasattr(found, "__len__"):
        raise ValueError(
            f"the embedding {name!r} returned {type(found).__name__} and no vectors; return an array with a "
            "row for each crystal"
        )
    return found


def _numbers(found: Any, name: str) -> NDArray[np.float64]:
    """Return vectors as an array, whatever package they come from."""
    if isinstance(found, list | tuple):
        found = [_plain(one) for one in found]
    try:
        return np.asarray(_plain(found), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"the embedding {name!r} returned what is no array of numbers ({error}); return vectors of "
            "one length"
        ) from None


def _plain(found: Any) -> Any:
    """Take a tensor of PyTorch off its graph and its device."""
    return found.detach().cpu().numpy() if hasattr(found, "detach") else found


def _site_rows(found: Any, name: str, crystals: Crystals) -> NDArray[np.float64]:
    """Join the vectors of sites, given crystal by crystal or all in one array."""
    counts = crystals.site_counts.tolist()
    if isinstance(found, list | tuple) and len(found) == len(counts):
        tables = [np.atleast_1d(_numbers(one, name)) for one in found]
        if all(table.ndim == 2 for table in tables):
            for index, (table, count) in enumerate(zip(tables, counts, strict=True)):
                if len(table) != count:
                    raise ValueError(
                        f"the embedding {name!r} returned {len(table)} rows for crystal {index} "
                        f"({crystals[index].formula}), which has {count} sites; return a row for each site"
                    )
            if len({table.shape[1] for table in tables}) > 1:
                raise ValueError(f"the embedding {name!r} returned vectors of several lengths")
            return np.concatenate(tables)
    rows = _numbers(found, name)
    if rows.ndim != 2 or len(rows) != sum(counts):
        raise ValueError(
            f"the embedding {name!r} returned an array of shape {rows.shape} for {len(counts)} crystals of "
            f"{sum(counts)} sites; return an array of (n_sites, width) for each crystal"
        )
    return rows
