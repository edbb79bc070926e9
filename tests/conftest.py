"""Settings shared by all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# `pytest --hypothesis-profile=soak` looks longer, before a release.
settings.register_profile(
    "normal", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("soak", settings.get_profile("normal"), max_examples=4000)
settings.load_profile("normal")
