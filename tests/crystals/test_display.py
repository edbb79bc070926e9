"""What a notebook shows of crystals."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from skcrystal import Crystal, Crystals

IRON = Crystal.ordered(
    2.87 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26], source="<script>iron</script>"
)


def cells(html):
    table = ElementTree.fromstring(html)
    return table.findtext("caption"), [[cell.text or "" for cell in row] for row in table.iter("tr")]


def test_a_batch_shows_the_first_ten():
    caption, rows = cells(Crystals.from_crystals([IRON] * 12)._repr_html_())
    assert caption == "12 crystals, 24 sites"
    assert rows[1] == ["0", "Fe", "2", "Im-3m (229)", "<script>iron</script>"]
    assert len(rows) == 12
    assert rows[-1] == ["and 2 more"]


def test_what_a_user_wrote_is_escaped():
    assert "<script>" not in Crystals.from_crystals([IRON])._repr_html_()


def test_a_crystal_shows_its_cell_and_sites():
    caption, rows = cells(IRON._repr_html_())
    assert caption.startswith("Fe, Im-3m (229); a 2.8700, b 2.8700, c 2.8700 Å")
    assert rows[2] == ["1", "Fe", "0.50000", "0.50000", "0.50000"]


def test_an_empty_batch_shows_itself():
    assert cells(Crystals.from_crystals([])._repr_html_())[0] == "0 crystals, 0 sites"
