"""RapidOCR's Python interface: ``ocr = RapidOCR(config_path=…); result, elapse = ocr(image)``."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ocr.detection.detector import DetectedBox
from ..ocr.geometry import Points
from ..ocr.layout.segmentation import segment
from ..ocr.orientation import LineReader, block_is_upside_down
from ..ocr.recognition.ctc_decoding import RecognizedLine
from ..pixels import BgrImage, quarter_turned
from ..rasters.load_image import load_image
from .hkmc import HkmcConfig, checked, load_config
from .hkmc_schema import DetSection, GlobalSection
from .reading import UPSIDE_DOWN, LineImage, PageTurn, cut_line, lines_in_order, page_turn
from .results import Elapse, Line, OcrOutput, OcrResult
from .stages import Stages
from .word_boxes import words_of_line

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Call:
    """What is asked for in one call: the arguments, or else the configuration."""

    use_det: bool
    use_cls: bool
    use_rec: bool
    words: bool
    single: bool
    text_score: float
    box_thresh: float | None
    unclip_ratio: float | None


class RapidOCR:
    """Reads images with the models that a configuration names. Nothing is ever downloaded.

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
            ResourceNotFoundError: the file, a model or a key file is not there; all of these are
                `FileNotFoundError`, too.
            IntegrityError: an installed model is not what the catalogue says.
            ModelError: a model cannot be loaded, or its keys do not belong to it.
            EngineError: an engine, or with ``EngineConfig.strict`` a device, is not usable.
        """
        self._stages = Stages(load_config(config_path, config, params))
        general = self.config.general
        if general.log_level is not None:
            logging.getLogger("ocrd_rapid").setLevel(general.log_level.upper())
        if not general.offline:
            LOG.warning(
                "Global.offline is false, but nothing is ever downloaded here;"
                " models are installed with: ocrd-rapid resmgr download"
            )
        self._stages.load()

    @classmethod
    def of_stages(cls, loaded: Stages) -> RapidOCR:
        """Return an object that uses stages which are there already."""
        made = cls.__new__(cls)
        made._stages = loaded
        return made

    @property
    def config(self) -> HkmcConfig:
        """The configuration, complete."""
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
    ) -> OcrOutput:
        """Read an image.

        Arguments that are ``None`` are those of the configuration. None of them outlives the call.

        Args:
            img_content: a path, bytes, an array (BGR) or an image of Pillow's; see `load_image`.
            use_det: find lines; without it the image is one line.
            use_cls: find out which way up the text is: for a page by the evidence of all lines.
            use_rec: read the lines.
            return_word_box: place words, too.
            return_single_char_box: place single characters, too.
            text_score: lines read with less confidence are left out.
            box_thresh: see ``Det.box_thresh``.
            unclip_ratio: see ``Det.unclip_ratio``.

        Returns:
            ``result, elapse``, see `OcrOutput`: the lines in reading order, and the seconds.

        Raises:
            ImageError: this is no image.
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
        image = load_image(img_content)
        result = self._read_page(image, call) if call.use_det else self._read_line(image, call)
        return OcrOutput(result, result.elapse)

    def _reader(self, call: _Call) -> Callable[[], LineReader | None]:
        """Return what gives the recognizer; none where nothing is to be read."""
        return lambda: self._stages.recognition().recognizer if call.use_rec else None

    def _read_page(self, image: BgrImage, call: _Call) -> OcrResult:
        """Read an image of many lines."""
        start = time.perf_counter()
        given = {"box_thresh": call.box_thresh, "unclip_ratio": call.unclip_ratio}
        changes = {name: value for name, value in given.items() if value is not None}
        found = self._stages.detection().having(**changes).detect(image)
        detected = time.perf_counter()
        if not found:
            LOG.warning("The text detection result is empty")
            return OcrResult(img=image, elapse=Elapse(detected - start), was_read=call.use_rec)
        segmentation = segment(image, found)
        boxes = [line.box for line in segmentation.lines]
        turn = (
            page_turn(image, boxes, self._stages.orientation(), self._reader(call))
            if call.use_cls
            else PageTurn(0, 0.0)
        )
        turned = time.perf_counter()
        order = lines_in_order(
            boxes,
            turn.degrees,
            segmentation.rules,
            lambda block: call.use_cls and self._is_upside_down(image, block, call),
        )
        if call.use_rec:
            cuts = [cut_line(image, boxes[i], degrees) for i, degrees in order]
            lines = self._recognize([boxes[i] for i, _ in order], cuts, call)
        else:
            lines = [_detected(segmentation.lines[i]) for i, _ in order]
        labels = [turn.label] * len(lines) if call.use_cls else []
        done = time.perf_counter()
        elapse = Elapse(detected - start, turned - detected, done - turned)
        return OcrResult(lines, img=image, elapse=elapse, cls_res=labels, was_read=call.use_rec)

    def _is_upside_down(self, image: BgrImage, block: Sequence[Points], call: _Call) -> bool:
        """Return whether a block that runs against the page is upside down, by its own vote."""
        classifier, reader = self._stages.orientation(), self._reader(call)
        return block_is_upside_down(image, block, classifier, reader, UPSIDE_DOWN)

    def _read_line(self, image: BgrImage, call: _Call) -> OcrResult:
        """Read an image that is one line; its own vote decides which way up it is."""
        start = time.perf_counter()
        height, width = image.shape[:2]
        box = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
        degrees = 0
        labels: list[tuple[str, float]] = []
        if call.use_cls:
            probability = self._stages.orientation().upside_down([image])
            labels = [("180", probability) if probability > 0.5 else ("0", 1 - probability)]
            degrees = 180 if probability > self.config.cls.cls_thresh else 0
        turned = time.perf_counter()
        lines: list[Line] = []
        if call.use_rec:
            pixels = quarter_turned(image, degrees // 90)
            cut = LineImage(pixels, np.roll(box, degrees // 90, axis=0))
            lines = self._recognize([box], [cut], call)
        elif call.use_cls:
            lines = [(box.tolist(), "", labels[0][1])]
        done = time.perf_counter()
        elapse = Elapse(0.0, turned - start, done - turned)
        return OcrResult(lines, img=image, elapse=elapse, cls_res=labels, was_read=call.use_rec)

    def _recognize(
        self, boxes: Sequence[Points], cuts: Sequence[LineImage], call: _Call
    ) -> list[Line]:
        """Return the lines that have text and a score that is high enough."""
        read = self._stages.recognition().recognizer.recognize([cut.pixels for cut in cuts])
        kept = [
            _line(box, cut, line, call)
            for box, cut, line in zip(boxes, cuts, read, strict=True)
            if line.text.strip() and line.confidence >= call.text_score
        ]
        if len(kept) < len(read):
            LOG.info(
                "%d of %d lines have no text or a score below %g and are left out",
                len(read) - len(kept), len(read), call.text_score,
            )  # fmt: skip
        return kept


def _given(value: Any, default: Any) -> Any:
    return default if value is None else value


def _number(section: type[Any], name: str, value: Any) -> float | None:
    """Return a number among the arguments; text that is one is taken, as in the configuration."""
    if value is None:
        return None
    return float(checked(section, name, value.item() if isinstance(value, np.generic) else value))


def _detected(found: DetectedBox) -> Line:
    return (found.box.tolist(), "", found.score)


def _line(box: Points, cut: LineImage, line: RecognizedLine, call: _Call) -> Line:
    if not call.words:
        return (box.tolist(), line.text, line.confidence)
    words = tuple(words_of_line(line, cut.corners, single=call.single))
    return (box.tolist(), line.text, line.confidence, words)
