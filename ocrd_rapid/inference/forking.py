# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Forks and engine calls keep out of each other's way.

A fork copies only the thread that forks. A lock that another thread holds at that moment, in this
package or in an engine, stays locked in the new process for ever, and its first call would wait
for it. So a fork waits for the calls under way, and new calls wait for the fork.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

from ..errors import EngineError

#: Seconds that a fork waits for calls, as a model may compute for ever.
_PATIENCE = 60.0


class _Gate:
    """Counter of the calls under way; no call begins while a fork is pending."""

    def __init__(self, *, usable: bool = True) -> None:
        self._changed = threading.Condition()
        self._calls = 0
        self._forks = 0
        self._usable = usable

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        with self._changed:
            if not self._usable:
                raise EngineError(
                    "this process was forked while another thread was running a model; fork before"
                    " that, or start processes with multiprocessing.get_context('spawn')"
                )
            self._changed.wait_for(lambda: not self._forks)
            self._calls += 1
        try:
            yield
        finally:
            with self._changed:
                self._calls -= 1
                self._changed.notify_all()

    def before_fork(self) -> None:
        self._changed.acquire()
        self._forks += 1
        self._changed.wait_for(lambda: not self._calls, _PATIENCE)

    def after_fork(self) -> None:
        self._forks -= 1
        self._changed.notify_all()
        self._changed.release()

    def of_child(self) -> _Gate:
        return _Gate(usable=self._usable and not self._calls)


_gate = _Gate()


def call() -> contextlib.AbstractContextManager[None]:
    """Make forks of this process wait until an engine call has ended.

    Raises:
        EngineError: this process was forked during a call that did not end.
    """
    return _gate.call()


def _before() -> None:
    _gate.before_fork()


def _after_in_parent() -> None:
    _gate.after_fork()


def _after_in_child() -> None:
    global _gate
    _gate = _gate.of_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
