"""Callers that wait are answered together, each with its own answer or error."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from skcrystal.models import RequestBatcher


class Gated:
    """Ten times each number; a call waits until it is let go, and items are errors where they are texts."""

    def __init__(self):
        self.batches = []
        self.begun = Event()
        self.let_go = Event()
        self.at_once = Lock()

    def __call__(self, items):
        assert self.at_once.acquire(blocking=False), "called by two threads at once"
        try:
            self.batches.append(list(items))
            self.begun.set()
            assert self.let_go.wait(60)
            return [10 * item for item in items if item + 0 == item]
        finally:
            self.at_once.release()


def all_wait(batcher, count):
    """Wait until so many callers stand behind the one that works."""
    while len(batcher._waiting) < count:
        Event().wait(0.001)


@pytest.fixture
def gated():
    return Gated()


def ask(batcher, function, items):
    """Ask the first item, and all others while it is answered; return their futures."""
    pool = ThreadPoolExecutor(len(items))
    futures = [pool.submit(batcher, items[0])]
    assert function.begun.wait(60)
    for k, item in enumerate(items[1:], 1):
        futures.append(pool.submit(batcher, item))
        all_wait(batcher, k)
    function.let_go.set()
    pool.shutdown()
    return futures


def test_a_caller_alone_is_answered_at_once(gated):
    gated.let_go.set()
    batcher = RequestBatcher(gated)
    assert [batcher(2), batcher(3)] == [20, 30]
    assert gated.batches == [[2], [3]]


def test_callers_that_wait_are_answered_by_one_call(gated):
    futures = ask(RequestBatcher(gated), gated, range(9))
    assert [future.result(60) for future in futures] == [10 * k for k in range(9)]
    assert gated.batches == [[0], list(range(1, 9))]


def test_a_call_has_no_more_items_than_allowed(gated):
    futures = ask(RequestBatcher(gated, max_batch_size=3), gated, range(9))
    assert [future.result(60) for future in futures] == [10 * k for k in range(9)]
    assert gated.batches == [[0], [1, 2, 3], [4, 5, 6], [7, 8]]


def test_an_error_is_that_of_its_item_alone(gated):
    futures = ask(RequestBatcher(gated), gated, [0, 1, 2, "bad", 4, 5])
    with pytest.raises(TypeError):
        futures.pop(3).result(60)
    assert [future.result(60) for future in futures] == [0, 10, 20, 40, 50]
    assert gated.batches.count(["bad"]) == 1


def test_after_an_error_callers_are_answered(gated):
    gated.let_go.set()
    batcher = RequestBatcher(gated)
    with pytest.raises(TypeError):
        batcher("bad")
    assert batcher(1) == 10


def test_too_few_answers_are_an_error():
    batcher = RequestBatcher(lambda items: [])
    with pytest.raises(ValueError, match="0 answers to 1 items"):
        batcher(1)


def test_who_waits_is_answered_where_ctrl_c_stops_the_one_that_works(gated):
    stopped = []

    def function(items):
        answers = gated(items)
        if not stopped:
            stopped.append(items)
            raise KeyboardInterrupt
        return answers

    futures = ask(RequestBatcher(function), gated, range(4))
    with pytest.raises(KeyboardInterrupt):
        futures.pop(0).result(60)
    assert [future.result(60) for future in futures] == [10, 20, 30]


def test_where_ctrl_c_stops_a_batch_its_others_are_answered(gated):
    def function(items):
        answers = gated(items)
        if len(gated.batches) == 2:
            raise KeyboardInterrupt
        return answers

    futures = ask(RequestBatcher(function), gated, range(4))
    with pytest.raises(KeyboardInterrupt):
        futures.pop(1).result(60)
    assert [future.result(60) for future in futures] == [0, 20, 30]
    assert gated.batches == [[0], [1, 2, 3], [2, 3]]


def test_a_caller_that_ctrl_c_takes_away_is_not_waited_for(gated, monkeypatch):
    from skcrystal.models import request_batcher

    class Interrupted(Event().__class__):
        count = 0

        def wait(self, timeout=None):
            Interrupted.count += 1
            if Interrupted.count == 2:
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(request_batcher, "Event", Interrupted)
    batcher = RequestBatcher(gated)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher, 0)
        assert gated.begun.wait(60)
        with pytest.raises(KeyboardInterrupt):
            pool.submit(batcher, 1).result(60)
        gated.let_go.set()
        assert first.result(60) == 0
    assert batcher(2) == 20
    assert gated.batches == [[0], [2]]


def test_many_threads_get_each_its_own_answers():
    batcher = RequestBatcher(lambda items: [item + 1 for item in items], max_batch_size=5)
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(batcher, range(3000))) == list(range(1, 3001))


def test_a_batch_holds_an_item_at_least():
    with pytest.raises(ValueError, match="at least 1"):
        RequestBatcher(list, max_batch_size=0)
