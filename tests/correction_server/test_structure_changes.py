# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines are joined, divided, added, removed and moved, and all of it is undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from read_books import corners

from ocrd_rapid.training.line_sources import Notes, read_group
from ocrd_rapid.workspace.ground_truth import has_corrected_lines, has_ground_truth
from ocrd_rapid.workspace.order_marks import is_marked
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import tag
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.workspace import Workspace

from .conftest import Served
from .test_book_jobs import another_reader, read_on, with_head

__all__ = ["another_reader"]


def texts(served: Served, page: str = "P_1") -> list[tuple[str, str]]:
    return [(line["text"], line["state"]) for line in served.get("page", page=page)["lines"]]


def change(served: Served, action: str, place: int = 0, status: int = 200, **more: Any) -> Any:
    line = served.get("page", page="P_1")["lines"][place]
    body = {"page": "P_1", "action": action, "line": line["id"], "base": line["base"], **more}
    return served.send("POST", "structure", status, **body)


@pytest.fixture
def begun(served: Served) -> Served:
    """Return the book with a line that somebody has corrected."""
    served.save("P_1", "l3", "Ende")
    return served


BEFORE = [("cin Haus", ""), ("am Fcld", ""), ("Ende", "corrected")]


def sound(book: Path) -> bool:
    found = [each for each in validate(book / "mets.xml") if each.severity == "error"]
    assert not found, found
    return True


@pytest.mark.parametrize(
    ("action", "place", "more", "after"),
    [
        ("join", 0, {}, [("cin Haus am Fcld", ""), ("Ende", "corrected")]),
        ("join", 1, {}, [("cin Haus", ""), ("am Fcld Ende", "")]),
        ("divide", 0, {"words": 1}, [("cin", ""), ("Haus", ""), *BEFORE[1:]]),
        ("remove", 1, {}, [BEFORE[0], BEFORE[2]]),
        ("down", 0, {}, [BEFORE[1], BEFORE[0], BEFORE[2]]),
        ("up", 2, {}, [BEFORE[0], BEFORE[2], BEFORE[1]]),
        ("add", 0, {"baseline": [[20, 230], [300, 230]]}, [*BEFORE, ("", "")]),
        ("add", 0, {"baseline": [[20, 5], [300, 6]]}, [("", ""), *BEFORE]),
    ],
)
def test_a_change_and_the_way_back(
    begun: Served, book: Path, action: str, place: int, more: dict[str, Any], after: Any
) -> None:
    if after[-1][1] == "" and action == "join":
        begun.save("P_1", "l1", "ein Haus")
        after = [("ein Haus", "corrected"), after[-1]]
    before = texts(begun)
    done = change(begun, action, place, **more)
    assert [(line["text"], line["state"]) for line in done["page"]["lines"]] == after
    assert texts(begun) == after
    assert sound(book)
    for line in done["page"]["lines"]:
        answer = begun.client.get("/api/picture", params={"page": "P_1", "line": line["id"]})
        assert answer.status_code == 200
    back = begun.send("POST", "structure/undo", undo=done["undo"])
    assert texts(begun) == before
    assert sound(book)
    begun.send("POST", "structure/undo", undo=back["undo"])
    assert texts(begun) == after
    begun.send("POST", "structure/undo", 422, undo=back["undo"])


def test_words_and_outlines_of_parts(begun: Served) -> None:
    first, second = change(begun, "divide", 0, words=1)["page"]["lines"][:2]
    assert [[word["text"] for word in part["words"]] for part in (first, second)] == [
        ["cin"],
        ["Haus"],
    ]
    assert first["box"][0] == 5 and second["box"][2] == 595
    assert first["box"][2] == second["box"][0] == 100
    joined = change(begun, "join", 0)["page"]["lines"][0]
    assert (joined["text"], joined["box"]) == ("cin Haus", [5, 10, 595, 40])
    assert [word["text"] for word in joined["words"]] == ["cin", "Haus"]


def test_what_two_corrected_lines_become_is_corrected(begun: Served) -> None:
    begun.save("P_1", "l2", "am Feld")
    assert change(begun, "join", 1)["page"]["lines"][1]["state"] == "corrected"
    assert change(begun, "divide", 1, words=2)["page"]["lines"][2]["text"] == "Ende"
    assert texts(begun) == [BEFORE[0], ("am Feld", "corrected"), ("Ende", "corrected")]


def test_an_added_line_is_written_and_learnt(begun: Served, book: Path) -> None:
    done = change(begun, "add", baseline=[[20, 230], [300, 230]])
    new = done["page"]["lines"][-1]
    left, top, right, bottom = new["box"]
    assert left <= 25 and right >= 295 and top < 230 <= bottom
    begun.save("P_1", new["id"], "dazu", base=new["base"])
    assert texts(begun)[-1] == ("dazu", "corrected")


def test_the_type_of_a_region(begun: Served, book: Path) -> None:
    assert begun.line("P_1", "l1")["kind"] == ""
    done = change(begun, "kind", kind="heading")
    assert {line["kind"] for line in done["page"]["lines"]} == {"heading"}
    [path] = (book / "OCR-D-GT").glob("*.xml")
    assert PageDocument.read(path).text_regions()[0].element.get("type") == "heading"
    begun.send("POST", "structure/undo", undo=done["undo"])
    assert begun.line("P_1", "l1")["kind"] == ""


def test_reading_on_leaves_lines_that_people_made(begun: Served) -> None:
    change(begun, "join", 0)
    read_on(with_head(begun))
    assert texts(begun) == [("CIN HAUS AM FCLD", ""), ("Ende", "corrected")]
    begun.send("POST", "readings/undo")
    assert [text.lower() for text, _ in texts(begun)] == ["cin haus am fcld", "ende"]


@pytest.mark.parametrize(
    ("action", "place", "more", "said"),
    [
        ("join", 2, {}, "last line"),
        ("divide", 0, {"words": 2}, "between two"),
        ("divide", 0, {"words": 0}, "between two"),
        ("up", 0, {}, "on that side"),
        ("down", 2, {}, "on that side"),
        ("add", 0, {"baseline": [[20, 230]]}, "two points"),
        ("add", 0, {"baseline": [[20, 230], [900, 230]]}, "on the page"),
        ("add", 0, {"baseline": [[20, 230], [20, 230]]}, "not at the same"),
        ("add", 0, {"baseline": "x"}, "pairs"),
        ("kind", 0, {"kind": "poem"}, "one of"),
        ("fold", 0, {}, "no action"),
        ("place", 0, {"target": "l1"}, "the place of another"),
        ("place", 0, {"target": "l9"}, "the place of another"),
        ("region-up", 0, {}, "no region on that side"),
        ("region-place", 0, {"target": "l2"}, "in one region"),
        ("region-place", 0, {"target": "l9"}, "not there"),
        ("region-fold", 0, {}, "no action"),
    ],
)
def test_what_cannot_be(
    begun: Served, action: str, place: int, more: dict[str, Any], said: str
) -> None:
    assert said in change(begun, action, place, 422, **more)["error"]
    assert texts(begun) == BEFORE


def test_a_page_that_nobody_has_begun(served: Served, book: Path) -> None:
    done = change(served, "join", 0)
    assert texts(served) == [("cin Haus am Fcld", ""), ("::~", "")]
    [path] = (book / "OCR-D-GT").glob("*.xml")
    document = PageDocument.read(path)
    assert has_ground_truth(document.text_regions())
    assert not has_corrected_lines(document.text_regions())
    assert sound(book)
    read_on(with_head(served))
    assert texts(served) == [("CIN HAUS AM FCLD", ""), ("::~", "")]
    served.send("POST", "readings/undo")
    served.send("POST", "structure/undo", undo=done["undo"])
    assert texts(served) == [("cin Haus", ""), ("am Fcld", ""), ("::~", "")]


def test_without_corrected_lines_an_undone_change_leaves_nothing(
    served: Served, book: Path
) -> None:
    for action, more in (("down", {}), ("kind", {"kind": "heading"}), ("remove", {})):
        done = change(served, action, 0, **more)
        assert list((book / "OCR-D-GT").glob("*.xml"))
        served.send("POST", "structure/undo", undo=done["undo"])
        assert not list((book / "OCR-D-GT").glob("*.xml")), action


def test_nothing_is_learnt_from_a_page_with_changed_lines_only(served: Served, book: Path) -> None:
    change(served, "join", 0)
    notes = Notes()
    assert list(read_group(Workspace.open(directory=book), "OCR-D-GT", notes)) == []
    assert "nobody has corrected" in notes.skipped[0][1]


def test_a_line_is_put_to_the_place_of_another(begun: Served) -> None:
    done = change(begun, "place", 0, target="l3")
    assert texts(begun) == [BEFORE[1], BEFORE[2], BEFORE[0]]
    begun.send("POST", "structure/undo", undo=done["undo"])
    change(begun, "place", 2, target="l1")
    assert texts(begun) == [BEFORE[2], BEFORE[0], BEFORE[1]]


@pytest.fixture
def regions(served: Served, book: Path) -> Served:
    """Return a book whose first page has three regions with a line each."""
    path = book / "OCR" / "OCR_1.xml"
    document = PageDocument.read(path)
    [region] = document.text_regions()
    for name in ("l2", "l3"):
        other = document.add_region(f"of_{name}", corners(0, 0, 599, 399))
        line = next(line for line in region.lines if line.id == name)
        other.element.append(line.element)
    region.set_text("cin Haus")
    document.append_to_reading_order(["of_l2", "of_l3"])
    path.write_bytes(document.to_bytes())
    return served


def names(served: Served) -> list[str]:
    return [line["id"] for line in served.get("page", page="P_1")["lines"]]


@pytest.mark.parametrize(
    ("action", "place", "more", "after"),
    [
        ("region-down", 0, {}, ["l2", "l1", "l3"]),
        ("region-up", 2, {}, ["l1", "l3", "l2"]),
        ("region-place", 0, {"target": "l3"}, ["l2", "l3", "l1"]),
        ("region-place", 2, {"target": "l1"}, ["l3", "l1", "l2"]),
    ],
)
def test_regions_are_moved_in_the_reading_order(
    regions: Served, book: Path, action: str, place: int, more: dict[str, Any], after: list[str]
) -> None:
    assert names(regions) == ["l1", "l2", "l3"]
    done = change(regions, action, place, **more)
    assert names(regions) == after
    [path] = (book / "OCR-D-GT").glob("*.xml")
    document = PageDocument.read(path)
    assert [line.id for region in document.text_regions() for line in region.lines] == after
    assert not is_marked(document.page)
    assert sound(book)
    back = regions.send("POST", "structure/undo", undo=done["undo"])
    assert names(regions) == ["l1", "l2", "l3"]
    assert not list((book / "OCR-D-GT").glob("*.xml"))
    regions.send("POST", "structure/undo", undo=back["undo"])
    assert names(regions) == after


def test_a_page_without_a_reading_order_gets_one(regions: Served, book: Path) -> None:
    path = book / "OCR" / "OCR_1.xml"
    document = PageDocument.read(path)
    order = document.page.find(tag("ReadingOrder"))
    assert order is not None
    document.page.remove(order)
    path.write_bytes(document.to_bytes())
    change(regions, "region-down", 1)
    assert names(regions) == ["l1", "l3", "l2"]
    assert sound(book)


def test_a_line_that_was_changed_meanwhile(begun: Served) -> None:
    assert change(begun, "join", 0, 409, base="0")["line"]["text"] == "cin Haus"


def test_an_undo_whose_lines_are_gone(begun: Served) -> None:
    undo = change(begun, "join", 0)["undo"]
    change(begun, "remove", 0)
    assert "not there any more" in begun.send("POST", "structure/undo", 422, undo=undo)["error"]
