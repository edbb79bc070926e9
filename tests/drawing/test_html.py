"""Texts of the data stay texts."""

from __future__ import annotations

import json

import pytest

from skcrystal.drawing.html import Markup, joined, json_script, tag

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--",
    "<img src=x onerror=alert(1)>",
    '" onload="',
    "&amp;",
    "\u2028",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_ends_no_element_and_no_attribute(text):
    made = tag("p", text, title=text)
    assert made.count("<") == made.count(">") == 2
    assert made.count('"') == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_json_in_a_script_comes_back_and_holds_no_sign_of_html(text):
    made = json_script({"id": text})
    assert not set("<>&\u2028\u2029") & set(made)
    assert json.loads(made) == {"id": text}


def test_json_has_no_infinities():
    with pytest.raises(ValueError, match="JSON compliant"):
        json_script([float("nan")])


def test_markup_stands_as_it_is_and_nothing_is_nothing():
    assert joined(Markup("<b>"), None, ["<", 1], tag("br")) == "<b>&lt;1<br>"
    assert tag("input", checked=True, disabled=False, value=None) == "<input checked>"
