# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Going on where a run ended: what counts as finished, and what is done again."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from lxml import etree
from toys import (
    ALL,
    Toy,
    agents,
    book,
    content,
    fails_on,
    orientations,
    output_pages,
    pages,
    result,
    run,
    saved,
    turns,
    with_groups,
)

from ocrd_rapid import __version__
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.runtime.resume import is_whole
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Existing
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

RESUME = with_groups(resume=True)


def structure(workspace: Workspace) -> tuple[str, str]:
    """Return agents, files and pages of the METS on the disk, in one way to write them."""
    root = etree.fromstring(workspace.mets_path.read_bytes())
    text = etree.tostring(root, method="c14n", encoding=None).decode()
    header, _, rest = text.partition("</mets:metsHdr>")
    return header.partition("</mets:agent>")[2], rest.partition("<mets:fileSec>")[2]


def forget(workspace: Workspace, *ids: str, agent: bool = False) -> None:
    """Remove entries from the METS as if a run had been killed before it could save them."""
    again = saved(workspace)
    for identifier in ids:
        again.mets.remove_file(identifier)
    again.save()
    if agent:
        text = again.mets_path.read_text()
        one = r'\s*<mets:agent[^>]*OTHERROLE="layout.*?</mets:agent>'
        again.mets_path.write_text(re.sub(one, "", text, flags=re.DOTALL))
        assert agents(again) == []


ALL_FOUR = ("OUT_1", "OUT_2", "OUT_3", "OUT_4")


# After what


def test_without_anything_there_all_is_done(workspace: Workspace) -> None:
    assert list(run(workspace, Toy(), RESUME).done) == pages(1, 2, 3, 4)


def test_after_a_failure_only_the_page_that_failed_is_done(workspace: Workspace) -> None:
    run(workspace, fails_on("P_2"), policy=ALL)
    toy = Toy()
    summary = run(saved(workspace), toy, RESUME, policy=ALL)
    assert toy.seen == list(summary.done) == pages(2)
    assert list(summary.skipped) == pages(1, 3, 4)
    assert sorted(output_pages(workspace)) == pages(1, 2, 3, 4)
    assert len(agents(workspace)) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
@pytest.mark.parametrize("workers", [1, 3])
def test_after_an_interrupt_the_result_is_that_of_an_undisturbed_run(
    tmp_path: Path, error: BaseException, workers: int
) -> None:
    disturbed, undisturbed = book(tmp_path / "a", 12), book(tmp_path / "b", 12)
    policy = Policy(parallel_pages=workers)
    with pytest.raises(type(error)):
        run(disturbed, fails_on("P_7", error=error), policy=policy)
    assert output_pages(disturbed) == pages(*range(1, 7))
    assert [p.name for p in disturbed.directory.rglob("*") if p.name.endswith("tmp")] == []
    toy = Toy()
    run(saved(disturbed), toy, RESUME, policy=policy)
    assert sorted(toy.seen) == sorted(pages(*range(7, 13)))
    run(undisturbed, Toy(), policy=policy)
    assert structure(disturbed) == structure(undisturbed)
    one, other = result(disturbed), result(undisturbed)
    assert {p: d for p, d in one.items() if p != "mets.xml"} == {
        p: d for p, d in other.items() if p != "mets.xml"
    }


def test_an_interrupt_on_the_first_page_changes_nothing(workspace: Workspace) -> None:
    before = content(workspace)
    with pytest.raises(KeyboardInterrupt):
        run(workspace, fails_on("P_1", error=KeyboardInterrupt()))
    assert content(workspace) == before


def test_a_finished_run_is_left_as_it_is_and_loads_no_model(workspace: Workspace) -> None:
    run(workspace, Toy())
    before = content(workspace)
    (summary,) = run_steps(
        saved(workspace), [RESUME], lambda *_: pytest.fail("the model was loaded")
    ).steps
    assert list(summary.skipped) == pages(1, 2, 3, 4)
    assert content(workspace) == before


def test_pages_can_be_asked_for(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_1"))
    toy = Toy()
    run(saved(workspace), toy, replace(RESUME, page_ids="P_1..P_2"), policy=ALL)
    assert toy.seen == pages(2)


def test_the_environment_can_ask_for_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_EXISTING_OUTPUT", "SKIP")
    assert Policy.from_environment().existing is Existing.SKIP


# Files that the METS does not list


def test_files_left_behind_are_adopted(workspace: Workspace) -> None:
    run(workspace, turns(90))
    undisturbed = structure(workspace)
    forget(workspace, *ALL_FOUR, agent=True)
    toy = Toy()
    summary = run(saved(workspace), toy, RESUME)
    assert toy.seen == []
    assert list(summary.skipped) == pages(1, 2, 3, 4)
    assert structure(workspace) == undisturbed


def test_some_files_left_behind_are_adopted_and_the_rest_is_done(workspace: Workspace) -> None:
    run(workspace, turns(90))
    undisturbed = structure(workspace)
    forget(workspace, "OUT_3", "OUT_4")
    (workspace.directory / "OUT" / "OUT_4.xml").unlink()
    toy = turns(90)
    run(saved(workspace), toy, RESUME)
    assert toy.seen == pages(4)
    assert structure(workspace) == undisturbed


Spoil = Callable[[Path], None]


def replaced(old: str, new: str) -> Spoil:
    def spoil(path: Path) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return spoil


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def without_steps(path: Path) -> None:
    document = PageDocument.read(path)
    for item in list(document.root.iterfind("{*}Metadata/{*}MetadataItem")):
        item.getparent().remove(item)  # type: ignore[union-attr]
    path.write_bytes(document.to_bytes())


SPOILED = {
    "cut": cut,
    "empty": emptied,
    "no XML but an end": lambda path: path.write_text("<a></b></PcGts>"),
    "ALTO with an end": lambda path: path.write_text("<alto/><!-- PcGts> -->"),
    "no steps": without_steps,
    "another processor": replaced('value="ocrd-toy"', 'value="ocrd-other"'),
    "another version": replaced(f'value="{__version__}"', 'value="0.0.0-old"'),
    "another parameter": replaced('value="0.5"', 'value="0.6"'),
    "a parameter more": replaced('type="level"/>', 'type="level"/><pc:Label type="x" value="1"/>'),
    "another ID": replaced('pcGtsId="OUT_2"', 'pcGtsId="OUT_22"'),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_file_left_behind_that_is_not_quite_it_is_made_again(
    workspace: Workspace, name: str
) -> None:
    run(workspace, turns(90))
    undisturbed = structure(workspace)
    forget(workspace, "OUT_2", "OUT_3", "OUT_4")
    SPOILED[name](workspace.directory / "OUT" / "OUT_2.xml")
    toy = turns(90)
    run(saved(workspace), toy, RESUME, policy=ALL)
    assert toy.seen == pages(2)
    assert sorted(output_pages(workspace)) == pages(1, 2, 3, 4)
    assert orientations(workspace)["P_2"] == 90
    assert len(agents(workspace)) == 1
    assert structure(workspace)[0] == undisturbed[0]


def test_files_of_others_are_not_adopted(workspace: Workspace) -> None:
    run(workspace, turns(90), with_groups(executable="ocrd-other"))
    forget(workspace, *ALL_FOUR)
    toy = Toy()
    run(saved(workspace), toy, RESUME, policy=ALL)
    assert toy.seen == pages(1, 2, 3, 4)
    assert orientations(workspace) == dict.fromkeys(pages(1, 2, 3, 4), 0)


# Files that the METS lists


@pytest.mark.parametrize("spoil", [cut, emptied, Path.unlink])
def test_output_that_is_not_whole_is_made_again(workspace: Workspace, spoil: Spoil) -> None:
    run(workspace, turns(90))
    spoil(workspace.directory / "OUT" / "OUT_3.xml")
    toy = turns(90)
    run(saved(workspace), toy, RESUME, policy=ALL)
    assert toy.seen == pages(3)
    assert orientations(workspace) == dict.fromkeys(pages(1, 2, 3, 4), 90)
    assert len(agents(workspace)) == 1


def test_output_that_is_a_directory_ends_the_run_and_loses_nothing(workspace: Workspace) -> None:
    run(workspace, Toy())
    a_directory(workspace.directory / "OUT" / "OUT_3.xml")
    with pytest.raises(IsADirectoryError):
        run(saved(workspace), Toy(), RESUME)
    assert output_pages(workspace) == pages(1, 2, 3, 4)


def test_two_outputs_of_a_page_are_replaced_by_one(single: Workspace) -> None:
    run(single, Toy())
    old = saved(single)
    extra = old.page_entry("OUT", "OUT_1_again", "P_1")
    old.write_file(extra.path, (old.directory / "OUT" / "OUT_1.xml").read_bytes())
    old.mets.add_file(extra)
    old.save()
    toy = Toy()
    run(saved(single), toy, RESUME)
    assert toy.seen == pages(1)
    assert [f.id for f in saved(single).mets.files("OUT")] == ["OUT_1"]


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"<pc:PcGts></pc:PcGts>", True),
        (b"<PcGts></PcGts>\n\n  \n", True),
        (b"<PcGts></PcGts>" + b" " * 50, True),
        (b"<PcGts></PcGts", False),
        (b"", False),
        (b"\0" * 4096, False),
    ],
)
def test_a_file_is_whole_if_its_end_is_there(tmp_path: Path, data: bytes, whole: bool) -> None:
    (tmp_path / "page.xml").write_bytes(data)
    assert is_whole(tmp_path / "page.xml") is whole


def test_what_is_no_file_is_not_whole(tmp_path: Path) -> None:
    assert not is_whole(tmp_path)
    assert not is_whole(tmp_path / "none")


def test_output_that_was_removed_takes_its_old_place_in_the_mets(workspace: Workspace) -> None:
    run(workspace, turns(90))
    before = result(workspace)
    for path in (workspace.directory / "OUT").iterdir():
        path.unlink()
    (workspace.directory / "OUT").rmdir()
    run(saved(workspace), turns(90), RESUME)
    assert result(workspace) == before


def test_a_page_that_is_made_again_comes_between_those_left_behind(workspace: Workspace) -> None:
    run(workspace, turns(90))
    before = result(workspace)
    forget(workspace, *ALL_FOUR)
    (workspace.directory / "OUT" / "OUT_2.xml").unlink()
    run(saved(workspace), turns(90), RESUME)
    assert result(workspace) == before


def test_after_an_interrupt_what_was_left_behind_is_listed_all_the_same(
    workspace: Workspace,
) -> None:
    run(workspace, turns(90))
    forget(workspace, *ALL_FOUR)
    (workspace.directory / "OUT" / "OUT_2.xml").unlink()
    with pytest.raises(KeyboardInterrupt):
        run(saved(workspace), fails_on("P_2", error=KeyboardInterrupt()), RESUME)
    assert output_pages(workspace) == pages(1, 3, 4)


def test_output_that_is_being_replaced_is_not_taken_for_finished(workspace: Workspace) -> None:
    other = {"model": "other.onnx", "level": 0.5, "deep": True}
    run(workspace, turns(90), with_groups(parameters=other))
    with pytest.raises(KeyboardInterrupt):
        toy = fails_on("P_3", error=KeyboardInterrupt())
        run(saved(workspace), toy, with_groups(overwrite=True), policy=ALL)
    toy = turns(180)
    run(saved(workspace), toy, RESUME, policy=ALL)
    assert toy.seen == pages(3, 4)
    assert orientations(workspace) == {"P_1": 0, "P_2": 0, "P_3": 180, "P_4": 180}


# Temporary files beside the METS


def test_what_a_killed_writer_left_of_the_mets_goes_at_the_next_start(
    workspace: Workspace,
) -> None:
    run(workspace, Toy())
    left = workspace.directory / ".mets.xml.x3k_9d.tmp"
    left.write_bytes(b"half")
    strange = workspace.directory / ".mets.xml.bak"
    strange.write_bytes(b"mine")
    run(saved(workspace), Toy(), RESUME)  # which has nothing to do, nor to save
    assert not left.exists()
    assert strange.exists()


def test_what_a_writer_is_at_work_on_stays(workspace: Workspace) -> None:
    run(workspace, Toy())
    left = workspace.directory / ".mets.xml.x3k_9d.tmp"
    left.write_bytes(b"half")
    with FileLock(workspace.directory / ".mets.xml.lock"):
        run(saved(workspace), Toy(), RESUME)
        assert left.exists()


def test_where_locks_do_not_work_no_temporary_file_is_removed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def acquire(lock: FileLock, **options: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(FileLock, "acquire", acquire)
    left = workspace.directory / ".mets.xml.x3k_9d.tmp"
    left.write_bytes(b"half")
    run(workspace, Toy())
    assert left.exists()


def test_a_process_of_the_same_number_leaves_no_temporary_file(workspace: Workspace) -> None:
    """In a container every run has the number of the last one."""
    (workspace.directory / "OUT").mkdir()
    left = workspace.directory / "OUT" / f".OUT_1.xml.{os.getpid()}.ocrd-tmp"
    left.write_bytes(b"half")
    run(workspace, Toy())
    assert not left.exists()
