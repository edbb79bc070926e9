"""A batch and a list of descriptors into blocks of rows, in parts that fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import csr_array, issparse, vstack

from skcrystal.crystals.limits import LimitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.descriptors import Descriptor

__all__ = ["Block", "dense", "describe"]

# Sites that are described at a time: with 200 neighbours of 52 bytes each, a table of them is 200 MB.
MOST_SITES = 20_000

Block: TypeAlias = "NDArray[np.float64] | csr_array"


def describe(steps: Sequence[Descriptor], crystals: Crystals) -> list[Block]:
    """Return the block of each step, large batches being described in parts, so that memory stays bounded."""
    joined = crystals.join_split_sites()
    parts = []
    for part in _parts(joined.site_counts):
        batch = joined if len(part) == len(joined) else joined[part]
        try:
            parts.append([step.describe(batch) for step in steps])
        except LimitError as error:
            raise LimitError({int(part[index]): reason for index, reason in error.faults.items()}) from None
    if len(parts) == 1:
        return parts[0]
    return [
        csr_array(vstack(blocks)) if issparse(blocks[0]) else np.concatenate(blocks)
        for blocks in zip(*parts, strict=True)
    ]


def _parts(site_counts: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Return the indices of the crystals part by part, each of not many more sites than `MOST_SITES`."""
    before = np.cumsum(site_counts) - site_counts
    part = before // MOST_SITES
    bounds = np.flatnonzero(np.diff(part)) + 1
    return list(np.split(np.arange(len(site_counts)), bounds))


def dense(block: Block) -> NDArray[np.float64]:
    """Return a block as a plain array."""
    return block.toarray() if isinstance(block, csr_array) else block
