"""From raw inputs to rows, chunk by chunk: the unit of work that processes share."""

from __future__ import annotations

import gc
import os
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from scipy.sparse import csr_array, hstack, issparse, vstack

from skcrystal.crystals.limits import LimitError
from skcrystal.featurizer.cache import RowCache
from skcrystal.inputs import read_items

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from skcrystal.crystals.batch import Crystals
    from skcrystal.descriptors import Descriptor

__all__ = ["Block", "Blocks", "Chunk", "run_chunks"]

# Just below 32 MiB, where glibc ceases to learn from what is freed.
KEPT_BYTES = 31 << 20

# Fewer items at a time are slow: numpy's fixed costs are shared by too few.
LEAST_ITEMS = 16

# Sites that are described at a time: with 200 neighbours of 52 bytes each, a table of them is 200 MB.
MOST_SITES = 20_000

Block: TypeAlias = "NDArray[np.float64] | csr_array"


class Chunk(NamedTuple):
    """The rows of a chunk of inputs.

    Attributes
    ----------
    rows : ndarray or csr_array of shape (n_items, n_features)
        NaN in the rows of items at fault.
    faults : dict
        Index of an item, counted from the first of all items -> reason.
    notes : list of str
        What else the user has to know.
    """

    rows: Block
    faults: dict[int, str]
    notes: list[str]


def run_chunks(
    steps: Sequence[Descriptor],
    items: Sequence[Any],
    chunk_size: int,
    n_jobs: int | None,
    cache: str | PathLike[str] | None,
    disorder: str = "average",
) -> Generator[Chunk]:
    """Yield the chunks in order, while processes compute the next ones.

    Only a few chunks are under way at a time, so that memory stays flat. Closing the generator, or Ctrl-C,
    stops the processes.
    """
    from joblib import Parallel, delayed, effective_n_jobs
    from joblib.parallel import get_active_backend

    if get_active_backend()[0].nesting_level:
        # Whoever runs us in parallel already has all cores at work.
        n_jobs = 1
    jobs = (
        delayed(_describe)(steps, items[start:stop], start, cache, disorder, os.getpid())
        for start, stop in _bounds(len(items), chunk_size, effective_n_jobs(n_jobs))
    )
    # A chunk is a batch already; joblib's own batches of chunks would leave one process idle at the end.
    workers = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=1)
    results = workers(jobs)
    try:
        for chunk in results:  # noqa: UP028 - `yield from` would close joblib's generator before we can
            yield chunk
    finally:
        with warnings.catch_warnings():
            # joblib warns of work that is stopped half way; whoever closes us means to stop it.
            warnings.simplefilter("ignore")
            results.close()


def _bounds(n_items: int, chunk_size: int, n_workers: int) -> Generator[tuple[int, int]]:
    """Yield start and stop of each chunk; towards the end they get smaller, so that no worker waits long.

    Guided self-scheduling: Polychronopoulos & Kuck 1987, doi 10.1109/TC.1987.5009495.
    """
    least = min(LEAST_ITEMS, chunk_size)
    start = 0
    while start < n_items:
        share = (n_items - start) // (2 * n_workers)
        size = chunk_size if n_workers == 1 else min(chunk_size, max(share, least))
        yield start, min(start + size, n_items)
        start += size


def _describe(
    steps: Sequence[Descriptor],
    items: Sequence[Any],
    start: int,
    cache: str | PathLike[str] | None,
    disorder: str,
    caller: int,
) -> Chunk:
    _keep_freed_memory()
    crystals, faults = read_items(items, disorder=disorder)
    notes: list[str] = []
    origins = np.setdiff1d(np.arange(len(items)), list(faults))
    while True:
        try:
            if cache is None:
                blocks = describe(steps, crystals)
            else:
                store = RowCache(cache)
                blocks = _cached(steps, crystals, store)
                notes = store.notes
            break
        except LimitError as error:
            # Raised before the work is begun: the others go on without them.
            faults.update({int(origins[index]): reason for index, reason in error.faults.items()})
            kept = np.setdiff1d(np.arange(len(crystals)), list(error.faults))
            crystals, origins = crystals[kept], origins[kept]
    faults = dict(sorted(faults.items()))
    rows: Block
    if any(issparse(block) for block in blocks):
        rows = csr_array(hstack(blocks))
    else:
        rows = np.concatenate(blocks or [np.empty((len(crystals), 0))], axis=1)
    if faults:
        rows = _with_gaps(rows, list(faults), len(items))
    if os.getpid() != caller:
        _spare_what_is_loaded()
    return Chunk(rows, {start + index: reason for index, reason in faults.items()}, notes)


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


@lru_cache(maxsize=1)
def _keep_freed_memory() -> None:
    """Let the process reuse the memory of one chunk for the next.

    The C library of Linux gives freed memory back to the system, and asks for it again page by page, unless a
    block of that size was freed before; this one is never touched and costs nothing.
    """
    np.empty(KEPT_BYTES, dtype=np.uint8)


@lru_cache(maxsize=1)
def _spare_what_is_loaded() -> None:
    """Keep the collector of garbage away from modules and compiled kernels.

    joblib's workers collect garbage every second where psutil is not installed, and look at all of them.
    """
    gc.freeze()


def _cached(steps: Sequence[Descriptor], crystals: Crystals, store: RowCache) -> list[Block]:
    """Describe only what the store does not have, and keep it."""
    keys = crystals.keys()
    # Descriptors mostly lack the same crystals; sharing the batch shares its symmetry and primitive cells.
    batches: dict[tuple[int, ...], Crystals] = {}
    blocks: list[Block] = []
    for step in steps:
        key, width = step.key(), len(step.get_feature_names_out())
        known = store.read(key, keys, width)
        missing = tuple({k: i for i, k in reversed(list(enumerate(keys))) if k not in known}.values())
        if missing:
            if missing not in batches:
                batches[missing] = crystals[np.array(missing)].join_split_sites()
            try:
                fresh = _dense(step.describe(batches[missing]))
            except LimitError as error:
                raise LimitError(
                    {
                        index: error.faults[missing.index(first)]
                        for index, key_ in enumerate(keys)
                        for first in [keys.index(key_)]
                        if first in missing and missing.index(first) in error.faults
                    }
                ) from None
            new_keys = [keys[i] for i in missing]
            store.write(key, new_keys, fresh)
            known.update(zip(new_keys, fresh, strict=True))
        rows = np.array([known[k] for k in keys]).reshape(len(keys), width)
        blocks.append(csr_array(rows) if getattr(step, "sparse_output", False) else rows)
    return blocks


def _dense(block: Block) -> NDArray[np.float64]:
    return block.toarray() if isinstance(block, csr_array) else block


def _with_gaps(rows: Block, faults: list[int], n_items: int) -> Block:
    good = np.ones(n_items, dtype=bool)
    good[faults] = False
    dense = np.full((n_items, rows.shape[1]), np.nan)
    dense[good] = _dense(rows)
    return csr_array(dense) if issparse(rows) else dense


class Blocks:
    """Collects blocks of rows: dense ones go straight to their place, so that no row is held twice."""

    def __init__(self, n_rows: int, n_columns: int) -> None:
        self._dense = np.empty((n_rows, n_columns))
        self._sparse: list[csr_array] = []
        self._filled = 0

    def append(self, block: Block) -> None:
        """Take the rows of the next chunk."""
        if issparse(block):
            self._sparse.append(block)
        else:
            self._dense[self._filled : self._filled + len(block)] = block
            self._filled += len(block)

    def join(self) -> Block:
        """Return all rows."""
        return csr_array(vstack(self._sparse)) if self._sparse else self._dense
