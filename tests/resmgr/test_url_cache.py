# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Parameters that are web addresses: downloaded once, into our cache."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocrd_rapid.errors import ConfigurationError, DownloadError, IntegrityError, OfflineError
from ocrd_rapid.resmgr import url_cache

EXECUTABLE = "ocrd-rapid-detect"
CONTENT = b"a model"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves `CONTENT` under every path but /none, and counts."""

    requests: int = 0


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        found = self.path != "/none"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(CONTENT) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(CONTENT)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def address(server: Server, path: str = "/models/my.onnx") -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_only_web_addresses_are_urls() -> None:
    assert url_cache.is_url("https://example.org/m.onnx")
    assert url_cache.is_url("HTTP://example.org/m.onnx")
    assert not url_cache.is_url("m.onnx")
    assert not url_cache.is_url("/tmp/http://m.onnx")
    assert not url_cache.is_url("file:///m.onnx")


def test_a_url_is_fetched_once_and_keeps_its_name(server: Server) -> None:
    first = url_cache.fetch(address(server), EXECUTABLE)
    assert (first.name, first.read_bytes()) == ("my.onnx", CONTENT)
    assert url_cache.fetch(address(server), EXECUTABLE) == first
    assert server.requests == 1


def test_equal_names_at_different_addresses_do_not_collide(server: Server) -> None:
    one = url_cache.fetch(address(server, "/a/m.onnx"), EXECUTABLE)
    other = url_cache.fetch(address(server, "/b/m.onnx"), EXECUTABLE)
    assert one != other
    assert server.requests == 2


def test_a_right_hash_in_the_fragment_is_accepted(server: Server) -> None:
    path = url_cache.fetch(f"{address(server)}#sha256={DIGEST}", EXECUTABLE)
    assert path.read_bytes() == CONTENT


def test_a_wrong_hash_leaves_nothing_in_the_cache(server: Server, own_cache: Path) -> None:
    with pytest.raises(IntegrityError, match="SHA-256"):
        url_cache.fetch(f"{address(server)}#sha256={'0' * 64}", EXECUTABLE)
    assert [path for path in own_cache.rglob("*") if path.is_file()] == []


def test_a_file_in_the_cache_that_was_changed_is_an_error(server: Server) -> None:
    url = f"{address(server)}#sha256={DIGEST}"
    url_cache.fetch(url, EXECUTABLE).write_bytes(b"changed")
    with pytest.raises(IntegrityError):
        url_cache.fetch(url, EXECUTABLE)


def test_what_is_not_there_is_a_download_error(server: Server) -> None:
    with pytest.raises(DownloadError, match="404"):
        url_cache.fetch(address(server, "/none"), EXECUTABLE)


def test_offline_only_the_cache_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    known = url_cache.fetch(address(server), EXECUTABLE)
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    assert url_cache.fetch(address(server), EXECUTABLE) == known
    with pytest.raises(OfflineError):
        url_cache.fetch(address(server, "/other.onnx"), EXECUTABLE)
    assert server.requests == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://me:S3CRET@[::1/my.onnx?token=S3CRET", "http://me:S3CRET@host/..?token=S3CRET",
        "http://me:S3CRET@host/" + "a" * 300,
    ],
    ids=["malformed", "no name", "long name"],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused(url: str, own_cache: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        url_cache.fetch(url, EXECUTABLE)
    assert "S3CRET" not in str(caught.value)
    assert not own_cache.exists()
