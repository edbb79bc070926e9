"""The built pages in a browser: contrast, width of a phone, search. `make docs` runs this after building."""

from __future__ import annotations

import os
import re
import time
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.report.browser import AXE, browser

BUILT = Path(__file__).parent.parent / "docs" / "_build" / "html"
PAGES = Path(os.environ.get("SKCRYSTAL_DOCS_HTML", BUILT))
pytestmark = pytest.mark.skipif(not (PAGES / "index.html").exists(), reason="`make docs` has not run")

SHOWN = (
    "index.html",
    "guide/index.html",
    "guide/models.html",
    "guide/troubleshooting.html",
    "guide/families/index.html",
    "guide/families/of_structure.html",
    "guide/families/valence.html",
    "gallery/index.html",
    "api/generated/skcrystal.CrystalFeaturizer.html",
)
CONTRAST = """
const done = arguments[arguments.length - 1];
document.documentElement.dataset.theme = arguments[0];
const words = (node) => node.html.slice(0, 120) + " " + node.failureSummary;
axe.run(document.querySelector("article"), {runOnly: ["color-contrast"]}).then((found) => done(
  found.passes.length ? found.violations.flatMap((one) => one.nodes.map(words)) : ["nothing was looked at"]
));
"""


@cache
def anchors_of(page: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf-8")))


def test_links_inside_lead_somewhere():
    links, broken = 0, set()
    for page in PAGES.rglob("*.html"):
        if "_static" in page.relative_to(PAGES).parts:
            continue  # templates of the theme
        for link in set(re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:|//", link):
                continue
            links += 1
            path, _, anchor = unquote(link).partition("#")
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            known = target.exists() and (
                not anchor or target.suffix != ".html" or anchor in anchors_of(target)
            )
            if not known:
                broken.add((str(page.relative_to(PAGES)), link))
    assert links > 1000
    assert not broken


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_told_from_their_ground(theme):
    with browser() as window:
        found = {}
        for page in SHOWN:
            window.get((PAGES / page).as_uri())
            window.execute_script(AXE.read_text(encoding="utf-8"))
            found[page] = window.execute_async_script(CONTRAST, theme)
    assert not {page: told for page, told in found.items() if told}


def test_no_page_is_wider_than_a_phone():
    with browser(phone=True) as window:
        wide = {}
        for page in SHOWN:
            window.get((PAGES / page).as_uri())
            wide[page] = window.execute_script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
    assert not {page: pixels for page, pixels in wide.items() if pixels > 0}


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("coordination number", "guide/families/coordination.html"),
        ("SOAP", "guide/families/soap.html"),
        ("metal", "guide/families/alloys.html"),
        ("disorder", "guide/disorder.html"),
    ],
)
def test_search_finds(words, page):
    with browser() as window:
        window.get(f"{(PAGES / 'search.html').as_uri()}?q={words.replace(' ', '+')}")
        found: list[str] = []
        end = time.monotonic() + 30
        while page not in found and time.monotonic() < end:
            links = "return [...document.querySelectorAll('#search-results li a')].map((link) => link.href)"
            found = [
                link.partition(PAGES.as_uri() + "/")[2].partition("#")[0].partition("?")[0]
                for link in window.execute_script(links)
            ]
            time.sleep(0.2)
    assert page in found
