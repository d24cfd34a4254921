# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The view in headless Chromium; skipped where Playwright or Chromium is missing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ocrd_rapid.export import view
from ocrd_rapid.export.export_options import ExportOptions, PageMedium
from ocrd_rapid.ocr.page_model import ReadDocument, ReadLine, ReadPage, ReadRegion, ReadWord

#: Seconds in which a document of 500 pages is open; measured 0.9 s on two shared cores.
OPEN_IN = 3.0


class Viewer:
    """An open view, and what it asked for and complained about."""

    def __init__(self, browser: Any, path: Path, fragment: str = "", **options: Any) -> None:
        self.page = browser.new_page(viewport={"width": 1400, "height": 900}, **options)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_load_state("load")

    def texts(self, selector: str) -> list[str]:
        return [str(text) for text in self.page.locator(selector).all_text_contents()]

    def search(self, text: str) -> None:
        self.page.locator("input[type=search]").fill(text)
        self.page.keyboard.press("Enter")
        self.page.wait_for_timeout(200)

    def in_window(self, selector: str) -> bool:
        box = self.page.locator(selector).first.bounding_box()
        return box is not None and 0 <= box["y"] < 900

    @property
    def hit(self) -> list[str]:
        return self.texts("[aria-current=true]")


def read_page(number: int, *texts: str) -> ReadPage:
    lines = []
    for row, text in enumerate(texts):
        y = 100 + 60 * row
        words = tuple(
            ReadWord(word, (0.95, 0.7, 0.5)[column % 3], corners(100 + 130 * column, y, 120, 40))
            for column, word in enumerate(text.split())
        )
        lines.append(ReadLine(corners(100, y, 900, 40), text, 0.9, words))
    return ReadPage(1200, 1600, (ReadRegion(tuple(lines), "paragraph"),), number=number)


def corners(x: int, y: int, width: int, height: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return np.array(points, dtype=np.float32)


def save(folder: Path, pages: Iterable[ReadPage], count: int, **options: Any) -> Path:
    Image.new("L", (1200, 1600), 230).save(folder / "scan.png")
    path = folder / "book.html"
    medium = PageMedium(folder / "scan.png")
    with path.open("wb") as out:
        document = ReadDocument("book", count)
        view.write(out, document, pages, ExportOptions(**options), lambda _: medium)
    return path


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the view of a book of 12 pages."""
    texts = [
        ["Es iſt ein Haus", "die Gärt-", "nerarbeit ruht, Öl und Wort", f"Seite nummer{number}"]
        for number in range(1, 13)
    ]
    texts[7].append("einmalig")
    pages = (read_page(number, *lines) for number, lines in enumerate(texts, start=1))
    return save(tmp_path_factory.mktemp("book"), pages, 12)


def test_it_opens_without_requests_and_complaints(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.search("Haus")
    assert viewer.errors == []
    assert [url for url in viewer.requests if not url.startswith(("file:", "data:"))] == []
    shown = "(i => i.complete && i.naturalWidth > 0)(document.querySelector('figure img'))"
    assert viewer.page.evaluate(shown)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ist", ["iſt"]), ("IST", ["iſt"]), ("iſt", ["iſt"]), ("ol", ["Öl"]), ("öl", ["Öl"]),
        ("gärtnerarbeit", ["Gärt-", "nerarbeit"]), ("gartner-arbeit", ["Gärt-", "nerarbeit"]),
        ("ein haus", ["ein", "Haus"]), ("  ein   Haus ", ["ein", "Haus"]), ("wört", []),
        ("gibt es nicht", []), ("-", []),
    ],
)  # fmt: skip
def test_words_are_found_as_readers_write_them(
    browser: Any, book: Path, query: str, found: list[str]
) -> None:
    viewer = Viewer(browser, book)
    viewer.search(query)
    assert viewer.hit == found
    number = f"1 of {12 if found else 0}" if found else "" if query == "-" else "nothing found"
    assert viewer.texts("#found") == [number]


def test_the_keyboard_goes_from_hit_to_hit(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.page.keyboard.press("/")
    viewer.page.keyboard.type("nummer")
    for key, place in (("Enter", 1), ("Enter", 2), ("Enter", 3), ("Shift+Enter", 2)):
        viewer.page.keyboard.press(key)
        viewer.page.wait_for_timeout(150)
        assert viewer.hit == [f"nummer{place}"] and viewer.texts("#found") == [f"{place} of 12"]
        assert viewer.in_window("[aria-current=true]")
    for _ in range(2):
        viewer.page.keyboard.press("Shift+Enter")
    assert viewer.hit == ["nummer12"]
    viewer.page.keyboard.press("Escape")
    viewer.page.wait_for_timeout(100)
    assert viewer.hit == [] and viewer.page.locator(".hit").count() == 0


def test_only_what_is_near_is_drawn(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.page.wait_for_timeout(200)
    assert 1 <= viewer.page.locator("figure svg").count() <= 3
    viewer.search("Wort")
    assert viewer.page.locator(".hit").count() <= 4


def test_an_address_leads_to_a_page_and_a_hit(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book, "#page=5&q=nummer")
    viewer.page.wait_for_timeout(500)
    assert viewer.hit == ["nummer5"] and viewer.in_window("[aria-current=true]")
    assert viewer.page.locator("input[type=search]").input_value() == "nummer"
    viewer.search("einmalig")
    viewer.page.wait_for_timeout(400)
    assert viewer.page.evaluate("location.hash") == "#page=8&q=einmalig"


def test_pages_by_keys_number_and_thumbnail(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)

    def shown() -> str:
        viewer.page.wait_for_timeout(250)
        current = viewer.texts("nav [aria-current=page]")
        assert viewer.in_window(f"[data-page='{current[0].strip()}']")
        return current[0].strip()

    for key, number in (("ArrowRight", "2"), ("End", "12"), ("ArrowLeft", "11"), ("Home", "1")):
        viewer.page.keyboard.press(key)
        assert shown() == number
    viewer.page.locator("#page").fill("7")
    viewer.page.keyboard.press("Enter")
    assert shown() == "7"
    viewer.page.locator("nav a").nth(2).click()
    assert shown() == "3"
    viewer.page.locator("[data-step='1']").click()
    assert shown() == "4"


@pytest.mark.parametrize("name", ["regions", "lines", "words", "order", "confidence"])
def test_switches_work_by_keyboard(browser: Any, book: Path, name: str) -> None:
    viewer = Viewer(browser, book)
    switch = viewer.page.locator(f"[data-toggle={name}]")
    viewer.page.wait_for_timeout(200)
    before = viewer.page.screenshot()
    switch.focus()
    viewer.page.keyboard.press("Space")
    viewer.page.evaluate("document.activeElement.blur()")
    viewer.page.wait_for_timeout(300)
    assert viewer.page.screenshot() != before


def test_pointing_marks_a_word_on_both_sides(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.page.wait_for_timeout(200)
    viewer.page.locator("[data-word]").nth(3).hover()
    assert viewer.texts("[data-word].pointed") == ["Haus"]
    assert viewer.page.locator("polygon.pointed").get_attribute("data-number") == "3"
    assert viewer.texts("#lens p") == ["Haus · 95 %"] and viewer.page.locator("#lens").is_visible()
    viewer.page.locator("polygon.word[data-number='1']").first.hover()
    assert viewer.texts("[data-word].pointed") == ["iſt"]
    viewer.page.mouse.move(2, 2)
    assert viewer.page.locator(".pointed").count() == 0


def test_words_are_reached_by_keyboard(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.page.wait_for_timeout(200)
    viewer.page.locator(".text").first.focus()
    for key, word in (("ArrowRight", "Es"), ("ArrowRight", "iſt"), ("ArrowDown", "die"),
                      ("ArrowLeft", "Haus"), ("ArrowUp", "Haus")):  # fmt: skip
        viewer.page.keyboard.press(key)
        assert viewer.texts("[data-word].pointed") == [word]
    assert viewer.texts("#spoken") == ["Haus · 95 %"]


def test_the_scan_is_enlarged_and_made_small_again(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    image = viewer.page.locator("figure img").first
    before = image.bounding_box()["width"]
    viewer.page.keyboard.press("+")
    viewer.page.keyboard.press("+")
    assert image.bounding_box()["width"] == pytest.approx(1.5 * before, rel=0.02)
    assert viewer.page.locator("figure").first.get_attribute("tabindex") == "0"
    viewer.page.keyboard.press("0")
    assert image.bounding_box()["width"] == pytest.approx(before)


def test_words_lie_on_the_scan(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.page.wait_for_timeout(200)
    image = viewer.page.locator("figure img").first.bounding_box()
    word = viewer.page.locator("polygon.word[data-number='0']").first.bounding_box()
    scale = image["width"] / 1200
    assert word["x"] - image["x"] == pytest.approx(100 * scale, abs=1.5)
    assert word["y"] - image["y"] == pytest.approx(100 * scale, abs=1.5)
    assert word["width"] == pytest.approx(120 * scale, abs=1.5)


def test_single_keys_can_be_switched_off(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.page.keyboard.press("?")
    viewer.page.locator("#keys").uncheck()
    viewer.page.evaluate("document.activeElement.blur()")
    viewer.page.keyboard.press("/")
    assert not viewer.page.evaluate("document.activeElement.matches('input[type=search]')")


def test_it_prints_scan_and_text_without_controls(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book)
    viewer.page.emulate_media(media="print")
    assert not viewer.page.locator("header").is_visible()
    assert not viewer.page.locator("nav").is_visible()
    assert viewer.page.locator("figure img").first.is_visible()
    assert viewer.page.locator("[data-word]").first.is_visible()


def test_pictures_of_pages_that_were_never_shown_are_printed(browser: Any, tmp_path: Path) -> None:
    media = {}
    for number in range(1, 13):
        media[number] = PageMedium(tmp_path / f"{number}.png")
        Image.new("L", (1200, 1600), 20 * number).save(media[number].path)
    path = tmp_path / "book.html"
    with path.open("wb") as out:
        pages = [read_page(number, "Wort") for number in media]
        view.write(out, ReadDocument("b", 12), pages, ExportOptions(), lambda p: media[p.number])
    viewer = Viewer(browser, path)
    lacking = "[...document.querySelectorAll('figure img')].filter((i) => !i.naturalWidth).length"
    viewer.page.wait_for_function(f"() => {lacking} === 0", timeout=5000)


def test_the_page_of_a_hit_is_the_current_one_also_at_its_edge(
    browser: Any, tmp_path: Path
) -> None:
    lines = ["Ein Wort und noch ein paar Wörter auf einer langen Zeile"] * 45
    texts = [["einmalig", *lines] if number == 31 else lines for number in range(1, 41)]
    path = save(tmp_path, (read_page(n, *text) for n, text in enumerate(texts, 1)), 40)
    viewer = Viewer(browser, path)
    viewer.page.set_viewport_size({"width": 900, "height": 1200})
    viewer.page.goto("about:blank")
    viewer.page.goto(path.as_uri() + "#page=31&q=einmalig")
    viewer.page.wait_for_timeout(800)
    assert viewer.hit == ["einmalig"]
    assert viewer.page.evaluate("location.hash") == "#page=31&q=einmalig"
    viewer.page.keyboard.press("End")
    viewer.page.wait_for_timeout(500)
    assert str(viewer.page.evaluate("location.hash")).startswith("#page=40")


def test_scan_and_text_are_there_without_scripts(browser: Any, book: Path) -> None:
    viewer = Viewer(browser, book, java_script_enabled=False)
    assert viewer.page.locator("[data-word]").first.is_visible()
    assert viewer.page.locator("noscript p").is_visible()


def test_pictures_in_a_folder_are_shown(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "LARGEST", 1)
    pages = [read_page(number, "Wort") for number in (1, 2)]
    folder = tmp_path / "book_files"
    viewer = Viewer(browser, save(tmp_path, pages, 2, side_folder=folder, side_name=folder.name))
    viewer.page.wait_for_timeout(200)
    shown = "(i => i.complete && i.naturalWidth > 0)(document.querySelector('figure img'))"
    assert viewer.page.evaluate(shown) and viewer.errors == []
    assert any(url.endswith("book_files/0001.jpg") for url in viewer.requests)


def test_five_hundred_pages_open_quickly_and_typing_stays_fluid(
    browser: Any, tmp_path: Path
) -> None:
    text = "Im Lesesaal hört man nur das Rascheln der Blätter"
    pages = (read_page(number, *[text] * 30) for number in range(1, 501))
    path = save(tmp_path, pages, 500)
    durations = []
    for _ in range(2):
        begin = time.monotonic()
        viewer = Viewer(browser, path)
        durations.append(time.monotonic() - begin)
    assert min(durations) < OPEN_IN
    viewer.page.evaluate(
        "() => { window.longest = 0; new PerformanceObserver((list) => list.getEntries().forEach("
        "(e) => { longest = Math.max(longest, e.duration) })).observe({ type: 'longtask' }) }"
    )
    viewer.page.locator("input[type=search]").focus()
    viewer.page.keyboard.type("rascheln der", delay=40)
    viewer.page.locator("#found", has_text="of 15000").wait_for(timeout=5000)
    # A tenth of a second is what people take for immediate; some room for busy machines.
    assert viewer.page.evaluate("longest") < 300
