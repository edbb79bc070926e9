"""One archive with a model: a header and a card that anyone can read, arrays, and trees as JSON."""

from __future__ import annotations

import importlib
import io
import json
import re
import warnings
import zipfile
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal._version import __version__
from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.bundles import read_bundle, write_bundle
from skcrystal.models.column_weights import pipeline_within
from skcrystal.models.record import changed_versions, versions_now
from skcrystal.models.sharing.allowlist import CONTAINERS, FUNCTIONS, TYPES, check_array, check_schema
from skcrystal.models.sharing.boosters import StoredBooster, check_booster, store, unstore
from skcrystal.models.sharing.parameters import drop_local, featurizers_in, mapped, tamed
from skcrystal.models.sharing.probe import probed, same_answers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

__all__ = ["ModelHeader", "load", "read_header", "save"]

FORMAT, SCHEMA = "skcrystal model", 1
HEADER, CARD, OBJECTS = "skcrystal.json", "README.md", "schema.json"

MAX_BYTES = 2_000_000_000
MAX_HEADER_BYTES = 20_000_000

UNSAFE = (
    "is made of trees that scikit-learn follows wherever a file says, and could crash whoever loads it; "
    "keep it "
    "for yourself with joblib, or share a model of make_regressor"
)


@dataclass(frozen=True)
class ModelHeader:
    """What stands in front of a shared model, and can be read without making any of its objects.

    Attributes
    ----------
    target : str
        What is predicted.
    unit : str
        Of the target; "" where it is not known.
    kind : str
        ``"real"``, ``"positive"``, ``"nonnegative"`` or ``"classes"``; "" where it is not known.
    classes : tuple of str
    columns : tuple of str
        Names of the columns that the model computes.
    schemas : dict of str to int
        Step of the featurizer -> version of what its columns mean.
    versions : dict of str to str
        Package -> version.
    data : dict
        Of the training set: ``source``, ``digest``, ``n_rows``.
    about : dict
        What else the model card says, of what JSON can hold.
    probe : dict of str to list
        What the model says of rock salt: ``predict``, and ``predict_interval`` or ``predict_proba``. It has
        to say the same where it is loaded.
    """

    target: str = ""
    unit: str = ""
    kind: str = ""
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    schemas: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    probe: Mapping[str, Any] = field(default_factory=dict)


def save(
    model: Any,
    path: str | PathLike[str],
    *,
    target: str = "",
    unit: str = "",
    kind: str = "",
    classes: tuple[str, ...] = (),
    data: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
    card: str = "",
    force: bool = True,
) -> None:
    """Write a fitted model to a file that can be given away.

    The file is a zip archive: ``skcrystal.json`` (:class:`ModelHeader`), the model card, the model as `skops
    <https://skops.readthedocs.io>`_ describes objects, arrays in numpy's format, and boosted trees as
    XGBoost's JSON. It holds no code. The same model gives the same bytes.

    What can be shared: pipelines of a :class:`~skcrystal.CrystalFeaturizer`, scalers, linear models,
    :class:`~skcrystal.models.ARDGaussianProcessRegressor`, boosted trees, and the models of this package that
    unite or wrap them. A forest cannot (see Raises).

    Parameters
    ----------
    model : estimator
        Fitted.
    path : str or path-like
        As ``model.skops``.
    target, unit, kind, classes, data, about
        As of :class:`ModelHeader`; columns and versions are found, and so are the name of the target and the
        digest of the training rows, where they are not given and the model knows them (``record_``).
    card : str, default=""
        The model card, as Markdown.
    force : bool, default=True
        Whether a file that exists is replaced.

    Raises
    ------
    CrystalError
        Names a type that cannot be shared, and why: scikit-learn's trees, on which a forest is built, believe
        whatever indices a file holds.
    ImportError
        skops is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from skcrystal import CrystalFeaturizer
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.models import SoftStandardScaler, load, read_header, save
    >>> X, y = load_experimental(return_X_y=True)
    >>> model = make_pipeline(CrystalFeaturizer("composition"), SoftStandardScaler(), Ridge()).fit(X, y)
    >>> with TemporaryDirectory() as folder:
    ...     save(model, Path(folder, "gap.skops"), target="band_gap", unit="eV")
    ...     again = load(Path(folder, "gap.skops"))
    ...     header = read_header(Path(folder, "gap.skops"))
    >>> bool((again.predict(X) == model.predict(X)).all()), header.target, header.unit, len(header.columns)
    (True, 'band_gap', 'eV', 240)
    """
    texts: list[bytes] = []

    def stored(value: Any) -> Any:
        if type(value).__module__.startswith("xgboost."):
            return store(value, texts)
        if isinstance(value, np.random.RandomState | np.random.Generator):
            # What was drawn is in the model; the next draw is nobody's business.
            return None
        _refuse(value)
        return value

    copied = mapped(model, stored, {})
    mapped(copied, drop_local, {})
    objects = _described(copied)
    columns, schemas = _columns_of(model)
    record = getattr(pipeline_within(model), "record_", None)
    header = ModelHeader(
        target or ("" if record is None else record.target),
        unit,
        kind,
        tuple(map(str, classes)),
        columns,
        schemas,
        {**versions_now(), "skops": importlib.import_module("skops").__version__},
        data or ({} if record is None else {"digest": record.data, "n_rows": record.n_samples}),
        about or {},
        probed(model),
    )
    text = json.dumps({"format": FORMAT, "schema": SCHEMA, **asdict(header)}, indent=1, ensure_ascii=False)
    members = {HEADER: text.encode(), CARD: card.encode(), **objects}
    members |= {f"trees/{number}.json": found for number, found in enumerate(texts)}
    _check(members)
    write_bundle(path, members, force=force)


def read_header(path: str | PathLike[str]) -> ModelHeader:
    """Read what stands in front of a shared model; none of its objects is made.

    Raises
    ------
    CrystalError
        The file is no shared model, or one of a newer version.
    """
    return _header(path, read_bundle(path, only=HEADER, max_bytes=MAX_HEADER_BYTES))


def load(path: str | PathLike[str]) -> Any:
    """Load a model that :func:`save` wrote, whoever gave it away.

    All of the file is looked at before any of it becomes an object: types must be on a fixed list, arrays as
    large as they say, trees lead from a root to leaves. What spoke of the machine that the model was made on
    (``cache``, ``n_jobs``, ``verbose``, ``memory``) is dropped, other parameters are bounded, and the columns
    must be those of this version.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    estimator
        It predicts the same numbers as the one that was saved.

    Raises
    ------
    CrystalError
        The file is no shared model, is damaged, or holds something that none of ours does.
    ImportError
        skops, or XGBoost where it is needed, is not installed.

    Warns
    -----
    UserWarning
        It was saved with other versions of the packages that predictions depend on: which.
    """
    members = read_bundle(path, max_bytes=MAX_BYTES)
    header = _header(path, members)
    try:
        trees = _check(members)
        model = mapped(_made(members), lambda value: _restored(value, trees), {})
        model = mapped(model, tamed, {})
        columns, schemas = _columns_of(model)
    except CrystalError as error:
        raise CrystalError(f"{str(path)!r} is not loaded: {error}.") from None
    if columns != header.columns or schemas != dict(header.schemas):
        made = header.versions.get("skcrystal", "another version")
        changed = sorted(name for name, known in schemas.items() if header.schemas.get(name) != known)
        raise CrystalError(
            f"{str(path)!r} was made with skcrystal {made}, whose columns have other meanings"
            f"{f' ({changed[0]})' if changed else ''}; train it again with {__version__}, or use that "
            "version."
        )
    _check_probe(path, model, header)
    _warn_of_versions(path, header)
    return model


def _check_probe(path: str | PathLike[str], model: Any, header: ModelHeader) -> None:
    """Refuse a model that does not say here what it said where it was saved, or says nothing at all."""
    try:
        found, reason = probed(model), "predicts otherwise here"
    except Exception as error:
        # What is inside of an estimator may be of another version, or made up: it costs this file alone.
        found, reason = {}, f"fails here ({type(error).__name__}: {str(error)[:100]})"
    if not same_answers(found, dict(header.probe)):
        made = ", ".join(f"{name} {number}" for name, number in list(header.versions.items())[:4])
        raise CrystalError(f"{str(path)!r} is not loaded: it {reason}; it was made with {made[:200]}.")


def _header(path: str | PathLike[str], members: Mapping[str, bytes]) -> ModelHeader:
    try:
        found = json.loads(members[HEADER])
        if found.pop("format") != FORMAT:
            raise KeyError("format")
        schema = found.pop("schema")
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        raise CrystalError(
            f"{str(path)!r} is no model that skcrystal saved; give a .skops file of `skcrystal train` or "
            "skcrystal.models.save."
        ) from None
    if schema != SCHEMA:
        raise CrystalError(f"{str(path)!r} is of schema {str(schema)[:20]}, and this version reads {SCHEMA}.")
    kinds: dict[str, type] = {"columns": list, "classes": list}
    kinds |= dict.fromkeys(("schemas", "versions", "data", "about", "probe"), dict)
    wrong = [name for name, kind in kinds.items() if not isinstance(found.get(name), kind)]
    wrong += [name for name in ("target", "unit", "kind") if not isinstance(found.get(name), str)]
    if wrong or set(found) - {*kinds, "target", "unit", "kind"}:
        raise CrystalError(
            f"{str(path)!r} has a header that is damaged ({', '.join(wrong) or 'more in it'})."
        )
    found |= {name: tuple(map(str, found[name])) for name in ("columns", "classes")}
    return ModelHeader(**found)


def _refuse(value: Any) -> None:
    """Refuse an object whose type is not on the list, by a sentence on what it belongs to."""
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name.startswith(("sklearn.tree", "sklearn.ensemble._forest")):
        raise CrystalError(f"a {kind.__name__} {UNSAFE}.")
    plain = isinstance(value, str | int | float | list | tuple | dict | slice | type | None)
    if plain or isinstance(value, np.ndarray | np.generic) or name in TYPES:
        return
    if (
        callable(value)
        and f"{getattr(value, '__module__', 'numpy') or 'numpy'}.{value.__name__}" in FUNCTIONS
    ):
        return
    if isinstance(value, np.ufunc) and f"numpy.{value.__name__}" in FUNCTIONS:
        return
    raise CrystalError(
        f"the model holds a {kind.__name__} ({kind.__module__}), which is not among what can be shared; "
        "keep it "
        "for yourself with joblib."
    )


def _described(model: Any) -> dict[str, bytes]:
    """Describe a model as skops does, with names in place of the numbers that memory happened to have."""
    skops = _skops()
    with zipfile.ZipFile(io.BytesIO(skops.dumps(model))) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(found.pop(OBJECTS))
    numbers: dict[int, int] = {}
    files: dict[str, str] = {}

    def named(node: Any) -> Any:
        if isinstance(node, list):
            return [named(one) for one in node]
        if not isinstance(node, dict):
            return node
        changed = {key: named(value) for key, value in node.items() if key not in {"__id__", "file"}}
        if "__id__" in node:
            changed["__id__"] = numbers.setdefault(node["__id__"], len(numbers) + 1)
        if "__loader__" in node and isinstance(node.get("file"), str):
            changed["file"] = files.setdefault(node["file"], f"arrays/{len(files)}.npy")
        return changed

    text = json.dumps(named(schema), indent=1).encode()
    return {OBJECTS: text, **{files[name]: content for name, content in found.items() if name in files}}


def _check(members: Mapping[str, bytes]) -> dict[int, bytes]:
    """Look at all members before any becomes an object; return the boosted trees by their numbers."""
    try:
        schema = json.loads(members[OBJECTS])
    except (KeyError, ValueError, RecursionError):
        raise CrystalError("the description of its objects is missing or no JSON") from None
    named = set(check_schema(schema))
    trees: dict[int, bytes] = {}
    for name, content in members.items():
        if name in {HEADER, CARD, OBJECTS}:
            continue
        number = re.fullmatch(r"trees/(\d{1,6})\.json", name)
        if number:
            check_booster(content)
            trees[int(number[1])] = content
        elif re.fullmatch(r"arrays/\d{1,6}\.npy", name) and name in named:
            check_array(name, content)
        else:
            raise CrystalError(f"it holds {name[:100]!r}, which belongs to no model")
    missing = sorted(name for name in named if name not in members)
    if missing:
        raise CrystalError(f"its array {missing[0][:100]!r} is missing")
    return trees


def _made(members: Mapping[str, bytes]) -> Any:
    """Let skops make the objects, out of nothing but what was looked at."""
    skops = _skops()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            if name == OBJECTS or name.startswith("arrays/"):
                archive.writestr(name, content)
    try:
        with warnings.catch_warnings():
            # Other versions are told by the header, once and of all packages.
            warnings.simplefilter("ignore")
            return skops.loads(buffer.getvalue(), trusted=sorted({*TYPES, *FUNCTIONS, *CONTAINERS}))
    except Exception as error:
        # Whatever a crafted description makes of the library, it costs no more than this file.
        raise CrystalError(
            f"its objects cannot be made: {type(error).__name__}: {str(error)[:150]}"
        ) from None


def _restored(value: Any, trees: Mapping[int, bytes]) -> Any:
    return unstore(value, trees) if isinstance(value, StoredBooster) else value


def _columns_of(model: Any) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return the columns of the first featurizer of a model, and the versions of what they mean."""
    found = featurizers_in(model)
    if not found:
        return (), {}
    featurizer = found[0]
    schemas = {name: int(getattr(step, "schema_version", 1)) for name, step in featurizer._active()}
    return tuple(map(str, featurizer.get_feature_names_out())), schemas


def _warn_of_versions(path: str | PathLike[str], header: ModelHeader) -> None:
    """Tell that what a model is asked with is not what it was fitted with: it may predict otherwise."""
    # skops wrote the file, and has no say in what the model predicts.
    versions = {name: str(number)[:40] for name, number in header.versions.items() if name != "skops"}
    changed = changed_versions(dict(list(versions.items())[:20]))
    if changed:
        warnings.warn(
            f"{str(path)!r} was saved with {', '.join(changed)[:500]}: what it predicts may differ from what "
            "it did then",
            stacklevel=3,
        )


def _skops() -> Any:
    try:
        return importlib.import_module("skops.io")
    except ImportError:
        raise ImportError("sharing a model needs skops: pip install skops") from None
