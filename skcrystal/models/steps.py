"""What ready pipelines are put together with."""

from __future__ import annotations

from typing import Any

from skcrystal.models.crystal_pipeline import CrystalPipeline

__all__ = ["import_xgboost", "named_pipeline"]


def named_pipeline(*steps: Any) -> CrystalPipeline:
    """Make a pipeline whose steps are named as scikit-learn's ``make_pipeline`` names them."""
    return CrystalPipeline([(type(step).__name__.lower(), step) for step in steps])


def import_xgboost(function: str) -> Any:
    """Import XGBoost, or say how to install it for a function that needs it."""
    try:
        import xgboost
    except ImportError as error:
        raise ImportError(
            f"{function} needs XGBoost, which is not installed: pip install 'skcrystal[models]'"
        ) from error
    return xgboost
