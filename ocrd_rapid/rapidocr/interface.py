# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""RapidOCR's Python interface: ``ocr = RapidOCR(config_path=…); result, elapse = ocr(image)``."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ocr.geometry import Points
from ..ocr.page_model import ReadLine
from ..ocr.page_reading import read_page
from ..ocr.recognition.ctc_decoding import RecognizedLine
from ..ocr.recognition.unread_scripts import unread_remedy, unread_scripts, unread_text
from ..ocr.recognition.words import normalize
from ..ocr.text_direction import is_right_to_left
from ..ocr.turning import UPSIDE_DOWN
from ..pixels import BgrImage, quarter_turned
from ..rasters.load_image import load_image
from .hkmc import HkmcConfig, checked, load_config
from .hkmc_schema import DetSection, GlobalSection
from .result_files import page_of_lines
from .results import Elapse, Line, OcrOutput, OcrResult
from .stages import Stages
from .word_boxes import words_of_line

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Call:
    """The settings of one call: its arguments, or else those of the configuration."""

    use_det: bool
    use_cls: bool
    use_rec: bool
    words: bool
    single: bool
    text_score: float
    box_thresh: float | None
    unclip_ratio: float | None


class RapidOCR:
    """Reads images with the models of a configuration. Nothing is ever downloaded.

    An object may be used from several threads; calls do not change it.
    """

    def __init__(
        self,
        config_path: str | os.PathLike[str] | None = None,
        config: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        """Load the models of the stages that the configuration switches on.

        Args:
            config_path: a YAML file in the form of RapidOCR HKMC.
            config: the same as a mapping, or as OmegaConf's ``DictConfig``; wins over the file.
            params: single values by their dotted names: ``{"Det.model_path": "det.onnx"}``; they
                win over both.

        Raises:
            ConfigurationError: a key or a value is wrong.
            ResourceNotFoundError: the file, a model or a key file does not exist (a
                `FileNotFoundError`, too).
            IntegrityError: an installed model does not match the catalogue.
            ModelError: a model cannot be loaded, or its keys do not belong to it.
            EngineError: an engine, or with ``EngineConfig.strict`` a device, is not usable.
        """
        self._stages = Stages(load_config(config_path, config, params))
        general = self.config.general
        if general.log_level is not None:
            logging.getLogger("ocrd_rapid").setLevel(general.log_level.upper())
        if not general.offline:
            LOG.warning(
                "Global.offline is false, but nothing is ever downloaded;"
                " install models with: ocrd-rapid resmgr download"
            )
        self._stages.load()

    @classmethod
    def of_stages(cls, loaded: Stages) -> RapidOCR:
        """Return an object that uses existing stages."""
        made = cls.__new__(cls)
        made._stages = loaded
        return made

    @property
    def config(self) -> HkmcConfig:
        """The complete configuration."""
        return self._stages.config

    def __call__(
        self,
        img_content: Any,
        use_det: bool | None = None,
        use_cls: bool | None = None,
        use_rec: bool | None = None,
        return_word_box: bool | None = None,
        return_single_char_box: bool | None = None,
        text_score: float | None = None,
        box_thresh: float | None = None,
        unclip_ratio: float | None = None,
        page: int | None = None,
    ) -> OcrOutput:
        """Read an image.

        Arguments that are ``None`` have the values of the configuration. They apply only to this
        call.

        Args:
            img_content: a path, bytes, an array (BGR) or a Pillow image; see `load_image`.
            use_det: detect lines; without it, the image is one line.
            use_cls: determine which way up the text is: for a page by the evidence of all lines.
            use_rec: read the lines.
            return_word_box: place words, too.
            return_single_char_box: place single characters, too.
            text_score: lines whose characters have a lower mean probability are left out.
            box_thresh: see ``Det.box_thresh``.
            unclip_ratio: see ``Det.unclip_ratio``.
            page: index of the page, from 0, in a file with several pages (TIFF).

        Returns:
            ``result, elapse``, see `OcrOutput`: the lines in reading order, and the seconds.

        Raises:
            ImageError: it is not an image, or has several pages and ``page`` is missing or out of
                range.
            OfflineError: it is a web address.
            ModelError: an engine failed.
            ConfigurationError: an argument is not allowed.
        """
        general = self.config.general
        single = _given(return_single_char_box, general.return_single_char_box)
        call = _Call(
            use_det=_given(use_det, general.use_det),
            use_cls=_given(use_cls, general.use_cls),
            use_rec=_given(use_rec, general.use_rec),
            words=_given(return_word_box, general.return_word_box) or single,
            single=single,
            text_score=_given(_number(GlobalSection, "text_score", text_score), general.text_score),
            box_thresh=_number(DetSection, "box_thresh", box_thresh),
            unclip_ratio=_number(DetSection, "unclip_ratio", unclip_ratio),
        )
        image = load_image(img_content, page)
        result = self._read_page(image, call) if call.use_det else self._read_line(image, call)
        return OcrOutput(result, result.elapse)

    def _read_page(self, image: BgrImage, call: _Call) -> OcrResult:
        """Read an image of many lines."""
        given = {"box_thresh": call.box_thresh, "unclip_ratio": call.unclip_ratio}
        changes = {name: value for name, value in given.items() if value is not None}
        detector = self._stages.detector()
        page = read_page(
            image,
            detector.having(**changes) if changes else detector,
            self._stages.classifier() if call.use_cls else None,
            self._stages.recognizer() if call.use_rec else None,
        )
        self._warn(page.unread_scripts)
        elapse = Elapse(*page.seconds)
        lines = [(i, line) for i, region in enumerate(page.regions) for line in region.lines]
        if not lines:
            LOG.warning("The text detection result is empty")
            return OcrResult(img=image, elapse=elapse, was_read=call.use_rec)
        kept = self._kept(lines, call) if call.use_rec else lines
        return OcrResult(
            [_line(line, call) for _, line in kept],
            img=image,
            elapse=elapse,
            cls_res=[_label(page.upside_down)] * len(kept) if call.use_cls else [],
            was_read=call.use_rec,
            regions=[region for region, _ in kept],
            page=page_of_lines(image.shape[:2], page.regions, kept),
        )

    def _read_line(self, image: BgrImage, call: _Call) -> OcrResult:
        """Read an image that is one line; only its own vote decides which way up it is."""
        start = time.perf_counter()
        height, width = image.shape[:2]
        box = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
        degrees = 0
        labels: list[tuple[str, float]] = []
        if call.use_cls:
            probability = self._stages.classifier().upside_down([image])
            labels = [("180", probability) if probability > 0.5 else ("0", 1 - probability)]
            degrees = 180 if probability > self.config.cls.cls_thresh else 0
        turned = time.perf_counter()
        lines: list[Line] = []
        read: list[tuple[int, ReadLine]] = []
        if call.use_rec:
            recognizer = self._stages.recognizer()
            [result] = recognizer.recognize([quarter_turned(image, degrees // 90)])
            self._warn(unread_scripts([result]))
            read = self._kept([(0, _single(box, normalize(result), degrees))], call)
            lines = [_line(line, call) for _, line in read]
        elif call.use_cls:
            lines = [(box.tolist(), "", labels[0][1])]
        done = time.perf_counter()
        elapse = Elapse(0.0, turned - start, done - turned)
        return OcrResult(
            lines,
            img=image,
            elapse=elapse,
            cls_res=labels,
            was_read=call.use_rec,
            page=page_of_lines(image.shape[:2], (), read),
        )

    def _warn(self, scripts: Iterable[str]) -> None:
        """Warn of scripts that nothing reads, once of each."""
        for script in scripts:
            if self._stages.is_new(script):
                LOG.warning("an image has %s: %s", unread_text(script), unread_remedy(script))

    def _kept(
        self, lines: Sequence[tuple[int, ReadLine]], call: _Call
    ) -> list[tuple[int, ReadLine]]:
        """Return the lines with text and a sufficient score, with their regions."""
        kept = [
            (region, line)
            for region, line in lines
            if line.text and line.probability >= call.text_score
        ]
        if len(kept) < len(lines):
            LOG.info(
                "%d of %d lines have no text or a score below %g and are left out",
                len(lines) - len(kept), len(lines), call.text_score,
            )  # fmt: skip
        return kept


def _given(value: Any, default: Any) -> Any:
    return default if value is None else value


def _number(section: type[Any], name: str, value: Any) -> float | None:
    """Return a number among the arguments; text with a number counts, as in configurations."""
    if value is None:
        return None
    return float(checked(section, name, value.item() if isinstance(value, np.generic) else value))


def _label(upside_down: float) -> tuple[str, float]:
    """Return RapidOCR's label: ``"0"`` or ``"180"``, with its probability."""
    return ("180", upside_down) if upside_down > UPSIDE_DOWN else ("0", 1 - upside_down)


def _single(box: Points, result: RecognizedLine, degrees: int) -> ReadLine:
    """Return the line of an image that is one line, read after a turn by ``degrees``."""
    return ReadLine(
        box,
        result.text,
        result.confidence,
        right_to_left=is_right_to_left(result.text),
        box=box,
        characters=tuple(result.characters),
        probability=result.probability,
        head=result.head,
        head_confidence=result.head_confidence,
        corners=np.roll(box, degrees // 90, axis=0),
    )


def _line(line: ReadLine, call: _Call) -> Line:
    if not call.use_rec:
        return (line.box.tolist(), "", line.score)
    # Not the confidence: RapidOCR's scores are means of what the network says.
    if not call.words:
        return (line.box.tolist(), line.text, line.probability)
    words = tuple(words_of_line(line.characters, line.corners, single=call.single))
    return (line.box.tolist(), line.text, line.probability, words)
