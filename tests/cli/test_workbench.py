"""A physicist's day: files and a CSV into features, a model with its page, predictions; no line of Python."""

from __future__ import annotations

import json
import re

import joblib
import numpy as np
import pandas as pd
import pytest

from skcrystal.cli.main import main
from skcrystal.cli.train import KINDS, SPLITS
from skcrystal.datasets import load_experimental
from skcrystal.formats import write
from skcrystal.models import TrainingRun, load, read_header, save
from skcrystal.models import runs as runs_module
from skcrystal.models.training import SPLITS as KNOWN_SPLITS

pytest.importorskip("pyarrow", reason="Parquet files need pyarrow, which the extra parquet brings")
pytest.importorskip("skops", reason="models are shared by skops")
pytest.importorskip("xgboost", reason="the model's trees are XGBoost's, which the extra models brings")

CRYSTALS, GAPS = load_experimental(return_X_y=True)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """Forty CIF and POSCAR files, a CSV of their gaps by file name, and five new files."""
    place = tmp_path_factory.mktemp("day")
    (place / "cifs").mkdir()
    (place / "new").mkdir()
    names = []
    for k, row in enumerate(range(0, 400, 10)):
        names.append(f"sample-{k:02d}.{'vasp' if k % 4 == 0 else 'cif'}")
        write(CRYSTALS[row], place / "cifs" / names[-1])
    gaps = pd.DataFrame({"file": names, "band_gap": GAPS[0:400:10], "name": [f"x{k}" for k in range(40)]})
    gaps.to_csv(place / "gaps.csv", index=False)
    for k in range(5):
        write(CRYSTALS[5 + 10 * k], place / "new" / f"new-{k}.cif")
    return place


@pytest.fixture(scope="module")
def trained(day):
    """Folder with the model, after the command."""
    arguments = [
        "train",
        f"{day}/cifs",
        "--targets",
        f"{day}/gaps.csv",
        "--target",
        "band_gap",
        "--unit",
        "eV",
    ]
    assert main([*arguments, "-o", f"{day}/gaps.skops", "--quick", "--quiet"]) == 0
    return day


def test_the_day(trained, capsys):
    day = trained
    assert main(["featurize", f"{day}/cifs", "-o", f"{day}/features.parquet", "-q"]) == 0
    features = pd.read_parquet(day / "features.parquet")
    assert features["id"].tolist() == [f"sample-{k:02d}" for k in range(40)]
    assert features.attrs["units"]["mean_bond_length"] == "angstrom"

    run = TrainingRun.load(day / "gaps.run.zip")
    assert run.ids == tuple(features["id"])
    assert (run.kind, run.unit, len(run.splits)) == ("nonnegative", "eV", 2)
    assert list(run.models) == ["model", "notebook forest", "mean"]
    maes = {score.model: score.value for score in run.scores("formula") if score.name == "MAE"}
    assert maes["model"] < maes["mean"]
    assert 0.7 < run.inside("formula") <= 1
    np.testing.assert_array_equal(run.y, GAPS[0:400:10])

    assert main(["predict", f"{day}/gaps.skops", f"{day}/new", "-o", f"{day}/predictions.csv"]) == 0
    table = pd.read_csv(day / "predictions.csv", keep_default_na=False)
    assert table["id"].tolist() == [f"new-{k}" for k in range(5)]
    assert list(table.columns) == ["id", "formula", "band_gap", "lower", "upper", "warning", "failure"]
    assert ((table.lower <= table.band_gap) & (table.band_gap <= table.upper)).all()
    assert table["formula"][0] == "NaCl"
    assert table["warning"][0] == "no training crystal holds Na or Cl"
    assert set(table["failure"]) == {""}
    np.testing.assert_allclose(table.band_gap, load(day / "gaps.skops").predict(CRYSTALS[5:50:10]))

    page = (day / "gaps.html").read_text(encoding="utf-8")
    assert "sample-00" in page
    # What is given away does not tell where it was made.
    assert run.card["data"]["source"] == "cifs"
    for name in ("gaps.html", "gaps.skops", "gaps.run.zip"):
        assert str(day).encode() not in (day / name).read_bytes()
    assert "left out" not in capsys.readouterr().err


def test_the_same_seed_gives_the_same_bits(trained, tmp_path):
    arguments = [
        f"{trained}/cifs",
        "--targets",
        f"{trained}/gaps.csv",
        "--target",
        "band_gap",
        "--unit",
        "eV",
    ]
    assert main(["train", *arguments, "-o", f"{tmp_path}/gaps.skops", "--quick", "-q", "--jobs", "2"]) == 0
    for name in ("gaps.skops", "gaps.run.zip", "gaps.html"):
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()


def test_a_row_that_cannot_be_read_keeps_its_place(trained, tmp_path, capsys):
    (tmp_path / "bad.cif").write_text("data_nothing\n")
    write(CRYSTALS[0], tmp_path / "good.cif")
    arguments = ["predict", f"{trained}/gaps.skops", str(tmp_path), "-o", f"{tmp_path}/out.csv"]
    assert main(arguments) == 1
    table = pd.read_csv(tmp_path / "out.csv").set_index("id")
    assert np.isnan(table.band_gap["bad"])
    assert "no data block" in table.failure["bad"]
    assert table.band_gap["good"] >= 0
    assert "left out: bad: " in capsys.readouterr().err
    assert main(arguments) == 2
    assert "exists; replace it with --force" in capsys.readouterr().err


def test_the_header_says_what_the_model_is(trained):
    header = read_header(trained / "gaps.skops")
    assert (header.target, header.unit, header.kind) == ("band_gap", "eV", "nonnegative")
    assert header.data["n_rows"] == 40
    assert header.data["digest"] == TrainingRun.load(trained / "gaps.run.zip").card["data"]["digest"]


def test_a_pickle_is_opened_only_when_it_is_trusted(trained, tmp_path, capsys):
    joblib.dump(load(trained / "gaps.skops"), tmp_path / "own.joblib")
    arguments = ["predict", f"{tmp_path}/own.joblib", f"{trained}/new", "-o", f"{tmp_path}/out.csv"]
    assert main(arguments) == 2
    assert "open it with --trust-pickle if you made it yourself" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()
    assert main([*arguments, "--trust-pickle"]) == 0
    table = pd.read_csv(tmp_path / "out.csv")
    np.testing.assert_allclose(table.prediction, load(trained / "gaps.skops").predict(CRYSTALS[5:50:10]))


def test_compare_and_report(trained, tmp_path, capsys):
    data = tmp_path / "test.csv"
    write(CRYSTALS[3:63:3], data, targets={"band_gap": GAPS[3:63:3]})
    model = f"{trained}/gaps.skops"
    assert main(["compare", model, "--data", str(data), "-o", f"{tmp_path}/scores.csv"]) == 0
    assert "band_gap (eV) of 20 rows" in capsys.readouterr().out
    scores = pd.read_csv(tmp_path / "scores.csv", index_col="model")
    assert set(scores.index) == {model, "mean"}
    predicted = load(model).predict(CRYSTALS[3:63:3])
    assert scores.MAE[model] == pytest.approx(np.abs(predicted - GAPS[3:63:3]).mean())
    assert main(["report", f"{trained}/gaps.run.zip", "-o", f"{tmp_path}/again.html", "--scores"]) == 0
    assert (tmp_path / "again.html").read_bytes() == (trained / "gaps.html").read_bytes()
    assert "no formula in training and test rows" in capsys.readouterr().out


def test_compare_says_when_a_model_has_seen_the_rows(trained, capsys):
    arguments = ["compare", f"{trained}/gaps.skops", "--data", f"{trained}/cifs"]
    assert main([*arguments, "--targets", f"{trained}/gaps.csv"]) == 0
    assert "gaps.skops has learned from these very rows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (
            {"kind": "classes", "classes": ("a", "b")},
            "predicts numbers and '{other}' labels; compare models of one kind",
        ),
        ({"kind": "real", "unit": "meV"}, "predicts eV and '{other}' meV; compare models of one unit"),
    ],
)
def test_models_of_other_things_are_not_compared(header, says, trained, tmp_path, capsys):
    other = tmp_path / "other.skops"
    save(load(trained / "gaps.skops"), other, target="band_gap", **header)
    arguments = ["compare", f"{trained}/gaps.skops", str(other), "--data", f"{trained}/cifs"]
    assert main([*arguments, "--targets", f"{trained}/gaps.csv"]) == 2
    assert says.format(other=other) in capsys.readouterr().err


def test_an_output_of_compare_is_kept(trained, tmp_path, capsys):
    scores = tmp_path / "scores.csv"
    scores.write_text("precious")
    arguments = ["compare", f"{trained}/gaps.skops", "--data", f"{trained}/cifs", "-o", str(scores)]
    assert main([*arguments, "--targets", f"{trained}/gaps.csv"]) == 2
    assert "exists; replace it with --force" in capsys.readouterr().err
    assert scores.read_text() == "precious"


def test_labels_and_formulas(tmp_path, capsys):
    from skcrystal.datasets import load_experimental

    formulas = load_experimental().formula
    rows = np.arange(0, 160, 2)
    labels = np.where(GAPS > 0, "insulator", "metal")
    frame = pd.DataFrame({"composition": formulas[rows], "kind": labels[rows]})
    frame.loc[3, "kind"] = None
    frame.loc[4, "composition"] = "Xx2"
    frame.to_csv(tmp_path / "t.csv", index=False)
    arguments = [
        "train",
        f"{tmp_path}/t.csv",
        "--target",
        "kind",
        "-o",
        f"{tmp_path}/k.skops",
        "--quick",
        "-q",
    ]
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert "kind is taken as classes: labels: insulator, metal" in captured.out
    assert "its kind is missing" in captured.err
    assert "'Xx' at character 1" in captured.err
    run = TrainingRun.load(tmp_path / "k.run.zip")
    assert (run.classes, len(run), run.structures) == (("insulator", "metal"), 78, None)
    (tmp_path / "new.csv").write_text("id,formula\na,NaCl\nb,Cu\n")
    assert main(["predict", f"{tmp_path}/k.skops", f"{tmp_path}/new.csv", "-o", f"{tmp_path}/p.jsonl"]) == 0
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[0]["probability_insulator"] + lines[0]["probability_metal"] == pytest.approx(1)
    assert lines[0]["kind"] in {"insulator", "metal"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (["--target", "gap"], "has no column 'gap' (it has: file, band_gap, name)"),
        (["--target", "name"], "classes are 2 to 50 labels, and the target has 40|a class has one row"),
        (["--target", "file"], "the column 'file' of "),
        (["--kind", "positive"], "the target is not positive"),
        (["--targets", "absent.csv"], "there is no file 'absent.csv'"),
        (["-o", "model.pkl"], "end it in .skops"),
    ],
)
def test_mistakes_are_one_sentence(changes, says, day, tmp_path, capsys):
    arguments = [
        "train",
        f"{day}/cifs",
        "--targets",
        f"{day}/gaps.csv",
        "--target",
        "band_gap",
        "--quick",
        "-q",
    ]
    assert main([*arguments, "-o", f"{tmp_path}/m.skops", *changes]) == 2
    error = capsys.readouterr().err
    assert re.search(says if "|" in says else re.escape(says), error)
    assert error.startswith("skcrystal train: ")
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_demo_is_a_run_of_train(tmp_path, capsys, monkeypatch):
    from sklearn.utils import Bunch

    few = Bunch(data=CRYSTALS[::10], target=GAPS[::10])
    monkeypatch.setattr("skcrystal.datasets.load_experimental", lambda: few)
    assert main(["demo", "-o", f"{tmp_path}/demo", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == f"the page: {tmp_path}/demo/gaps.html"
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {
        "gaps.html",
        "gaps.run.zip",
        "gaps.skops",
    }


def test_the_commands_know_what_the_library_does():
    assert KINDS == runs_module.KINDS
    assert set(SPLITS) == {"random", *KNOWN_SPLITS}
