# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A METS server that fails while a run saves: it ends in one message, and nothing is lost."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from fake_mets_server import FakeMetsServer, Reply, serving
from toys import ALL, Toy, pages, run, with_groups

from ocrd_rapid.errors import ExitCode, MetsError, MetsServerError
from ocrd_rapid.workspace.mets_server import MetsServer
from ocrd_rapid.workspace.workspace import Workspace


@pytest.fixture
def server(workspace: Workspace) -> Iterator[FakeMetsServer]:
    with serving(workspace.directory.resolve()) as running:
        running.pages, running.groups = pages(1, 2, 3, 4), ["IMG"]
        running.files = [
            {
                "file_grp": "IMG", "file_id": f"IMG_{n}", "mimetype": "image/png",
                "page_id": f"P_{n}", "url": "", "local_filename": f"IMG/{n}.png",
            }
            for n in (1, 2, 3, 4)
        ]  # fmt: skip
        yield running


def remote(workspace: Workspace, server: FakeMetsServer, timeout: float = 10) -> Workspace:
    mets = MetsServer.connect(server.url, workspace.directory, workspace.mets_path, timeout=timeout)
    return Workspace(workspace.directory, workspace.mets_path, mets)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(raw=b""), "it closed the connection without an answer"),
        (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), "its answer is not HTTP"),
        (Reply(delay=3), "no complete answer within 1 s; check whether it is still working"),
        (Reply({"detail": "disk full"}, 500), "did not save the METS: disk full (status 500)"),
    ],
)
def test_a_server_that_fails_to_save_is_asked_for_it_once(
    workspace: Workspace,
    server: FakeMetsServer,
    caplog: pytest.LogCaptureFixture,
    reply: Reply,
    said: str,
) -> None:
    server.scripted["PUT /"] = [reply] * 9
    toy = Toy()
    with pytest.raises(MetsError, match=re.escape(said)) as caught:
        run(remote(workspace, server, 1.0), toy, policy=ALL)
    assert caught.value.exit_code is ExitCode.INPUT
    if isinstance(caught.value, MetsServerError):
        # A connection that had been open before may have ended of itself: then once more.
        assert server.routes.count("PUT /") <= 2
        assert "finished output is on the disk, and a run with --resume enters it" in caplog.text
    server.scripted.clear()
    done = list(toy.seen)
    again = Toy()
    with caplog.at_level(logging.ERROR):
        summary = run(remote(workspace, server), again, with_groups(resume=True), policy=ALL)
    assert [*done, *again.seen] == pages(1, 2, 3, 4)
    assert list(summary.skipped) == done
    listed = {file["page_id"] for file in server.files if file["file_grp"] == "OUT"}
    assert listed == set(pages(1, 2, 3, 4))
    assert server.saves > 0


@pytest.mark.parametrize(("share", "saves"), [("SAVING_SHARE_AT_SERVER", 4), ("SAVING_SHARE", 2)])
def test_saves_take_their_own_share_of_the_time_at_a_server(
    workspace: Workspace,
    server: FakeMetsServer,
    monkeypatch: pytest.MonkeyPatch,
    share: str,
    saves: int,
) -> None:
    monkeypatch.setattr(f"ocrd_rapid.workspace.workspace.{share}", 1e9)
    server.scripted["PUT /"] = [Reply({"detail": "saved"}, delay=0.05)] * 9
    run(remote(workspace, server), Toy(), policy=ALL)
    assert server.routes.count("PUT /") == saves
