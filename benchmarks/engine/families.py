"""What each step of the default preset costs, and what they share."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import skcrystal.crystals.tables
from engine.table import number
from skcrystal import CrystalFeaturizer
from skcrystal.featurizer.presets import PRESETS
from skcrystal.inputs import read_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.rows import Row

__all__ = ["families"]

#: What is made once per batch for all steps -> the function of skcrystal.crystals.tables that makes it.
SHARED = {
    "space groups and orbits (moyopy)": "find_symmetry",
    "primitive cells": "primitive_sites",
    "neighbour pairs": "find_neighbors",
}
READING = "reading CIF text"


class Meter(dict[str, float]):
    """Label -> seconds of processor time; what is measured inside another label is not counted there."""

    def __init__(self) -> None:
        super().__init__()
        self._inner = 0.0

    def time(self, label: str, call: Callable[[], Any]) -> Any:
        """Call, and add the time to the label."""
        outer, self._inner = self._inner, 0.0
        start = time.process_time()
        result = call()
        seconds = time.process_time() - start
        self[label] = self.get(label, 0.0) + seconds - self._inner
        self._inner = outer + seconds
        return result


def families(rows: list[Row], rounds: int) -> list[str]:
    """Return a Markdown table: step, columns, milliseconds per crystal, the median over the rounds."""
    cifs = [row.cif for row in rows]
    chunk = CrystalFeaturizer().chunk_size
    runs = [_measure(cifs, chunk) for _ in range(rounds + 1)][1:]
    steps = {name: len(step.get_feature_names_out()) for name, step in PRESETS["default"]()}
    ms = {label: 1e3 * statistics.median(run[label] for run in runs) / len(cifs) for label in runs[0]}
    lines = [
        f"| Step of the default preset, {len(rows):,} rows | Columns | ms per crystal |",
        "|---|---|---|",
    ]
    for label in (READING, *SHARED, *steps):
        if label in ms:
            lines.append(f"| {label} | {steps.get(label, '')} | {number(ms[label])} |")
    lines.append(f"| all | {sum(steps.values())} | {number(sum(ms.values()))} |")
    return lines


def _measure(cifs: list[str], chunk: int) -> Meter:
    meter = Meter()
    with ExitStack() as stack:
        for label, name in SHARED.items():
            stack.enter_context(_metered(meter, label, name))
        for start in range(0, len(cifs), chunk):
            batch, *_ = meter.time(READING, lambda s=start: read_items(cifs[s : s + chunk]))
            for name, step in PRESETS["default"]():
                meter.time(name, lambda d=step, b=batch: d.describe(b))
    return meter


@contextmanager
def _metered(meter: Meter, label: str, name: str) -> Iterator[None]:
    """Measure a function of skcrystal.crystals.tables wherever a step calls it."""
    function = getattr(skcrystal.crystals.tables, name)
    setattr(
        skcrystal.crystals.tables,
        name,
        lambda *given, **named: meter.time(label, lambda: function(*given, **named)),
    )
    try:
        yield
    finally:
        setattr(skcrystal.crystals.tables, name, function)
