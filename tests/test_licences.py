"""What is needed may be used for anything: no licence of the GPL's kind slips in with a dependency."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOL = ROOT / "tools" / "list_licences.py"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="the tests run without the repository")


@pytest.fixture(scope="module")
def tool():
    pytest.importorskip("packaging", reason="requirements are read with packaging, which the tools need")
    spec = importlib.util.spec_from_file_location("list_licences", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def asks_more(licence: str) -> bool:
    """Whether every choice that a licence leaves asks for more than to be named."""
    choices = re.split(r" or ", licence, flags=re.I)
    return all(re.search(r"GPL|General Public|Non-?Commercial|-NC\b", one, re.I) for one in choices)


@pytest.mark.parametrize(
    ("licence", "more"),
    [
        ("MIT", False),
        ("MPL-2.0 AND MIT", False),
        ("LGPLv3 or BSD", False),
        ("Mozilla Public License 2.0 (MPL 2.0)", False),
        ("LGPL-2.1-only", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("CC-BY-NC-4.0", True),
    ],
)
def test_which_licences_ask_more(licence, more):
    assert asks_more(licence) == more


def test_no_need_asks_more(tool):
    wanted = tool.requirements()
    del wanted["ase"]  # asked for by name, and said so
    found = tool.needs([name for names in wanted.values() for name in names if "skcrystal[" not in name])
    licences = {name: tool.licence_of(name, here) for name, here in found.items() if here is not None}
    assert not {name: text for name, text in licences.items() if not text or asks_more(text)}


def test_the_page_names_what_the_project_asks_for(tool):
    page = (ROOT / "docs" / "guide" / "licences.md").read_text(encoding="utf-8")
    asked = {re.match(r"[\w.-]+", line)[0] for lines in tool.requirements().values() for line in lines}
    for name in asked - {"skcrystal"}:
        assert f"| {name.replace('_', '-')} |" in page, name
