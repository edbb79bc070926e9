"""A training run: one file, the same after a round trip, and a stranger's file is not believed."""

from __future__ import annotations

import dataclasses
import json
import zipfile

import numpy as np
import pytest

from skcrystal import CrystalError
from skcrystal.formats.bundles import write_bundle
from skcrystal.models.runs import HEADER, TrainingRun
from tests.models.runs import example_run


def assert_equal(one, other):
    """Compare what dataclasses, dicts, tuples and arrays hold, bit for bit."""
    if dataclasses.is_dataclass(one):
        for part in dataclasses.fields(one):
            assert_equal(getattr(one, part.name), getattr(other, part.name))
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif hasattr(one, "site_offsets"):
        assert one.keys() == other.keys()
        assert one.sources == other.sources
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_equal(one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_equal(a, b)
    else:
        assert one == other


@pytest.mark.parametrize("kind", ["nonnegative", "classes"])
def test_a_run_is_the_same_after_saving_and_loading(kind, tmp_path):
    run = example_run(kind=kind)
    run.save(tmp_path / "a.run.zip")
    assert_equal(TrainingRun.load(tmp_path / "a.run.zip"), run)


def test_the_same_run_is_the_same_bytes(tmp_path):
    for name in "ab":
        example_run().save(tmp_path / f"{name}.run.zip")
    assert (tmp_path / "a.run.zip").read_bytes() == (tmp_path / "b.run.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.run.zip", "b.run.zip"]


def test_a_run_of_formulas_has_no_structures(tmp_path):
    run = dataclasses.replace(example_run(), structures=None, learning_curve=None, importance={})
    run.save(tmp_path / "a.run.zip")
    again = TrainingRun.load(tmp_path / "a.run.zip")
    assert again.structures is None
    assert again.learning_curve is None


def test_scores_are_those_of_scikit_learn():
    from sklearn.metrics import mean_absolute_error, r2_score

    run = example_run()
    found = {(score.model, score.name): score for score in run.scores("formula")}
    predicted = run.split("formula").predictions["notebook forest"]
    assert len(found) == 3 * 4
    assert found["notebook forest", "MAE"].value == pytest.approx(mean_absolute_error(run.y, predicted))
    assert found["notebook forest", "R2"].value == pytest.approx(r2_score(run.y, predicted))
    assert len(found["mean", "MSE"].folds) == 5
    assert {score.name for score in example_run(kind="classes").scores()} == {
        "accuracy",
        "balanced accuracy",
        "log loss",
    }
    assert 0.5 < run.inside() <= 1
    with pytest.raises(KeyError, match="no split 'prototype'"):
        run.scores("prototype")


def test_a_run_that_does_not_fit_itself_is_refused():
    run = example_run()
    with pytest.raises(ValueError, match="formulas has 3 entries for 60 rows"):
        dataclasses.replace(run, formulas=("a", "b", "c"))
    with pytest.raises(ValueError, match="kind is one of"):
        dataclasses.replace(run, kind="complex")


def rewritten(source, target, **changes):
    """Copy an archive with other members."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    write_bundle(target, {**members, **changes})


def array_of(header: str, content: bytes = b"") -> bytes:
    """Bytes of a .npy file that says of itself what it likes."""
    text = header.ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


def test_what_is_no_run_is_refused_with_one_sentence(tmp_path):
    good = tmp_path / "good.run.zip"
    example_run().save(good)
    with zipfile.ZipFile(good) as archive:
        header = json.loads(archive.read(HEADER))
    liar = array_of("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }")
    pickled = array_of("{'descr': '|O', 'fortran_order': False, 'shape': (60,), }", b"cos\nsystem\n")
    cases = {
        "another schema": {HEADER: json.dumps({**header, "schema": 99}).encode()},
        "no header": {HEADER: b"[]"},
        "short": {HEADER: json.dumps({**header, "ids": header["ids"][:3]}).encode()},
        "huge array": {"arrays/y.npy": liar},
        "pickle": {"arrays/y.npy": pickled},
        "no array": {"arrays/y.npy": b"not an array"},
        "crystal": {
            "arrays/structures/site_offsets.npy": array_of(
                "{'descr': '<i8', 'fortran_order': False, 'shape': (0,), }"
            )
        },
    }
    for name, changes in cases.items():
        rewritten(good, tmp_path / "bad.zip", **changes)
        with pytest.raises(CrystalError) as error:
            TrainingRun.load(tmp_path / "bad.zip")
        assert "bad.zip" in str(error.value), name
        assert "\n" not in str(error.value)
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(CrystalError, match="no archive"):
        TrainingRun.load(tmp_path / "text")
