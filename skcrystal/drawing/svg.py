"""A crystal as an SVG drawing, for tables and for paper."""

from __future__ import annotations

from base64 import b64encode
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from skcrystal.chemistry import elements
from skcrystal.chemistry.radii import covalent_radii
from skcrystal.drawing.element_colors import COLORS
from skcrystal.drawing.html import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from skcrystal.drawing.scenes import Scene

__all__ = ["definitions", "draw", "image", "radii", "reference", "view_of"]

# The view: almost along a, with c upwards, turned so that the depth can be seen; degrees.
TURN, TILT = 24.0, 14.0
SIZE, MARGIN = 200.0, 4.0

# Lines where no style sheet of a page says it; grey is seen on white and on black.
EDGE = "stroke: #7d8590; stroke-width: 1"
BOND = "stroke-width: 4; stroke-linecap: round"

# Atoms, halves of bonds and edges in one drawing: what lies deeper could not be seen.
MAX_PARTS = 900

CORNERS = list(product((0, 1), repeat=3))
EDGES = [
    (corner, tuple(c + (axis == k) for k, c in enumerate(corner)))
    for corner in CORNERS
    for axis in range(3)
    if not corner[axis]
]


def radii(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the radii that atoms are drawn with, in angstrom: half of an average and the covalent ones."""
    return 0.22 + 0.18 * covalent_radii()[numbers]


def definitions(scenes: Mapping[str, Scene]) -> Markup:
    """Return the hidden SVG with the drawings of scenes by name, each once, and the colours of elements.

    Parameters
    ----------
    scenes : mapping of str to Scene
    """
    numbers = {int(number) for scene in scenes.values() for number in scene.numbers}
    drawings = [draw(scene, name) for name, scene in scenes.items()]
    defs = tag("defs", _balls(numbers), drawings)
    return tag("svg", defs, class_="defs", width="0", height="0", aria_hidden="true")


def _balls(numbers: Iterable[int]) -> list[Markup]:
    """Return the shades of elements by their atomic numbers."""
    return [
        tag(
            "radialGradient",
            tag("stop", offset="0", stop_color=_mixed(COLORS[number], "#FFFFFF", 0.75)),
            tag("stop", offset="0.45", stop_color=COLORS[number]),
            tag("stop", offset="1", stop_color=_mixed(COLORS[number], "#000000", 0.45)),
            id=f"ball-{elements.symbols()[number]}",
            cx="0.36",
            cy="0.32",
            r="0.75",
        )
        for number in sorted(numbers)
    ]


def reference(name: str, label: str) -> Markup:
    """Return the place of a drawing on the page.

    Parameters
    ----------
    name : str
        As it stands in :func:`definitions`.
    label : str
        What it shows, for readers who do not see.
    """
    return tag("svg", tag("use", href=f"#crystal-{name}"), class_="crystal", role="img", aria_label=label)


def draw(scene: Scene, name: str) -> Markup:
    """Return the drawing of a scene, as seen from far away, as a symbol of the name ``crystal-<name>``.

    Of many atoms those are drawn that are nearest to the reader.
    """
    parts, box = _drawn(scene)
    return tag("symbol", parts, id=f"crystal-{name}", viewBox=box)


def image(scene: Scene, label: str, width: int) -> Markup:
    """Return the drawing of a scene as an image that holds all of itself, for places with other drawings.

    A notebook shows outputs of many programs on one page, and may hide or remove one that holds what another
    one refers to; and it may take drawings out of HTML that it does not trust, but no images.

    Parameters
    ----------
    scene : Scene
    label : str
        What it shows, for readers who do not see.
    width : int
        And height at most, in pixels.
    """
    parts, box = _drawn(scene)
    across, up = map(float, box.split()[2:])
    scale = width / max(across, up)
    size = {"width": f"{scale * across:.0f}", "height": f"{scale * up:.0f}"}
    style = tag("style", f"line.edge {{ {EDGE} }} line.bond {{ {BOND} }}")
    balls = tag("defs", _balls({int(number) for number in scene.numbers}))
    drawing = tag("svg", style, balls, parts, xmlns="http://www.w3.org/2000/svg", viewBox=box, **size)
    return tag(
        "img", src=f"data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()}", alt=label, **size
    )


def _drawn(scene: Scene) -> tuple[list[Markup], str]:
    """Return what a drawing holds, and the box around it."""
    turn = view_of(scene.lattice)
    ends = np.array(CORNERS) @ scene.lattice @ turn
    corners = dict(zip(CORNERS, ends, strict=True))
    places = scene.places @ turn
    sizes = radii(scene.numbers)
    # x to the right, y down, z towards the reader.
    everything = np.concatenate([places[:, :2] - sizes[:, None], places[:, :2] + sizes[:, None]])
    everything = np.concatenate([everything, ends[:, :2]])
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = (SIZE - 2 * MARGIN) / max(float((high - low).max()), 1e-9)
    shift = SIZE / 2 - scale * (low + high) / 2
    width, height = (scale * (high - low) + 2 * MARGIN).tolist()
    left, top = (SIZE - width) / 2, (SIZE - height) / 2

    def at(place: NDArray[np.float64]) -> tuple[str, str]:
        x, y = (place[:2] * scale + shift).tolist()
        return f"{x:.1f}", f"{y:.1f}"

    items: list[tuple[float, str]] = []
    for start, stop in EDGES:
        # Behind the atoms at both of its ends.
        depth = min(corners[start][2], corners[stop][2]) - 0.01
        items.append((depth, _line(at, corners[start], corners[stop], "edge")))
    for one, other in scene.bonds.tolist():
        middle = (places[one] + places[other]) / 2
        for end in (one, other):
            depth = (places[end] + middle)[2] / 2
            color = COLORS[scene.numbers[end]]
            items.append((depth, _line(at, places[end], middle, "bond", color)))
    for n, place in enumerate(places):
        x, y = at(place)
        symbol = elements.symbols()[scene.numbers[n]]
        # Before the bonds that end in it and come towards the reader.
        items.append(
            (place[2], tag("circle", cx=x, cy=y, r=f"{sizes[n] * scale:.1f}", fill=f"url(#ball-{symbol})"))
        )
    items.sort(key=lambda item: item[0])
    nearest = [Markup(item) for _, item in items[-MAX_PARTS:]]
    return nearest, f"{left:.0f} {top:.0f} {width:.0f} {height:.0f}"


def view_of(lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation, for rows on its left, that puts c upwards and a towards the reader."""
    up = lattice[2] / np.linalg.norm(lattice[2])
    right = lattice[1] - (lattice[1] @ up) * up
    right /= np.linalg.norm(right)
    towards = np.cross(right, up)
    if lattice[0] @ towards < 0:
        # A left-handed cell is seen from its other side.
        towards, right = -towards, -right
    turn, tilt = np.radians([TURN, TILT])
    frame = np.stack([right, -up, towards], axis=1)
    about_up = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    about_right = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    return frame @ about_up @ about_right


def _line(at, start, stop, class_, color=None):  # type: ignore[no-untyped-def]
    (x1, y1), (x2, y2) = at(start), at(stop)
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_, stroke=color)


def _mixed(color: str, other: str, share: float) -> str:
    """Return a colour with a share of another."""
    pairs = [(int(color[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round((1 - share) * one + share * two):02x}" for one, two in pairs)
