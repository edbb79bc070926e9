"""`TrainingRun`: what a training run found, as plain arrays in one file, for a report to be made of."""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.crystal import CrystalError
from skcrystal.crystals.notes import ReadWarning
from skcrystal.formats.bundles import array_header, read_bundle, write_bundle
from skcrystal.models.scores import Score, scores_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["KINDS", "LearningCurve", "Remark", "SplitResult", "TrainingRun"]

KINDS = ("real", "positive", "nonnegative", "classes")
"""What values a target takes: those of :func:`~skcrystal.models.make_regressor`, and labels."""

SCHEMA = 1
HEADER = "run.json"


@dataclass(frozen=True, eq=False)
class SplitResult:
    """What the models predict of rows that they have not seen, for one way to split.

    Attributes
    ----------
    name : str
        ``"random"``, ``"formula"``, or the name of another splitter, as ``"prototype"``.
    description : str
        The splitter and its parameters, for people.
    folds : ndarray of shape (n_rows,), int64
        Number of the fold that tests the row; -1 where none does.
    predictions : dict of str to ndarray
        Name of a model, as in :attr:`TrainingRun.models` -> its predictions, of shape (n_rows,), in the unit
        of the target; of classes the probabilities, of shape (n_rows, n_classes). NaN in rows that no fold
        tests.
    low, high : ndarray of shape (n_rows,)
        Ends of the intervals of the first model, for :attr:`TrainingRun.coverage`; NaN where there are none.
    """

    name: str
    description: str
    folds: NDArray[np.int64]
    predictions: Mapping[str, Array]
    low: Array
    high: Array


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """The error of models that learn from a part of the rows, on rows that they have not seen.

    Attributes
    ----------
    split : str
        Name of the splits that it was measured on.
    score : str
        ``"MAE"``, in the unit of the target, or ``"accuracy"``.
    sizes : ndarray of shape (n_sizes,), int64
        Rows that the models learned from, ascending.
    values : dict of str to ndarray of shape (n_sizes, n_folds)
        Name of a model -> its scores.
    """

    split: str
    score: str
    sizes: NDArray[np.int64]
    values: Mapping[str, Array]


@dataclass(frozen=True)
class Remark:
    """Something that is suspicious in the data.

    Attributes
    ----------
    kind : str
        ``"duplicate"`` (one crystal, several rows), ``"contradiction"`` (one crystal, different targets),
        ``"close_atoms"``, ``"rare_element"``, ``"twins"`` (the same crystal in training and test rows of the
        random split), ``"constant_target"``, ...
    rows : tuple of int
        The rows that it speaks of, ascending.
    text : str
        One sentence.
    """

    kind: str
    rows: tuple[int, ...]
    text: str


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What a training run found: the data, honest predictions beside simple ones, and the model card.

    It holds no model and needs none: :meth:`load` executes nothing of what is in the file. Row i of every
    array of n_rows is the same crystal.

    Attributes
    ----------
    target : str
        What is predicted, as ``"band_gap"``.
    unit : str
        Of the target, as ``"eV"``; "" where it is not known.
    kind : {"real", "positive", "nonnegative", "classes"}
    classes : tuple of str
        Labels, where `kind` is "classes"; else empty.
    ids, formulas : tuple of str
        Of n_rows. Identifiers are those of the data, or file names. Formulas are reduced.
    y : ndarray of shape (n_rows,)
        The targets; of classes their numbers in `classes`.
    amounts : ndarray of shape (n_rows, 119)
        Atoms of each element in each cell; column Z is the element Z.
    sites : ndarray of shape (n_rows,), int64
        Sites in the cell as it was given; 0 for a formula.
    space_groups : ndarray of shape (n_rows,), int64
        Numbers; 0 for a formula.
    nearest : ndarray of shape (n_rows,)
        The shortest distance between two sites, in angstrom; NaN for a formula.
    models : dict of str to str
        Name -> what it is, in one sentence. The first is the one that was saved; then follow the ones that it
        is compared with, the last of which, ``"mean"``, predicts the mean of the training rows (of classes
        their frequencies).
    splits : tuple of SplitResult
        ``"random"`` first, then ``"formula"``, then others that were asked for.
    coverage : float
        Share of the true values that the intervals are to contain.
    importance : dict of str to ndarray of shape (n_repeats,)
        Family of columns -> by how much worse `importance_score` gets without it, on rows that the model has
        not seen.
    importance_score : str
    learning_curve : LearningCurve or None
    remarks : tuple of Remark
    domain : ndarray of shape (n_rows,)
        How far each row lies from the training rows of its random fold: above 1 is outside. NaN where it was
        not measured.
    domain_description : str
        How it was measured.
    shown : ndarray of shape (n_shown,), int64
        Rows whose crystals are kept in `structures`, to be drawn: the twenty with the largest errors of each
        split, ascending.
    structures : Crystals or None
        Of n_shown crystals; None where the inputs are formulas.
    failures : dict of str to str
        Input that was left out -> why.
    card : dict
        The model card, of what JSON can hold: ``versions`` (package -> version), ``seed``, ``parameters``
        (of the model, name -> value), ``data`` (``source``, ``digest``, ``n_rows``), ``columns`` (of the
        features), ``intended_use``, ``limits``, ``command``.
    """

    target: str
    unit: str
    kind: str
    classes: tuple[str, ...]
    ids: tuple[str, ...]
    formulas: tuple[str, ...]
    y: Array
    amounts: Array
    sites: NDArray[np.int64]
    space_groups: NDArray[np.int64]
    nearest: Array
    models: Mapping[str, str]
    splits: tuple[SplitResult, ...]
    coverage: float = 0.9
    importance: Mapping[str, Array] = field(default_factory=dict)
    importance_score: str = ""
    learning_curve: LearningCurve | None = None
    remarks: tuple[Remark, ...] = ()
    domain: Array = field(default_factory=lambda: np.empty(0))
    domain_description: str = ""
    shown: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    structures: Crystals | None = None
    failures: Mapping[str, str] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, and {self.kind!r} was given")
        if not len(self.domain):
            object.__setattr__(self, "domain", np.full(len(self.y), np.nan))
        rows = {"formulas": self.formulas, "y": self.y, "amounts": self.amounts, "sites": self.sites}
        rows |= {"space_groups": self.space_groups, "nearest": self.nearest, "domain": self.domain}
        for split in self.splits:
            rows |= {f"{part} of {split.name}": getattr(split, part) for part in ("folds", "low", "high")}
            rows |= {f"predictions of {name}": found for name, found in split.predictions.items()}
        for name, values in rows.items():
            if len(values) != len(self.ids):
                raise ValueError(f"{name} has {len(values)} entries for {len(self.ids)} rows")

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        unit = f" ({self.unit})" if self.unit else ""
        return f"TrainingRun({self.target}{unit}, {len(self)} rows, {len(self.splits)} splits)"

    def split(self, name: str) -> SplitResult:
        """Return the splits of a name.

        Raises
        ------
        KeyError
            There are none.
        """
        for split in self.splits:
            if split.name == name:
                return split
        raise KeyError(f"the run has no split {name!r}, but {', '.join(one.name for one in self.splits)}")

    def scores(self, split: str = "random") -> list[Score]:
        """Return the scores of each model, on all tested rows and fold by fold.

        Parameters
        ----------
        split : str, default="random"

        Returns
        -------
        list of Score
            MAE, RMSE (in the unit of the target), MSE (its square) and R2; of classes accuracy, balanced
            accuracy and log loss. Model by model, in the order of `models`.
        """
        found = self.split(split)
        return [
            score
            for name in self.models
            if name in found.predictions
            for score in scores_of(
                name, self.y, found.predictions[name], found.folds, labels=len(self.classes)
            )
        ]

    def inside(self, split: str = "random") -> float:
        """Return the share of tested rows whose target lies in its interval; NaN where there are none."""
        found = self.split(split)
        known = np.isfinite(found.low + found.high)
        if not known.any():
            return float("nan")
        held = (found.low <= self.y) & (self.y <= found.high)
        return float(held[known].mean())

    def save(self, path: str | PathLike[str]) -> None:
        """Write the run to one file: a zip archive of ``run.json`` and arrays, which any program can read.

        The same run gives the same bytes.

        Parameters
        ----------
        path : str or path-like
            As ``model.run.zip``. A file that exists is replaced at once when all is written.
        """
        header: dict[str, Any] = {"format": "skcrystal training run", "schema": SCHEMA}
        arrays: dict[str, Any] = {}
        for name in _TEXTS:
            header[name] = getattr(self, name)
        for name in _ARRAYS:
            arrays[name] = getattr(self, name)
        header["splits"] = []
        for k, split in enumerate(self.splits):
            header["splits"].append(
                {"name": split.name, "description": split.description, "models": list(split.predictions)}
            )
            arrays |= {f"split-{k}/{name}": getattr(split, name) for name in ("folds", "low", "high")}
            for m, found in enumerate(split.predictions.values()):
                arrays[f"split-{k}/prediction-{m}"] = found
        header["importance"] = list(self.importance)
        arrays |= {f"importance-{k}": values for k, values in enumerate(self.importance.values())}
        curve = self.learning_curve
        header["learning_curve"] = curve and {
            "split": curve.split,
            "score": curve.score,
            "models": list(curve.values),
        }
        if curve is not None:
            arrays["learning_curve/sizes"] = curve.sizes
            arrays |= {f"learning_curve/{k}": values for k, values in enumerate(curve.values.values())}
        header["remarks"] = [asdict(remark) for remark in self.remarks]
        header["structures"] = self.structures is not None and list(self.structures.sources)
        if self.structures is not None:
            arrays |= {f"structures/{name}": getattr(self.structures, name) for name in _STRUCTURE}
        members = {HEADER: json.dumps(header, indent=1, ensure_ascii=False).encode()}
        members |= {f"arrays/{name}.npy": _packed(array) for name, array in arrays.items()}
        write_bundle(path, members)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> TrainingRun:
        """Read what :meth:`save` wrote.

        Raises
        ------
        CrystalError
            The file is no training run, or one of a newer version.
        """
        members = read_bundle(path)
        try:
            header = json.loads(members[HEADER])
            known = header["format"] == "skcrystal training run"
        except (KeyError, TypeError, ValueError, RecursionError):
            known = False
        if not known:
            raise CrystalError(
                f"{str(path)!r} is no training run; give the .run.zip that `skcrystal train` wrote beside "
                "the model."
            )
        if header.get("schema") != SCHEMA:
            raise CrystalError(
                f"{str(path)!r} is of schema {header.get('schema')!r}, and this version reads {SCHEMA}; "
                "use the version of skcrystal that wrote it, or train again."
            )
        try:
            return cls(**_fields(header, members))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise CrystalError(f"{str(path)!r} is damaged: {error}.") from None


# What stands in the header as it is, and what is an array of its own.
_TEXTS = (
    *("target", "unit", "kind", "classes", "ids", "formulas", "models", "coverage"),
    *("importance_score", "domain_description", "failures", "card"),
)
_ARRAYS = ("y", "amounts", "sites", "space_groups", "nearest", "domain", "shown")
_STRUCTURE = (
    *("lattices", "site_offsets", "frac_coords", "species_offsets"),
    *("atomic_numbers", "occupancies", "oxidation_states"),
)


def _packed(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def _unpacked(content: bytes) -> NDArray[Any]:
    shape, dtype, offset = array_header(content)
    if dtype.kind == "U":
        raise ValueError("an array holds text, and no numbers")
    return np.frombuffer(content, dtype, offset=offset).reshape(shape).copy()


def _fields(header: dict[str, Any], members: dict[str, bytes]) -> dict[str, Any]:
    def array(name: str) -> Any:
        return _unpacked(members[f"arrays/{name}.npy"])

    fields: dict[str, Any] = {name: header[name] for name in _TEXTS}
    fields |= {name: tuple(map(str, header[name])) for name in ("classes", "ids", "formulas")}
    fields |= {name: array(name) for name in _ARRAYS}
    fields["splits"] = tuple(
        SplitResult(
            one["name"],
            one["description"],
            array(f"split-{k}/folds"),
            {model: array(f"split-{k}/prediction-{m}") for m, model in enumerate(one["models"])},
            array(f"split-{k}/low"),
            array(f"split-{k}/high"),
        )
        for k, one in enumerate(header["splits"])
    )
    fields["importance"] = {name: array(f"importance-{k}") for k, name in enumerate(header["importance"])}
    curve = header["learning_curve"]
    fields["learning_curve"] = curve and LearningCurve(
        curve["split"],
        curve["score"],
        array("learning_curve/sizes"),
        {model: array(f"learning_curve/{k}") for k, model in enumerate(curve["models"])},
    )
    fields["remarks"] = tuple(
        Remark(one["kind"], tuple(one["rows"]), one["text"]) for one in header["remarks"]
    )
    if header["structures"] is not False:
        arrays = {name: array(f"structures/{name}") for name in _STRUCTURE}
        with warnings.catch_warnings():
            # What is suspicious in them was said when they were read.
            warnings.simplefilter("ignore", ReadWarning)
            fields["structures"] = Crystals(**arrays, sources=map(str, header["structures"]))
    return fields
