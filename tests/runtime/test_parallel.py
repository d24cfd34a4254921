# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Several items at a time: order, laziness, exceptions, time limits, threads that end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patient_clock import LONG, PatientClock

from ocrd_rapid.inference.stopping import current
from ocrd_rapid.runtime import parallel
from ocrd_rapid.runtime.parallel import THREAD_NAME, Late, in_order, still_working


def until(condition: Callable[[], bool], seconds: float = LONG) -> bool:
    """Wait for a condition; return whether it came true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.002)
    return condition()


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    """See that every thread ends, whatever the test did."""
    yield
    assert until(lambda: not still_working()), "a thread was left behind"


@pytest.mark.parametrize("workers", [0, 1, 2, 5, 50])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    def work(item: int) -> int:
        time.sleep(0.01 if item % 3 == 0 else 0)
        return item * item

    assert list(in_order(range(20), work, workers=workers)) == [(n, n * n) for n in range(20)]


@settings(max_examples=40)
@given(
    durations=st.lists(st.integers(0, 4), max_size=24),
    workers=st.integers(1, 6),
    limit=st.sampled_from([0.0, LONG]),
)
def test_nothing_is_lost_doubled_or_out_of_order(
    durations: list[int], workers: int, limit: float
) -> None:
    worked: list[int] = []

    def work(item: tuple[int, int]) -> int:
        time.sleep(item[1] / 1000)
        worked.append(item[0])
        return item[0]

    items = list(enumerate(durations))
    found = list(in_order(items, work, workers=workers, timeout=limit))
    assert found == [(item, item[0]) for item in items]
    assert sorted(worked) == list(range(len(items)))


def test_no_items_no_results() -> None:
    assert list(in_order([], lambda _: pytest.fail("called"), workers=3)) == []


def test_one_worker_works_in_one_thread_that_is_not_the_calling_one() -> None:
    found = [thread for _, thread in in_order(range(3), lambda _: threading.current_thread())]
    assert len(set(found)) == 1
    assert threading.current_thread() not in found


def test_one_worker_begins_an_item_when_the_one_before_has_been_dealt_with() -> None:
    begun: list[int] = []
    for number, _ in in_order(range(4), begun.append):
        assert begun == list(range(number + 1))


def test_the_calls_of_what_is_late_and_of_what_nobody_waits_for_are_stopped() -> None:
    stopped: list[int] = []

    def work(number: int) -> bool:
        if number == 0:
            return True
        ended = threading.Event()
        stopper = current()
        assert stopper is not None

        def stop() -> None:
            stopped.append(number)
            ended.set()

        with stopper.watch(stop):
            return ended.wait(20)

    results = in_order(range(4), work, workers=2, timeout=0.3)
    assert next(results) == (0, True)
    assert isinstance(next(results)[1], Late)
    assert stopped == [1]
    results.close()
    assert set(stopped) >= {1, 2}


def test_workers_work_at_the_same_time() -> None:
    barrier = threading.Barrier(3, timeout=LONG)  # broken, unless three get here together
    found = list(in_order(range(6), lambda n: barrier.wait() >= 0 and n, workers=3))
    assert [result for _, result in found] == list(range(6))


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_no_more_than_twice_as_many_items_as_workers_are_under_way(workers: int) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1, 31):
            taken.append(item)
            yield item

    results = in_order(items(), lambda n: n, workers=workers, timeout=LONG)
    for done, _ in enumerate(results, start=1):
        assert done <= len(taken) <= min(30, done - 1 + 2 * workers)
        time.sleep(0.002)
    assert len(taken) == 30


class Broken(Exception):
    """What goes wrong here."""


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("limit", [0.0, LONG])
@pytest.mark.parametrize("kind", [Broken, KeyboardInterrupt, SystemExit, TimeoutError])
def test_what_is_raised_comes_after_the_results_before_it(
    workers: int, limit: float, kind: type[BaseException]
) -> None:
    def work(item: int) -> int:
        if item == 3:
            raise kind("three")
        return item

    found: list[int] = []
    with pytest.raises(kind, match="three"):
        found.extend(item for item, _ in in_order(range(9), work, workers=workers, timeout=limit))
    assert found == [0, 1, 2]


def test_items_that_cannot_be_had_end_the_work() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise Broken

    with pytest.raises(Broken):
        list(in_order(items(), lambda n: n, workers=2))


def test_a_reader_that_stops_stops_the_workers() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        time.sleep(0.01)
        return item

    results = in_order(range(1000), work, workers=2)
    assert next(results) == (0, 0)
    results.close()
    assert until(lambda: not still_working())
    assert len(begun) <= 4  # none of those that only waited


def test_a_generator_that_was_never_begun_starts_nothing() -> None:
    in_order(range(3), lambda _: pytest.fail("called"), workers=2).close()
    assert not still_working()


# Time limits


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_an_item_that_takes_too_long_comes_late_and_the_others_go_on(
    clock: PatientClock, workers: int
) -> None:
    stuck = clock.event()

    def work(item: int) -> int:
        if item in (1, 2, 6):
            stuck.wait()
        return item

    found = dict(in_order(range(9), work, workers=workers, timeout=0.5))
    stuck.set()
    assert list(found) == list(range(9))
    assert [n for n, result in found.items() if isinstance(result, Late)] == [1, 2, 6]
    assert all(result == n for n, result in found.items() if n not in (1, 2, 6))


def test_by_the_real_clock_items_are_late_too() -> None:
    stuck = threading.Event()
    results = in_order(range(7), lambda _: stuck.wait(LONG), workers=2, timeout=0.05)
    assert [isinstance(result, Late) for _, result in results] == [True] * 7
    stuck.set()


def test_what_a_late_item_comes_to_is_not_used(clock: PatientClock) -> None:
    stuck, done = clock.event(), threading.Event()

    def work(item: int) -> str:
        if item == 0:
            stuck.wait()
            done.set()
            return "late"
        assert done.wait(LONG)
        return "in time"

    results = in_order(range(3), work, workers=1, timeout=0.1)
    assert isinstance(next(results)[1], Late)
    stuck.set()
    assert [result for _, result in results] == ["in time"] * 2


def test_what_a_late_item_raises_is_not_heard_of(clock: PatientClock) -> None:
    stuck, raised = clock.event(), threading.Event()

    def work(item: int) -> int:
        if item == 0:
            stuck.wait()
            raised.set()
            raise Broken
        assert raised.wait(LONG)
        return item

    results = in_order(range(4), work, workers=1, timeout=0.3)
    assert isinstance(next(results)[1], Late)
    stuck.set()
    assert [result for _, result in results] == [1, 2, 3]


def test_the_time_an_item_waits_for_a_worker_does_not_count(
    clock: PatientClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_POLL_SECONDS", 0.01)

    def work(item: int) -> int:
        clock.forward(0.4)
        asked = clock.asked
        assert until(lambda: clock.asked >= asked + 2)  # the reader has looked at the clock
        return item

    found = [result for _, result in in_order(range(6), work, workers=1, timeout=0.5)]
    assert found == list(range(6))


def test_the_time_the_reader_takes_does_not_count(clock: PatientClock) -> None:
    found = []
    for _, result in in_order(range(4), lambda n: n, workers=1, timeout=0.3):
        clock.forward(3600)
        found.append(result)
    assert found == list(range(4))


def test_a_late_thread_is_replaced_by_one(
    clock: PatientClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = clock.event()
    alive: list[int] = []

    def work(item: int) -> None:
        if item == 0:
            stuck.wait()
        alive.append(sum(t.name == THREAD_NAME for t in threading.enumerate()))

    monkeypatch.setattr(parallel, "_POLL_SECONDS", 0.01)
    list(in_order(range(10), work, workers=2, timeout=0.4))
    assert max(alive) <= 3
    stuck.set()


def test_a_late_thread_does_not_come_back_to_work(clock: PatientClock) -> None:
    stuck = clock.event()
    workers: set[str] = set()

    def work(item: int) -> None:
        if item == 0:
            stuck.wait()
            return
        workers.add(str(threading.get_ident()))
        time.sleep(0.01)

    results = in_order(range(40), work, workers=2, timeout=0.4)
    assert isinstance(next(results)[1], Late)
    stuck.set()
    workers.clear()
    assert len(list(results)) == 39
    assert len(workers) <= 2


def test_the_program_knows_whether_a_thread_still_works() -> None:
    stuck = threading.Event()
    results = in_order(range(2), lambda n: n == 0 or stuck.wait(LONG), workers=2)
    assert next(results) == (0, True)
    results.close()
    assert still_working()
    stuck.set()
    assert until(lambda: not still_working())
