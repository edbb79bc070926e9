"""What is said in several files about the package agrees: version, needs, licence."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML  # pymatgen brings it

import skcrystal

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "pyproject.toml"
pytestmark = pytest.mark.skipif(not PROJECT.exists(), reason="the tests run without the repository")


def project():
    return tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]


def recipe():
    """Read the recipe for conda, its variables filled in."""
    text = (ROOT / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    given = YAML(typ="safe").load(text)["context"]
    filled = re.sub(r"\$\{\{ (\w+) \}\}", lambda name: given.get(name[1], name[0]), text)
    return YAML(typ="safe").load(filled)


def test_one_version_everywhere():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert project()["version"] == skcrystal.__version__
    assert str(recipe()["package"]["version"]) == skcrystal.__version__
    assert re.search(r"^version: (.*)$", citation, re.M).group(1) == skcrystal.__version__


def test_the_recipe_needs_what_the_project_needs():
    needs = {need.replace(" ", "") for need in recipe()["requirements"]["run"]}
    assert needs == {*project()["dependencies"], f"python{project()['requires-python']}"}


def test_the_recipe_builds_with_what_the_project_builds_with():
    host = {need.replace(" ", "") for need in recipe()["requirements"]["host"]}
    built_with = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["build-system"]["requires"]
    assert host == {*built_with, "pip", f"python{project()['requires-python'].removeprefix('>=')}.*"}


def test_the_recipe_has_the_commands_and_licences_of_the_project():
    commands = dict(line.split(" = ") for line in recipe()["build"]["python"]["entry_points"])
    assert commands == project()["scripts"]
    licences = {
        str(path.relative_to(ROOT)) for glob in project()["license-files"] for path in ROOT.glob(glob)
    }
    assert set(recipe()["about"]["license_file"]) == licences
    assert len(licences) == 4


def test_the_tool_that_builds_the_recipe_reads_it():
    reader = pytest.importorskip("rattler_build", reason="pip install py-rattler-build, to read the recipe")
    (rendered,) = reader.Stage0Recipe.from_file(str(ROOT / "conda" / "recipe.yaml")).render()
    read, ours = rendered.recipe.to_dict(), recipe()
    assert read["package"] == ours["package"]
    assert read["requirements"] == ours["requirements"]
    assert read["about"] == ours["about"]
    assert len(read["tests"]) == len(ours["tests"]) == 2


def test_links_of_the_readme_lead_somewhere_outside_of_the_repository_too():
    hook = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["hatch"]["metadata"]["hooks"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert "docs/_static/same_row.png" in links
    inside = {link.partition("#")[0] for link in links if not re.match("https:|#", link)}
    assert all((ROOT / path).exists() for path in inside)
    for rule in hook["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(rule["pattern"], rule["replacement"], text)
    left = re.findall(r"\]\(([^)]*)\)", text)
    assert left == [link for link in links if link.startswith("https:")]
    assert left
    assert "docs/guide/potentials.md: units, signs" in text  # words of a link stay


def test_the_licence_is_one():
    for name in ("conda/recipe.yaml", "CITATION.cff"):
        assert f"license: {project()['license']}" in (ROOT / name).read_text(encoding="utf-8")


def test_every_need_has_a_lowest_version_that_can_be_installed_alone():
    told = subprocess.run(
        [sys.executable, ROOT / "tools" / "lowest_versions.py"], capture_output=True, text=True, check=True
    )
    found = dict(line.split("==") for line in told.stdout.splitlines())
    assert {f"{name}>={version}" for name, version in found.items()} >= set(project()["dependencies"])
