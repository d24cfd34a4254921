# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Draw the pictures of the handbook: the architecture, and results of the sample page.

The sample page is the project's own (CC0). Whatever a program shows in a browser is taken with
Chromium by Playwright. Called by ``make pictures``: ``pictures.py [FOLDER]``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "assets" / "sample"


@dataclass(frozen=True)
class Row:
    """Boxes side by side in the picture of the architecture.

    Attributes:
        note: what they have in common, at the left.
        boxes: name of a layer, and what it does.
        colour: fill of the boxes.
    """

    note: str
    boxes: Sequence[tuple[str, str]]
    colour: str


ARCHITECTURE = (
    Row(
        "what people call",
        (
            ("cli", "ocr, processors, resmgr"),
            ("rapidocr", "RapidOCR's interface"),
            ("ocrmypdf", "a plugin"),
            ("network", "workers of OCR-D"),
            ("correction_server", "in the browser"),
        ),
        "#dbe7f6",
    ),
    Row(
        "what is done",
        (
            ("conversion", "documents to files"),
            ("processors", "PAGE in, PAGE out"),
            ("training", "heads from lines"),
            ("correction", "text of people"),
            ("evaluation", "text and truth"),
        ),
        "#e3f0dc",
    ),
    Row("how it runs", (("runtime", "pages, threads, failures, resuming"),), "#e3f0dc"),
    Row(
        "what goes in and out",
        (
            ("documents", "images, folders, PDFs"),
            ("workspace", "METS, PAGE-XML"),
            ("export", "text, PDF, ALTO, …"),
        ),
        "#f6ecd4",
    ),
    Row("", (("loading", "from a name to a detector, classifier, recognizer"),), "#f4dede"),
    Row(
        "OCR, on arrays",
        (("ocr", "detection, layout, order, orientation, lines, recognition, heads"),),
        "#f4dede",
    ),
    Row(
        "",
        (("inference", "onnxruntime, OpenVINO"), ("resmgr", "models: found, fetched, checked")),
        "#f4dede",
    ),
    Row(
        "ground floor",
        (
            ("rasters", "image files"),
            ("languages", "scripts"),
            ("config", "parameters"),
            ("files", "whole or absent"),
            ("errors", "exit codes"),
        ),
        "#ececec",
    ),
)

_WIDTH, _LEFT, _HEIGHT, _GAP = 900, 150, 54, 14


def architecture() -> str:
    """Return the picture of the layers, as SVG that needs no font of its own."""
    parts = []
    for number, row in enumerate(ARCHITECTURE):
        top = _GAP + number * (_HEIGHT + _GAP)
        middle = top + _HEIGHT / 2
        parts.append(f'<text class="note" x="8" y="{middle + 4}">{escape(row.note)}</text>')
        width = (_WIDTH - _LEFT - _GAP * len(row.boxes)) / len(row.boxes)
        for place, (name, does) in enumerate(row.boxes):
            left = _LEFT + place * (width + _GAP)
            centre = left + width / 2
            parts.append(
                f'<rect x="{left:.0f}" y="{top}" width="{width:.0f}" height="{_HEIGHT}"'
                f' rx="6" fill="{row.colour}"/>'
                f'<text class="name" x="{centre:.0f}" y="{middle - 4}">{name}</text>'
                f'<text class="does" x="{centre:.0f}" y="{middle + 15}">{escape(does)}</text>'
            )
    height = _GAP + len(ARCHITECTURE) * (_HEIGHT + _GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        ' font-family="sans-serif">\n'
        "<title>The layers of ocrd-rapid: each uses only those below it</title>\n"
        "<style>rect{stroke:#667;stroke-width:1}text{text-anchor:middle;fill:#222}"
        ".name{font-size:16px;font-weight:bold}.does{font-size:13px}"
        ".note{font-size:13px;text-anchor:start;fill:#667}</style>\n"
        f'<rect width="{_WIDTH}" height="{height}" fill="white" stroke="none"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def regions(target: Path) -> None:
    """Draw the regions and lines of the sample page over it."""
    from ocrd_rapid import recognize

    with Image.open(SAMPLE / "sample.png") as image:
        page = image.convert("RGB")
    drawing = ImageDraw.Draw(page, "RGBA")
    font = ImageFont.load_default(48)
    colours = [(31, 119, 180), (214, 39, 40), (44, 160, 44), (148, 103, 189)]
    (read,) = recognize(SAMPLE / "sample.png")
    for number, region in enumerate(read.regions, start=1):
        colour = colours[number % len(colours)]
        outline = [(float(x), float(y)) for x, y in region.outline]
        drawing.polygon(outline, fill=(*colour, 40), outline=(*colour, 255), width=3)
        for line in region.lines:
            points = [(float(x), float(y)) for x, y in line.outline]
            drawing.polygon(points, outline=(*colour, 160), width=2)
        left, top = min(outline)[0], min(y for _, y in outline)
        drawing.text((max(4, left - 60), top), str(number), font=font, fill=(*colour, 255))
    page.thumbnail((800, 1200))
    page.quantize(64).save(target, optimize=True)


def taken(page: Path, target: Path) -> Path:
    """Take the picture of a page in a browser; return the path of the picture."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1100, "height": 700})
        tab.set_default_timeout(0)
        tab.goto(page.as_uri(), timeout=0)
        tab.screenshot(path=target)
        browser.close()
    return target


def taken_of_server(book: Path, folder: Path) -> list[Path]:
    """Take the pictures of a book that is being corrected; return their paths."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    ours = Path(sys.executable).with_name("ocrd-rapid")
    server = subprocess.Popen(
        [ours, "correct", book, "--no-browser"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert server.stdout is not None
    found = (re.search(r"http://\S+\?token=\S+", row) for row in server.stdout)
    address = next(filter(None, found))[0]
    targets = [folder / f"correct-{name}.png" for name in ("lines", "page")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1100, "height": 700}, locale="en-GB")
        tab.set_default_timeout(0)
        tab.goto(address, timeout=0)
        tab.wait_for_selector("#rows[data-order]")
        tab.select_option("#order", "unsure")
        tab.wait_for_selector("#rows[data-order=unsure]")
        for key in ("Enter", "F8", "ArrowDown", "Enter", "End"):
            tab.keyboard.press(key)
            tab.wait_for_timeout(700)
        tab.screenshot(path=targets[0])
        tab.click("#to-page")
        tab.wait_for_selector("#page-rows .line input:focus")
        tab.wait_for_timeout(1500)
        tab.screenshot(path=targets[1])
        browser.close()
    server.terminate()
    server.wait()
    return targets


def main(folder: Path) -> None:
    """Draw all pictures into a folder."""
    (folder / "architecture.svg").write_text(architecture(), encoding="utf-8")
    regions(folder / "regions.png")
    ours = Path(sys.executable).with_name("ocrd-rapid")
    with tempfile.TemporaryDirectory() as scratch:
        desk = Path(scratch)
        shutil.copyfile(SAMPLE / "sample.png", desk / "scan.png")
        for name in ("truth", "ocr"):
            (desk / name).mkdir()
        shutil.copyfile(SAMPLE / "sample.gt.txt", desk / "truth" / "page.txt")
        # A scan of 70 dpi, so that there are errors to see.
        with Image.open(desk / "scan.png") as image:
            image.resize((image.width * 35 // 100, image.height * 35 // 100)).save(
                desk / "page.png"
            )
        steps = (
            "rapid-detect -I OCR-D-IMG -O OCR-D-SEG",
            "rapid-recognize -I OCR-D-SEG -O OCR-D-OCR -P textequiv_level word",
        )
        for words in (
            ["ocr", "scan.png", "-o", "view.html"],
            ["workspace", "-d", "book", "init"],
            ["workspace", "-d", "book", "add-images", "page.png"],
            ["process", "-w", "book", *steps],
            ["export", "-w", "book", "-I", "OCR-D-OCR", "--correct", "-o", "view-correct.html"],
            ["ocr", "page.png", "-o", "ocr/page.txt"],
            ["evaluate", "truth/page.txt", "ocr/page.txt", "--html", "report.html"],
        ):
            subprocess.run([ours, *words], cwd=desk, check=True)
        for name in ("view", "view-correct", "report"):
            print(taken(desk / f"{name}.html", folder / f"{name}.png"))
        print(*taken_of_server(desk / "book", folder), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
