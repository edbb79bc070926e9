"""A training run made up in a moment: real crystals, and predictions that are the truth with noise."""

from __future__ import annotations

import numpy as np

from skcrystal.datasets import load_experimental
from skcrystal.models.runs import LearningCurve, Remark, SplitResult, TrainingRun


def example_run(n_rows: int = 60, *, kind: str = "nonnegative", seed: int = 0) -> TrainingRun:
    """Return a run over the first built-in crystals, with every field filled."""
    random = np.random.default_rng(seed)
    data = load_experimental()
    crystals, gaps = data.data[:n_rows], data.target[:n_rows]
    classes = ("metal", "gap") if kind == "classes" else ()
    y = (gaps > 0).astype(np.float64) if classes else gaps
    models = {
        "model": "Gaussian process and boosted trees on the default preset.",
        "notebook forest": "The lecture's random forest on its 327 columns.",
        "mean": "The mean of the training rows.",
    }
    splits = []
    for name, noise in (("random", 0.3), ("formula", 0.5)):
        predictions = {}
        for k, model in enumerate(models):
            found = y + random.normal(0, noise * (k + 1), n_rows)
            if classes:
                share = np.clip(found, 0.01, 0.99)
                found = np.column_stack([1 - share, share])
            predictions[model] = found
        best = predictions["model"] if not classes else np.full(n_rows, np.nan)
        folds = random.permutation(np.arange(n_rows) % 5)
        description = f"5 folds by {name}, shuffled with seed {seed}"
        splits.append(SplitResult(name, description, folds, predictions, best - 0.6, best + 0.6))
    errors = [np.abs(one.predictions["model"].reshape(n_rows, -1)[:, -1] - y) for one in splits]
    shown = np.unique([np.argsort(-error, kind="stable")[:20] for error in errors])
    score = "accuracy" if classes else "MAE"
    return TrainingRun(
        target="band_gap",
        unit="" if classes else "eV",
        kind=kind,
        classes=classes,
        ids=tuple(crystals.sources),
        formulas=tuple(data.formula[:n_rows].tolist()),
        y=y,
        amounts=crystals.element_amounts,
        sites=crystals.site_counts,
        space_groups=crystals.symmetry().numbers,
        nearest=random.uniform(1.5, 3.0, n_rows),
        models=models,
        splits=tuple(splits),
        importance={name: random.uniform(0, 0.3, 5) for name in ("composition", "ionic", "density")},
        importance_score=score,
        learning_curve=LearningCurve(
            "random",
            score,
            np.array([12, 24, 48]),
            {name: random.uniform(0.2, 1.0, (3, 5)) for name in models},
        ),
        remarks=(
            Remark("contradiction", (0, 1), "Two rows hold one crystal, with targets 0 and 1.4 eV."),
            Remark("rare_element", (3,), "Be is in one row alone."),
        ),
        domain=random.uniform(0, 1.3, n_rows),
        domain_description="distance to the nearest training rows over the largest among these",
        shown=shown,
        structures=crystals[shown],
        failures={"broken.cif": "the CIF text ends early <b>and</b> so on"},
        card={
            "versions": {"skcrystal": "0.1.0", "numpy": "2.4.6"},
            "seed": seed,
            "parameters": {"softstandardscaler__limit": 3.0},
            "data": {"source": "built-in", "digest": "0" * 32, "n_rows": n_rows},
            "intended_use": "Band gaps of crystals like those of the training data.",
            "limits": ["No promise for crystals of another kind."],
        },
    )
