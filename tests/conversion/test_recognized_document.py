# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents in Python: pages in their order, stopping early, errors, the types of arguments."""

from __future__ import annotations

import inspect
import shutil
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from ocrd_rapid import open_document, recognize
from ocrd_rapid.conversion import reading_run, recognized_document
from ocrd_rapid.conversion.page_chain import ReadingOptions
from ocrd_rapid.errors import InputError, OcrdRapidError, UsageError
from ocrd_rapid.export.export_options import ExportOptions, WriterChoices
from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.page_model import ReadPage
from ocrd_rapid.workspace.page import PageDocument


@pytest.fixture
def chosen(
    reading: ReadingOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Return arguments to read with the null models, with temporary files in ``tmp``."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return {"config": reading.config, "preprocess": "none"}


def reading_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "ocrd-rapid-document"]


def test_who_stops_early_leaves_nothing(
    scans: Path, chosen: dict[str, Any], tmp_path: Path
) -> None:
    pages = recognize(scans, **chosen)
    assert next(pages).number == 1
    assert list((tmp_path / "tmp").iterdir())
    pages.close()  # type: ignore[attr-defined]
    assert not list((tmp_path / "tmp").iterdir())
    assert not reading_threads()


def test_every_page_is_had_once_whoever_asks_first(scans: Path, chosen: dict[str, Any]) -> None:
    with open_document(scans, **chosen) as document:
        begun, other = iter(document), iter(document)
        assert [next(begun).number, next(other).number] == [1, 1]
        assert len(document.to_alto()) == 3
        assert [page.number for page in begun] == [2, 3]
        with ThreadPoolExecutor(3) as pool:
            several = list(pool.map(lambda _: [page.number for page in document], range(3)))
        assert several == [[1, 2, 3]] * 3
        assert document.page_count == 3
        assert not reading_threads()


def test_a_page_is_parsed_once_for_all_formats(
    scans: Path, chosen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []

    def counted(document: PageDocument) -> ReadPage:
        parsed.append(document)
        return page_from(document)

    monkeypatch.setattr(reading_run, "page_from", counted)
    with open_document(scans, **chosen) as document:
        first = document.to_alto()
        assert document.to_json() and document.to_hocr()
        assert document.to_alto() == first
    assert len(parsed) == 3


def test_what_was_read_is_kept_by_who_goes_on_later(scans: Path, chosen: dict[str, Any]) -> None:
    with open_document(scans, **chosen) as document:
        for page in document:
            if page.number == 2:
                break
        assert not reading_threads()
        assert [len(page.regions[0].lines) for page in document] == [1, 2, 3]


def test_a_document_that_cannot_be_read_raises_whenever_it_is_asked(
    scans: Path, chosen: dict[str, Any]
) -> None:
    bad = scans / "1.png"
    bad.write_bytes(bad.read_bytes()[:200])
    with open_document(bad, **chosen) as document:
        for _ in range(2):
            with pytest.raises(OcrdRapidError, match=r"1\.png"):
                document.to_text()


def test_a_closed_document_says_so(scans: Path, chosen: dict[str, Any]) -> None:
    with open_document(scans, **chosen) as document:
        assert document.to_text()
    document.close()
    with pytest.raises(UsageError, match="scans is closed"):
        document.to_text()


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"mode": "all"}, "mode 'all': give one of auto"),
        ({"dpi": -1}, "dpi -1: give a number from 10"),
        ({"image_dpi": 0}, "image_dpi 0: give a number from 1"),
        ({"jobs": -1}, "jobs -1: give a number from 0"),
        ({"preprocess": "polish"}, "'polish': give auto"),
        ({"pages": "7"}, "has 3 pages"),
    ],
)
def test_arguments_are_checked_before_anything_is_read(
    scans: Path, choice: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        open_document(scans, **choice)


def test_a_name_with_the_signs_of_a_pattern_is_a_name(scans: Path, chosen: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"scans/\*\.png does not exist"):
        open_document(scans / "*.png")
    shutil.copyfile(scans / "2.png", scans / "[2].png")
    assert [page.number for page in recognize(scans / "[2].png", **chosen)] == [1]


@pytest.mark.parametrize("deskew", [True, False])
def test_skew_is_measured_on_request(deskew: bool, chosen: dict[str, Any], tmp_path: Path) -> None:
    lines = Image.new("L", (900, 700), 255)
    for top in range(100, 600, 40):
        for left in range(100, 800, 14):
            ImageDraw.Draw(lines).rectangle((left, top, left + 8, top + 14), fill=0)
    lines.rotate(3, fillcolor=255).save(tmp_path / "skewed.png")
    page = next(recognize(tmp_path / "skewed.png", deskew=deskew, **chosen))
    assert page.skew == pytest.approx(3 if deskew else 0, abs=0.3)


def test_choices_of_writers_are_checked(scans: Path, chosen: dict[str, Any]) -> None:
    with open_document(scans / "1.png", **chosen) as document:
        with pytest.raises(UsageError, match="alto_version '9': give one of 4"):
            document.to_alto(alto_version="9")
        with pytest.raises(TypeError, match="pragraphs"):
            document.to_text(pragraphs=True)  # type: ignore[call-arg]


def test_the_types_of_arguments_are_those_of_what_they_become() -> None:
    attributes = {field.name: field.type for field in fields(ExportOptions)}
    for name, kind in inspect.get_annotations(WriterChoices).items():
        assert kind.__forward_arg__ == attributes[name]
    taken = inspect.signature(open_document).parameters
    known = inspect.get_annotations(recognized_document.ReadingChoices)
    assert {n: kind.__forward_arg__ for n, kind in known.items()} == {
        name: parameter.annotation for name, parameter in taken.items() if name != "source"
    }
