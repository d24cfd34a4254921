# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where bytes come from: files, web servers, wheels."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ocrd_rapid.errors import DownloadError, ExitCode, OfflineError, ResourceError
from ocrd_rapid.resmgr import sources
from ocrd_rapid.resmgr.sources import FileSource, HttpSource, WheelSource, parse_source

if TYPE_CHECKING:
    from .conftest import MakePip, Server

CONTENT = b"weights " * 1000


class Reports(list[tuple[int, int]]):
    """Collects what is reported to it."""

    def __call__(self, done: int, total: int) -> None:
        self.append((done, total))


# What a URL stands for


@pytest.mark.parametrize("url", ["http://h/m", "https://h/m", "HTTPS://h/m"])
def test_web_addresses_are_fetched_from_a_server(url: str) -> None:
    assert parse_source(url) == HttpSource(url)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/media/stick/m.onnx", "/media/stick/m.onnx"),
        ("file:///media/stick/m.onnx", "/media/stick/m.onnx"),
        ("file:/media/stick/m.onnx", "/media/stick/m.onnx"),
        ("file:///media/my%20stick/m.onnx", "/media/my stick/m.onnx"),
        ("/media/100%20/m.onnx", "/media/100%20/m.onnx"),
    ],
)
def test_files_are_named_by_path_or_url(url: str, path: str) -> None:
    assert parse_source(url) == FileSource(Path(path))


def test_a_relative_path_begins_at_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_source("sub/m.onnx") == FileSource(tmp_path / "sub" / "m.onnx")


def test_a_tilde_is_the_home_directory(own_home: Path) -> None:
    assert parse_source("~/m.onnx") == FileSource(own_home / "m.onnx")


def test_a_file_in_a_wheel_is_named_by_requirement_and_member() -> None:
    url = "pypi:made_up==1.0/made_up/models/m.onnx"
    assert parse_source(url) == WheelSource("made_up==1.0", "made_up/models/m.onnx")


@pytest.mark.parametrize(
    "url", ["pypi:", "pypi:made_up", "pypi:made_up==1.0", "pypi:made_up==1.0/", "pypi:made_up/m"]
)
def test_a_wheel_without_version_or_member_is_refused(url: str) -> None:
    with pytest.raises(ResourceError, match="expected pypi:NAME==VERSION/path/in/wheel") as caught:
        parse_source(url)
    assert str(caught.value).startswith(url)


@pytest.mark.parametrize(
    "url",
    [
        "pypi:==1.0/m.onnx",
        "pypi:made_up==/m.onnx",
        "pypi:--extra-index-url=http:==1/m.onnx",
        "pypi:-rlist==1/m.onnx",
    ],
)
def test_a_requirement_that_pip_could_take_for_something_else_is_refused(url: str) -> None:
    with pytest.raises(ResourceError):
        parse_source(url)


@pytest.mark.parametrize("scheme", ["ftp", "s3", "git+https", "gopher"])
def test_a_scheme_that_is_not_supported_is_named(scheme: str) -> None:
    with pytest.raises(ResourceError, match="are not supported") as caught:
        parse_source(f"{scheme}://host/m.onnx")
    assert f"'{scheme}:'" in str(caught.value)


def test_a_malformed_address_is_a_resource_error() -> None:
    with pytest.raises(ResourceError):
        parse_source("http://[bad/m.onnx")


# Files


def test_a_file_is_copied_and_its_size_reported(tmp_path: Path) -> None:
    source, target, reports = tmp_path / "m.onnx", tmp_path / "copy", Reports()
    source.write_bytes(CONTENT)
    FileSource(source).fetch(target, reports)
    assert target.read_bytes() == CONTENT
    assert source.read_bytes() == CONTENT
    assert reports[-1] == (len(CONTENT), len(CONTENT))


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"nowhere\.onnx does not exist"):
        FileSource(tmp_path / "nowhere.onnx").fetch(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_file_is_a_source_in_offline_mode_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    (tmp_path / "m.onnx").write_bytes(CONTENT)
    parse_source((tmp_path / "m.onnx").as_uri()).fetch(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT


# Wheels


def test_a_member_of_a_wheel_is_taken_out_and_nothing_else_stays(
    tmp_path: Path, fake_pip: MakePip
) -> None:
    fake_pip({"made_up/m.onnx": CONTENT, "made_up/__init__.py": b"raise SystemExit"})
    target, reports = tmp_path / "staging" / "m.onnx", Reports()
    target.parent.mkdir()
    WheelSource("made_up==1.0", "made_up/m.onnx").fetch(target, reports)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert reports[-1] == (len(CONTENT), len(CONTENT))


def test_pip_is_asked_for_one_wheel_of_any_platform_without_what_it_depends_on(
    tmp_path: Path, fake_pip: MakePip
) -> None:
    pip = fake_pip({"m": CONTENT})
    WheelSource("made_up==1.0", "m").fetch(tmp_path / "m")
    [arguments] = pip.calls
    assert arguments[0] == "download"
    assert arguments[-1] == "made_up==1.0"
    assert {"--no-deps", "--only-binary=:all:", "--ignore-requires-python"} <= set(arguments)


def test_what_pip_says_is_the_reason_of_the_failure(tmp_path: Path, fake_pip: MakePip) -> None:
    fake_pip({}, error="No matching distribution found for made_up==1.0")
    with pytest.raises(DownloadError) as caught:
        WheelSource("made_up==1.0", "m").fetch(tmp_path / "m")
    assert str(caught.value) == (
        "pypi:made_up==1.0: No matching distribution found for made_up==1.0"
    )
    assert not (tmp_path / "m").exists()


def test_a_wheel_without_the_member_is_an_error_that_names_it(
    tmp_path: Path, fake_pip: MakePip
) -> None:
    fake_pip({"other": CONTENT})
    with pytest.raises(DownloadError, match=r"pypi:made_up==1\.0/made_up/m\.onnx: .*no item"):
        WheelSource("made_up==1.0", "made_up/m.onnx").fetch(tmp_path / "m")


def test_a_wheel_that_is_no_zip_archive_is_an_error(tmp_path: Path, fake_pip: MakePip) -> None:
    fake_pip(raw=b"<html>not a wheel</html>")
    with pytest.raises(DownloadError, match="not a zip file"):
        WheelSource("made_up==1.0", "m").fetch(tmp_path / "m")


def test_a_wheel_with_damaged_content_is_an_error(tmp_path: Path, fake_pip: MakePip) -> None:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m", CONTENT)
    start = 30 + len("m")
    raw = bytearray(whole.read_bytes())
    raw[start : start + 4] = b"\xff" * 4
    fake_pip(raw=bytes(raw))
    with pytest.raises(DownloadError):
        WheelSource("made_up==1.0", "m").fetch(tmp_path / "m")


def test_a_pip_that_hangs_is_given_up(
    tmp_path: Path, fake_pip: MakePip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_PIP_TIMEOUT", 0.2)
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(sources, "_pip", lambda: sleeper)
    with pytest.raises(DownloadError, match="pip did not answer within"):
        WheelSource("made_up==1.0", "m").fetch(tmp_path / "m")


def test_pip_of_this_environment_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert sources._pip() == [sys.executable, "-m", "pip"]


def test_pip_on_the_path_is_taken_where_the_environment_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/there/{name}" if name == "pip3" else None)
    assert sources._pip() == ["/there/pip3"]


def test_without_pip_the_message_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(DownloadError, match="-m ensurepip"):
        sources._pip()


# Offline mode


def test_offline_mode_asks_no_server(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    with pytest.raises(OfflineError, match="OCRD_RAPID_OFFLINE is set") as caught:
        HttpSource(server.url + "/m.onnx").fetch(tmp_path / "m")
    assert caught.value.exit_code is ExitCode.NETWORK
    assert "resmgr download --any-url FILE" in str(caught.value)
    assert server.requests == []


def test_offline_mode_starts_no_pip(
    tmp_path: Path, fake_pip: MakePip, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a process was started")

    pip = fake_pip({"m": CONTENT})
    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    with pytest.raises(OfflineError, match="OCRD_RAPID_OFFLINE is set"):
        WheelSource("made_up==1.0", "m").fetch(tmp_path / "m")
    assert pip.calls == []
