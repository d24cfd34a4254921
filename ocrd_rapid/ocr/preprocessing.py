# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Measure and remove defects of scans: skew, noise, low contrast, uneven light.

Each defect has a function that measures it and one that removes it (skew is removed where the
coordinates are known, in ``workspace.views``). Images are BGR, shape (height, width, 3), 8 bit,
dark ink on light paper; a step returns a new image and leaves its argument unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..pixels import BgrImage, grey_of

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]

#: Longer side, in pixels, of the images on which skew and light are measured.
_SKEW_SIDE, _LIGHT_SIDE = 1600, 400

#: Largest skew searched for, in degrees on either side.
MAX_SKEW = 15.0

#: Number of upright strips that a page is cut into.
_STRIPS = 8

#: Steps of the search for the skew in degrees, and the number of neighbouring strips that share a
#: profile. Each search covers one step of the previous one. The lines of columns need not be level
#: with each other, so columns are combined only to tell apart angles that hardly differ.
_COARSE = (0.5, 3)
_FINER = ((0.1, 2), (0.02, _STRIPS))

#: How many times sharper the profile of text must be at its own angle than at the median angle.
_MIN_SHARPNESS = 1.5

#: Fewest specks of ink of the size of letters that are text.
_MIN_LETTERS = 30

#: Difference in grey levels above which a pixel stands out from another.
_IMPULSE = 40

#: Largest factor by which light is raised.
_MAX_GAIN = 4.0


@dataclass(frozen=True)
class Noise:
    """The noise of an image.

    Attributes:
        sigma: standard deviation of its grain, in grey levels (0 to 255).
        impulses: share of pixels that stand out from all their neighbours (salt and pepper).
    """

    sigma: float
    impulses: float


@dataclass(frozen=True)
class Levels:
    """The grey levels, 0 to 255, of the darkest ink and of the paper."""

    ink: float
    paper: float

    @property
    def contrast(self) -> float:
        """The difference of the two."""
        return self.paper - self.ink


# Skew


def find_skew(image: BgrImage) -> float:
    """Return the clockwise rotation in degrees that sets the lines of text level (up to about 15).

    It is the angle at which the projection profile of the letters is sharpest (sum of the squared
    differences of neighbouring rows: W. Postl, "Detection of linear oblique structures and skew
    scan in digitized documents", ICPR 1986), searched from coarse to fine. Lines may run across
    the page or down.

    Returns:
        The angle, accurate to 0.15 degrees on a page of text (99 of 100 typeset pages: 0.05), to
        0.25 if the lines of columns are not level with each other; 0 without text.
    """
    letters = _letters(_reduced(grey_of(image), _SKEW_SIDE))
    if letters is None:
        return 0.0
    across, down = letters, np.stack([letters[:, 1], -letters[:, 0]], axis=1)
    found = [(*_coarse_skew(points), points) for points in (across, down)]
    best, sharpness, points = max(found, key=lambda f: f[1])
    if sharpness < _MIN_SHARPNESS:
        return 0.0
    around = _COARSE[0]
    for step, window in _FINER:
        angles = best + np.arange(-around, around + step / 2, step)
        best = float(angles[np.argmax([_profile_energy(points, a, window) for a in angles])])
        around = step
    return round(-best, 2) + 0.0


def _coarse_skew(points: Points) -> tuple[float, float]:
    """Return the angle of the sharpest profile, and its sharpness as a multiple of the median."""
    step, window = _COARSE
    angles = np.arange(-MAX_SKEW, MAX_SKEW + step / 2, step)
    energies = np.array([_profile_energy(points, angle, window) for angle in angles])
    best = int(energies.argmax())
    return float(angles[best]), float(energies[best] / max(float(np.median(energies)), 1e-9))


def _letters(grey: Grey) -> Points | None:
    """Return points, shape (N, 2), spread over ink of the size of letters.

    Pictures, rules and the dark rim of a scan are too large, noise is too small. Each pixel gives
    one random point near its middle: the middles themselves would favour level angles.

    Returns:
        x and y of the points, or ``None`` if there are too few letters.
    """
    height, width = grey.shape
    background = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    depth = cv2.subtract(background, grey)
    threshold, _ = cv2.threshold(depth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ink = (depth > max(threshold, 20)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].astype(np.int64)
    largest = max(height, width) / 12
    is_letter = (sides.max(axis=1) <= largest) & (sides.min(axis=1) >= 2) & (stats[:, 4] >= 6)
    is_letter[0] = False  # the paper
    if np.count_nonzero(is_letter) < _MIN_LETTERS:
        return None
    rows, columns = np.nonzero(is_letter[labels])
    points = np.stack([columns, rows], axis=1).astype(np.float32)
    random = np.random.default_rng(0).random(points.shape, dtype=np.float32)
    return points + (1.5 * random - 0.25).astype(np.float32)


def _profile_energy(points: Points, degrees: float, window: int) -> float:
    """Return the sharpness of the profile of points along lines that fall to the right.

    Args:
        points: shape (N, 2).
        degrees: the angle by which the lines fall.
        window: number of neighbouring strips of the page that share a profile; the result is the
            sum over all such groups.
    """
    radians = np.deg2rad(degrees)
    x, y = points[:, 0], points[:, 1]
    rows = y * np.float32(np.cos(radians)) - x * np.float32(np.sin(radians))
    rows = (rows - rows.min()).astype(np.int64)
    length = int(rows.max()) + 2
    left, right = float(x.min()), float(x.max())
    strip = ((x - left) * (_STRIPS / (right - left + 1))).astype(np.int64)
    profiles = np.bincount(strip * length + rows, minlength=_STRIPS * length)
    steps = np.diff(profiles.reshape(_STRIPS, length).astype(np.float64), axis=1)
    windows = sum(steps[i : i + _STRIPS - window + 1] for i in range(window))
    return float(np.square(windows).sum())


# Noise


def measure_noise(image: BgrImage) -> Noise:
    """Return the noise of an image.

    Grain is the response to the mask of J. Immerkaer, "Fast noise variance estimation", Computer
    Vision and Image Understanding 64 (1996), to which lines and edges hardly respond; its median
    rather than its mean, because of the letters. Images of less than 3 x 3 pixels have no noise.
    """
    grey = grey_of(image)
    if min(grey.shape) < 3:
        return Noise(0.0, 0.0)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    response = np.abs(cv2.filter2D(grey, cv2.CV_16S, mask))[1:-1, 1:-1]
    sigma = 1.4826 * float(np.median(response)) / 6.0
    return Noise(sigma, float(np.count_nonzero(_impulses(grey, 0)) / grey.size))


def _impulses(grey: Grey, companions: int) -> NDArray[np.bool_]:
    """Return which pixels are all darker, or all lighter, than their eight neighbours.

    Args:
        grey: the image.
        companions: number of neighbours that may be exceptions.
    """
    height, width = grey.shape
    framed = cv2.copyMakeBorder(grey, 1, 1, 1, 1, cv2.BORDER_REFLECT_101)
    darker, lighter = np.zeros_like(grey), np.zeros_like(grey)
    for row, column in np.ndindex(3, 3):
        if (row, column) != (1, 1):
            neighbour = framed[row : row + height, column : column + width]
            darker += cv2.subtract(neighbour, grey) > _IMPULSE
            lighter += cv2.subtract(grey, neighbour) > _IMPULSE
    return np.asarray(cv2.max(darker, lighter) >= 8 - companions)


def remove_impulses(image: BgrImage) -> BgrImage:
    """Replace pixels that stand out, alone or in pairs, by the median of their surroundings.

    A switching median filter (T. Sun and Y. Neuvo, "Detail-preserving median based filters in
    image processing", Pattern Recognition Letters 15, 1994): all other pixels stay. It runs twice,
    which also removes groups of three and shortens strokes by two pixels at most.
    """
    result = image.copy()
    for _ in range(2):
        found = _impulses(grey_of(result), 1)
        result[found] = cv2.medianBlur(result, 3)[found]
    return result


def remove_grain(image: BgrImage, sigma: float) -> BgrImage:
    """Smooth grain of a given standard deviation in grey levels, and keep the edges.

    Non-local means (A. Buades, B. Coll, J.-M. Morel, "Non-local means denoising", IPOL 1, 2011)
    with patches of 5 and a search of 13 pixels.
    """
    if _is_grey(image):
        grey = cv2.fastNlMeansDenoising(image[:, :, 0], None, sigma, 5, 13)
        return np.asarray(cv2.merge([grey] * 3), dtype=np.uint8)
    return np.asarray(cv2.fastNlMeansDenoising(image, None, sigma, 5, 13), dtype=np.uint8)


# Contrast


def measure_levels(image: BgrImage) -> Levels:
    """Return the grey levels of ink and paper: the first and the ninetieth percentile.

    The first is ink on any page with a noticeable amount of text.
    """
    ink, paper = np.percentile(grey_of(image), (1, 90))
    return Levels(float(ink), float(paper))


def stretch(image: BgrImage, levels: Levels) -> BgrImage:
    """Stretch the contrast linearly, so that ink becomes black and paper white; hues stay.

    An image of a single grey level stays unchanged.
    """
    if levels.contrast < 1:
        return image.copy()
    values = (np.arange(256) - levels.ink) * (255.0 / levels.contrast)
    return np.asarray(cv2.LUT(image, np.clip(np.rint(values), 0, 255).astype(np.uint8)))


# Light


def measure_background(image: BgrImage) -> Grey:
    """Return the lightness of the paper, as a grey image of at most 400 pixels on a side.

    A morphological closing with a disc larger than letters fills them with their surroundings; a
    median and a blur smooth the rest. (The same idea: background normalization in
    Leptonica, http://www.leptonica.org/grayscale-mapping.html.)
    """
    small = _reduced(grey_of(image), _LIGHT_SIDE)
    side = max(3, max(small.shape) // 20 | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    small = cv2.medianBlur(small, 3)
    closed = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), side)
    return np.asarray(cv2.blur(closed, (side, side)), dtype=np.uint8)


def unevenness(background: Grey) -> float:
    """Return how much darker the dark parts of the paper are than the light ones, 0 to 1.

    The parts are the tenth and the ninetieth percentile.
    """
    dark, light = np.percentile(background, (10, 90))
    return float(1.0 - dark / light) if light > 0 else 0.0


def even_out(image: BgrImage, background: Grey) -> BgrImage:
    """Divide an image by the light on it, so that all paper is as light as its lightest part.

    Dark places are raised by a factor of four at most.

    Args:
        image: the image.
        background: see `measure_background`.
    """
    height, width = image.shape[:2]
    light = float(np.percentile(background, 95))
    gain = np.clip(light / np.maximum(background, 1).astype(np.float32), 1.0, _MAX_GAIN)
    gain = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(image, cv2.merge([gain] * 3), dtype=cv2.CV_8U))


def _is_grey(image: BgrImage) -> bool:
    blue, green, red = (image[:, :, channel] for channel in range(3))
    return bool((blue == green).all() and (blue == red).all())


def _reduced(grey: Grey, side: int) -> Grey:
    """Return an image reduced so that its longer side has at most ``side`` pixels."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1:
        return grey
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
