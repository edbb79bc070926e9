"""The programs of the gallery run as they stand, on fewer crystals and with fewer trees."""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib", reason="the examples draw figures, which need the extra plots")
pytest.importorskip("xgboost", reason="the examples fit XGBoost models, which need the extra models")

EXAMPLES = sorted((Path(__file__).parent.parent / "docs" / "examples").glob("plot_*.py"))
pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the tests run without the repository")
SIZES = {"N_TREES": 3, "EVERY": 8}
# What single examples have beside them, or in their place.
MORE_SIZES = {"plot_graph_network": {"N_EPOCHS": 2}, "plot_splits": {"N_LEAST": 3}}
OWN_SIZES = {"plot_curve": {"EVERY": 8}, "plot_silicon_potential": {"N_CELLS": 45, "N_STEPS": 40}}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run an example with small sizes; return its variables."""
    monkeypatch.delenv("MP_API_KEY", raising=False)
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    def run_small(example):
        text = example.read_text(encoding="utf-8")
        sizes = OWN_SIZES.get(example.stem) or SIZES | MORE_SIZES.get(example.stem, {})
        for name, value in sizes.items():
            text, count = re.subn(rf"^{name} = \d+$", f"{name} = {value}", text, flags=re.M)
            assert count == 1, f"{example.name} sets {name} {count} times"
        path = tmp_path / example.name
        path.write_text(text, encoding="utf-8")
        return runpy.run_path(str(path))

    yield run_small
    plt.close("all")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs_and_draws(example, run):
    import matplotlib.pyplot as plt

    if example.stem == "plot_graph_network":
        pytest.importorskip("torch_geometric", reason="the example trains a network with PyTorch Geometric")
    if example.stem == "plot_pretrained":
        pytest.importorskip("chgnet", reason="the example asks CHGNet, which needs PyTorch")
    if example.stem == "plot_served_model":
        pytest.importorskip("fastapi", reason="the example serves a model with FastAPI")
        pytest.importorskip("httpx", reason="FastAPI's test client needs httpx")
    if example.stem == "plot_materials_project":
        pytest.importorskip("mp_api", reason="the example asks through mp-api, which the extra brings")
    if example.stem == "plot_silicon_potential":
        pytest.importorskip("ase.calculators.tersoff", reason="ASE has Tersoff's potential from 3.25 on")
    run(example)
    assert plt.get_fignums()


def test_the_gallery_has_an_order_for_every_program(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES[0].parent.parent / "extensions")
    from gallery_order import ORDER

    assert sorted(ORDER) == [example.name for example in EXAMPLES]


def test_lecture_takes_the_materials_project_where_there_is_a_key(run, monkeypatch):
    from skcrystal import datasets

    asked = {}

    def fetch(**query):
        asked.update(query)
        data = datasets.load_experimental()
        data.target = data.target + 1
        return data

    lecture = next(example for example in EXAMPLES if example.stem == "plot_lecture")
    monkeypatch.setitem(os.environ, "MP_API_KEY", "a key")
    monkeypatch.setattr(datasets, "fetch_materials_project", fetch)
    found = run(lecture)
    assert asked["formula"] == "ABC3"
    assert np.min(found["y"]) == 1
