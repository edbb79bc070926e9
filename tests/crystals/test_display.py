"""What a notebook shows of crystals."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np

from skcrystal import Crystal, Crystals
from skcrystal.crystals.display import bonds_of

IRON = Crystal.ordered(
    2.87 * np.eye(3), [[0, 0, 0], [0.5, 0.5, 0.5]], [26, 26], source="<script>iron</script>"
)


def parsed(html):
    """The page as XML; an image has no end tag in HTML."""
    return ElementTree.fromstring(re.sub(r"(<img [^>]*)>", r"\1/>", html))


def cells(html):
    root = parsed(html)
    table = root if root.tag == "table" else root.find("table")
    return table.findtext("caption"), [[cell.text or "" for cell in row] for row in table.iter("tr")]


def test_a_batch_shows_the_first_ten():
    caption, rows = cells(Crystals.from_crystals([IRON] * 12)._repr_html_())
    assert caption == "12 crystals, 24 sites"
    assert rows[1] == ["0", "", "Fe", "2", "Im-3m (229)", "<script>iron</script>"]
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


def test_a_crystal_shows_its_cell_drawn_as_in_a_batch():
    alone = parsed(IRON._repr_html_()).find("img")
    several = list(parsed(Crystals.from_crystals([IRON] * 12)._repr_html_()).iter("img"))
    assert len(several) == 10
    assert {one.get("alt") for one in several} == {alone.get("alt")} == {"cell of Fe"}
    drawings = [base64.b64decode(one.get("src").partition(",")[2]).decode() for one in (alone, several[0])]
    # Nine atoms of the body-centred cell; the sizes alone differ.
    assert [drawing.count("<circle") for drawing in drawings] == [9, 9]
    small, large = (re.sub(r"(width|height)=\"\d+\"", "", drawing) for drawing in drawings)
    assert small == large


def test_a_large_crystal_is_not_drawn():
    places = np.stack(np.meshgrid(*[np.arange(6) / 6] * 3), axis=-1).reshape(-1, 3)
    copper = Crystal.ordered(16.0 * np.eye(3), places, [29] * len(places))
    assert "<img" not in copper._repr_html_()
    shown = parsed(Crystals.from_crystals([copper, IRON])._repr_html_())
    assert [image.get("alt") for image in shown.iter("img")] == ["cell of Fe"]


def test_a_disordered_crystal_is_drawn_with_the_bonds_of_a_batch():
    halves = Crystal(
        lattice=3.6 * np.eye(3),
        frac_coords=np.array([[0, 0, 0], [0.5, 0.5, 0.5], [0.45, 0.5, 0.5]]),
        species_offsets=np.array([0, 1, 2, 3]),
        atomic_numbers=np.array([11, 17, 17]),
        occupancies=np.array([1.0, 0.5, 0.5]),
        oxidation_states=np.full(3, np.nan),
    )
    batch = Crystals.from_crystals([halves]).bonds()
    own = bonds_of(halves._arrays())
    np.testing.assert_array_equal(own.neighbors, batch.neighbors)
    np.testing.assert_array_equal(own.weights, batch.weights)
