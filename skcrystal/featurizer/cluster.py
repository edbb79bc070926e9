"""Shards on a cluster of Dask: few under way at a time, and those of killed workers given out again."""

from __future__ import annotations

import os
from concurrent.futures import CancelledError
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from skcrystal.crystals.crystal import CrystalError
from skcrystal.featurizer.shards import featurize_shard

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from os import PathLike

    from skcrystal.featurizer.plan import Plan
    from skcrystal.featurizer.shards import Shard

__all__ = ["ATTEMPTS", "connect", "shards_on_cluster"]

ATTEMPTS = 5
"""How often a shard is given out. Dask itself gives a task to several workers before it says KilledWorker."""

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
    """
    from distributed import KilledWorker, as_completed

    folder = os.path.abspath(plan.folder)
    # Keys are shared by all that use a scheduler: the same work has the same one, and no other work has it.
    token = blake2b(f"{folder} {plan.digest}".encode(), digest_size=6).hexdigest()
    left = iter(numbers)
    attempts = dict.fromkeys(numbers, 0)
    under_way: dict[Any, int] = {}
    given_up: list[int] = []
    running = as_completed()

    def give_out(number: int) -> None:
        attempts[number] += 1
        again = f"-{attempts[number]}" if attempts[number] > 1 else ""
        key = f"shard-{number}-{token}{again}"
        future = client.submit(_one, folder, number, cache, key=key, pure=False)
        under_way[future] = number
        running.add(future)

    def fill() -> None:
        room = WINDOW * max(1, sum(client.nthreads().values())) - len(under_way)
        for number in (next(left, None) for _ in range(room)):
            if number is not None:
                give_out(number)

    try:
        fill()
        while under_way:
            future = next(running)
            number = under_way.pop(future)
            if future.status == "error":
                error = future.exception()
                if not isinstance(error, KilledWorker):
                    raise error
                if attempts[number] < ATTEMPTS:
                    give_out(number)
                else:
                    given_up.append(number)
                    fill()
                continue
            if future.status != "finished":
                raise _gone(client)
            shard = future.result()
            fill()
            # Where a worker was killed behind its shard, another one has found it finished.
            yield number, shard._replace(is_kept=False)
    except CancelledError:
        raise _gone(client) from None
    finally:
        for future in under_way:
            future.release()
    if given_up:
        shown = ", ".join(map(str, sorted(given_up)))
        raise CrystalError(
            f"{len(given_up)} shards were given up, whose workers were killed again and again: {shown}; give "
            "workers more memory, or plan fewer rows in a shard. All others are finished."
        )


def _gone(client: Any) -> ConnectionError:
    address = getattr(client.scheduler, "address", "")
    return ConnectionError(f"the scheduler {address} went away; finished shards are kept: call again.")


def _one(folder: str, number: int, cache: str | PathLike[str] | None) -> Shard:
    return featurize_shard(folder, number, n_jobs=1, cache=cache)
