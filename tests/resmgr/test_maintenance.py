# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Verifying and removing what is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ocrd_rapid.errors import StorageError
from ocrd_rapid.resmgr import database, installed, locations, maintenance
from ocrd_rapid.resmgr.download import download
from ocrd_rapid.resmgr.installed import Installed
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.resmgr.maintenance import State
from ocrd_rapid.resmgr.resource import Resource

EXECUTABLE = "ocrd-gone"

Install = Callable[..., Installed]


@pytest.fixture(autouse=True)
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a directory in the place of /usr/local/share."""
    monkeypatch.setattr(locations, "SYSTEM_SHARE", tmp_path / "system")
    monkeypatch.setattr(installed, "SYSTEM_SHARE", tmp_path / "system")


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Return a function that installs a file or directory."""

    def call(name: str = "a.model", *, url: str = "", directory: bool = False) -> Installed:
        source = tmp_path / f"source-{name}"
        if directory:
            source.mkdir()
            (source / "one").write_text("1")
        else:
            source.write_text("content")
        kind = "directory" if directory else "file"
        resource = Resource(EXECUTABLE, name, url or str(source), type=kind)
        download(resource, sources=[str(source)])
        return next(i for i in installed.list_installed(EXECUTABLE) if i.path.name == name)

    return call


def state_of(item: Installed) -> State:
    [verification] = maintenance.verify([item])
    assert verification.item is item
    return verification.state


def registered() -> list[str]:
    return [resource.name for resource in database.read().get(EXECUTABLE, ())]


def test_what_was_installed_is_ok(install: Install) -> None:
    assert state_of(install()) is State.OK


@pytest.mark.parametrize("content", ["", "longer than before", "CONTENT"])
def test_what_was_changed_since_is_wrong(install: Install, content: str) -> None:
    item = install()
    item.path.write_text(content)
    [verification] = maintenance.verify([item])
    assert verification.state is State.WRONG
    assert "a.model" in verification.detail
    assert "expected" in verification.detail


def test_without_a_hash_nothing_is_known(install: Install) -> None:
    item = install()
    assert state_of(replace(item, resource=replace(item.resource, sha256=""))) is State.UNKNOWN
    assert state_of(install("dir", directory=True)) is State.UNKNOWN


def test_the_hash_of_an_archive_is_not_that_of_what_came_out(install: Install) -> None:
    item = install()
    entry = replace(item.resource, type="archive", sha256="0" * 64)
    assert state_of(replace(item, resource=entry)) is State.UNKNOWN


def test_results_come_one_by_one(install: Install) -> None:
    item = install()
    results = maintenance.verify([item, item])
    assert next(results).state is State.OK
    item.path.write_text("changed")
    assert next(results).state is State.WRONG


def test_a_removed_file_is_gone_and_forgotten(install: Install) -> None:
    item, other = install(), install("b.model")
    maintenance.remove(item)
    assert not item.path.exists()
    assert other.path.exists()
    assert registered() == ["b.model"]


def test_a_removed_directory_is_gone_with_all_that_is_in_it(install: Install) -> None:
    item = install("dir", directory=True)
    maintenance.remove(item)
    assert not item.path.exists()
    assert registered() == []


def test_what_can_be_downloaded_again_stays_known(install: Install) -> None:
    item = install(url="https://a.example/a.model")
    maintenance.remove(item)
    assert not item.path.exists()
    assert registered() == ["a.model"]


@pytest.mark.parametrize("directory", [False, True])
def test_of_a_link_only_the_link_is_removed(
    install: Install, tmp_path: Path, directory: bool
) -> None:
    item = install(directory=directory)
    target = item.path.rename(tmp_path / "elsewhere")
    item.path.symlink_to(target)
    content = sha256_of(target / "one" if directory else target)
    maintenance.remove(item)
    assert not item.path.is_symlink()
    assert sha256_of(target / "one" if directory else target) == content


def test_what_cannot_be_removed_stays_registered(install: Install) -> None:
    item = install()
    item.path.unlink()
    with pytest.raises(StorageError, match=r"cannot remove .*a\.model"):
        maintenance.remove(item)
    assert registered() == ["a.model"]


OLD = """\
# my own comment
ocrd-one:
- {name: a, url: 'https://a.example/a', description: A, size: 1, type: tarball}
- {name: b, url: 'https://a.example/b', description: B, size: 1, type: github-dir}
- {name: c, url: 'https://a.example/c', description: C, size: 1, type: file}
ocrd-two:
- {name: d, url: 'https://a.example/d', description: D, size: 1}
"""


def test_old_types_are_migrated_and_the_old_database_is_kept() -> None:
    path = database.user_database()
    path.parent.mkdir(parents=True)
    path.write_text(OLD)
    backup = database.migrate()
    assert backup == path.with_name("resources.yml.before-2.37.0")
    assert backup.read_text() == OLD
    assert path.read_text().startswith(database.HEADER)
    entries = [r for found in database.read().values() for r in found]
    assert [(r.name, r.type) for r in entries] == [
        ("a", "archive"),
        ("b", "directory"),
        ("c", "file"),
        ("d", "file"),
    ]
    assert [r.url for r in entries] == [f"https://a.example/{name}" for name in "abcd"]


def test_migrating_again_changes_nothing() -> None:
    path = database.user_database()
    path.parent.mkdir(parents=True)
    path.write_text(OLD)
    backup = database.migrate()
    assert backup is not None
    migrated = path.read_bytes()
    assert database.migrate() is None
    assert path.read_bytes() == migrated
    assert backup.read_text() == OLD


def test_without_a_database_there_is_nothing_to_migrate() -> None:
    assert database.migrate() is None
    assert not database.user_database().exists()
