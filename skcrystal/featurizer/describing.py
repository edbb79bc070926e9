"""Inputs and a list of descriptors into blocks of rows, in parts that fit into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from scipy.sparse import csr_array, issparse, vstack

from skcrystal.crystals.crystal import CrystalError
from skcrystal.crystals.limits import UnfitError
from skcrystal.inputs import read_compositions, read_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.descriptors import Descriptor

__all__ = ["Block", "Described", "dense", "describe", "describe_items"]

# Sites that are described at a time: with 200 neighbours of 52 bytes each, a table of them is 200 MB.
MOST_SITES = 20_000

Block: TypeAlias = "NDArray[np.float64] | csr_array"


class Described(NamedTuple):
    """What became of a chunk of inputs.

    Attributes
    ----------
    blocks : list of ndarray or csr_array
        One for each step; a row for each good item.
    faults : dict
        Index of each other item -> reason.
    notes : dict
        Index of an item -> what was repaired in it or is suspicious.
    sources : dict
        Index of an item with notes -> where it came from.
    """

    blocks: list[Block]
    faults: dict[int, str]
    notes: dict[int, tuple[str, ...]]
    sources: dict[int, str]


def describe(steps: Sequence[Descriptor], crystals: Crystals) -> list[Block]:
    """Return the block of each step, large batches being described in parts, so that memory stays bounded."""
    joined = crystals.join_split_sites()
    parts = []
    for part in _parts(joined.site_counts):
        batch = joined if len(part) == len(joined) else joined[part]
        try:
            parts.append([step.describe(batch) for step in steps])
        except UnfitError as error:
            raise type(error)({int(part[index]): reason for index, reason in error.faults.items()}) from None
        except CrystalError as error:
            faults = _faults_alone(steps, batch)
            if not faults:
                raise
            raise UnfitError({int(part[index]): reason for index, reason in faults.items()}) from error
    if len(parts) == 1:
        return parts[0]
    return [
        csr_array(vstack(blocks)) if issparse(blocks[0]) else np.concatenate(blocks)
        for blocks in zip(*parts, strict=True)
    ]


def _faults_alone(steps: Sequence[Descriptor], crystals: Crystals) -> dict[int, str]:
    """Describe crystals one by one, where a descriptor did not say which of them it cannot describe."""
    faults = {}
    for index in range(len(crystals)):
        one = crystals[index : index + 1]
        try:
            for step in steps:
                step.describe(one)
        except UnfitError as error:
            faults[index] = error.faults[0]
        except CrystalError as error:
            faults[index] = str(error).removeprefix("crystal 0: ")
    return faults


def _good(n_items: int, faults: dict[int, str]) -> NDArray[np.intp]:
    """Return the places of the items that are not at fault."""
    return np.array([index for index in range(n_items) if index not in faults], dtype=np.intp)


def describe_items(steps: Sequence[Descriptor], items: Sequence[Any], disorder: str) -> Described:
    """Read and describe items; those that a descriptor cannot describe are at fault."""
    if not any(step.needs_positions for step in steps):
        compositions, faults, said = read_compositions(items, disorder=disorder)
        good = _good(len(items), faults).tolist()
        sources = {index: compositions.sources[k] for k, index in enumerate(good) if index in said}
        return Described([step.describe(compositions) for step in steps], faults, said, sources)
    crystals, faults, said = read_items(items, disorder=disorder)
    origins = _good(len(items), faults)
    while True:
        try:
            blocks = describe(steps, crystals)
            break
        except UnfitError as error:
            faults.update({int(origins[index]): reason for index, reason in error.faults.items()})
            good = _good(len(crystals), error.faults)
            crystals, origins = crystals[good], origins[good]
    sources = {index: crystals.sources[k] for k, index in enumerate(origins.tolist()) if index in said}
    notes = {index: said[index] for index in sources}
    return Described(blocks, dict(sorted(faults.items())), notes, sources)


def _parts(site_counts: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Return the indices of the crystals part by part, each of not many more sites than `MOST_SITES`."""
    if len(site_counts) == 1:
        return [np.zeros(1, dtype=np.intp)]
    before = np.cumsum(site_counts) - site_counts
    part = before // MOST_SITES
    bounds = np.flatnonzero(np.diff(part)) + 1
    return list(np.split(np.arange(len(site_counts)), bounds))


def dense(block: Block) -> NDArray[np.float64]:
    """Return a block as a plain array."""
    return block.toarray() if isinstance(block, csr_array) else block
