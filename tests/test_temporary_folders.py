# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Folders for the time of a run, and those that killed runs left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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
        assert folder.parent.parent == place
        raise KeyboardInterrupt
    assert list(place.iterdir()) == []


def test_what_is_in_use_stays_and_what_may_be_about_to_be_locked(place: Path) -> None:
    new = place / "ocrd-rapid-run-new"
    new.mkdir()
    (place / "others").mkdir()
    with temporary_folder() as used:
        remove_leftovers(place)
        assert new.exists()
        remove_leftovers(place, time.time() + 3600)
        assert {path.name for path in place.iterdir()} == {"others", used.parent.name}


_KILLED = """
import os, signal
from ocrd_rapid.documents.temporary import TemporaryFolder
from ocrd_rapid.documents.temporary import TemporaryFolder
from ocrd_rapid.temporary_folders import temporary_folder

copies = TemporaryFolder()
copies.once("secret.pdf", 1, lambda path: path.touch())
with temporary_folder():
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_the_next_run_removes_what_a_killed_one_left(place: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(place)}
    killed = subprocess.run([sys.executable, "-c", _KILLED], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(place.iterdir())) == 2
    with temporary_folder() as used:
        assert list(place.iterdir()) == [used.parent]


def test_another_thread_may_end_a_run(place: Path) -> None:
    copies = TemporaryFolder()
    thread = threading.Thread(target=copies.once, args=("copy", 1, Path.touch))
    thread.start()
    thread.join()
    [folder] = place.iterdir()
    copies.remove()
    assert not folder.exists()
