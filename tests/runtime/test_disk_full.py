# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A disk that is full: exit code 7, a METS that is whole, and a run that can be resumed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toys import ALL, Toy, agents, book, output_pages, pages, result, run, saved, with_groups

from ocrd_rapid.cli.errors import guard
from ocrd_rapid.errors import ExitCode
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

DEV_FULL = Path("/dev/full")

needs_dev_full = pytest.mark.skipif(
    not DEV_FULL.exists(), reason="no /dev/full here to play a full disk"
)


class Disk:
    """A disk that has room for so many more files; then files are made, but take no content."""

    def __init__(self, room: int, only: str = "") -> None:
        self.room = room
        self._only = only
        self._open = os.open

    def open(self, path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        """Stand in for ``os.open``."""
        handle = self._open(path, flags, *arguments, **options)
        name = os.fspath(path) if isinstance(path, (str, os.PathLike)) else ""
        # Of the files of a run, only the METS has no name before it is complete.
        nameless = getattr(os, "O_TMPFILE", 0)
        mets = bool(nameless) and flags & nameless == nameless
        named = flags & os.O_CREAT and str(name).endswith("tmp") and self._only in str(name)
        if not (mets or named):
            return handle
        self.room -= 1
        if self.room >= 0:
            return handle
        os.close(handle)
        return self._open(DEV_FULL, os.O_RDWR)


def exit_code(call: Callable[[], object]) -> ExitCode:
    def nothing_else() -> int:
        call()
        return 0

    return ExitCode(guard(nothing_else, "toy"))


@needs_dev_full
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("room", range(6))
def test_a_full_disk_ends_the_run_and_resuming_completes_it(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    room: int,
    workers: int,
) -> None:
    policy = Policy(parallel_pages=workers)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", Disk(room).open)
        code = exit_code(lambda: run(workspace, Toy(), policy=policy))
    assert code is ExitCode.STORAGE
    assert "toy: error: No space left on device" in capsys.readouterr().err
    on_disk = sorted((workspace.directory / "OUT").glob("*"))
    for path in on_disk:
        assert PageDocument.read(path).pcgts_id == path.stem
    listed = {file.id for file in saved(workspace).mets.files("OUT")}
    assert listed <= {path.stem for path in on_disk}
    assert [path.name for path in workspace.directory.rglob("*tmp")] == []
    toy = Toy()
    run(saved(workspace), toy, with_groups(resume=True), policy=policy)
    assert sorted(toy.seen) == [p for p in pages(1, 2, 3, 4)
                                if f"OUT_{p[2:]}" not in {f.stem for f in on_disk}]  # fmt: skip
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert len(agents(workspace)) == 1


def with_image(task: Any) -> None:
    task.add_image(255 - task.image.pixels, ".IMG-INV", ("grayscale_normalized",))


@needs_dev_full
@pytest.mark.parametrize("room", range(9))
def test_a_full_disk_costs_no_derived_image_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    made, undisturbed = book(tmp_path / "made", 3), book(tmp_path / "undisturbed", 3)
    made.mets_path.write_bytes(undisturbed.mets_path.read_bytes())
    run(undisturbed, Toy(with_image))
    with monkeypatch.context() as patch:
        disk = Disk(room)
        patch.setattr(os, "open", disk.open)
        code = exit_code(lambda: run(made, Toy(with_image)))
    assert code is (ExitCode.STORAGE if disk.room < 0 else ExitCode.OK)
    run(saved(made), Toy(with_image), with_groups(resume=True))
    assert result(made) == result(undisturbed)


@needs_dev_full
def test_if_only_the_mets_has_no_room_the_pages_are_kept_and_the_log_says_how_to_enter_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = workspace.mets_path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", Disk(0, only=".mets.xml").open)
        assert exit_code(lambda: run(workspace, Toy())) is ExitCode.STORAGE
    assert workspace.mets_path.read_bytes() == before
    (said,) = caplog.messages
    assert said.startswith("the METS could not be saved: ")
    assert said.endswith("finished output is on the disk, and a run with --resume enters it")
    run(saved(workspace), Toy(), with_groups(resume=True))
    assert output_pages(workspace) == pages(1, 2, 3, 4)


@needs_dev_full
def test_what_is_overwritten_is_there_whole_old_or_new(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(workspace, Toy())

    def turn(task: Any) -> None:
        task.document.set_orientation(90)

    overwrite = with_groups(overwrite=True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", Disk(3).open)
        code = exit_code(lambda: run(saved(workspace), Toy(turn), overwrite, policy=ALL))
    assert code is ExitCode.STORAGE
    found = {
        path.stem: PageDocument.read(path).orientation
        for path in sorted((workspace.directory / "OUT").iterdir())
    }
    # One of the three writes was that of the METS.
    assert found == {"OUT_1": 90, "OUT_2": 90, "OUT_3": 0, "OUT_4": 0}
    assert sorted(output_pages(workspace)) == pages(1, 2, 3, 4)


def test_a_folder_that_must_not_be_written_to_is_a_storage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = book(tmp_path / "book", 2)
    plain = Path.mkdir

    def mkdir(path: Path, *arguments: Any, **named: Any) -> None:
        if path.name == "OUT":
            raise PermissionError(13, "Permission denied", str(path))
        plain(path, *arguments, **named)

    before = made.mets_path.read_bytes()
    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert exit_code(lambda: run(made, Toy())) is ExitCode.STORAGE
    said = capsys.readouterr().err
    assert said == f"toy: error: Permission denied ({made.directory / 'OUT'})\n"
    assert made.mets_path.read_bytes() == before
