# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Workspaces for the tests of this layer."""

from __future__ import annotations

from pathlib import Path

import pytest
from patient_clock import PatientClock
from toys import book

from ocrd_rapid.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace of four pages."""
    return book(tmp_path / "book", 4)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PatientClock:
    """Let the time of time limits stand still while a page is worked on."""
    return PatientClock(monkeypatch)


@pytest.fixture
def single(tmp_path: Path) -> Workspace:
    """Return a workspace of one page."""
    return book(tmp_path / "single", 1)
