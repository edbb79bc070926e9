"""The floors of the house: a room imports only rooms below it, annotations included."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import skcrystal

PACKAGE = Path(skcrystal.__file__).parent

# From the top down; rooms of one floor do not import each other.
FLOORS = (
    ("__init__", "__main__"),
    ("cli",),
    ("report",),
    ("plots",),
    ("models",),
    ("potentials",),
    ("inspection",),
    ("splits",),
    ("cache", "shards"),
    ("featurizer",),
    ("descriptors",),
    ("graphs",),
    ("datasets",),
    ("protostructures", "matching"),
    ("inputs",),
    ("formats",),
    ("crystals",),
    ("drawing",),
    ("chemistry",),
    ("kernels",),
    ("_show_versions",),
    ("_documentation", "_progress", "_sklearn", "_version"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def room_of(file: Path) -> str:
    return file.parts[0].removesuffix(".py")


def imports_of(file: Path) -> set[str]:
    """Full names of what a file imports from skcrystal, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / file).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] == "skcrystal"}


def module_of(name: str) -> str:
    """The module that a name lives in, or is, without the package in front."""
    parts = name.split(".")[1:]
    while parts:
        base = PACKAGE.joinpath(*parts)
        if base.with_suffix(".py").exists() or (base / "__init__.py").exists():
            return ".".join(parts)
        parts.pop()
    return "__init__"


def test_every_room_has_a_floor():
    assert {room_of(file) for file in FILES} <= set(FLOOR)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_imports_only_what_lies_below_its_room(file):
    room = room_of(file)
    for name in imports_of(file):
        other = module_of(name).partition(".")[0]
        if other != room:
            assert FLOOR[other] > FLOOR[room], f"{file} imports {name}, which is above it or beside it"


def test_no_circle_of_imports():
    modules = {
        ".".join(file.with_suffix("").parts).removesuffix(".__init__"): {
            module_of(name) for name in imports_of(file)
        }
        for file in FILES
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle: {' -> '.join([*path, module])}"
        if module in done:
            return
        # A package's own __init__ gathers the files in it, and they name each other by their full names.
        for other in sorted(modules[module] - {module}):
            if not module.startswith(f"{other}."):
                visit(other, (*path, module))
        done.add(module)

    for module in modules:
        visit(module, ())


def test_private_names_of_scikit_learn_live_in_one_file():
    for file in FILES:
        for node in ast.walk(ast.parse((PACKAGE / file).read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sklearn"):
                private = any(part.startswith("_") for part in (node.module or "").split("."))
                private |= any(alias.name.startswith("_") for alias in node.names)
                assert not private or str(file) == "_sklearn.py", f"{file} imports from {node.module}"
