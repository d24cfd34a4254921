"""A METS on the web is brought into the working directory first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from scripted_server import Server, a_file, serving

from ocrd_rapid.workspace.mets import Mets

GROUPS = ("-I", "IMG", "-O", "OUT")


@pytest.fixture
def web(book: Path) -> Iterator[Server]:
    """Serve the METS of the book."""
    with serving(a_file((book / "mets.xml").read_bytes())) as running:
        yield running


def test_it_is_fetched_with_the_addresses_of_its_files(call: Any, here: Path, web: Server) -> None:
    done = call("ocrd-rapid-detect", "-m", web.url, "-w", "copy", *GROUPS)
    files = list(Mets.read(here / "copy" / "mets.xml").files("IMG"))
    assert [file.url for file in files] == [urljoin(web.url, f"IMG/{n}.png") for n in (1, 2)]
    assert [file.path for file in files] == ["", ""]
    # No model is installed here; the images would be the next to be missed.
    assert done.code == 4
    assert len(web.requests) == 1


def test_neither_the_copy_nor_a_message_has_what_is_secret(
    call: Any, here: Path, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = web.url.replace("//", "//me:S3CRET@") + "?token=S3CRET#S3CRET"
    done = call("ocrd-rapid-detect", "-m", secret, "-w", "copy", *GROUPS)
    assert web.requests[0]["Authorization"].startswith("Basic ")
    assert done.code == 4
    assert "S3CRET" not in done.err
    files = list(Mets.read(here / "copy" / "mets.xml").files("IMG"))
    assert [file.url for file in files] == [urljoin(web.url, f"IMG/{n}.png") for n in (1, 2)]
    assert "S3CRET" not in (here / "copy" / "mets.xml").read_text(encoding="utf-8")
    for address in (secret.replace("http:", "https:"), "http://me:S3CRET@[::1/x?token=S3CRET"):
        done = call("ocrd-rapid-detect", "-m", address, "-w", "other", *GROUPS)
        assert done.code == 5
        assert "S3CRET" not in done.err
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    done = call("ocrd-rapid-detect", "-m", secret, "-w", "other", *GROUPS)
    assert done.code == 5
    assert "S3CRET" not in done.err


def test_without_a_directory_it_is_refused(call: Any, web: Server) -> None:
    done = call("ocrd-rapid-detect", "-m", web.url, *GROUPS)
    assert done.code == 2
    assert "--mets is an http(s) URL but no --working-dir was given" in done.err
    assert web.requests == []


def test_a_workspace_that_is_there_is_not_replaced(call: Any, book: Path, web: Server) -> None:
    done = call("ocrd-rapid-detect", "-m", web.url, "-w", book, *GROUPS)
    assert done.code == 10
    assert "exists already" in done.err
    assert web.requests == []


def test_offline_nothing_is_fetched(
    call: Any, here: Path, web: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    done = call("ocrd-rapid-detect", "-m", web.url, "-w", "copy", *GROUPS)
    assert done.code == 5
    assert web.requests == []
    assert not (here / "copy").exists()
