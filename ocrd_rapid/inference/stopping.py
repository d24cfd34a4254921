"""Calls of engines that can be stopped from another thread: at a limit of time, at an interrupt.

A model may compute for ever: a loop in its graph need not end. Whoever gives work to a thread gives
it a `Stopper`, too; engines that are called in that thread tell it how they are stopped.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

from ..errors import ModelError

_Result = TypeVar("_Result")


class StoppedError(ModelError):
    """A call was stopped before it came to its end."""


class Stopper:
    """Stops the calls of one piece of work: those under way, and all that would follow."""

    def __init__(self) -> None:
        """Begin with nothing to stop."""
        self._lock = threading.Lock()
        self._calls: dict[int, Callable[[], None]] = {}
        self._number = 0
        self.stopped = False

    def stop(self) -> None:
        """Stop the calls under way; those that follow raise `StoppedError` at once."""
        with self._lock:
            self.stopped = True
            calls = list(self._calls.values())
        for stop in calls:
            stop()

    @contextlib.contextmanager
    def watch(self, stop: Callable[[], None]) -> Iterator[None]:
        """Let a call be stopped for as long as the context lasts.

        Args:
            stop: stops it; called in another thread, maybe just before or after the call.

        Raises:
            StoppedError: the work has been stopped already.
        """
        with self._lock:
            if self.stopped:
                raise StoppedError("the work was stopped")
            self._number += 1
            number = self._number
            self._calls[number] = stop
        try:
            yield
        finally:
            with self._lock:
                del self._calls[number]


_CURRENT: ContextVar[Stopper | None] = ContextVar("stopper", default=None)

#: Calls that were given up, as their engine cannot stop them, with all that they refer to.
_GIVEN_UP: list[Any] = []


def current() -> Stopper | None:
    """Return what stops the work of this thread, or ``None`` if nothing does."""
    return _CURRENT.get()


@contextlib.contextmanager
def stoppable(stopper: Stopper | None) -> Iterator[None]:
    """Let the calls of this thread be stopped for as long as the context lasts."""
    token = _CURRENT.set(stopper)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def carried(function: Callable[..., _Result]) -> Callable[..., _Result]:
    """Return a function for other threads whose calls are stopped with those of this one."""
    stopper = current()

    def call(*arguments: Any) -> _Result:
        with stoppable(stopper):
            return function(*arguments)

    return call


def give_up(call: object) -> None:
    """Keep what refers to a call that nobody waits for any more, but which computes on."""
    _GIVEN_UP.append(call)


def computing_on() -> bool:
    """Return whether a call was given up: then its engine must not be torn down."""
    return bool(_GIVEN_UP)
