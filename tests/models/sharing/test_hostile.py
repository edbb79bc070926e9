"""Files that mean harm: each is refused with one sentence, before any of it becomes an object."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from skcrystal import CrystalError, CrystalFeaturizer
from skcrystal.datasets import load_experimental
from skcrystal.descriptors import CompositionStats, CoordinationStats
from skcrystal.models import SoftStandardScaler, load, make_classifier, read_header, save
from skcrystal.models.sharing import archive as sharing

pytest.importorskip("skops", reason="models are shared by skops")

CRYSTALS, GAPS = load_experimental(return_X_y=True)
X, y = CRYSTALS[::15], GAPS[::15]


def members_of(model, tmp_path):
    save(model, tmp_path / "good.skops")
    with zipfile.ZipFile(tmp_path / "good.skops") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Members of a file that loads."""
    model = make_pipeline(CrystalFeaturizer("composition"), SoftStandardScaler(), Ridge()).fit(X, y)
    return members_of(model, tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """Members of a file with boosted trees."""
    pytest.importorskip("xgboost", reason="the trees are XGBoost's, which the extra models brings")
    few = {"n_estimators": 2, "min_child_weight": 0.1}
    model = make_classifier("composition")
    model.set_params(**{f"votingclassifier__xgboost__{name}": value for name, value in few.items()})
    return members_of(model.fit(X, y > 0), tmp_path_factory.mktemp("trees"))


def refused(members, tmp_path, says, method=zipfile.ZIP_DEFLATED):
    path = tmp_path / "bad.skops"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(CrystalError, match=says) as error:
        load(path)
    assert "bad.skops" in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


def node(loader, module, name, **more):
    return {"__loader__": loader, "__module__": module, "__class__": name, "__id__": 10**6, **more}


EMPTY = node(
    "DictNode", "builtins", "dict", content={}, key_types=node("ListNode", "builtins", "list", content=[])
)
NUMBER = node("JsonNode", "builtins", "str", content="1", is_json=True)
ATTACKS = {
    "function": node("FunctionNode", "os", "system"),
    "builtin": node("FunctionNode", "builtins", "eval"),
    "type": node("TypeNode", "subprocess", "Popen"),
    "object": node("ObjectNode", "subprocess", "Popen", content=EMPTY),
    "tree": node("ObjectNode", "sklearn.tree._tree", "Tree", content=EMPTY),
    "tree node": node("TreeNode", "sklearn.tree._tree", "Tree", content={}),
    "forest": node("ObjectNode", "sklearn.ensemble._forest", "RandomForestRegressor", content=EMPTY),
    "cache": node("ObjectNode", "skcrystal.featurizer.cache", "RowCache", content=EMPTY),
    "crystals": node("ObjectNode", "skcrystal.crystals.batch", "Crystals", content=EMPTY),
    "method": node("MethodNode", "builtins", "str", content={"func": "format", "obj": NUMBER}),
    "partial": node("PartialNode", "functools", "partial", content={}),
    "operator": node("OperatorFuncNode", "operator", "methodcaller", attrs=EMPTY),
    "constructor": node("ConstructorFromReduceNode", "pathlib", "Path", content=EMPTY),
    "bytes": node("BytesNode", "builtins", "bytes", file="skcrystal.json"),
    "random": node("RandomStateNode", "numpy.random.mtrand", "RandomState", content=EMPTY),
    "container": node("ListNode", "builtins", "exec", content=[]),
    "made up": node("EvilNode", "evil", "Evil"),
    "no text": {"__loader__": ["ObjectNode"], "__class__": {}, "__module__": None},
    "no number": {"__loader__": "JsonNode", "__module__": "builtins", "__class__": "str", "content": "1"},
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_type_that_is_not_on_the_list(attack, good, tmp_path, monkeypatch):
    monkeypatch.setattr(sharing, "_made", lambda _: pytest.fail("objects were made"))
    schema = json.loads(good["schema.json"])
    schema["content"]["content"]["more"] = attack
    refused({**good, "schema.json": json.dumps(schema).encode()}, tmp_path, "is not loaded")


def test_a_description_that_is_none(good, tmp_path):
    deep = "[" * 2000 + "]" * 2000
    schema = json.loads(good["schema.json"])
    nested = NUMBER
    for _ in range(100):
        nested = node("ListNode", "builtins", "list", content=[nested])
    many = node("ListNode", "builtins", "list", content=[NUMBER] * 200_000)
    for text in (
        "",
        "nonsense",
        "[]",
        deep,
        json.dumps({**schema, "protocol": 0}),
        json.dumps({**schema, "protocol": True}),
        json.dumps({**schema, "more": nested}),
        json.dumps({**schema, "more": many}),
    ):
        refused({**good, "schema.json": text.encode()}, tmp_path, "is not loaded")
    # What the list allows, and yet makes no sense.
    schema["content"] = EMPTY
    refused({**good, "schema.json": json.dumps(schema).encode()}, tmp_path, "is not loaded")


def test_arrays_that_lie(good, tmp_path):
    name = next(name for name in good if name.startswith("arrays/"))

    def array(header, content=b""):
        text = header.encode() + b"\n"
        return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content

    huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    negative = "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }"
    pickled = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    wide = "{'descr': '<U1000000000', 'fortran_order': False, 'shape': (0,), }"
    code = "{'descr': '<f8', 'fortran_order': False, 'shape': (__import__('os').getpid(),), }"
    for content in (
        b"",
        b"no array",
        array(huge),
        array(negative, b"\0" * 8),
        array(pickled, b"cos\nsystem\n"),
        array(wide),
        array(code),
        array("{'descr': '<f8', 'fortran_order': False, 'shape': (((("),
        good[name][:-1],
    ):
        refused({**good, name: content}, tmp_path, "its array")


def test_names_that_lead_elsewhere_and_members_that_belong_to_nothing(good, tmp_path):
    for name in (
        "../../evil.py",
        "/etc/passwd",
        "arrays/../../x.npy",
        "arrays/99.npy",
        "trees/x.json",
        "a.pkl",
    ):
        refused({**good, name: b"x"}, tmp_path, "belongs to no model|no archive")
    schema = good["schema.json"].replace(b"arrays/0.npy", b"../../etc/passwd")
    refused({**good, "schema.json": schema}, tmp_path, "missing|belongs to no model")
    without = {name: content for name, content in good.items() if name != "arrays/0.npy"}
    refused(without, tmp_path, "its array 'arrays/0.npy' is missing")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.skops"]


def test_a_bomb_is_not_unpacked(good, tmp_path, monkeypatch):
    monkeypatch.setattr(sharing, "MAX_BYTES", 1_000_000)
    monkeypatch.setattr(sharing, "MAX_HEADER_BYTES", 1_000_000)
    refused({**good, "README.md": b"\0" * 50_000_000}, tmp_path, "unpacks to more than 1,000,000 bytes")
    refused({"skcrystal.json": b" " * 50_000_000}, tmp_path, "unpacks to more than 1,000,000 bytes")
    with pytest.raises(CrystalError, match="unpacks to more"):
        read_header(tmp_path / "bad.skops")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(good, tmp_path):
    path = tmp_path / "twice.skops"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [*good.items(), ("schema.json", b"{}")]:
            archive.writestr(name, content)
    with pytest.raises(CrystalError, match="two members of one name"):
        load(path)


def test_what_is_no_model(good, tmp_path):
    header = json.loads(good["skcrystal.json"])
    for changed, says in (
        ({**header, "format": "another"}, "is no model that skcrystal saved"),
        ({**header, "schema": 99}, "is of schema 99"),
        ({**header, "columns": 3}, "header that is damaged"),
        ({**header, "unit": {}}, "header that is damaged"),
        ({**header, "surprise": 1}, "header that is damaged"),
        ([], "is no model that skcrystal saved"),
    ):
        refused({**good, "skcrystal.json": json.dumps(changed).encode()}, tmp_path, says)
    (tmp_path / "bad.skops").write_bytes(b"\x80\x04pickle")
    with pytest.raises(CrystalError, match="no archive"):
        load(tmp_path / "bad.skops")


def test_a_model_that_predicts_otherwise_or_fails(good, tmp_path):
    header = json.loads(good["skcrystal.json"])
    other = {**header, "probe": {"predict": [header["probe"]["predict"][0] + 0.01]}}
    refused(
        {**good, "skcrystal.json": json.dumps(other).encode()}, tmp_path, "it predicts otherwise here; it was"
    )
    schema = good["schema.json"].replace(b'"coef_"', b'"coef"')
    refused({**good, "schema.json": schema}, tmp_path, r"it fails here \(AttributeError")


def test_columns_of_another_version(good, tmp_path):
    header = json.loads(good["skcrystal.json"])
    other = {**header, "schemas": {**header["schemas"], "ionic": 99}, "versions": {"skcrystal": "9.9"}}
    refused(
        {**good, "skcrystal.json": json.dumps(other).encode()}, tmp_path, r"made with skcrystal 9\.9.*ionic"
    )


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"chunk_size": 10**8}, "chunks of more than"),
        ({"chunk_size": -1}, "out of bounds"),
        ({"on_error": "ignore"}, "out of bounds"),
        ({"descriptors": [("a", CoordinationStats(cutoff=1e6))]}, "cutoff of 1e\\+06"),
        ({"descriptors": [("a", CoordinationStats(cutoff=float("inf")))]}, "cutoff of inf"),
        ({"descriptors": [("a", CompositionStats(properties=("atomic_mass",) * 12_000))]}, "12,000 entries"),
        ({"descriptors": "x" * 5000}, "5,000 characters"),
    ],
)
def test_parameters_have_bounds(params, says, tmp_path):
    featurizer = CrystalFeaturizer("composition")
    model = make_pipeline(featurizer, SoftStandardScaler(), Ridge()).fit(X, y)
    # As a file could have it: no setter looks at what it is given.
    featurizer.__dict__.update(params)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "_columns_of", lambda _: ((), {}))
        patch.setattr(sharing, "probed", lambda _: {})
        members = members_of(model, tmp_path)
    (tmp_path / "good.skops").unlink()
    refused(members, tmp_path, says)


def test_what_a_file_adds_to_a_descriptor_is_gone(tmp_path):
    step = CoordinationStats()
    model = make_pipeline(CrystalFeaturizer([("a", step)]), SoftStandardScaler(), Ridge()).fit(X, y)
    said = sharing.probed(model)
    step.describe_sites = np.log
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "probed", lambda _: said)
        save(model, tmp_path / "good.skops")
    again = load(tmp_path / "good.skops")
    assert "describe_sites" not in vars(again[0].descriptors[0][1])
    del step.describe_sites
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def changed_tree(trees, **changes):
    model = json.loads(trees["trees/0.json"])
    tree = model["learner"]["gradient_booster"]["model"]["trees"][0]
    for name, change in changes.items():
        tree[name] = change(tree[name])
    return {**trees, "trees/0.json": json.dumps(model).encode()}


def put(place, value):
    return lambda values: [*values[:place], value, *values[place + 1 :]]


TREES = {
    "child outside": {"left_children": put(0, 10**6)},
    "negative child": {"left_children": put(0, -5)},
    "circle": {"left_children": put(0, 0)},
    "child of two": {"left_children": lambda values: [values[0], values[0], *values[2:]]},
    "one child": {"right_children": put(0, -1)},
    "parent outside": {"parents": put(1, 10**6)},
    "column outside": {"split_indices": put(0, 10**6)},
    "negative column": {"split_indices": put(0, -1)},
    "beyond 32 bits": {"split_indices": put(0, 2**40)},
    "text": {"split_indices": put(0, "0")},
    "category": {"split_type": put(0, 1)},
    "short": {"split_conditions": lambda values: values[:-1]},
    "no number": {"base_weights": put(0, float("nan"))},
    "another count": {"tree_param": lambda values: {**values, "num_nodes": "100000000"}},
    "vector": {"tree_param": lambda values: {**values, "size_leaf_vector": "7"}},
    "another number": {"id": lambda _: 7},
}


@pytest.mark.parametrize("changes", TREES.values(), ids=TREES)
def test_trees_that_lead_elsewhere(changes, trees, tmp_path):
    refused(changed_tree(trees, **changes), tmp_path, "boosted tree")


def test_boosters_that_contradict_themselves(trees, tmp_path):
    def changed(*places, value):
        model = json.loads(trees["trees/0.json"])
        held = model
        for place in places[:-1]:
            held = held[place]
        held[places[-1]] = value
        return {**trees, "trees/0.json": json.dumps(model).encode()}

    booster = ("learner", "gradient_booster")
    for members in (
        changed("learner", "learner_model_param", "num_feature", value="3"),
        changed("learner", "learner_model_param", "num_class", value="100000000"),
        changed("learner", "learner_model_param", "num_target", value="9"),
        changed("learner", "learner_model_param", "base_score", value="[nan]"),
        changed("learner", "objective", "name", value="survival:cox"),
        changed("learner", "attributes", value={"best_iteration": "1000000"}),
        changed("learner", "feature_names", value=["a"]),
        changed(*booster, "name", value="dart"),
        changed(*booster, "model", "tree_info", value=[0, 77]),
        changed(*booster, "model", "trees", value=[]),
        changed(*booster, "model", "iteration_indptr", value=[0, 5]),
        changed(*booster, "model", "gbtree_model_param", "num_parallel_tree", value="4"),
        {**trees, "trees/0.json": b"binf\0\0"},
        {**trees, "trees/0.json": b"[" * 5000},
        {name: content for name, content in trees.items() if name != "trees/0.json"},
    ):
        refused(members, tmp_path, "tree")


def test_every_cut_of_a_file_is_refused(trees, tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in trees.items():
            archive.writestr(name, content)
    whole = buffer.getvalue()
    path = tmp_path / "cut.skops"
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:length])
        with pytest.raises(CrystalError):
            load(path)
