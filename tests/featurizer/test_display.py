"""What a notebook shows of a featurizer, alone and in the diagram of a pipeline."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_html_repr

from skcrystal import CrystalFeaturizer, _documentation
from skcrystal.descriptors import Density, LatticeAngles
from skcrystal.models import make_regressor

pytestmark = pytest.mark.skipif(
    tuple(map(int, version("scikit-learn").split(".")[:2])) < (1, 8),
    reason="tables in the boxes of diagrams are of scikit-learn 1.8",
)


def rows(html):
    """The steps: name, descriptor, columns."""
    table = html[html.index("<th>step</th>") :].partition("</table>")[0]
    return [re.findall(r"<td[^>]*>(?:<a[^>]*>)?([^<]*)", row) for row in table.split("<tr>")[1:]]


def test_each_step_stands_with_the_number_of_its_columns():
    featurizer = CrystalFeaturizer(descriptors=[("angles", LatticeAngles()), ("density", Density())])
    featurizer.set_params(density="drop")
    assert rows(featurizer._repr_html_()) == [["angles", "LatticeAngles", "3"], ["density", "drop", "0"]]
    assert "1 step, 3 columns" in featurizer._repr_html_()


@pytest.mark.parametrize("wrap", [lambda f: f, lambda f: make_pipeline(f, Ridge())])
def test_the_counts_of_a_preset_add_up_to_its_columns(wrap):
    featurizer = CrystalFeaturizer()
    html = estimator_html_repr(wrap(featurizer))
    shown = rows(html)
    assert [name for name, *_ in shown] == [name for name, _ in featurizer._steps]
    total = sum(int(count) for *_, count in shown)
    assert total == len(featurizer.get_feature_names_out())
    assert f"{len(shown)} steps, {total} columns" in html
    # Side by side, a dozen boxes run off the page.
    assert '<div class="sk-parallel">' not in html


def test_what_cannot_compute_can_still_be_looked_at():
    html = CrystalFeaturizer([("density", Density(radius="<large>"))])._repr_html_()
    assert rows(html) == [["density", "Density", "–"]]
    assert "&#x27;&lt;large&gt;&#x27;" in html
    assert "<large>" not in html
    assert "parameters that cannot be used" in html
    assert CrystalFeaturizer("best")._repr_html_()
    assert CrystalFeaturizer([Density()])._repr_html_()

    def fails(crystals):
        return {}["absent"]

    assert rows(CrystalFeaturizer([("own", FunctionTransformer(fails))])._repr_html_()) == [
        ["own", "FunctionTransformer", "–"]
    ]


def test_question_marks_lead_to_the_pages_once_there_is_an_address(monkeypatch):
    known = {"Documentation, https://docs.example.org/stable/", "Source, https://example.org"}

    class Known:
        def get_all(self, name):
            return sorted(known) if name == "Project-URL" else None

    _documentation.documentation_address.cache_clear()
    monkeypatch.setattr(_documentation, "metadata", lambda name: Known())
    try:
        html = make_regressor()._repr_html_()
        pages = set(re.findall(r'href="(https://docs\.example\.org/[^"#]*)"', html))
        generated = "https://docs.example.org/stable/api/generated"
        assert {
            f"{generated}/skcrystal.{name}.html"
            for name in ("CrystalFeaturizer", "descriptors.Density", "models.SoftStandardScaler")
        } <= pages
        assert f"{generated}/skcrystal.models.CrystalPipeline.html" in pages
        known.clear()
        _documentation.documentation_address.cache_clear()
        assert not re.findall(r'href="[^"]*/skcrystal\.', make_regressor()._repr_html_())
    finally:
        _documentation.documentation_address.cache_clear()
