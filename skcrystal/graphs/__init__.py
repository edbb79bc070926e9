"""Crystals as periodic graphs: sites are nodes, neighbours or bonds edges; and out to what learns on them."""

from __future__ import annotations

from skcrystal.graphs.batch import CrystalGraph, CrystalGraphs
from skcrystal.graphs.build import crystal_graphs
from skcrystal.graphs.lines import LineGraphs

__all__ = ["CrystalGraph", "CrystalGraphs", "LineGraphs", "crystal_graphs"]
