# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A person corrects a book in headless Chromium, by the keyboard; skipped where it is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from read_books import LINES, corners, make_read_book
from typists import HOSTILE, BookTypist

from ocrd_rapid.workspace.ground_truth import LineState, state_of
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.validation import validate

from .conftest import StartServer

MARKS = "\u200fאב ab"


pytest.importorskip("playwright.sync_api", reason="needs Playwright")

Sit = Callable[..., BookTypist]


@pytest.fixture
def sit(browser: Any, start_server: StartServer, book: Path) -> Iterator[Sit]:
    """Return a function that opens the book in a window; all share a browser and its cookies."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="en-GB")
    people: list[BookTypist] = []
    addresses: list[str] = []

    def open_book(directory: Path = book, address: str = "") -> BookTypist:
        if address or not addresses:
            addresses.append(address or start_server(directory).address)
        people.append(BookTypist(context, addresses[-1]))
        return people[-1]

    yield open_book
    assert [trouble for person in people for trouble in person.trouble] == []
    context.close()


def ground_truth(book: Path) -> dict[str, list[tuple[str | None, LineState | None]]]:
    return {
        path.stem: [
            (line.text, state_of(line)) for line in PageDocument.read(path).text_regions()[0].lines
        ]
        for path in sorted((book / "OCR-D-GT").glob("*.xml"))
    }


def test_from_the_keyboard_into_the_workspace(sit: Sit, book: Path, run: Any) -> None:
    person = sit()
    person.start()
    person.write("ein Haus")
    person.press("Enter", "Enter", "F9", "ArrowDown")
    person.write(HOSTILE)
    person.press("Enter")
    person.write(MARKS)
    person.press("Enter", "F8")
    person.settled()
    assert person.states == ["✓ corrected", "✓ confirmed", "✗ not text", "✓ corrected",
                             "✓ corrected", "? illegible"]  # fmt: skip
    first, second = ground_truth(book).values()
    assert first == [("ein Haus", LineState.CORRECTED), ("am Fcld", LineState.CONFIRMED),
                     ("", LineState.NOT_TEXT)]  # fmt: skip
    assert second == [(HOSTILE, LineState.CORRECTED), (MARKS, LineState.CORRECTED),
                      ("", LineState.ILLEGIBLE)]  # fmt: skip
    assert person.page.title().startswith("book")
    assert [f for f in validate(book / "mets.xml") if f.severity == "error"] == []
    assert run("ocrd-rapid", "workspace", "-d", book, "validate").code == 0
    person.wait("/6 of 6 lines/.test(document.querySelector('#progress').textContent)")


def test_the_address_has_no_token_afterwards(sit: Sit) -> None:
    assert sit().page.url.partition("#")[0].endswith("/")


def test_what_is_typed_and_not_confirmed_is_saved_when_the_field_is_left(
    sit: Sit, book: Path
) -> None:
    person = sit()
    person.start()
    person.page.keyboard.type("x")
    assert "not confirmed yet" in person.states[0]
    assert not (book / "OCR-D-GT").exists()
    person.press("ArrowDown")
    person.settled()
    assert ground_truth(book)["OCR-D-GT_1"][0][0] == "xcin Haus"


def test_every_change_is_undone_and_done_again_in_the_workspace(sit: Sit, book: Path) -> None:
    person = sit()
    person.start()
    seen = [(person.texts, person.states)]
    for number in range(12):
        line = number % 6
        if line == 0 and number:
            person.press(*["ArrowUp"] * 5)
        if number % 3 == 2:
            person.press("F8")
        else:
            person.write(f"text {number}")
            person.press("Enter", "ArrowUp") if line < 5 else person.press("Enter")
        person.settled()
        seen.append((person.texts, person.states))
        if line < 5:
            person.press("ArrowDown")
    for state in reversed(seen[:-1]):
        person.press("Control+z")
        person.settled()
        assert (person.texts, person.states) == state
    assert ground_truth(book) == {}
    person.press("Control+z")
    assert person.spoken == "nothing more to undo or redo"
    for state in seen[1:]:
        person.press("Control+y")
        person.settled()
        assert (person.texts, person.states) == state
    assert [text for lines in ground_truth(book).values() for text, _ in lines] == person.texts


def test_doubtful_words_characters_by_keys_and_the_palette(sit: Sit) -> None:
    person = sit()
    person.start()
    words = [word for text in LINES.values() for word in text.split()]
    found = []
    for _ in words:
        person.press("Tab")
        found.append(person.chosen)
    assert found == words
    person.write("das")
    person.press("Control+Space")
    assert person.page.locator(":focus").input_value() == "daſ"
    person.press("Control+Space")
    assert person.page.locator(":focus").input_value() == "das"
    person.page.get_by_role("button", name="Insert ⸗").click()
    assert person.page.locator(":focus").input_value() == "das⸗"
    person.press("Control+z")
    assert person.page.locator(":focus").input_value() == "::~"


def test_another_reading_is_chosen_by_its_number(sit: Sit, book: Path) -> None:
    path = book / "OCR" / "OCR_1.xml"
    document = PageDocument.read(path)
    word = document.text_regions()[0].lines[0].words[0]
    word.set_text("cin", 0.6, [("ein", 0.3), ("sin", 0.1)])
    path.write_bytes(document.to_bytes())
    person = sit()
    person.start()
    assert person.page.locator(".choices button").all_text_contents() == [
        "Alt 1: ein",
        "Alt 2: sin",
    ]
    person.press("Alt+1")
    assert person.page.locator(":focus").input_value() == "ein Haus"


def test_two_windows(sit: Sit, book: Path) -> None:
    anna, bert = sit(), sit()
    anna.start()
    bert.start()
    bert.write("zwei Häuser")
    anna.write("ein Haus")
    anna.press("Enter")
    anna.settled()
    bert.press("Enter")
    bert.wait("/ein Haus/.test(document.querySelector('.other').textContent)")
    assert ground_truth(book)["OCR-D-GT_1"][0][0] == "ein Haus"
    assert bert.texts[0] == "zwei Häuser"
    bert.press("ArrowUp", "Enter")
    bert.settled()
    assert ground_truth(book)["OCR-D-GT_1"][0][0] == "zwei Häuser"
    anna.wait("document.querySelector('.line input').value === 'zwei Häuser'")


def test_what_is_typed_while_the_server_is_dead_is_saved_when_it_is_back(
    sit: Sit, start_server: StartServer, book: Path
) -> None:
    first = start_server(book)
    person = sit(address=first.address)
    person.start()
    first.kill()
    person.write("ein Haus")
    person.press("Enter")
    person.wait("/not saved/.test(document.querySelector('.said').textContent)")
    person.wait("document.querySelector('#trouble').textContent !== ''")
    assert not (book / "OCR-D-GT").exists()
    second = start_server(book)
    assert second.address.partition("?")[0] == first.address.partition("?")[0]
    sit(address=second.address)
    person.settled()
    assert ground_truth(book)["OCR-D-GT_1"][0][0] == "ein Haus"
    person.wait("document.querySelector('#trouble').textContent === ''")


def test_a_page_and_its_scan(sit: Sit, book: Path) -> None:
    person = sit()
    person.start()
    person.page.click("#to-page")
    person.page.wait_for_selector("#page-rows .line input:focus")
    assert person.texts == list(LINES.values())
    shown = person.page.locator("#scan polygon")
    assert shown.count() == 3 and "current" in str(shown.nth(0).get_attribute("class"))
    person.write("ein Haus")
    person.press("Enter")
    person.settled()
    assert shown.nth(0).get_attribute("data-says") == "corrected"
    person.page.select_option("#page-choice", "P_2")
    person.wait("decodeURIComponent(location.hash) === '#page=P_2'")
    person.wait("document.querySelector('#page-rows input').value === 'cin Haus'")
    assert ground_truth(book)["OCR-D-GT_1"][0][0] == "ein Haus"


def test_lines_of_a_page_are_changed_by_keys_and_clicks(sit: Sit, book: Path) -> None:
    person = sit()
    person.start()
    person.page.click("#to-page")
    person.page.wait_for_selector("#page-rows .line input:focus")
    person.press("Alt+j")
    person.wait("document.querySelectorAll('#page-rows .line').length === 2")
    assert person.texts == ["cin Haus am Fcld", "::~"]
    assert person.page.locator("#trouble").text_content() == ""
    person.press("Home", *["ArrowRight"] * 3, "Alt+k")
    person.wait("document.querySelectorAll('#page-rows .line').length === 3")
    assert person.texts == ["cin", "Haus am Fcld", "::~"]
    person.press("Alt+ArrowDown")
    person.wait("document.querySelector('#page-rows input').value === 'Haus am Fcld'")
    assert person.texts == ["Haus am Fcld", "cin", "::~"]
    person.page.select_option("#kind", "heading")
    person.page.wait_for_timeout(300)
    person.page.click("#add-line")
    box = person.page.locator("#scan svg").bounding_box()
    for share in (0.9, 0.1):
        person.page.mouse.click(box["x"] + share * box["width"], box["y"] + 0.6 * box["height"])
    person.wait("document.querySelectorAll('#page-rows .line').length === 4")
    assert person.page.locator(":focus").input_value() == ""
    person.write("neu")
    person.press("Enter")
    person.settled()
    document = PageDocument.read(book / "OCR-D-GT" / "OCR-D-GT_1.xml")
    [region] = document.text_regions()
    assert [line.text for line in region.lines] == ["Haus am Fcld", "cin", "::~", "neu"]
    assert region.element.get("type") == "heading"
    for count in (4, 3, 3, 3, 2, 3):
        person.press("Control+z")
        person.wait(f"document.querySelectorAll('#page-rows .line').length === {count}")
        person.page.wait_for_timeout(300)
        person.settled()
    assert person.texts == ["cin Haus", "am Fcld", "::~"]
    assert [f for f in validate(book / "mets.xml") if f.severity == "error"] == []


@pytest.mark.models
def test_a_page_is_read_again(sit: Sit, book: Path, models: Path) -> None:
    """There is nothing on it, so what nobody corrected is empty then."""
    person = sit()
    person.start()
    person.page.click("#to-page")
    person.page.wait_for_selector("#page-rows .line input:focus")
    person.write("ein Haus")
    person.press("Enter")
    person.settled()
    person.page.click("#read-page")
    rows = "[...document.querySelectorAll('#page-rows input')]"
    person.wait(f"{rows}.every((field, index) => (field.value === '') === index > 0)")
    assert person.texts == ["ein Haus", "", ""]
    person.page.click("#to-teach")
    person.page.wait_for_selector("#undo-reading")
    person.page.click("#undo-reading")
    person.wait("!document.querySelector('#undo-reading')")
    person.page.click("#to-page")
    person.page.wait_for_selector("#page-rows .line input:focus")
    assert person.texts == ["ein Haus", "am Fcld", "::~"]


def test_replacing_in_the_whole_book_is_one_step(sit: Sit, book: Path) -> None:
    person = sit()
    person.start()
    person.page.click("#to-replace")
    person.page.fill("#search", "c")
    person.page.fill("#replacement", "e")
    person.press("Enter")
    person.page.wait_for_selector("#replace-rows li")
    assert person.page.locator("#replace-rows ins").all_text_contents() == [
        "ein Haus", "am Feld", "ein Haus", "am Feld",
    ]  # fmt: skip
    person.page.locator("#replace-rows input").nth(3).uncheck()
    person.page.click("#replace-all")
    person.wait("/3 lines/.test(document.querySelector('#replace-said').textContent)")
    texts = [[text for text, _ in lines] for lines in ground_truth(book).values()]
    assert texts == [["ein Haus", "am Feld", "::~"], ["ein Haus", "am Fcld", "::~"]]
    person.wait("/^3 of 6/.test(document.querySelector('#progress').textContent)")
    person.page.focus("#whole-words")
    person.press("Control+z")
    person.wait("/^0 of 6/.test(document.querySelector('#progress').textContent)")
    assert ground_truth(book) == {}


def test_other_languages_and_the_own_palette(sit: Sit, own_home: Path) -> None:
    person = sit()
    person.page.click("#to-settings")
    person.page.select_option("#language", "de")
    person.page.fill("#palette-text", "ſ  aͤ")
    person.page.locator("#settings-form button").click()
    person.wait("document.querySelector('#to-lines').textContent === 'Zeilen'")
    assert person.page.locator("html").get_attribute("lang") == "de"
    kept = json.loads((own_home / "config" / "ocrd-rapid" / "correct.json").read_text("utf-8"))
    assert kept == {"palette": ["ſ", "aͤ"], "language": "de"}
    keys = person.page.locator(".help kbd").all_text_contents()
    assert {"Eingabe", "Strg", "Umschalt", "Leertaste"} < set(keys) and "Shift" not in keys
    person.page.click("#to-lines")
    assert person.page.locator("#palette button").all_text_contents() == ["ſ", "aͤ"]


def test_at_twice_the_size_nothing_is_cut_off(sit: Sit) -> None:
    person = sit()
    for width in (600, 320):
        person.page.set_viewport_size({"width": width, "height": 450})
        for view in ("lines", "page", "replace", "teach", "settings"):
            person.page.click(f"#to-{view}")
            person.page.wait_for_selector(f"#{view}-view:not([hidden])")
            person.page.wait_for_timeout(250)
            assert person.page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_at_twice_the_size_the_field_of_a_page_is_in_sight(sit: Sit, tmp_path: Path) -> None:
    lines = {f"l{number}": f"Zeile {number}" for number in range(9)}
    person = sit(make_read_book(tmp_path / "long", 1, lines))
    person.start()
    person.page.set_viewport_size({"width": 640, "height": 400})
    person.press("Alt+Shift+Digit2")
    person.page.wait_for_selector("#page-rows .line input:focus")
    for _ in lines:
        person.page.wait_for_timeout(100)
        box = person.page.locator(":focus").bounding_box()
        assert box is not None
        assert box["y"] >= 0 and box["y"] + box["height"] <= 400
        person.press("Enter")


def test_adding_a_line_says_where_to_click(sit: Sit) -> None:
    person = sit()
    person.page.click("#to-page")
    hint = person.page.locator("#add-hint")
    person.page.wait_for_selector("#page-rows .line input:focus")
    assert not hint.is_visible()
    person.page.click("#add-line")
    assert hint.is_visible() and "foot of its letters" in str(hint.text_content())
    person.page.click("#add-line")
    assert not hint.is_visible()


def test_one_line_is_said_in_the_singular(sit: Sit) -> None:
    person = sit()
    person.page.click("#to-replace")
    for wanted, said in (("xyz", "0 lines would change."), ("Haus", "2 lines would change.")):
        person.page.fill("#search", wanted)
        person.press("Enter")
        person.wait(f"document.querySelector('#replace-said').textContent === '{said}'")
    person.page.click("#to-lines")
    person.start()
    person.write("ein Hof")
    person.press("Enter")
    person.settled()
    person.page.click("#to-replace")
    person.page.fill("#search", "Hof")
    person.press("Enter")
    said = "1 line would change."
    person.wait(f"document.querySelector('#replace-said').textContent === '{said}'")


def test_everything_has_a_name(sit: Sit) -> None:
    person = sit()
    person.start()
    script = """() => [...document.querySelectorAll(
        'button, input, select, textarea, a, img, nav, section'
    )].filter((e) => !e.closest('[hidden]') && !(e.labels?.length || e.getAttribute('aria-label')
        || e.textContent.trim() || e.getAttribute('alt'))).map((e) => e.outerHTML)"""
    for view in ("lines", "page", "replace", "teach", "settings"):
        person.page.click(f"#to-{view}")
        person.page.wait_for_selector(f"#{view}-view:not([hidden])")
        assert person.page.evaluate(script) == []


def test_many_lines_and_few_rows(sit: Sit, tmp_path: Path) -> None:
    lines = {f"l{number}": f"Zeile {number}" for number in range(9)}
    person = sit(make_read_book(tmp_path / "long", 20, lines))
    person.start()
    for _ in range(150):
        person.press("Enter")
        person.page.wait_for_selector(".line input:focus")
    person.settled()
    assert person.page.locator(".line").count() <= 80
    person.wait("/^150 of 180/.test(document.querySelector('#progress').textContent)")


def test_views_and_the_button_to_teach_are_reached_by_keys(sit: Sit) -> None:
    person = sit()
    person.start()
    for number, view in enumerate(("lines", "page", "replace", "teach", "settings"), start=1):
        person.press(f"Alt+Shift+Digit{number}")
        person.page.wait_for_selector(f"#{view}-view:not([hidden])")
        assert person.page.locator(f"#to-{view}").get_attribute("aria-current") == "page"
    person.press("Alt+Shift+Digit4")
    person.wait("document.activeElement.id === 'teach'")
    person.press("Enter")
    person.wait("/nothing is corrected/.test(document.querySelector('#job').textContent)")


def test_illegible_and_no_text_in_both_views(sit: Sit, book: Path) -> None:
    person = sit()
    person.start()
    person.press("F8")
    person.settled()
    person.press("Alt+Shift+Digit2")
    person.page.wait_for_selector("#page-rows .line input:focus")
    assert person.here == ("P_1", "l2") and person.states[0] == "? illegible"
    person.press("F9")
    person.settled()
    person.press("ArrowDown")
    person.page.locator("#page-rows .line:focus-within [data-says=illegible]").click()
    person.settled()
    states = [state for _, state in ground_truth(book)["OCR-D-GT_1"]]
    assert states == [LineState.ILLEGIBLE, LineState.NOT_TEXT, LineState.ILLEGIBLE]
    person.press("Alt+Shift+Digit1")
    person.wait("document.querySelectorAll('#rows .line input').length === 6")
    assert person.states[:3] == ["? illegible", "✗ not text", "? illegible"]


def test_a_line_that_was_only_left_is_confirmed_by_enter(sit: Sit) -> None:
    person = sit()
    person.start()
    person.page.keyboard.type("x")
    person.press("ArrowDown")
    person.settled()
    assert person.states[0] == "✓ corrected · not confirmed yet"
    person.wait("/^0 of 6/.test(document.querySelector('#progress').textContent)")
    person.page.reload()
    person.page.wait_for_selector("body[data-ready]")
    person.start()
    assert person.states[0] == "✓ corrected · not confirmed yet" or len(person.texts) == 5
    person.press("Alt+Shift+Digit2")
    person.page.wait_for_selector("#page-rows .line input:focus")
    person.press("ArrowUp")
    assert person.here == ("P_1", "l1")
    person.press("Enter")
    person.settled()
    assert person.states[0] == "✓ corrected"
    person.wait("/^1 of 6/.test(document.querySelector('#progress').textContent)")


def test_lines_and_regions_are_moved_by_keys_and_by_dragging(sit: Sit, book: Path) -> None:
    path = book / "OCR" / "OCR_1.xml"
    document = PageDocument.read(path)
    [region] = document.text_regions()
    other = document.add_region("other", corners(0, 0, 599, 399))
    other.element.append(region.lines[2].element)
    region.set_text("cin Haus\nam Fcld")
    document.append_to_reading_order(["other"])
    path.write_bytes(document.to_bytes())
    person = sit()
    person.start()
    person.press("Alt+Shift+Digit2")
    person.page.wait_for_selector("#page-rows .line input:focus")
    first = "document.querySelector('#page-rows input').value"
    person.press("Alt+Shift+ArrowDown")
    person.wait(f"{first} === '::~'")
    assert person.texts == ["::~", "cin Haus", "am Fcld"]
    names = person.page.locator(".region-name")
    assert names.all_text_contents() == ["Region 1: no type", "Region 2: no type"]
    names.nth(1).drag_to(names.nth(0))
    person.wait(f"{first} === 'cin Haus'")
    assert person.texts == ["cin Haus", "am Fcld", "::~"]
    where = person.page.locator("#page-rows .where")
    where.nth(0).drag_to(where.nth(1))
    person.wait(f"{first} === 'am Fcld'")
    person.page.locator("#page-rows input").first.focus()
    for text in ("cin Haus", "::~", "cin Haus"):
        person.press("Control+z")
        person.wait(f"{first} === '{text}'")
    assert not list((book / "OCR-D-GT").glob("*.xml"))


@pytest.mark.models
def test_a_line_is_read_again_into_its_field(sit: Sit, book: Path, models: Path) -> None:
    """What is drawn there is read, and is a step of undo until somebody confirms it."""
    with Image.open(book / "IMG" / "1.png") as image:
        drawn = image.convert("L")
    drawn.paste(255, (0, 0, 600, 400))
    font = ImageFont.load_default(22)
    ImageDraw.Draw(drawn).text((12, 12), "The house stands here", fill=0, font=font)
    drawn.save(book / "IMG" / "1.png")
    person = sit()
    person.start()
    person.press("Alt+r")
    person.wait("document.querySelector('#rows input').value !== 'cin Haus'")
    assert "house" in person.texts[0]
    assert not (book / "OCR-D-GT").exists()
    person.press("Control+z")
    assert person.texts[0] == "cin Haus"
    person.press("Control+y", "Enter")
    person.settled()
    text, state = ground_truth(book)["OCR-D-GT_1"][0]
    assert "house" in str(text) and state is LineState.CORRECTED
