# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Locks that other machines do not see, by the lines of Linux's mountinfo; and locks refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from filelock import FileLock

from ocrd_rapid.workspace import lock_reach, mets_lock
from ocrd_rapid.workspace.lock_reach import problem_of
from ocrd_rapid.workspace.mets_lock import locked

ROOT = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro"
NFS = "40 22 0:45 / {} rw,relatime shared:9 - nfs4 server:/export rw,vers=4.2,local_lock={}"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (NFS.format("/books", "none"), ""),
        (NFS.format("/books", "posix"), ""),
        (NFS.format("/books", "flock"), "nfs4 with local_lock=flock"),
        (NFS.format("/books", "all"), "nfs4 with local_lock=all"),
        ("40 22 0:45 / /books rw - nfs a:/b rw,vers=3,nolock,local_lock=all", "nfs with nolock"),
        ("40 22 0:45 / /books rw,noatime - lustre a:/b rw,flock", ""),
        ("40 22 0:45 / /books rw,noatime - lustre a:/b rw,localflock", "lustre with localflock"),
        ("40 22 0:45 / /books rw - fuse.sshfs host: rw,user_id=0", "fuse.sshfs"),
        ("40 22 0:45 / /books rw - xfs /dev/vdb rw", ""),
    ],
)
def test_kind_and_options_tell(line: str, problem: str) -> None:
    assert problem_of(f"{ROOT}\n{line}\n", "/books/atlas") == problem
    assert problem_of(f"{ROOT}\n{line}\n", "/booksellers") == ""


def test_the_innermost_and_last_mount_counts() -> None:
    outer, inner = NFS.format("/books", "all"), NFS.format("/books/a\\040b", "none")
    assert problem_of(f"{inner}\n{ROOT}\n{outer}", "/books/a b/c") == ""
    assert problem_of(f"{inner}\n{ROOT}\n{outer}", "/books/a") != ""
    assert problem_of(f"{outer}\n{NFS.format('/books', 'none')}", "/books") == ""


def test_strange_lines_are_passed_over() -> None:
    assert problem_of("\nx\n - \n1 2 3 / /books rw - nfs4", "/books") == ""


def test_a_writer_is_warned_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"{ROOT}\n{NFS.format(tmp_path.resolve(), 'all')}\n")
    monkeypatch.setattr(lock_reach, "_MOUNTS", mounts)
    for _ in range(2):
        with locked(tmp_path / "mets.xml") as is_locked:
            assert is_locked
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert "(nfs4 with local_lock=all) are not seen by other machines" in said[0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="locks of POSIX")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_that_refuses_locks_is_no_obstacle(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def acquire(lock: FileLock, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(FileLock, "acquire", acquire)
    with mets_lock.locked(tmp_path / "mets.xml") as is_locked:
        assert not is_locked
    assert "only one process may write" in caplog.text
