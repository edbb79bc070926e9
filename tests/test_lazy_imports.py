"""What is imported when: names of the package when they are asked for, commands when they are chosen."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import skcrystal

HEAVY = {"gemmi", "joblib", "moyopy", "numba", "numpy", "pandas", "pymatgen", "scipy", "sklearn", "tqdm"}


def modules_after(code):
    """Names of the modules that a fresh process has imported."""
    code = f"import contextlib, io, sys\nwith contextlib.redirect_stdout(io.StringIO()):\n    {code}\n"
    code += "print(*sys.modules)"
    command = [sys.executable, "-c", code]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option):
    code = f"from skcrystal.cli.main import main\n    try: main([{option!r}])\n    except SystemExit: pass"
    modules = modules_after(code)
    assert "skcrystal.cli.main" in modules
    assert not modules & HEAVY
    assert {name for name in modules if name.startswith("skcrystal.") and ".cli" not in name} == {
        "skcrystal._version"
    }


def test_the_package_imports_what_is_asked_for():
    assert not modules_after("import skcrystal") & HEAVY
    assert "skcrystal.descriptors" not in modules_after("from skcrystal import Crystal")
    assert "skcrystal.featurizer" in modules_after("from skcrystal import CrystalFeaturizer")


def test_every_name_is_there():
    assert {*skcrystal.HOMES, "elements", "__version__"} == set(skcrystal.__all__)
    for name in (*skcrystal.HOMES, *skcrystal.MODULES):
        assert name in dir(skcrystal)
        assert getattr(skcrystal, name).__name__.rpartition(".")[2] == name


def test_no_module_beside_the_package_takes_the_place_of_a_name():
    beside = {path.stem for path in Path(skcrystal.__file__).parent.iterdir()}
    assert not beside & set(skcrystal.HOMES)
    import_module("skcrystal.protostructures")
    assert callable(skcrystal.protostructure)


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'Cristal'"):
        _ = skcrystal.Cristal
    with pytest.raises(ImportError, match="Cristal"):
        from skcrystal import Cristal  # noqa: F401
