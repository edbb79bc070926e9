"""Where the tests of reading find the data that is not part of the package."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared data, or skip the test."""
    folder = Path(os.environ.get("SKCRYSTAL_SHARED", Path(__file__).parents[3] / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(
            f"the shared data is not in {folder}; set SKCRYSTAL_SHARED to the folder that holds data/"
        )
    return folder
