"""Runs for pages: one as large as a real data set, and one whose texts try to break out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from skcrystal.models.runs import Remark, TrainingRun
from tests.models.runs import example_run

HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    '"><svg onload=window.hacked=1>',
    "<a href='javascript:window.hacked=1'>a</a><b>bold</b>",
    "<!--<script>",
    "%{customdata}&lt;b&gt; \u2028 \udcff",
)


def repeated(run: TrainingRun, n_rows: int) -> TrainingRun:
    """Return a run of many rows: those of another one over and over, a little apart."""
    rows = np.arange(n_rows) % len(run)
    apart = np.random.default_rng(0).normal(0, 0.2, n_rows)
    splits = tuple(
        replace(
            split,
            folds=split.folds[rows],
            predictions={name: found[rows] + apart for name, found in split.predictions.items()},
            low=split.low[rows] + apart,
            high=split.high[rows] + apart,
        )
        for split in run.splits
    )
    return replace(
        run,
        ids=tuple(f"mp-{k:07d}" for k in range(n_rows)),
        formulas=tuple(run.formulas[row] for row in rows),
        splits=splits,
        **{
            name: getattr(run, name)[rows]
            for name in ("y", "amounts", "sites", "space_groups", "nearest", "domain")
        },
    )


def hostile_run() -> TrainingRun:
    """Return a run all of whose texts are traps."""
    run = example_run(40)
    texts = [HOSTILE[k % len(HOSTILE)] for k in range(len(run))]
    names = [f"{name} {HOSTILE[k]}" for k, name in enumerate(run.models)]
    assert run.learning_curve is not None
    return replace(
        run,
        target=f"gap {HOSTILE[0]}",
        unit=HOSTILE[1],
        ids=tuple(f"{k} {text}" for k, text in enumerate(texts)),
        formulas=tuple(texts),
        models=dict(zip(names, HOSTILE, strict=False)),
        splits=tuple(
            replace(
                split,
                description=HOSTILE[0],
                predictions=dict(zip(names, split.predictions.values(), strict=True)),
            )
            for split in run.splits
        ),
        importance={f"{HOSTILE[k]}{k}": values for k, values in enumerate(run.importance.values())},
        importance_score=HOSTILE[1],
        learning_curve=replace(
            run.learning_curve, values=dict(zip(names, run.learning_curve.values.values(), strict=True))
        ),
        remarks=tuple(Remark(HOSTILE[k], (0, 1), HOSTILE[k]) for k in range(3)),
        failures=dict(zip(HOSTILE, HOSTILE, strict=True)),
        domain_description=HOSTILE[0],
        card={text: {text: text, "list": [text]} for text in HOSTILE},
    )
