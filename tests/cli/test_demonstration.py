"""The demo, run for real with few trees."""

from __future__ import annotations

import joblib
import pytest

from skcrystal import as_crystals
from skcrystal.cli.demonstration import CIF, HELD_OUT, run_demo

pytest.importorskip("matplotlib", reason="the demo draws: the extra plots")
pytest.importorskip("xgboost", reason="the demo fits XGBoost: the extra models")


def test_demo_writes_figures_table_and_a_pipeline_that_predicts(tmp_path, capsys):
    scores = run_demo(tmp_path / "new" / "folder", n_jobs=1, quick=True)
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == {
        "gap_histogram.png",
        "gaps_sorted.png",
        "parity_random_forest_notebook.png",
        "parity_random_forest_default.png",
        "parity_xgboost_notebook.png",
        "parity_xgboost_default.png",
        "pipeline.joblib",
    }
    assert len(scores) == 5
    mean, *models = scores
    assert mean.r2 < 0.01
    assert all(score.mae < mean.mae / 2 and score.r2 > 0.5 for score in models)
    out = capsys.readouterr().out
    table = [line for line in out.splitlines() if line.startswith(("model ", "mean ", "random ", "XGB"))][:6]
    assert len({len(line) for line in table}) == 1
    assert "random_state=0" in out
    model = joblib.load(tmp_path / "new" / "folder" / "pipeline.joblib")
    assert f"predicted {model.predict([CIF])[0]:.2f} eV" in out


def test_the_cif_text_is_the_crystal_left_out():
    (crystal,) = as_crystals([CIF])
    assert crystal.formula == HELD_OUT
    assert crystal.n_sites == 5
