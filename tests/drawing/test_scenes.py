"""What is drawn of a crystal: counts that textbooks know."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from skcrystal import Crystal, Crystals
from skcrystal.drawing.scenes import MAX_SITES, scenes_of
from skcrystal.drawing.svg import MAX_PARTS, draw, image, view_of


def cubic(edge, numbers, places):
    return Crystal.ordered(edge * np.eye(3), places, numbers)


FACES = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
ROCK_SALT = cubic(5.64, [11] * 4 + [17] * 4, np.concatenate([FACES, FACES + np.array([0.5, 0, 0])]))
PEROVSKITE = cubic(
    3.905, [38, 22, 8, 8, 8], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]
)


def scene(crystal):
    crystals = Crystals.from_crystals([crystal])
    return scenes_of(crystals, crystals.bonds())[0]


def test_rock_salt_has_the_27_atoms_and_54_bonds_of_its_cell():
    drawn = scene(ROCK_SALT)
    assert len(drawn.numbers) == 27
    assert len(drawn.bonds) == 54
    lengths = np.linalg.norm(drawn.places[drawn.bonds[:, 0]] - drawn.places[drawn.bonds[:, 1]], axis=1)
    np.testing.assert_allclose(lengths, 2.82, atol=1e-9)
    assert (drawn.numbers[drawn.bonds].sum(axis=1) == 28).all()


def test_perovskite_has_strontium_at_all_corners_and_an_octahedron():
    drawn = scene(PEROVSKITE)
    assert [int((drawn.numbers == z).sum()) for z in (38, 22, 8)] == [8, 1, 6]
    titanium = int(np.flatnonzero(drawn.numbers == 22)[0])
    assert (drawn.bonds == titanium).any(axis=1).sum() == 6


def test_an_atom_just_below_a_face_is_drawn_on_both_faces():
    above = scene(cubic(3.0, [84], [[0.001, 0.5, 0.5]]))
    below = scene(cubic(3.0, [84], [[0.999, 0.5, 0.5]]))
    assert len(above.numbers) == len(below.numbers) == 2
    np.testing.assert_allclose(np.sort(below.places[:, 0]), [-0.003, 2.997])


def test_a_shared_site_names_what_stands_on_it():
    shared = Crystals(
        lattices=3.0 * np.eye(3)[None],
        site_offsets=np.array([0, 1]),
        frac_coords=np.full((1, 3), 0.5),
        species_offsets=np.array([0, 2]),
        atomic_numbers=np.array([26, 27]),
        occupancies=np.array([0.4, 0.6]),
    )
    drawn = scenes_of(shared, shared.bonds())[0]
    assert drawn.names == ["Fe 0.40, Co 0.60"]
    assert drawn.numbers.tolist() == [27]


def test_a_large_cell_is_drawn_without_images():
    places = np.stack(np.meshgrid(*[np.arange(6) / 6] * 3), axis=-1).reshape(-1, 3)
    assert len(places) > MAX_SITES
    drawn = scene(cubic(16.0, [29] * len(places), places))
    assert len(drawn.numbers) == len(places)
    text = draw(drawn, "copper")
    assert text.count("<circle") + text.count("<line") == MAX_PARTS
    assert len(text) < 100_000


@pytest.mark.parametrize("crystal", [ROCK_SALT, PEROVSKITE])
def test_a_drawing_holds_every_atom_bond_and_edge(crystal):
    drawn = scene(crystal)
    text = draw(drawn, 'salt "<&')
    assert 'id="crystal-salt &quot;&lt;&amp;"' in text
    assert text.count("<circle") == len(drawn.numbers)
    assert text.count("<line") == 12 + 2 * len(drawn.bonds)
    left, top, width, height = map(float, re.search(r'viewBox="([^"]*)"', text)[1].split())
    for x, y, r in re.findall(r'cx="(\S+)" cy="(\S+)" r="(\S+)"', text):
        assert left - 1 <= float(x) - float(r)
        assert float(x) + float(r) <= left + width + 1
        assert top - 1 <= float(y) - float(r)
        assert float(y) + float(r) <= top + height + 1


def test_an_image_stands_alone():
    drawn = scene(ROCK_SALT)
    img = ElementTree.fromstring(image(drawn, 'salt "<&', 100).replace(">", "/>"))
    assert img.get("alt") == 'salt "<&'
    assert max(float(img.get("width")), float(img.get("height"))) == 100
    kind, _, content = img.get("src").partition(",")
    assert kind == "data:image/svg+xml;base64"
    svg = ElementTree.fromstring(base64.b64decode(content))
    name = "{http://www.w3.org/2000/svg}"
    circles = list(svg.iter(f"{name}circle"))
    assert len(circles) == 27
    # Nothing is asked of the page around it, nor of the network.
    known = {ball.get("id") for ball in svg.iter(f"{name}radialGradient")}
    assert {f"url(#{one})" for one in known} == {circle.get("fill") for circle in circles}
    assert not [one for one in svg.iter() if "href" in one.attrib or one.tag == f"{name}script"]


def test_the_view_is_a_rotation_with_c_upwards_and_a_towards_the_reader():
    for lattice in (np.eye(3), np.diag([1.0, 1.0, -1.0]), [[3, 0, 0], [1, 4, 0], [0.5, 0.7, 5.0]]):
        turn = view_of(np.asarray(lattice, dtype=float))
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
        a, _, c = np.asarray(lattice, dtype=float) @ turn
        assert c[1] < 0
        assert a[2] > 0
