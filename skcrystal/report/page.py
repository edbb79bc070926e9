"""The page of a training run: one HTML file that asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrystal._version import __version__
from skcrystal.drawing.html import Markup, json_script, tag
from skcrystal.formats.aside import written_aside
from skcrystal.plots.summaries import CRYSTAL_SYSTEMS
from skcrystal.report.numbers import compact, counted
from skcrystal.report.sections.card import card_section
from skcrystal.report.sections.data import data_section
from skcrystal.report.sections.errors import errors_section
from skcrystal.report.sections.models import models_section
from skcrystal.report.sections.trust import trust_section
from skcrystal.report.view import View

if TYPE_CHECKING:
    from os import PathLike

    from skcrystal.models.runs import TrainingRun

__all__ = ["render_report", "write_report"]

TITLES = {
    "data": "Data",
    "models": "Models",
    "errors": "Errors",
    "trust": "Trust",
    "card": "Card",
}


def write_report(run: TrainingRun, path: str | PathLike[str]) -> None:
    """Write the page of a training run: one HTML file that asks the network for nothing.

    It shows the data, the models beside the mean predictor, where the saved model errs, with the worst
    crystals in three dimensions, what its predictions rest on, and the model card. The same run gives the
    same bytes.

    Parameters
    ----------
    run : TrainingRun
    path : str or path-like
        As ``model.html``. A file that exists is replaced at once when all is written.

    Raises
    ------
    ValueError
        The run has no predictions.

    Examples
    --------
    >>> from skcrystal.models import TrainingRun
    >>> from skcrystal.report import write_report
    >>> write_report(TrainingRun.load("gaps.run.zip"), "gaps.html")  # doctest: +SKIP
    """
    page = render_report(run)
    with written_aside(path) as aside:
        # A file name may hold bytes that are no text; they are shown as question marks.
        aside.write_bytes(page.encode("utf-8", "replace"))


def render_report(run: TrainingRun) -> str:
    """Return the page of a training run as text; :func:`write_report` says what is in it.

    Parameters
    ----------
    run : TrainingRun

    Raises
    ------
    ValueError
        The run has no predictions.
    """
    if not run.splits or not len(run):
        raise ValueError("the run has no predictions, and a report shows them; train with at least one split")
    view = View(run)
    sections: list[Markup] = []
    figures: dict[str, Any] = {}
    for make in (data_section, models_section, errors_section, trust_section):
        made = make(view)
        if made is not None:
            sections.append(made[0])
            figures |= made[1]
    sections.append(card_section(view))
    names = [name for name in TITLES if any(f'id="{name}"' in part[:60] for part in sections)]
    links = [tag("a", TITLES[name], href=f"#{name}") for name in names]
    body = [
        tag("a", "Skip to the content", href="#content", class_="skip"),
        tag("header", _head(view), class_="top"),
        tag("nav", links, aria_label="Sections"),
        tag("main", sections, id="content"),
        tag(
            "footer",
            tag("p", f"Made by skcrystal {__version__}. Figures: plotly.js (MIT). Crystals: 3Dmol.js (BSD)."),
        ),
        Markup("<noscript><p class='note warn'>The figures need JavaScript.</p></noscript>"),
    ]
    data = json_script(_data(view, figures))
    scripts = [_file("vendor/plotly-cartesian.min.js")]
    if "scenes" in figures:
        scripts.append(_file("vendor/3Dmol-min.js"))
    scripts += [_file("assets/crystals.js"), _file("assets/page.js")]
    head = [
        tag("meta", charset="utf-8"),
        # Nothing that stands in the data can run, and nothing that runs can ask the network.
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(scripts)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"skcrystal {__version__}"),
        tag("title", f"{view.quantity} – skcrystal"),
        tag("link", rel="icon", href="data:,"),
        Markup(f"<style>{_file('assets/page.css')}</style>"),
    ]
    ends = [Markup(f'<script type="application/json" id="run">{data}</script>')]
    ends += [Markup(f"<script>{script}</script>") for script in scripts]
    return f"<!DOCTYPE html>\n{tag('html', tag('head', head), tag('body', body, ends), lang='en')}\n"


def _head(view: View) -> list[Any]:
    """Return the title and the four numbers that matter most."""
    run = view.run
    split = run.splits[0]
    scores = {(score.model, score.name): score.value for score in run.scores(split.name)}
    tiles = [(f"{len(run):,}", view.noun[1])]
    mean = list(split.predictions)[-1]
    if view.labels:
        tiles.append((f"{scores[view.model, 'accuracy']:.1%}", "accuracy"))
        tiles.append((f"{scores[mean, 'accuracy']:.1%}", "by frequency alone"))
    else:
        tiles.append((view.amount(scores[view.model, "MAE"]), "mean absolute error"))
        if any(one.name == "formula" for one in run.splits[1:]):
            new = {(score.model, score.name): score.value for score in run.scores("formula")}
            tiles.append((view.amount(new[view.model, "MAE"]), "the same on new formulas"))
        tiles.append((view.amount(scores[mean, "MAE"]), "error of the mean alone"))
        r2 = scores[view.model, "R2"]
        tiles.append((f"{r2:.3f}" if np.isfinite(r2) else "–", "R²"))
    inside = run.inside(split.name)
    if np.isfinite(inside):
        tiles.append((f"{inside:.0%}", f"inside the {run.coverage:.0%} intervals"))
    folds = counted(len(np.unique(split.folds[split.folds >= 0])), "fold")
    return [
        tag("p", "Training report", class_="kind"),
        tag(
            "h1",
            view.quantity[:1].upper() + view.quantity[1:],
            tag("small", f" {run.unit}") if run.unit else None,
        ),
        tag("p", tag("b", view.model), ": ", run.models[view.model], class_="lead"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for value, name in tiles], class_="tiles"),
        tag("p", f"On crystals held out, {view.title(split)}, {folds}.", class_="fine"),
    ]


def _data(view: View, figures: dict[str, Any]) -> dict[str, Any]:
    """Return what the script draws from."""
    run = view.run
    data: dict[str, Any] = {
        "axis": view.axis,
        "unit": run.unit,
        "errorAxis": view.error_axis,
        "target": run.target,
        "noun": view.noun[1],
        "labels": list(run.classes),
        "ids": list(run.ids),
        "formulas": list(run.formulas),
        "y": compact(run.y),
        "domain": compact(run.domain, 4),
        "systems": [CRYSTAL_SYSTEMS[k] if k >= 0 else "" for k in view.systems.tolist()],
        "models": list(run.models),
        "figures": figures,
    }
    if not view.labels:
        data["splits"] = [
            {
                "name": view.title(split),
                "folds": split.folds.tolist(),
                "predictions": {name: compact(found) for name, found in split.predictions.items()},
                "low": compact(split.low),
                "high": compact(split.high),
            }
            for split in run.splits
        ]
    return data


def _file(name: str) -> str:
    return resources.files("skcrystal.report").joinpath(name).read_text(encoding="utf-8")


def _policy(scripts: list[str]) -> str:
    """Return the content security policy: only these scripts run, and no address is asked."""
    sums = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    allowed = " ".join(f"'sha256-{one}'" for one in sums)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"
