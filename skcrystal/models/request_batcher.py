"""`RequestBatcher`: callers that wait for a model at once are answered together."""

from __future__ import annotations

from threading import Event, Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["RequestBatcher"]


class _Request:
    """What one caller asks, and the answer or the error that came of it.

    A caller who is woken, and is not answered, is to work.
    """

    def __init__(self, item: Any) -> None:
        self.item = item
        self.woken = Event()
        self.is_done = False
        self.is_gone = False
        self.answer: Any = None
        self.error: Exception | None = None


class RequestBatcher:
    """A function of many items that threads call with one item each, answered together where they wait.

    A row of a batch costs a fraction of a call of its own. The first caller is answered at once; who calls
    while that goes on waits, and all who wait are answered by the next call of the function. Nobody waits
    for others to come, so that a caller who is alone loses nothing, and the more call, the less each costs.
    No thread is started: it is the callers' threads that work, one after the other, and there is nothing to
    shut down.

    An item that makes the function raise spoils no answer but its own: the batch is halved until the error
    has its item, and is raised in the thread that asked.

    Parameters
    ----------
    function : callable
        Takes a list of items, and returns a sequence of as many answers. It is never called by two threads
        at the same time.
    max_batch_size : int, default=64
        Most items of one call, which bounds how long it takes.

    References
    ----------
    D. Hendler, I. Incze, N. Shavit, M. Tzafrir, Flat combining and the synchronization-parallelism tradeoff,
    SPAA (2010) 355, doi 10.1145/1810479.1810540, for callers that do the work of those who wait.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from skcrystal.datasets import load_experimental
    >>> from skcrystal.models import RequestBatcher, forest_regressor
    >>> X, gaps = load_experimental(return_X_y=True)
    >>> model = forest_regressor("composition", n_estimators=10, random_state=0).fit(X, gaps)
    >>> predict = RequestBatcher(model.predict)
    >>> with ThreadPoolExecutor(8) as pool:
    ...     predicted = list(pool.map(predict, X[:20]))
    >>> bool((predicted == model.predict(X[:20])).all())
    True
    """

    def __init__(self, function: Callable[[list[Any]], Sequence[Any]], *, max_batch_size: int = 64) -> None:
        if max_batch_size < 1:
            raise ValueError(f"max_batch_size is at least 1, and {max_batch_size} was given")
        self.function = function
        self.max_batch_size = max_batch_size
        self._lock = Lock()
        self._waiting: list[_Request] = []
        self._is_busy = False

    def __call__(self, item: Any) -> Any:
        """Return the answer to one item; an error is that of this item.

        Parameters
        ----------
        item : object
            What one entry of the function's list may be.

        Returns
        -------
        object
            The entry of what the function returns.
        """
        request = _Request(item)
        try:
            with self._lock:
                self._waiting.append(request)
                if not self._is_busy:
                    request.woken.set()
                    self._is_busy = True
            request.woken.wait()
            if not request.is_done:
                self._answer_waiting()
        except BaseException:
            self._leave(request)
            raise
        if request.error is not None:
            raise request.error
        return request.answer

    def _answer_waiting(self) -> None:
        """Answer those who have waited longest, the first of whom calls; then let the next one work."""
        taken: list[_Request] = []
        try:
            with self._lock:
                taken = self._waiting[: self.max_batch_size]
                del self._waiting[: len(taken)]
            self._answer(taken)
        finally:
            with self._lock:
                # Where Ctrl-C stopped this thread half way, the others are answered by the next.
                left = [request for request in taken[1:] if not (request.is_done or request.is_gone)]
                self._waiting = left + [request for request in self._waiting if request not in taken]
                self._wake_next()
            for request in taken:
                if request.is_done:
                    request.woken.set()

    def _wake_next(self) -> None:
        """Let the one who has waited longest work, while the lock is held."""
        self._is_busy = bool(self._waiting)
        if self._waiting:
            self._waiting[0].woken.set()

    def _leave(self, request: _Request) -> None:
        """Forget a caller that Ctrl-C took away; where it was its turn to work, it is the next one's."""
        with self._lock:
            request.is_gone = True
            if request in self._waiting:
                self._waiting.remove(request)
                if request.woken.is_set():
                    self._wake_next()

    def _answer(self, requests: list[_Request]) -> None:
        try:
            answers = self.function([request.item for request in requests])
            if len(answers) != len(requests):
                raise ValueError(f"the function returned {len(answers)} answers to {len(requests)} items")
        except Exception as error:
            if len(requests) == 1:
                requests[0].error, requests[0].is_done = error, True
                return
            half = len(requests) // 2
            self._answer(requests[:half])
            self._answer(requests[half:])
            return
        for request, answer in zip(requests, answers, strict=True):
            request.answer, request.is_done = answer, True
