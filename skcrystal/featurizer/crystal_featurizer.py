"""`CrystalFeaturizer`: descriptors united, computed chunk by chunk."""

from __future__ import annotations

import warnings
from collections import Counter
from contextlib import closing
from numbers import Integral
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from skcrystal._progress import progress_bar
from skcrystal._sklearn import BaseComposition, Interval, StrOptions
from skcrystal.crystals.crystal import CrystalError
from skcrystal.crystals.notes import warn_of_notes
from skcrystal.descriptors.base import Descriptor, StatelessTransformer
from skcrystal.featurizer.chunks import Block, Blocks, run_chunks
from skcrystal.featurizer.display import ShownParameters, visual_block
from skcrystal.featurizer.prepared import prepared_steps
from skcrystal.featurizer.presets import PRESETS, Steps
from skcrystal.featurizer.report import Report
from skcrystal.featurizer.transformer_columns import as_descriptor, is_stateless_transformer
from skcrystal.featurizer.united_columns import feature_table, unite_columns
from skcrystal.inputs import column_of, split_items

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

    from skcrystal.descriptors.columns import Column

__all__ = ["CrystalFeaturizer"]


class CrystalFeaturizer(StatelessTransformer, BaseComposition):
    """Descriptors of crystals, united to one table: one row per crystal.

    It works like scikit-learn's ``FeatureUnion`` of descriptors: from a default-constructed object a step
    is dropped (``set_params(distance="drop")``), replaced (``set_params(distance=MyDescriptor())``) or
    changed (``set_params(space_group__symprec=0.1)``), and so in a grid of ``GridSearchCV``. Each chunk
    of crystals is read once, and its descriptors share symmetry and primitive cells.

    A row is invariant to what all of its descriptors are invariant to; each of them says so in its
    ``invariance``. :meth:`describe_features` says what each column means; tables of pandas have the units as
    ``attrs["units"]``, which ``DataFrame.to_parquet`` writes along and ``pandas.read_parquet`` reads.

    Parameters
    ----------
    descriptors : str or list of (str, Descriptor), default="default"
        The name of a preset, or named descriptors in the order of their columns; ``"drop"`` in place of a
        descriptor leaves its columns out. A transformer that need not be fitted, as scikit-learn's
        ``FunctionTransformer``, may stand in place of a descriptor: it is given a
        :class:`~skcrystal.Crystals` and returns a row for each. Presets:

        - ``"default"``: the families that pay: composition, ions, valence electrons, density, symmetry,
          distances, bonds, electrostatics
        - ``"full"``: one descriptor of every family
        - ``"composition"``: what a formula alone can tell; it takes formulas as well as crystals
        - ``"notebook"``: the 327 columns of the lecture notebook, computed on the reduced primitive cell
    n_jobs : int, default=None
        Number of processes, as in scikit-learn: None is 1 unless a ``joblib.parallel_config`` says
        otherwise, -1 is all cores. Reading files and text is part of the parallel work.
    chunk_size : int, default=128
        Crystals per unit of work. Several processes get fewer towards the end, so that none waits for
        another.
    verbose : bool or int, default=False
        Whether to show a progress bar.
    cache : str or path-like, default=None
        A file or folder on disk in which computed rows are kept, so that no crystal is described twice: not
        by another fold or grid point, and not by the next program. Rows are known by the crystal's content
        and the descriptor's class, parameters and version. :mod:`skcrystal.cache` shows its size and clears
        it. Processes may share it.
    on_error : {"raise", "nan"}, default="raise"
        What an item that is no usable crystal does: stop everything, or become a row of NaN. With "nan",
        one warning gives the count, and :meth:`report` the reasons.
    disorder : {"average", "raise"}, default="average"
        What a site that is shared or partly vacant does: count by its occupancies, as in a virtual crystal of
        average atoms, or make its crystal unusable, so that `on_error` decides.
    column : str, default=None
        Name of the column that holds the crystals, where X is a DataFrame of several.
    float32 : bool, default=False
        Whether rows have half the digits, and take half the memory.

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
    skcrystal.CrystalError: crystal 1: ...
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "descriptors": [StrOptions(set(PRESETS)), list],
        "n_jobs": [None, Interval(Integral, None, None, closed="neither")],
        "chunk_size": [Interval(Integral, 1, None, closed="left")],
        "verbose": ["verbose"],
        "cache": [None, str, PathLike],
        "on_error": [StrOptions({"raise", "nan"})],
        "disorder": [StrOptions({"average", "raise"})],
        "column": [None, str],
        "float32": ["boolean"],
    }

    def __init__(
        self,
        descriptors: Any = "default",
        *,
        n_jobs: int | None = None,
        chunk_size: int = 128,
        verbose: bool | int = False,
        cache: str | PathLike[str] | None = None,
        on_error: str = "raise",
        disorder: str = "average",
        column: str | None = None,
        float32: bool = False,
    ) -> None:
        self.descriptors = descriptors
        self.n_jobs = n_jobs
        self.chunk_size = chunk_size
        self.verbose = verbose
        self.cache = cache
        self.on_error = on_error
        self.disorder = disorder
        self.column = column
        self.float32 = float32

    @property
    def _steps(self) -> Any:
        """All (name, descriptor) pairs; those of a preset are made anew."""
        if isinstance(self.descriptors, str):
            return PRESETS[self.descriptors]() if self.descriptors in PRESETS else []
        return self.descriptors

    @_steps.setter
    def _steps(self, steps: Any) -> None:
        self.descriptors = steps

    def _active(self) -> Steps:
        return [(name, as_descriptor(step)) for name, step in self._steps if step != "drop"]

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
        params: dict[str, Any] = self._get_params("_steps", deep=deep)
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
        own = self.get_params(deep=False)
        if "descriptors" in params:
            self.descriptors = params.pop("descriptors")
        others = [key for key in params if key not in own]
        if others:
            self._steps = steps = list(self._steps)
            found = {name: params.get(name, step) for name, step in steps}
            for key in others:
                name, nested, _ = key.partition("__")
                if not nested and name not in found:
                    raise ValueError(
                        f"{key!r} is neither a parameter of CrystalFeaturizer ({', '.join(own)}) nor one of "
                        f"its steps ({', '.join(found)})"
                    )
                if nested and not hasattr(found.get(name), "set_params"):
                    raise ValueError(
                        f"{key!r} sets a parameter of the step {name!r}, which CrystalFeaturizer "
                        f"{'dropped' if name in found else 'does not have'}; its steps are {', '.join(found)}"
                    )
        self._set_params("_steps", **params)
        return self

    def _validate_params(self) -> None:
        super()._validate_params()
        names = []
        for entry in self._steps:
            if not (isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[0], str)):
                raise ValueError(f"descriptors is a list of (name, descriptor) pairs, and holds {entry!r}")
            name, step = entry
            names.append(name)
            if step != "drop" and not (isinstance(step, Descriptor) or is_stateless_transformer(step)):
                raise TypeError(
                    f"the step {name!r} is no Descriptor but {step!r}; a transformer that learns from the "
                    "data belongs behind the featurizer, in the pipeline, and one that does not says so by "
                    "requires_fit=False among its tags"
                )
            if step != "drop":
                as_descriptor(step).fit()
        own = self.get_params(deep=False)
        for name, count in Counter(names).items():
            if count > 1 or "__" in name or name in own:
                raise ValueError(
                    f"the step name {name!r} cannot be used: names are unique, without '__', and none of "
                    f"the featurizer's own parameters ({', '.join(own)})"
                )

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Validate the parameters; nothing is learned and X is not read.

        Parameters
        ----------
        X, y : ignored

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
        ndarray of shape (n_crystals, n_features), float64 or float32
            A ``csr_array`` where a descriptor returns one.

        Raises
        ------
        CrystalError
            Names the first item that is no usable crystal, and why.

        Warns
        -----
        ReadWarning
            Once, if crystals were repaired or are suspicious: how many, which, and the first notes.
        """
        report, sources, messages = self._described(X, stops=self.on_error == "raise")
        for message in messages:
            warnings.warn(message, stacklevel=4)
        total = report.rows.shape[0]
        warn_of_notes(report.notes, sources, total, stacklevel=4)
        if report.errors:
            index, reason = next(iter(report.errors.items()))
            warnings.warn(
                f"{len(report.errors)} of {total} items are no usable crystals and became rows of NaN; "
                f"report(X).errors has the reasons, the first being: crystal {index}: {reason}",
                stacklevel=4,
            )
        return report.rows

    def report(self, X: Any) -> Report:
        """Compute one row per crystal, and return with them what was wrong with items, instead of warning.

        Whatever `on_error`, an item that is no usable crystal becomes a row of NaN here. Nothing is kept in
        the featurizer: threads that share it get each their own report.

        Parameters
        ----------
        X : Crystals or a collection of crystals
            As for :meth:`transform`.

        Returns
        -------
        :class:`~skcrystal.featurizer.Report`

        Examples
        --------
        >>> from skcrystal import CrystalFeaturizer
        >>> report = CrystalFeaturizer("composition").report(["NaCl", "Qq"])
        >>> report.rows.shape, list(report.errors)
        ((2, ...), [1])
        """
        return self._described(X, stops=False)[0]

    def _described(self, X: Any, *, stops: bool) -> tuple[Report, dict[int, str], list[str]]:
        """Describe items; return also where those with notes came from, and what else is to be said."""
        steps = prepared_steps(self)
        items = split_items(X if self.column is None else column_of(X, self.column))
        chunks = run_chunks(steps, items, self.chunk_size, self.n_jobs, self.cache, self.disorder)
        blocks = Blocks(len(items), np.float32 if self.float32 else np.float64)
        errors: dict[int, str] = {}
        notes: dict[int, tuple[str, ...]] = {}
        sources: dict[int, str] = {}
        messages: dict[str, None] = {}
        with progress_bar(shown=self.verbose, total=len(items), unit=" crystals") as bar, closing(chunks):
            for chunk in chunks:
                errors.update(chunk.faults)
                notes.update(chunk.notes)
                sources.update(chunk.sources)
                messages.update(dict.fromkeys(chunk.messages))
                if errors and stops:
                    index, reason = next(iter(errors.items()))
                    raise CrystalError(f"crystal {index}: {reason}")
                blocks.append(chunk.rows)
                bar.update(chunk.rows.shape[0])
        rows = blocks.join() if len(items) else np.empty((0, len(self.get_feature_names_out())), blocks.dtype)
        return Report(rows, errors, notes), sources, list(messages)

    def describe_columns(self) -> list[Column]:
        """Say of each column what it means; a name that two steps share gets its step's name in front.

        Returns
        -------
        list of :class:`~skcrystal.descriptors.Column`
        """
        return [one.column for one in unite_columns(self._active())]

    def describe_features(self) -> pd.DataFrame:
        """Say of each column what it means, in which unit, and what leaves it as it is.

        Returns
        -------
        DataFrame
            A row for each column, in their order:

            - ``name``: as :meth:`get_feature_names_out` has it
            - ``family``: the step that it belongs to
            - ``quantity``, ``statistic``: what its name says, as ``bond_length`` and ``mean``; the statistic
              is empty where the column is none
            - ``unit``: "1" for a number without a unit, ``log10(GPa)`` for the logarithm of a number of GPa
            - ``missing``: what stands where the quantity is not known or not defined; empty where it always
              is
            - ``invariances``: which moves leave it as it is (:class:`~skcrystal.descriptors.Invariance`),
              and whether it is continuous
            - ``meaning``: one line

            Of a descriptor whose class says no more, name and invariances alone.

        Examples
        --------
        >>> from skcrystal import CrystalFeaturizer
        >>> features = CrystalFeaturizer().describe_features().set_index("name")
        >>> features.loc["mean_bond_length", ["family", "unit", "meaning"]].tolist()
        ['coordination', 'angstrom', 'mean length of the bonds; mean over the sites']
        >>> features.loc["mean_log10_youngs_modulus", "unit"]
        'log10(GPa)'
        """
        self._validate_params()
        return feature_table(unite_columns(self._active()))

    def _sk_visual_block_(self) -> Any:
        return visual_block(self)

    def _get_params_html(self, deep: bool = True, doc_link: str = "") -> ShownParameters:
        # Of parameters of steps there are too many to be read.
        return ShownParameters(self, super()._get_params_html(False, doc_link=doc_link))
