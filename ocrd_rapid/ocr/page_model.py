# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The result of reading a page, as plain data.

All coordinates are in pixels of the image that was read, whichever way up its text is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .geometry import Points, hull
from .layout.printed_rules import PrintedRule
from .recognition.ctc_decoding import RecognizedCharacter

#: No points, as an array of shape (0, 2).
NO_POINTS = np.zeros((0, 2), dtype=np.float32)


@dataclass(frozen=True)
class ReadWord:
    """A word of a line.

    Attributes:
        text: its characters, without white space.
        confidence: mean probability of its characters, 0 to 1.
        outline: shape (N, 2), N >= 4, in pixels of the page.
    """

    text: str
    confidence: float
    outline: Points


@dataclass(frozen=True)
class ReadLine:
    """A line of a page.

    Attributes:
        box: the detected box, shape (4, 2), see `ocrd_rapid.ocr`; in pixels of the page.
        outline: the part of the box inside the page: integers, shape (N, 2), N >= 4.
        score: the detector's score, 0 to 1.
        text: its only white space is single spaces; empty if nothing was read.
        confidence: mean probability of the characters, 0 to 1; 0 without characters.
        characters: the characters of the text.
        words: the words of the text; empty unless requested.
        head: name of the head that read it; empty if it was not read.
        head_confidence: see `RecognizedLine.head_confidence`.
        corners: corners, on the page, of the image that was read: top left, top right, bottom
            right and bottom left as the text is read; shape (4, 2).
    """

    box: Points
    outline: Points
    score: float
    text: str = ""
    confidence: float = 0.0
    characters: tuple[RecognizedCharacter, ...] = ()
    words: tuple[ReadWord, ...] = ()
    head: str = ""
    head_confidence: float | None = None
    corners: Points = field(default_factory=lambda: NO_POINTS)


@dataclass(frozen=True)
class ReadRegion:
    """A region of a page: lines that are read one after the other.

    Attributes:
        lines: its lines in reading order, at least one.
        kind: one of the types of text regions of PAGE-XML, such as ``paragraph`` or ``heading``;
            ``None`` if it is not evident.
        orientation: the clockwise rotation of the page, in degrees, that sets the region upright:
            0, 90, 180 or -90.
    """

    lines: tuple[ReadLine, ...]
    kind: str | None = None
    orientation: int = 0

    @property
    def outline(self) -> Points:
        """The convex hull of its lines, shape (N, 2), in pixels of the page."""
        return hull([line.outline for line in self.lines])

    @property
    def text(self) -> str:
        """The text of its lines, with line breaks between."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class ReadPage:
    """The result of reading a page.

    Attributes:
        width: width of the image in pixels.
        height: height of the image in pixels.
        regions: its regions in reading order.
        rules: its printed rules.
        orientation: the clockwise rotation, in degrees, that sets the page upright: 0, 90, 180
            or -90; ``None`` if it was not determined.
        upside_down: probability that its lines, lying, are upside down, 0 to 1.
        seconds: duration of detection, orientation and recognition.
    """

    width: int
    height: int
    regions: tuple[ReadRegion, ...] = ()
    rules: tuple[PrintedRule, ...] = ()
    orientation: int | None = None
    upside_down: float = 0.0
    seconds: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0), compare=False)

    @property
    def lines(self) -> Iterator[ReadLine]:
        """All lines in reading order."""
        return (line for region in self.regions for line in region.lines)

    @property
    def text(self) -> str:
        """The text of its regions, with empty lines between."""
        return "\n\n".join(region.text for region in self.regions)
