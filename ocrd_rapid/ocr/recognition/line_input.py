# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Images of lines as networks take them."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ...inference.model import FloatArray
from ...pixels import BgrImage, by_plane
from .pieces import WIDTH_BUCKET

LINE_HEIGHT = 48

#: Wider lines are squeezed: anything 600 times as wide as high is not a line of text, and would
#: take long to read.
MAX_WIDTH = 600 * LINE_HEIGHT


def prepare_line(
    image: BgrImage, bucket: int = WIDTH_BUCKET, stretch: float = 1.0
) -> tuple[FloatArray, float]:
    """Scale a line image to height 48 and pad it to its width bucket.

    Args:
        image: the line, upright.
        bucket: the padded width is a multiple of this.
        stretch: the line becomes so many times as wide as its height asks for.

    Returns:
        The batch of shape (1, 3, 48, W), values -1 to 1, and the share of W that is image.
    """
    scaled_width = scaled_line_width(image, stretch)
    scaled = by_plane(lambda pixels: _scaled(pixels, scaled_width), image)
    width = padded_width(scaled_width, bucket)
    # Zero is mid grey, the padding with which the networks were trained.
    batch = np.zeros((1, 3, LINE_HEIGHT, width), dtype=np.float32)
    inner = batch[0, :, :, :scaled_width]
    np.multiply(scaled.transpose(2, 0, 1), np.float32(1 / 127.5), out=inner)
    inner -= 1.0
    return batch, scaled_width / width


def scaled_line_width(image: BgrImage, stretch: float = 1.0) -> int:
    """Return the width of a line image at height 48, in pixels; see `prepare_line`."""
    height, width = image.shape[:2]
    wanted: int = math.ceil(LINE_HEIGHT * stretch * width / height)
    return min(MAX_WIDTH, max(1, wanted))


def padded_width(width: int, bucket: int = WIDTH_BUCKET) -> int:
    """Return the width to which a line is padded at height 48, in pixels; see `prepare_line`."""
    return -(-width // bucket) * bucket


def _scaled(pixels: BgrImage, scaled_width: int) -> BgrImage:
    height, width = pixels.shape[:2]
    if height > LINE_HEIGHT and scaled_width > width:
        # OpenCV averages only if both directions shrink; thin strokes need that.
        pixels = _resized(pixels, width, cv2.INTER_AREA)
        height = LINE_HEIGHT
    shrinking = height > LINE_HEIGHT
    return _resized(pixels, scaled_width, cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)


def _resized(pixels: BgrImage, width: int, interpolation: int) -> BgrImage:
    scaled = cv2.resize(pixels, (width, LINE_HEIGHT), interpolation=interpolation)
    return np.asarray(scaled, dtype=np.uint8)
