# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""From the entry of a resource to an installed file."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import (
    ConfigurationError,
    DownloadError,
    ExitCode,
    IntegrityError,
    OcrdRapidError,
    OfflineError,
    ResourceError,
    StorageError,
)
from ocrd_rapid.resmgr import catalogue, database, installed
from ocrd_rapid.resmgr.download import Action, decide, download, unregistered
from ocrd_rapid.resmgr.integrity import check_file, check_installed, sha256_of
from ocrd_rapid.resmgr.locations import PRIVATE_DIR, Location
from ocrd_rapid.resmgr.resource import Resource

if TYPE_CHECKING:
    from .conftest import MakePip, Server

EXECUTABLE = "ocrd-rapid-recognize"
NAME = "m.onnx"
CONTENT = b"weights " * 50_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def entry(*sources: str | Path, **changes: Any) -> Resource:
    """Return an entry with the size and hash of CONTENT and these sources."""
    url, *mirrors = map(str, sources)
    resource = Resource(
        EXECUTABLE, NAME, url, size=len(CONTENT), sha256=DIGEST, mirrors=tuple(mirrors)
    )
    return replace(resource, **changes)


@pytest.fixture
def target(data: Path) -> Path:
    """Return where the file belongs."""
    return data / EXECUTABLE / NAME


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return a local file with the right content."""
    path = tmp_path / "good.onnx"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """Return a local file with content of the right size and the wrong hash."""
    path = tmp_path / "bad.onnx"
    path.write_bytes(CONTENT[::-1])
    return path


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def visible(root: Path) -> list[str]:
    """Return all files below a root, but for those in our private directory."""
    files = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(str(path) for path in files if path.parts[0] != PRIVATE_DIR)


def staged(root: Path) -> list[Path]:
    """Return what waits in the staging area, and what is kept of interrupted downloads."""
    private = root / PRIVATE_DIR
    return [*private.glob("staging/*"), *private.glob("parts/*")]


def registered() -> dict[str, Resource]:
    return {r.name: r for r in database.read().get(EXECUTABLE, ())}


# The decision


@given(st.booleans(), st.sampled_from(["", "a", "b"]), st.sampled_from(["", "a"]))
def test_what_is_not_there_is_fetched(overwrite: bool, actual: str, expected: str) -> None:
    action = decide(
        exists=False, overwrite=overwrite, actual_sha256=actual, expected_sha256=expected
    )
    assert action is Action.FETCH


@pytest.mark.parametrize(
    ("overwrite", "actual", "expected", "action"),
    [
        (False, "a", "a", Action.KEEP),
        (False, "b", "a", Action.REFUSE),
        (False, "", "a", Action.REFUSE),
        (False, "b", "", Action.KEEP),
        (True, "a", "a", Action.FETCH),
        (True, "b", "a", Action.FETCH),
    ],
)
def test_what_is_there_is_kept_refused_or_replaced(
    overwrite: bool, actual: str, expected: str, action: Action
) -> None:
    decided = decide(
        exists=True, overwrite=overwrite, actual_sha256=actual, expected_sha256=expected
    )
    assert decided is action


# Success


def test_a_file_from_a_server_is_installed_and_registered(
    server: Server, data: Path, target: Path
) -> None:
    resource = entry(server.gives("/m.onnx", CONTENT))
    outcome = download(resource)
    assert (outcome.path, outcome.action) == (target, Action.FETCH)
    assert target.read_bytes() == CONTENT
    assert visible(data) == [f"{EXECUTABLE}/{NAME}"]
    assert staged(data) == []
    assert registered()[NAME].to_core() == resource.to_core()


def test_what_arrives_is_reported(server: Server) -> None:
    reports: list[tuple[int, int]] = []
    url = server.gives("/m.onnx", CONTENT)
    download(entry(url), progress=lambda done, total: reports.append((done, total)))
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert reports == sorted(reports)


def test_the_server_is_asked_once_by_name_and_never_for_the_fragment(server: Server) -> None:
    download(entry(server.gives("/m.onnx", CONTENT) + f"#sha256={DIGEST}"))
    [request] = server.requests
    assert request.path == "/m.onnx"
    assert request.headers["User-Agent"].startswith("ocrd-rapid/")


def test_an_installed_file_can_be_read_by_everybody(good: Path, target: Path) -> None:
    good.chmod(0o600)
    mask = os.umask(0o077)
    try:
        download(entry(good))
    finally:
        os.umask(mask)
    assert target.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("as_url", [False, True])
def test_a_local_file_is_a_source(as_url: bool, good: Path, target: Path) -> None:
    download(entry(good.as_uri() if as_url else good))
    assert target.read_bytes() == CONTENT
    assert good.read_bytes() == CONTENT


def test_a_wheel_is_a_source(fake_pip: MakePip, data: Path, target: Path) -> None:
    fake_pip({"made_up/m.onnx": CONTENT})
    download(entry("pypi:made_up==1.0/made_up/m.onnx"))
    assert target.read_bytes() == CONTENT
    assert staged(data) == []


def test_size_and_hash_that_are_not_known_are_recorded_as_they_are(good: Path) -> None:
    download(entry(good, size=0, sha256=""))
    assert registered()[NAME].size == len(CONTENT)
    [item] = installed.list_installed(EXECUTABLE)
    assert item.resource.sha256 == DIGEST


def test_the_location_system_is_for_all_users(good: Path, system_share: Path) -> None:
    outcome = download(entry(good), location=Location.SYSTEM)
    assert outcome.path == system_share / "ocrd-resources" / EXECUTABLE / NAME
    assert outcome.path.read_bytes() == CONTENT
    assert staged(system_share / "ocrd-resources") == []


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_but_the_file_is_left_in_the_current_directory(
    fails: bool, good: Path, bad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "cwd"
    directory.mkdir()
    monkeypatch.chdir(directory)
    if fails:
        with pytest.raises(IntegrityError):
            download(entry(bad), location=Location.CWD)
        assert list(directory.iterdir()) == []
    else:
        assert download(entry(good), location=Location.CWD).path == directory / NAME
        assert list(directory.iterdir()) == [directory / NAME]


# Wrong content


def test_a_wrong_hash_leaves_nothing(server: Server, data: Path) -> None:
    url = server.gives("/m.onnx", CONTENT[::-1])
    with pytest.raises(IntegrityError) as caught:
        download(entry(url))
    wrong = hashlib.sha256(CONTENT[::-1]).hexdigest()
    assert str(caught.value) == f"{NAME} from {url} has SHA-256 {wrong}, expected {DIGEST}"
    assert caught.value.exit_code is ExitCode.INTEGRITY
    assert visible(data) == []
    assert staged(data) == []
    assert registered() == {}


def test_a_wrong_size_leaves_nothing(server: Server, data: Path) -> None:
    url = server.gives("/m.onnx", b"<html>please log in</html>")
    with pytest.raises(IntegrityError, match=f"has 26 bytes, expected {len(CONTENT)}"):
        download(entry(url, sha256=""))
    assert visible(data) == []
    assert staged(data) == []


def test_after_wrong_content_the_next_source_is_tried(
    server: Server, bad: Path, target: Path
) -> None:
    download(entry(bad, server.gives("/m.onnx", CONTENT)))
    assert target.read_bytes() == CONTENT


def test_wrong_content_is_reported_though_other_sources_could_not_be_reached(
    bad: Path, tmp_path: Path
) -> None:
    with pytest.raises(IntegrityError, match=r"bad\.onnx has SHA-256"):
        download(entry(tmp_path / "nowhere", bad))


# Servers that fail


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_server_that_refuses_is_asked_once(status: int, server: Server, data: Path) -> None:
    url = server.gives("/m.onnx", b"no", status)
    with pytest.raises(DownloadError, match=str(status)) as caught:
        download(entry(url))
    assert url in str(caught.value)
    assert caught.value.exit_code is ExitCode.NETWORK
    assert len(server.requests) == 1
    assert visible(data) == []
    assert staged(data) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_busy_is_asked_again(status: int, server: Server, target: Path) -> None:
    server.gives("/m.onnx", b"busy", status)
    download(entry(server.gives("/m.onnx", CONTENT)))
    assert target.read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_a_server_that_stays_busy_is_given_up(server: Server, data: Path) -> None:
    url = server.gives("/m.onnx", b"busy", 503)
    with pytest.raises(DownloadError, match="503"):
        download(entry(url))
    assert 2 <= len(server.requests) <= 10
    assert visible(data) == []


def test_a_truncated_body_is_never_taken_for_the_file(server: Server, data: Path) -> None:
    """Even where neither size nor hash is known: the length that the server names decides."""
    url = server.gives("/m.onnx", CONTENT, sent=len(CONTENT) // 2)
    with pytest.raises(DownloadError):
        download(entry(url, size=0, sha256=""))
    assert visible(data) == []
    assert registered() == {}


def test_a_connection_that_breaks_once_is_no_failure(server: Server, target: Path) -> None:
    server.gives("/m.onnx", CONTENT, sent=len(CONTENT) // 2)
    download(entry(server.gives("/m.onnx", CONTENT)))
    assert target.read_bytes() == CONTENT


def test_only_the_rest_is_asked_for_where_the_server_can_resume(
    server: Server, target: Path, data: Path
) -> None:
    server.gives("/m.onnx", CONTENT, etag='"v1"', sent=300_000)
    download(entry(server.gives("/m.onnx", CONTENT, etag='"v1"')))
    assert target.read_bytes() == CONTENT
    first, second = server.requests
    assert "Range" not in first.headers
    assert second.headers["If-Range"] == '"v1"'
    start = int(second.headers["Range"].removeprefix("bytes=").removesuffix("-"))
    assert 200_000 < start <= 300_000
    assert staged(data) == []


def test_a_file_that_changes_between_two_attempts_is_fetched_anew(
    server: Server, target: Path
) -> None:
    server.gives("/m.onnx", b"old " * 100_000, etag='"v1"', sent=300_000)
    download(entry(server.gives("/m.onnx", CONTENT, etag='"v2"')))
    assert target.read_bytes() == CONTENT


def test_a_length_that_is_no_number_is_followed_by_the_mirror(server: Server, target: Path) -> None:
    headers = {"Content-Length": "many"}
    first = server.gives("/m.onnx", CONTENT, headers=headers)
    download(entry(first, server.gives("/mirror/m.onnx", CONTENT)))
    assert target.read_bytes() == CONTENT
    assert [request.path for request in server.requests] == ["/m.onnx", "/mirror/m.onnx"]


def test_a_refused_connection_is_followed_by_the_mirror(
    refused: str, server: Server, target: Path
) -> None:
    download(entry(refused, server.gives("/mirror/m.onnx", CONTENT)))
    assert target.read_bytes() == CONTENT
    assert [request.path for request in server.requests] == ["/mirror/m.onnx"]


def test_sources_are_tried_in_their_order_until_one_works(
    server: Server, good: Path, target: Path
) -> None:
    server.gives("/a/m.onnx", b"", 404)
    server.gives("/b/m.onnx", b"", 404)
    unused = server.gives("/c/m.onnx", CONTENT)
    download(entry(f"{server.url}/a/m.onnx", f"{server.url}/b/m.onnx", good, unused))
    assert [request.path for request in server.requests] == ["/a/m.onnx", "/b/m.onnx"]
    assert target.read_bytes() == CONTENT


def test_when_all_sources_fail_one_message_names_them_all(
    server: Server, refused: str, tmp_path: Path, fake_pip: MakePip, data: Path
) -> None:
    fake_pip({}, error="No matching distribution found for made_up==1.0")
    missing = server.gives("/m.onnx", b"", 404)
    with pytest.raises(DownloadError) as caught:
        download(entry(missing, refused, tmp_path / "nowhere", "pypi:made_up==1.0/m", "ftp://h/m"))
    message = str(caught.value)
    assert message.startswith(f"cannot download {NAME}: ")
    assert f"{missing}: 404" in message
    assert refused in message
    assert "refused" in message
    assert "nowhere does not exist" in message
    assert "pypi:made_up==1.0: No matching distribution" in message
    assert "ftp://h/m" in message
    assert caught.value.exit_code is ExitCode.NETWORK
    assert visible(data) == []


def test_an_entry_without_any_source_says_so() -> None:
    with pytest.raises(DownloadError, match=r"no source is known for m\.onnx"):
        download(entry("???"))


# Offline mode


def test_offline_mode_asks_nobody_and_names_the_way_out(
    server: Server, fake_pip: MakePip, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    pip = fake_pip({"m": CONTENT})
    with pytest.raises(OfflineError) as caught:
        download(entry(server.gives("/m.onnx", CONTENT), "pypi:made_up==1.0/m"))
    assert f"--any-url FILE {EXECUTABLE} {NAME}" in str(caught.value)
    assert caught.value.exit_code is ExitCode.NETWORK
    assert server.requests == []
    assert pip.calls == []
    assert visible(data) == []


def test_offline_mode_installs_from_local_files(
    server: Server, good: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    download(entry(server.gives("/m.onnx", CONTENT), good))
    assert target.read_bytes() == CONTENT
    assert server.requests == []


# What is there already


def test_the_right_file_is_kept_without_any_request(server: Server, target: Path) -> None:
    put(target, CONTENT)
    before = target.stat()
    outcome = download(entry(server.gives("/m.onnx", CONTENT)))
    assert outcome.action is Action.KEEP
    assert server.requests == []
    assert (target.stat().st_ino, target.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_file_of_that_name_is_not_replaced_unasked(server: Server, target: Path) -> None:
    put(target, b"a model of my own")
    with pytest.raises(IntegrityError, match="--overwrite") as caught:
        download(entry(server.gives("/m.onnx", CONTENT)))
    assert str(target) in str(caught.value)
    assert target.read_bytes() == b"a model of my own"
    assert server.requests == []
    assert registered() == {}


def test_overwrite_replaces_it(good: Path, target: Path) -> None:
    put(target, b"a model of my own")
    assert download(entry(good), overwrite=True).action is Action.FETCH
    assert target.read_bytes() == CONTENT


def test_overwrite_with_a_source_that_fails_keeps_it(
    server: Server, bad: Path, target: Path, data: Path
) -> None:
    put(target, b"a model of my own")
    with pytest.raises(DownloadError):
        download(entry(server.gives("/m.onnx", b"", 404)), overwrite=True)
    with pytest.raises(IntegrityError):
        download(entry(bad), overwrite=True)
    assert target.read_bytes() == b"a model of my own"
    assert staged(data) == []


def test_a_link_that_leads_nowhere_is_replaced(good: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.symlink_to("unmounted/m.onnx")
    download(entry(good))
    assert target.read_bytes() == CONTENT


# Places that cannot be written to


def test_a_place_that_cannot_be_made_is_a_storage_error(good: Path, data: Path) -> None:
    put(data / EXECUTABLE, b"a file where the directory should be")
    with pytest.raises(StorageError, match=NAME) as caught:
        download(entry(good))
    assert caught.value.exit_code is ExitCode.STORAGE
    assert staged(data) == []
    assert registered() == {}


@pytest.fixture
def read_only(data: Path) -> Iterator[Path]:
    if os.geteuid() == 0:
        pytest.skip("root can write to read-only directories")
    directory = data / EXECUTABLE
    directory.mkdir(parents=True)
    directory.chmod(0o555)
    yield directory
    directory.chmod(0o755)


def test_a_read_only_directory_is_a_storage_error(good: Path, read_only: Path) -> None:
    with pytest.raises(StorageError, match="Permission denied"):
        download(entry(good))
    assert list(read_only.iterdir()) == []


def full_disk(*args: Any, **kwargs: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_a_storage_error_and_leaves_nothing(
    good: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocrd_rapid.resmgr.sources.shutil.copyfile", full_disk)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        download(entry(good))
    assert caught.value.exit_code is ExitCode.STORAGE
    assert visible(data) == []
    assert staged(data) == []
    assert registered() == {}


def test_a_disk_that_is_full_only_at_the_end_keeps_the_old_file(
    good: Path, target: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(target, b"old")
    monkeypatch.setattr("ocrd_rapid.resmgr.download.os.fsync", full_disk)
    with pytest.raises(StorageError, match="No space left on device"):
        download(entry(good), overwrite=True)
    assert target.read_bytes() == b"old"
    assert staged(data) == []


def test_an_interruption_leaves_nothing(
    good: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ocrd_rapid.resmgr.sources.shutil.copyfile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        download(entry(good))
    assert visible(data) == []
    assert staged(data) == []


def test_a_staging_area_that_another_download_just_removed_is_made_again(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make = tempfile.mkdtemp
    removed: list[Path] = []

    def make_after_removal(dir: Path) -> str:
        if not removed:
            removed.append(dir)
            dir.rmdir()
        return make(dir=dir)

    monkeypatch.setattr(tempfile, "mkdtemp", make_after_removal)
    download(entry(good), location=Location.CWD)
    assert (tmp_path / NAME).read_bytes() == CONTENT


# Names


@pytest.mark.parametrize("name", ["../evil", "sub/m.onnx", "/abs/m.onnx", "..", ".", "sub/"])
def test_a_name_with_directories_is_refused(
    name: str, good: Path, data: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(
        ConfigurationError, match=r"is not the name of .*: it must not contain directories"
    ):
        download(unregistered(EXECUTABLE, name, str(good)))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_with_directories_in_the_user_s_database_is_refused(
    good: Path, tmp_path: Path
) -> None:
    database.register(entry(good, name="../../../evil.onnx"))
    before = sorted(tmp_path.rglob("*"))
    [resource] = database.read()[EXECUTABLE]
    with pytest.raises(
        ConfigurationError, match=r"is not the name of .*: it must not contain directories"
    ):
        download(resource)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_executable_with_directories_is_refused(good: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(
        ConfigurationError, match=r"is not the name of .*: it must not contain directories"
    ):
        download(replace(entry(good), executable="../../evil"))
    assert sorted(tmp_path.rglob("*")) == before


# Files from anywhere


def test_a_name_that_the_catalogue_knows_stands_for_its_content(
    good: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"name": NAME, "url": "https://h/m.onnx", "sha256": "ab" * 32, "mirrors": ["/x"]}
    bundled = catalogue.parse_catalogue({EXECUTABLE: [known]})
    monkeypatch.setattr(catalogue, "bundled", lambda: bundled)
    resource = unregistered(EXECUTABLE, NAME, str(good))
    assert resource.sources == (str(good),)
    with pytest.raises(IntegrityError, match="ab" * 32):
        download(resource)
    assert visible(data) == []


def test_an_unknown_name_is_taken_as_it_is_and_described_by_its_origin(good: Path) -> None:
    resource = unregistered(EXECUTABLE, "mine.onnx", str(good))
    assert resource.description == f"Downloaded from {good}"
    download(resource)
    assert registered()["mine.onnx"].url == str(good)


def test_the_hash_in_the_fragment_of_the_url_is_checked(server: Server, data: Path) -> None:
    url = server.gives("/mine.onnx", CONTENT)
    with pytest.raises(IntegrityError, match="expected abab"):
        download(unregistered(EXECUTABLE, "mine.onnx", url + "#sha256=" + "ab" * 32))
    assert visible(data) == []
    download(unregistered(EXECUTABLE, "mine.onnx", f"{url}#sha256={DIGEST}"))
    assert visible(data) == [f"{EXECUTABLE}/mine.onnx"]


def test_secrets_of_a_url_are_not_described() -> None:
    resource = unregistered(EXECUTABLE, "m", "http://user:secret@h/m?token=hidden")
    assert "secret" not in resource.description
    assert "hidden" not in resource.description


def test_a_local_path_may_have_a_number_sign(tmp_path: Path, data: Path) -> None:
    path = put(tmp_path / "model #2.onnx", CONTENT)
    download(unregistered(EXECUTABLE, "mine.onnx", str(path)))
    assert visible(data) == [f"{EXECUTABLE}/mine.onnx"]


def test_a_malformed_address_is_an_error_of_ours() -> None:
    with pytest.raises((ResourceError, ConfigurationError)):
        unregistered(EXECUTABLE, "", "http://[bad/m.onnx")


def test_a_file_that_is_kept_is_not_said_to_come_from_elsewhere(good: Path, target: Path) -> None:
    put(target, b"a model of my own")
    outcome = download(unregistered(EXECUTABLE, NAME, str(good)))
    assert outcome.action is Action.KEEP
    assert target.read_bytes() == b"a model of my own"
    assert registered() == {}


# Sizes and hashes


@given(st.binary(max_size=3000))
def test_a_hash_is_that_of_the_whole_content(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = put(Path(directory) / "file", content)
        assert sha256_of(path) == hashlib.sha256(content).hexdigest()


def test_unknown_size_and_hash_are_not_checked(bad: Path) -> None:
    resource = entry("x", size=0, sha256="")
    assert check_file(bad, resource, origin="x") == hashlib.sha256(CONTENT[::-1]).hexdigest()


def test_a_model_that_is_not_the_right_one_names_the_command_that_replaces_it(
    bad: Path, good: Path
) -> None:
    check_installed(good, entry("x"))
    with pytest.raises(IntegrityError) as caught:
        check_installed(bad, entry("x"))
    assert f"ocrd-rapid resmgr download --overwrite {EXECUTABLE} {NAME}" in str(caught.value)
    assert str(bad.parent) in str(caught.value)


def test_every_failure_is_an_error_of_ours(refused: str) -> None:
    with pytest.raises(OcrdRapidError):
        download(entry(refused))
