"""Settings of the documentation, for Sphinx. Nothing is downloaded: `make docs` works without a network."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from matplotlib.figure import Figure

import skcrystal

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

# The pages are the same for all who build them: the lecture's example takes its built-in crystals.
os.environ.pop("MP_API_KEY", None)

project = "skcrystal"
author = "The skcrystal developers"
project_copyright = author
version = release = skcrystal.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "matplotlib.sphinxext.plot_directive",
    "breakable_code",
    "column_ranges",
    "column_table",
    "complete_reference",
    "constant_docs",
    "descriptor_tables",
    "mathml",
    "note_tables",
    "repository_files",
]
exclude_patterns = ["_build", "examples"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
# Formulas are kept in Markdown; dollars in text need no escape where no formula follows.
myst_dmath_allow_digits = False
default_role = "literal"

# -- reference --------------------------------------------------------------------------------------------

autosummary_generate = True
# What a module offers is what its __all__ says.
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# -- examples and pictures --------------------------------------------------------------------------------

# PyTorch is large, and no page needs it, nor CHGNet, FastAPI or mp-api: without them, their programs are
# shown and not run.
absent = [
    example
    for example, packages in {
        "graph_network": ("torch_geometric",),
        "materials_project": ("mp_api",),
        "pretrained": ("chgnet",),
        "served_model": ("fastapi", "httpx"),
    }.items()
    if not all(map(find_spec, packages))
]
run = f"/plot_(?!{'|'.join(absent)})" if absent else "/plot_"

# In the place of the figure of a program that is not run.
not_run = Figure(figsize=(6.4, 4))
not_run.text(0.5, 0.5, "shown, not run", ha="center", color="#6E6E6E", size=32)
not_run_picture = Path(tempfile.mkdtemp()) / "not_run.png"
not_run.savefig(not_run_picture)

sphinx_gallery_conf = {
    "default_thumb_file": str(not_run_picture),
    "filename_pattern": run,
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "image_srcset": ["2x"],
    "min_reported_time": 1e9,
    "show_memory": False,
    "show_signature": False,
    "within_subsection_order": "gallery_order.ReadingOrder",
    "thumbnail_size": (640, 400),
    "write_computation_times": False,
}
plot_formats = [("png", 144)]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_include_source = False
plot_rcparams = {
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.figsize": (6.4, 3.6),
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
}
plot_apply_rcparams = True

# -- pages ------------------------------------------------------------------------------------------------

templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["skcrystal.css"]
html_title = "skcrystal"
html_theme = "pydata_sphinx_theme"
html_math_renderer = "mathml"
html_show_sourcelink = False
html_theme_options = {
    "footer_end": [],
    "navbar_align": "left",
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
}
html_context = {"default_mode": "light"}

# Where the pages of all versions are served (tools/add_docs_version.py); without it there is no switcher.
address = os.environ.get("SKCRYSTAL_DOCS_ADDRESS", "").rstrip("/")
if address:
    sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
    from add_docs_version import folder_of

    html_theme_options |= {
        "check_switcher": False,
        "navbar_start": ["navbar-logo", "version-switcher"],
        "switcher": {
            "json_url": f"{address}/switcher.json",
            "version_match": folder_of(release),
        },
    }
