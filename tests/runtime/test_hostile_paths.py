# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a METS or a METS server names as a file, and is none: its page fails, no other one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_mets_server import FakeMetsServer, serving
from toys import ALL, Toy, book, run, saved, with_groups, write_page

from ocrd_rapid.runtime import run_records
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.workspace import Workspace

IN = with_groups("IN")

#: What is named, and what the message says of it.
NO_FILES = [
    ("/dev/zero", "not a regular file"),
    ("pipe", "not a regular file"),
    ("IMG", "directory"),
    (".", "directory"),
    ("IMG/1.png/x", ""),
    ("x" * 300, "too long"),
    ("../" * 200 + "dev/zero", "not a regular file"),
    ("/proc/self/mem", ""),
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = book(tmp_path / "book", 2)
    os.mkfifo(made.directory / "pipe")
    return made


@pytest.fixture
def server(workspace: Workspace) -> Iterator[FakeMetsServer]:
    with serving(workspace.directory.resolve()) as running:
        running.pages, running.groups = ["P_1", "P_2"], ["IN"]
        yield running


def described(path: str, kind: str, page: int, identifier: str = "") -> dict[str, str]:
    return {
        "file_grp": "IN", "file_id": identifier or f"IN_{page}", "mimetype": kind,
        "page_id": f"P_{page}", "url": "", "local_filename": path,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["image/png", MIMETYPE_PAGE, ""])
@pytest.mark.parametrize(("path", "said"), NO_FILES)
def test_what_a_mets_names_is_opened_only_if_it_is_a_file(
    workspace: Workspace, path: str, said: str, kind: str
) -> None:
    workspace.mets.add_file(MetsFile("IN_1", "IN", "P_1", kind, path))
    workspace.mets.add_file(MetsFile("IN_2", "IN", "P_2", "image/png", "IMG/2.png"))
    workspace.save()
    summary = run(saved(workspace), Toy(), IN, policy=ALL)
    assert summary.done == ("P_2",)
    assert list(summary.failed) == ["P_1"]
    assert "unexpected" not in summary.failed["P_1"]
    if kind:
        assert said in summary.failed["P_1"]
    assert any("file IN_1" in str(finding) for finding in validate(workspace.mets_path))


@pytest.mark.parametrize("kind", ["image/png", MIMETYPE_PAGE])
@pytest.mark.parametrize(("path", "said"), NO_FILES)
def test_what_a_server_names_is_opened_only_if_it_is_a_file(
    workspace: Workspace, server: FakeMetsServer, path: str, said: str, kind: str
) -> None:
    server.files = [described(path, kind, 1), described("IMG/2.png", "image/png", 2)]
    remote = Workspace.open(workspace.mets_path, server=server.url)
    summary = run(remote, Toy(), IN, policy=ALL)
    assert summary.done == ("P_2",)
    assert said in summary.failed["P_1"]
    assert "unexpected" not in summary.failed["P_1"]


@pytest.mark.parametrize("identifier", ["../../up", "a b", "/abs", "x" * 300, "圖" * 150, "-"])
def test_whatever_the_ids_of_a_server_are_outputs_stay_in_their_folder(
    workspace: Workspace, server: FakeMetsServer, identifier: str
) -> None:
    server.pages = [f"P{identifier}", "P_2"]
    server.files = [
        described("IMG/1.png", "image/png", 1, identifier) | {"page_id": f"P{identifier}"},
        described("IMG/2.png", "image/png", 2),
    ]
    before = {path for path in workspace.directory.parent.rglob("*") if "OUT" not in path.parts}
    remote = Workspace.open(workspace.mets_path, server=server.url)
    assert run(remote, Toy(), IN, policy=ALL).failed == {}
    written = set((workspace.directory / "OUT").rglob("*"))
    listed = {workspace.directory / file.path for file in remote.mets.files("OUT")}
    assert written == listed
    assert len(written) == 2
    after = {path for path in workspace.directory.parent.rglob("*") if "OUT" not in path.parts}
    assert after == before | {workspace.directory / run_records.PATH}


def test_an_image_that_a_page_names_is_opened_only_if_it_is_a_file(workspace: Workspace) -> None:
    document = PageDocument.for_image("/dev/zero", 30, 20, "me")
    workspace.mets.add_file(write_page(workspace, document, "IN", "IN_1", "P_1"))
    summary = run(workspace, Toy(lambda task: task.image.pixels), IN, policy=ALL)
    assert "not a regular file" in summary.failed["P_1"]
