# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Folders for temporary files, and those that killed runs left."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

import pytest

from ocrd_rapid.documents.temporary import TemporaryFolder
from ocrd_rapid.temporary_folders import remove_leftovers, temporary_folder


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


def test_another_thread_may_remove_the_copies_of_a_document(place: Path) -> None:
    copies = TemporaryFolder()
    copy = copies.once("page.png", "key", Path.touch)
    remove_leftovers(place, time.time() + 3600)
    assert copy.exists() and copies.once("page.png", "key", Path.unlink) == copy
    worker = threading.Thread(target=copies.remove)
    worker.start()
    worker.join()
    assert list(place.iterdir()) == []
