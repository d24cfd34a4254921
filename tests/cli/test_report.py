# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid report``: how far books are, and what failed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from toys import ALL, STEP, Toy, book

from ocrd_rapid.errors import ImageError
from ocrd_rapid.runtime.policy import MissingOutput
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.run_records import PATH, read_records
from ocrd_rapid.runtime.step import Existing
from ocrd_rapid.workspace.segments import tag
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]


def reading(*broken: str) -> Toy:
    """Return a processor that writes a line of ten letters to each page, but not to some."""

    def read(page: OpenPage) -> None:
        if page.page_id in broken:
            raise ImageError(f"image of {page.page_id} is broken")
        sheet = page.document.root.find(tag("Page"))
        assert sheet is not None
        region = etree.SubElement(sheet, tag("TextRegion"), id="r")
        etree.SubElement(region, tag("Coords"), points="0,0 9,0 9,9 0,9")
        line = etree.SubElement(region, tag("TextLine"), id="l")
        etree.SubElement(line, tag("Coords"), points="0,0 9,0 9,9 0,9")
        text = etree.SubElement(line, tag("TextEquiv"), conf="0.8")
        etree.SubElement(text, tag("Unicode")).text = "abcdefghij"

    return Toy(read)


def run(workspace: Workspace, toy: Toy, **changes: Any) -> None:
    step = replace(STEP, existing=Existing.SKIP, **changes)
    run_steps(workspace, [step], lambda name, values: toy, policy=ALL)


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Return a folder of three books: finished; with a failed page; not begun."""
    folder = tmp_path / "books"
    run(book(folder / "b2", 3), reading())
    run(book(folder / "b10", 4), reading("P_2"), page_ids="P_1,P_2")
    book(folder / "later" / "b11", 2)
    return folder


def as_json(call: Call, *arguments: str | Path, code: int) -> dict[str, Any]:
    done = call("ocrd-rapid", "report", "--json", *arguments)
    assert done.code == code, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_pages_are_counted_and_failures_named(call: Call, books: Path) -> None:
    found = as_json(call, books, code=11)
    names = [Path(entry["book"]).name for entry in found["books"]]
    assert names == ["b2", "b10", "b11"]  # in natural order
    counts = [
        tuple(entry[name] for name in ("pages", "done", "failed", "left"))
        for entry in [*found["books"], found["total"]]
    ]
    assert counts == [(3, 3, 0, 0), (4, 1, 1, 2), (2, 0, 0, 2), (9, 4, 1, 4)]
    assert found["books"][1]["failures"] == [
        {"page": "P_2", "processor": "ocrd-toy", "message": "image of P_2 is broken"}
    ]
    assert [entry["group"] for entry in found["books"]] == ["OUT", "OUT", ""]


def test_errors_are_expected_as_confidences_say(call: Call, books: Path) -> None:
    found = as_json(call, books, code=11)
    assert [entry["characters"] for entry in found["books"]] == [30, 10, 0]
    assert found["total"]["expected_error_rate"] == pytest.approx(0.2)
    assert found["books"][2]["expected_error_rate"] is None
    without = as_json(call, "--no-estimate", books, code=11)
    assert without["total"]["characters"] == 0
    assert without["total"]["done"] == 4


def test_the_speed_is_that_of_the_runs(call: Call, books: Path) -> None:
    found = as_json(call, books, code=11)
    for entry in found["books"][:2]:
        assert entry["pages_per_minute"] == pytest.approx(60 * entry["done"] / entry["seconds"])
    assert found["books"][2]["pages_per_minute"] is None


def test_what_failed_once_and_is_there_now_has_not_failed(call: Call, books: Path) -> None:
    run(Workspace.open(books / "b10" / "mets.xml"), reading())
    found = as_json(call, books / "b10", code=0)
    assert (found["total"]["done"], found["total"]["failed"]) == (4, 0)
    assert len(read_records(books / "b10")) == 2


def test_people_get_a_table(call: Call, books: Path) -> None:
    done = call("ocrd-rapid", "report", books)
    lines = done.out.splitlines()
    assert lines[0].split() == [
        "book",
        "pages",
        "done",
        "failed",
        "left",
        "expected",
        "CER",
        "pages/min",
    ]
    assert lines[2].split()[:6] == [str(books / "b10"), "4", "1", "1", "2", "20.00%"]
    assert lines[4].split()[:6] == ["all", "(3)", "9", "4", "1", "4"]
    assert lines[-1] == f"{books / 'b10'}: page P_2: ocrd-toy: image of P_2 is broken"


def test_the_first_failures_are_shown_and_the_rest_counted(call: Call, tmp_path: Path) -> None:
    workspace = book(tmp_path / "long", 30)
    run(workspace, reading(*(f"P_{number}" for number in range(1, 31))))
    lines = call("ocrd-rapid", "report", tmp_path / "long").out.splitlines()
    assert sum("is broken" in line for line in lines) == 20
    assert lines[-1] == "… and 10 more; all with --json"
    assert len(as_json(call, tmp_path / "long", code=11)["books"][0]["failures"]) == 30


def test_a_page_that_ends_the_run_is_recorded(call: Call, tmp_path: Path) -> None:
    workspace = book(tmp_path / "one", 3)
    policy = replace(ALL, missing_output=MissingOutput.ABORT)
    with pytest.raises(ImageError):
        run_steps(workspace, [STEP], lambda name, values: reading("P_2"), policy=policy)
    found = as_json(call, tmp_path / "one", code=11)
    assert (found["total"]["done"], found["total"]["failed"], found["total"]["left"]) == (1, 1, 1)


def test_a_book_that_cannot_be_read_is_a_failure(call: Call, books: Path) -> None:
    (books / "b2" / "mets.xml").write_text("<mets", encoding="utf-8")
    (books / "b10" / "mets.xml").unlink()
    found = as_json(call, books, code=11)
    assert [bool(entry["problem"]) for entry in found["books"]] == [True, False]
    assert f"{books / 'b2'}: " in call("ocrd-rapid", "report", books).out


def test_a_folder_without_books_is_an_error(call: Call, tmp_path: Path) -> None:
    done = call("ocrd-rapid", "report", tmp_path)
    assert done.code == 8
    assert "name a workspace, or a folder of workspaces" in done.err


def test_damaged_records_are_passed_over(call: Call, books: Path) -> None:
    path = books / "b10" / PATH
    path.write_bytes(b'{"steps": 1}\n\xff\n[]\n' + path.read_bytes() + b'{"ended": "2026')
    assert as_json(call, books / "b10", code=11)["total"]["failed"] == 1


def test_a_run_that_did_nothing_is_not_recorded(books: Path) -> None:
    run(Workspace.open(books / "b2" / "mets.xml"), reading())
    assert len(read_records(books / "b2")) == 1
