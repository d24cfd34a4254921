# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A recognizer that chooses among several models by what they make of the lines of a page.

The first model reads everything. Only where it makes little of the ink, the others read a sample of
the lines, one model after the other, and the best reads the page again, if it is much better. So a
page costs no more than it did where the first model reads it, and at most a second reading and the
samples where it does not.

The measure is confidence per ink (`ink_confidence`): probabilities alone say nothing of ink that a
model leaves unread, and nothing that can be compared between alphabets of 100 and of 18 000
characters.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ...errors import OcrdRapidError
from ...languages.scripts import SCRIPTS
from ...pixels import BgrImage
from .ctc_decoding import RecognizedLine
from .head_files import OTHER
from .line_input import prepare_line
from .line_model import LineHead
from .unread_ink import REACH, ink_of_batch

LOG = logging.getLogger(__name__)

#: Share of the ink expected to be read right from which a page is left to the first model, and that
#: another model needs; and the part of the first one's expected errors that it may have at most.
#: Models read rubbish with up to 0.88, and what they can read with more than 0.95 (docs/heads.md).
GOOD = 0.9
FEWER_ERRORS = 1 / 3

#: Number of lines that the other models read, and of columns with ink that are needed to judge by:
#: about five words.
SAMPLE = 5
_ENOUGH_INK = 40


class TextRecognizer(Protocol):
    """What reads lines; see `Recognizer`."""

    @property
    def heads(self) -> tuple[LineHead, ...]:
        """See `Recognizer.heads`."""
        ...

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        """See `Recognizer.recognize`."""
        ...

    def typeface(self, line: RecognizedLine) -> str:
        """See `Recognizer.typeface`."""
        ...


@dataclass(frozen=True)
class ModelCandidate:
    """A model to choose.

    Attributes:
        name: its name, as in messages and records.
        load: loads it.
        scripts: returns the codes of the scripts whose letters it has.
    """

    name: str
    load: Callable[[], TextRecognizer]
    scripts: Callable[[], Collection[str]]


@dataclass(frozen=True)
class InkConfidence:
    """What a reading makes of the ink of lines.

    Attributes:
        expected: expected number of columns with ink that are read right.
        ink: number of columns with ink.
    """

    expected: float = 0.0
    ink: int = 0

    def __add__(self, other: InkConfidence) -> InkConfidence:
        return InkConfidence(self.expected + other.expected, self.ink + other.ink)

    @property
    def share(self) -> float:
        """The expected share of the ink that is read right; 0 without ink."""
        return self.expected / self.ink if self.ink else 0.0


def ink_confidence(image: BgrImage, line: RecognizedLine) -> InkConfidence:
    """Return what a reading makes of the ink of a line.

    Every column with ink, 8 pixels wide at a height of 48, counts as much as the confidence of the
    character next to it, and nothing if that is far.

    Args:
        image: the line.
        line: its reading.
    """
    batch, share = prepare_line(image)
    ink = ink_of_batch(batch, share)
    places = np.flatnonzero(ink) + 0.5
    read = [c for c in line.characters if c.text.strip() and c.text != OTHER]
    if not read or not len(places):
        return InkConfidence(0.0, len(places))
    confidences = np.array([c.confidence for c in read])
    middles = np.array([c.position for c in read]) * (len(ink) * share)
    distances = np.abs(places[:, None] - middles[None])
    nearest = distances.argmin(axis=1)
    is_near = distances[np.arange(len(places)), nearest] <= REACH + 0.5
    return InkConfidence(float(confidences[nearest][is_near].sum()), len(places))


def sampled(shares: Sequence[InkConfidence]) -> list[int]:
    """Return the indices of up to `SAMPLE` lines with much ink, evenly spread, ascending."""
    typical = float(np.median([each.ink for each in shares])) if shares else 0.0
    found = [index for index, each in enumerate(shares) if each.ink and each.ink >= typical]
    steps = np.linspace(0, len(found) - 1, min(SAMPLE, len(found))).round().astype(int)
    return [found[step] for step in steps]


class AutomaticRecognizer:
    """Reads lines with the first of several models, or the one that makes more of a page's ink.

    Besides the first, at most two models are in memory: the best, and the one on trial. The choice
    for a page depends on its lines alone. May be used from several threads.
    """

    def __init__(self, candidates: Sequence[ModelCandidate]) -> None:
        """Take the models; the first is loaded, and preferred in doubt.

        Raises:
            OcrdRapidError: the first cannot be loaded.
        """
        self._candidates = list(candidates)
        self._first = candidates[0].load()
        self._lock = threading.Lock()
        self._last: tuple[str, TextRecognizer] = candidates[0].name, self._first
        self._told: set[str] = set()

    @property
    def heads(self) -> tuple[LineHead, ...]:
        """The heads of the first model."""
        return self._first.heads

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        """Return the texts of the lines of a page, see `TextRecognizer`; all by one model."""
        name, reader = self._candidates[0].name, self._first
        lines = reader.recognize(images, alternatives=alternatives, regions=regions)
        better = self._better(images, lines)
        if better is not None:
            name, reader = better
            lines = reader.recognize(images, alternatives=alternatives, regions=regions)
        return [replace(line, model=name) for line in lines]

    def typeface(self, line: RecognizedLine) -> str:
        """Return the group of typefaces of a line, as far as the first model tells."""
        return self._first.typeface(line) if line.model == self._candidates[0].name else ""

    def _better(
        self, images: Sequence[BgrImage], lines: Sequence[RecognizedLine]
    ) -> tuple[str, TextRecognizer] | None:
        """Return a model that makes more of the lines than the first one, with its name."""
        shares = [ink_confidence(i, line) for i, line in zip(images, lines, strict=True)]
        if sum(shares, InkConfidence()).share >= GOOD:
            return None
        sample = sampled(shares)
        own = sum((shares[index] for index in sample), InkConfidence())
        if own.ink < _ENOUGH_INK:
            return None
        script = _main_script(lines)
        best: tuple[str, TextRecognizer] | None = None
        highest = max(GOOD, 1 - FEWER_ERRORS * (1 - own.share))
        with self._lock:
            for candidate in self._candidates[1:]:
                reader = self._loaded(candidate, script)
                if reader is None:
                    continue
                read = reader.recognize([images[index] for index in sample])
                pairs = zip(sample, read, strict=True)
                parts = (ink_confidence(images[i], r) for i, r in pairs)
                share = sum(parts, InkConfidence()).share
                LOG.debug("%s: %.2f of the ink (first: %.2f)", candidate.name, share, own.share)
                if share >= highest:
                    best, highest = (candidate.name, reader), share
            if best is None:
                return None
            self._last = best
            if best[0] not in self._told:
                self._told.add(best[0])
                LOG.info(
                    "%s reads pages that %s does not: expected to be right is %.0f %% of their ink,"
                    " not %.0f %%",
                    best[0], self._candidates[0].name, 100 * highest, 100 * own.share,
                )  # fmt: skip
        return best

    def _loaded(self, candidate: ModelCandidate, script: str) -> TextRecognizer | None:
        """Return a model; ``None`` if it lacks a script, or cannot be loaded."""
        try:
            if script and script not in candidate.scripts():
                return None
            if self._last[0] == candidate.name:
                return self._last[1]
            return candidate.load()
        except OcrdRapidError as error:
            LOG.warning("%s; model auto goes on without %s", error, candidate.name)
            self._candidates.remove(candidate)
            return None


def _main_script(lines: Sequence[RecognizedLine]) -> str:
    """Return the script of most lines, as the first model tells it; empty if it does not."""
    counts = Counter(script for line in lines for script in line.scripts[:1])
    script = counts.most_common(1)[0][0] if counts else ""
    return script if script in SCRIPTS else ""
