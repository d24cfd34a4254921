# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is made on first use."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocrd_rapid.loading.once import Once


def test_threads_get_the_same_thing_that_is_made_once() -> None:
    calls: list[int] = []
    begun = threading.Barrier(4)

    def make() -> object:
        calls.append(1)
        return object()

    once = Once(make)

    def ask(_: int) -> object:
        begun.wait(10)
        return once()

    assert calls == []
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(ask, range(4)))
    assert len(found) == len(calls) == 1


def test_nothing_is_a_result_too() -> None:
    calls: list[int] = []
    once: Once[None] = Once(lambda: calls.append(1))
    assert (once(), once()) == (None, None)
    assert calls == [1]


def test_what_failed_is_tried_again() -> None:
    results = iter([ValueError("busy"), "made"])

    def make() -> str:
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    once = Once(make)
    with pytest.raises(ValueError, match="busy"):
        once()
    assert once() == "made"
