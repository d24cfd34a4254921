# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text recognition with a PP-OCR model.

A convolutional network turns a line image of height 48 into one distribution over characters per
8 pixels of width; `ctc_decoding` turns these into text.

A line is always read alone and padded only to the next multiple of a fixed width, so that its
text depends only on its image: not on neighbours in a batch, threads or order. Lines that are too
wide for a network are read in pieces (`pieces`).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from ...inference.stopping import carried
from ...languages.scripts import LATIN
from ...pixels import BgrImage
from .abbreviations import with_resolved_abbreviations
from .ctc_decoding import RecognizedLine, ScriptRun
from .head_reader import HeadReader
from .line_model import BASE, LineHead, LineModel
from .line_readings import EVERY_LINE, FirstReading, LinePart, LineReadings, chosen_readings, joined
from .logical_lines import lines_in_logical_order
from .pieces import WIDTH_BUCKET
from .script_choice import choose_scripts
from .script_reading import runs_of
from .word_crops import Crop, with_crops
from .word_scripts import SeenScripts, columns_of, readable_of, scripts_seen, usual_script

_Result = TypeVar("_Result")


class Recognizer:
    """Recognizer of lines, several at a time."""

    def __init__(self, model: LineModel, threads: int = 1, bucket: int = WIDTH_BUCKET) -> None:
        """Take a model.

        Args:
            model: the network that reads lines.
            threads: number of lines read at the same time, on all pages together.
            bucket: lines are padded to multiples of this width; a multiple of `WIDTH_BUCKET`.
        """
        self._reader = HeadReader(model, bucket)
        self._threads = max(1, threads)
        self._pool, self._owner = ThreadPoolExecutor(self._threads), os.getpid()
        self._readable: frozenset[str] = frozenset()
        if model.scripts:
            allowed = model.scripts.allowed
            self._readable = frozenset(model.scripts.layers)
            if not allowed or LATIN in allowed:
                self._readable |= {LATIN}

    @property
    def heads(self) -> tuple[LineHead, ...]:
        """The heads that read every line."""
        return self._reader.heads

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        """Return the texts of line images, each upright and cut to its line, in the order given.

        If the model has several heads, each line is read by the one that best fits it and its
        neighbours; see `head_choice`. If it tells scripts apart, each word is read by a head for
        its script; see `script_choice`. Texts are in logical order; see `visual_order`.

        Args:
            images: the lines, in reading order.
            alternatives: number of alternative readings of every character.
            regions: the index of the region of every line; lines of one region are probably
                printed in the same typeface and script. ``None`` if unknown.
        """
        every = range(len(images))
        reader = self._reader
        first = self._in_threads(images, every, lambda i: reader.first(images[i], alternatives))
        runs = self._runs(first, regions)
        usual = usual_script(readable_of(columns_of(runs), self._readable))
        lines = self._in_threads(
            images,
            every,
            lambda i: reader.mainly(images[i], first[i], runs[i], alternatives, usual),
        )
        seen = scripts_seen([line.runs for line in lines], regions, self._readable)
        chosen = chosen_readings(lines, regions, self.heads)
        heads = [self._latin_head(line) for line in chosen]
        words = [reader.words(images[i], first[i], lines[i], seen[i]) for i in every]
        crops = [
            reader.crops(images[i], first[i], lines[i], words[i], seen[i], heads[i]) for i in every
        ]
        alone = self._alone(images, first, crops, seen, heads, alternatives)
        best = [reader.reading_by_most(first[i], lines[i], heads[i]) for i in every]
        parts = zip(chosen, first, words, best, crops, alone, seen, strict=True)
        read = [self._resolved(self._whole(*own)) for own in parts]
        return lines_in_logical_order(read, regions)

    def _latin_head(self, line: LineReadings) -> str:
        """Return the head for parts of a line: that of the line, if this is Latin for the most."""
        is_latin = self._reader.main_reader(line.runs) == EVERY_LINE
        return line.every[0].head if is_latin else self.heads[0].name

    def _alone(
        self,
        images: Sequence[BgrImage],
        first: Sequence[FirstReading],
        crops: Sequence[Sequence[Crop]],
        seen: Sequence[SeenScripts],
        heads: Sequence[str],
        alternatives: int,
    ) -> list[list[LineReadings]]:
        """Return the parts of lines that are read alone, line by line."""
        places = [(i, crop) for i, own in enumerate(crops) for crop in own]
        cuts = [crop.cut(images[i]) for i, crop in places]

        def read(index: int) -> LineReadings:
            i, crop = places[index]
            return self._reader.alone(cuts[index], crop, first[i], seen[i], heads[i], alternatives)

        found = iter(self._in_threads(cuts, range(len(cuts)), read))
        return [[next(found) for _ in own] for own in crops]

    def _whole(
        self,
        line: LineReadings,
        first: FirstReading,
        words: Sequence[ScriptRun],
        best: RecognizedLine,
        crops: Sequence[Crop],
        alone: Sequence[LineReadings],
        seen: SeenScripts,
    ) -> RecognizedLine:
        """Return the text of a line: of its reading by most, and of parts that are read alone."""
        main = self._reader.main_reader(line.runs)
        found = [
            (crop, crop.on_line(joined(chosen_readings([readings], None)[0])))
            for crop, readings in zip(crops, alone, strict=True)
        ]
        kept = [
            (crop, read)
            for crop, read in found
            if self._reader.adds(crop, read, best, first.width, main, seen.rare)
        ]
        taken = {word for crop, _ in kept for word in crop.words}
        latin = {
            word: replace(word, script=LATIN)
            for crop in crops
            for word in crop.words
            if word not in taken and word.script in seen.rare
        }
        if not kept and not latin:
            return joined(line)
        rest = tuple(latin.get(word, word) for word in words if word not in taken)
        return with_crops(joined(replace(line, runs=rest, parts=(LinePart(main),))), kept)

    def _resolved(self, line: RecognizedLine) -> RecognizedLine:
        """Return a line with its abbreviations resolved, if its head wants that."""
        resolves = any(head.resolves and head.name == line.head for head in self.heads)
        return with_resolved_abbreviations(line) if resolves else line

    def typeface(self, line: RecognizedLine) -> str:
        """Return the group of typefaces of a line, judging by the choice of its head.

        The model's own output layer reads every script; its choice excludes black letter, but only
        for Latin letters.

        Returns:
            The group, such as ``Fraktur``; empty if unknown, as without a choice of heads.
        """
        if line.head_confidence is None:
            return ""
        for head in self.heads:
            if head.name == line.head and BASE not in (head.name, head.stands_for):
                return head.font_family
        latin = any(unicodedata.name(c, "").startswith("LATIN") for c in line.text)
        return "Antiqua" if latin else ""

    def _in_threads(
        self, images: Sequence[BgrImage], indices: Sequence[int], work: Callable[[int], _Result]
    ) -> list[_Result]:
        """Return the results for some images, by their indices, in the order given."""
        if self._threads == 1 or len(indices) < 2:
            return [work(index) for index in indices]
        # The longest first, so that no thread is left with one long line at the end.
        order = sorted(indices, key=lambda i: -_aspect(images[i]))
        results = dict(zip(order, self._shared_pool().map(carried(work), order), strict=True))
        return [results[index] for index in indices]

    def _shared_pool(self) -> ThreadPoolExecutor:
        """Return the threads that read the lines of all pages; create them again after a fork."""
        if self._owner != os.getpid():
            self._pool, self._owner = ThreadPoolExecutor(self._threads), os.getpid()
        return self._pool

    def _runs(
        self, lines: Sequence[FirstReading], regions: Sequence[int] | None
    ) -> list[tuple[ScriptRun, ...]]:
        """Return the scripts of all lines."""
        scripts = self._reader.model.scripts
        if scripts is None:
            return [()] * len(lines)
        pieces = [line.pieces for line in lines if line.pieces is not None]
        found = choose_scripts(pieces, scripts.scripts, regions, scripts.allowed)
        readable = {LATIN, *scripts.layers, *scripts.whole}
        return [
            tuple(
                replace(run, is_read=run.script in readable)
                for run in runs_of(own, shares, scripts.scripts, line.width)
            )
            for line, own, shares in zip(lines, pieces, found, strict=True)
        ]


def _aspect(image: BgrImage) -> float:
    height, width = image.shape[:2]
    return float(width / max(1, height))
