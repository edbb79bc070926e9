"""A site keeps the pages of every version, and its list names them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

TOOL = Path(__file__).parent.parent / "tools" / "add_docs_version.py"
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason="the tests run without the repository")


def test_versions_come_side_by_side_and_the_newest_release_first(tmp_path):
    spec = importlib.util.spec_from_file_location("add_docs_version", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    pages, site = tmp_path / "html", tmp_path / "site"
    pages.mkdir()
    site.mkdir()
    leads_to = []
    for version in ("0.1.0.dev0", "0.9.0", "0.10.0", "0.10.1", "0.11.0.dev0"):
        (pages / "index.html").write_text(version)
        tool.add(pages, site, version, "https://example.org")
        leads_to.append((site / "index.html").read_text().partition("url=")[2].partition("/")[0])
    assert leads_to == ["dev", "0.9", "0.10", "0.10", "0.10"]
    assert {folder: (site / folder / "index.html").read_text() for folder in ("dev", "0.9", "0.10")} == {
        "dev": "0.11.0.dev0",
        "0.9": "0.9.0",
        "0.10": "0.10.1",
    }
    listed = json.loads((site / "switcher.json").read_text())
    assert [entry["version"] for entry in listed] == ["dev", "0.10", "0.9"]
    assert [entry["preferred"] for entry in listed] == [False, True, False]
    assert listed[1]["url"] == "https://example.org/0.10/"
