"""Sets that are larger than memory or one machine: planned once, computed shard by shard, wherever."""

from __future__ import annotations

from skcrystal.featurizer.dataset import Featurized, featurize_dataset
from skcrystal.featurizer.plan import Plan, plan_dataset, read_plan
from skcrystal.featurizer.shards import Shard, Status, featurize_shard, status

__all__ = [
    "Featurized",
    "Plan",
    "Shard",
    "Status",
    "featurize_dataset",
    "featurize_shard",
    "plan_dataset",
    "read_plan",
    "status",
]
