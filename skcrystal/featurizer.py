"""`CrystalFeaturizer`: descriptors united, computed chunk by chunk."""

from __future__ import annotations

import warnings
from collections import Counter
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
from scipy.sparse import csr_array, hstack, issparse, vstack
from sklearn.base import clone

from skcrystal.crystal import CrystalError
from skcrystal.descriptors.base import Descriptor, Interval, StatelessTransformer, StrOptions, as_names
from skcrystal.inputs import read_items, split_items
from skcrystal.presets import PRESETS, Steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import NDArray

__all__ = ["CrystalFeaturizer"]

Block: TypeAlias = "NDArray[np.float64] | csr_array"


class CrystalFeaturizer(StatelessTransformer):
    """Descriptors of crystals, united to one table: one row per crystal.

    It works like scikit-learn's ``FeatureUnion`` of descriptors: from a default-constructed object a step
    is dropped (``set_params(distance="drop")``), replaced (``set_params(distance=MyDescriptor())``) or
    changed (``set_params(space_group__symprec=0.1)``), and so in a grid of ``GridSearchCV``. Each chunk
    of crystals is read once, and its descriptors share symmetry and primitive cells.

    A row is invariant to what all of its descriptors are invariant to; each of them says so in its
    ``invariance``.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="default"
        The name of a preset, or named descriptors in the order of their columns; ``"drop"`` in place of a
        descriptor leaves its columns out. Presets:

        - ``"default"``: all element properties, density, angles, distances, space group
        - ``"notebook"``: the 327 columns of the lecture notebook, computed on the reduced primitive cell
    n_jobs : int, default=None
        Number of processes, as in scikit-learn: None is 1 unless a ``joblib.parallel_config`` says
        otherwise, -1 is all cores. Reading files and text is part of the parallel work.
    chunk_size : int, default=256
        Crystals per unit of work.
    verbose : bool or int, default=False
        Whether to show a progress bar.
    on_error : {"raise", "nan"}, default="raise"
        What an item that is no usable crystal does: stop everything, or become a row of NaN. With "nan",
        one warning gives the count, and `errors_` the reasons.

    Attributes
    ----------
    errors_ : dict
        Index of each item that the last ``transform`` could not use -> reason. Set with
        ``on_error="nan"``.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrystal import Crystal, CrystalFeaturizer
    >>> rock_salt = Crystal.ordered(5.64 * (1 - np.eye(3)) / 2, [[0, 0, 0], [0.5, 0.5, 0.5]], [11, 17])
    >>> featurizer = CrystalFeaturizer("notebook")
    >>> featurizer.fit_transform([rock_salt]).shape
    (1, 327)
    >>> featurizer.set_params(space_group="drop").fit_transform([rock_salt]).shape
    (1, 97)
    >>> featurizer.transform([rock_salt, "data_nothing\\n"])
    Traceback (most recent call last):
    ...
    skcrystal.crystal.CrystalError: crystal 1: ...
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "descriptors": [StrOptions(set(PRESETS)), list],
        "n_jobs": [None, Interval(Integral, None, None, closed="neither")],
        "chunk_size": [Interval(Integral, 1, None, closed="left")],
        "verbose": ["verbose"],
        "on_error": [StrOptions({"raise", "nan"})],
    }

    def __init__(
        self,
        descriptors: Any = "default",
        *,
        n_jobs: int | None = None,
        chunk_size: int = 256,
        verbose: bool | int = False,
        on_error: str = "raise",
    ) -> None:
        self.descriptors = descriptors
        self.n_jobs = n_jobs
        self.chunk_size = chunk_size
        self.verbose = verbose
        self.on_error = on_error

    # -- parameters ---------------------------------------------------------------------------------

    def _steps(self) -> list[tuple[str, Any]]:
        """Return all (name, descriptor) pairs; those of a preset are made anew."""
        if isinstance(self.descriptors, str):
            return list(PRESETS[self.descriptors]()) if self.descriptors in PRESETS else []
        return list(self.descriptors)

    def _active(self) -> Steps:
        return [(name, step) for name, step in self._steps() if step != "drop"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, those of the descriptors included.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add each step by its name, and each parameter of a step as ``<name>__<parameter>``.

        Returns
        -------
        dict
        """
        params: dict[str, Any] = super().get_params(deep=False)
        if deep and not isinstance(self.descriptors, type):
            for name, step in self._steps():
                params[name] = step
                if isinstance(step, Descriptor):
                    params.update({f"{name}__{key}": value for key, value in step.get_params().items()})
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters: own ones, then whole steps by name, then parameters of steps.

        Parameters
        ----------
        **params
            ``descriptors="notebook"``, ``distance="drop"``, ``space_group__symprec=0.1``, ...

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Names a parameter or step that does not exist.
        """
        own = super().get_params(deep=False)
        for key in [key for key in params if key in own]:
            setattr(self, key, params.pop(key))
        if not params:
            return self

        steps = dict(self._steps())
        for key in [key for key in params if "__" not in key]:
            if key not in steps:
                raise ValueError(
                    f"{key!r} is neither a parameter of CrystalFeaturizer ({', '.join(own)}) nor one of its "
                    f"steps ({', '.join(steps)})"
                )
            steps[key] = params.pop(key)
        for key, value in params.items():
            name, _, parameter = key.partition("__")
            if not isinstance(steps.get(name), Descriptor):
                raise ValueError(
                    f"{key!r} sets a parameter of the step {name!r}, which CrystalFeaturizer "
                    f"{'dropped' if name in steps else 'does not have'}; its steps are {', '.join(steps)}"
                )
            steps[name].set_params(**{parameter: value})
        self.descriptors = list(steps.items())
        return self

    def _validate_params(self) -> None:
        super()._validate_params()
        names = []
        for entry in self._steps():
            if not (isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[0], str)):
                raise ValueError(f"descriptors is a list of (name, descriptor) pairs, and holds {entry!r}")
            name, step = entry
            names.append(name)
            if step != "drop" and not isinstance(step, Descriptor):
                raise TypeError(
                    f"the step {name!r} is no Descriptor but {step!r}; a transformer that learns from the "
                    "data belongs behind the featurizer, in the pipeline"
                )
            if step != "drop":
                step.fit()
        own = super().get_params(deep=False)
        for name, count in Counter(names).items():
            if count > 1 or "__" in name or name in own:
                raise ValueError(
                    f"the step name {name!r} cannot be used: names are unique, without '__', and none of "
                    f"the featurizer's own parameters ({', '.join(own)})"
                )

    # -- scikit-learn's interface -------------------------------------------------------------------

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

    def transform(self, X: Any) -> Block:
        """Compute one row per crystal.

        Parameters
        ----------
        X : Crystals or a collection of crystals
            Anything that :func:`skcrystal.as_crystals` takes. It is not modified.

        Returns
        -------
        ndarray of shape (n_crystals, n_features), float64
            A ``csr_array`` where a descriptor returns one.

        Raises
        ------
        CrystalError
            Names the first item that is no usable crystal, and why.
        """
        from joblib import Parallel, delayed
        from tqdm.auto import tqdm

        self._validate_params()
        items = split_items(X)
        steps = [clone(step) for _, step in self._active()]
        width = len(self.get_feature_names_out())
        starts = range(0, len(items), self.chunk_size)
        jobs = (delayed(_describe)(steps, items[start : start + self.chunk_size]) for start in starts)
        blocks: list[Block] = []
        errors: dict[int, str] = {}
        with tqdm(total=len(items), unit=" crystals", disable=not self.verbose) as bar:
            results = Parallel(n_jobs=self.n_jobs, return_as="generator")(jobs)
            for start, (block, faults) in zip(starts, results, strict=True):
                errors.update({start + index: reason for index, reason in faults.items()})
                if errors and self.on_error == "raise":
                    with warnings.catch_warnings():
                        # joblib warns of work that is stopped half way: here it is meant to be.
                        warnings.simplefilter("ignore")
                        results.close()
                    index, reason = next(iter(errors.items()))
                    raise CrystalError(f"crystal {index}: {reason}")
                blocks.append(block)
                bar.update(block.shape[0])
        if self.on_error == "nan":
            self._report(errors, len(items))
        if any(issparse(block) for block in blocks):
            return csr_array(vstack(blocks))
        return np.concatenate(blocks or [np.empty((0, width))])

    def _report(self, errors: dict[int, str], total: int) -> None:
        self.errors_ = errors
        if errors:
            index, reason = next(iter(errors.items()))
            warnings.warn(
                f"{len(errors)} of {total} items are no usable crystals and became rows of NaN; errors_ has "
                f"the reasons, the first being: crystal {index}: {reason}",
                stacklevel=4,
            )

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns; a name that two steps share gets its step's name in front.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        pairs = [
            (step_name, str(name))
            for step_name, step in self._active()
            for name in step.get_feature_names_out()
        ]
        counts = Counter(name for _, name in pairs)
        return as_names([f"{step}__{name}" if counts[name] > 1 else name for step, name in pairs])

    def _sk_visual_block_(self) -> Any:
        from sklearn.pipeline import FeatureUnion

        return FeatureUnion(self._steps())._sk_visual_block_()


def _describe(steps: Sequence[Descriptor], items: Sequence[Any]) -> tuple[Block, dict[int, str]]:
    """Read one chunk and compute its rows, NaN for items at fault: the unit of work."""
    crystals, faults = read_items(items)
    blocks = [step.describe(crystals) for step in steps]
    if any(issparse(block) for block in blocks):
        block = csr_array(hstack(blocks))
    else:
        block = np.concatenate(blocks or [np.empty((len(crystals), 0))], axis=1)
    if not faults:
        return block, faults
    good = np.ones(len(items), dtype=bool)
    good[list(faults)] = False
    dense = np.full((len(items), block.shape[1]), np.nan)
    dense[good] = block.toarray() if issparse(block) else block
    return (csr_array(dense) if issparse(block) else dense), faults
