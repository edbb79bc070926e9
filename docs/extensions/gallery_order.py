"""The order in which the gallery shows its programs: from first steps to what few need."""

from __future__ import annotations

ORDER = (
    "plot_lecture.py",
    "plot_own_files.py",
    "plot_materials_project.py",
    "plot_critical_temperatures.py",
    "plot_disorder.py",
    "plot_duplicates.py",
    "plot_splits.py",
    "plot_search.py",
    "plot_explained_prediction.py",
    "plot_own_descriptor.py",
    "plot_pretrained.py",
    "plot_curve.py",
    "plot_site_property.py",
    "plot_graph_network.py",
    "plot_silicon_potential.py",
    "plot_served_model.py",
)


class ReadingOrder:
    """Sort key of a file in the folder of programs; one that is not in the list stops the build."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, name: str) -> int:
        return ORDER.index(name)
