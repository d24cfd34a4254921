# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Work on several pages at a time, and hand over the results in the order of the pages."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Generic, TypeVar

from ..inference.cores import available_cores
from ..inference.stopping import Stopper, computing_on, stoppable

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Name of the threads; a process that ends while one of them computes must not tear it down.
THREAD_NAME = "ocrd-rapid-page"

_POLL_SECONDS = 0.2


def default_parallel_pages() -> int:
    """Return how many pages to work on at a time by default.

    The engines use all cores for one page already; a second page fills the gaps while images
    are decoded and files written. More only cost memory.
    """
    return min(2, available_cores())


class Late(Exception):
    """An item took longer than allowed."""


class _Parcel(Generic[_Item, _Result]):
    """An item on its way through a worker."""

    def __init__(self, item: _Item) -> None:
        self.item = item
        self.future: Future[_Result] = Future()
        self.started: float | None = None
        self.abandoned = False
        self.stopper = Stopper()


def in_order(
    items: Iterable[_Item],
    work: Callable[[_Item], _Result],
    *,
    workers: int = 1,
    timeout: float = 0.0,
) -> Generator[tuple[_Item, _Result | Late], None, None]:
    """Yield every item with what ``work`` made of it, in the order given.

    At most twice as many items as workers are under way, so that memory stays flat; with one
    worker only one. The calling thread does none of the work, so that an interrupt reaches it
    whatever a native library computes. An item that takes longer than ``timeout`` seconds comes
    with `Late`; its calls of engines are stopped, and the thread that works on it is left to
    itself and replaced by another one. What ``work`` raises is raised here. When the generator is
    closed, what is under way is stopped.

    Args:
        items: consumed as needed.
        work: called in other threads, several at a time.
        workers: how many.
        timeout: seconds for one item, give or take a fifth of a second; 0 for no limit.
    """
    parcels: queue.SimpleQueue[_Parcel[_Item, _Result] | None] = queue.SimpleQueue()
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            parcel = parcels.get()
            if parcel is None or stopped.is_set():
                parcels.put(None)  # for the other threads that wait
                return
            parcel.started = time.monotonic()
            try:
                with stoppable(parcel.stopper):
                    result = work(parcel.item)
            except BaseException as error:
                parcel.future.set_exception(error)
            else:
                parcel.future.set_result(result)
            if parcel.abandoned:  # another thread has taken this place
                return

    def employ() -> None:
        threading.Thread(target=serve, name=THREAD_NAME, daemon=True).start()

    ahead = 2 * workers if workers > 1 else 1
    pending: deque[_Parcel[_Item, _Result]] = deque()
    source = iter(items)
    try:
        for _ in range(max(1, workers)):
            employ()
        while True:
            while len(pending) < ahead:
                following = next(source, pending)
                if following is pending:
                    break
                parcel: _Parcel[_Item, _Result] = _Parcel(following)  # type: ignore[arg-type]
                pending.append(parcel)
                parcels.put(parcel)
            if not pending:
                return
            result = _wait(pending[0], timeout)
            first = pending.popleft()
            if isinstance(result, Late):
                employ()
            yield first.item, result
    finally:
        stopped.set()
        parcels.put(None)
        for parcel in pending:
            parcel.stopper.stop()


def _wait(parcel: _Parcel[_Item, _Result], timeout: float) -> _Result | Late:
    if not timeout:
        return parcel.future.result()
    while True:
        rest = _POLL_SECONDS
        if parcel.started is not None:
            rest = min(rest, parcel.started + timeout - time.monotonic())
        try:
            return parcel.future.result(timeout=max(0.0, rest))
        except NotYet:
            if parcel.future.done():  # what `work` raised is an error of the same class
                return parcel.future.result()
            if parcel.started is not None and time.monotonic() >= parcel.started + timeout:
                parcel.abandoned = True
                parcel.stopper.stop()
                return Late()


def still_working() -> bool:
    """Return whether a thread of ours, or of an engine, is in the middle of a page."""
    return computing_on() or any(t.name == THREAD_NAME for t in threading.enumerate())
