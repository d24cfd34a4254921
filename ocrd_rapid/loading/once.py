"""Things that are made on first use, and only once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Gives the same thing to all callers, from any thread; made when it is first asked for.

    What fails is tried again by the next caller.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        """Take the function that makes it."""
        self._make = make
        self._lock = threading.Lock()
        self._made: list[Made] = []

    def __call__(self) -> Made:
        """Return it."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
