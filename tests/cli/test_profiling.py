# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Profiles: by option and by OCR-D's variables."""

from __future__ import annotations

import pstats
from pathlib import Path
from typing import Any, ClassVar

import pytest

import ocrd_rapid.processors
from ocrd_rapid.runtime.processor import OpenPage

GROUPS = ("-I", "IMG", "-O", "OUT")


class Nothing:
    versions: ClassVar[dict[str, str]] = {}

    def process(self, page: OpenPage) -> None:
        pass


@pytest.fixture(autouse=True)
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocrd_rapid.processors, "create", lambda *_: Nothing())


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (("--profile-file", "my.prof"), {}),
        ((), {"OCRD_PROFILE_FILE": "my.prof"}),
        (("--profile",), {"OCRD_PROFILE_FILE": "my.prof"}),
    ],
)
def test_the_profile_is_written_to_a_file(
    call: Any, book: Path, here: Path, monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...], variables: dict[str, str],
) -> None:  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = call("ocrd-rapid-detect", "-w", book, *GROUPS, *options)
    assert done.code == 0, done.err
    names = {function for _, _, function in pstats.Stats(str(here / "my.prof")).stats}  # type: ignore[attr-defined]
    assert "run_steps" in names


@pytest.mark.parametrize(
    ("variables", "profiled"),
    [({}, False), ({"OCRD_PROFILE": "RSS"}, False), ({"OCRD_PROFILE": "RSS,CPU"}, True)],
)
def test_the_profile_is_logged_if_it_is_asked_for(
    call: Any, book: Path, monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str], profiled: bool,
) -> None:  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = call("ocrd-rapid-detect", "-w", book, *GROUPS)
    assert done.code == 0
    assert ("profile of the main thread" in done.err) is profiled


def test_a_profile_that_cannot_be_written_is_refused_before_the_work(
    call: Any, book: Path, here: Path
) -> None:
    done = call("ocrd-rapid-detect", "-w", book, *GROUPS, "--profile-file", "gone/my.prof")
    assert done.code == 2
    assert done.err.endswith("error: profile gone/my.prof: the directory gone does not exist\n")
    assert not (book / "OUT").exists()
