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

import math
import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TypeVar

import cv2
import numpy as np

from ...inference.model import FloatArray
from ...inference.stopping import carried
from ...languages.scripts import LATIN
from ...pixels import BgrImage, by_plane
from .ctc_decoding import Decoder, RecognizedLine, ScriptRun
from .head_files import OTHER
from .line_model import BASE, LaterLayer, LineHead, LineModel
from .line_readings import (
    EVERY_LINE,
    WHOLE_LAYER,
    FirstReading,
    LineReadings,
    chosen_readings,
    has_others,
    joined,
    parts_of,
)
from .logical_lines import lines_in_logical_order
from .pieces import WIDTH_BUCKET, read_in_pieces
from .script_choice import PieceScores, choose_scripts, score_pieces
from .script_reading import runs_of
from .unread_ink import ColumnFacts, far_columns, ink_of_batch
from .word_scripts import scripts_seen, settle_runs

LINE_HEIGHT = 48

#: Wider lines are squeezed: anything 600 times as wide as high is not a line of text, and would
#: take long to read.
MAX_WIDTH = 600 * LINE_HEIGHT

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
        self._model = model
        self._bucket = bucket
        self._threads = max(1, threads)
        self._pool, self._owner = ThreadPoolExecutor(self._threads), os.getpid()
        # Where the classes of every head end in the output of the model.
        self._ends = list(accumulate((len(head.characters) for head in model.heads), initial=0))

    @property
    def heads(self) -> tuple[LineHead, ...]:
        """The heads that read every line."""
        return self._model.heads

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
        first = self._in_threads(images, every, lambda i: self._read(images[i], alternatives))
        runs = self._runs(first, regions)
        lines = [
            LineReadings(found.lines, found.facts, own, parts_of(own, [*map(self._reader, own)]))
            for found, own in zip(first, runs, strict=True)
        ]
        layers = self._model.scripts.layers if self._model.scripts else {}
        seen = scripts_seen(runs, regions, layers.keys())
        wanted = {i: readers for i in every if (readers := self._missing(lines[i]) | seen[i])}
        later = self._in_threads(
            images,
            list(wanted),
            lambda i: {
                reader: self._read_later(reader, images[i], first[i], alternatives)
                for reader in wanted[i]
            },
        )
        for index, found in zip(wanted, later, strict=True):
            line = self._with_later(lines[index], found)
            lines[index] = self._with_words(line, first[index], seen[index])
        read = [joined(readings) for readings in chosen_readings(lines, regions)]
        return lines_in_logical_order(read, regions)

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

    def _read(self, image: BgrImage, alternatives: int) -> FirstReading:
        """Return the readings of a line by the heads that read every line."""
        found = {
            stretch: self._read_at(stretch, image, alternatives)
            for stretch in dict.fromkeys(head.stretch for head in self.heads)
        }
        first = found[self.heads[0].stretch]
        if len(found) == 1:
            return first
        waiting = {stretch: zip(f.lines, f.facts, strict=True) for stretch, f in found.items()}
        lines, facts = zip(*(next(waiting[head.stretch]) for head in self.heads), strict=True)
        return replace(first, lines=lines, facts=facts)

    def _read_at(self, stretch: float, image: BgrImage, alternatives: int) -> FirstReading:
        """Return the readings of a line by the heads with a stretch."""
        batch, share = prepare_line(image, self._bucket, stretch)
        own = [
            (head, Decoder(head.characters, alternatives, head.calibration), begin, end)
            for head, (begin, end) in zip(self.heads, pairwise(self._ends), strict=True)
            if head.stretch == stretch
        ]
        blanks: list[FloatArray] = []
        rest: list[FloatArray] = []
        for part in read_in_pieces(self._model.probabilities, batch, self._ends[-1]):
            for _, decoder, begin, end in own:
                decoder.add(part[:, begin:end])
            blanks.append(part[:, [begin for _, _, begin, _ in own]])
            rest.append(part[:, self._ends[-1] :].copy())
        lines = tuple(replace(decoder.line(share), head=head.name) for head, decoder, *_ in own)
        facts: tuple[ColumnFacts, ...] = ()
        if len(self.heads) > 1:
            blank = np.concatenate(blanks)
            width = len(blank) * share
            far = [far_columns(line.characters, len(blank), width, stretch) for line in lines]
            # Mostly there is no place for unread ink, so it need not be looked for.
            looked_for = any(each.any() for each in far)
            ink = ink_of_batch(batch, share) if looked_for else np.zeros(len(blank), dtype=bool)
            facts = tuple(ColumnFacts(ink, column, width, stretch) for column in blank.T)
        features, pieces = self._split(rest)
        scripts = self._model.scripts
        likely = any(OTHER in line.text for line in lines)
        if pieces is not None and scripts is not None:
            best = set(pieces.scores.argmax(axis=1).tolist())
            likely = likely or any(scripts.scripts[number] != LATIN for number in best)
        return FirstReading(
            lines, facts, sum(map(len, rest)) * share, share, pieces, features if likely else ()
        )

    def _split(
        self, rest: Sequence[FloatArray]
    ) -> tuple[tuple[FloatArray, ...], PieceScores | None]:
        """Return the features, and the scores of scripts, of the output behind the heads."""
        scripts = self._model.scripts
        if scripts is None:
            return tuple(rest), None
        count = 1 + len(scripts.scripts)
        pieces = score_pieces(np.concatenate([part[:, :count] for part in rest]))
        return tuple(part[:, count:] for part in rest), pieces

    def _runs(
        self, lines: Sequence[FirstReading], regions: Sequence[int] | None
    ) -> list[tuple[ScriptRun, ...]]:
        """Return the scripts of all lines."""
        scripts = self._model.scripts
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

    def _reader(self, run: ScriptRun) -> str:
        """Return what reads a run, see `EVERY_LINE`."""
        scripts = self._model.scripts
        if scripts is not None and run.script in scripts.layers:
            return run.script
        whole = scripts is not None and self._model.whole and run.script in scripts.whole
        return WHOLE_LAYER if whole else EVERY_LINE

    def _missing(self, line: LineReadings) -> set[str]:
        """Return the readers whose readings a line needs, too."""
        readers = {part.reader for part in line.parts} - {EVERY_LINE}
        if self._model.whole and any(self._lacking(line)):
            readers.add(WHOLE_LAYER)
        return readers

    def _lacking(self, line: LineReadings) -> list[bool]:
        """Return for every head whether its reading lacks signs that the whole layer has."""
        return [
            bool(head.stands_for) and has_others(found, line.parts)
            for head, found in zip(self.heads, line.every, strict=True)
        ]

    def _with_later(
        self, line: LineReadings, later: Mapping[str, tuple[RecognizedLine, ...]]
    ) -> LineReadings:
        """Return a line with further readings, the whole layer's for those that lack signs."""
        whole = later.get(WHOLE_LAYER)
        if whole is None:
            return replace(line, later=later)
        every = zip(line.every, self._lacking(line), strict=True)
        return replace(
            line, every=tuple(whole[0] if lacks else found for found, lacks in every), later=later
        )

    def _with_words(
        self, line: LineReadings, first: FirstReading, seen: frozenset[str]
    ) -> LineReadings:
        """Return a line whose words are of the scripts that its readings settle.

        Args:
            line: with the readings of the scripts of its region.
            first: what was read first.
            seen: these scripts.
        """
        scripts = self._model.scripts
        if not seen or scripts is None or first.pieces is None:
            return line
        readings = {script: line.later[script] for script in seen}
        if not scripts.allowed or LATIN in scripts.allowed:
            readings[LATIN] = first.lines
        runs = settle_runs(line.runs, first.pieces, first.width, readings)
        return replace(line, runs=runs, parts=parts_of(runs, [*map(self._reader, runs)]))

    def _read_later(
        self, reader: str, image: BgrImage, first: FirstReading, alternatives: int
    ) -> tuple[RecognizedLine, ...]:
        """Return the readings of a line by the layers of a reader."""
        whole, scripts = self._model.whole, self._model.scripts
        layers: tuple[LaterLayer, ...] = ()
        if reader == WHOLE_LAYER:
            layers = (whole,) if whole else ()
        elif scripts is not None:
            layers = scripts.layers[reader]()
        return tuple(self._read_by(layer, image, first, alternatives) for layer in layers)

    def _read_by(
        self, layer: LaterLayer, image: BgrImage, first: FirstReading, alternatives: int
    ) -> RecognizedLine:
        """Return the reading of a layer, from the features known, or of the image run again."""
        features, share = first.features, first.share
        if not features or layer.head.stretch != self.heads[0].stretch:
            batch, share = prepare_line(image, self._bucket, layer.head.stretch)
            parts = read_in_pieces(self._model.probabilities, batch, self._ends[-1])
            features, _ = self._split([part[:, self._ends[-1] :] for part in parts])
        decoder = Decoder(layer.head.characters, alternatives, layer.head.calibration)
        for part in features:
            decoder.add(layer.model.run(np.ascontiguousarray(part)[None])[0])
        return replace(decoder.line(share), head=layer.head.name)


def _aspect(image: BgrImage) -> float:
    height, width = image.shape[:2]
    return float(width / max(1, height))


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
    padded_width = -(-scaled_width // bucket) * bucket
    # Zero is mid grey, the padding with which the networks were trained.
    batch = np.zeros((1, 3, LINE_HEIGHT, padded_width), dtype=np.float32)
    inner = batch[0, :, :, :scaled_width]
    np.multiply(scaled.transpose(2, 0, 1), np.float32(1 / 127.5), out=inner)
    inner -= 1.0
    return batch, scaled_width / padded_width


def scaled_line_width(image: BgrImage, stretch: float = 1.0) -> int:
    """Return the width of a line image at height 48, in pixels; see `prepare_line`."""
    height, width = image.shape[:2]
    wanted: int = math.ceil(LINE_HEIGHT * stretch * width / height)
    return min(MAX_WIDTH, max(1, wanted))


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
