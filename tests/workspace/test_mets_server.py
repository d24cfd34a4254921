# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Client of the METS server: what it asks, what it makes of answers, and of those that are none."""

from __future__ import annotations

import itertools
import json
import logging
import multiprocessing
import socket
import string
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_mets_server import CARRIERS, FakeMetsServer, Reply, serving
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from listening import free_port

from ocrd_rapid.errors import ExitCode, MetsError, MetsServerError
from ocrd_rapid.workspace import mets_server_http
from ocrd_rapid.workspace.contents import Agent, LogicalDivision, MetsFile, PhysicalPage, Structure
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets_server import MetsServer
from ocrd_rapid.workspace.mets_server_http import Address
from ocrd_rapid.workspace.mets_server_protocol import one_line

PAGE = MetsFile("OCR_1", "OCR", "P_1", MIMETYPE_PAGE, "OCR/OCR_1.xml")
IMAGE = {
    "file_grp": "IMG", "file_id": "IMG_1", "mimetype": "image/png",
    "page_id": "P_1", "url": "", "local_filename": "IMG/1.png",
}  # fmt: skip

METS = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink">
  <mets:structMap TYPE="LOGICAL">
    <mets:div TYPE="monograph" ID="LOG_1" LABEL="A book" DMDID="DMD_1"/>
  </mets:structMap>
  <mets:structMap TYPE="PHYSICAL">
    <mets:div TYPE="physSequence">
      <mets:div TYPE="page" ID="P_1" ORDER="1" ORDERLABEL="i" LABEL="cover" CONTENTIDS="urn:1"/>
      <mets:div TYPE="page" ID="P_2" ORDER="2"/>
    </mets:div>
  </mets:structMap>
  <mets:structLink>
    <mets:smLink xlink:from="LOG_1" xlink:to="P_1"/>
    <mets:smLink xlink:from="LOG_1" xlink:to="P_2"/>
  </mets:structLink>
</mets:mets>
"""


@pytest.fixture(params=CARRIERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeMetsServer]:
    with serving(tmp_path.resolve(), request.param) as running:
        running.pages, running.groups, running.files = ["P_1"], ["IMG"], [dict(IMAGE)]
        yield running


@pytest.fixture
def tcp(tmp_path: Path) -> Iterator[FakeMetsServer]:
    with serving(tmp_path.resolve()) as running:
        yield running


def connect(server: FakeMetsServer, timeout: float = 600.0) -> MetsServer:
    return MetsServer.connect(
        server.url, server.directory, server.directory / "mets.xml", timeout=timeout
    )


def refusal(function: Any, *arguments: Any, kind: type[MetsError] = MetsError) -> str:
    """Return the message of the error, which is of exactly this kind and one line."""
    with pytest.raises(MetsError) as caught:
        function(*arguments)
    assert type(caught.value) is kind
    assert caught.value.exit_code is ExitCode.INPUT
    message = str(caught.value)
    assert message.isprintable()
    return message


# What it asks and answers


def test_lists_pages_groups_and_files(server: FakeMetsServer) -> None:
    mets = connect(server)
    image = MetsFile("IMG_1", "IMG", "P_1", "image/png", "IMG/1.png")
    assert mets.pages == ["P_1"]
    assert mets.groups == ["IMG"]
    assert list(mets.files("IMG")) == [image]
    assert list(mets.files("OCR")) == []
    assert mets.file("IMG_1") == image
    assert mets.file("IMG_2") is None


def test_adds_files_agents_and_saves(server: FakeMetsServer) -> None:
    mets = connect(server)
    mets.add_file(PAGE)
    mets.add_agent(Agent("ocrd-x v1", "layout/step", {"parameter": '{"ä": 1}', "page-id": ""}))
    assert server.saves == 0
    mets.save()
    assert server.files[1:] == [
        {
            "file_grp": "OCR", "file_id": "OCR_1", "mimetype": MIMETYPE_PAGE,
            "page_id": "P_1", "url": None, "local_filename": "OCR/OCR_1.xml",
        }
    ]  # fmt: skip
    assert server.agents == [
        {
            "name": "ocrd-x v1",
            "type": "OTHER",
            "role": "OTHER",
            "othertype": "SOFTWARE",
            "otherrole": "layout/step",
            "notes": [[{"option": "parameter"}, '{"ä": 1}'], [{"option": "page-id"}, None]],
        }
    ]
    assert server.saves == 1
    assert server.routes == [
        "GET /workspace_path", "GET /file", "POST /file", "POST /agent", "PUT /",
    ]  # fmt: skip
    assert server.asked[2].data["force"] == "true"


def test_lists_agents_as_they_were_added(server: FakeMetsServer) -> None:
    agent = Agent("ocrd-x v1", "layout/step", {"parameter": '{"ä": 1}', "page-id": ""})
    mets = connect(server)
    assert mets.agents() == []
    mets.add_agent(agent)
    assert mets.agents() == [agent]


@pytest.mark.parametrize(
    "answer",
    [[], {"agents": 1}, {"agents": [1]}, {"agents": [{}]},
     {"agents": [{"name": "x", "role": "", "otherrole": "", "notes": [1]}]}],
)  # fmt: skip
def test_what_lists_no_agents_is_no_mets_server(server: FakeMetsServer, answer: Any) -> None:
    server.scripted["GET /agent"] = [Reply(answer)]
    with pytest.raises(MetsServerError, match="asked to list the processing steps"):
        connect(server).agents()


def test_control_characters_do_not_reach_an_agents_notes(server: FakeMetsServer) -> None:
    connect(server).add_agent(Agent("x", "y", {"parameter": "a\x01b", "page-id": "\x02"}))
    assert server.agents[0]["notes"] == [
        [{"option": "parameter"}, "ab"],
        [{"option": "page-id"}, None],
    ]


def test_files_come_in_the_order_of_the_answer(server: FakeMetsServer) -> None:
    names = ["IMG_3", "IMG_1", "IMG_2"]
    server.files = [{**IMAGE, "file_id": name} for name in names]
    assert [file.id for file in connect(server).files("IMG")] == names


@pytest.mark.parametrize(
    ("local", "url", "expected"),
    [
        ("IMG/1.png", "", ("IMG/1.png", "")),
        ("IMG/1.png", "https://example.org/1", ("IMG/1.png", "https://example.org/1")),
        (None, "HTTP://example.org/1", ("", "HTTP://example.org/1")),
        (None, "IMG/1.png", ("IMG/1.png", "")),
        (None, "file:///data/a%20b.png", ("/data/a%20b.png", "")),
        (None, "file:/data/1.png", ("/data/1.png", "")),
        ("file://localhost/1.png", None, ("/1.png", "")),
        ("file://IMG/1.png", None, ("IMG/1.png", "")),
        (None, "", ("", "")),
        ("a%20b.png", None, ("a%20b.png", "")),
    ],
)
def test_tells_paths_from_addresses(
    tcp: FakeMetsServer, local: str | None, url: str, expected: tuple[str, str]
) -> None:
    tcp.files = [{**IMAGE, "local_filename": local, "url": url, "page_id": None}]
    file = connect(tcp).file("IMG_1")
    assert file == MetsFile("IMG_1", "IMG", "", "image/png", *expected)


def test_lists_are_fetched_once_until_something_new_is_added(server: FakeMetsServer) -> None:
    mets = connect(server)
    assert (mets.pages, mets.groups, mets.pages, mets.groups) == (["P_1"], ["IMG"]) * 2
    server.groups.append("OTHER")  # by another client
    assert mets.groups == ["IMG"]
    mets.add_file(replace(PAGE, group="IMG"))  # neither a new group nor a new page
    assert mets.groups == ["IMG"]
    mets.add_file(replace(PAGE, id="OCR_2"))
    assert mets.groups == ["IMG", "OTHER", "OCR"]
    mets.add_file(replace(PAGE, id="OCR_3", page_id="P_2"))
    assert mets.pages == ["P_1", "P_2"]
    assert server.routes.count("GET /file_groups") == 2
    assert server.routes.count("GET /physical_pages") == 2


def test_a_list_is_the_callers_own(server: FakeMetsServer) -> None:
    mets = connect(server)
    mets.pages.append("P_9")
    assert mets.pages == ["P_1"]


def test_files_are_asked_for_each_time(server: FakeMetsServer) -> None:
    mets = connect(server)
    assert mets.file("IMG_2") is None
    server.files.append({**IMAGE, "file_id": "IMG_2"})
    assert mets.file("IMG_2") is not None
    assert len(list(mets.files("IMG"))) == 2


@pytest.mark.parametrize("name", ["//.*", "//IMG_1", ""])
def test_nothing_is_a_pattern(tcp: FakeMetsServer, name: str) -> None:
    """The real server takes ``//…`` for an expression, and an empty ID for any."""
    mets = connect(tcp)
    tcp.scripted["GET /file"] = [Reply({"files": [IMAGE]})] * 2
    assert mets.file(name) is None
    assert list(mets.files(name)) == []
    expected = {"//.*": r"////\.\*", "//IMG_1": r"////IMG_1", "": ""}[name]
    assert tcp.asked[-1].data["file_grp"] == expected


def test_structure_is_that_of_the_file_for_the_servers_pages(server: FakeMetsServer) -> None:
    (server.directory / "mets.xml").write_text(METS)
    server.pages = ["P_3", "P_1"]
    assert connect(server).structure() == Structure(
        pages=(PhysicalPage("P_3"), PhysicalPage("P_1", "1", "i", "cover", "urn:1")),
        divisions=(LogicalDivision("LOG_1", "DMD_1", "monograph", "A book", ("P_1",)),),
    )


def test_structure_needs_the_file(server: FakeMetsServer) -> None:
    assert "mets.xml does not exist" in refusal(connect(server).structure)


# Replacing and removing


def test_replaces_a_file_of_the_same_group_page_and_type(server: FakeMetsServer) -> None:
    mets = connect(server)
    mets.add_file(PAGE)
    mets.add_file(replace(PAGE, path="OCR/other.xml"))
    assert [file.path for file in mets.files("OCR")] == ["OCR/other.xml"]


@pytest.mark.parametrize(
    "changed", [{"group": "SEG"}, {"page_id": "P_2"}, {"page_id": ""}, {"mimetype": "image/png"}]
)
def test_refuses_what_the_server_cannot_replace(
    server: FakeMetsServer, changed: dict[str, str]
) -> None:
    mets = connect(server)
    mets.add_file(PAGE)
    message = refusal(mets.add_file, replace(PAGE, **changed))
    assert f"server {server.url} has it as OCR, P_1, {MIMETYPE_PAGE} and can replace" in message
    assert server.routes.count("POST /file") == 1


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"id": "1"}, "file ID '1' is not allowed"),
        ({"id": "//.*"}, "file ID '//.*' is not allowed"),
        ({"group": "a b"}, "file group 'a b' is not allowed"),
        ({"mimetype": ""}, "file OCR_1 has no media type"),
        ({"path": "a\x00b"}, r"file OCR_1: there are control characters in 'a\x00b'"),
        ({"path": "a\udc80"}, r"file OCR_1: there are control characters in 'a\udc80'"),
        ({"url": "http://a\x1b"}, r"control characters in 'http://a\x1b'"),
        ({"page_id": 'P"1'}, "there is a quotation mark in page ID 'P\"1'"),
    ],
)
def test_asks_nothing_for_what_is_not_allowed(
    tcp: FakeMetsServer, changed: dict[str, str], expected: str
) -> None:
    mets = connect(tcp)
    assert expected in refusal(mets.add_file, replace(PAGE, **changed))
    assert tcp.routes == ["GET /workspace_path"]


def test_a_removed_file_is_hidden_and_reported_once_it_is_saved(
    server: FakeMetsServer, caplog: pytest.LogCaptureFixture
) -> None:
    mets = connect(server)
    mets.remove_file("IMG_1")
    mets.remove_file("IMG_9")
    assert mets.file("IMG_1") is None
    assert list(mets.files("IMG")) == []
    with caplog.at_level(logging.WARNING):
        mets.save()
        mets.save()
    assert [record.getMessage() for record in caplog.records] == [
        f"METS server {server.url} cannot remove files: 1 stay listed in the METS (IMG_1); stop"
        f" the server and remove them with: ocrd workspace -d {server.directory} remove -f ID …"
    ]


def test_a_removed_file_that_is_added_again_is_not_reported(
    server: FakeMetsServer, caplog: pytest.LogCaptureFixture
) -> None:
    mets = connect(server)
    mets.add_file(PAGE)
    mets.remove_file("OCR_1")
    mets.add_file(PAGE)
    mets.save()
    assert mets.file("OCR_1") == PAGE
    assert caplog.records == []


def test_the_warning_names_five_files(
    tcp: FakeMetsServer, caplog: pytest.LogCaptureFixture
) -> None:
    mets = connect(tcp)
    tcp.files = [{**IMAGE, "file_id": f"IMG_{i}"} for i in range(7)]
    for i in range(7):
        mets.remove_file(f"IMG_{i}")
    mets.save()
    assert "7 stay listed in the METS (IMG_0, IMG_1, IMG_2, IMG_3, IMG_4 …);" in caplog.text


# Which workspace


def test_another_workspace_is_refused(server: FakeMetsServer) -> None:
    other = server.directory / "other"
    server.scripted["GET /workspace_path"] = [Reply(str(other))]
    assert refusal(connect, server, kind=MetsServerError) == (
        f"METS server {server.url} serves the workspace '{other}' and not"
        f" '{server.directory}': these are not the same workspaces"
    )


def test_links_lead_to_the_same_workspace(server: FakeMetsServer, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(server.directory)
    mets = MetsServer.connect(server.url, link, link / "mets.xml")
    assert mets.pages == ["P_1"]
    server.scripted["GET /workspace_path"] = [Reply(str(link))]
    assert connect(server).pages == ["P_1"]


def test_an_odd_answer_is_no_workspace(tcp: FakeMetsServer) -> None:
    tcp.scripted["GET /workspace_path"] = [Reply(f"<html>\n\x1b[1m{'x' * 1000}")]
    message = refusal(connect, tcp, kind=MetsServerError)
    assert "serves the workspace '<html> [1mxxxx" in message
    assert len(message) < 600


# Addresses


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h:80", Address("http://h:80", host="h")),
        ("http://h", Address("http://h", host="h")),
        ("HTTP://h:8/", Address("HTTP://h:8/", host="h", port=8)),
        ("http://[::1]:8/a/", Address("http://[::1]:8/a/", host="::1", port=8, path="/a")),
        (
            "http://h:8/tcp_mets",
            Address("http://h:8/tcp_mets", host="h", port=8, path="/tcp_mets", multiplexed=True),
        ),
        ("/a/tcp_mets.sock", Address("/a/tcp_mets.sock", "/a/tcp_mets.sock")),
    ],
)
def test_addresses(url: str, expected: Address) -> None:
    assert Address.parse(url) == expected


def test_a_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path.resolve() / "mets.sock")
    assert Address.parse("./mets.sock") == Address(path, path)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "it is empty"),
        ("https://h:1", "it begins with https://"),
        ("unix:///a", "it begins with unix://"),
        ("http://", "it has no host"),
        ("http://:80", "it has no host"),
        ("http://h:x", "Port could not be cast to integer value as 'x'"),
        ("http://h:70000", "Port out of range 0-65535"),
        ("http://[h", "Invalid IPv6 URL"),
        ("http://me:secret@h", "it has more than host, port and path"),
        ("http://h/?a=b", "it has more than host, port and path"),
        ("http://h/a b", "it has a letter or a space that a URL cannot have"),
        ("http://ä", "it has a letter or a space that a URL cannot have"),
    ],
)
def test_what_is_no_address(url: str, reason: str) -> None:
    message = refusal(Address.parse, url, kind=MetsServerError)
    # Nothing that may be secret is repeated.
    shown = {"http://me:secret@h": "http://h", "http://h/?a=b": "http://h/"}.get(url, url)
    assert message == (
        f"'{shown}' is not the address of a METS server ({reason}): --mets-server-url is"
        " http://HOST:PORT or the path of a unix socket"
    )


@given(st.text() | st.text().map(lambda text: f"http://{text}"))
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    try:
        address = Address.parse(text)
    except MetsServerError:
        return
    assert bool(address.socket_path) != address.url.lower().startswith("http://")


# Nobody there


def remedy(url: str, directory: Path) -> str:
    return f"start one with: ocrd workspace -U {url} -d {directory} server start"


def attempt(url: str, directory: Path, timeout: float = 600.0) -> str:
    return refusal(
        lambda: MetsServer.connect(url, directory, directory / "mets.xml", timeout=timeout),
        kind=MetsServerError,
    )


def test_nobody_listens(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert attempt(url, tmp_path) == (
        f"no METS server at {url}: nobody listens there; {remedy(url, tmp_path)}"
    )


def test_no_processing_server(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/tcp_mets"
    assert attempt(url, tmp_path) == (
        f"no METS server at {url}: nobody listens there; start the Processing Server with:"
        f" ocrd network processing-server -a 127.0.0.1:{port} …"
    )


def test_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "mets.sock"
    assert attempt(str(path), tmp_path) == (
        f"no METS server at {path}: there is no such socket; {remedy(str(path), tmp_path)}"
    )


def test_a_forgotten_http_is_pointed_out(tmp_path: Path) -> None:
    assert "no such socket (a TCP address begins with http://);" in attempt("h:8123", tmp_path)


def test_a_command_that_can_be_copied(tmp_path: Path) -> None:
    folder = tmp_path / "my books"
    assert f"-U '{folder}/s' -d '{folder}' server start" in attempt(f"{folder}/s", folder)


def test_a_socket_that_is_left_over(tmp_path: Path) -> None:
    path = tmp_path / "mets.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert attempt(str(path), tmp_path) == (
        f"no METS server at {path}: nobody listens on this socket, left by a server that has"
        f" ended; remove it and {remedy(str(path), tmp_path)}"
    )


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "mets.xml"
    path.touch()
    assert f"no METS server at {path}: this is not a socket;" in attempt(str(path), tmp_path)


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 120)
    assert f"{path} did not name its workspace: AF_UNIX path too long" in attempt(
        str(path), tmp_path
    )


def test_a_host_name_that_cannot_be(tmp_path: Path) -> None:
    message = attempt(f"http://{'a' * 70}:80", tmp_path)
    assert "did not name its workspace: encoding with 'idna' codec failed" in message


def test_a_server_that_keeps_silent(server: FakeMetsServer) -> None:
    server.scripted["GET /workspace_path"] = [Reply(delay=1.0)]
    assert refusal(connect, server, 0.1, kind=MetsServerError) == (
        f"METS server {server.url} did not name its workspace: no complete answer within 0.1 s;"
        " check whether it is still working"
    )


def slowly(text: bytes) -> Iterator[bytes]:
    for value in text:
        time.sleep(0.02)
        yield bytes([value])


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
def test_a_server_that_drips(server: FakeMetsServer, head: bytes) -> None:
    """Each part comes in time, and the answer is a good one; but it takes too long."""
    rest = b"" if head else b"HTTP/1.1 200 OK\r\n\r\n"
    path = str(server.directory)
    answer = json.dumps({"text": path}) if "tcp_mets" in server.url else path
    drops = itertools.chain([head], slowly(rest + answer.encode()))
    server.scripted["GET /workspace_path"] = [Reply(parts=drops)]
    assert refusal(connect, server, 0.3, kind=MetsServerError) == (
        f"METS server {server.url} did not name its workspace: no complete answer within 0.3 s;"
        " check whether it is still working"
    )


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"", b"x" * 65536),
        (b"Content-Length: 99999999999\r\n", b"x" * 65536),
        (b"Transfer-Encoding: chunked\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    ],
    ids=["open", "with a length", "chunked"],
)
def test_a_server_whose_answer_has_no_end(
    server: FakeMetsServer, monkeypatch: pytest.MonkeyPatch, head: bytes, part: bytes
) -> None:
    monkeypatch.setattr(mets_server_http, "MAX_ANSWER", 3 << 20)
    mets = connect(server)
    parts = itertools.chain([b"HTTP/1.1 200 OK\r\n" + head + b"\r\n"], itertools.repeat(part))
    server.scripted["PUT /"] = [Reply(parts=parts)]
    message = refusal(mets.save, kind=MetsServerError)
    assert f"{server.url} did not save the METS: its answer is longer than 3 MB; start" in message


def test_a_long_answer_may_come_in_many_parts(server: FakeMetsServer) -> None:
    server.files = [{**IMAGE, "file_id": f"IMG_{i}"} for i in range(5000)]
    assert len(list(connect(server).files("IMG"))) == 5000


@pytest.mark.parametrize("name", ["IMG\x1b[1m", "a\nb", "a\0b", "\x7f"])
@pytest.mark.parametrize("key", [*IMAGE])
def test_control_characters_in_a_list_of_files_are_refused(
    tcp: FakeMetsServer, key: str, name: str
) -> None:
    mets = connect(tcp)
    name = f"http://x.org/{name}" if key == "url" else name
    tcp.scripted["GET /file"] = [Reply({"files": [{**IMAGE, key: name}]})]
    message = refusal(lambda: list(mets.files("IMG")), kind=MetsServerError)
    assert f"METS server {tcp.url} has a METS that cannot be used: file" in message
    assert f"{name!r} has control characters in it" in message


def test_control_characters_in_a_list_of_pages_are_refused(tcp: FakeMetsServer) -> None:
    tcp.pages = ["P_1", "P\x1b_2"]
    mets = connect(tcp)
    message = refusal(lambda: mets.pages, kind=MetsServerError)
    assert message.endswith(r"cannot be used: page ID 'P\x1b_2' has control characters in it")


def test_a_server_that_stops_midway(server: FakeMetsServer) -> None:
    mets = connect(server)
    server.scripted["PUT /"] = [Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nThe")]
    message = refusal(mets.save, kind=MetsServerError)
    assert f"METS server {server.url} did not save the METS: its answer is not HTTP" in message
    assert "IncompleteRead(3 bytes read, 96 more expected)" in message


def test_a_service_that_is_not_http(server: FakeMetsServer) -> None:
    server.scripted["GET /workspace_path"] = [Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n")]
    message = refusal(connect, server, kind=MetsServerError)
    assert "its answer is not HTTP (BadStatusLine('SSH-2.0-OpenSSH_9.2" in message


@pytest.mark.parametrize("status", [301, 404, 405])
def test_another_web_service(tcp: FakeMetsServer, status: int) -> None:
    tcp.scripted["GET /workspace_path"] = [Reply("<html>", status)]
    message = refusal(connect, tcp, kind=MetsServerError)
    assert f"the server at {tcp.url} is not a METS server ({status} " in message
    assert remedy(tcp.url, tcp.directory) in message


# Answers that are none


@pytest.mark.parametrize(
    "content",
    [
        "<html>", "", "[", "[" * 100_000, None, [], 7, {}, {"physical_pages": None},
        {"physical_pages": [1]}, {"physical_pages": "P_1"}, {"file_groups": []},
    ],
    ids=str,
)  # fmt: skip
def test_a_list_of_pages_that_is_none(server: FakeMetsServer, content: Any) -> None:
    mets = connect(server)
    server.scripted["GET /physical_pages"] = [Reply(content)]
    message = refusal(lambda: mets.pages, kind=MetsServerError)
    assert f"the server at {server.url} is not a METS server: asked to list the pages" in message
    assert len(message) < 600
    assert mets.pages == ["P_1"]


@pytest.mark.parametrize(
    "content",
    [
        "no", [], {}, {"files": None}, {"files": 1}, {"files": [1]}, {"files": [{}]},
        {"files": [{**IMAGE, "local_filename": 7}]}, {"files": [{"file_id": "a"}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_list_of_files_that_is_none(server: FakeMetsServer, content: Any) -> None:
    mets = connect(server)
    server.scripted["GET /file"] = [Reply(content)] * 2
    assert "asked to look up file 'IMG_1', it answers" in refusal(
        mets.file, "IMG_1", kind=MetsServerError
    )
    assert "asked to list the files of group 'IMG'" in refusal(
        mets.files, "IMG", kind=MetsServerError
    )


def test_text_that_is_not_utf_8(tcp: FakeMetsServer) -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe"
    tcp.scripted["GET /workspace_path"] = [Reply(raw=raw)]
    assert "asked to name its workspace, it answers" in refusal(connect, tcp, kind=MetsServerError)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(garbage=st.binary(max_size=80), head=st.booleans())
def test_any_bytes_are_an_error_of_ours(tcp: FakeMetsServer, garbage: bytes, head: bool) -> None:
    raw = (b"HTTP/1.1 200 OK\r\n\r\n" if head else b"") + garbage
    tcp.scripted = {"GET /workspace_path": [Reply(raw=raw)]}
    message = refusal(connect, tcp, kind=MetsServerError)
    assert tcp.url in message


# What the server refuses


@pytest.mark.parametrize(
    ("status", "content", "detail"),
    [
        (400, '"A file with ID==OCR_1 already exists"', "A file with ID==OCR_1 already exists"),
        (400, [{"type": "t", "loc": ["a", 0], "msg": "bad"}, "worse"], "a.0: bad; worse"),
        (
            422,
            {"detail": [{"loc": ["body", "mimetype"], "msg": "Field required"}]},
            "body.mimetype: Field required",
        ),
        (422, {"detail": [{"msg": "bad", "loc": None}]}, "bad"),
        (500, "Internal Server Error", "Internal Server Error"),
        (500, "a\n b\tc\x1b", "a b c"),
        (502, {"reason": "ö"}, '{"reason": "ö"}'),
        (503, "", "it does not say why"),
    ],
)
def test_a_refusal_says_why(server: FakeMetsServer, status: int, content: Any, detail: str) -> None:
    mets = connect(server)
    server.scripted["POST /file"] = [Reply(content, status)]
    message = refusal(mets.add_file, PAGE)
    # A Processing Server does not hand the status on.
    end = "" if server.url.endswith("/tcp_mets") else f" (status {status})"
    assert message == f"METS server {server.url} did not add file OCR_1: {detail}{end}"
    mets.add_file(PAGE)
    assert mets.file("OCR_1") == PAGE


def test_a_processing_server_that_fails_itself(tmp_path: Path) -> None:
    with serving(tmp_path.resolve(), "multiplexed") as server:
        mets = connect(server)
        raw = b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nOops"
        server.scripted["PUT /"] = [Reply(raw=raw)]
        assert refusal(mets.save).endswith("did not save the METS: Oops (status 500)")
        server.scripted["PUT /"] = [
            Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + body)
            for body in (b'"a text"\n', b'{"a": 10}', b"not JSON ")
        ]
        for _ in range(3):
            assert "asked to save the METS" in refusal(mets.save, kind=MetsServerError)


@given(st.text())
def test_any_text_fits_into_one_line(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= 300
    if text.isprintable() and len(text) <= 300 and "  " not in text:
        assert line == text.strip()


# Connections


def test_one_connection_serves_one_thread(server: FakeMetsServer) -> None:
    mets = connect(server)
    for i in range(5):
        mets.add_file(replace(PAGE, id=f"OCR_{i}"))
    assert {asked.connection for asked in server.asked} == {0}
    mets.close()
    assert mets.pages == ["P_1"]
    assert server.asked[-1].connection == 1


def test_many_threads_share_the_client(server: FakeMetsServer) -> None:
    mets = connect(server)
    gate = threading.Barrier(4)

    def work(thread: int) -> None:
        gate.wait(timeout=600)
        for i in range(20):
            name = f"OCR_{thread}_{i}"
            mets.add_file(replace(PAGE, id=name, page_id=f"P_{i}", group=f"G_{thread}"))
            assert f"G_{thread}" in mets.groups
            assert f"P_{i}" in mets.pages
            file = mets.file(name)
            assert file is not None
            assert file.group == f"G_{thread}"

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, thread) for thread in range(4)]:
            done.result()
    assert len(server.files) == 81
    assert len({asked.connection for asked in server.asked}) <= 4
    assert sorted(mets.groups) == ["G_0", "G_1", "G_2", "G_3", "IMG"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # fork in a process with threads
def test_a_forked_process_has_connections_of_its_own(server: FakeMetsServer) -> None:
    mets = connect(server)
    assert mets.pages == ["P_1"]
    child = multiprocessing.get_context("fork").Process(target=mets.add_file, args=(PAGE,))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert mets.file("OCR_1") == PAGE
    assert [asked.connection for asked in server.asked] == [0, 0, 1, 1, 0]


def test_a_connection_that_ended_is_replaced(server: FakeMetsServer) -> None:
    mets = connect(server)
    server.scripted["GET /physical_pages"] = [Reply({"physical_pages": ["P_1"]}, ends=True)]
    assert mets.pages == ["P_1"]
    mets.add_file(PAGE)
    assert [asked.connection for asked in server.asked] == [0, 0, 1, 1]
    assert len(server.files) == 2


def test_a_request_that_met_the_end_is_sent_once_more(server: FakeMetsServer) -> None:
    mets = connect(server)
    server.scripted["POST /file"] = [Reply(raw=b"")]
    mets.add_file(PAGE)
    assert server.routes[1:] == ["GET /file", "POST /file", "POST /file"]
    server.scripted["POST /file"] = [Reply(raw=b"")] * 2
    message = refusal(mets.add_file, PAGE, kind=MetsServerError)
    assert "did not add file OCR_1: it closed the connection without an answer;" in message
    assert server.routes[4:] == ["GET /file", "POST /file", "POST /file"]


def test_a_new_connection_that_ends_is_not_tried_again(server: FakeMetsServer) -> None:
    server.scripted["GET /workspace_path"] = [Reply(raw=b"")]
    assert "closed the connection" in refusal(connect, server, kind=MetsServerError)
    assert server.routes == ["GET /workspace_path"]


def test_an_agent_is_never_sent_twice(server: FakeMetsServer) -> None:
    mets = connect(server)
    server.scripted["POST /agent"] = [Reply(raw=b"")]
    agent = Agent("x", "y")
    assert "did not record the processing step x: it closed the connection" in refusal(
        mets.add_agent, agent, kind=MetsServerError
    )
    assert server.routes == ["GET /workspace_path", "POST /agent"]
    mets.add_agent(agent)
    assert [asked.connection for asked in server.asked] == [0, 1, 2]
    assert len(server.agents) == 1


def test_a_connection_that_was_idle_is_not_used(
    server: FakeMetsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocrd_rapid.workspace.mets_server_http._MAX_IDLE", 0.0)
    mets = connect(server)
    mets.add_file(PAGE)
    assert [asked.connection for asked in server.asked] == [0, 1, 2]


def test_proxies_of_the_environment_are_not_used(
    tcp: FakeMetsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert connect(tcp).pages == []


# Round trips

_NAMES = st.text(string.ascii_letters + string.digits + "_.-", max_size=20).map("n{}".format)
_TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"￾￿'), max_size=40
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    file=st.builds(
        MetsFile,
        id=_NAMES,
        group=_NAMES,
        page_id=_TEXTS,
        mimetype=st.sampled_from([MIMETYPE_PAGE, "image/png", "text/plain; charset=utf-8"]),
        path=_TEXTS.map("a/{}".format),
        url=_TEXTS.map("http://h/?{}".format) | st.just(""),
    )
)
def test_what_is_added_is_what_is_listed(server: FakeMetsServer, file: MetsFile) -> None:
    server.files, server.pages, server.groups = [], [], []
    mets = connect(server)
    mets.add_file(file)
    assert mets.file(file.id) == file
    assert list(mets.files(file.group)) == [file]
    assert mets.groups == [file.group]
    assert mets.pages == ([file.page_id] if file.page_id else [])
    mets.close()


@pytest.mark.parametrize("name", ["a\udc80", "a\x00"])
def test_nothing_is_asked_for_a_name_that_no_mets_can_have(tcp: FakeMetsServer, name: str) -> None:
    mets = connect(tcp)
    assert mets.file(name) is None
    assert list(mets.files(name)) == []
    assert tcp.routes == ["GET /workspace_path"]


def test_a_name_in_lines_is_named_in_one(tcp: FakeMetsServer) -> None:
    mets = connect(tcp)
    tcp.scripted["GET /file"] = [Reply("", 500)]
    assert "did not look up file 'a b': it does not say why" in refusal(mets.file, "a\nb")
