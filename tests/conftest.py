"""Settings shared by all tests."""

from __future__ import annotations

import os

# Tests that run on all cores at once have a core each: threads of the libraries would only wait for each
# other. They read this when they are imported, hence before all imports.
if "PYTEST_XDIST_WORKER" in os.environ:
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")

from hypothesis import HealthCheck, settings

# `pytest --hypothesis-profile=soak` looks longer, before a release. In CI the examples are always the same:
# a change is judged by what it changes, and not by luck; each developer's run looks elsewhere.
settings.register_profile(
    "normal",
    max_examples=200,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", settings.get_profile("normal"), max_examples=4000, derandomize=False)
settings.load_profile("normal")
