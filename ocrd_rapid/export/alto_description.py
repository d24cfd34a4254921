# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What ALTO tells about a page apart from its layout: image, processing, typefaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from lxml import etree

from ..ocr.page_model import ReadDocument, ReadPage
from ..provenance import ProcessingStep
from .alto_elements import Version, put
from .positions import box_on
from .segment_ids import Ids, ncname

#: Groups of typefaces (OCR-D) that are black letter, and those with serifs.
_BLACKLETTER = frozenset(
    {"bastarda", "fraktur", "gotico-antiqua", "rotunda", "schwabacher", "textura"}
)
_SERIF = frozenset({"antiqua", "greek", "italic"})

#: Categories of processing steps by how their names (OCR-D) begin.
_CATEGORIES = {
    "preprocessing": "preOperation",
    "layout": "contentGeneration",
    "recognition": "contentGeneration",
    "post-processing": "postOperation",
}


def add_description(
    root: etree._Element,
    page: ReadPage,
    document: ReadDocument,
    generator: str,
    version: Version,
    ids: Ids,
) -> None:
    """Add unit, image and processing steps."""
    description = put(root, "Description")
    put(description, "MeasurementUnit", "pixel")
    image = put(description, "sourceImageInformation")
    put(image, "fileName", page.image or document.source)
    identifier = page.id or document.sha256
    if identifier:
        put(image, "fileIdentifier", identifier)
    steps = list(page.steps)
    if generator:
        name, _, release = generator.partition(" ")
        steps.append(ProcessingStep("post-processing/format-conversion", name, {}, {name: release}))
    if version >= (4, 0):
        for number, step in enumerate(steps, start=1):
            element = put(description, "Processing", ID=ids.new(f"step_{number}"))
            put(element, "processingCategory", _category(step))
            _add_step(element, step)
    elif steps:
        _add_older_steps(description, steps, ids)


def _add_older_steps(parent: etree._Element, steps: Sequence[ProcessingStep], ids: Ids) -> None:
    """Add steps as they were described before 4.0: around the one of recognition."""
    element = put(parent, "OCRProcessing", ID=ids.new("step_1"))
    reading = [i for i, step in enumerate(steps) if step.step == "recognition/text-recognition"]
    ocr = reading[-1] if reading else 0
    for i, step in enumerate(steps):
        name = "pre" if i < ocr else "post"
        _add_step(put(element, "ocrProcessingStep" if i == ocr else f"{name}ProcessingStep"), step)


def _category(step: ProcessingStep) -> str:
    return _CATEGORIES.get(step.step.partition("/")[0], "other")


def _add_step(element: etree._Element, step: ProcessingStep) -> None:
    """Add a step, in the order of the schema."""
    put(element, "processingStepDescription", step.step)
    settings = "; ".join(f"{name}: {value}" for name, value in step.parameters.items())
    if settings:
        put(element, "processingStepSettings", settings)
    software = put(element, "processingSoftware")
    put(software, "softwareName", step.executable)
    versions = dict(step.versions)
    own = versions.pop(step.executable, "")
    if own:
        put(software, "softwareVersion", own)
    if versions:
        others = "; ".join(f"{name}: {value}" for name, value in versions.items())
        put(software, "applicationDescription", others)


def add_styles(root: etree._Element, page: ReadPage, version: Version, ids: Ids) -> dict[str, str]:
    """Add a style for every typeface of a page; return the ID of the style by typeface.

    Before 4.2 a style needs the size of the type: without a resolution there are no styles.
    """
    typefaces = dict.fromkeys(line.typeface for line in page.lines if line.typeface)
    size = None if version >= (4, 2) else _points(page)
    if not typefaces or (version < (4, 2) and size is None):
        return {}
    styles = put(root, "Styles")
    given: dict[str, str] = {}
    found = {}
    for typeface in typefaces:
        family = _family(typeface)
        if family not in given:
            given[family] = ids.new(f"style_{ncname(family)}")
            put(
                styles,
                "TextStyle",
                ID=given[family],
                FONTFAMILY=family,
                FONTTYPE="serif" if family == "serif" else None,
                FONTSIZE=size,
            )
        found[typeface] = given[family]
    return found


def _family(typeface: str) -> str:
    """Return the name of the family of a typeface."""
    if typeface.casefold() in _BLACKLETTER:
        return "blackletter"
    return "serif" if typeface.casefold() in _SERIF else typeface


def _points(page: ReadPage) -> str | None:
    """Return the usual height of the lines of a page in points; ``None`` if it is unknown."""
    heights = []
    for line in page.lines:
        left, top, right, bottom = box_on(page, line.outline)
        heights.append(min(right - left, bottom - top))
    return f"{median(heights) * 72 / page.dpi:.1f}" if page.dpi and heights else None


def language_codes(languages: Sequence[str]) -> list[str]:
    """Return those of some languages that XML allows as a value of ``xsd:language``."""
    allowed = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
    return [language for language in languages if allowed.fullmatch(language)]
