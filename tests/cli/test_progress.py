# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A bar where there is somebody to see it, and something to see."""

from __future__ import annotations

import io
import sys

import pytest

from ocrd_rapid.cli.progress import progress_bar


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    """Return what takes the place of the terminal; not a fixture: pytest would put it back."""
    made = _Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    return made


def test_nothing_is_shown_before_the_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress_bar("model.onnx", "B", is_bytes=True) as progress:
        assert terminal.getvalue() == ""
        progress(500, 1000)
        assert "50%" in terminal.getvalue()


def test_without_a_byte_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress_bar("model.onnx", "B", is_bytes=True):
        pass
    assert terminal.getvalue() == ""


def test_pages_are_shown_from_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with progress_bar("pages", "page"):
        assert "pages: 0page" in terminal.getvalue()
