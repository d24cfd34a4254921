# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Character error by script and language, of pages of `script_pages`, as tables.

Usage: python tests/bench/script_quality.py PAGES [--command OCRD-RAPID] [--tesseract]
       [--kinds KIND,…] [--confusions N] [--speed ROUNDS]

``ocrd-rapid ocr`` reads the pages of a kind in one run, without an option. For every kind, the
table has

- *page*: the error in the order of the text (logical order, NFC, by characters with their marks);
- *lines*: the error line by line, in whatever order and however they are divided;
- *script*: the share of lines in whose text most letters are of the script that is printed;
- *warning*: whether the run said that it reads a script that nothing reads. It has to if it reads
  more than half of the characters wrong, and to name the script or say that it knows none; it may
  not otherwise. ``missed``, ``false`` and ``wrong name`` are faults.

With ``--tesseract``, Tesseract reads the same pages, told the languages. With ``--confusions``, a
list has the characters that are most often wrong. With ``--speed``, pages of Latin script are read
with all heads and with ``Rec.heads: latin,blackletter``, by turns so many times.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from script_lines import scripts_of
from script_mixtures import MIXTURES
from script_pages import MIXED, kinds_of
from script_sentences import LANGUAGES

from ocrd_rapid.evaluation.comparison import Comparison
from ocrd_rapid.evaluation.page_errors import PageResult, evaluate_page
from ocrd_rapid.evaluation.texts import Page, read_page
from ocrd_rapid.languages.scripts import UNKNOWN
from ocrd_rapid.ocr.recognition.unread_scripts import unread_text
from ocrd_rapid.rapidocr.interface import RapidOCR

#: Share of wrong characters from which a page counts as not read.
_UNREAD = 0.5
#: What all warnings of scripts have.
_WARNING = "no installed model"
#: The languages of the mixed pages, for Tesseract.
_MODELS = {
    **{name: mixture.tesseract for name, mixture in MIXTURES.items()},
    "quotation-ita-grc": "ita+grc",
    "newspaper-ara": "ara+eng",
    "dictionary-hin-eng": "hin+eng",
}
_HEADS = "latin,blackletter"


@dataclass(frozen=True)
class Reading:
    """What a program made of the pages of a kind.

    Attributes:
        results: by page.
        messages: what it said.
        seconds: it took for all of them.
    """

    results: tuple[PageResult, ...]
    messages: str
    seconds: float

    @property
    def page_error(self) -> float:
        return _rate(result.ordered for result in self.results)

    @property
    def line_error(self) -> float:
        return _rate(result.order_free for result in self.results)

    @property
    def script_share(self) -> float:
        """The share of lines that are read in the script that they have."""
        pairs = [
            (wanted[0], scripts_of(line.text)[:1])
            for result in self.results
            for line in result.lines
            if (wanted := scripts_of(line.reference))
        ]
        return sum(found == (wanted,) for wanted, found in pairs) / max(1, len(pairs))

    def confusions(self, count: int) -> str:
        """Return the most frequent confusions: what stands there, and what is read."""
        total = Comparison.total(result.order_free for result in self.results)
        pairs = total.most_confused(count)
        return ", ".join(f"{a or '∅'} → {b or '∅'} ({n})" for (a, b), n in pairs)


def _rate(parts: Iterator[Comparison]) -> float:
    return Comparison.total(parts).character_error_rate or 0.0


def read_with_ocr(scans: Sequence[Path], command: Path, folder: Path) -> Reading:
    """Let ``ocr`` read scans, without an option."""
    began = time.perf_counter()
    done = subprocess.run(
        [command, "ocr", *scans, "-f", "page", "-o", f"{folder}/"], capture_output=True, text=True
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stderr}")
    found = {path.name.partition(".")[0]: path for path in folder.rglob("*.xml")}
    results = [_judged(scan, read_page(found[scan.stem])) for scan in scans]
    return Reading(tuple(results), done.stderr, seconds)


def read_with_tesseract(scans: Sequence[Path], languages: str, folder: Path) -> Reading:
    """Let Tesseract read scans in languages that it is told, by its codes."""
    began = time.perf_counter()
    for scan in scans:
        command = ["tesseract", scan, folder / scan.stem, "-l", languages]
        subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - began
    results = [_judged(scan, read_page(folder / f"{scan.stem}.txt")) for scan in scans]
    return Reading(tuple(results), "", seconds)


def _judged(scan: Path, page: Page) -> PageResult:
    return evaluate_page(scan.stem, read_page(scan.with_suffix(".page.xml")), page)


def warning(reading: Reading, script: str) -> str:
    """Return what there is to say of the warning of a run.

    Args:
        reading: the run.
        script: the code of the script that is printed.
    """
    warned, unread = _WARNING in reading.messages, reading.line_error > _UNREAD
    if not warned:
        return "missed" if unread else "–"
    if not unread:
        return "false"
    named = any(unread_text(code) in reading.messages for code in (script, UNKNOWN))
    return "given" if named else "wrong name"


def print_row(*cells: object) -> None:
    """Print the row of a table."""
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def print_qualities(pages: Path, kinds: Sequence[str], options: argparse.Namespace) -> None:
    """Print the table of the errors, and below it that of the confusions."""
    head = ["kind", "pages", "characters", "page %", "lines %", "script %", "warning", "s/page"]
    if options.tesseract:
        head += ["Tesseract: page %", "lines %"]
    print_row(*head)
    print_row(*["---"] * len(head))
    confusions = {}
    for kind in kinds:
        scans = sorted((pages / kind).glob("*.png"))
        if not scans:
            print_row(kind, 0, *["–"] * (len(head) - 2))
            continue
        with tempfile.TemporaryDirectory() as name:
            reading = read_with_ocr(scans, options.command, Path(name))
            script = LANGUAGES[kind].script if kind in LANGUAGES else ""
            cells = [
                kind, len(scans), sum(result.ordered.length for result in reading.results),
                _percent(reading.page_error), _percent(reading.line_error),
                f"{100 * reading.script_share:.0f}", warning(reading, script),
                f"{reading.seconds / len(scans):.1f}",
            ]  # fmt: skip
            if options.tesseract:
                models = _MODELS[kind] if kind in MIXED else LANGUAGES[kind].tesseract
                other = read_with_tesseract(scans, models, Path(name)) if models else None
                cells += ["–", "–"] if other is None else [
                    _percent(other.page_error), _percent(other.line_error)
                ]  # fmt: skip
        print_row(*cells)
        confusions[kind] = reading.confusions(options.confusions)
    if options.confusions:
        print()
        for kind, text in confusions.items():
            print(f"- {kind}: {text or 'none'}")


def _percent(rate: float) -> str:
    return f"{100 * rate:.2f}"


def print_speed(scans: Sequence[Path], rounds: int) -> None:
    """Print the time of pages with all heads against that with those of Latin script."""
    engines = {"all heads": RapidOCR(), _HEADS: RapidOCR(params={"Rec.heads": _HEADS})}
    images = [cv2.imread(str(scan)) for scan in scans]
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds + 1):
        for name, engine in engines.items():
            began = time.process_time()
            for image in images:
                engine(image)
            seconds[name].append(time.process_time() - began)
    # The first round is for warming up.
    pairs = list(zip(*(times[1:] for times in seconds.values()), strict=True))
    for name, times in seconds.items():
        print(f"{name}: {statistics.median(times[1:]) / len(scans):.2f} s of processor per page")
    print(f"all heads cost {100 * (statistics.median(a / b for a, b in pairs) - 1):+.1f} %")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path)
    own = Path(sys.executable).with_name("ocrd-rapid")
    parser.add_argument("--command", type=Path, default=own)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--tesseract", action="store_true")
    parser.add_argument("--confusions", type=int, default=0, metavar="N")
    parser.add_argument("--speed", type=int, default=0, metavar="ROUNDS")
    arguments = parser.parse_args()
    if arguments.tesseract and not shutil.which("tesseract"):
        parser.error("Tesseract is not installed")
    there = [path.name for path in sorted(arguments.pages.iterdir()) if path.is_dir()]
    kinds = kinds_of(arguments.kinds) if arguments.kinds else there
    print_qualities(arguments.pages, kinds, arguments)
    latin = [kind for kind in there if kind in LANGUAGES and LANGUAGES[kind].script == "Latn"]
    if arguments.speed and latin:
        print()
        print_speed(sorted((arguments.pages / latin[0]).glob("*.png")), arguments.speed)


if __name__ == "__main__":
    main()
