"""Crystals with measured properties: ``load_*`` comes with the package."""

from skcrystal.datasets._experimental import load_experimental

__all__ = ["load_experimental"]
