# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Detection's input by RapidOCR's settings: the sections ``Det`` and ``Global``."""

from __future__ import annotations

from functools import partial

from ..loading.executables import PROCESSORS
from ..loading.quality_sizes import size_parameters
from ..ocr.detection.detector import DetectionOptions, input_size
from ..ocr.model_kinds import DETECTION
from .hkmc import HkmcConfig
from .hkmc_schema import DetSection

#: RapidOCR's default of ``Global.max_side_len``, used if ``Det.limit_side_len`` is set.
_MAX_SIDE_LEN = 2000


def detection_options(config: HkmcConfig) -> DetectionOptions:
    """Return the options of detection from a configuration."""
    det, general = config.det, config.general
    extends = general.use_vertical_padding
    return DetectionOptions(
        long_side=partial(long_side, config=config),
        input_scale=size_parameters(general.quality, PROCESSORS[DETECTION])["input_scale"],
        thresh=det.thresh,
        box_thresh=det.box_thresh,
        unclip_ratio=det.unclip_ratio,
        max_candidates=det.max_candidates,
        use_dilation=det.use_dilation,
        score_mode=det.score_mode,
        min_height=general.min_height if extends else 0,
        max_ratio=max(0.0, general.width_height_ratio) if extends else 0.0,
    )


def long_side(height: int, width: int, config: HkmcConfig) -> int:
    """Return the longer side of the detection network's input in pixels; 0: by the image's size.

    RapidOCR's two steps, ``Global.max_side_len`` and ``min_side_len``, then
    ``Det.limit_side_len``, are combined into one scaling.
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
