# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the interface for programs answers, and what is in the workspace then."""

from __future__ import annotations

import errno
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from read_books import LINES

from ocrd_rapid.correction.apply_corrections import apply_corrections
from ocrd_rapid.correction.corrections import parse_corrections
from ocrd_rapid.correction_server import working_pages
from ocrd_rapid.errors import CorrectionsError
from ocrd_rapid.workspace.ground_truth import LineState, state_of
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import TextLine
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.workspace import Workspace

from .conftest import Serve, Served


def corrected(book: Path, group: str = "OCR-D-GT") -> dict[str, dict[str, TextLine]]:
    """Return the lines of the pages that a group has, as the METS lists them."""
    workspace = Workspace.open(directory=book)
    if group not in workspace.mets.groups:
        return {}
    return {
        file.page_id: {
            line.id: line for r in workspace.read_page(file).text_regions() for line in r.lines
        }
        for file in workspace.files(group)
    }


def errors(book: Path) -> list[Any]:
    return [each for each in validate(book / "mets.xml") if each.severity == "error"]


def test_pages_and_lines(served: Served) -> None:
    pages = served.get("pages")["pages"]
    assert [page["id"] for page in pages] == ["P_1", "P_2"]
    assert pages[0] == {
        "id": "P_1", "label": "", "lines": 3, "corrected": 0, "problem": "",
        "confidence": pytest.approx(0.6),
    }  # fmt: skip
    page = served.get("page", page="P_2")
    assert [line["text"] for line in page["lines"]] == list(LINES.values())
    line = page["lines"][0]
    assert (page["width"], page["height"], line["number"], line["state"]) == (600, 400, 1, "")
    assert [word["text"] for word in line["words"]] == ["cin", "Haus"]
    assert line == served.line("P_2", "l1")
    assert line["box"] == [5, 10, 595, 40]
    assert line["picture"] == {"width": 598, "height": 38, "begin": 9, "end": 189}


def test_a_line_is_saved_in_a_group_of_its_own(served: Served, book: Path) -> None:
    before = (book / "OCR" / "OCR_1.xml").read_bytes()
    saved = served.save("P_1", "l1", "ein  Haus ")["line"]
    assert (saved["text"], saved["state"]) == ("ein Haus", "corrected")
    assert [word["text"] for word in saved["words"]] == ["ein", "Haus"]
    assert saved["readings"] == [{"text": "cin Haus", "confidence": 0.6}]
    found = corrected(book)
    assert list(found) == ["P_1"]
    assert [state_of(line) for line in found["P_1"].values()] == [LineState.CORRECTED, None, None]
    assert found["P_1"]["l1"].text == "ein Haus"
    assert (book / "OCR" / "OCR_1.xml").read_bytes() == before
    assert errors(book) == []
    assert served.get("pages")["pages"][0]["corrected"] == 1


def test_a_line_without_text_and_a_line_as_it_was(served: Served, book: Path) -> None:
    served.save("P_1", "l2", "am Fcld", "confirmed")
    served.save("P_1", "l3", "", "not-text")
    found = corrected(book)["P_1"]
    assert (found["l2"].text, state_of(found["l2"])) == ("am Fcld", LineState.CONFIRMED)
    assert (found["l3"].text, state_of(found["l3"])) == ("", LineState.NOT_TEXT)


def test_what_was_said_is_taken_back(served: Served, book: Path) -> None:
    original = served.line("P_1", "l1")
    served.save("P_1", "l1", "ein Haus")
    served.save("P_1", "l2", "am Feld")
    again = served.save("P_1", "l1", "", "")["line"]
    assert again == original
    assert state_of(corrected(book)["P_1"]["l1"]) is None
    served.save("P_1", "l2", "", "")
    assert corrected(book) == {}
    assert not list((book / "OCR-D-GT").glob("*.xml"))
    assert errors(book) == []


def test_two_who_change_one_line(served: Served, book: Path) -> None:
    base = served.line("P_1", "l1")["base"]
    served.save("P_1", "l1", "ein Haus", base=base)
    answer = served.save("P_1", "l1", "kein Haus", base=base, status=409)
    assert answer["line"]["text"] == "ein Haus"
    assert corrected(book)["P_1"]["l1"].text == "ein Haus"
    served.save("P_1", "l1", "kein Haus", base=answer["line"]["base"])
    assert corrected(book)["P_1"]["l1"].text == "kein Haus"


def test_a_change_by_another_program_is_seen(served: Served, book: Path) -> None:
    served.save("P_1", "l1", "ein Haus")
    base = served.line("P_1", "l2")["base"]
    [path] = (book / "OCR-D-GT").glob("*.xml")
    path.write_bytes(path.read_bytes().replace(b"am Fcld", b"im Wald"))
    assert served.save("P_1", "l2", "am Feld", base=base, status=409)["line"]["text"] == "im Wald"


def test_opened_again_all_is_there(serve: Serve) -> None:
    serve().save("P_2", "l1", "ein Haus")
    again = serve()
    assert again.line("P_2", "l1")["state"] == "corrected"
    assert again.get("progress")["corrected"] == 1
    assert again.get("progress")["minutes"] > 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"line": "l9"}, 404),
        ({"page": "P_9"}, 404),
        ({"page": "../../etc/passwd"}, 404),
        ({"line": "r"}, 404),
        ({"state": "perfect"}, 422),
        ({"text": ""}, 422),
        ({"text": "a\x00b"}, 422),
        ({"text": "a\x1bb"}, 422),
        ({"text": 5}, 422),
        ({"base": None}, 422),
        ({"text": "x" * 10_001}, 413),
        ({"text": "x" * 2_000_000}, 413),
    ],
)
def test_what_is_refused(served: Served, book: Path, body: dict[str, Any], status: int) -> None:
    base = served.line("P_1", "l1")["base"]
    right = {"page": "P_1", "line": "l1", "text": "ein Haus", "state": "corrected", "base": base}
    answer = served.client.put("/api/line", json={**right, **body})
    assert answer.status_code == status
    assert corrected(book) == {}


def test_a_body_that_is_no_json(served: Served) -> None:
    kind = {"content-type": "application/json"}
    for content in (b"{", b"[]", b"[" * 100_000, b"\xff"):
        assert served.client.put("/api/line", content=content, headers=kind).status_code == 422
    plain = served.client.put("/api/line", content=b"{}", headers={"content-type": "text/plain"})
    assert plain.status_code == 422


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202eab\u200f אב", "a\tb\nc"])
def test_strange_text_is_text(served: Served, book: Path, text: str) -> None:
    served.save("P_1", "l1", text)
    assert corrected(book)["P_1"]["l1"].text == " ".join(text.split())
    assert errors(book) == []


def test_a_full_disk_changes_nothing(
    served: Served, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.save("P_1", "l1", "ein Haus")
    [path] = (book / "OCR-D-GT").glob("*.xml")
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(working_pages, "replace_together", full)
    assert "nothing was saved" in served.save("P_1", "l2", "am Feld", status=507)["error"]
    assert path.read_bytes() == before
    assert served.line("P_1", "l2")["state"] == ""
    monkeypatch.undo()
    served.save("P_1", "l2", "am Feld")


def test_pictures(served: Served) -> None:
    answer = served.client.get("/api/picture", params={"page": "P_1", "line": "l2"})
    assert answer.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (598, 38)
    assert abs(picture.convert("L").getpixel((300, 20)) - 201) < 3  # type: ignore[operator]
    page = Image.open(io.BytesIO(served.client.get("/api/picture?page=P_1").content))
    assert page.size == (600, 400)
    for query in ("page=P_1&line=l9", "page=P_9", "page=IMG/1.png", ""):
        assert served.client.get(f"/api/picture?{query}").status_code == 404


def test_a_page_without_its_image_is_still_corrected(served: Served, book: Path) -> None:
    (book / "IMG" / "1.png").unlink()
    assert served.client.get("/api/picture?page=P_1").status_code == 422
    served.save("P_1", "l1", "ein Haus")


def test_a_broken_page_says_so_and_others_are_corrected(serve: Serve, book: Path) -> None:
    (book / "OCR" / "OCR_1.xml").write_text("<PcGts")
    served = serve()
    first, second = served.get("pages")["pages"]
    assert first["problem"] and first["lines"] == 0
    assert second["lines"] == 3
    assert served.get("page", status=422, page="P_1")["error"]
    served.save("P_2", "l1", "ein Haus")


def test_orders(served: Served) -> None:
    served.save("P_1", "l1", "ein Haus")
    found = {
        order: [(line["page"], line["line"]) for line in served.get("lines", order=order)["lines"]]
        for order in ("page", "unsure", "teach")
    }
    assert found["page"] == [
        ("P_1", "l2"),
        ("P_1", "l3"),
        ("P_2", "l1"),
        ("P_2", "l2"),
        ("P_2", "l3"),
    ]
    assert set(found["unsure"]) == set(found["page"])
    assert served.get("lines")["order"] == "teach"
    assert len(served.get("lines", count="2", order="page")["lines"]) == 2
    assert served.get("lines", status=422, order="best")["error"]
    assert served.get("lines", status=422, count="-1")["error"]


def test_replacing_is_shown_first(served: Served, book: Path) -> None:
    served.save("P_1", "l1", "ein Haus")
    asked = {"search": "c", "replace": "e"}
    shown = served.send("POST", "replace/preview", **asked)
    assert [(row["page"], row["text"], row["after"]) for row in shown["lines"]] == [
        ("P_1", "am Fcld", "am Feld"),
        ("P_2", "cin Haus", "ein Haus"),
        ("P_2", "am Fcld", "am Feld"),
    ]
    assert list(corrected(book)) == ["P_1"]
    rows = [{**row, "text": row["after"]} for row in shown["lines"]]
    done = served.send("POST", "replace", lines=rows[1:])
    assert [line["text"] for line in done["lines"]] == ["ein Haus", "am Feld"]
    assert {line.text for line in corrected(book)["P_2"].values()} == {"ein Haus", "am Feld", "::~"}
    again = served.send("POST", "replace/preview", **asked, corrected=True)
    assert again["lines"] == [] and again["total"] == 0
    stale = served.send("POST", "replace", lines=rows[1:])
    assert stale["lines"] == [] and "changed meanwhile" in stale["problems"][0]["error"]
    assert served.send("POST", "replace/preview", 422, search=" ", replace="")["error"]
    assert served.send("POST", "replace", 422, lines=[])["error"]


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        ({"search": "haus", "replace": "Hof", "sameCase": False}, ["cin Hof"]),
        ({"search": "haus", "replace": "Hof"}, []),
        ({"search": "a", "replace": "o", "wholeWords": True}, []),
        ({"search": "am", "replace": "im", "wholeWords": True}, ["im Fcld"]),
        ({"search": ".", "replace": "!"}, []),
        ({"search": "::~", "replace": ""}, []),
    ],
)
def test_what_is_replaced(served: Served, asked: dict[str, Any], texts: list[str]) -> None:
    shown = served.send("POST", "replace/preview", **asked)["lines"]
    assert [row["after"] for row in shown if row["page"] == "P_1"] == texts


def test_settings_are_kept_for_the_user(served: Served, own_home: Path) -> None:
    assert "ſ" in served.get("settings")["palette"]
    served.send("PUT", "settings", palette=["ſ", "aͤ"], language="de")
    assert served.get("settings") == {"palette": ["ſ", "aͤ"], "language": "de"}
    assert (own_home / "config" / "ocrd-rapid" / "correct.json").is_file()
    for wrong in (
        {"language": "xx"},
        {"palette": ["<script>alert(1)"]},
        {"palette": [""]},
        {"a": 1},
    ):
        assert served.send("PUT", "settings", 422, **wrong)["error"]


def test_only_the_pages_that_were_chosen(serve: Serve) -> None:
    served = serve(pages="P_2")
    assert [page["id"] for page in served.get("pages")["pages"]] == ["P_2"]
    assert served.get("page", status=404, page="P_1")["error"]


def test_a_file_that_a_killed_server_left_is_entered(serve: Serve, book: Path) -> None:
    serve().save("P_1", "l1", "ein Haus")
    workspace = Workspace.open(directory=book)
    [file] = workspace.files("OCR-D-GT")
    workspace.mets.remove_file(file.id, "OCR-D-GT")
    workspace.save()
    assert corrected(book) == {}
    assert serve().line("P_1", "l1")["text"] == "ein Haus"
    assert corrected(book)["P_1"]["l1"].text == "ein Haus"


def test_ground_truth_of_another_program_is_not_touched(serve: Serve, book: Path) -> None:
    """It has no marks, and is in the group that is written."""
    workspace = Workspace.open(directory=book)
    content = (book / "OCR" / "OCR_1.xml").read_bytes().replace(b"cin Haus", b"ein Haus")
    entry = workspace.page_entry("OCR-D-GT", "GT_1", "P_1")
    workspace.write_file(entry.path, content)
    workspace.mets.add_file(entry)
    workspace.save()
    served = serve()
    assert served.line("P_1", "l1")["text"] == "ein Haus"
    assert "with -O" in served.save("P_1", "l2", "am Feld", status=422)["error"]
    served.book.take_over("P_2")
    with pytest.raises(CorrectionsError, match="no marks"):
        served.book.take_over("P_1")
    assert (book / entry.path).read_bytes() == content
    served.save("P_2", "l2", "am Feld")
    serve(output="OCR-D-GT-2").save("P_1", "l2", "am Feld")


def test_the_machine_leaves_the_page_alone(served: Served, book: Path) -> None:
    """IDs, words and other lines are as they were."""
    before = {line.id: line for r in _page(book).text_regions() for line in r.lines}
    served.save("P_1", "l1", "ein Haus")
    after = corrected(book)["P_1"]
    assert [word.id for word in after["l1"].words] == [word.id for word in before["l1"].words]
    assert after["l2"].transcript == before["l2"].transcript


def _page(book: Path) -> PageDocument:
    return PageDocument.read(book / "OCR" / "OCR_1.xml")


def test_what_another_program_applied_meanwhile_is_seen(served: Served, book: Path) -> None:
    seen = served.line("P_1", "l1")["base"]
    found = {"id": "l1", "old": "cin Haus", "new": "kein Haus", "state": "corrected"}
    digest = hashlib.sha256((book / "OCR" / "OCR_1.xml").read_bytes()).hexdigest()
    value = {
        "format": "ocrd-rapid corrections", "version": 1, "group": "OCR",
        "pages": [{"id": "P_1", "sha256": digest, "lines": [found]}],
    }  # fmt: skip
    apply_corrections(
        Workspace.open(directory=book), parse_corrections(json.dumps(value).encode()), "OCR-D-GT"
    )
    served.save("P_1", "l2", "am Feld")
    assert (
        served.save("P_1", "l1", "ein Haus", status=409, base=seen)["line"]["text"] == "kein Haus"
    )
    assert [line["text"] for line in served.get("page", page="P_1")["lines"]] == [
        "kein Haus", "am Feld", "::~",
    ]  # fmt: skip
