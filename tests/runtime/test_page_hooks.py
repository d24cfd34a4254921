# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a caller does around each page: provide its input, learn what became of it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from toys import ALL, Toy, fails_on, made, output_pages, pages, run, with_groups

from ocrd_rapid.errors import ImageError, OcrdRapidError
from ocrd_rapid.runtime.page_hooks import PageHooks
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace


class Supply:
    """Provides the images of pages while they are worked on, under other names."""

    def __init__(self, workspace: Workspace) -> None:
        self.folder = workspace.directory / "IMG"
        self.entries = {file.page_id: file for file in workspace.mets.files("IMG")}
        self.hidden = {
            page: (self.folder.parent / file.path).rename(self.folder / f"{page}.hidden")
            for page, file in self.entries.items()
        }
        self.lock = threading.Lock()
        self.most = 0

    @contextlib.contextmanager
    def around(self, page_id: str) -> Iterator[Sequence[MetsFile]]:
        assert threading.current_thread() is not threading.main_thread()
        if page_id == "P_2":
            raise ImageError("torn")
        shown = self.hidden[page_id].rename(self.folder / f"{page_id}.shown.png")
        with self.lock:
            self.most = max(self.most, len(list(self.folder.glob("*.shown.png"))))
        yield (replace(self.entries[page_id], path=f"IMG/{shown.name}"),)
        shown.unlink()


def test_the_input_of_a_page_exists_only_while_it_is_worked_on(workspace: Workspace) -> None:
    supply = Supply(workspace)
    told: list[tuple[str, str]] = []

    def entered(page_id: str, error: OcrdRapidError | None) -> None:
        written = (workspace.directory / "OUT" / f"OUT_{page_id[-1]}.xml").exists()
        assert written == (error is None)
        told.append((page_id, str(error or "")))

    hooks = PageHooks(supply.around, entered)
    summary = run(workspace, Toy(), policy=Policy(tolerated=-1, parallel_pages=2), hooks=hooks)
    assert told == [("P_1", ""), ("P_2", "torn"), ("P_3", ""), ("P_4", "")]
    assert summary.failed == {"P_2": "torn"}
    assert output_pages(workspace) == pages(1, 3, 4)
    assert supply.most <= 2
    assert [path.name for path in supply.folder.iterdir()] == ["P_2.hidden"]


def test_the_caller_reports_failures_itself(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    run(workspace, fails_on("P_3"), policy=ALL, hooks=PageHooks())
    assert caplog.messages == []


def test_pages_that_are_finished_are_told_too(workspace: Workspace) -> None:
    told: list[str] = []
    hooks = PageHooks(entered=lambda page_id, error: told.append(page_id))
    run(workspace, Toy(), with_groups(page_ids="P_1,P_3"), policy=ALL)
    toy = Toy()
    run_steps(workspace, [with_groups(resume=True)], made(toy), policy=ALL, hooks=hooks)
    assert toy.seen == pages(2, 4)
    assert told == pages(1, 2, 3, 4)


def test_an_unexpected_error_in_the_supply_is_that_of_the_page(single: Workspace) -> None:
    @contextlib.contextmanager
    def around(page_id: str) -> Iterator[Sequence[MetsFile]]:
        raise ValueError("odd")
        yield ()

    found: list[OcrdRapidError | None] = []
    hooks = PageHooks(around, lambda page_id, error: found.append(error))
    run(single, Toy(), policy=ALL, hooks=hooks)
    assert "unexpected ValueError: odd" in str(found[0])


def test_a_disk_that_is_full_ends_the_run(single: Workspace, tmp_path: Path) -> None:
    @contextlib.contextmanager
    def around(page_id: str) -> Iterator[Sequence[MetsFile]]:
        raise OSError(28, "No space left on device")
        yield ()

    with pytest.raises(OSError, match="No space left"):
        run(single, Toy(), policy=ALL, hooks=PageHooks(around))
