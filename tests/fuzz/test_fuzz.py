# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Readers meet mutated input: whatever they say, it is an error of the program's own.

The same inputs in every run. `make fuzz` looks for more, for as long as it is told to.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from runner import faults, made
from targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_broken_input_is_an_error_of_our_own(name: str) -> None:
    found = faults(name, 0, range(TARGETS[name].count))
    kinds = {fault.kind: fault for fault in found}
    how = [
        f"{fault.trace}\npython tests/fuzz/runner.py --replay {name} {fault.save()}"
        for fault in kinds.values()
    ]
    assert not kinds, "\n".join(how)


@pytest.mark.parametrize("name", TARGETS)
def test_the_same_number_is_the_same_input(name: str) -> None:
    target = TARGETS[name]
    number = len(target.seeds()) + 7
    assert made(name, target, 3, number) == made(name, target, 3, number)
    inputs = {made(name, target, 3, number + i) for i in range(50)}
    assert len(inputs) > 20


def test_what_is_wrong_is_found_and_can_be_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(data: bytes, folder: Path) -> None:
        if b"nan" in data:
            raise ZeroDivisionError("nan")

    monkeypatch.setitem(TARGETS, "points", replace(TARGETS["points"], run=broken))
    (fault, *_) = faults("points", 0, range(500))
    assert "ZeroDivisionError" in fault.kind
    assert b"nan" in fault.save(tmp_path).read_bytes()
