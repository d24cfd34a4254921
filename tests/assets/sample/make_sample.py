#!/usr/bin/env python3
# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Draw the synthetic sample page and write its ground truth.

The page has a heading, two justified columns and a page number. It is set straight, then skewed,
lit unevenly, blurred and sprinkled with noise, so that it resembles a scan in shades of grey.
Written are ``sample.png``, ``sample.gt.txt`` (one printed line per line, in reading order) and
``sample.gt.page.xml`` (PAGE-XML 2019-07-15, coordinates of the skewed image).
Nothing is left to chance: the same font, Pillow, FreeType and numpy give the same files.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT, DPI = 1700, 2400, 200
SCALE = 2  # the type is drawn at this multiple of its final size
MARGIN, GUTTER, INDENT = 135, 90, 38
COLUMN = (WIDTH - 2 * MARGIN - GUTTER) // 2
TOP, LEADING, SLOTS = 490, 58, 30  # first baseline, line distance and lines of a column
TITLE_BASELINE, FOLIO_BASELINE = 340, 2286
SKEW = 0.6  # degrees, anti-clockwise
SEED, NOISE, BLUR, STEP = 1847, 2.6, 0.6, 12  # the grey values are multiples of STEP
NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"

LIBERTINE = "/usr/share/fonts/opentype/linux-libertine/LinLibertine_"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSerif"
# Regular and bold face of open fonts, where Debian puts them.
FONTS = [[LIBERTINE + "R.otf", LIBERTINE + "RB.otf"], [DEJAVU + ".ttf", DEJAVU + "-Bold.ttf"]]

TITLE, FOLIO = "How a Library Keeps Its Books", "47"
# A line that starts with "# " is a sub-heading; "~" marks where a word may be divided.
TEXT = """\
A library is a slow machine for carry~ing paper through time. Its engine is patience, and its fuel \
is the quiet habit of putting each thing back where it belongs. When a volume returns to our \
stacks, some~body wipes the boards, looks for loose leaves, and checks that the number on the \
spine agrees with the num~ber in the reg~ister. The whole visit lasts four minutes, yet it may add \
forty years to the life of the book.
Dry air makes leather crack; damp air feeds the mould. We there~fore hold the rooms at 17 degrees \
and let the humid~ity drift very slowly with the sea~sons. The blinds stay down from March to \
Octo~ber. A box of grey card, cut to the size of its guest, costs less than a lunch and keeps out \
dust, day~light and care~less elbows.
# Under the Lamp
Some books are asked for so often that kind~ness alone cannot save them. These we bring to the \
scanner. A padded cradle holds the covers at an angle of 110 degrees, a sheet of glass comes down \
with~out weight, and two cameras look at the open pages from either side. A good oper~ator turns \
about 300 leaves in an hour; a tired one turns fewer and tears more, so we stop for tea.
Every picture is then read by a pro~gram that finds the col~umns, the lines and at last the \
let~ters. It never grows bored, but it makes odd mis~takes: a speck becomes a comma, a worn e \
becomes a c, and a well-~thumbed corner turns into a word that no lan~guage knows. Nobody should \
be ashamed of this. We cor~rect what mat~ters, pub~lish the rest as it is, and say plainly which \
is which.
# Aus dem Lesesaal
Im Lesesaal hört man nur das Ra~scheln der Blätter und ab und zu einen müden Stuhl. Die älteren \
Bände dürfen das Haus nicht ver~lassen; wer sie lesen möchte, wäscht sich zuerst die Hände. Früher \
schrieb der Biblio~thekar jede Aus~leihe mit schöner Tinte in ein großes Heft. Heute genügt ein \
kurzer Blick auf den Bild~schirm, doch das Heft liegt noch immer neben der Tür, und an mü~ßigen \
Tagen blättern wir darin. Ärger gibt es selten, Öl auf den Seiten nie.
# Two Lives of a Page
So the book goes back into its box, and its likeness goes out into the world. The paper will rest; \
the text will travel. If our work is good, a reader born in the year 2090 can open either of them \
and find the same words on the same page.
"""


@dataclass
class Line:
    """A printed line, as it stands on the straight page."""

    text: str
    starts: list[float]  # the left edges of its words
    box: tuple[float, float, float, float]  # left, top, right and bottom
    baseline: float
    font: ImageFont.FreeTypeFont
    kind: str = "paragraph"
    region: int = -1


def load_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    """Load a font for ``size`` final pixels, without the optional Raqm layout engine."""
    return ImageFont.truetype(path, size * SCALE, layout_engine=ImageFont.Layout.BASIC)


def break_lines(text: str, font: ImageFont.FreeTypeFont) -> list[list[str]]:
    """Divide a paragraph into lines of words so that the word spaces are as even as possible."""
    cuts = list(re.finditer(" |~|$", text))
    best: dict[int, tuple[float, list[list[str]]]] = {len(text): (0.0, [])}  # by start
    for start in reversed([0, *(cut.end() for cut in cuts[:-1])]):
        options = []
        for cut in (cut for cut in cuts if cut.start() > start):
            words = text[start : cut.start()].replace("~", "").split()
            if cut[0] == "~" and words[-1][-1] != "-":
                words[-1] += "-"
            room = (COLUMN - (0 if start else INDENT)) * SCALE - sum(map(font.getlength, words))
            gap = room / max(len(words) - 1, 1) / font.getlength(" ")
            if gap < (0.75 if cut[0] else 1):
                break
            later, lines = best[cut.end()]
            cost = {"~": 0.4 + (gap - 1) ** 2, " ": (gap - 1) ** 2, "": 0}[cut[0]]
            options.append((cost + later, [words, *lines]))
        best[start] = min(options, default=(math.inf, []))
    return best[0][1]


def set_line(
    words: list[str], font: ImageFont.FreeTypeFont, left: float, baseline: float, width: float = 0
) -> Line:
    """Place words from ``left``, spread over ``width`` if that is given."""
    lengths = [font.getlength(word) / SCALE for word in words]
    gap = (width - sum(lengths)) / max(len(words) - 1, 1) if width else font.getlength(" ") / SCALE
    starts = [left + sum(lengths[:i]) + gap * i for i in range(len(words))]
    # The height is that of the font, whichever letters the line has.
    _, top, _, bottom = (baseline + y / SCALE for y in font.getbbox("Äbfgjpqy", anchor="ls"))
    box = left - 3, top - 3, starts[-1] + lengths[-1] + 3, bottom + 3
    return Line(" ".join(words), starts, box, baseline, font)


def set_columns(regular: str, bold: str) -> list[Line]:
    """Set the text in two columns, in the largest size of type that fits."""
    for size in range(39, 19, -1):
        font, bold_font = load_font(regular, size), load_font(bold, size)
        lines: list[Line] = []
        slot = 0  # counts the lines of both columns
        for number, paragraph in enumerate(TEXT.splitlines()):
            is_heading = paragraph.startswith("# ")
            if is_heading and slot % SLOTS:
                slot += 1  # an empty line above it, and not at the foot of a column
                slot += SLOTS - slot % SLOTS if slot % SLOTS > SLOTS - 3 else 0
            broken = [paragraph[2:].split()] if is_heading else break_lines(paragraph, font)
            for row, words in enumerate(broken, 1):
                column = slot // SLOTS
                inset = INDENT if row == 1 and not is_heading else 0
                left, baseline = MARGIN + column * (COLUMN + GUTTER), TOP + slot % SLOTS * LEADING
                width = COLUMN - inset if row < len(broken) else 0
                face, kind = (bold_font, "heading") if is_heading else (font, "paragraph")
                line = set_line(words, face, left + inset, baseline, width)
                # A paragraph that runs on in the other column begins a new region there.
                line.kind, line.region = kind, 2 * number + column
                lines.append(line)
                slot += 1
        if slot <= 2 * SLOTS:
            return lines
    raise ValueError("the text does not fit on the page")


def skewed(x: float, y: float) -> str:
    """Return where a point of the straight page lies in the image, as PAGE writes points."""
    sin, cos = math.sin(math.radians(SKEW)), math.cos(math.radians(SKEW))
    dx, dy = x - WIDTH / 2, y - HEIGHT / 2
    return f"{round(WIDTH / 2 + dx * cos + dy * sin)},{round(HEIGHT / 2 - dx * sin + dy * cos)}"


def draw_page(lines: list[Line]) -> Image.Image:
    """Draw the lines and make the page look like a scan."""
    ink_image = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE), 0)
    draw = ImageDraw.Draw(ink_image)
    for line in lines:
        for left, word in zip(line.starts, line.text.split(), strict=True):
            draw.text((left * SCALE, line.baseline * SCALE), word, 255, line.font, anchor="ls")
    ink_image = ink_image.rotate(SKEW, Image.Resampling.BICUBIC).reduce(SCALE)
    ink = np.asarray(ink_image.filter(ImageFilter.GaussianBlur(BLUR)), dtype=np.float64) / 255
    rng = np.random.default_rng(SEED)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    # Brightest right of the middle, falling off to the corners; a shadow along the spine.
    far = ((x - 0.62 * WIDTH) / WIDTH) ** 2 + ((y - 0.42 * HEIGHT) / HEIGHT) ** 2
    paper = 238 - 42 * far - 70 * np.exp(-x / 32)
    grey = paper * (1 - 0.85 * ink) + rng.normal(0, NOISE, (HEIGHT, WIDTH))
    return Image.fromarray(np.clip(np.rint(grey / STEP) * STEP, 0, 255).astype(np.uint8))


def add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Add a PAGE element."""
    element = ET.SubElement(parent, f"pc:{name}", attributes)
    element.text = text
    return element


def add_outline(parent: ET.Element, lines: list[Line], pad: int) -> None:
    """Add the Coords of the rectangle around some lines."""
    lefts, tops, rights, bottoms = zip(*(line.box for line in lines), strict=True)
    left, right = min(lefts) - pad, max(rights) + pad
    top, bottom = min(tops) - pad, max(bottoms) + pad
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    add(parent, "Coords", points=" ".join(skewed(*corner) for corner in corners))


def page_xml(lines: list[Line]) -> str:
    """Describe the page as PAGE-XML."""
    root = ET.Element("pc:PcGts", {"xmlns:pc": NAMESPACE, "pcGtsId": "sample"})
    metadata = add(root, "Metadata")
    add(metadata, "Creator", "make_sample.py")
    add(metadata, "Created", "2025-01-01T00:00:00")
    add(metadata, "LastChange", "2025-01-01T00:00:00")
    add(metadata, "Comments", f"Synthetic page, CC0 1.0; skewed by {SKEW} degrees anti-clockwise")
    size = {"imageWidth": str(WIDTH), "imageHeight": str(HEIGHT)}
    page = add(root, "Page", imageFilename="sample.png", **size)
    order = add(add(page, "ReadingOrder"), "OrderedGroup", id="order")
    for index, (_, group) in enumerate(groupby(lines, key=lambda line: line.region)):
        members, name = list(group), f"r{index + 1}"
        add(order, "RegionRefIndexed", index=str(index), regionRef=name)
        region = add(page, "TextRegion", id=name, type=members[0].kind)
        add_outline(region, members, 4)
        for number, line in enumerate(members, 1):
            element = add(region, "TextLine", id=f"{name}_l{number}")
            add_outline(element, [line], 0)
            ends = (skewed(x, line.baseline) for x in (line.box[0] + 3, line.box[2] - 3))
            add(element, "Baseline", points=" ".join(ends))
            add(add(element, "TextEquiv"), "Unicode", line.text)
        add(add(region, "TextEquiv"), "Unicode", "\n".join(line.text for line in members))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def main() -> None:
    """Write the three files."""
    parser = argparse.ArgumentParser(description="Draw the sample page and its ground truth.")
    parser.add_argument("--font", nargs="+", metavar="FILE", help="regular and, if any, bold face")
    parser.add_argument("--out-dir", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    options = parser.parse_args()
    choices = [options.font] if options.font else FONTS
    found = [fonts for fonts in choices if all(Path(font).is_file() for font in fonts)]
    if not found:
        wanted = ", ".join(font for fonts in choices for font in fonts)
        sys.exit(f"no font at {wanted}: install Debian's fonts-linuxlibertine or use --font FILE")
    regular, bold = found[0][0], found[0][-1]
    width = WIDTH - 2 * MARGIN
    size = int(0.99 * width * 100 * SCALE / load_font(bold, 100).getlength(TITLE))
    title = set_line(TITLE.split(), load_font(bold, size), MARGIN, TITLE_BASELINE, width)
    folio = set_line([FOLIO], load_font(regular, 36), WIDTH / 2 - 18, FOLIO_BASELINE)
    title.kind, folio.kind = "heading", "page-number"
    lines = [title, *set_columns(regular, bold), folio]
    out = options.out_dir
    out.mkdir(parents=True, exist_ok=True)
    draw_page(lines).save(out / "sample.png", dpi=(DPI, DPI), optimize=True)
    text = "".join(f"{line.text}\n" for line in lines)
    (out / "sample.gt.txt").write_text(text, encoding="utf-8", newline="\n")
    (out / "sample.gt.page.xml").write_text(page_xml(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
