# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines are corrected in headless Chromium, by the keyboard alone; skipped where it is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from painted_pages import recognize
from PIL import Image
from typists import HOSTILE, Typist

from ocrd_rapid.cli import correct, export
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Step
from ocrd_rapid.workspace.ground_truth import LineState, state_of
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.validation import validate
from ocrd_rapid.workspace.workspace import Workspace

from .conftest import LINES

MARKS = "\u202eab\u200f אב"


class Corrector(Typist):
    """A person at the keyboard of an open view."""

    def __init__(self, context: Any, path: Path) -> None:
        super().__init__(context, ("file:", "data:", "blob:"))
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("dialog", lambda dialog: self.trouble.append(dialog.message))
        self.page.goto(path.as_uri())
        self.page.locator(".correction input").first.wait_for()

    def start(self) -> None:
        """Go to the first field, by keys."""
        self.page.keyboard.press("Tab")
        for _ in range(60):
            if self.at is not None:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("no field is reached by Tab")

    @property
    def at(self) -> int | None:
        """The number of the field with the focus, on all pages."""
        number = self.page.evaluate(
            "[...document.querySelectorAll('.correction input')].indexOf(document.activeElement)"
        )
        return None if number < 0 else int(number)

    @property
    def texts(self) -> list[str]:
        script = "[...document.querySelectorAll('.correction input')].map((field) => field.value)"
        return [str(text) for text in self.page.evaluate(script)]

    @property
    def states(self) -> list[str]:
        return [str(t) for t in self.page.locator(".correction .said").all_text_contents()]

    def save(self, path: Path) -> dict[str, Any]:
        with self.page.expect_download() as download:
            self.press("Control+s")
        assert download.value.suggested_filename == "corrections.json"
        download.value.save_as(path)
        return dict(json.loads(path.read_text(encoding="utf-8")))


def viewed(book: Path, group: str = "OCR") -> Path:
    path = book.parent / f"{group}.html"
    arguments = ["-w", str(book), "-I", group, "--correct", "-o", str(path), "--overwrite"]
    done = CliRunner().invoke(export.command, arguments, standalone_mode=False)
    assert done.exception is None
    return path


@pytest.fixture
def corrector(browser: Any, book: Path) -> Iterator[Callable[[], Corrector]]:
    """Return a function that opens the view of the book, in the same browser each time."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    opened: list[Corrector] = []

    def open_view(group: str = "OCR") -> Corrector:
        opened.append(Corrector(context, viewed(book, group)))
        return opened[-1]

    yield open_view
    assert [trouble for person in opened for trouble in person.trouble] == []
    context.close()


def applied(book: Path, path: Path) -> None:
    arguments = ["apply", "-w", str(book), str(path)]
    done = CliRunner().invoke(correct.command, arguments, standalone_mode=False)
    assert done.exception is None, done.exception


def ground_truth(book: Path, group: str) -> list[tuple[str | None, LineState | None]]:
    return [
        (line.text, state_of(line))
        for path in sorted((book / group).glob("*.xml"))
        for line in PageDocument.read(path).text_regions()[0].lines
    ]


def test_from_the_keyboard_into_the_workspace_and_nothing_is_lost(
    corrector: Callable[..., Corrector], book: Path, tmp_path: Path
) -> None:
    person = corrector()
    person.start()
    person.write("ein Haus")
    person.press("Enter", "Enter", "F9", "ArrowDown")
    person.write(HOSTILE)
    person.press("Enter")
    person.write(MARKS)
    person.press("Enter", "F8")
    assert person.states == ["✓ corrected", "✓ confirmed", "✗ not text", "✓ corrected",
                             "✓ corrected", "? illegible"]  # fmt: skip
    path = tmp_path / "corrections.json"
    saved = person.save(path)
    assert (saved["group"], [page["id"] for page in saved["pages"]]) == ("OCR", ["P_1", "P_2"])
    assert person.page.title() == "book"
    applied(book, path)
    expected = [
        ("ein Haus", LineState.CORRECTED), ("am Fcld", LineState.CONFIRMED),
        ("", LineState.NOT_TEXT), (HOSTILE, LineState.CORRECTED),
        (MARKS, LineState.CORRECTED), ("", LineState.ILLEGIBLE),
    ]  # fmt: skip
    assert ground_truth(book, "OCR-D-GT") == expected
    assert [f for f in validate(book / "mets.xml") if f.severity == "error"] == []
    step = Step("ocrd-rapid-recognize", "recognition/text-recognition", "OCR-D-GT", "AGAIN")
    run_steps(Workspace.open(directory=book), [step], lambda *_: recognize("word"))
    assert ground_truth(book, "AGAIN") == expected
    again = corrector("AGAIN")
    assert again.states == person.states
    assert again.texts == ["ein Haus", "am Fcld", "", HOSTILE, MARKS, ""]
    assert again.save(tmp_path / "none.json")["pages"] == []


def test_the_browser_keeps_what_was_typed(
    corrector: Callable[..., Corrector], tmp_path: Path
) -> None:
    person = corrector()
    person.start()
    person.page.keyboard.type("x")
    person.press("ArrowDown", "Enter")
    person.page.close()
    again = corrector()
    assert again.states[:2] == ["✓ corrected", "✓ confirmed"]
    assert "x" in again.texts[0]
    assert "2 of 6 lines" in str(again.page.locator("#corrections").text_content())
    assert len(again.save(tmp_path / "c.json")["pages"][0]["lines"]) == 2


def test_every_change_is_undone_and_done_again(corrector: Callable[..., Corrector]) -> None:
    person = corrector()
    person.start()
    seen = [(person.texts, person.states)]
    for number in range(40):
        line = number % 6
        if line == 0 and number:
            person.press(*["ArrowUp"] * 5)
        if number % 3 == 2:
            person.press("F8")
        else:
            person.write(f"text {number}")
        seen.append((person.texts, person.states))
        if line < 5:
            person.press("ArrowDown")
    for state in reversed(seen[:-1]):
        person.press("Control+z")
        assert (person.texts, person.states) == state
    person.press("Control+z")
    assert person.spoken == "nothing more to undo or redo"
    for state in seen[1:]:
        person.press("Control+y")
        assert (person.texts, person.states) == state
    assert person.page.evaluate("localStorage.length") == 2


def test_tab_goes_to_doubtful_words_and_escape_lets_it_leave(
    corrector: Callable[..., Corrector],
) -> None:
    person = corrector()
    person.start()
    words = [word for text in LINES.values() for word in text.split()]
    found = []
    for _ in words:
        person.press("Tab")
        found.append(person.chosen)
    assert found == words
    person.press("Shift+Tab")
    assert person.chosen == words[-2]
    person.press("Enter", "Shift+Tab", "Shift+Tab")
    assert person.chosen == "Haus"  # its line is done now
    person.press("Escape", "Tab")
    assert person.at is None


def test_a_line_without_text_is_not_confirmed(
    corrector: Callable[..., Corrector], tmp_path: Path
) -> None:
    person = corrector()
    person.start()
    person.press("Control+a", "Delete", "Enter")
    assert (person.at, person.states[0]) == (0, "")
    assert "F8" in person.spoken
    assert person.save(tmp_path / "c.json")["pages"] == []
    person.write("cin Haus")
    assert person.states[0] == ""
    person.press("F8", "F8")
    assert (person.texts[0], person.states[0]) == ("cin Haus", "")


def test_every_field_has_a_name_and_a_state_that_is_read(
    corrector: Callable[..., Corrector],
) -> None:
    person = corrector()
    person.start()
    person.press("Enter")
    assert person.spoken == "Line 1 of Page 1: confirmed"
    fields = person.page.locator(".correction input")
    script = "(field) => [field.labels[0].textContent, document.getElementById("
    script += "field.getAttribute('aria-describedby')).textContent]"
    assert fields.nth(0).evaluate(script) == ["Line 1 of Page 1", "✓ confirmed"]
    buttons = person.page.locator(".correction:focus-within button")
    assert buttons.all_text_contents() == ["? illegible", "✗ not text"]
    assert [buttons.nth(i).get_attribute("aria-pressed") for i in (0, 1)] == ["false", "false"]


def test_at_twice_the_size_nothing_is_cut_off(corrector: Callable[..., Corrector]) -> None:
    """A window of half the width, in CSS pixels, is one at 200 %."""
    person = corrector()
    for width in (700, 320):
        person.page.set_viewport_size({"width": width, "height": 450})
        person.page.wait_for_timeout(400)
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width
        for selector in (".correction input", ".correction canvas", "#save"):
            box = person.page.locator(selector).first.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_the_picture_of_a_line_is_above_its_field(corrector: Callable[..., Corrector]) -> None:
    person = corrector()
    person.page.wait_for_timeout(300)
    picture = person.page.locator(".correction canvas").first.bounding_box()
    field = person.page.locator(".correction input").first.bounding_box()
    assert picture["height"] > 15 and picture["width"] > 300
    assert 0 <= field["y"] - picture["y"] - picture["height"] < 12
    inked = person.page.locator(".correction canvas").first.evaluate(
        "(c) => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    )
    assert inked > 1


def test_a_hundred_thousand_characters(
    corrector: Callable[..., Corrector], tmp_path: Path, book: Path
) -> None:
    person = corrector()
    person.start()
    text = "Wörter " * 14_285 + "Ende!"
    person.write(text)
    person.press("Enter")
    person.save(tmp_path / "c.json")
    applied(book, tmp_path / "c.json")
    assert ground_truth(book, "OCR-D-GT")[0] == (text, LineState.CORRECTED)


def test_the_switch_takes_the_fields_away(corrector: Callable[..., Corrector]) -> None:
    person = corrector()
    switch = person.page.locator("[data-toggle=correct]")
    switch.focus()
    person.press("Space")
    assert not person.page.locator(".correction").first.is_visible()
    person.press("Space")
    assert person.page.locator(".correction").first.is_visible()


def test_without_storage_it_says_so(browser: Any, book: Path) -> None:
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
    )
    person = Corrector(context, viewed(book))
    person.start()
    person.write("ein Haus")
    assert "not kept by this browser: save" in str(
        person.page.locator("#corrections").text_content()
    )
    assert person.states[0] == "✓ corrected"
    context.close()


@pytest.mark.parametrize(("orientation", "dark"), [("0", "right"), ("180", "left")])
def test_lines_are_shown_upright(browser: Any, book: Path, orientation: str, dark: str) -> None:
    path = book / "OCR" / "OCR_1.xml"
    document = PageDocument.read(path)
    document.text_regions()[0].element.set("orientation", orientation)
    path.write_bytes(document.to_bytes())
    image = Image.new("L", (600, 400), 250)
    image.paste(0, (400, 0, 600, 400))
    image.save(book / "IMG" / "1.png")
    context = browser.new_context()
    person = Corrector(context, viewed(book))
    person.page.wait_for_function("document.querySelector('.correction canvas').style.width")
    sums = person.page.locator(".correction canvas").first.evaluate(
        "(c) => [0, c.width - 20].map((x) => c.getContext('2d').getImageData(x + 5, 5, 10,"
        " c.height - 10).data.reduce((sum, value) => sum + value, 0))"
    )
    assert ("left" if sums[0] < sums[1] else "right") == dark
    context.close()
