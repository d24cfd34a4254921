# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A hundred kills, and two processes at work on one workspace."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from children import start
from filelock import FileLock
from toys import Toy, agents, book, output_pages, pages, result, run, saved, with_groups

from ocrd_rapid.errors import StorageError
from ocrd_rapid.runtime.resume import is_whole
from ocrd_rapid.workspace import mets_lock
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

SCRIPT = Path(__file__).with_name("run_in_child.py")
SEED = 20240


class Runner:
    """A process that runs toys in children of its own."""

    def __init__(self) -> None:
        self._process = start(SCRIPT)

    def begin(
        self, workspace: Workspace, *, output: str = "OUT", workers: int = 1,
        pause: float = 0.001, kill_after: float | None = None,
    ) -> None:  # fmt: skip
        job = {
            "directory": str(workspace.directory), "output": output, "workers": workers,
            "pause": pause, "kill_after": kill_after,
        }  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()

    def end(self) -> int:
        """Wait for the run; return its exit code."""
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=600)


@pytest.fixture
def runners() -> Iterator[list[Runner]]:
    made = [Runner(), Runner()]
    yield made
    for runner in made:
        runner.close()


def copy_of(workspace: Workspace, name: str) -> Workspace:
    directory = workspace.directory.with_name(name)
    shutil.copytree(workspace.directory, directory)
    return Workspace.open(directory=directory)


def temporary(workspace: Workspace) -> list[str]:
    return [path.name for path in workspace.directory.rglob(".*tmp")]


def check_whole(workspace: Workspace, group: str = "OUT") -> int:
    """See that nothing is broken; return how many pages are on the disk."""
    listed = {file.path for file in saved(workspace).mets.files(group)}
    files = sorted((workspace.directory / group).glob("*.xml"))
    assert listed <= {f"{group}/{path.name}" for path in files}
    for path in files:
        assert is_whole(path), path
    if files:
        assert PageDocument.read(files[-1]).processing_steps()[-1].executable == "ocrd-toy"
    assert len(temporary(workspace)) <= 2
    return len(files)


# (pages, workers, seconds a page takes, kills)
CASES = [(200, 1, 0.0, 30), (200, 2, 0.001, 40), (60, 3, 0.01, 30)]


@pytest.mark.parametrize(("count", "workers", "pause", "kills"), CASES)
def test_kills_lose_no_finished_page_and_change_nothing_in_the_end(
    tmp_path: Path, runners: list[Runner], count: int, workers: int, pause: float, kills: int
) -> None:
    chance = random.Random(SEED + count + workers)
    runner = runners[0]
    blank = book(tmp_path / "blank", count)
    undisturbed = copy_of(blank, "undisturbed")
    began = time.perf_counter()
    runner.begin(undisturbed, workers=workers, pause=pause)
    assert runner.end() == 0
    usual = time.perf_counter() - began
    expected = result(undisturbed)
    killed = rounds = 0
    while killed < kills:
        rounds += 1
        disturbed = copy_of(blank, f"disturbed-{rounds}")
        there = 0
        while killed < kills:
            moment = chance.uniform(0, 0.5 * usual)
            runner.begin(disturbed, workers=workers, pause=pause, kill_after=moment)
            code = runner.end()
            assert code in (0, -9)
            killed += code == -9
            found = check_whole(disturbed)
            assert found >= there, "a page was lost"
            there = found
            if code == 0:
                break
        runner.begin(disturbed, workers=workers, pause=pause)
        assert runner.end() == 0
        assert len(agents(disturbed)) == 1
        assert result(disturbed) == expected
        assert temporary(disturbed) == []
        shutil.rmtree(disturbed.directory)
    assert killed == kills


# Two processes


@pytest.mark.parametrize("workers", [1, 2])
def test_two_processes_at_once_both_keep_everything(
    tmp_path: Path, runners: list[Runner], workers: int
) -> None:
    made = book(tmp_path / "book", 100)
    for runner, group in zip(runners, ("OUT", "END"), strict=True):
        runner.begin(made, output=group, workers=workers, pause=0.003)
    assert [runner.end() for runner in runners] == [0, 0]
    everything = pages(*range(1, 101))
    assert output_pages(made, "OUT") == output_pages(made, "END") == everything
    outputs = [a.find("{*}note[2]").text for a in agents(made)]  # type: ignore[union-attr]
    assert sorted(map(str, outputs)) == ["END", "OUT"]
    assert temporary(made) == []


def test_two_processes_do_one_group_together(tmp_path: Path, runners: list[Runner]) -> None:
    made = book(tmp_path / "book", 60)
    for runner in runners:
        runner.begin(made, pause=0.003)
    assert [runner.end() for runner in runners] == [0, 0]
    assert output_pages(made) == pages(*range(1, 61))
    assert check_whole(made) == 60
    assert temporary(made) == []


def test_one_of_two_may_be_killed(tmp_path: Path, runners: list[Runner]) -> None:
    made = book(tmp_path / "book", 60)
    runners[0].begin(made, output="OUT", pause=0.01)
    runners[1].begin(made, output="END", pause=0.2, kill_after=0.5)
    assert [runner.end() for runner in runners] == [0, -9]
    assert output_pages(made, "OUT") == pages(*range(1, 61))
    runners[1].begin(made, output="END")
    assert runners[1].end() == 0
    assert output_pages(made, "END") == pages(*range(1, 61))


def test_saving_waits_for_who_holds_the_lock(tmp_path: Path, runners: list[Runner]) -> None:
    made = book(tmp_path / "book", 5)
    with FileLock(made.directory / ".mets.xml.lock"):
        runners[0].begin(made, pause=0)
        deadline = time.monotonic() + 600
        while not (made.directory / "OUT" / "OUT_1.xml").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(0.3)
        assert "OUT" not in saved(made).mets.groups
        # What is written by who holds the lock is not lost either.
        theirs = saved(made)
        theirs.mets.add_file(MetsFile("X", "X", "P_1", "image/png", "IMG/1.png"))
        assert isinstance(theirs.mets, Mets)
        theirs.mets.write(theirs.mets_path)
    assert runners[0].end() == 0
    assert output_pages(made) == pages(1, 2, 3, 4, 5)
    assert saved(made).mets.file("X") is not None


def test_a_lock_that_is_never_released_is_an_error_and_resuming_enters_the_pages(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mets_lock, "LOCK_SECONDS", 0.1)
    with (
        FileLock(workspace.directory / ".mets.xml.lock"),
        pytest.raises(StorageError, match=r"has been locked by another .*\.mets\.xml\.lock\)"),
    ):
        run(workspace, Toy())
    assert "--resume enters it" in caplog.text
    assert "OUT" not in saved(workspace).mets.groups
    run(saved(workspace), Toy(), with_groups(resume=True))
    assert output_pages(workspace) == pages(1, 2, 3, 4)


# A writer that knows no lock, such as OCR-D core: it reads early, and writes all it knows late.


def test_what_a_writer_without_lock_undoes_is_done_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = Mets.read(workspace.mets_path)
    core.add_file(MetsFile("CORE_1", "CORE", "P_1", "image/png", "IMG/1.png"))

    def progress(done: int, total: int) -> None:
        if done == 3:
            core.write(workspace.mets_path)

    monkeypatch.setattr("ocrd_rapid.workspace.workspace.SAVING_SHARE", 1e9)  # save after every page
    run(workspace, Toy(), progress=progress)
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert [file.id for file in saved(workspace).mets.files("CORE")] == ["CORE_1"]
    assert len(agents(workspace)) == 1


def test_what_a_writer_without_lock_undoes_in_the_end_is_adopted_when_resuming(
    workspace: Workspace,
) -> None:
    core = Mets.read(workspace.mets_path)
    core.add_file(MetsFile("CORE_1", "CORE", "P_1", "image/png", "IMG/1.png"))
    run(workspace, Toy())
    core.write(workspace.mets_path)
    assert "OUT" not in saved(workspace).mets.groups
    toy = Toy()
    run(saved(workspace), toy, with_groups(resume=True))
    assert toy.seen == []
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert saved(workspace).mets.file("CORE_1") is not None
    assert len(agents(workspace)) == 1


def test_what_somebody_removed_on_purpose_stays_removed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def progress(done: int, total: int) -> None:
        if done == 3:
            other = saved(workspace)
            other.mets.remove_file("OUT_1")
            other.delete_file("OUT/OUT_1.xml")
            other.save()

    monkeypatch.setattr("ocrd_rapid.workspace.workspace.SAVING_SHARE", 1e9)
    run(workspace, Toy(), progress=progress)
    assert output_pages(workspace) == pages(2, 3, 4)


def test_stale_entries_that_a_writer_without_lock_brings_back_go_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = MetsFile("OUT_1.IMG", "OUT", "P_1", "image/png", "OUT/OUT_1.IMG.png")
    workspace.mets.add_file(old)
    workspace.write_file(old.path, b"image")
    workspace.save()
    core = Mets.read(workspace.mets_path)

    def progress(done: int, total: int) -> None:
        if done == 2:
            core.write(workspace.mets_path)

    monkeypatch.setattr("ocrd_rapid.workspace.workspace.SAVING_SHARE", 1e9)
    run(workspace, Toy(), with_groups(overwrite=True), progress=progress)
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert saved(workspace).mets.file("OUT_1.IMG") is None
