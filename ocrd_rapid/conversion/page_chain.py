# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The steps that pages go through, and the processors that spare pages with text of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..config.parameters import complete_parameters
from ..config.tools import tool_description
from ..documents.document import Treatment
from ..errors import UsageError
from ..ocr.page_model import ReadPage
from ..processors.model_requests import with_config
from ..runtime.processor import OpenPage, Processor
from ..runtime.step import Existing, Step

#: The file group of the images of the pages.
IMAGES = "OCR-D-IMG"

#: The file group with the result.
RESULT = "OCR-D-OCR"

_PREPROCESS, _DETECT, _CLASSIFY, _RECOGNIZE = (
    f"ocrd-rapid-{name}" for name in ("preprocess", "detect", "classify", "recognize")
)

#: The executables of the chain, and the groups that they write.
_CHAIN = {
    _PREPROCESS: "OCR-D-PRE", _DETECT: "OCR-D-SEG", _CLASSIFY: "OCR-D-ORI", _RECOGNIZE: RESULT,
}  # fmt: skip

#: The groups that are of no use once a page has gone through the chain.
BETWEEN = tuple(group for group in _CHAIN.values() if group != RESULT)

#: The least skew that a reader sees, in degrees.
_VISIBLE_SKEW = 0.2

#: The parts of the work that a `ReadPage` has seconds for.
_TIMED = (_DETECT, _CLASSIFY, _RECOGNIZE)


@dataclass(frozen=True)
class ReadingOptions:
    """How pages are recognized.

    Attributes:
        languages: codes of languages, separated by commas; empty if unknown.
        abbreviations: how to write those of early prints, ``as-printed`` or ``resolved``; empty for
            what the configuration says.
        config: a configuration file of RapidOCR HKMC; empty for none.
        quality: the size of models and input, ``fast``, ``balanced`` or ``best``; empty for what
            the configuration says.
        preprocess: ``auto``; ``none``; or steps of ``ocrd-rapid-preprocess``, separated by commas.
        layout_model: name or file of a layout model that finds the regions; empty for none.
        deskew: whether the skew of pages is determined, for a PDF that is straightened.
        barcodes: whether barcodes are looked for.
        jobs: number of pages at a time; 0 lets the runtime choose.
    """

    languages: str = ""
    abbreviations: str = ""
    config: str = ""
    quality: str = ""
    preprocess: str = "auto"
    layout_model: str = ""
    deskew: bool = False
    barcodes: bool = False
    jobs: int = 0


def chain_of(options: ReadingOptions, existing: Existing = Existing.ABORT) -> list[Step]:
    """Return the steps that pages go through.

    Raises:
        UsageError: there is no such preprocessing step.
        ParameterError, ResourceNotFoundError, ConfigurationError: see `with_config`.
    """
    given: dict[str, dict[str, Any]] = {name: {} for name in _CHAIN}
    if options.config:
        for executable in _TIMED:
            given[executable]["config"] = options.config
    if options.quality:
        given[_DETECT]["quality"] = given[_RECOGNIZE]["quality"] = options.quality
    if options.layout_model:
        given[_DETECT]["layout_model"] = options.layout_model
    given[_RECOGNIZE] |= {"textequiv_level": "word", "languages": options.languages}
    if options.abbreviations:
        given[_RECOGNIZE]["abbreviations"] = options.abbreviations
    preparing = _preprocessing(options)
    if preparing:
        given[_PREPROCESS] = preparing
    else:
        del given[_PREPROCESS]
    steps = []
    group = IMAGES
    for executable, parameters in given.items():
        tool = tool_description(executable)
        complete = complete_parameters(
            with_config(executable, parameters), tool, executable=executable
        )
        output = _CHAIN[executable]
        steps.append(Step(executable, tool["steps"][0], group, output, complete, existing=existing))
        group = output
    return steps


def _preprocessing(options: ReadingOptions) -> dict[str, Any]:
    """Return the parameters of preprocessing; empty if there is none."""
    known = tool_description(_PREPROCESS)["parameters"]["steps"]
    text, allowed = options.preprocess, known["items"]["enum"]
    names = [name.strip() for name in text.split(",") if name.strip()]
    if text == "auto":
        names = list(known["default"])
    elif text == "none":
        names = []
    elif not names or set(names) - set(allowed):
        raise UsageError(f"--preprocess '{text}': give auto, none, or some of {', '.join(allowed)}")
    found: dict[str, Any] = {"steps": names} if names else {}
    if options.deskew:
        found = {"steps": list(dict.fromkeys([*names, "deskew"])), "min_skew": _VISIBLE_SKEW}
    return found


class PageTexts(Protocol):
    """What is known about the text that pages had before."""

    def treatment(self, page_id: str) -> Treatment:
        """Return what is done with a page; `InputError` if it is broken."""

    def own_text(self, page_id: str) -> ReadPage:
        """Return the text that a page had; `InputError` if it cannot be read."""


def sparing(
    create: Callable[[str, Mapping[str, Any]], Processor],
    pages: PageTexts,
    seconds: Callable[[str, int, float], None],
    finish: Sequence[Callable[[OpenPage], None]] = (),
) -> Callable[[str, Mapping[str, Any]], Processor]:
    """Return a function that makes processors as another one does, which spare some pages.

    A page whose text is kept gets it in place of detection, and no other step touches it. On a
    page whose text is merged, this comes after recognition.

    Args:
        create: makes the processors, see `ocrd_rapid.processors.create`.
        pages: the pages.
        seconds: told the page, the number of the part of the work, and its duration; see
            `ReadPage.seconds`.
        finish: what is done with every page after the last step.
    """

    def make(executable: str, parameters: Mapping[str, Any]) -> Processor:
        return _Sparing(create(executable, parameters), executable, pages, seconds, finish)

    return make


@dataclass(frozen=True)
class _Sparing:
    """A processor that spares pages with text of their own, see `sparing`."""

    processor: Processor
    executable: str
    pages: PageTexts
    seconds: Callable[[str, int, float], None]
    finish: Sequence[Callable[[OpenPage], None]]

    @property
    def versions(self) -> Mapping[str, str]:
        return self.processor.versions

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        treatment = self.pages.treatment(page.page_id)
        if treatment is not Treatment.KEEP:
            began = time.perf_counter()
            self.processor.process(page)
            if self.executable in _TIMED:
                part = _TIMED.index(self.executable)
                self.seconds(page.page_id, part, time.perf_counter() - began)
            if self.executable == _RECOGNIZE and treatment is Treatment.MERGE:
                _merge(page, self.pages.own_text(page.page_id))
        elif self.executable == _DETECT:
            _replace(page, self.pages.own_text(page.page_id))
        if self.executable == _RECOGNIZE:
            for function in self.finish:
                function(page)


def _merge(page: OpenPage, own: ReadPage) -> None:
    from ..export.page_xml import page_from
    from .merged_text import merged

    _replace(page, merged(page_from(page.document), own))


def _replace(page: OpenPage, read: ReadPage) -> None:
    """Replace what the document of a page says."""
    from ..export.page_xml import fill

    page.document.remove_regions()
    fill(page.document, read)
