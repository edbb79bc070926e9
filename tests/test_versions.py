"""The list of versions that a report of an error asks for."""

from __future__ import annotations

from importlib.metadata import version

import skcrystal


def test_versions_of_what_is_installed_are_printed(capsys):
    skcrystal.show_versions()
    lines = dict(
        line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.startswith(" ")
    )
    assert lines["skcrystal"] == skcrystal.__version__
    assert lines["numpy"] == version("numpy")
    assert lines["scikit-learn"] == version("scikit-learn")
    assert lines["xgboost"] != "None"  # the build for the CPU counts
    assert "pytest" not in lines
