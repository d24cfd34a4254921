# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCRmyPDF with our engine: order, positions, orientation, skew.

OCRmyPDF runs as a program of its own, where it is installed: in this environment, or wherever
``OCRD_RAPID_TEST_OCRMYPDF`` says.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("OCRD_RAPID_TEST_OCRMYPDF") or shutil.which("ocrmypdf") or ""

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(
        not PROGRAM or not shutil.which("pdftotext"),
        reason="ocrmypdf (or OCRD_RAPID_TEST_OCRMYPDF=PATH) or pdftotext is not installed",
    ),
]

LEFT = ["The gardens of the old", "library were open to all", "readers in the summer."]
RIGHT = ["Books were lent on Monday", "and had to be returned on", "the following Saturday."]


@pytest.fixture(scope="module")
def page() -> Image.Image:
    """Return a page of two columns at 150 dpi."""
    image = Image.new("L", (1240, 700), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(34)
    for x, lines in ((100, LEFT), (680, RIGHT)):
        for number, line in enumerate(lines):
            draw.text((x, 200 + 60 * number), line, fill=0, font=font)
    return image


def ocr(folder: Path, image: Image.Image, *options: str) -> tuple[str, str]:
    """Return the text of the PDF in the order of its content, and what OCRmyPDF says."""
    image.save(folder / "in.png", dpi=(150, 150))
    paths = [str(ROOT), sysconfig.get_paths()["purelib"], *filter(None, sys.path)]
    done = subprocess.run(
        [
            PROGRAM, "--plugin", "ocrd_rapid.ocrmypdf", "-v1", "--output-type", "pdf",
            "--optimize", "0", *options, "in.png", "out.pdf",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return shown(folder, "-raw", "out.pdf", "-"), done.stderr


def shown(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["pdftotext", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_columns_are_read_one_after_the_other_and_words_are_where_they_are(
    tmp_path: Path, page: Image.Image, models: Path
) -> None:
    text, _ = ocr(tmp_path, page)
    assert text.split() == " ".join(LEFT + RIGHT).split()
    boxes = shown(tmp_path, "-bbox", "out.pdf", "-")
    (box,) = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" .*>Monday<', boxes)
    left, top = (float(value) / 72 * 150 for value in box)
    start = ImageDraw.Draw(page).textlength("Books were lent on ", font=ImageFont.load_default(34))
    assert left == pytest.approx(680 + start, abs=8)
    assert top == pytest.approx(208, abs=15)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_are_turned_back(
    tmp_path: Path, page: Image.Image, models: Path, turn: int
) -> None:
    text, said = ocr(tmp_path, page.rotate(turn, expand=True), "--rotate-pages")
    assert "will rotate" in said
    assert text.split() == " ".join(LEFT + RIGHT).split()


def test_skewed_pages_are_straightened(tmp_path: Path, page: Image.Image, models: Path) -> None:
    ocr(tmp_path, page.rotate(3, fillcolor=255), "--deskew")
    boxes = shown(tmp_path, "-bbox", "out.pdf", "-")
    tops = [
        float(found) for found in re.findall(r'yMin="([\d.]+)"[^>]*>(?:The|gardens|old)<', boxes)
    ]
    assert len(tops) == 3
    assert max(tops) - min(tops) < 3


def test_another_engine_may_be_chosen(tmp_path: Path, page: Image.Image) -> None:
    """Without models: they are not loaded then."""
    text, _ = ocr(tmp_path, page, "--ocr-engine", "none")
    assert text.split() == []


def test_missing_models_are_named_with_the_command_that_installs_them(
    tmp_path: Path, page: Image.Image
) -> None:
    with pytest.raises(AssertionError, match="ocrd-rapid resmgr download"):
        ocr(tmp_path, page)
