# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR engine for OCRmyPDF: ``ocrmypdf --plugin ocrd_rapid.ocrmypdf IN.pdf OUT.pdf``.

OCRmyPDF 17 or later imports this module; nothing else here does, and it is no dependency.
"""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import Any

from ocrmypdf import hookimpl
from ocrmypdf.exceptions import MissingDependencyError
from ocrmypdf.hocrtransform import Baseline, BoundingBox, OcrClass, OcrElement
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence

from . import __version__
from .errors import OcrdRapidError
from .export.export_options import ExportOptions, PageMedium
from .export.line_axes import baseline_of
from .export.line_words import completed
from .export.output_formats import FORMATS
from .export.plain_text import page_text
from .loading import by_name
from .ocr.detection.detector import Detector
from .ocr.geometry import Points
from .ocr.orientation import OrientationClassifier
from .ocr.page_model import ReadDocument, ReadLine, ReadPage, ReadRegion, ReadWord
from .ocr.page_reading import PageOptions, read_page
from .ocr.preprocessing import find_skew
from .ocr.recognition.automatic_recognizer import TextRecognizer
from .rasters.load_image import load_image
from .workspace.decoding import image_header

#: Confidence of a page whose lines all agree; OCRmyPDF turns pages from 14 on by default.
_CERTAIN = 30.0

#: The classes of lines in regions of other kinds than running text.
_CLASSES = {
    "heading": OcrClass.HEADER,
    "header": OcrClass.HEADER,
    "footer": OcrClass.FOOTER,
    "caption": OcrClass.CAPTION,
}

_Models = tuple[Detector, OrientationClassifier, TextRecognizer]


@functools.cache
def _models(threads: int) -> _Models:
    """Load the default models.

    Raises:
        MissingDependencyError: they are not installed, or not usable.
    """
    try:
        return (
            by_name.detector(threads=threads),
            by_name.classifier(threads=threads),
            by_name.recognizer(threads=threads),
        )
    except OcrdRapidError as error:
        raise MissingDependencyError(str(error)) from error


def _models_for(options: Any) -> _Models:
    """Return the models; where several pages are read at a time, one thread has to do for each."""
    return _models(0 if options.jobs == 1 else 1)


def _read(input_file: Path, options: Any) -> ReadPage:
    page = read_page(load_image(input_file), *_models_for(options), PageOptions(words=True))
    return completed(page)


class RapidEngine(OcrEngine):  # type: ignore[misc]
    """Reads pages with the default models of ocrd-rapid, see `OcrEngine` of OCRmyPDF."""

    @staticmethod
    def version() -> str:
        """Return our version."""
        return __version__

    @staticmethod
    def creator_tag(options: Any) -> str:
        """Return our name for the metadata of the PDF."""
        return f"ocrd-rapid {__version__}"

    def __str__(self) -> str:
        """Return our name for messages."""
        return f"ocrd-rapid {__version__}"

    @staticmethod
    def languages(options: Any) -> set[str]:
        """Return the requested languages: the models read all of their scripts at once."""
        return set(options.languages)

    @staticmethod
    def get_orientation(input_file: Path, options: Any) -> OrientationConfidence:
        """Return the clockwise angle by which a page is turned, 0 to 270, and a confidence."""
        detector, classifier, _ = _models_for(options)
        page = read_page(load_image(input_file), detector, classifier)
        if page.orientation is None:
            return OrientationConfidence(0, 0.0)
        agreement = abs(2 * page.upside_down - 1)
        return OrientationConfidence(-page.orientation % 360, _CERTAIN * agreement)

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:
        """Return the counter-clockwise angle that levels the lines of a page, in degrees."""
        return -find_skew(load_image(input_file))

    @staticmethod
    def supports_generate_ocr() -> bool:
        """Return that `generate_ocr` is there."""
        return True

    @staticmethod
    def generate_ocr(
        input_file: Path, options: Any, page_number: int = 0
    ) -> tuple[OcrElement, str]:
        """Return the elements of a page in reading order, and its text."""
        page = _read(input_file, options)
        tree = OcrElement(
            OcrClass.PAGE,
            bbox=BoundingBox(0, 0, page.width, page.height),
            dpi=image_header(input_file).dpi,
            page_number=page_number,
            children=[_region(region) for region in page.regions if region.text.strip()],
        )
        return tree, page_text(page)

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Write a page as hOCR, and its text."""
        page = _read(input_file, options)
        output_text.write_text(page_text(page), encoding="utf-8")
        chosen = ExportOptions(generator=f"ocrd-rapid {__version__}")
        with output_hocr.open("wb") as out:
            FORMATS["hocr"].writer()(
                out, ReadDocument(input_file.name), [page], chosen, lambda _: PageMedium(input_file)
            )

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:
        """Refuse: the layer of text is the renderer's."""
        raise NotImplementedError("ocrd-rapid writes no PDF here; use --pdf-renderer auto")


def _region(region: ReadRegion) -> OcrElement:
    box = _box(region.outline)
    lines = [_line(line, region) for line in region.lines if line.words]
    paragraph = OcrElement(OcrClass.PARAGRAPH, bbox=box, children=lines)
    return OcrElement(OcrClass.CAREA, bbox=box, children=[paragraph])


def _line(line: ReadLine, region: ReadRegion) -> OcrElement:
    box = _box(line.outline)
    turned = round(region.orientation / 90) * 90 % 360
    return OcrElement(
        _CLASSES.get(region.kind or "", OcrClass.LINE),
        bbox=box,
        confidence=line.confidence,
        direction="rtl" if line.right_to_left else "ltr",
        baseline=None if turned else _baseline(baseline_of(line, region.orientation), box),
        textangle=turned or None,
        children=[_word(word) for word in line.words],
    )


def _word(word: ReadWord) -> OcrElement:
    return OcrElement(
        OcrClass.WORD, bbox=_box(word.outline), text=word.text, confidence=word.confidence
    )


def _baseline(points: Points, box: BoundingBox) -> Baseline:
    """Return a baseline as in hOCR: from the lower left corner of a box, with y downward."""
    (left, begin), (right, end) = points[0].tolist(), points[-1].tolist()
    slope = (end - begin) / (right - left)
    return Baseline(slope, begin + slope * (box.left - left) - box.bottom)


def _box(outline: Points) -> BoundingBox:
    (left, top), (right, bottom) = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
    return BoundingBox(left, top, right, bottom)


def _is_chosen(options: Any) -> bool:
    return getattr(options, "ocr_engine", "auto") == "auto"


@hookimpl  # type: ignore[untyped-decorator]
def check_options(options: Any) -> None:
    """Load the models before any work is done."""
    if _is_chosen(options):
        if options.verbose < 1:
            logging.getLogger("ocrd_rapid").setLevel(logging.WARNING)
        _models_for(options)


@hookimpl  # type: ignore[untyped-decorator]
def get_ocr_engine(options: Any) -> RapidEngine | None:
    """Return our engine, unless another one is chosen by ``--ocr-engine``."""
    return RapidEngine() if options is None or _is_chosen(options) else None
