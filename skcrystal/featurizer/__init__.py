"""`CrystalFeaturizer`, its presets, the chunks it works in, and the cache of rows on disk."""

from __future__ import annotations

from skcrystal.featurizer.crystal_featurizer import CrystalFeaturizer
from skcrystal.featurizer.report import Report

__all__ = ["CrystalFeaturizer", "Report"]
