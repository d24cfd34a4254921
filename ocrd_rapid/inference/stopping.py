# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Engine calls that another thread can stop: at a time limit, at an interrupt.

A model may compute for ever: a loop in its graph need not end. Code that gives work to a thread
gives it a `Stopper`, too; engines called in that thread tell it how to stop them.
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
    """A call was stopped before its end."""


class Stopper:
    """Stops the engine calls of one piece of work: those under way and all later ones."""

    def __init__(self) -> None:
        """Begin without calls."""
        self._lock = threading.Lock()
        self._calls: dict[int, Callable[[], None]] = {}
        self._number = 0
        self.stopped = False

    def stop(self) -> None:
        """Stop the calls under way; later ones raise `StoppedError` at once."""
        with self._lock:
            self.stopped = True
            calls = list(self._calls.values())
        for stop in calls:
            stop()

    @contextlib.contextmanager
    def watch(self, stop: Callable[[], None]) -> Iterator[None]:
        """Make a call stoppable for as long as the context lasts.

        Args:
            stop: stops the call; runs in another thread, maybe just before or after the call.

        Raises:
            StoppedError: the work has already been stopped.
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

#: Abandoned calls that their engine cannot stop, with all that they refer to.
_GIVEN_UP: list[Any] = []


def current() -> Stopper | None:
    """Return the stopper of this thread's work; ``None`` without one."""
    return _CURRENT.get()


@contextlib.contextmanager
def stoppable(stopper: Stopper | None) -> Iterator[None]:
    """Make this thread's calls stoppable for as long as the context lasts."""
    token = _CURRENT.set(stopper)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def carried(function: Callable[..., _Result]) -> Callable[..., _Result]:
    """Return a function for other threads; its calls stop with those of this thread."""
    stopper = current()

    def call(*arguments: Any) -> _Result:
        with stoppable(stopper):
            return function(*arguments)

    return call


def give_up(call: object) -> None:
    """Abandon a call that is still computing, and keep all that it refers to."""
    _GIVEN_UP.append(call)


def computing_on() -> bool:
    """Return whether a call was abandoned: then its engine must not be torn down."""
    return bool(_GIVEN_UP)
