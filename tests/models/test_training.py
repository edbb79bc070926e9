"""Training data and what is said of it: kinds of targets, suspicious rows, honest folds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skcrystal import Crystal, CrystalError, Crystals, as_compositions
from skcrystal.datasets import load_experimental
from skcrystal.formats import write
from skcrystal.models.training import guess_kind, read_training_data, train_model
from skcrystal.models.training.data import TrainingData, check_kind
from skcrystal.models.training.remarks import nearest_distances, remarks_on
from tests.prototypes import DIAMOND, ROCK_SALT

CRYSTALS, GAPS = load_experimental(return_X_y=True)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([-1.0, 2.0, 3.0], "real"),
        ([3.0, 4.0, 5.0], "real"),
        ([1.0, 20.0, 300.0], "positive"),
        ([0.0, 0.5, 3.0], "nonnegative"),
        ([0.0, 1.0, 1.0], "classes"),
        (["a", "b"], "classes"),
    ],
)
def test_the_kind_of_a_target_is_guessed(values, kind):
    found, reason = guess_kind(np.array(values))
    assert found == kind
    assert reason
    check_kind(np.array(values), kind)


def test_targets_are_joined_by_file_names_with_and_without_suffix(tmp_path):
    (tmp_path / "cifs").mkdir()
    for k in range(4):
        write(CRYSTALS[k], tmp_path / "cifs" / f"c{k}.cif")
    for names in (["c0.cif", "c1.cif", "c2.cif"], ["c0", "c1", "c2"], ["cifs/c0.cif", "cifs/c1", "c2"]):
        pd.DataFrame({"what": names, "gap": [1.0, 2.0, None]}).to_csv(tmp_path / "t.csv", index=False)
        data = read_training_data(str(tmp_path / "cifs"), "gap", targets=str(tmp_path / "t.csv"))
        assert data.ids == ("c0", "c1")
        assert data.y.tolist() == [1.0, 2.0]
        left = {name.rpartition("/")[2]: reason for name, reason in data.failures.items()}
        assert left["c2.cif"] == "its gap is missing"
        assert "has no row for it: none is called" in left["c3.cif"]
    with pytest.raises(CrystalError, match="has no column 'gaps'"):
        read_training_data(str(tmp_path / "cifs"), "gaps", targets=str(tmp_path / "t.csv"))
    with pytest.raises(CrystalError, match="it has no columns of values; name one of them, or a table"):
        read_training_data(str(tmp_path / "cifs"), "gap")


def test_rows_that_share_an_id_are_rows_of_their_own(tmp_path):
    (tmp_path / "t.csv").write_text("id,formula,gap\na,NaCl,8.5\na,KCl,\na,Xx,1\na,LiF,13\nb,KBr,7.4\n")
    data = read_training_data(str(tmp_path / "t.csv"), "gap")
    assert data.y.tolist() == [8.5, 13, 7.4]
    assert sorted(reason.partition(" ")[0] for reason in data.failures.values()) == ["its", "the"]
    (tmp_path / "t.csv").write_text("id,formula,gap\na,NaCl,\na,KCl,n/a\na,LiF,wide\nb,KBr,7.4\n")
    with pytest.raises(CrystalError, match="mixes numbers with text such as 'wide'"):
        read_training_data(str(tmp_path / "t.csv"), "gap")


@pytest.mark.parametrize(("n_splits", "says"), [(1, "into 1 folds; take 2 to 40"), (41, "into 41 folds")])
def test_folds_are_as_many_as_rows_allow(n_splits, says):
    formulas = load_experimental().formula[:40]
    data = TrainingData(as_compositions(formulas), GAPS[:40], tuple(map(str, range(40))), "gap")
    with pytest.raises(CrystalError, match=f"40 rows cannot be split {says}"):
        train_model(data, quick=True, n_splits=n_splits)


@pytest.mark.parametrize(("n_rows", "n_splits", "labels"), [(24, 5, False), (38, 2, False), (38, 5, True)])
def test_each_fold_learns_from_enough(n_rows, n_splits, labels):
    formulas = load_experimental().formula[:n_rows]
    # A class of two rows can be in two folds alone.
    y = np.where(np.arange(n_rows) < 2, "a", "b") if labels else np.arange(n_rows, dtype=float)
    data = TrainingData(as_compositions(formulas), y, tuple(map(str, range(n_rows))), "gap")
    with pytest.raises(CrystalError, match=r"rows leave 19 to learn from in \d folds"):
        train_model(data, quick=True, n_splits=n_splits)


def test_targets_have_squares():
    with pytest.raises(CrystalError, match=r"a target is 1e\+300"):
        check_kind(np.array([1.0, 1e300]), "real")


def test_a_table_without_rows_says_so(tmp_path):
    (tmp_path / "t.csv").write_text("id,formula,gap\n")
    with pytest.raises(CrystalError, match="holds no row"):
        read_training_data(str(tmp_path / "t.csv"), "gap")


def test_formulas_take_columns_of_formulas():
    formulas = load_experimental().formula[:40]
    data = TrainingData(as_compositions(formulas), GAPS[:40], tuple(map(str, range(40))), "gap")
    with pytest.raises(CrystalError, match="take the preset 'composition'"):
        train_model(data, quick=True, descriptors="default")


def test_a_target_beside_what_could_not_be_read_is_not_just_absent(tmp_path):
    write(CRYSTALS[0], tmp_path / "a.cif")
    (tmp_path / "t.csv").write_text("name,formula,gap\na,NaCl,8.5\n")
    with pytest.raises(CrystalError, match=r"no target 'gap'.*what could not be read.*t\.csv' has no column"):
        read_training_data([str(tmp_path / "t.csv"), str(tmp_path / "a.cif")], "gap")


def test_the_digest_is_that_of_the_content(tmp_path):
    data = TrainingData(CRYSTALS[:5], GAPS[:5], tuple("abcde"), "gap")
    assert (
        data.digest() == TrainingData(CRYSTALS[:5], GAPS[:5].copy(), tuple("abcde"), "gap", "there").digest()
    )
    assert data.digest() != TrainingData(CRYSTALS[1:6], GAPS[:5], tuple("abcde"), "gap").digest()
    assert data.digest() != TrainingData(CRYSTALS[:5], GAPS[:5] + 1, tuple("abcde"), "gap").digest()


def test_one_crystal_with_two_targets_atoms_too_close_and_rare_elements():
    doubled = Crystal.ordered(
        ROCK_SALT.lattice * [[1], [1], [2]],
        [[0, 0, 0], [0.5, 0.5, 0.25], [0, 0, 0.5], [0.5, 0.5, 0.75]],
        [11, 17, 11, 17],
    )
    close = Crystal.ordered(4 * np.eye(3), [[0, 0, 0], [0.375, 0, 0]], [11, 17])
    X = Crystals.from_crystals([ROCK_SALT, doubled, DIAMOND, DIAMOND, close])
    found = remarks_on(X, np.array([5.0, 8.0, 5.5, 5.5, 1.0]), np.array([0, 1, 0, 0, 1]), unit="eV")
    said = {(one.kind, one.rows): one.text for one in found}
    assert said["contradiction", (0, 1)] == "2 rows hold one crystal, with targets 5, 8 eV."
    assert ("duplicate", (2, 3)) in said
    assert ("twins", (0, 1)) in said
    assert ("twins", (2, 3)) not in said
    assert said["close_atoms", (4,)].startswith("two atoms are 1.50 angstrom apart")
    assert said["rare_element", (2, 3)] == "C is in 2 rows alone."
    np.testing.assert_allclose(nearest_distances(X)[[0, 4]], [2.82, 1.5], atol=0.01)


def test_formulas_with_two_targets():
    X = as_compositions(["NaCl", "Na2Cl2", "MgO"])
    found = remarks_on(X, np.array([0.0, 1.0, 1.0]), np.array([0, 1, 1]), classes=("metal", "gap"))
    texts = {one.text for one in found if one.kind == "contradiction"}
    assert texts == {"2 rows hold one formula, with targets gap, metal."}


def test_what_cannot_be_trained_is_one_sentence():
    few = TrainingData(CRYSTALS[:5], GAPS[:5], tuple("abcde"), "gap")
    with pytest.raises(CrystalError, match="5 rows can be used"):
        train_model(few)
    with pytest.raises(CrystalError, match="there is no split 'color'"):
        train_model(few, splits=["color"])
    with pytest.raises(CrystalError, match="all targets are 1"):
        check_kind(np.ones(9), "real")
    with pytest.raises(CrystalError, match="which are no numbers; take --kind classes"):
        check_kind(np.array(["a", "b"]), "real")


@pytest.mark.parametrize(("loss", "says"), [("absolute_error", False), ("squared_error", True)])
def test_a_run_says_where_the_squared_error_is_made_least(loss, says):
    formulas = load_experimental().formula[:40]
    data = TrainingData(as_compositions(formulas), GAPS[:40] - 20, tuple(map(str, range(40))), "gap")
    run = train_model(data, kind="real", loss=loss, quick=True, n_splits=2, splits=()).run
    assert run.models["model"].endswith("for the least squared error") == says
    assert run.card["parameters"]["stackingregressor__final_estimator__loss"] == repr(loss)
