"""Rows that ``CrystalFeaturizer(cache=...)`` keeps on disk: how many there are, and clearing them."""

from __future__ import annotations

from skcrystal.featurizer.cache import CacheInfo, clear, info

__all__ = ["CacheInfo", "clear", "info"]
