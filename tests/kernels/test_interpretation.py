"""Kernels that run as Python at first: the same to the last bit, for as long as said and allowed."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from skcrystal import Crystal, CrystalFeaturizer
from skcrystal.cli.warmup import PLAIN
from skcrystal.kernels import interpretation
from skcrystal.kernels.interpretation import Interpretable, compiled_at_once
from tests.kernels.test_compilation import KERNELS

CRYSTALS = {
    "cif": PLAIN,
    "metal": Crystal.ordered(2.87 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26]),
    "alloy": Crystal.ordered(
        [[3.9, 0, 0], [0.3, 4.1, 0], [0.2, -0.4, 4.4]],
        [[0, 0, 0], [0.47, 0.52, 0.03], [0.1, 0.5, 0.52], [0.52, 0.07, 0.46]],
        [29, 29, 79, 50],
    ),
    "layers": Crystal.ordered(
        [[3.19, 0, 0], [-1.595, 2.763, 0], [0, 0, 13.38]],
        [[1 / 3, 2 / 3, 0.25], [1 / 3, 2 / 3, 0.367], [1 / 3, 2 / 3, 0.133]],
        [42, 16, 16],
    ),
    "disorder": Crystal(
        5.5 * np.eye(3),
        [[0, 0, 0], [0.5, 0.5, 0.5], [0.55, 0.5, 0.5]],
        [0, 1, 3, 4],
        [11, 17, 35, 17],
        [1.0, 0.3, 0.2, 0.5],
        [np.nan] * 4,
    ),
}


def interpretables():
    """Of all kernels those that can run as Python."""
    files = [file.stem for file in KERNELS.glob("*.py")]
    modules = [importlib.import_module(f"skcrystal.kernels.{name}") for name in files]
    return [one for module in modules for one in vars(module).values() if isinstance(one, Interpretable)]


def counted(function, arguments):
    """What a call returns, and how many lines of Python it ran."""
    count = 0

    def on_line(frame, event, arg):
        nonlocal count
        count += event == "line"
        return on_line

    before = sys.gettrace()
    sys.settrace(on_line)
    try:
        return function(*arguments), count
    finally:
        sys.settrace(before)


def bits(value):
    """Of all arrays and numbers the bytes; counts are the same as Python's integers and numpy's."""
    if isinstance(value, tuple):
        return [bits(one) for one in value]
    return [] if value is None else np.asarray(value, dtype=getattr(value, "dtype", None)).tobytes()


def used(name, arrays):
    """Of the bonds that are returned those that are filled in; there is room for more."""
    if name != "find_bonds":
        return arrays
    offsets, pairs, weights, *sites = arrays
    return offsets, pairs[: offsets[-1]], weights[: offsets[-1]], *sites


@pytest.mark.parametrize("crystal", CRYSTALS.values(), ids=CRYSTALS)
def test_python_gives_the_bits_of_the_compiled_kernels_in_as_many_lines_as_said(crystal, monkeypatch):
    called = {}

    def call_both(kernel, *arguments):
        name = kernel.__name__
        # Room that is never filled in has the same bytes on both sides.
        copies = [one.copy() if isinstance(one, np.ndarray) else one for one in arguments]
        with np.errstate(all="ignore"):
            python, lines = counted(kernel.python, copies)
        compiled = kernel.dispatcher(*arguments)
        assert bits(used(name, python)) == bits(used(name, compiled)), name
        assert bits(tuple(copies)) == bits(arguments), name
        said = called.setdefault(name, [0.0, 0.0])
        said[0] += lines
        said[1] += kernel.lines(*arguments)
        return compiled

    monkeypatch.setattr(Interpretable, "__call__", call_both)
    for preset in ("notebook", "default"):
        CrystalFeaturizer(preset).fit_transform([crystal])
    assert len(called) >= 10
    for name, (lines, said) in called.items():
        assert lines < 3.0 * said, (name, lines, said)


FIRST_ROW = """
import sys
from skcrystal import CrystalFeaturizer
from skcrystal.kernels.watch import watch

def compiled(*items):
    CrystalFeaturizer(sys.argv[1]).fit_transform(list(items))
    compiled = [kernel.py_func.__module__ for kernel in watch.kernels if kernel.stats.cache_misses]
    return sorted({name.split(".")[-1] for name in compiled})

print(*compiled(sys.argv[2]))
if sys.argv[1] == "notebook":
    print(*compiled(*[sys.argv[2].replace("3.905", f"{3.8 + 0.001 * n:.3f}") for n in range(300)]))
"""


@pytest.mark.parametrize(
    ("preset", "first", "many"),
    [("notebook", [], {"gate"}), ("default", ["ewald"], set())],
)
def test_a_first_row_compiles_next_to_nothing_and_many_rows_more(preset, first, many, tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", FIRST_ROW, preset, PLAIN]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == first
    assert many <= set(lines[-1])


class Dispatcher:
    """Stands in for numba's; what it returns tells that it ran."""

    def __init__(self, function, on_disk=()):
        self.py_func = function
        self.signatures = []
        self._cache = SimpleNamespace(_cache_file=SimpleNamespace(_load_index=lambda: dict.fromkeys(on_disk)))

    def __call__(self, array):
        return "compiled", array.tolist()


def fill_inverses(array):
    for place in range(len(array)):
        array[place] = 1.0 / float(array[place])
    return "python", array.tolist()


def kernel(lines=10.0, **options):
    return Interpretable(Dispatcher(fill_inverses, **options), lambda array: lines * len(array))


def test_a_kernel_is_compiled_when_the_allowance_is_spent():
    some = kernel(lines=interpretation.ALLOWANCE / 2.5)
    assert [some(np.ones(1))[0] for _ in range(4)] == ["python", "python", "compiled", "compiled"]


def test_a_call_with_much_to_do_compiles_at_once_and_for_good():
    some = kernel()
    assert some(np.ones(int(interpretation.ALLOWANCE)))[0] == "compiled"
    assert some(np.ones(1))[0] == "compiled"


def test_what_lies_on_disk_is_not_interpreted():
    assert kernel(on_disk=["float64"])(np.ones(1))[0] == "compiled"


def test_arithmetic_that_python_refuses_is_left_to_the_compiled_kernel():
    some = kernel()
    assert some(np.array([4.0, 0.0])) == ("compiled", [4.0, 0.0])
    assert some(np.array([4.0]))[0] == "compiled"


def test_a_warm_up_compiles_at_once():
    some = kernel()
    with compiled_at_once():
        assert some(np.ones(1))[0] == "compiled"
    assert some(np.ones(1))[0] == "python"
