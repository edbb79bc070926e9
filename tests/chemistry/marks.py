"""Which tests need which pymatgen."""

from __future__ import annotations

from importlib.metadata import version

import pytest

# pymatgen took its values of the elements from other sources in October 2025.
WITH_STORED_VALUES = pytest.mark.skipif(
    int(version("pymatgen").partition(".")[0]) < 2026,
    reason="the stored tables are those of pymatgen 2026; an older one has other values",
)
