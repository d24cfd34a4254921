# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Teaching and reading on: processes, what they change, and what they leave alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from read_books import make_read_book

from ocrd_rapid.correction_server import book_jobs
from ocrd_rapid.correction_server.session_folder import NAME
from ocrd_rapid.processes import process_lives
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.workspace import Workspace

from .conftest import Serve, Served

SUPPORT = Path(__file__).resolve().parent.parent / "support"


@pytest.fixture(autouse=True)
def another_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read on by `other_reading`, which needs no model."""
    monkeypatch.setitem(book_jobs._MODULES, "read", "other_reading")
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT), prepend=os.pathsep)


def with_head(served: Served, name: str = "head-1.npz") -> Served:
    served.jobs.state = replace(served.jobs.state, head=name)
    return served


def wait(until: Callable[[], bool]) -> None:
    for _ in range(1200):
        if until():
            return
        time.sleep(0.05)
    raise AssertionError("it does not happen")


def read_on(served: Served, *pages: str) -> dict[str, Any]:
    served.send("POST", "jobs/read", pages=list(pages))
    wait(lambda: served.get("jobs")["job"] is None)
    return dict(served.get("jobs"))


def texts(served: Served, page: str) -> list[tuple[str, str]]:
    return [(line["text"], line["state"]) for line in served.get("page", page=page)["lines"]]


def groups(book: Path) -> list[str]:
    return list(Workspace.open(directory=book).mets.groups)


def test_what_people_wrote_stays_and_the_rest_is_read(served: Served, book: Path) -> None:
    served.save("P_1", "l1", "ein Haus")
    before = (book / "OCR" / "OCR_1.xml").read_bytes()
    status = read_on(with_head(served))
    [record] = status["readings"]
    assert (record["number"], record["pages"], record["changed"]) == (1, 2, 3)
    assert record["after"] < record["before"]
    assert texts(served, "P_1") == [("ein Haus", "corrected"), ("AM FCLD", ""), ("::~", "")]
    assert texts(served, "P_2") == [("CIN HAUS", ""), ("AM FCLD", ""), ("::~", "")]
    assert served.get("readings/changes", number="1")["lines"] == [
        {"page": "P_1", "line": "l2", "before": "am Fcld", "after": "AM FCLD"},
        {"page": "P_2", "line": "l1", "before": "cin Haus", "after": "CIN HAUS"},
        {"page": "P_2", "line": "l2", "before": "am Fcld", "after": "AM FCLD"},
    ]
    assert (book / "OCR" / "OCR_1.xml").read_bytes() == before
    assert groups(book) == ["IMG", "OCR", "OCR-D-GT", "OCR-D-GT-READ-1"]
    assert [each for each in validate(book / "mets.xml") if each.severity == "error"] == []
    saved = served.save("P_2", "l1", "ein Haus")["line"]
    assert saved["readings"][0]["text"] == "CIN HAUS"


def test_a_reading_is_undone_as_a_whole(served: Served, book: Path) -> None:
    served.save("P_1", "l1", "ein Haus")
    read_on(with_head(served))
    served.save("P_1", "l2", "am Feld")
    served.save("P_2", "l2", "im Feld")
    assert served.send("POST", "readings/undo")["readings"] == []
    assert texts(served, "P_1") == [
        ("ein Haus", "corrected"), ("am Feld", "corrected"), ("::~", ""),
    ]  # fmt: skip
    assert texts(served, "P_2") == [("cin Haus", ""), ("im Feld", "corrected"), ("::~", "")]
    assert groups(book) == ["IMG", "OCR", "OCR-D-GT"]
    assert not list((book / "OCR-D-GT-READ-1").glob("*"))
    assert [each for each in validate(book / "mets.xml") if each.severity == "error"] == []
    assert served.send("POST", "readings/undo", 422)["error"] == "there is no reading to undo"


def test_some_pages_and_readings_one_after_the_other(served: Served, book: Path) -> None:
    read_on(with_head(served), "P_2")
    assert texts(served, "P_1")[0] == ("cin Haus", "")
    assert read_on(served)["readings"][-1]["changed"] == 2
    assert groups(book)[-2:] == ["OCR-D-GT-READ-1", "OCR-D-GT-READ-2"]
    served.send("POST", "readings/undo")
    assert [texts(served, page)[0][0] for page in ("P_1", "P_2")] == ["cin Haus", "CIN HAUS"]


def test_what_is_refused(served: Served) -> None:
    assert "teach one first" in served.send("POST", "jobs/read", 422, pages=[])["error"]
    assert "nothing is corrected" in served.send("POST", "jobs/teach", 422)["error"]
    assert read_on(served, "P_2")["readings"][0]["head"] == ""
    with_head(served)
    assert served.send("POST", "jobs/read", 422, pages=["P_9"])["error"]
    assert served.send("POST", "jobs/read", 422, pages="P_1")["error"]
    assert served.send("POST", "head/keep", 422, name="../x")["error"]
    assert served.get("readings/changes", 422, number="7")["error"]


def test_a_job_is_stopped_and_people_go_on_meanwhile(served: Served, book: Path) -> None:
    with_head(served, "slow.npz").send("POST", "jobs/read", pages=[])
    wait(lambda: served.get("jobs")["job"].get("done") == 1)
    assert "wait for the end" in served.send("POST", "jobs/read", 409, pages=[])["error"]
    assert served.send("POST", "readings/undo", 409)["error"]
    served.save("P_1", "l1", "ein Haus")
    served.send("POST", "jobs/stop")
    wait(lambda: served.get("jobs")["job"] is None)
    [record] = served.get("jobs")["readings"]
    assert record["finished"]
    assert texts(served, "P_1") == [("ein Haus", "corrected"), ("AM FCLD", ""), ("::~", "")]
    assert texts(served, "P_2")[0] == ("cin Haus", "")
    served.send("POST", "readings/undo")
    assert texts(served, "P_1") == [("ein Haus", "corrected"), ("am Fcld", ""), ("::~", "")]


def test_a_reading_of_a_killed_server_is_finished_by_the_next(serve: Serve, book: Path) -> None:
    served = with_head(serve(), "slow.npz")
    served.save("P_1", "l1", "ein Haus")
    served.send("POST", "jobs/read", pages=[])
    wait(lambda: served.get("jobs")["job"].get("done") == 1)
    assert served.jobs._job is not None
    process = served.jobs._job[1]._process
    assert process.stdin is not None
    process.stdin.close()  # as the system does when the server is killed
    wait(lambda: process.poll() is not None)
    assert not process_lives(process.pid) or process.returncode
    wait(lambda: served.get("jobs")["job"] is None)
    state = served.jobs.state
    unfinished = replace(state, readings=[replace(state.readings[0], finished=False)])
    served.jobs._remember(unfinished)
    again = serve()
    assert again.get("jobs")["readings"][0]["finished"]
    assert texts(again, "P_1")[:2] == [("ein Haus", "corrected"), ("AM FCLD", "")]


@pytest.mark.models
def test_with_few_lines_teaching_says_how_many_are_missing(
    serve: Serve, tmp_path: Path, models: Path
) -> None:
    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
    other = serve(make_read_book(tmp_path / "other", 1))
    other.save("P_1", "l1", "ein")
    served = serve(make_read_book(tmp_path / "few", 2), also=tmp_path / "other")
    for page in ("P_1", "P_2"):
        served.save(page, "l1", "ein")
        served.save(page, "l2", "am")
    served.send("POST", "jobs/teach")
    wait(lambda: served.get("jobs")["job"] is None)
    [event] = [
        content for kind, content in served.events if "result" in content or "error" in content
    ]
    assert "error" not in event, event
    taught = served.get("jobs")["taught"]
    assert taught["lines"] == 5
    assert taught["missing"] > 10
    assert served.get("jobs")["head"] == ""


@pytest.mark.models
def test_a_head_is_kept_as_a_resource(served: Served, book: Path, models: Path) -> None:
    from ocrd_rapid.ocr.recognition.head_files import read_head, write_head
    from ocrd_rapid.training import session

    pytest.importorskip("torch", reason="training needs torch: pip install '.[train]'")
    base = session.prepare("PP-OCRv6_rec_small_8bit.onnx", "base", 1).base
    write_head(base, book / NAME / "heads" / "head-1.npz")
    kept = with_head(served).send("POST", "head/keep", name="mybook")["path"]
    assert read_head(Path(kept)).name == "mybook"
    assert kept.startswith(str(models))
    assert "already" in served.send("POST", "head/keep", 409, name="mybook")["error"]
    served.send("POST", "head/keep", name="mybook", overwrite=True)


@pytest.mark.models
def test_a_line_is_read_again_and_nothing_is_written(
    served: Served, book: Path, models: Path
) -> None:
    served.save("P_1", "l1", "ein Haus")
    before = {path: path.read_bytes() for path in book.rglob("*.xml")}
    for line in ("l1", "l2"):
        served.send("POST", "jobs/read-line", page="P_1", line=line)
        wait(lambda: served.get("jobs")["job"] is None)
        kind, content = served.events[-1]
        assert (kind, content) == (
            "job", {"kind": "line", "result": {"page": "P_1", "line": line, "text": ""}},
        )  # fmt: skip
    assert {path: path.read_bytes() for path in book.rglob("*.xml")} == before
    assert served.get("jobs")["readings"] == []
    served.send("POST", "jobs/read-line", 404, page="P_1", line="l9")


def test_lines_that_were_only_left_are_not_learnt(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.save("P_1", "l1", "ein Haus")
    base = served.line("P_1", "l2")["base"]
    body = {"page": "P_1", "line": "l2", "text": "am Feld", "state": "corrected", "base": base}
    assert served.send("PUT", "line", **body, confirmed=False)["line"]["confirmed"] is False
    assert served.line("P_1", "l1")["confirmed"] and not served.line("P_1", "l2")["confirmed"]
    tasks = []
    monkeypatch.setattr(served.jobs, "_start", lambda kind, task, done: tasks.append(task))
    served.send("POST", "jobs/teach")
    assert tasks[0]["unconfirmed"] == [["P_1", "l2"]]
    assert served.get("progress")["corrected"] == 1
    again = served.line("P_1", "l2")
    served.send("PUT", "line", **{**body, "base": again["base"]})
    assert served.line("P_1", "l2")["confirmed"]
    assert served.get("progress")["corrected"] == 2
