# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Results of `RapidOCR` in the formats of ``ocrd-rapid ocr``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lxml import etree
from null_models import configuration, write_page

from ocrd_rapid import RapidOCR
from ocrd_rapid.errors import InputError
from ocrd_rapid.ocr.page_model import ReadLine, ReadPage, ReadRegion
from ocrd_rapid.rapidocr.results import OcrOutput, OcrResult
from ocrd_rapid.workspace.page import PageDocument


@pytest.fixture
def output(null_models: object, tmp_path: Path) -> OcrOutput:
    """Return the result of reading a page of two lines, of two words and one."""
    write_page(tmp_path / "page.png", [(100, 200), (300,)])
    return RapidOCR(params=configuration())(tmp_path / "page.png")


def test_texts(output: OcrOutput) -> None:
    lines = [str(line[1]) for line in output.result]
    assert [line for line in output.to_text().splitlines() if line] == lines
    document = PageDocument.parse(output.to_page().encode())
    assert [line.text for line in document.text_regions()[0].lines][:1] == lines[:1]
    alto = etree.fromstring(output.to_alto(alto_version="4.4").encode())
    words = [e.get("CONTENT") for e in alto.iter("{*}String")]
    assert words == [word for line in lines for word in line.split()]
    hocr = etree.fromstring(output.to_hocr().encode())
    assert len(hocr.xpath("//*[@class='ocrx_word']")) == len(words)


@pytest.mark.parametrize("format_", ["alto", "hocr", "page"])
def test_parts_have_ids_of_their_own(output: OcrOutput, format_: str) -> None:
    root = etree.fromstring(getattr(output, f"to_{format_}")().encode())
    names = ("TextBlock", "TextRegion", "TextLine", "Word", "String")
    parts = [*root.iter(*(f"{{*}}{name}" for name in names))]
    parts += root.xpath("//*[starts-with(@class, 'ocr')]")
    ids = [e.get("ID") or e.get("id") for e in parts]
    assert len(ids) >= 4 and all(ids)
    assert len(set(ids)) == len(ids)


def test_files(output: OcrOutput, tmp_path: Path) -> None:
    output.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().startswith("<!")
    pytest.importorskip("pikepdf")
    output.to_pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    pytest.importorskip("docx")
    output.to_docx(tmp_path / "page.docx")
    assert (tmp_path / "page.docx").read_bytes().startswith(b"PK")


def test_a_single_line_and_no_line(null_models: object, tmp_path: Path) -> None:
    write_page(tmp_path / "page.png", [(100,)])
    done = RapidOCR(params=configuration())(tmp_path / "page.png", use_det=False)
    assert done.to_text().strip() == (done.txts or ("",))[0]
    assert OcrResult().to_text() == OcrResult(img=None).to_text()


def test_an_image_that_is_not_known_cannot_be_shown(tmp_path: Path) -> None:
    box = np.array([(0, 0), (9, 0), (9, 9), (0, 9)], dtype=np.float32)
    page = ReadPage(10, 10, (ReadRegion((ReadLine(box, "a", 1.0),)),))
    with pytest.raises(InputError, match="no image"):
        OcrResult(page=page).to_pdf(tmp_path / "a.pdf")
