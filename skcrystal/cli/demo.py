"""``skcrystal demo``: ``skcrystal train`` on the built-in crystals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrystal.cli.arguments import add_command, positive

if TYPE_CHECKING:
    import argparse

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = add_command(
        commands,
        "demo",
        help="train a band-gap model on the built-in measured crystals",
        description=(
            "Train a model of measured band gaps (eV) on the built-in crystals, as `skcrystal train` "
            "does: judged by folds at random and by formula, beside the lecture notebook's random forest "
            "and a mean predictor; with the page of what was found."
        ),
        examples="""
            skcrystal demo
            skcrystal demo --output run1 --jobs 4
            skcrystal demo --full           all trees and the learning curve: minutes, not seconds
        """,
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("skcrystal-demo"),
        metavar="DIR",
        help="folder for the model and its page (default: skcrystal-demo)",
    )
    parser.add_argument(
        "-j", "--jobs", type=positive, default=2, metavar="N", help="processes that fit models (default: 2)"
    )
    parser.add_argument("--full", action="store_true", help="the models of `skcrystal train` without --quick")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    folder = arguments.output
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; name a folder with --output")
    from skcrystal.cli.train import finish
    from skcrystal.datasets import load_experimental
    from skcrystal.models.training import TrainingData, train_model

    built_in: Any = load_experimental()
    crystals = built_in.data
    gaps = built_in.target
    print(f"{len(gaps)} crystals with measured band gaps, {int((gaps == 0).sum())} of them metals (gap 0)")
    data = TrainingData(crystals, gaps, tuple(crystals.sources), "band_gap", "built-in, load_experimental()")
    trained = train_model(
        data,
        kind="nonnegative",
        unit="eV",
        quick=not arguments.full,
        n_jobs=arguments.jobs,
        command="skcrystal demo",
        progress=lambda text: print(f"... {text}", file=sys.stderr),
    )
    model = folder / "gaps.skops"
    finish(trained, model)
    print(f"\nto use it: skcrystal predict {model} my_crystal.cif -o predictions.csv")
    # Last, since this is what to look at.
    print(f"the page: {model.with_suffix('.html')}")
