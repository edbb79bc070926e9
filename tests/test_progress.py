"""Progress is shown where it is asked for, and nothing is said where it is not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from skcrystal import CrystalFeaturizer
from skcrystal._progress import progress_bar

# What a kernel of Jupyter has imported, on a machine without ipywidgets.
NOTEBOOK = """
import sys, types
for name in ("ipykernel", "ipykernel.zmqshell", "IPython"):
    sys.modules[name] = types.ModuleType(name)
class ZMQInteractiveShell: pass
sys.modules["IPython"].get_ipython = ZMQInteractiveShell
sys.modules["ipywidgets"] = None
from skcrystal._progress import progress_bar
assert list(progress_bar(range(3), shown={shown})) == [0, 1, 2]
print(*(name for name in sys.modules if name.startswith("tqdm.")))
"""


@pytest.mark.parametrize(("verbose", "shown"), [(0, False), (False, False), (1, True), (True, True)])
def test_a_featurizer_shows_its_progress_only_when_asked(verbose, shown, capsys):
    CrystalFeaturizer("composition", verbose=verbose).transform(["NaCl", "KCl"])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert ("2/2" in captured.err) == shown
    assert bool(captured.err) == shown


def test_a_notebook_without_widgets_hears_nothing_where_nothing_is_shown():
    def run(shown):
        command = [sys.executable, "-c", NOTEBOOK.format(shown=shown)]
        return subprocess.run(command, capture_output=True, text=True, check=True)

    silent, told = run(0), run(1)
    assert silent.stderr == ""
    assert "tqdm.auto" not in silent.stdout.split()
    assert "tqdm.auto" in told.stdout.split()
    assert "3/3" in told.stderr


def test_a_bar_that_is_moved_by_hand(capsys):
    with progress_bar(shown=True, total=2, unit=" crystals") as bar:
        bar.update(2)
    assert "crystals/s" in capsys.readouterr().err
