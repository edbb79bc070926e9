"""What is said in several files about the package agrees: version, needs, licence."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import skcrystal

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "pyproject.toml"
pytestmark = pytest.mark.skipif(not PROJECT.exists(), reason="the tests run without the repository")


def project():
    return tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]


def test_one_version_everywhere():
    recipe = (ROOT / "conda" / "meta.yaml").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project()["version"] == skcrystal.__version__
    assert re.search(r'set version = "(.*)"', recipe).group(1) == skcrystal.__version__
    assert re.search(r"^version: (.*)$", citation, re.M).group(1) == skcrystal.__version__


def test_the_recipe_needs_what_the_project_needs():
    recipe = (ROOT / "conda" / "meta.yaml").read_text(encoding="utf-8")
    run = recipe.partition("  run:\n")[2].partition("\n\n")[0]
    needs = {line.removeprefix("    - ").replace(" ", "") for line in run.splitlines()}
    assert needs == {*project()["dependencies"], f"python{project()['requires-python']}"}


def test_the_licence_is_one():
    for name in ("conda/meta.yaml", "CITATION.cff"):
        assert f"license: {project()['license']}" in (ROOT / name).read_text(encoding="utf-8")


def test_every_need_has_a_lowest_version_that_can_be_installed_alone():
    told = subprocess.run(
        [sys.executable, ROOT / "tools" / "lowest_versions.py"], capture_output=True, text=True, check=True
    )
    found = dict(line.split("==") for line in told.stdout.splitlines())
    assert {f"{name}>={version}" for name, version in found.items()} >= set(project()["dependencies"])
