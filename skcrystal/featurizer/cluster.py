"""Shards on a cluster of Dask: few under way at a time, and those of killed workers given out again."""

from __future__ import annotations

import os
import time
import warnings
from collections import deque
from concurrent.futures import CancelledError
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.featurizer.shards import featurize_shard, finished

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from os import PathLike

    from skcrystal.featurizer.plan import Plan
    from skcrystal.featurizer.shards import Shard

__all__ = ["ATTEMPTS", "connect", "shards_on_cluster"]

ATTEMPTS = 5
"""How often a shard is given out. Dask itself gives a task to several workers before it says KilledWorker."""

# Seconds between looks for a shard that is said to be finished: NFS remembers a folder for up to a minute.
LOOKS = (0, 0.1, 1, 5, 30, 30)

# Seconds between looks at what is finished, and between looks at who there is to work.
LOOK, ROLL_CALL = 0.02, 30.0

# Shards under way for each thread of a worker: one at work, one waiting.
WINDOW = 2


def connect(address: str) -> Any:
    """Connect to a scheduler.

    Parameters
    ----------
    address : str
        As ``tcp://host:8786``.

    Returns
    -------
    dask.distributed.Client

    Raises
    ------
    ImportError
        dask.distributed is not installed.
    OSError
        No scheduler answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ImportError("a scheduler of Dask needs: pip install 'skcrystal[cluster]'") from None
    return Client(address)


def shards_on_cluster(
    client: Any, plan: Plan, numbers: Sequence[int], cache: str | PathLike[str] | None
) -> Generator[tuple[int, Shard]]:
    """Compute shards on a cluster, and yield them as they are finished.

    ``retries=`` of Dask does not cover killed workers, so that their shards are given out again here.

    Parameters
    ----------
    client : dask.distributed.Client
    plan : Plan
        In a folder that workers see.
    numbers : sequence of int
    cache : str, path-like or None

    Raises
    ------
    CrystalError
        Shards were given up, or could not be computed.
    ConnectionError
        The scheduler went away.

    Warns
    -----
    UserWarning
        Nobody is there to work, once: workers may still come, and are waited for.
    """
    from distributed import KilledWorker, as_completed

    folder = os.path.abspath(plan.folder)
    # Keys are shared by all that use a scheduler: the same work has the same one, and no other work has it.
    token = blake2b(f"{folder} {plan.digest}".encode(), digest_size=6).hexdigest()
    fresh, again = deque(numbers), deque[int]()
    attempts = dict.fromkeys(numbers, 0)
    under_way: dict[Any, int] = {}
    given_up: list[int] = []
    running = as_completed()

    def give_out(number: int) -> None:
        attempts[number] += 1
        suffix = f"-{attempts[number]}" if attempts[number] > 1 else ""
        key = f"shard-{number}-{token}{suffix}"
        future = client.submit(_one, folder, number, cache, key=key, pure=False)
        under_way[future] = number
        running.add(future)

    def fill() -> None:
        threads = max(1, sum(client.nthreads().values()))
        while fresh and len(under_way) < WINDOW * threads:
            give_out(fresh.popleft())
        # One for each thread, so that one that kills its worker takes no other along.
        while again and not fresh and len(under_way) < threads:
            give_out(again.popleft())

    fault: BaseException | None = None
    try:
        fill()
        while under_way and fault is None:
            future = _next(running, client)
            number = under_way.pop(future)
            if future.status not in {"finished", "error"}:
                raise _gone(client)
            error = future.exception() if future.status == "error" else None
            # What became of a shard stands on the disk; the worker that could tell may be gone.
            shard = _seen(plan, number) if error is None else None
            if shard is not None:
                fill()
                yield number, shard
            elif error is not None and not isinstance(error, KilledWorker):
                fault = error
            else:
                (again if attempts[number] < ATTEMPTS else given_up).append(number)
                fill()
    except (CancelledError, OSError) as error:
        raise _gone(client) from error
    finally:
        for future in under_way:
            future.release()
    if fault is not None:
        raise fault
    if given_up:
        shown = ", ".join(map(str, sorted(given_up)))
        raise CrystalError(
            f"{len(given_up)} shards were given up, whose workers were killed again and again: {shown}; give "
            "workers more memory, or plan fewer rows in a shard. All others are finished."
        )


def _next(running: Any, client: Any) -> Any:
    """Return the next future that is done; say where nobody is there to work."""
    since, is_said = time.monotonic(), False
    while not running.has_ready():
        time.sleep(LOOK)
        if is_said or time.monotonic() < since + ROLL_CALL:
            continue
        since, is_said = time.monotonic(), not client.nthreads()
        if is_said:
            warnings.warn(
                f"the scheduler {getattr(client.scheduler, 'address', '')} has no workers; shards wait until "
                "some come",
                stacklevel=2,
            )
    return next(running)


def _gone(client: Any) -> ConnectionError:
    address = getattr(client.scheduler, "address", "")
    return ConnectionError(f"the scheduler {address} went away; finished shards are kept: call again.")


def _seen(plan: Plan, number: int) -> Shard | None:
    """Return a shard that a worker says is finished, when it is seen here: network disks take a while."""
    for seconds in LOOKS:
        time.sleep(seconds)
        shard = finished(plan, number)
        if shard is not None:
            return shard._replace(is_kept=False)
    return None


def _one(folder: str, number: int, cache: str | PathLike[str] | None) -> None:
    featurize_shard(folder, number, n_jobs=1, cache=cache)
