# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The result of a call of `RapidOCR`, in a form for code written for any version of RapidOCR."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..export.export_options import WriterChoices
from ..ocr.page_model import ReadPage
from ..pixels import BgrImage
from .result_files import text_in_format, write_file
from .word_boxes import Word

if TYPE_CHECKING:
    from typing_extensions import Unpack

#: A line: the corners of its box as (x, y), its text, its score 0 to 1, and on request its words.
Line = tuple[list[list[float]], str, float] | tuple[list[list[float]], str, float, tuple[Word, ...]]

_STAGES = ("det", "cls", "rec")


class Elapse(float):
    """Seconds: the sum as a number, those of the stages like a dictionary or a list."""

    _by_stage: tuple[float, ...]

    def __new__(cls, det: float = 0.0, cls_: float = 0.0, rec: float = 0.0) -> Elapse:
        """Take the seconds of detection, orientation and recognition."""
        made = super().__new__(cls, det + cls_ + rec)
        made._by_stage = (det, cls_, rec)
        return made

    def __getnewargs__(self) -> tuple[float, ...]:  # type: ignore[override]
        return self._by_stage

    def __getitem__(self, key: str | int) -> float:
        if isinstance(key, str):
            return dict(self.items())[key]
        return self._by_stage[key]

    def __iter__(self) -> Iterator[float]:
        return iter(self._by_stage)

    def __len__(self) -> int:
        return len(self._by_stage)

    def keys(self) -> tuple[str, ...]:
        """Return the names of the stages: ``det``, ``cls``, ``rec``."""
        return _STAGES

    def values(self) -> tuple[float, ...]:
        """Return the seconds of the stages."""
        return self._by_stage

    def items(self) -> tuple[tuple[str, float], ...]:
        """Return the stages with their seconds."""
        return tuple(zip(_STAGES, self._by_stage, strict=True))


class OcrResult(list[Line]):
    """The lines of an image, in reading order: ``box, text, score = result[0][:3]``.

    Empty, and so false, without text. It also has the attributes of RapidOCR 3.

    Attributes:
        elapse: see `Elapse`.
        cls_res: the label of every line, ``"0"`` or ``"180"``, and its probability; empty without
            classification.
        was_read: whether recognition ran. If not, the texts are empty and the scores are those of
            detection.
        regions: the index, for every line, of its region on the page, such as a paragraph.
        page: the page of these lines, for the formats of ``ocrd-rapid ocr``.
    """

    def __init__(
        self,
        lines: Sequence[Line] = (),
        *,
        img: BgrImage | None = None,
        elapse: Elapse | None = None,
        cls_res: Sequence[tuple[str, float]] = (),
        was_read: bool = True,
        regions: Sequence[int] = (),
        page: ReadPage | None = None,
    ) -> None:
        super().__init__(lines)
        self._img = img
        self.elapse = Elapse() if elapse is None else elapse
        self.cls_res = list(cls_res)
        self.was_read = was_read
        self.regions = list(regions)
        height, width = (1, 1) if img is None else img.shape[:2]
        self.page = ReadPage(width, height) if page is None else page

    @property
    def img(self) -> BgrImage | None:
        """The image, BGR; writable."""
        if self._img is not None and not self._img.flags.writeable:
            self._img = self._img.copy()
        return self._img

    @property
    def boxes(self) -> np.ndarray[Any, np.dtype[np.float32]] | None:
        """The corners, shape (N, 4, 2); ``None`` without lines."""
        return np.array([line[0] for line in self], dtype=np.float32) if self else None

    @property
    def txts(self) -> tuple[str, ...] | None:
        """The texts; ``None`` without lines, or if nothing was read."""
        return tuple(line[1] for line in self) if self and self.was_read else None

    @property
    def scores(self) -> tuple[float, ...] | None:
        """The scores; ``None`` without lines."""
        return tuple(line[2] for line in self) if self else None

    @property
    def word_results(self) -> tuple[tuple[Word, ...], ...]:
        """The words of every line as (text, score, corners); empty unless requested."""
        return tuple(line[3] for line in self if len(line) > 3)

    @property
    def elapse_list(self) -> list[float]:
        """Seconds of detection, orientation and recognition."""
        return list(self.elapse)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the lines as values for JSON, with RapidOCR's keys box, txt and score."""
        return [{"box": line[0], "txt": line[1], "score": line[2]} for line in self]

    def to_markdown(self) -> str:
        """Return the text, with an empty line between paragraphs and columns."""
        places = self.regions if len(self.regions) == len(self) else [0] * len(self)
        parts: list[str] = []
        for index, line in enumerate(self):
            if index and places[index] != places[index - 1]:
                parts.append("")
            parts.append(line[1])
        return "\n".join(parts)

    def to_text(self, **options: Unpack[WriterChoices]) -> str:
        """Return plain text; for the options see `ocrd_rapid.export.export_options`."""
        return text_in_format("txt", self.page, options)

    def to_page(self, **options: Unpack[WriterChoices]) -> str:
        """Return PAGE-XML."""
        return text_in_format("page", self.page, options)

    def to_alto(self, **options: Unpack[WriterChoices]) -> str:
        """Return ALTO."""
        return text_in_format("alto", self.page, options)

    def to_hocr(self, **options: Unpack[WriterChoices]) -> str:
        """Return hOCR."""
        return text_in_format("hocr", self.page, options)

    def to_pdf(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """Write a searchable PDF of the image."""
        write_file("pdf", self.page, self._img, path, options)

    def to_docx(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """Write a DOCX document."""
        write_file("docx", self.page, self._img, path, options)

    def to_html(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """Write the view for the browser."""
        write_file("html", self.page, self._img, path, options)


class OcrOutput(NamedTuple):
    """The return value of a call: ``result, elapse = ocr(image)``.

    It also has the attributes of the result, as in RapidOCR 3: ``ocr(image).txts``.
    """

    result: OcrResult
    elapse: Elapse

    def __bool__(self) -> bool:
        """Return whether there are lines, as RapidOCR 3's output does."""
        return bool(self.result)

    @property
    def img(self) -> BgrImage | None:
        """See `OcrResult.img`."""
        return self.result.img

    @property
    def boxes(self) -> np.ndarray[Any, np.dtype[np.float32]] | None:
        """See `OcrResult.boxes`."""
        return self.result.boxes

    @property
    def txts(self) -> tuple[str, ...] | None:
        """See `OcrResult.txts`."""
        return self.result.txts

    @property
    def scores(self) -> tuple[float, ...] | None:
        """See `OcrResult.scores`."""
        return self.result.scores

    @property
    def word_results(self) -> tuple[tuple[Word, ...], ...]:
        """See `OcrResult.word_results`."""
        return self.result.word_results

    @property
    def cls_res(self) -> list[tuple[str, float]]:
        """See `OcrResult`."""
        return self.result.cls_res

    @property
    def elapse_list(self) -> list[float]:
        """See `OcrResult.elapse_list`."""
        return self.result.elapse_list

    def to_json(self) -> list[dict[str, Any]]:
        """See `OcrResult.to_json`."""
        return self.result.to_json()

    def to_markdown(self) -> str:
        """See `OcrResult.to_markdown`."""
        return self.result.to_markdown()

    def to_text(self, **options: Unpack[WriterChoices]) -> str:
        """See `OcrResult.to_text`."""
        return self.result.to_text(**options)

    def to_page(self, **options: Unpack[WriterChoices]) -> str:
        """See `OcrResult.to_page`."""
        return self.result.to_page(**options)

    def to_alto(self, **options: Unpack[WriterChoices]) -> str:
        """See `OcrResult.to_alto`."""
        return self.result.to_alto(**options)

    def to_hocr(self, **options: Unpack[WriterChoices]) -> str:
        """See `OcrResult.to_hocr`."""
        return self.result.to_hocr(**options)

    def to_pdf(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """See `OcrResult.to_pdf`."""
        self.result.to_pdf(path, **options)

    def to_docx(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """See `OcrResult.to_docx`."""
        self.result.to_docx(path, **options)

    def to_html(self, path: str | os.PathLike[str], **options: Unpack[WriterChoices]) -> None:
        """See `OcrResult.to_html`."""
        self.result.to_html(path, **options)
