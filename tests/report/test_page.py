"""The page as a text: what is in it, and that the data cannot break out."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from skcrystal.models.runs import TrainingRun
from skcrystal.report import render_report, write_report
from tests.models.runs import example_run
from tests.report.runs import hostile_run, repeated


class Parts(HTMLParser):
    """Counts of the elements, the values of their attributes, and the JSON of the data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.data = {}
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes += attrs
        self.inside = "data" if ("id", "run") in attrs else tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "data":
            self.data = json.loads(data)
        elif self.inside not in ("script", "style"):
            self.text += data


@pytest.fixture(scope="module")
def run() -> TrainingRun:
    return example_run(80)


def test_the_page_has_every_section_figure_and_row(run):
    page = Parts(render_report(run))
    figures = {value for name, value in page.attributes if name == "data-figure"}
    assert figures == {
        *("histogram", "sorted", "systems", "sizes", "parity-0", "parity-1", "learning"),
        *("error-elements", "error-systems", "residuals", "importance", "coverage", "domain"),
    }
    assert figures <= set(page.data["figures"])
    for name in ("data", "models", "errors", "trust", "card"):
        assert ("id", name) in page.attributes
    assert len(page.data["ids"]) == len(page.data["y"]) == 80
    assert sum(map(sum, page.data["figures"]["histogram"]["counts"])) == 80
    assert sum(page.data["figures"]["systems"]["counts"]) == 80
    assert sum(page.data["figures"]["sizes"]["counts"]) == 80
    # Twenty of each way to split, each with its drawing.
    assert page.tags["tr"] == 2 * 4 + 2 * 21 + sum(
        len(run.card[k]) + 1 for k in ("versions", "parameters", "data")
    )
    assert sum(name == "data-row" for name, _ in page.attributes) == 40


def test_the_scores_of_every_model_stand_beside_the_mean(run):
    text = Parts(render_report(run)).text
    for score in run.scores():
        if score.name == "MAE":
            assert f"{score.value:.3f}" in text
    for model in run.models:
        assert model in text


def test_the_worst_come_first_and_are_those_of_the_saved_model(run):
    page = render_report(run)
    split = run.splits[0]
    errors = np.abs(split.predictions["model"] - run.y)
    expected = np.argsort(-errors, kind="stable")[:20].tolist()
    first = page[page.index('data-split="0"') : page.index('data-split="1"')]
    assert [int(row) for row in re.findall(r'data-row="(\d+)"', first)] == expected


def test_classes_have_a_confusion_in_place_of_parity():
    run = example_run(60, kind="classes")
    page = Parts(render_report(run))
    figures = {value for name, value in page.attributes if name == "data-figure"}
    assert not {"histogram", "sorted", "parity-0", "residuals", "coverage"} & figures
    assert page.data["figures"]["classes"]["counts"] == [int((run.y == k).sum()) for k in (0, 1)]
    assert "predicted metal" in page.text


def test_formulas_alone_have_a_page_without_structures():
    run = example_run(40)
    nothing = np.zeros(40, dtype=np.int64)
    run = replace(
        run,
        sites=nothing,
        space_groups=nothing,
        nearest=np.full(40, np.nan),
        structures=None,
        shown=nothing[:0],
    )
    text = render_report(run)
    page = Parts(text)
    figures = {value for name, value in page.attributes if name == "data-figure"}
    assert not {"systems", "sizes", "error-systems"} & figures
    assert "40 formulas of" in page.text
    assert "3Dmol v" not in text


def test_a_bare_run_has_a_page(run):
    bare = replace(
        run, importance={}, learning_curve=None, remarks=(), domain=np.full(80, np.nan), failures={}, card={},
        splits=(replace(run.splits[0], low=np.full(80, np.nan), high=np.full(80, np.nan)),),
    )  # fmt: skip
    page = Parts(render_report(bare))
    assert "No duplicate or suspicious row was found" in page.text
    assert ("id", "trust") not in page.attributes


def rescaled(run: TrainingRun, factor: float, shift: float = 0.0) -> TrainingRun:
    """Return the run with all values of the target times a factor, and a constant more."""
    splits = tuple(
        replace(
            split,
            predictions={name: found * factor + shift for name, found in split.predictions.items()},
            low=split.low * factor + shift,
            high=split.high * factor + shift,
        )
        for split in run.splits
    )
    return replace(run, y=run.y * factor + shift, splits=splits, kind="real")


def partly_tested(run: TrainingRun) -> TrainingRun:
    """Return the run with every second row in no fold."""
    tested = np.arange(len(run)) % 2 == 1
    splits = tuple(
        replace(
            split,
            folds=np.where(tested, split.folds, -1),
            predictions={name: np.where(tested, found, np.nan) for name, found in split.predictions.items()},
            low=np.where(tested, split.low, np.nan),
        )
        for split in run.splits
    )
    return replace(run, splits=splits)


ODD = {
    "constant target": lambda run: replace(run, y=np.full(len(run), 2.5)),
    "huge": lambda run: rescaled(run, 1e12),
    "tiny": lambda run: rescaled(run, 1e-9),
    "negative": lambda run: rescaled(run, -3.0, -5.0),
    "untested rows": partly_tested,
    "one fold": lambda run: replace(
        run, splits=tuple(replace(split, folds=np.zeros(len(run), dtype=np.int64)) for split in run.splits)
    ),
    "no error": lambda run: replace(
        run,
        splits=tuple(
            replace(split, predictions=dict.fromkeys(split.predictions, run.y)) for split in run.splits
        ),
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_run_has_a_page_without_nan(kind, run):
    page = Parts(render_report(ODD[kind](run)))
    assert len(page.data["figures"]) == 14
    assert "nan" not in re.findall(r"[a-z]+", page.text)


def test_a_run_without_predictions_is_refused(run):
    with pytest.raises(ValueError, match="no predictions"):
        render_report(replace(run, splits=()))


def test_the_same_run_gives_the_same_page_and_so_does_the_saved_one(run, tmp_path):
    run.save(tmp_path / "a.run.zip")
    write_report(run, tmp_path / "a.html")
    write_report(TrainingRun.load(tmp_path / "a.run.zip"), tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.html", "a.run.zip", "b.html"]


def test_texts_of_the_data_are_texts_on_the_page():
    plain, hostile = Parts(render_report(example_run(40))), hostile_run()
    page = Parts(render_report(hostile))
    for tag in ("script", "img", "svg", "b"):
        if tag != "b":
            assert page.tags.get(tag) == plain.tags.get(tag)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert page.data["ids"] == list(hostile.ids)
    assert hostile.formulas[0] in page.text.replace("₀", "0")


def test_nothing_on_the_page_is_loaded_from_elsewhere(run):
    page = Parts(render_report(run))
    addresses = [value for name, value in page.attributes if name in ("src", "href", "action", "data")]
    assert all(value.startswith(("#", "data:")) for value in addresses)
    policy = next(value for name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert "http" not in policy


def test_a_page_of_1335_crystals_stays_below_5_megabytes(run):
    page = render_report(repeated(run, 1335))
    assert len(page.encode()) < 5_000_000
    assert len(Parts(page).data["splits"][0]["predictions"]["model"]) == 1335


@pytest.mark.parametrize(
    "folder",
    [resources.files("skcrystal.report") / "vendor", Path(__file__).parent / "vendor"],
    ids=["page", "tests"],
)
def test_vendored_files_are_those_that_their_readme_names(folder):
    rows = re.findall(r"`([\w.-]+\.js)` .*`([0-9a-f]{64})`", (folder / "README.md").read_text())
    assert {name for name, _ in rows} == {one.name for one in folder.iterdir() if one.name.endswith(".js")}
    for name, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        assert any(one.name.startswith(name[:3]) and "LICENSE" in one.name for one in folder.iterdir())
