# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines that a person corrected: written, read again, and known after other programs."""

from __future__ import annotations

import re

import pytest
from lxml import etree
from painted_pages import line, region

from ocrd_rapid.workspace.ground_truth import (
    LineState,
    forget_ground_truth,
    has_ground_truth,
    set_ground_truth,
    state_of,
)
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_checks import schema_findings
from ocrd_rapid.workspace.segments import NAMESPACE, TextLine

OUTLINE = "10,10 90,10 90,30 10,30"
READ = '<TextEquiv conf="0.75"><Unicode>hcrc</Unicode></TextEquiv>'
SEVERAL = (
    '<TextEquiv index="2" conf="0.1"><Unicode>third</Unicode></TextEquiv>'
    '<TextEquiv index="1" conf="0.5"><Unicode>second</Unicode></TextEquiv>'
)
WORDS = (
    f'<Word id="w1"><Coords points="{OUTLINE}"/>'
    "<TextEquiv><Unicode>only</Unicode></TextEquiv></Word>"
    f'<Word id="w2"><Coords points="{OUTLINE}"/>'
    "<TextEquiv><Unicode>words</Unicode></TextEquiv></Word>"
)


def document(*lines: str) -> PageDocument:
    body = region("r", "0,0 99,0 99,99 0,99", *lines)
    text = (
        f'<PcGts xmlns="{NAMESPACE}"><Metadata><Creator/><Created>2026-11-30T00:00:00</Created>'
        "<LastChange>2026-11-30T00:00:00</LastChange></Metadata>"
        f'<Page imageFilename="i.png" imageWidth="99" imageHeight="99">{body}</Page>'
        "</PcGts>"
    )
    return PageDocument.parse(text.encode())


def first(page: PageDocument) -> TextLine:
    return page.text_regions()[0].lines[0]


def again(page: PageDocument) -> PageDocument:
    return PageDocument.parse(page.to_bytes())


@pytest.mark.parametrize("state", LineState)
@pytest.mark.parametrize(
    ("rest", "machine"),
    [
        (READ, [("hcrc", 0.75)]),
        (SEVERAL, [("second", 0.5), ("third", 0.1)]),
        (WORDS, [("only words", None)]),
        ("", []),
    ],
)
def test_it_is_written_beside_what_the_machine_read(
    state: LineState, rest: str, machine: list[tuple[str, float | None]]
) -> None:
    page = document(line("l", OUTLINE, rest))
    set_ground_truth(first(page), "here", state)
    page = again(page)
    found = first(page)
    text = "here" if state.has_text else ""
    assert (found.text, state_of(found)) == (text, state)
    assert found.readings == [(text, 1.0), *machine]
    assert [e.get("index") for e in found.equivs()] == [str(i) for i in range(len(machine) + 1)]
    assert list(schema_findings(page, page.to_bytes(), "")) == []


def test_a_second_person_replaces_the_first_and_not_the_machine() -> None:
    page = document(line("l", OUTLINE, READ))
    for text, state in (("one", LineState.CORRECTED), ("", LineState.ILLEGIBLE),
                        ("two", LineState.CORRECTED), ("two", LineState.CORRECTED)):  # fmt: skip
        set_ground_truth(first(page), text, state)
    assert first(page).readings == [("two", 1.0), ("hcrc", 0.75)]
    assert str(first(page).element.get("custom")).count("groundTruth") == 1


def test_other_tags_stay_and_control_characters_go() -> None:
    page = document(line("l", OUTLINE, READ))
    first(page).element.set("custom", "readingOrder {index:3;} structure {type:heading;}")
    set_ground_truth(first(page), "a\x00b <i>&amp;", LineState.CORRECTED)
    found = first(again(page))
    assert found.text == "ab <i>&amp;"
    assert found.element.get("custom") == (
        "readingOrder {index:3;} structure {type:heading;} groundTruth {state:corrected;}"
    )
    forget_ground_truth(found)
    found.set_text("machine", 0.5)
    assert state_of(found) is None
    assert found.element.get("custom") == "readingOrder {index:3;} structure {type:heading;}"


def test_pages_tell_whether_they_have_any() -> None:
    page = document(line("l", OUTLINE, READ), line("m", OUTLINE, READ))
    assert not has_ground_truth(page.text_regions())
    set_ground_truth(page.text_regions()[0].lines[1], "x", LineState.CONFIRMED)
    assert has_ground_truth(page.text_regions())


@pytest.mark.parametrize(
    "machine",
    [READ, SEVERAL, '<TextEquiv index="0" conf="1"><Unicode>sure</Unicode></TextEquiv>',
     '<TextEquiv index="0"><Unicode/></TextEquiv>',
     '<TextEquiv dataType="other" dataTypeDetails="alignment"><Unicode>x</Unicode></TextEquiv>'],
)  # fmt: skip
def test_what_machines_write_is_none(machine: str) -> None:
    assert state_of(first(document(line("l", OUTLINE, machine)))) is None


def corrected(state: LineState = LineState.CORRECTED) -> PageDocument:
    page = document(line("l", OUTLINE, READ), line("m", OUTLINE, READ))
    set_ground_truth(first(page), "here", state)
    return page


@pytest.mark.parametrize("state", LineState)
def test_transkribus_keeps_the_tag_and_one_text(state: LineState) -> None:
    """Its lines have one text, the last, with nothing but @conf; tags in @custom stay."""
    root = corrected(state).root
    for element in root.iter(f"{{{NAMESPACE}}}TextLine"):
        equivs = element.findall(f"{{{NAMESPACE}}}TextEquiv")
        for equiv in equivs[:-1]:
            element.remove(equiv)
        for name in set(equivs[-1].attrib) - {"conf"}:
            del equivs[-1].attrib[name]
    data = etree.tostring(root).replace(b"2019-07-15", b"2013-07-15")
    found, other = PageDocument.parse(data).text_regions()[0].lines
    assert state_of(found) is state
    assert state_of(other) is None
    assert found.text == "hcrc"  # the machine's: docs/correct.md says what to hand over instead


def test_larex_keeps_the_index() -> None:
    """It writes lines anew, with text and @index; what a person wrote has 0."""
    data = re.sub(rb' (custom|conf|dataType\w*)="[^"]*"', b"", corrected().to_bytes())
    found, other = PageDocument.parse(data).text_regions()[0].lines
    assert (state_of(found), found.text) == (LineState.CORRECTED, "here")
    assert found.readings[1] == ("hcrc", None)
    assert state_of(other) is None


def test_an_unknown_state_is_still_a_persons() -> None:
    data = corrected().to_bytes().replace(b"state:corrected", b"state:double-checked")
    assert state_of(first(PageDocument.parse(data))) is LineState.CORRECTED
