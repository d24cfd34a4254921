# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Running a processor over a workspace: what is written and recorded, and what it costs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from toys import (
    ALL,
    NS,
    OPTION,
    STEP,
    Toy,
    agents,
    book,
    fails_on,
    made,
    output_pages,
    pages,
    result,
    run,
    saved,
    turns,
    with_groups,
)

from ocrd_rapid import __version__
from ocrd_rapid.runtime.parallel import default_parallel_pages
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.workspace import decoding
from ocrd_rapid.workspace import workspace as workspace_module
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

# What is written


def test_output_is_named_after_the_input(workspace: Workspace) -> None:
    run(workspace, Toy())
    assert list(saved(workspace).mets.files("OUT")) == [
        MetsFile(f"OUT_{n}", "OUT", f"P_{n}", MIMETYPE_PAGE, f"OUT/OUT_{n}.xml")
        for n in range(1, 5)
    ]
    assert sorted(p.name for p in (workspace.directory / "OUT").iterdir()) == [
        f"OUT_{n}.xml" for n in range(1, 5)
    ]


def test_each_page_says_which_file_it_is_and_which_image_it_has(workspace: Workspace) -> None:
    run(workspace, Toy())
    for number in range(1, 5):
        page = PageDocument.read(workspace.directory / "OUT" / f"OUT_{number}.xml")
        assert page.pcgts_id == f"OUT_{number}"
        assert page.image_filename == f"IMG/{number}.png"
        assert (page.width, page.height) == (30, 20 + number)


def test_the_step_is_recorded_in_every_page(workspace: Workspace) -> None:
    run(workspace, Toy())
    page = PageDocument.read(workspace.directory / "OUT" / "OUT_3.xml")
    (item,) = page.root.iterfind("pc:Metadata/pc:MetadataItem", NS)
    assert (item.get("name"), item.get("value")) == ("layout/segmentation/line", "ocrd-toy")
    labels = [(e.getparent().get("externalId"), e.get("type"), e.get("value"))  # type: ignore[union-attr]
              for e in item.iterfind(".//pc:Label", NS)]  # fmt: skip
    assert labels == [
        ("parameters", "model", "toy.onnx"),
        ("parameters", "level", "0.5"),
        ("parameters", "deep", "True"),
        ("version", "ocrd-toy", __version__),
        ("version", "model", "toy.onnx"),
    ]


def test_a_page_may_have_versions_of_its_own(workspace: Workspace) -> None:
    def function(page: OpenPage) -> None:
        if page.page_id == "P_2":
            page.versions["model"] = "other.onnx"

    run(workspace, Toy(function))
    found = {
        number: PageDocument.read(workspace.directory / "OUT" / f"OUT_{number}.xml")
        for number in (1, 2)
    }
    versions = {n: dict(page.processing_steps()[-1].versions) for n, page in found.items()}
    assert versions[1] == {"ocrd-toy": __version__, "model": "toy.onnx"}
    assert versions[2] == {"ocrd-toy": __version__, "model": "other.onnx"}


def test_the_step_is_recorded_in_the_mets_once(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_1..P_3"))
    (agent,) = agents(workspace)
    assert agent.get("OTHERROLE") == "layout/segmentation/line"
    assert agent.findtext("mets:name", namespaces=NS) == f"ocrd-toy v{__version__}"
    notes = {e.get(OPTION): e.text or "" for e in agent.iterfind("mets:note", NS)}
    parameter = json.loads(notes.pop("parameter"))
    assert parameter == {"model": "toy.onnx", "level": 0.5, "deep": True}
    assert notes == {
        "input-file-grp": "IMG", "output-file-grp": "OUT", "page-id": "P_1..P_3",
    }  # fmt: skip


def test_what_the_processor_changes_is_written(workspace: Workspace) -> None:
    run(workspace, turns(90))
    found = [PageDocument.read(p) for p in (workspace.directory / "OUT").iterdir()]
    assert [page.orientation for page in found] == [90, 90, 90, 90]


def test_a_second_step_reads_the_pages_of_the_first(workspace: Workspace) -> None:
    run(workspace, turns(90))
    found: list[float] = []
    second = Toy(lambda page: found.append(page.document.orientation))
    run(saved(workspace), second, with_groups("OUT", "END"))
    assert found == [90, 90, 90, 90]
    page = PageDocument.read(workspace.directory / "END" / "END_2.xml")
    assert page.pcgts_id == "END_2"
    assert len(page.root.findall("pc:Metadata/pc:MetadataItem", NS)) == 2
    assert len(agents(workspace)) == 2


def test_progress_is_told_page_by_page(workspace: Workspace) -> None:
    told: list[tuple[int, int]] = []
    run(workspace, Toy(), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_report_says_where_the_time_went(workspace: Workspace) -> None:
    report = run_steps(workspace, [STEP], made(Toy()), policy=ALL)
    assert set(report.seconds) == {"models", "input", "ocrd-toy", "output", "METS"}
    assert all(value >= 0 for value in report.seconds.values())
    assert 0 < sum(report.seconds.values()) <= report.elapsed


# Several pages at a time


def staggered(count: int) -> Toy:
    """Return a processor that needs longest for the first pages, and turns each as it should."""

    def function(page: OpenPage) -> None:
        number = int(page.page_id.removeprefix("P_"))
        threading.Event().wait((count - number) % 4 / 100)
        page.document.set_orientation(number)

    return Toy(function)


def test_the_result_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    results = []
    for workers in (1, 2, 5):
        made = book(tmp_path / str(workers), 20)
        run(made, staggered(20), policy=Policy(parallel_pages=workers))
        found = result(made)
        # Before that are the date and the number of the METS itself.
        found["mets.xml"] = found["mets.xml"].partition(b"<mets:fileSec>")[2]
        results.append(found)
    assert len(results[0]) == 41
    assert results[0] == results[1] == results[2]


def test_failures_do_not_depend_on_the_number_of_workers_either(tmp_path: Path) -> None:
    def failures(workers: int) -> tuple[Any, ...]:
        made = book(tmp_path / str(workers), 12)
        toy = fails_on("P_1", "P_5", "P_12")
        summary = run(made, toy, policy=Policy(tolerated=0.5, parallel_pages=workers))
        return summary.done, list(summary.failed), output_pages(made)

    assert failures(1) == failures(2) == failures(5)
    assert failures(7)[1] == pages(1, 5, 12)


def test_no_more_workers_than_pages_and_at_least_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    toy = Toy(lambda page: threads.append(threading.current_thread().name))
    run(workspace, toy, policy=Policy(parallel_pages=10**9))
    assert len(threads) == 4
    assert 1 <= default_parallel_pages() <= 2


# What it costs


def test_an_image_is_decoded_once_and_only_if_asked_for(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    plain = decoding.open_image

    def counted(path: Path) -> Any:
        opened.append(path.name)
        return plain(path)

    monkeypatch.setattr(decoding, "open_image", counted)
    run(workspace, Toy())
    assert opened == []

    def look(page: OpenPage) -> None:
        assert page.image is page.image
        page.images.pixels(page.document.image_filename)

    run(workspace, Toy(look), with_groups(output_group="OUT2"), policy=ALL)
    assert opened == ["1.png", "2.png", "3.png", "4.png"]


def counting(patch: pytest.MonkeyPatch, owner: object, name: str, calls: dict[str, int]) -> None:
    """Count the calls of a function, or what it yields."""
    plain: Callable[..., Any] = getattr(owner, name)

    def counted(*arguments: Any, **named: Any) -> Any:
        found = plain(*arguments, **named)
        if isinstance(found, Iterator):
            values = list(found)
            calls[name] += len(values)
            return iter(values)
        calls[name] += 1
        return found

    calls[name] = 0
    patch.setattr(owner, name, counted)


@pytest.mark.parametrize("existing", ["none", "overwrite", "resume"])
def test_the_cost_of_a_page_does_not_grow_with_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: str
) -> None:
    def operations(count: int) -> dict[str, int]:
        made = book(tmp_path / str(count), count)
        if existing != "none":
            run(made, Toy())
        calls: dict[str, int] = {}
        step = with_groups(overwrite=existing == "overwrite", resume=existing == "resume")
        with monkeypatch.context() as patch:
            patch.setattr(Workspace, "save", lambda self, **options: None)
            for name in ("files", "file", "_describe", "agents", "add_file", "remove_file"):
                counting(patch, Mets, name, calls)
            counting(patch, workspace_module, "replace_quickly", calls)
            counting(patch, workspace_module, "remove_leftovers", calls)
            run(saved(made), Toy(), step)
        return calls

    few, many = operations(25), operations(100)
    assert sum(few.values()) > 25
    assert {name: many[name] for name in many if many[name] > 4 * few[name]} == {}
    assert many["remove_leftovers"] <= 1


def test_the_mets_is_saved_at_once_and_then_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = book(tmp_path / "book", 200)
    written: list[int] = []
    plain = Mets.write

    def counted(mets: Mets, path: Path) -> None:
        plain(mets, path)
        written.append(len(list(mets.files("OUT"))))

    monkeypatch.setattr(Mets, "write", counted)
    run(made, Toy())
    assert written[0] == 1
    assert written[-1] == 200
    # Two per cent of the time: a page here costs less than a tenth of saving the METS.
    assert len(written) <= 20
