# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A METS on the web is brought into the working directory first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from scripted_server import Answer, Server, a_file, serving

from ocrd_rapid.workspace.mets import Mets

#: With a model that no test has installed: the run ends where it would be loaded.
GROUPS = ("-I", "IMG", "-O", "OUT", "-P", "model", "PP-OCRv6_det_small.onnx")


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
    # The model is not installed here; the images would be the next to be missed.
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


OAI = b"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
  <responseDate>2026-01-01T00:00:00Z</responseDate>
  <request verb="GetRecord" metadataPrefix="mets">http://x.org/oai</request>
  %s
</OAI-PMH>
"""
RECORD = b"<GetRecord><record><header/><metadata>%s</metadata></record></GetRecord>"


def answering(body: bytes) -> Any:
    return serving(lambda headers: Answer(body=body))


def test_the_mets_of_an_oai_pmh_record_is_taken_out(call: Any, here: Path, book: Path) -> None:
    mets = (book / "mets.xml").read_bytes().partition(b"?>")[2]
    with answering(OAI % (RECORD % mets)) as web:
        done = call("ocrd-rapid-detect", "-m", web.url, "-w", "copy", *GROUPS)
        url = web.url
    assert done.code == 4  # no model is installed here
    copy, original = Mets.read(here / "copy" / "mets.xml"), Mets.read(book / "mets.xml")
    assert copy.pages == original.pages
    assert copy.identifier == original.identifier
    assert [f.url for f in copy.files("IMG")] == [urljoin(url, f"IMG/{n}.png") for n in (1, 2)]
    assert b"OAI-PMH" not in (here / "copy" / "mets.xml").read_bytes()


WRONG = [
    (b"<!DOCTYPE html><html><title>Please log in<br></html>", "it is a web page (HTML)"),
    (b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "it is a web page (HTML)"),
    (b'{"error": "not found"}', "it is JSON"),
    (b"", "it is empty"),
    (b"hello", "it is not well-formed XML: Start tag expected"),
    (b'<mets:mets xmlns:mets="http://www.loc.gov/METS/"><mets:fileSec>', "not well-formed XML"),
    (b"<mets/>", "its root element is mets"),
    (OAI % b'<error code="idDoesNotExist">no such\n record</error>',
     "the OAI-PMH interface answers idDoesNotExist: no such record"),
    (OAI % (RECORD % b"<dc/>"), "the OAI-PMH answer has none; ask for one record, with"),
    (b'<mets:mets xmlns:mets="http://www.loc.gov/METS/"><mets:fileSec><mets:fileGrp>'
     b'<mets:file ID="a&#10;b"/></mets:fileGrp></mets:fileSec><mets:structMap TYPE="PHYSICAL">'
     b'<mets:div><mets:div TYPE="page" ID="a&#10;b"/></mets:div></mets:structMap></mets:mets>',
     "page ID 'a\\nb' has control characters in it"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message"), WRONG)
def test_what_is_no_mets_is_not_kept_and_the_right_address_works_then(
    call: Any, here: Path, web: Server, body: bytes, message: str
) -> None:
    before = set(here.rglob("*"))
    with answering(body) as wrong:
        done = call("ocrd-rapid-detect", "-m", wrong.url, "-w", "copy", *GROUPS)
    assert done.code == 8
    assert f"{wrong.url} is not a METS: " in done.err
    assert message in done.err
    assert set(here.rglob("*")) == before
    assert call("ocrd-rapid-detect", "-m", web.url, "-w", "copy", *GROUPS).code == 4
    assert (here / "copy" / "mets.xml").exists()


@pytest.mark.parametrize("sized", [True, False])
def test_what_is_too_long_for_a_mets_is_given_up(
    call: Any, here: Path, monkeypatch: pytest.MonkeyPatch, sized: bool
) -> None:
    monkeypatch.setattr("ocrd_rapid.workspace.web.MAX_BYTES", 1 << 20)
    with serving(lambda headers: Answer(body=b"x" * (4 << 20), sized=sized)) as web:
        done = call("ocrd-rapid-detect", "-m", web.url, "-w", "copy", *GROUPS)
    assert done.code == 8
    assert "is not a METS: it is longer than 1 MB" in done.err
    assert not (here / "copy").exists()


def test_names_that_are_no_urls_are_quoted_and_bad_ones_harm_no_other(
    call: Any, here: Path, book: Path
) -> None:
    text = (book / "mets.xml").read_text()
    text = text.replace("IMG/1.png", "IMG/Bl. #1?.png").replace("IMG/2.png", "//[bad/2.png")
    with answering(text.encode()) as web:
        call("ocrd-rapid-detect", "-m", web.url, "-w", "copy", *GROUPS)
        url = urljoin(web.url, "IMG/Bl.%20%231%3F.png")
    files = list(Mets.read(here / "copy" / "mets.xml").files("IMG"))
    assert files[0].url == url
    assert [file.id for file in files] == ["IMG_1", "IMG_2"]
