"""The reference names what is public, and each family of columns has a page in one group.

That each public name has a page of its own is checked while the pages are built.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import skcrystal
from skcrystal import descriptors

DOCS = Path(__file__).parent.parent / "docs"
pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the tests run without the repository")

# Rooms whose public names are offered by another module, or that nobody imports.
BEHIND_OTHERS = {
    "chemistry": "its files are listed one by one",
    "cli": "commands; the guide has a page of them",
    "crystals": "skcrystal offers its classes; some of its files are listed",
    "drawing": "pictures that notebooks and reports show by themselves",
    "featurizer": "skcrystal offers CrystalFeaturizer",
    "inputs": "skcrystal offers as_crystals and as_compositions",
    "kernels": "compiled loops",
    "matching": "skcrystal offers duplicates and match",
    "protostructures": "skcrystal offers protostructure",
}


def listed_modules() -> list[str]:
    index = (DOCS / "api" / "index.md").read_text(encoding="utf-8") if DOCS.exists() else ""
    return re.findall(r"^   (skcrystal[\w.]*)$", index, flags=re.M)


def test_every_public_module_is_in_the_reference():
    rooms = {module.name for module in pkgutil.iter_modules(skcrystal.__path__)}
    public = {name for name in rooms if not name.startswith("_")}
    listed = {name.split(".")[1] for name in listed_modules() if name.count(".") == 1}
    assert public == listed | set(BEHIND_OTHERS)


@pytest.mark.parametrize("name", listed_modules())
def test_a_listed_module_says_what_it_offers_and_documents_it(name):
    module = import_module(name)
    assert module.__all__
    assert module.__doc__
    for public in module.__all__:
        value = getattr(module, public)
        if isinstance(value, ModuleType):
            assert value.__name__ in listed_modules()
        elif inspect.isclass(value) or inspect.isroutine(value):
            assert inspect.getdoc(value), f"{name}.{public} has no docstring"


def test_every_family_has_one_page_that_lists_its_columns():
    families = {
        name
        for name in descriptors.__all__
        if inspect.isclass(found := getattr(descriptors, name))
        and issubclass(found, descriptors.Descriptor)
        and not inspect.isabstract(found)
        # Columns of a function that the user gives; its own page is on functions.
        and found is not descriptors.Embedding
    }
    listed: list[str] = []
    for page in (DOCS / "guide" / "families").glob("*.md"):
        blocks = re.findall(
            r"^```\{column-ranges\}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S
        )
        listed += {name for block in blocks for name in re.findall(r"^(\w+)\(", block, re.M)}
    assert sorted(listed) == sorted(families)


def test_every_page_of_a_family_is_in_one_group():
    pages = {page.stem for page in (DOCS / "guide" / "families").glob("*.md")}
    groups = {name for name in pages if name.startswith("of_")}
    grouped: list[str] = []
    for group in groups:
        text = (DOCS / "guide" / "families" / f"{group}.md").read_text(encoding="utf-8")
        grouped += re.findall(r"^\w+$", text.rpartition("```{toctree}")[2], re.M)
    assert sorted(grouped) == sorted(pages - groups - {"index"})
