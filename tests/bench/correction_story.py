# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A person corrects lines of a book, teaches and reads on: the errors on the other pages.

Usage: PYTHONPATH=tests/support python tests/bench/correction_story.py SCAN … [--learn 2]
       [--lines 40] [--browser] [--parameter KEY=VALUE …]

SCAN … are the scans of a book in their order, each with its ground truth beside it (x.jpg and
x.page.xml or x.alto.xml). The book is read by the processors with their defaults, ``ocrd-rapid
correct`` serves it, and the lines of the first pages get their ground truth by its interface, in
the order that teaches most. Then a head is taught, and the book is read on. With ``--browser``, a
person does that in Chromium, by the keyboard alone, and sees all pages: lines of the others are
passed by. The errors are those of the pages that nobody has corrected, in characters, before and
after. Beside what the page estimates for the book stands what is true: the errors in all lines that
nobody has corrected.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import quality
from correction_client import Client, RunningServer, corrected_texts, serving
from typists import BookTypist

from ocrd_rapid.config.parameters import parse_value
from ocrd_rapid.evaluation import Comparison, compare_texts
from ocrd_rapid.evaluation.matching import match_lines
from ocrd_rapid.evaluation.page_errors import evaluate_page
from ocrd_rapid.evaluation.texts import Page, read_page
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

GROUND_TRUTH, READ = "OCR-D-GT", "OCR"


def truth_of(scan: Path) -> Page:
    page = scan.with_suffix(".page.xml")
    return read_page(page if page.exists() else scan.with_suffix(".alto.xml"))


def true_texts(book: Path, truths: Sequence[Page]) -> dict[tuple[str, str], str]:
    """Return the true texts of the lines of the first pages, by page and ID; empty for no text."""
    texts: dict[tuple[str, str], str] = {}
    files = {file.page_id: file for file in Workspace.open(directory=book).files(READ)}
    for number, truth in enumerate(truths, start=1):
        page = f"P_{number:04}"
        machine = read_page(book / files[page].path)
        found = match_lines(machine, truth).found
        texts |= {
            (page, line.id): " ".join(text.split())
            for line, text in zip(machine.lines, found, strict=True)
        }
    return {key: text for key, text in texts.items() if text}


def correct_lines(client: Client, book: Path, truths: Sequence[Page], wanted: int) -> int:
    """Give lines their ground truth, those that teach most first; return the number of lines."""
    texts = true_texts(book, truths)
    while client.ask("GET", "lines", count="1")["whole"] is False:
        time.sleep(0.1)
    lines = [
        line
        for order in ("teach", "unsure")
        for line in client.ask("GET", "lines", order=order, count="2000")["lines"]
    ]
    done = 0
    for line in lines:
        text = texts.pop((line["page"], line["line"]), "")
        if text and done < wanted:
            state = "confirmed" if text == line["text"] else "corrected"
            client.ask("PUT", "line", {**line, "text": text, "state": state})
            done += 1
    return done


def files_of(book: Path, group: str) -> dict[str, MetsFile]:
    """Return the files of a reading by page; pages that it has not are those of the first one."""
    files: dict[str, MetsFile] = {}
    for known in (READ, group):
        files |= {file.page_id: file for file in Workspace.open(directory=book).files(known)}
    return files


def error_left(book: Path, group: str, truths: Sequence[Page]) -> float:
    """Return the errors in lines that nobody has corrected, as a share of the book's characters.

    That is what the error to be expected of the book should be. Lines that were not found, or have
    no ground truth, count for nothing.
    """
    texts, corrected = true_texts(book, truths), corrected_texts(book)
    found = length = 0
    for page, file in files_of(book, group).items():
        for line in read_page(book / file.path).lines:
            length += len(line.text)
            text = texts.get((page, line.id))
            if text and (page, line.id) not in corrected:
                found += compare_texts(text, line.text).edits
    return found / length


def errors(book: Path, group: str, truths: Sequence[Page], first: int) -> Comparison:
    """Return the errors in the pages from one on."""
    files = files_of(book, group)
    return Comparison.total(
        evaluate_page(str(number), truth, read_page(book / files[f"P_{number:04}"].path)).order_free
        for number, truth in enumerate(truths, start=1)
        if number >= first
    )


def read_book(folder: Path, scans: Sequence[Path], given: dict[str, Any]) -> Path:
    """Make a workspace of scans, read by the processors, and return its directory."""
    book, links = folder / "book", folder / "scans" / "book"
    links.mkdir(parents=True)
    for scan in scans:
        (links / scan.name).symlink_to(scan.resolve())
    quality.make_workspace(book, links.parent, 0)
    quality.run(book, {"textequiv_level": "word", **given}, 3)
    return book


@dataclass
class Story:
    """What a person did, and what came of it.

    Attributes:
        lines: number of lines that were corrected.
        before: error to be expected of the book, as it was shown before it was taught.
        taught: what teaching gave.
        reading: the record of reading on; ``None`` if the head was not better.
        seconds: how long correcting, teaching and reading on took.
    """

    lines: int
    before: float
    taught: dict[str, Any]
    reading: dict[str, Any] | None
    seconds: list[float]


def by_interface(client: Client, book: Path, truths: Sequence[Page], wanted: int) -> Story:
    times = [time.monotonic()]
    done = correct_lines(client, book, truths, wanted)
    before = client.ask("GET", "progress")["error"]
    times.append(time.monotonic())
    client.ask("POST", "jobs/teach", {})
    taught = client.job_done()["taught"]
    times.append(time.monotonic())
    reading = None
    if taught.get("isBetter"):
        client.ask("POST", "jobs/read", {"pages": []})
        reading = client.job_done()["readings"][-1]
        times.append(time.monotonic())
    return Story(done, before, taught, reading, [b - a for a, b in pairwise(times)])


def in_browser(address: str, book: Path, truths: Sequence[Page], wanted: int) -> Story:
    """Do it as a person at the keyboard does; the figures are what the interface says then."""
    from playwright.sync_api import sync_playwright

    client = Client(address)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        times = [time.monotonic()]
        person = BookTypist(context, address)
        person.wait("document.activeElement.matches('.line input')")
        done = person.correct(true_texts(book, truths), wanted)
        before = client.ask("GET", "progress")["error"]
        times.append(time.monotonic())
        person.teach()
        print(person.page.locator("#taught").text_content())
        taught = client.ask("GET", "jobs")["taught"]
        times.append(time.monotonic())
        reading = None
        if taught.get("isBetter"):
            person.read_on()
            reading = client.ask("GET", "jobs")["readings"][-1]
            times.append(time.monotonic())
        assert not person.trouble, person.trouble
        browser.close()
    return Story(done, before, taught, reading, [b - a for a, b in pairwise(times)])


def tell(
    scans: Sequence[Path], learn: int, wanted: int, given: dict[str, Any], *, browser: bool
) -> None:
    """Do it all, and print what came out."""
    truths = [truth_of(scan) for scan in scans]
    with tempfile.TemporaryDirectory() as folder:
        book = read_book(Path(folder), scans, given)
        # Only lines of the first pages: the others show what was learnt.
        known = truths[:learn]
        if browser:
            server = RunningServer(book, "-I", READ)
            try:
                story = in_browser(server.address, book, known, wanted)
            finally:
                server.end()
        else:
            with serving(book, "-I", READ) as client:
                story = by_interface(client, book, known, wanted)
        names = ("lines", "judged", "before", "after", "chance", "isBetter", "missing")
        shown = {key: story.taught.get(key) for key in (*names, "better", "worse")}
        print(json.dumps(shown, ensure_ascii=False))
        parts = zip(("corrected", "taught", "read on"), story.seconds, strict=False)
        print(
            f"{story.lines} lines; {', '.join(f'{what} in {took:.0f} s' for what, took in parts)}"
        )
        old = errors(book, READ, truths, learn + 1)
        print(
            f"other pages before: {old.character_error_rate:.2%} of {old.length} characters;"
            f" estimated for the book {story.before:.2%}, true {error_left(book, READ, truths):.2%}"
        )
        if story.reading is not None:
            number = story.reading["number"]
            group = f"{GROUND_TRUTH}-READ-{number}"
            new = errors(book, group, truths, learn + 1)
            print(
                f"other pages after: {new.character_error_rate:.2%}; estimated for the book"
                f" {story.reading['after']:.2%}, true {error_left(book, group, truths):.2%};"
                f" {story.reading['changed']} lines changed"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--learn", type=int, default=2)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--parameter", nargs="*", default=[])
    options = parser.parse_args()
    given = {
        key: parse_value(value)
        for key, _, value in (each.partition("=") for each in options.parameter)
    }
    tell(options.pages, options.learn, options.lines, given, browser=options.browser)


if __name__ == "__main__":
    main()
