# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A person corrects lines of a book, teaches and reads on: the errors on the other pages.

Usage: PYTHONPATH=tests/support python tests/bench/correction_story.py SCAN … [--learn 2]
       [--lines 40] [--parameter KEY=VALUE …]

SCAN … are the scans of a book in their order, each with its ground truth beside it (x.jpg and
x.page.xml). The book is read by the processors with their defaults, ``ocrd-rapid correct`` serves
it, and the lines of the first pages get their ground truth by its interface, in the order that
teaches most. Then a head is taught, and the book is read on. The errors are those of the pages that
nobody has corrected, in characters, before and after.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import quality
from correction_client import Client, serving

from ocrd_rapid.config.parameters import parse_value
from ocrd_rapid.evaluation import Comparison
from ocrd_rapid.evaluation.matching import match_lines
from ocrd_rapid.evaluation.page_errors import evaluate_page
from ocrd_rapid.evaluation.texts import Page, read_page
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

GROUND_TRUTH, READ = "OCR-D-GT", "OCR"


def truth_of(scan: Path) -> Page:
    return read_page(scan.with_suffix(".page.xml"))


def correct_lines(client: Client, book: Path, truths: Sequence[Page], wanted: int) -> int:
    """Give lines their ground truth, those that teach most first; return the number of lines."""
    texts: dict[tuple[str, str], str] = {}
    files = {file.page_id: file for file in Workspace.open(directory=book).files(READ)}
    for number, truth in enumerate(truths, start=1):
        page = f"P_{number:04}"
        machine = read_page(book / files[page].path)
        found = match_lines(machine, truth).found
        texts |= {(page, line.id): text for line, text in zip(machine.lines, found, strict=True)}
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


def errors(book: Path, group: str, truths: Sequence[Page], first: int) -> Comparison:
    """Return the errors in the pages from one on."""
    files: dict[str, MetsFile] = {}
    for known in (READ, group):
        files |= {file.page_id: file for file in Workspace.open(directory=book).files(known)}
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


def tell(scans: Sequence[Path], learn: int, wanted: int, given: dict[str, Any]) -> None:
    """Do it all, and print what came out."""
    truths = [truth_of(scan) for scan in scans]
    with tempfile.TemporaryDirectory() as folder:
        book = read_book(Path(folder), scans, given)
        began = time.monotonic()
        with serving(book, "-I", READ) as client:
            # Only lines of the first pages: the others show what was learnt.
            done = correct_lines(client, book, truths[:learn], wanted)
            before = client.ask("GET", "progress")["error"]
            corrected = time.monotonic()
            client.ask("POST", "jobs/teach", {})
            taught = client.job_done()["taught"]
            learnt = time.monotonic()
            print(f"{done} lines corrected; taught in {learnt - corrected:.0f} s:", flush=True)
            names = ("learnt", "heldOut", "before", "after", "chance", "isBetter", "missing")
            shown = {key: taught.get(key) for key in (*names, "better", "worse")}
            print(json.dumps(shown, ensure_ascii=False))
            old = errors(book, READ, truths, learn + 1)
            print(
                f"other pages before: {old.character_error_rate:.2%} of {old.length} characters;"
                f" estimated for the book {before:.2%}"
            )
            if not taught.get("isBetter"):
                return
            client.ask("POST", "jobs/read", {"pages": []})
            record = client.job_done()["readings"][-1]
            new = errors(book, f"{GROUND_TRUTH}-READ-{record['number']}", truths, learn + 1)
            print(
                f"other pages after: {new.character_error_rate:.2%}; estimated for the book"
                f" {record['after']:.2%}; {record['changed']} lines changed; read in"
                f" {time.monotonic() - learnt:.0f} s, all in {time.monotonic() - began:.0f} s"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--learn", type=int, default=2)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--parameter", nargs="*", default=[])
    options = parser.parse_args()
    given = {
        key: parse_value(value)
        for key, _, value in (each.partition("=") for each in options.parameter)
    }
    tell(options.pages, options.learn, options.lines, given)


if __name__ == "__main__":
    main()
