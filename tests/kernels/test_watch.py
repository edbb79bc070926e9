"""What is said while kernels are compiled, and that a warm-up compiles all of them, each once."""

from __future__ import annotations

import gc
import subprocess
import sys

import skcrystal.kernels.watch as module
from skcrystal.kernels.niggli import reduce_batch
from skcrystal.kernels.watch import MESSAGE, Watch


class Event:
    def __init__(self, kernel):
        self.data = {"dispatcher": kernel}


def watching_ours():
    watch = Watch()
    watch.add(reduce_batch)
    return watch


def compile_one(watch, monkeypatch, seconds, kernel=reduce_batch):
    now = [0.0]
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    watch.on_start(Event(kernel))
    paused = not gc.isenabled()
    now[0] = seconds
    watch.on_end(Event(kernel))
    assert gc.isenabled()
    return paused


def test_who_waits_is_told_once(monkeypatch, capsys):
    watch = watching_ours()
    assert compile_one(watch, monkeypatch, 0.6)
    assert capsys.readouterr().err == ""
    # What counts is the time that all of them took together.
    compile_one(watch, monkeypatch, 0.6)
    compile_one(watch, monkeypatch, 5.0)
    assert capsys.readouterr().err == f"{MESSAGE}\n"
    assert watch.compiled == 3


def test_workers_and_the_compilers_of_others_are_silent(monkeypatch, capsys):
    watch = watching_ours()
    assert not compile_one(watch, monkeypatch, 60.0, kernel=object())
    assert watch.compiled == 0
    process = type("Process", (), {"name": "LokyProcess-1"})
    monkeypatch.setattr(module.multiprocessing, "current_process", process)
    compile_one(watch, monkeypatch, 60.0)
    assert capsys.readouterr().err == ""


# Runs in a process of its own: tests call kernels as nobody else does.
COVERED = """
import importlib, re
from pathlib import Path
import skcrystal
from skcrystal.cli.warmup import warm_up

warm_up()
package = Path(skcrystal.__file__).parent
for file in package.rglob("*.py"):
    for kernels, names in re.findall(r"from skcrystal\\.kernels\\.(\\w+) import (.*)", file.read_text()):
        for name in names.split(", ") if file.parent.name != "kernels" else ():
            kernel = getattr(importlib.import_module(f"skcrystal.kernels.{kernels}"), name)
            if hasattr(kernel, "signatures"):
                print(name, len(kernel.signatures))
"""


def test_a_warm_up_compiles_every_kernel_once():
    command = [sys.executable, "-W", "ignore", "-c", COVERED]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    counts = dict(line.split() for line in out.splitlines())
    assert {"neighbor_pairs", "soap_gradients", "first_translation", "evaluate_crystal"} <= set(counts)
    assert set(counts.values()) == {"1"}, counts
