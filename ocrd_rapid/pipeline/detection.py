"""Detection with RapidOCR's settings: the sections ``Det`` and ``Global``."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from ..config import environment
from ..config.hkmc import HkmcConfig
from ..config.hkmc_schema import DetSection, GlobalSection
from ..inference.model import Model
from ..ocr.detection import DetectedBox, DetectionOptions, Detector, input_size
from ..ocr.images import BgrImage

#: RapidOCR's value of ``Global.max_side_len``, which holds where its way to choose the size of
#: the input is asked for.
_MAX_SIDE_LEN = 2000


class Detection:
    """Finds text lines as the sections ``Det`` and ``Global`` say."""

    def __init__(self, model: Model, config: HkmcConfig, fixed_long_side: int = 0) -> None:
        """Take a loaded model.

        Args:
            model: `adapted` to the configuration.
            config: the configuration.
            fixed_long_side: longer side of the network's input in pixels; 0 to follow ``config``.

        Raises:
            ModelError: it is no detection model.
        """
        det = config.det
        self._model = model
        self._config = config
        self._long_side = fixed_long_side
        self._options = DetectionOptions(
            thresh=det.thresh,
            box_thresh=det.box_thresh,
            unclip_ratio=det.unclip_ratio,
            max_candidates=det.max_candidates,
            use_dilation=det.use_dilation,
            score_mode=det.score_mode,
        )
        Detector(self._model, self._options)

    def detect(
        self, image: BgrImage, box_thresh: float | None = None, unclip_ratio: float | None = None
    ) -> list[DetectedBox]:
        """Return the text lines of an image; values that are given hold for this call."""
        height, width = image.shape[:2]
        margin = vertical_margin(height, width, self._config.general)
        padded = image
        if margin:
            padded = np.asarray(
                cv2.copyMakeBorder(image, margin, margin, 0, 0, cv2.BORDER_CONSTANT),
                dtype=np.uint8,
            )
        options = replace(
            self._options,
            long_side=self._long_side or long_side(height + 2 * margin, width, self._config),
            box_thresh=self._options.box_thresh if box_thresh is None else box_thresh,
            unclip_ratio=self._options.unclip_ratio if unclip_ratio is None else unclip_ratio,
        )
        found = Detector(self._model, options).detect(padded)
        return [_without_margin(box, margin, height) for box in found] if margin else found


def _without_margin(found: DetectedBox, margin: int, height: int) -> DetectedBox:
    box = found.box - np.array([0, margin], dtype=np.float32)
    box[:, 1] = box[:, 1].clip(0, height)
    return replace(found, box=box)


def vertical_margin(height: int, width: int, general: GlobalSection) -> int:
    """Return by how many pixels an image is extended above and below for detection.

    The network finds text by the paper around it, which images of single lines lack. The rule is
    RapidOCR's: low images, and those that are wide for their height, become about twice as high
    as that, but no larger than an image may be (``OCRD_RAPID_MAX_PIXELS``): the paper around a
    very long strip would take gigabytes.
    """
    if not general.use_vertical_padding:
        return 0
    ratio = general.width_height_ratio
    too_wide = ratio != -1 and width / height > ratio
    if height > general.min_height and not too_wide:
        return 0
    wanted = max(width / ratio if ratio != -1 else 0, general.min_height) * 2
    wanted = min(wanted, environment.max_pixels() // width)
    return max(0, math.ceil((wanted - height) / 2))


def long_side(height: int, width: int, config: HkmcConfig) -> int:
    """Return the longer side of the detection network's input in pixels; 0: by the image's size.

    RapidOCR's two steps, ``Global.max_side_len`` and ``min_side_len``, then
    ``Det.limit_side_len``, taken together as one scaling.
    """
    det, general = config.det, config.general
    maximum = general.max_side_len if general.use_preprocess_img else None
    if det.limit_side_len is None:
        chosen = max(input_size(height, width))
        return int(maximum) if maximum is not None and maximum < chosen else 0
    scale = 1.0
    if general.use_preprocess_img:
        scale = min(1.0, (maximum or _MAX_SIDE_LEN) / max(height, width))
        scale = max(scale, general.min_side_len / min(height, width))
    scale *= _limit(min(height, width) * scale, max(height, width) * scale, det)
    return max(1, round(scale * max(height, width)))


def _limit(shorter: float, longer: float, det: DetSection) -> float:
    limit = float(det.limit_side_len or 0)
    if det.limit_type == "min":
        return max(1.0, limit / shorter)
    return min(1.0, limit / longer)
