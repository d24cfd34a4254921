# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Typeset pages of made-up words, and ways to spoil them as scanners do."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.workspace.views import View

WIDTH, HEIGHT = 1000, 1400
PITCH = 34


def blank(width: int = WIDTH, height: int = HEIGHT, level: int = 255) -> BgrImage:
    return np.full((height, width, 3), level, dtype=np.uint8)


def typeset(columns: int = 1, *, lines: int = 34, ink: int = 30, paper: int = 235) -> BgrImage:
    """Return a page of columns of text that do not stand in line with each other."""
    page = blank(level=paper)
    rng = np.random.default_rng(7)
    width = (WIDTH - 120) // columns
    for column in range(columns):
        left = 60 + column * width
        for line in range(lines):
            letters = rng.choice(list("abcdeghilmnoprstu"), 60)
            letters[rng.integers(4, 60, 9)] = " "
            count = int((width - 40) / 16.5)
            baseline = 120 + line * PITCH + column * PITCH // 2
            cv2.putText(
                page, "".join(letters[:count]), (left, baseline), cv2.FONT_HERSHEY_COMPLEX,
                0.8, (ink, ink, ink), 2, cv2.LINE_AA,
            )  # fmt: skip
    return page


def curved_page() -> BgrImage:
    """Return a page whose lines sag in the middle, as at the fold of a book."""
    page = typeset(lines=16)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    sag = 30 * np.sin(np.pi * x / WIDTH)
    bent = cv2.remap(page, x, y - sag, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent, dtype=np.uint8)


def margin_page(turn: int, notes: tuple[str, ...] = ("Note in the margin",)) -> BgrImage:
    """Return a page of twelve lines with notes in its margin, upright once turned by ``turn``."""
    page = Image.new("L", (1200, 900), 255)
    font = ImageFont.load_default(32)
    draw = ImageDraw.Draw(page)
    for number in range(12):
        text = f"{number} the old man went down to the harbour"
        draw.text((300, 80 + 60 * number), text, font=font, fill=0)
    strip = Image.new("L", (420, 50 * len(notes)), 255)
    for number, text in enumerate(notes):
        ImageDraw.Draw(strip).text((10, 50 * number + 5), text, font=font, fill=0)
    page.paste(strip.rotate(turn, expand=True), (60, 200))
    return np.ascontiguousarray(page.convert("RGB"))


def picture(page: BgrImage, left: int, top: int, right: int, bottom: int, degrees: float) -> None:
    """Put a photograph of a striped thing, which hangs askew, into a page."""
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    radians = np.deg2rad(degrees)
    waves = np.sin((y * np.cos(radians) - x * np.sin(radians)) / 9)
    page[top:bottom, left:right] = (110 + 60 * waves)[:, :, None].astype(np.uint8)


def rotated(page: BgrImage, degrees: float) -> BgrImage:
    """Return a page that was put on the scanner turned clockwise."""
    height, width = page.shape[:2]
    return View(page, np.eye(3), (width, height)).deskewed(degrees, done=False).pixels


def with_grain(page: BgrImage, sigma: float) -> BgrImage:
    grain = np.random.default_rng(1).normal(0, sigma, page.shape[:2])
    return as_bytes(page + grain[:, :, None])


def with_impulses(page: BgrImage, share: float) -> BgrImage:
    """Return a page with black and white pixels strewn over it."""
    random = np.random.default_rng(2).random(page.shape[:2])
    result = page.copy()
    result[random < share / 2] = 0
    result[random > 1 - share / 2] = 255
    return result


def with_shadow(page: BgrImage, darkest: float) -> BgrImage:
    """Return a page that gets less light to the right, where only a share of it is left."""
    light = np.linspace(1, darkest, page.shape[1])
    return as_bytes(page * light[None, :, None])


def with_contrast(page: BgrImage, share: float) -> BgrImage:
    return as_bytes(128 + (page.astype(np.float64) - 128) * share)


def as_bytes(values: NDArray[np.floating]) -> BgrImage:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
