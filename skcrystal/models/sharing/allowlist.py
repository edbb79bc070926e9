"""What a shared model may be made of, and nothing else: types by their names, as skops writes them.

The list is short on purpose, and a test holds it. Not on it is what indexes memory with numbers of the file
without looking at them, as scikit-learn's trees do: a crafted file could crash whoever predicts with it.
"""

from __future__ import annotations

from typing import Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.formats.bundles import array_header

__all__ = ["CONTAINERS", "FUNCTIONS", "TYPES", "check_array", "check_schema"]

_CONTAINERS = {
    "DictNode": {"builtins.dict", "sklearn.utils._bunch.Bunch"},
    "ListNode": {"builtins.list"},
    "TupleNode": {"builtins.tuple"},
    "SliceNode": {"builtins.slice"},
    # Numbers, texts, truth values and None.
    "JsonNode": {"builtins.str"},
    "NdArrayNode": {
        "numpy.ndarray",
        *(f"numpy.{kind}" for kind in ("bool", "float64", "float32", "int64", "int32", "str_")),
    },
    "TypeNode": {"builtins.str", "builtins.int", "builtins.float", "builtins.bool"},
}

FUNCTIONS = frozenset({"numpy.log", "numpy.exp", "skcrystal.models.pipelines._spread_of_stack"})
"""Functions that may be parameters."""

_DESCRIPTORS = {
    "alloys": ("AlloyStats",),
    "average_minimum_distance": ("AverageMinimumDistance",),
    "bond_angles": ("BondAngles",),
    "bond_lengths": ("BondLengths",),
    "bond_order": ("BondOrder",),
    "bond_valence": ("BondValences",),
    "composition": ("CompositionStats",),
    "coordination": ("CoordinationStats",),
    "density": ("Density",),
    "distance": ("DistanceStats",),
    "electrostatics": ("MadelungEnergy",),
    "element_fractions": ("ElementFractions",),
    "element_vectors": ("ElementVectors",),
    "ionic": ("IonicStats",),
    "lattice": ("LatticeAngles",),
    "local_differences": ("LocalDifferences",),
    "message_passing": ("MessagePassing",),
    "orbital_field": ("OrbitalFieldMatrix",),
    "pair_spectrum": ("PairSpectrum",),
    "pauling_energy": ("PaulingEnergy",),
    "radial": ("RadialSpectrum",),
    "soap": ("SOAP",),
    "soft_symmetry": ("SoftSymmetry",),
    "space_group": ("SpaceGroupOneHot",),
    "stoichiometry": ("StoichiometryNorms",),
    "stretching": ("StretchingFrequencies",),
    "symmetry_functions": ("SymmetryFunctions",),
    "symmetry_numbers": ("SymmetryStats",),
    "valence": ("ValenceElectrons",),
}

CONTAINERS = frozenset().union(*_CONTAINERS.values())
"""Types of plain values, arrays, and what holds them."""

TYPES = frozenset(
    {
        "skcrystal.featurizer.crystal_featurizer.CrystalFeaturizer",
        *(f"skcrystal.descriptors.{file}.{name}" for file, names in _DESCRIPTORS.items() for name in names),
        "skcrystal.models.best_of.BestOfRegressor",
        "skcrystal.models.conformal.ConformalRegressor",
        "skcrystal.models.crystal_pipeline.CrystalPipeline",
        "skcrystal.models.curves.CurveRegressor",
        "skcrystal.models.domain.DomainOfApplicability",
        "skcrystal.models.extra_trees.ExtraTreesClassifier",
        "skcrystal.models.extra_trees.ExtraTreesRegressor",
        "skcrystal.models.gaussian_process.ARDGaussianProcessRegressor",
        "skcrystal.models.gaussian_process_classifier.ARDGaussianProcessClassifier",
        "skcrystal.models.intervals.ErrorModel",
        "skcrystal.models.record.TrainingRecord",
        "skcrystal.models.scaling.SoftStandardScaler",
        "skcrystal.models.sharing.boosters.StoredBooster",
        "skcrystal.models.several.MultiOutputRegressor",
        "skcrystal.models.stacking.ConvexCombinationRegressor",
        "skcrystal.models.surroundings.Surroundings",
        "skcrystal.models.voting.VotingClassifier",
        "skcrystal.models.transformed_target.TransformedTargetRegressor",
        "skcrystal.models.weighted.StackingRegressor",
        "skcrystal.models.zero_inflated.ZeroInflatedRegressor",
        "sklearn.compose._target.TransformedTargetRegressor",
        "sklearn.dummy.DummyClassifier",
        "sklearn.dummy.DummyRegressor",
        "sklearn.ensemble._stacking.StackingRegressor",
        "sklearn.ensemble._voting.VotingClassifier",
        "sklearn.frozen._frozen.FrozenEstimator",
        "sklearn.linear_model._base.LinearRegression",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.linear_model._ridge.Ridge",
        "sklearn.model_selection._split.GroupKFold",
        "sklearn.model_selection._split.KFold",
        "sklearn.multioutput.MultiOutputRegressor",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.StandardScaler",
        "sklearn.preprocessing._function_transformer.FunctionTransformer",
        "sklearn.preprocessing._label.LabelEncoder",
    }
)
"""Classes whose objects a shared model may hold."""

# A model of ours has some hundred nodes in some ten levels.
MOST_NODES = 100_000
DEEPEST = 60


def check_schema(schema: Any) -> list[str]:
    """Look at a description of objects, as skops writes it, before any of it is made.

    Parameters
    ----------
    schema : object
        What the JSON says, whatever that is.

    Returns
    -------
    list of str
        The files of arrays that it names.

    Raises
    ------
    CrystalError
        Names the first type that is not on the list, or says what is wrong.
    """
    if not isinstance(schema, dict) or schema.get("protocol") != 2:
        raise CrystalError("its objects are not described as skops 0.16 does; save the model again")
    files: list[str] = []
    count = 0
    pending: list[tuple[Any, int]] = [(schema, 0)]
    while pending:
        node, depth = pending.pop()
        count += 1
        if count > MOST_NODES or depth > DEEPEST:
            raise CrystalError("it describes more objects, or deeper ones, than any model of ours has")
        if isinstance(node, dict):
            if "__loader__" in node or "__class__" in node:
                _check_node(node, files)
            pending += [(value, depth + 1) for value in node.values()]
        elif isinstance(node, list):
            pending += [(value, depth + 1) for value in node]
        elif not isinstance(node, str | int | float | None):
            raise CrystalError("its objects are described by something that is no JSON")
    return files


def _check_node(node: dict[str, Any], files: list[str]) -> None:
    loader, name = node.get("__loader__"), f"{node.get('__module__')}.{node.get('__class__')}"
    if loader == "ObjectNode":
        known: Any = TYPES
    elif loader == "FunctionNode":
        known = FUNCTIONS
    else:
        known = _CONTAINERS.get(loader) if isinstance(loader, str) else None
    if known is None:
        raise CrystalError(
            f"it asks for {str(loader)[:100]!r} of {name[:200]!r}, which a model does not need"
        )
    if name not in known:
        raise CrystalError(
            f"it holds an object of the type {name[:200]!r}, which is not one of those allowed"
        )
    if not isinstance(node.get("__id__"), int):
        raise CrystalError("it describes an object without a number")
    if loader == "NdArrayNode" and node.get("type") == "numpy":
        if not isinstance(node.get("file"), str):
            raise CrystalError("it describes an array without a file")
        files.append(node["file"])


def check_array(name: str, content: bytes) -> None:
    """Look at the bytes of an array before numpy does: numbers or text, as many as it says.

    Raises
    ------
    CrystalError
        Says what is wrong.
    """
    try:
        array_header(content)
    except ValueError as error:
        raise CrystalError(f"its array {name[:100]!r} is none: {error}") from None
