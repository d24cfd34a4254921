"""What spoils a scan, measured, and removed: skew, noise, low contrast, uneven light.

Each defect has a function that measures it and one that removes it (skew is removed where the
coordinates are known, in ``workspace.views``). Images are BGR, shape (height, width, 3), 8 bit,
dark ink on light paper; a step returns a new image and leaves its argument alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..pixels import BgrImage, grey_of

Grey = NDArray[np.uint8]
Points = NDArray[np.float32]

#: The longer side, in pixels, of the images on which skew and light are measured.
_SKEW_SIDE, _LIGHT_SIDE = 1600, 400

#: Skew is looked for within this many degrees on either side.
MAX_SKEW = 15.0

#: Into how many upright strips a page is cut.
_STRIPS = 8

#: The search for the skew: steps in degrees, and how many neighbouring strips share a profile.
#: Each looks within one step of the one before. Columns need not stand in line with each other,
#: so they are only taken together to tell angles apart that hardly differ.
_COARSE = (0.5, 3)
_FINER = ((0.1, 2), (0.02, _STRIPS))

#: How often the profile of text is as sharp at its own angle as at the median of all angles.
_MIN_SHARPNESS = 1.5

#: Fewer specks of ink than this, of the size that letters have, are no text.
_MIN_LETTERS = 30

#: From this difference in grey levels on, a pixel stands out from another one.
_IMPULSE = 40

#: By how much light may be raised, at most.
_MAX_GAIN = 4.0


@dataclass(frozen=True)
class Noise:
    """How noisy an image is.

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
    """Return the clockwise rotation in degrees that sets the lines of text level (up to some 15).

    The angle is the one at which the projection profile of the letters is sharpest (sum of the
    squared differences of neighbouring rows: W. Postl, "Detection of linear oblique structures
    and skew scan in digitized documents", ICPR 1986), from coarse to fine. Lines that run down
    the page serve as well as lines that run across.

    Returns:
        The angle, good to 0.15 degrees on a page of text (99 of 100 typeset pages: 0.05), to 0.25
        where the lines of columns run past each other; 0 if there is nothing like text.
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
    """Return the angle of the sharpest profile, and by how much it is sharper than others."""
    step, window = _COARSE
    angles = np.arange(-MAX_SKEW, MAX_SKEW + step / 2, step)
    energies = np.array([_profile_energy(points, angle, window) for angle in angles])
    best = int(energies.argmax())
    return float(angles[best]), float(energies[best] / max(float(np.median(energies)), 1e-9))


def _letters(grey: Grey) -> Points | None:
    """Return points, shape (N, 2), spread over the ink of what has the size of letters.

    Pictures, rules and the dark rim of a scan are too large, noise is too small. Each pixel
    gives one point at random near its middle: with the middles, level angles would win too often.

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
    """Return how sharp the profile of points is along lines that fall by an angle to the right.

    Args:
        points: shape (N, 2).
        degrees: the angle.
        window: how many strips of the page share a profile; there is one for all neighbours of
            that number, and their energies are summed.
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
    """Return how noisy an image is.

    Grain: the response to the mask of J. Immerkaer, "Fast noise variance estimation", Computer
    Vision and Image Understanding 64 (1996), which lines and edges hardly answer to; its median
    rather than its mean, because of the letters. Images of less than 3 x 3 pixels have none.
    """
    grey = grey_of(image)
    if min(grey.shape) < 3:
        return Noise(0.0, 0.0)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    response = np.abs(cv2.filter2D(grey, cv2.CV_16S, mask))[1:-1, 1:-1]
    sigma = 1.4826 * float(np.median(response)) / 6.0
    return Noise(sigma, float(np.count_nonzero(_impulses(grey, 0)) / grey.size))


def _impulses(grey: Grey, companions: int) -> NDArray[np.bool_]:
    """Return which pixels are darker, or lighter, than all eight neighbours but so many at most."""
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
    """Replace pixels that stand out, alone or in pairs, by the median of what is around them.

    A switching median filter (T. Sun and Y. Neuvo, "Detail-preserving median based filters in
    image processing", Pattern Recognition Letters 15, 1994): all other pixels stay. Strokes are
    not shortened by more than two pixels, in as many rounds, in which groups of three go too.
    """
    result = image.copy()
    for _ in range(2):
        found = _impulses(grey_of(result), 1)
        result[found] = cv2.medianBlur(result, 3)[found]
    return result


def remove_grain(image: BgrImage, sigma: float) -> BgrImage:
    """Smooth grain of a standard deviation in grey levels, and keep the edges.

    Non-local means (A. Buades, B. Coll, J.-M. Morel, "Non-local means denoising", IPOL 1, 2011)
    with patches of 5 and a search of 13 pixels.
    """
    if _is_grey(image):
        grey = cv2.fastNlMeansDenoising(image[:, :, 0], None, sigma, 5, 13)
        return np.asarray(cv2.merge([grey] * 3), dtype=np.uint8)
    return np.asarray(cv2.fastNlMeansDenoising(image, None, sigma, 5, 13), dtype=np.uint8)


# Contrast


def measure_levels(image: BgrImage) -> Levels:
    """Return the grey levels that one in a hundred and nine in ten pixels stay below.

    The first is ink wherever a page has any text worth mentioning, the second is paper.
    """
    ink, paper = np.percentile(grey_of(image), (1, 90))
    return Levels(float(ink), float(paper))


def stretch(image: BgrImage, levels: Levels) -> BgrImage:
    """Stretch the contrast linearly, so that ink becomes black and paper white; hues stay.

    An image of one grey level only is returned as it is.
    """
    if levels.contrast < 1:
        return image.copy()
    values = (np.arange(256) - levels.ink) * (255.0 / levels.contrast)
    return np.asarray(cv2.LUT(image, np.clip(np.rint(values), 0, 255).astype(np.uint8)))


# Light


def measure_background(image: BgrImage) -> Grey:
    """Return how light the paper is, as a grey image of at most 400 pixels on a side.

    A morphological closing with a disc larger than letters fills these with what is around
    them, a median and a blur smooth the rest. (The same idea: background normalisation in
    Leptonica, http://www.leptonica.org/grayscale-mapping.html.)
    """
    small = _reduced(grey_of(image), _LIGHT_SIDE)
    side = max(3, max(small.shape) // 20 | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    small = cv2.medianBlur(small, 3)
    closed = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, disc), side)
    return np.asarray(cv2.blur(closed, (side, side)), dtype=np.uint8)


def unevenness(background: Grey) -> float:
    """Return by which share the dark parts of the paper are darker than the light ones.

    Between the levels that a tenth and nine tenths of the page stay below; 0 to 1.
    """
    dark, light = np.percentile(background, (10, 90))
    return float(1.0 - dark / light) if light > 0 else 0.0


def even_out(image: BgrImage, background: Grey) -> BgrImage:
    """Divide an image by the light on it, so that the paper is everywhere as at its lightest.

    Dark places are raised fourfold at most.

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
    """Return an image scaled down to a longer side of at most so many pixels."""
    height, width = grey.shape
    scale = side / max(height, width)
    if scale >= 1:
        return grey
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
