# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid correct apply``: all corrections of a file, or none."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ocrd_rapid import files
from ocrd_rapid.cli.correct import command
from ocrd_rapid.correction.apply_corrections import apply_corrections
from ocrd_rapid.correction.corrections import Corrections, parse_corrections
from ocrd_rapid.errors import CorrectionsError
from ocrd_rapid.runtime.book_report import written_last
from ocrd_rapid.runtime.step import Step
from ocrd_rapid.workspace.ground_truth import LineState, state_of
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.workspace import Workspace

from .conftest import corrections, hash_of, saved

GOOD = (1, "l1", "ein Haus", "corrected")
MORE = (2, "l2", "am Feld", "corrected")
DIRT = (1, "l3", "", "not-text")
SURE = (1, "l2", "am Fcld", "confirmed")


def applied(book: Path, value: Any, *options: str) -> Result:
    path = saved(book.parent, value)
    arguments = ["apply", "-w", str(book), *options, str(path)]
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def lines(book: Path, number: int, group: str = "OCR-D-GT") -> dict[str, Any]:
    [path] = (book / group).glob(f"*_{number}.xml")
    found = PageDocument.read(path).text_regions()[0].lines
    return {line.id: (line.text, state_of(line)) for line in found}


def errors(book: Path) -> list[Any]:
    """Return the errors of the workspace; the images have no resolution, as notices say."""
    return [found for found in validate(book / "mets.xml") if found.severity == "error"]


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.suffix != ".lock"
    }


def test_they_go_into_a_group_of_their_own(book: Path) -> None:
    before = everything(book)
    done = applied(book, corrections(book, GOOD, DIRT, SURE, MORE))
    assert done.exception is None
    assert done.output == "OCR-D-GT: 4 lines of 2 pages written\n"
    assert lines(book, 1) == {
        "l1": ("ein Haus", LineState.CORRECTED),
        "l2": ("am Fcld", LineState.CONFIRMED),
        "l3": ("", LineState.NOT_TEXT),
    }
    assert lines(book, 2)["l2"] == ("am Feld", LineState.CORRECTED)
    assert lines(book, 2)["l1"] == ("cin Haus", None)
    after = everything(book)
    assert {name: after[name] for name in before if name != "mets.xml"} == {
        name: data for name, data in before.items() if name != "mets.xml"
    }
    assert errors(book) == []
    entries = Workspace.open(directory=book).mets.files("OCR-D-GT")
    assert {(f.page_id, f.id) for f in entries} == {("P_1", "OCR-D-GT_1"), ("P_2", "OCR-D-GT_2")}


def test_twice_is_once(book: Path) -> None:
    value = corrections(book, GOOD, MORE)
    assert applied(book, value).exception is None
    before = everything(book)
    done = applied(book, value, "--json")
    assert json.loads(done.output) == {
        "group": "OCR-D-GT", "lines": 0, "before": 2,
        "pages": [
            {"page": f"P_{n}", "file": f"OCR-D-GT/OCR-D-GT_{n}.xml", "lines": 0, "before": 1}
            for n in (1, 2)
        ],
    }  # fmt: skip
    assert everything(book) == before


def test_several_at_the_same_time_take_turns(book: Path) -> None:
    every = [(1, "l1", "ein Haus"), (1, "l2", "am Feld"), (1, "l3", "Ende"), (2, "l2", "am Wald")]
    found = [
        parse_corrections(json.dumps(corrections(book, (*line, "corrected"))).encode())
        for line in every
    ]
    opened = [Workspace.open(directory=book) for _ in every]  # before anybody has written
    begin = threading.Barrier(len(every))

    def apply(workspace: Workspace, wanted: Corrections) -> None:
        begin.wait(60)
        apply_corrections(workspace, wanted, "OCR-D-GT")

    with ThreadPoolExecutor(len(every)) as pool:
        list(pool.map(apply, opened, found))
    assert [text for text, _ in lines(book, 1).values()] == ["ein Haus", "am Feld", "Ende"]
    assert lines(book, 2)["l2"] == ("am Wald", LineState.CORRECTED)
    assert errors(book) == []


def test_those_of_several_people_come_together(book: Path) -> None:
    assert applied(book, corrections(book, GOOD)).exception is None
    assert applied(book, corrections(book, GOOD, SURE, MORE)).exception is None
    assert lines(book, 1)["l1"] == ("ein Haus", LineState.CORRECTED)
    assert lines(book, 1)["l2"] == ("am Fcld", LineState.CONFIRMED)
    other = corrections(book, (1, "l1", "ein Hans", "corrected"))
    refused = applied(book, other)
    assert "line l1 was corrected before, as 'ein Haus'" in str(refused.exception)
    assert applied(book, other, "--overwrite").exception is None
    assert lines(book, 1)["l1"] == ("ein Hans", LineState.CORRECTED)
    assert errors(book) == []


def test_one_goes_on_from_what_was_corrected(book: Path) -> None:
    assert applied(book, corrections(book, GOOD)).exception is None
    value = corrections(book, (1, "l1", "mein Haus", "corrected"), group="OCR-D-GT")
    value["pages"][0]["lines"][0]["old"] = "ein Haus"
    assert applied(book, value).exception is None
    assert lines(book, 1)["l1"] == ("mein Haus", LineState.CORRECTED)
    assert applied(book, value).output.endswith("1 line there already\n")


def _no_line(value: dict[str, Any]) -> None:
    value["pages"][1]["lines"][0]["id"] = "l9"


def _other_text(value: dict[str, Any]) -> None:
    value["pages"][1]["lines"][0]["old"] = "am Feld"


def _changed_page(value: dict[str, Any]) -> None:
    value["pages"][1]["sha256"] = "0" * 64


def _no_page(value: dict[str, Any]) -> None:
    value["pages"][1]["id"] = "P_9"


def _no_group(value: dict[str, Any]) -> None:
    value["group"] = "OCX"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_no_line, "page P_2: line l9 is not there"),
        (_other_text, "page P_2: line l2 reads 'am Fcld', not 'am Feld'"),
        (_changed_page, "page P_2: it has changed since the view was written"),
        (_no_page, "page P_9: it is not in file group OCR"),
        (_no_group, "input file group 'OCX' is not in the METS"),
    ],
)
def test_what_does_not_fit_stops_all(
    book: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    value = corrections(book, GOOD, MORE)
    change(value)
    before = everything(book)
    done = applied(book, value)
    assert said in str(done.exception)
    assert everything(book) == before


def _broken(**changes: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda value: json.dumps({**value, **changes}).encode()


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda v: json.dumps(v).encode()[:-20], "not JSON, or cut off"),
        (lambda v: b"\xff\xfe", "not JSON, or cut off"),
        (lambda v: b"[" * 100_000, "not JSON, or cut off"),
        (lambda v: b"[]", "not a file of corrections"),
        (_broken(format="other"), "not a file of corrections"),
        (_broken(version=2), "version 2 of the format is unknown"),
        (_broken(pages={}), "pages is {}, but must be a list"),
        (_broken(group=""), "group is"),
        (lambda v: json.dumps(v).replace("corrected", "perfect").encode(), "state is"),
        (lambda v: json.dumps(v).replace("ein Haus", " \\u0000 ").encode(), "but has no text"),
        (lambda v: json.dumps(v).replace("corrected", "confirmed").encode(), "has another text"),
        (lambda v: json.dumps({**v, "pages": v["pages"] * 2}).encode(), "page P_1 is there twice"),
        (lambda v: json.dumps(v).replace('"old"', '"odd"').encode(), "'old' is a required"),
    ],
)
def test_broken_files_are_refused(
    book: Path, write: Callable[[dict[str, Any]], bytes], said: str
) -> None:
    with pytest.raises(CorrectionsError) as caught:
        parse_corrections(write(corrections(book, GOOD)))
    assert said in str(caught.value)


def test_a_missing_file_is_named(book: Path) -> None:
    done = CliRunner().invoke(
        command, ["apply", "-w", str(book), "nowhere.json"], standalone_mode=False
    )
    assert "nowhere.json cannot be read" in str(done.exception)


def test_a_full_disk_leaves_all_as_it_was(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert applied(book, corrections(book, GOOD)).exception is None
    before = everything(book)
    written = []

    def full(handle: int) -> None:
        written.append(handle)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        value = json.dumps(corrections(book, GOOD, SURE, MORE)).encode()
        apply_corrections(Workspace.open(directory=book), parse_corrections(value), "OCR-D-GT")
    assert everything(book) == before


KILLED = """
import os, sys
from pathlib import Path
from ocrd_rapid import files
from ocrd_rapid.cli.correct import command
number = int(sys.argv[1])
real, done = Path.replace, []
def replace(self, target):
    if len(done) == number:
        os.kill(os.getpid(), 9)
    done.append(target)
    return real(self, target)
Path.replace = replace
command(["apply", "-w", sys.argv[2], sys.argv[3]])
"""


@pytest.mark.parametrize("number", [0, 1, 2])
def test_after_a_kill_every_page_is_whole_and_again_does_the_rest(book: Path, number: int) -> None:
    """It is killed before the first page has its name, before the second one, before the METS."""
    path = saved(book.parent, corrections(book, GOOD, MORE))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(number), str(book), str(path)], check=False
    )
    assert done.returncode == -signal.SIGKILL
    for page in (book / "OCR-D-GT").glob("[!.]*.xml"):
        PageDocument.read(page)
    assert applied(book, json.loads(path.read_text())).exception is None
    assert lines(book, 1)["l1"] == ("ein Haus", LineState.CORRECTED)
    assert lines(book, 2)["l2"] == ("am Feld", LineState.CORRECTED)
    assert errors(book) == []
    assert [p.name for p in (book / "OCR-D-GT").iterdir() if p.name.startswith(".")] == []


def test_the_input_may_be_another_group_with_the_same_pages(book: Path) -> None:
    value = corrections(book, GOOD, group="OCR")
    value["group"] = "SOMETHING"
    assert applied(book, value, "-I", "OCR", "-O", "MINE").exception is None
    assert lines(book, 1, "MINE")["l1"][0] == "ein Haus"
    assert hash_of(book, 1) == value["pages"][0]["sha256"]


def test_a_report_still_counts_what_was_read(book: Path) -> None:
    workspace = Workspace.open(directory=book)
    workspace.mets.add_agent(Step("ocrd-rapid-recognize", "recognition", "IMG", "OCR").agent())
    workspace.save()
    assert applied(book, corrections(book, GOOD)).exception is None
    assert written_last(Workspace.open(directory=book).mets) == "OCR"
