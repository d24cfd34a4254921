# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Folders for the time of a run, and those that killed runs left."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from ocrd_rapid.conversion.temporary_folders import remove_leftovers, temporary_folder


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder the one of the temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_folder_goes_at_the_end_whatever_happens(place: Path) -> None:
    with pytest.raises(KeyboardInterrupt), temporary_folder() as folder:
        (folder / "page.png").touch()
        assert folder.parent == place
        raise KeyboardInterrupt
    assert list(place.iterdir()) == []


def test_leftovers_go_but_not_what_is_in_use(place: Path) -> None:
    left = place / "ocrd-rapid-ocr-killed"
    left.mkdir()
    (left / "page.png").touch()
    (place / "others").mkdir()
    later = time.time() + 3600
    with temporary_folder() as used:
        remove_leftovers(place)  # it may be about to be locked
        assert left.exists()
        remove_leftovers(place, later)
        assert sorted(path.name for path in place.iterdir()) == sorted(["others", used.name])
