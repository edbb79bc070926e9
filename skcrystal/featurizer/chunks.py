"""From raw inputs to rows, chunk by chunk: the unit of work that processes share."""

from __future__ import annotations

import gc
import os
import warnings
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from scipy.sparse import csr_array, hstack, issparse, vstack

from skcrystal.crystals import Crystals
from skcrystal.featurizer.cache import RowCache
from skcrystal.featurizer.describing import Block, dense, describe_items
from skcrystal.featurizer.kept_rows import describe_kept

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from os import PathLike

    from joblib import Parallel
    from numpy.typing import NDArray

    from skcrystal.descriptors import Descriptor

__all__ = ["Block", "Blocks", "Chunk", "run_chunks"]

# Just below 32 MiB, where glibc ceases to learn from what is freed.
KEPT_BYTES = 31 << 20

# Fewer items at a time are slow: numpy's fixed costs are shared by too few.
LEAST_ITEMS = 16

# A composition takes microseconds: a chunk of as many as of crystals would be all fixed costs.
COMPOSITIONS_PER_CRYSTAL = 8

T = TypeVar("T")


class Chunk(NamedTuple):
    """The rows of a chunk of inputs.

    Attributes
    ----------
    rows : ndarray or csr_array of shape (n_items, n_features)
        NaN in the rows of items at fault.
    faults : dict
        Index of an item, counted from the first of all items -> reason.
    notes : dict
        Index of an item -> what was repaired in it or is suspicious.
    sources : dict
        Index of an item with notes -> where it came from.
    messages : list of str
        What else the user has to know.
    """

    rows: Block
    faults: dict[int, str]
    notes: dict[int, tuple[str, ...]]
    sources: dict[int, str]
    messages: list[str]


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

    if not any(step.needs_positions for step in steps):
        chunk_size *= COMPOSITIONS_PER_CRYSTAL
    if get_active_backend()[0].nesting_level:
        # Whoever runs us in parallel already has all cores at work.
        n_jobs = 1
    n_workers = effective_n_jobs(n_jobs)
    if n_workers == 1:
        for start, stop in _bounds(len(items), chunk_size, 1):
            yield _describe(steps, _part(items, start, stop), start, cache, disorder, os.getpid())
        return
    jobs = (
        delayed(_describe)(steps, items[start:stop], start, cache, disorder, os.getpid())
        for start, stop in _bounds(len(items), chunk_size, n_workers)
    )
    # A chunk is a batch already; joblib's own batches of chunks would leave one process idle at the end.
    if getattr(get_active_backend()[0], "supports_return_generator", False):
        results = Parallel(n_jobs=n_jobs, return_as="generator", batch_size=1)(jobs)
    else:
        # As multiprocessing: all that are under way must end before the next ones begin.
        results = _in_rounds(Parallel(n_jobs=n_jobs, batch_size=1), jobs, 4 * n_workers)
    try:
        for chunk in results:  # noqa: UP028 - `yield from` would close joblib's generator before we can
            yield chunk
    finally:
        with warnings.catch_warnings():
            # joblib warns of work that is stopped half way; whoever closes us means to stop it.
            warnings.simplefilter("ignore")
            results.close()


def _part(items: Any, start: int, stop: int) -> Sequence[Any]:
    """Return some of the items; a part of a batch is known by keys, which cost something, the whole not."""
    if isinstance(items, Crystals) and stop - start == len(items):
        return items.apart()  # type: ignore[return-value]  # it has what a chunk needs
    part: Sequence[Any] = items[start:stop]
    return part


def _in_rounds(workers: Parallel, jobs: Iterator[Any], size: int) -> Generator[Chunk]:
    """Yield what the jobs return, a few of them at a time, so that memory stays flat."""
    with workers:
        while taken := list(islice(jobs, size)):
            yield from workers(taken)


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
    messages: list[str] = []
    # Rows of compositions cost less than looking them up.
    if cache is None or not any(step.needs_positions for step in steps):
        described = describe_items(steps, items, disorder)
    else:
        store = RowCache(cache)
        described = describe_kept(steps, items, disorder, store)
        messages = store.notes
    blocks, faults = described.blocks, described.faults
    n_good = len(items) - len(faults)
    rows: Block
    if any(issparse(block) for block in blocks):
        rows = csr_array(hstack(blocks))
    else:
        rows = np.concatenate(blocks or [np.empty((n_good, 0))], axis=1)
    if faults:
        rows = _with_gaps(rows, list(faults), len(items))
    if os.getpid() != caller:
        _spare_what_is_loaded()
    notes, sources = shifted(described.notes, start), shifted(described.sources, start)
    return Chunk(rows, shifted(faults, start), notes, sources, messages)


def shifted(said: dict[int, T], start: int) -> dict[int, T]:
    """Count the items of a chunk from the first of all items."""
    return {start + index: text for index, text in said.items()}


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


def _with_gaps(rows: Block, faults: list[int], n_items: int) -> Block:
    good = np.ones(n_items, dtype=bool)
    good[faults] = False
    spaced = np.full((n_items, rows.shape[1]), np.nan)
    spaced[good] = dense(rows)
    return csr_array(spaced) if issparse(rows) else spaced


class Blocks:
    """Collects blocks of rows: dense ones go straight to their place, so that no row is held twice."""

    def __init__(self, n_rows: int, dtype: Any = np.float64) -> None:
        self._n_rows, self.dtype = n_rows, dtype
        self._dense: NDArray[Any] | None = None
        self._sparse: list[csr_array] = []
        self._filled = 0

    def append(self, block: Block) -> None:
        """Take the rows of the next chunk."""
        if issparse(block):
            self._sparse.append(block.astype(self.dtype, copy=False))
        else:
            if self._dense is None:
                self._dense = np.empty((self._n_rows, block.shape[1]), dtype=self.dtype)
            self._dense[self._filled : self._filled + len(block)] = block
            self._filled += len(block)

    def join(self) -> Block:
        """Return all rows."""
        if self._sparse:
            return csr_array(vstack(self._sparse))
        return np.empty((0, 0), dtype=self.dtype) if self._dense is None else self._dense
