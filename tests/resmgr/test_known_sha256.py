# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A file that has not changed is hashed once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from ocrd_rapid.errors import IntegrityError
from ocrd_rapid.resmgr import integrity
from ocrd_rapid.resmgr.integrity import check_installed, known_sha256
from ocrd_rapid.resmgr.resource import Resource


@pytest.fixture(autouse=True)
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a cache, and file times that are believed at once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(integrity, "_SETTLED", -(10**12))


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the files that were read."""
    found: list[Path] = []
    real: Callable[[Path], str] = integrity.sha256_of

    def sha256_of(path: Path) -> str:
        found.append(path)
        return real(path)

    monkeypatch.setattr(integrity, "sha256_of", sha256_of)
    return found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.write_bytes(b"one")
    return path


def test_an_unchanged_file_is_read_once(model: Path, hashed: list[Path]) -> None:
    assert [known_sha256(model) for _ in range(3)] == [sha256(b"one").hexdigest()] * 3
    assert hashed == [model]


def test_a_link_is_the_file_it_leads_to(model: Path, hashed: list[Path], tmp_path: Path) -> None:
    known_sha256(model)
    (tmp_path / "link").symlink_to(model)
    assert known_sha256(tmp_path / "link") == sha256(b"one").hexdigest()
    assert hashed == [model]


def test_a_file_of_the_same_size_and_time_is_read_again(model: Path) -> None:
    known_sha256(model)
    before = model.stat()
    time.sleep(0.02)
    model.write_bytes(b"two")
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert known_sha256(model) == sha256(b"two").hexdigest()


def test_a_file_that_replaces_another_is_read(model: Path, tmp_path: Path) -> None:
    known_sha256(model)
    (tmp_path / "new").write_bytes(b"two")
    (tmp_path / "new").replace(model)
    assert known_sha256(model) == sha256(b"two").hexdigest()


def test_what_has_just_changed_is_not_relied_on(
    model: Path, hashed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "_SETTLED", 2_000_000_000)
    known_sha256(model)
    known_sha256(model)
    assert hashed == [model, model]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff", b"1 2 3\nabc", b"x" * 5000])
def test_a_damaged_record_is_made_anew(model: Path, tmp_path: Path, content: bytes) -> None:
    known_sha256(model)
    (record,) = (tmp_path / "cache" / "ocrd-rapid" / "hashes").iterdir()
    good = record.read_bytes()
    record.write_bytes(content)
    assert known_sha256(model) == sha256(b"one").hexdigest()
    assert record.read_bytes() == good


def test_a_record_with_half_a_hash_is_not_believed(model: Path, tmp_path: Path) -> None:
    known_sha256(model)
    (record,) = (tmp_path / "cache" / "ocrd-rapid" / "hashes").iterdir()
    record.write_bytes(record.read_bytes()[:-1])
    assert known_sha256(model) == sha256(b"one").hexdigest()


def test_without_a_cache_files_are_read(
    model: Path, hashed: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(model))
    assert [known_sha256(model) for _ in range(2)] == [sha256(b"one").hexdigest()] * 2
    assert hashed == [model, model]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        known_sha256(tmp_path / "none")


def test_an_installed_model_that_changes_is_found(model: Path) -> None:
    resource = Resource("ocrd-x", name="model", url="", sha256=sha256(b"one").hexdigest())
    check_installed(model, resource)
    time.sleep(0.02)
    model.write_bytes(b"two")
    with pytest.raises(IntegrityError, match="has SHA-256"):
        check_installed(model, resource)
