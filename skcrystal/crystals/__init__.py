"""Crystals as flat arrays: one, a batch of them, and what hangs on a batch: symmetry, neighbours, bonds."""

from __future__ import annotations

from skcrystal.crystals.batch import Crystals
from skcrystal.crystals.compositions import Compositions
from skcrystal.crystals.crystal import Crystal, CrystalError

__all__ = ["Compositions", "Crystal", "CrystalError", "Crystals"]
