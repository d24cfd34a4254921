# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Commands called in this process, and what they leave behind."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ocrd_rapid.cli.errors import run_command
from ocrd_rapid.cli.main import cli
from ocrd_rapid.cli.processor import processor_command
from ocrd_rapid.resmgr import locations
from ocrd_rapid.runtime import run_records
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

_INFO = re.compile(r"\d\d:\d\d:\d\d\.\d{3} INFO ")


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines on stderr that are no log lines of level INFO."""
        return [line for line in self.err.splitlines() if not _INFO.match(line)]


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Undo what commands do to logging."""
    names = (
        None,
        "ocrd_rapid",
        "ocrd_rapid.inference",
        "ocrd_rapid.loading",
        "ocrd_rapid.rapidocr",
        "urllib3",
    )
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture
def call(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    logging_restored: None,
) -> Callable[..., Outcome]:
    """Return a function that calls a command of ours, in an empty current directory.

    No models are installed but those the test installs.
    """
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(locations, "SYSTEM_SHARE", tmp_path / "system")

    def run(name: str, *arguments: str | Path) -> Outcome:
        command = cli if name == "ocrd-rapid" else processor_command(name)
        strings = [str(argument) for argument in arguments]
        monkeypatch.setattr(sys, "argv", [name, *strings])
        capsys.readouterr()
        code = run_command(command, name, strings)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def here(call: Any) -> Path:
    """Return the current directory of the commands."""
    return Path.cwd()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace of two pages, P_1 and P_2, in the group IMG."""
    directory = tmp_path / "book"
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    for number in (1, 2):
        Image.new("L", (40, 30), 255).save(directory / "IMG" / f"{number}.png")
        workspace.mets.add_file(
            MetsFile(f"IMG_{number}", "IMG", f"P_{number}", "image/png", f"IMG/{number}.png")
        )
    workspace.save()
    return directory


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[[], dict[str, bytes | None]]:
    """Return a function that returns all there is, but the records of runs in workspaces.

    It is directories, and files with their content.
    """

    def take() -> dict[str, bytes | None]:
        return {
            str(path.relative_to(tmp_path)): path.read_bytes() if path.is_file() else None
            for path in tmp_path.rglob("*")
            if path.name != run_records.PATH
        }

    return take
