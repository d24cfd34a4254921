# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Files appear whole or not at all, with names only when they are complete."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from ocrd_rapid import files


@pytest.fixture(params=["nameless", "named"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let temporary files have no name, and a name, as on other systems."""
    if request.param == "named":
        monkeypatch.setattr(files, "_nameless", lambda folder: None)
    elif files._nameless(Path.cwd()) is None:
        pytest.skip("this system has no files without a name")
    return str(request.param)


def others(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "home"]


def test_a_file_appears_when_it_is_complete(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "new" / "a.txt"
    with files.writing_atomically(path) as stream:
        stream.write(b"first, ")
        stream.seek(0)
        stream.write(b"F")
        assert len(list(path.parent.iterdir())) == (kind == "named")
    assert path.read_bytes() == b"First, "
    assert list(path.parent.iterdir()) == [path]


def test_after_an_error_the_old_content_stays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), files.writing_atomically(path) as stream:
        stream.write(b"new")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert others(tmp_path) == [path.name]


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("long" * 60)
    path.write_bytes(b"old")
    path.chmod(0o640)
    files.write_atomically(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert others(tmp_path) == [path.name]


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path: Path, kind: str) -> None:
    before = os.umask(0o027)
    try:
        files.write_atomically(tmp_path / "a.txt", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path, kind: str) -> None:
    target, link = tmp_path / "a.txt", tmp_path / "link.txt"
    target.write_bytes(b"old")
    link.symlink_to(target)
    files.write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_two_threads_may_write_the_same_file(tmp_path: Path) -> None:
    path, both_write = tmp_path / "features", Barrier(2)

    def write(content: bytes) -> None:
        with files.replacing_quickly(path) as stream:
            stream.write(content)
            both_write.wait(60)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, [b"one", b"two"]))
    assert path.read_bytes() in (b"one", b"two")
    assert not list(tmp_path.glob(".features*"))
