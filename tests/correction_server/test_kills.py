# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Servers that are killed, ended, left alone, started twice; see ``bench/correction_kills.py``."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest
from correction_client import Client, Typed, kill_while_typing

from ocrd_rapid.correction_server.session_folder import NAME

from .conftest import StartServer


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_loses_nothing_that_was_confirmed(book: Path, seed: int) -> None:
    chance = random.Random(f"kill {seed}")
    typed = Typed()
    for _ in range(3):
        kill_while_typing(book, chance, typed)


def test_ctrl_c_ends_it(book: Path, start_server: StartServer) -> None:
    server = start_server(book)
    Client(server.address).ask("GET", "pages")
    began = time.monotonic()
    assert server.end() == 130
    assert time.monotonic() - began < 30
    assert not (book / NAME / "open.json").exists()


def test_who_comes_second_is_told_who_is_there(
    book: Path, start_server: StartServer, run: Any
) -> None:
    server = start_server(book)
    second = run("ocrd-rapid", "correct", book, "--no-browser")
    assert second.code == 7
    assert f"process {server.process.pid}" in second.err and "Traceback" not in second.err
    assert server.address.partition("?")[0] in second.err and "token" not in second.err
    server.kill()
    assert start_server(book).process.pid != server.process.pid


def test_it_ends_when_nobody_is_there(book: Path, start_server: StartServer) -> None:
    server = start_server(book, "--idle", "0.02")
    assert server.process.wait(60) == 0


def test_a_port_that_is_taken(book: Path, start_server: StartServer, run: Any) -> None:
    port = start_server(book).address.partition("/?")[0].rpartition(":")[2]
    other = book.parent / "other"
    other.mkdir()
    (other / "mets.xml").write_bytes((book / "mets.xml").read_bytes())
    for group in ("OCR", "IMG"):
        (other / group).symlink_to(book / group)
    taken = run("ocrd-rapid", "correct", other, "--no-browser", "--port", port)
    assert taken.code == 2 and "name another port" in taken.err


def test_what_cannot_be_corrected(book: Path, run: Any, tmp_path: Path) -> None:
    for arguments, code, said in (
        ([tmp_path / "nothing"], 8, "does not exist"),
        ([book, "-I", "OCX"], 8, "did you mean 'OCR'"),
        ([book, "--pages", "P_9"], 2, "P_9"),
        ([book, "-I", "OCR", "-O", "OCR"], 2, "name another one"),
    ):
        done = run("ocrd-rapid", "correct", *arguments, "--no-browser")
        assert (done.code, said in done.err) == (code, True), done.err
        assert "Traceback" not in done.err


def test_a_book_that_was_not_read(tmp_path: Path, run: Any, workspace: Path) -> None:
    done = run("ocrd-rapid", "correct", workspace, "--no-browser")
    assert done.code == 8
    assert "no file group" in done.err and "OCR-D-IMG" in done.err and "-I" in done.err
