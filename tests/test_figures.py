"""Figures that README, pages, changelog and paper quote are those of the tables in benchmarks/."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent / "tools"
pytestmark = pytest.mark.skipif(not TOOLS.exists(), reason="the tests run without the repository")


@pytest.fixture
def copy_figures(monkeypatch):
    monkeypatch.syspath_prepend(TOOLS)
    import copy_figures

    return copy_figures


def test_quoted_figures_are_the_measured_ones(copy_figures, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["copy_figures.py", "--check"])
    assert copy_figures.main() == 0, f"run tools/copy_figures.py\n{capsys.readouterr().out}"


def test_a_figure_is_replaced_where_it_is_quoted_and_nowhere_else(copy_figures):
    text = "It errs by 0.3 eV\nat 300 K, and another by 0.3 eV."
    new, changes = copy_figures.renewed(text, "It errs by {gap:.2f} eV at", {"gap": 0.2173})
    assert new == "It errs by 0.22 eV\nat 300 K, and another by 0.3 eV."
    assert changes == ["gap 0.3 -> 0.22"]


def test_a_quotation_that_is_gone_is_an_error(copy_figures):
    with pytest.raises(LookupError, match="0 places say"):
        copy_figures.renewed("nothing", "to {gap:.3f} eV", {"gap": 0.2})
