"""Compiled kernels on disk: kept while their sources stay, made anew when one of them changes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import skcrystal
from skcrystal.kernels import compilation

KERNELS = Path(skcrystal.__file__).parent / "kernels"


def copy_of_the_kernels(folder):
    package = folder / "skcrystal"
    package.mkdir()
    (package / "__init__.py").write_text("")
    shutil.copytree(KERNELS, package / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "kernels" / "base.py").write_text(
        "from skcrystal.kernels.compilation import njit\nSIZE = 2.0\n\n\n"
        "@njit(cache=True)\ndef scaled(x):\n    return SIZE * x\n"
    )
    (package / "kernels" / "middle.py").write_text(
        "from skcrystal.kernels.base import scaled\nfrom skcrystal.kernels.compilation import njit\n\n\n"
        "@njit(cache=True)\ndef through(x):\n    return scaled(x)\n"
    )
    (package / "kernels" / "top.py").write_text(
        "from skcrystal.kernels.compilation import njit\nfrom skcrystal.kernels.middle import through\n\n\n"
        "@njit(cache=True)\ndef raised(x):\n    return through(x) + 1.0\n"
    )
    return package / "kernels"


def run(folder):
    """The kernel's value, and how many of its results came from disk."""
    code = (
        "from skcrystal.kernels.top import raised\n"
        "print(raised(3.0), sum(raised.stats.cache_hits.values()))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    out = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment, cwd=folder
    ).stdout
    value, hits = out.split()
    return float(value), int(hits)


def test_a_change_two_imports_away_is_noticed(tmp_path):
    kernels = copy_of_the_kernels(tmp_path)
    assert run(tmp_path) == (7.0, 0)
    assert run(tmp_path) == (7.0, 1)
    base = kernels / "base.py"
    base.write_text(base.read_text().replace("SIZE = 2.0", "SIZE = 5.0"))
    assert run(tmp_path) == (16.0, 0)
    # A file that it does not import may change.
    (kernels / "niggli.py").write_text("# another\n")
    assert run(tmp_path) == (16.0, 1)


def test_all_files_that_a_kernel_stands_on_are_found():
    found = {file.name for file in compilation.imported_files(KERNELS / "soap.py")}
    assert {"soap.py", "harmonics.py", "site_kinds.py", "compilation.py"} <= found
    assert "niggli.py" not in found


@pytest.mark.parametrize("file", sorted(KERNELS.glob("*.py")), ids=lambda file: file.name)
def test_kernels_are_compiled_by_our_own_decorator(file):
    text = file.read_text()
    if file.name != "compilation.py":
        assert "from numba import njit" not in text, (
            "take njit from skcrystal.kernels.compilation, whose cache sees changes of imported kernels"
        )
    # What the stamp reads are plain lines of import at the start of a line.
    assert "import skcrystal.kernels" not in text


def test_the_stamps_of_all_kernels_take_milliseconds():
    compilation.text_of.cache_clear()
    compilation.imported_files.cache_clear()
    compilation.source_stamp.cache_clear()
    start = time.process_time()
    for file in KERNELS.glob("*.py"):
        compilation.source_stamp(file)
    assert time.process_time() - start < 0.1


@pytest.fixture
def ctrl_c():
    """Ctrl-C that reaches this process alone, which a shell in the background has taught to pass it over."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_waits_for_the_end_of_a_compilation(ctrl_c):
    done = []

    def compile_two():
        with compilation.interrupts_held():
            with compilation.interrupts_held():
                ctrl_c()
            done.append("inner and outer")

    with pytest.raises(KeyboardInterrupt):
        compile_two()
    assert done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_pressed_twice_does_not_wait(ctrl_c):
    done = []

    def compile_one():
        with compilation.interrupts_held():
            ctrl_c()
            ctrl_c()
            done.append("nothing")

    with pytest.raises(KeyboardInterrupt):
        compile_one()
    assert not done
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_kernel_is_compiled_with_ctrl_c_held(ctrl_c, monkeypatch):
    from numba.core.dispatcher import Dispatcher

    compiled = Dispatcher.compile

    def pressed_within(self, signature):
        ctrl_c()
        return compiled(self, signature)

    monkeypatch.setattr(Dispatcher, "compile", pressed_within)

    @compilation.njit()
    def doubled(value):
        return 2 * value

    with pytest.raises(KeyboardInterrupt):
        doubled(1)
    assert len(doubled.signatures) == 1
    monkeypatch.undo()
    assert doubled(1) == 2
