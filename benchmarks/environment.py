"""Say what a benchmark ran on: machine, cores, versions."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["describe_environment"]

PACKAGES = ("skcrystal", "numpy", "scikit-learn", "numba", "moyopy", "gemmi", "pymatgen", "spglib")
# XGBoost goes by two names of distribution and one of module.
ALTERNATIVES = ("xgboost", "xgboost-cpu")


def _processor() -> str:
    """Return the processor's name; `platform.processor` is empty on most Linux systems."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found.group(1) if found else platform.processor() or platform.machine()


def _installed(name: str) -> str | None:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        # Run from a source tree, the package has no metadata.
        if name == "skcrystal":
            import skcrystal

            return f"skcrystal {skcrystal.__version__} (source tree)"
        return None


def describe_environment() -> str:
    """Return machine, cores and versions, in three lines."""
    installed = [text for name in (*PACKAGES, *ALTERNATIVES) if (text := _installed(name))]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return "\n".join(
        [
            f"machine   {_processor()}, {cores} cores, {platform.system()} {platform.machine()}",
            f"python    {platform.python_version()}",
            f"packages  {', '.join(installed)}",
        ]
    )


if __name__ == "__main__":
    print(describe_environment())
