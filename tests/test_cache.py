# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The parts of the user's cache: written, found, used, and kept small."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ocrd_rapid import cache
from ocrd_rapid.cache import DAY, PARTS, URLS, CachePart
from ocrd_rapid.errors import StorageError
from ocrd_rapid.transfer.partial_files import claimed

PART = CachePart(
    "part", "examples", (r"(?!deep)[a-z]+", r"deep/[a-z]+\.txt"), unused_days=90, needed=True
)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the user's cache; have a place of its own for temporary files."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    yield tmp_path / "cache" / "ocrd-rapid"


@pytest.fixture
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a file where the cache would be; return the cache among the temporary files."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    return tmp_path / "tmp" / f"ocrd-rapid-{os.getuid()}"


def make(path: Path, days: float = 0, data: bytes = b"data") -> Path:
    """Write a file that was used so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


# Reading and writing


@pytest.mark.parametrize("durable", [True, False])
def test_what_is_written_is_found(root: Path, durable: bool) -> None:
    assert (PART.find("entry"), PART.read("entry")) == (None, None)
    if durable:
        assert PART.store("entry", b"old") == root / "part" / "entry"
        PART.store("entry", b"new")
    else:
        PART.keep("entry", b"old")
        PART.keep("entry", b"new")
    assert PART.find("entry") == root / "part" / "entry"
    assert PART.read("entry") == b"new"
    assert names(root / "part") == {"entry"}


def test_an_entry_may_be_in_a_folder(root: Path) -> None:
    PART.keep("deep/entry.txt", b"data")
    assert PART.read("deep/entry.txt") == b"data"
    assert [entry.path for entry in PART.entries()] == [root / "part" / "deep" / "entry.txt"]


def test_what_is_needed_goes_to_the_temporary_files(no_cache: Path) -> None:
    assert PART.store("entry", b"data") == no_cache / "part" / "entry"
    assert stat.S_IMODE(no_cache.stat().st_mode) == 0o700
    assert PART.find("entry") == no_cache / "part" / "entry"


def test_what_only_saves_time_does_not(no_cache: Path) -> None:
    part = replace(PART, needed=False)
    part.keep("entry", b"data")
    assert part.find("entry") is None
    assert not no_cache.exists()


def test_a_temporary_cache_of_others_is_not_used(no_cache: Path) -> None:
    no_cache.mkdir()
    no_cache.chmod(0o777)
    make(no_cache / "part" / "entry")
    assert PART.find("entry") is None
    with pytest.raises(StorageError, match=r"no place for examples.*set XDG_CACHE_HOME or TMPDIR"):
        PART.store("entry", b"data")
    with pytest.raises(StorageError):
        PART.writable_folder()
    assert list(PART.entries()) == []


def test_on_a_full_disk_what_only_saves_time_is_not_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache, "replace_quickly", full)
    PART.keep("entry", b"data")
    assert PART.find("entry") is None
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError):
        PART.store("entry", b"data")
    assert names(root) == {".tidied-part"}


def test_a_link_is_replaced_and_not_followed(root: Path, tmp_path: Path) -> None:
    outside = make(tmp_path / "outside")
    (root / "part").mkdir(parents=True)
    for name, write in (("kept", PART.keep), ("stored", PART.store)):
        (root / "part" / name).symlink_to(outside)
        write(name, b"new")
        assert not (root / "part" / name).is_symlink()
    assert outside.read_bytes() == b"data"


def test_a_use_is_noted_to_the_day(root: Path) -> None:
    old = make(root / "part" / "old", 80)
    fresh = make(root / "part" / "fresh", 0.5)
    before = fresh.stat().st_mtime
    PART.find("old")
    PART.read("fresh")
    assert old.stat().st_mtime > time.time() - DAY
    assert fresh.stat().st_mtime == before


def test_a_staged_folder_does_not_replace_what_is_there(root: Path) -> None:
    for content in (b"first", b"second"):
        with cache.staging(root / "part") as place:
            make(place / "file", data=content)
            if content == b"first":
                cache.publish(place, root / "part" / "entry")
            else:
                with pytest.raises(OSError):
                    cache.publish(place, root / "part" / "entry")
    assert (root / "part" / "entry" / "file").read_bytes() == b"first"
    assert names(root / "part") == {"entry/file"}


# What is removed


def test_what_was_not_used_for_long_is_removed(root: Path) -> None:
    make(root / "part" / "deep" / "old.txt", 91)
    make(root / "part" / "old", 91)
    make(root / "part" / "new", 89)
    PART.tidy()
    assert names(root / "part") == {"new"}
    assert not (root / "part" / "deep").exists()


def test_a_writer_tidies(root: Path) -> None:
    for write in (PART.keep, PART.store):
        (root / ".tidied-part").unlink(missing_ok=True)
        make(root / "part" / "old", 91)
        write("new", b"data")
        assert names(root / "part") == {"new"}


def test_it_is_tidied_once_a_day(root: Path) -> None:
    (root / "part").mkdir(parents=True)
    PART.tidy()
    old = make(root / "part" / "old", 91)
    PART.tidy()
    assert old.exists()
    os.utime(root / ".tidied-part", (time.time() - 1.1 * DAY,) * 2)
    PART.tidy()
    assert not old.exists()
    make(old, 91)
    PART.tidy(at_once=True)
    assert not old.exists()


def test_a_clock_that_was_wrong_does_not_keep_it_untidy(root: Path) -> None:
    old = make(root / "part" / "old", 91)
    make(root / ".tidied-part", -1000)
    PART.tidy()
    assert not old.exists()


def test_what_is_outdated_goes_earlier(root: Path) -> None:
    for name in ("old", "older", "new"):
        make(root / "part" / name, 3 if name == "new" else 8)
    replace(PART, outdated_days=7).tidy(outdated=lambda name: name in ("old", "new"))
    assert names(root / "part") == {"older", "new"}


def test_what_was_not_used_for_longest_makes_room(root: Path) -> None:
    for days, name in enumerate(("a", "b", "c", "d")):
        make(root / "part" / name, days, b"1234")
    make(root / "part" / "other.file", 50, b"12345678")
    replace(PART, unused_days=None, most_bytes=8).tidy()
    assert names(root / "part") == {"a", "b", "other.file"}


def test_without_a_limit_all_stays(root: Path) -> None:
    make(root / "part" / "old", 10_000)
    replace(PART, unused_days=None).tidy()
    assert names(root / "part") == {"old"}


LEFT = (
    ".staging-x/model", ".entry.0a1b.tmp", ".entry.4711.ocrd-tmp", "deep/.x.txt.4711.ocrd-tmp",
    f"deep/{'0' * 20}.host.4711.{'a' * 8}", f"deep/{'0' * 20}.host.4711.{'a' * 8}.json",
)  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_killed_processes_left_goes_after_a_day(root: Path, name: str) -> None:
    part = replace(PART, unused_days=None)
    path = make(root / "part" / name)
    top = path.parent if path.parent.name.startswith(".") else path
    part.tidy(at_once=True)
    assert path.exists()
    os.utime(top, (time.time() - 1.1 * DAY,) * 2)
    part.tidy(at_once=True)
    assert not top.exists()


def test_what_is_not_ours_stays(root: Path) -> None:
    foreign = {"README.txt", "Upper", "other/old", "deep/old.md", "deep/old/a.txt", ".hidden"}
    for name in foreign:
        os.utime(make(root / "part" / name).parent, (0, 0))
        os.utime(root / "part" / name, (0, 0))
    part = replace(PART, entries_are=(r"[a-z]+\d", r"deep/[a-z]+\.txt"), most_bytes=1)
    part.tidy()
    assert names(root / "part") == foreign


def test_no_link_is_followed_out_of_the_cache(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    make(outside / "old.txt", 1000)
    make(outside / "file", 1000)
    (root / "part").mkdir(parents=True)
    (root / "part" / "deep").symlink_to(outside)
    (root / "part" / "link").symlink_to(outside)
    (root / "part" / "file").symlink_to(outside / "file")
    for name in ("deep", "link", "file"):
        os.utime(root / "part" / name, (0, 0), follow_symlinks=False)
    PART.tidy()
    assert names(outside) == {"old.txt", "file"}
    assert [path.name for path in (root / "part").iterdir()] == ["deep"]


def test_a_part_that_is_a_link_is_left_alone(root: Path, tmp_path: Path) -> None:
    make(tmp_path / "outside" / "old", 1000)
    root.mkdir(parents=True)
    (root / "part").symlink_to(tmp_path / "outside")
    PART.tidy(at_once=True)
    assert list(PART.entries()) == []
    assert names(tmp_path / "outside") == {"old"}


def test_what_cannot_be_removed_stays(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = make(root / "part" / "old", 91)
    make(root / "part" / "other", 91)
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == old:
            raise PermissionError(errno.EACCES, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    PART.tidy()
    assert names(root / "part") == {"old"}


@pytest.mark.parametrize(("code", "goes"), [(errno.ENOSPC, True), (errno.EROFS, False)])
def test_a_full_disk_is_tidied_and_a_read_only_one_is_not(
    root: Path, monkeypatch: pytest.MonkeyPatch, code: int, goes: bool
) -> None:
    old = make(root / "part" / "old", 91)

    def fail(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", fail)
    PART.tidy()
    assert old.exists() is not goes


def test_what_another_program_reads_counts_as_used(root: Path) -> None:
    old, read = make(root / "part" / "old", 91), make(root / "part" / "read", 91)
    os.utime(read, (time.time(), read.stat().st_mtime))
    replace(PART, read_by_others=True).tidy()
    assert (old.exists(), read.exists()) == (False, True)


def test_a_folder_has_the_size_of_what_is_in_it(root: Path, tmp_path: Path) -> None:
    make(root / "part" / "entry" / "one", data=b"123")
    make(root / "part" / "entry" / "below" / "two", data=b"45")
    (root / "part" / "entry" / "link").symlink_to(make(tmp_path / "big", data=b"x" * 1000))
    assert [entry.size for entry in PART.entries()] == [5]


def test_interrupted_downloads_are_known(root: Path, tmp_path: Path) -> None:
    parts = root / "urls" / "parts"
    with claimed("https://example.org/m.onnx", tmp_path / "m.onnx", parts) as part:
        part.reset("validator")
        make(part.path)
        assert list(URLS.entries()) == []  # somebody downloads it now
        for path in parts.iterdir():
            os.utime(path, (time.time() - 1.1 * DAY,) * 2)
        assert [entry.left for entry in URLS.entries()] == [True, True]
    assert sorted(path.path.suffix for path in URLS.entries()) == [".free", ".json"]
    assert {entry.path for entry in URLS.entries()} == set(parts.iterdir())
    assert not any(entry.left for entry in URLS.entries())


SCRIPT = """
from ocrd_rapid.cache import CachePart

part = CachePart("part", "examples", (r"[a-z]+[0-9]*",), unused_days=0)
for number in range(150):
    part.keep(f"entry{number % 7}", b"x" * 1000)
    found = part.read(f"entry{number % 7}")
    assert found in (None, b"x" * 1000), len(found)
    part.store(f"stored{number % 3}", b"y" * 1000) if number % 10 == 0 else None
    part.tidy(at_once=True)
"""


def test_processes_write_read_and_tidy_at_once(root: Path) -> None:
    command = [sys.executable, "-c", SCRIPT]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    errors = [process.communicate(timeout=600)[1] for process in started]
    assert errors == [""] * 4
    assert names(root / "part") <= {f"entry{n}" for n in range(7)} | {
        f"stored{n}" for n in range(3)
    }


# The parts


def test_every_part_has_a_name_and_words_of_its_own() -> None:
    assert len({part.name for part in PARTS}) == len({part.holds for part in PARTS}) == len(PARTS)


def test_only_what_nobody_made_by_hand_or_fetched_goes_by_itself() -> None:
    stays = {part.name for part in PARTS if part.unused_days is None and not part.most_bytes}
    assert stays == {"training", "urls"}
    assert {part.name for part in PARTS if part.precious} == {"training"}


EXAMPLES = {
    "prepared": "onnxruntime-1.30.0-" + "0a" * 16,
    "derived": f"PP-OCRv6_rec_small.{'0a' * 16}.onnx",
    "openvino": "12345.blob",
    "features": f"{'0a' * 8}/{'0b' * 20}.npy",
    "training": "kurrent",
    "urls": "0a" * 10,
    "executables": f"{'0a' * 16}.json",
    "hashes": "0a" * 16,
}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_what_earlier_versions_wrote_is_known(root: Path, part: CachePart) -> None:
    path = make(root / part.name / EXAMPLES[part.name])
    assert [entry.path for entry in part.entries()] == [path]
