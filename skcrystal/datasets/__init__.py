"""Crystals with known properties: ``load_*`` comes with the package, ``fetch_*`` is downloaded."""

from skcrystal.datasets._experimental import load_experimental
from skcrystal.datasets._labelled import Labelled, read_labelled
from skcrystal.datasets._matbench import fetch_matbench
from skcrystal.datasets._materials_project import fetch_materials_project
from skcrystal.datasets._optimade import fetch_optimade

__all__ = [
    "Labelled",
    "fetch_matbench",
    "fetch_materials_project",
    "fetch_optimade",
    "load_experimental",
    "read_labelled",
]
