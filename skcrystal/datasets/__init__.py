"""Crystals with known properties: ``load_*`` comes with the package, ``fetch_*`` is downloaded."""

from skcrystal.datasets._experimental import load_experimental
from skcrystal.datasets._matbench import fetch_matbench

__all__ = ["fetch_matbench", "load_experimental"]
