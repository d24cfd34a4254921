# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Line images as worse prints, scans and detectors would have left them.

Images are grey, of shape (H, W), uint8, dark on light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class Degraded:
    """A degraded line.

    Attributes:
        image: shape (H, W).
        scale, shift: what was at x is at ``scale * x + shift``, in the middle of the line's height.
    """

    image: Gray
    scale: float
    shift: float


def degrade(image: Gray, other: Gray, rng: np.random.Generator) -> Gray:
    """Return a line as another scan would show it.

    Args:
        image: shape (H, W), the line.
        other: shape (H, W), another line: what shines through, or stands above and below.
        rng: all randomness.
    """
    return degrade_and_trace(image, other, rng).image


def degrade_and_trace(image: Gray, other: Gray, rng: np.random.Generator) -> Degraded:
    """Return a line as another scan would show it, and where its places went; see `degrade`."""
    image, scale, shift = _reframe(image, other, rng)
    width = image.shape[1]
    if rng.random() < 0.3:
        image = _bleed(image, other, rng)
    for chance, change in (
        (0.4, _stroke),
        (0.2, _break),
        (0.4, _rescale),
        (0.25, _bitonal),
        (0.4, _blur),
        (0.4, _fade),
        (0.4, _noise),
        (0.3, _compress),
    ):
        if rng.random() < chance:
            image = change(image, rng)
    # All changes but the first one leave the frame as it is, or scale it as a whole.
    share = image.shape[1] / width
    return Degraded(image, scale * share, shift * share)


def _paper(image: Gray) -> int:
    return int(np.percentile(image, 85))


def _reframe(image: Gray, other: Gray, rng: np.random.Generator) -> tuple[Gray, float, float]:
    """Slant, turn, stretch and shift; margins, with the feet or heads of neighbours.

    Returns:
        The line, and scale and shift of its places, see `Degraded`.
    """
    height, width = image.shape
    angle = np.tan(np.radians(rng.normal(0, 0.25)))
    slant, stretch, scale = rng.normal(0, 0.06), rng.uniform(0.85, 1.15), rng.uniform(0.9, 1.1)
    top, bottom = rng.uniform(-0.06, 0.25, 2) * height
    left, right = rng.uniform(-0.02, 0.6, 2) * height
    rise = abs(angle) * width / 2
    new_height = max(16, round(height * scale + top + bottom))
    new_width = max(16, round(width * stretch * scale + left + right))
    matrix = np.array(
        [
            [stretch * scale, slant, left - slant * height / 2],
            [angle, scale, top - angle * width / 2],
        ]
    )
    paper = _paper(image)
    out = cv2.warpAffine(
        image, matrix, (new_width, new_height), flags=cv2.INTER_LINEAR, borderValue=paper
    )
    for reach, above in ((top - rise, True), (bottom - rise, False)):
        rows = int(reach - 0.1 * height)
        if rows < 2 or rng.random() > 0.5 or other.shape[0] <= rows:
            continue
        strip = other[-rows:] if above else other[:rows]
        if strip.shape[1] < new_width:
            strip = np.resize(strip, (rows, new_width))
        strip = strip[:, :new_width]
        if above:
            out[:rows] = np.minimum(out[:rows], strip)
        else:
            out[-rows:] = np.minimum(out[-rows:], strip)
    return np.asarray(out, np.uint8), stretch * scale, left


def _bleed(image: Gray, other: Gray, rng: np.random.Generator) -> Gray:
    """Let the other side of the leaf shine through."""
    height, width = image.shape
    back = cv2.flip(cv2.resize(other, (max(width, 8), height)), 1)
    back = np.roll(back, int(rng.integers(0, height)), axis=0)
    back = cv2.GaussianBlur(back, (0, 0), rng.uniform(0.8, 2.0)).astype(np.float32)
    shadow = (255 - back) * rng.uniform(0.1, 0.35)
    return np.asarray(np.clip(image - shadow * (image / 255.0), 0, 255), np.uint8)


def _rescale(image: Gray, rng: np.random.Generator) -> Gray:
    """A scan of lower resolution."""
    height, width = image.shape
    factor = rng.uniform(18, 44) / height
    if factor >= 1:
        return image
    small = cv2.resize(
        image,
        (max(8, round(width * factor)), max(8, round(height * factor))),
        interpolation=cv2.INTER_AREA,
    )
    if rng.random() >= 0.5:
        small = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8)


def _stroke(image: Gray, rng: np.random.Generator) -> Gray:
    """Bolder or thinner type, by up to a pixel."""
    kernel = np.ones((2, 2), np.uint8)
    changed = cv2.erode(image, kernel) if rng.random() < 0.5 else cv2.dilate(image, kernel)
    share = rng.uniform(0.3, 1.0)
    return np.asarray(cv2.addWeighted(image, 1 - share, changed, share, 0), np.uint8)


def _break(image: Gray, rng: np.random.Generator) -> Gray:
    """Broken type and missing ink: spots of paper; dirt: spots of ink."""
    height, width = image.shape
    mask = cv2.GaussianBlur(
        rng.standard_normal((height, width)).astype(np.float32), (0, 0), rng.uniform(0.8, 1.6)
    )
    limit = np.quantile(mask, rng.uniform(0.9, 0.98))
    out = image.copy()
    out[mask > limit] = np.maximum(out[mask > limit], rng.integers(120, 220))
    if rng.random() < 0.4:
        out[mask < np.quantile(mask, rng.uniform(0.001, 0.008))] = rng.integers(20, 120)
    return out


def _fade(image: Gray, rng: np.random.Generator) -> Gray:
    gain, shift = rng.uniform(0.4, 1.1), rng.uniform(-20, 40)
    shade = np.linspace(rng.uniform(-20, 20), rng.uniform(-20, 20), image.shape[1])
    return np.clip((image - 128.0) * gain + 128 + shift + shade, 0, 255).astype(np.uint8)


def _noise(image: Gray, rng: np.random.Generator) -> Gray:
    noise = rng.standard_normal(image.shape).astype(np.float32) * rng.uniform(3, 22)
    if rng.random() < 0.5:
        noise = cv2.GaussianBlur(noise, (0, 0), 0.8) * 1.5
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _bitonal(image: Gray, rng: np.random.Generator) -> Gray:
    """A scan in black and white, as newspapers were filmed."""
    factor = rng.uniform(1.0, 2.0)
    large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    level, _ = cv2.threshold(large, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.where(large > level + rng.uniform(-25, 35), 255, 0).astype(np.uint8)


def _blur(image: Gray, rng: np.random.Generator) -> Gray:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.4)), np.uint8)


def _compress(image: Gray, rng: np.random.Generator) -> Gray:
    options = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 80))]
    data = cv2.imencode(".jpg", image, options)[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
