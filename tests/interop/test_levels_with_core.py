# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Core's validator on the text of all levels, from our own lines and those of others."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lettered_lines import Repeating, recognize
from lxml import etree
from painted_pages import blank_page, line, region
from painted_pages import run as process
from painted_pages import task as page_task

from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import tag

from .conftest import CORE, Core

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

LEVELS = ("region", "line", "word", "glyph")
#: The level below which nothing may have text.
LOWEST = {"region": "TextRegion", "line": "TextLine", "word": "Word", "glyph": "Glyph"}

#: Pages with lines of others: many corners; four corners with words and baselines.
SEGMENTED = (
    "de-fraktur-book/clauren_mimil_1815_0041",
    "de-fraktur-newspaper/nzz_17880528",
    "de-antiqua-1879/bebel_frau_1879_0146",
)


def complaints(core: Core, path: Path) -> set[str]:
    """Return what core's validator says about a page, one message for every fault."""
    done = core(
        "ocrd", "validate", "page", "--check-coords", "--check-baseline",
        "--page-textequiv-consistency", "strict", path,
    )  # fmt: skip
    found = set(re.findall(r"<error>(.*?)</error>", done.stdout, re.DOTALL))
    assert bool(found) == bool(done.returncode), done.stdout + done.stderr
    return {re.sub(r" of '[^']*'", "", message) for message in found}


def text_of(path: Path) -> dict[str, int]:
    """Return how many segments have text, by the kind of segment."""
    counts: dict[str, int] = {}
    for equiv in PageDocument.read(path).page.iter(tag("TextEquiv")):
        kind = etree.QName(equiv.getparent()).localname
        counts[kind] = counts.get(kind, 0) + 1
    return counts


@pytest.mark.models
@pytest.mark.parametrize("level", LEVELS)
def test_the_sample_page_is_valid_on_every_level(  # type: ignore[no-untyped-def]
    core: Core, run, workspace: Path, models: Path, level: str
) -> None:
    detected = run("ocrd-rapid-detect", "-w", workspace, "-I", "OCR-D-IMG", "-O", "SEG")
    assert detected.code == 0, detected.err
    read = run(
        "ocrd-rapid-recognize", "-w", workspace, "-I", "SEG", "-O", "OCR",
        "-P", "textequiv_level", level, "-P", "alternatives", "2",
    )  # fmt: skip
    assert read.code == 0, read.err
    (path,) = (workspace / "OCR").glob("*.xml")
    assert complaints(core, path) == set()
    kinds = [LOWEST[x] for x in LEVELS[: LEVELS.index(level) + 1]]
    assert sorted(text_of(path)) == sorted(kinds)


@pytest.mark.models
@pytest.mark.scans
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", SEGMENTED)
def test_lines_of_others_are_as_valid_as_they_were(  # type: ignore[no-untyped-def]
    core: Core, run, tmp_path: Path, models: Path, scans: Path, name: str, level: str
) -> None:
    """What the validator says about the ground truth's own outlines stays; nothing is added."""
    directory = tmp_path / "workspace"
    truth = PageDocument.read(scans / f"{name}.page.xml")
    (image,) = (p for p in (scans / name).parent.glob(f"{Path(name).name}.*") if p.suffix != ".xml")
    truth.page.set("imageFilename", f"IMG/{image.name}")
    for equiv in list(truth.page.iter(tag("TextEquiv"))):
        equiv.getparent().remove(equiv)
    page = tmp_path / "page.xml"
    page.write_bytes(truth.to_bytes())
    options = ("ocrd-rapid", "workspace", "-d", directory)
    assert run(*options, "init").code == 0
    for group, path in (("IMG", image), ("SEG", page)):
        added = run(*options, "add", "-G", group, "-i", f"{group}_1", "-g", "P_1", path)
        assert added.code == 0, added.err
    read = run(
        "ocrd-rapid-recognize", "-w", directory, "-I", "SEG", "-O", "OCR",
        "-P", "textequiv_level", level,
    )  # fmt: skip
    assert read.code == 0, read.err
    (path,) = (directory / "OCR").glob("*.xml")
    assert complaints(core, path) <= complaints(core, page)
    assert text_of(path)[LOWEST[level]] >= 10 if level != "region" else text_of(path)


def star(rng: np.random.Generator, x: float, y: float) -> str:
    """Return an outline of any form that does not cross itself."""
    count = int(rng.integers(4, 40))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radii = rng.uniform(0.2, 1, count)
    points = np.column_stack([x + 70 * radii * np.cos(angles), y + 25 * radii * np.sin(angles)])
    return " ".join(f"{round(a)},{round(b)}" for a, b in points)


@pytest.mark.parametrize("seed", [1, 2])
def test_lines_of_any_form_have_valid_words_and_glyphs(
    core: Core, tmp_path: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    page = blank_page(2000, 2000)
    noise = rng.random((2000, 2000)) < 0.2
    page[noise] = 0
    lines = [
        line(f"l{row}_{column}", star(rng, 100 + 150 * column, 50 + 60 * row))
        for row in range(32)
        for column in range(12)
    ]
    around = "0,0 1999,0 1999,1999 0,1999"
    given = page_task(tmp_path, page, region("r", around, *lines), 'orientation="4.5"')
    path = tmp_path / "page.xml"
    before = complaints(core, path)
    places = np.linspace(0.01, 0.99, 12)
    read = tuple(
        RecognizedCharacter(c, 0.5, float(p)) for c, p in zip("ab c de fghi", places, strict=True)
    )
    reader = Repeating(RecognizedLine("ab c de fghi", 0.5, read))
    document = process(given, replace(recognize("glyph"), recognizer=reader))  # type: ignore[arg-type]
    assert sum(1 for _ in document.page.iter(tag("Glyph"))) == 9 * len(lines)
    assert complaints(core, path) <= before
