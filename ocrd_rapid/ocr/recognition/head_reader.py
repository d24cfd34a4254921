# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Read one line, or a part of it, with the heads that read every line, and with further ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from ...inference.model import FloatArray
from ...languages.scripts import LATIN
from ...pixels import BgrImage
from .ctc_decoding import Decoder, RecognizedLine, ScriptRun
from .head_files import OTHER
from .line_input import prepare_line
from .line_model import LaterLayer, LineModel
from .line_readings import (
    EVERY_LINE,
    WHOLE_LAYER,
    FirstReading,
    LineFeatures,
    LineReadings,
    has_others,
    parts_of,
)
from .pieces import WIDTH_BUCKET, read_in_pieces
from .script_choice import PieceScores, score_pieces
from .script_reading import runs_together
from .unread_ink import ColumnFacts, far_columns, ink_of_batch
from .word_crops import Crop, closed_up, crops_of, cut_at_spaces
from .word_scripts import SeenScripts, is_clearly_better, rivals, settle_words, words_of


class HeadReader:
    """What reads lines with a network and its heads."""

    def __init__(self, model: LineModel, bucket: int = WIDTH_BUCKET) -> None:
        """Take a model; for ``bucket`` see `Recognizer`."""
        self.model = model
        self.heads = model.heads
        self._bucket = bucket
        # Where the classes of every head end in the output of the model.
        self._ends = list(accumulate((len(head.characters) for head in model.heads), initial=0))

    def first(self, image: BgrImage, alternatives: int, *, again: bool = False) -> FirstReading:
        """Return the readings of a line by the heads that read every line.

        Args:
            image: the line.
            alternatives: see `Recognizer.recognize`.
            again: whether other layers will read its features; otherwise they are kept if that is
                likely.
        """
        found = {
            stretch: self._read_at(stretch, image, alternatives, again)
            for stretch in dict.fromkeys(head.stretch for head in self.heads)
        }
        first = found[self.heads[0].stretch]
        if len(found) == 1:
            return first
        waiting = {stretch: zip(f.lines, f.facts, strict=True) for stretch, f in found.items()}
        lines, facts = zip(*(next(waiting[head.stretch]) for head in self.heads), strict=True)
        return replace(first, lines=lines, facts=facts)

    def _read_at(
        self, stretch: float, image: BgrImage, alternatives: int, again: bool
    ) -> FirstReading:
        """Return the readings of a line by the heads with a stretch."""
        batch, share = prepare_line(image, self._bucket, stretch)
        own = [
            (head, Decoder(head.characters, alternatives, head.calibration), begin, end)
            for head, (begin, end) in zip(self.heads, pairwise(self._ends), strict=True)
            if head.stretch == stretch
        ]
        blanks: list[FloatArray] = []
        rest: list[FloatArray] = []
        for part in read_in_pieces(self.model.probabilities, batch, self._ends[-1]):
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
        features, pieces = self._split(rest, share)
        scripts = self.model.scripts
        likely = again or any(
            head.stands_for and OTHER in line.text
            for line, (head, *_) in zip(lines, own, strict=True)
        )
        if pieces is not None and scripts is not None:
            best = set(pieces.scores.argmax(axis=1).tolist())
            likely = likely or any(scripts.scripts[number] != LATIN for number in best)
        kept = {stretch: LineFeatures(features, share)} if likely else {}
        return FirstReading(lines, facts, sum(map(len, rest)) * share, pieces, kept)

    def _split(
        self, rest: Sequence[FloatArray], share: float
    ) -> tuple[tuple[FloatArray, ...], PieceScores | None]:
        """Return the features, and the scores of scripts, of the output behind the heads.

        What networks see in padding is of no script.
        """
        scripts = self.model.scripts
        if scripts is None:
            return tuple(rest), None
        count = 1 + len(scripts.scripts)
        classes = np.concatenate([part[:, :count] for part in rest])
        pieces = score_pieces(classes[: math.ceil(len(classes) * share)])
        return tuple(part[:, count:] for part in rest), pieces

    def mainly(
        self,
        image: BgrImage,
        first: FirstReading,
        runs: Sequence[ScriptRun],
        alternatives: int,
        usual: str,
    ) -> LineReadings:
        """Return a line with the readings of what reads most of it.

        Args:
            image: the line.
            first: what was read first.
            runs: its scripts, as far as columns tell them.
            alternatives: see `Recognizer.recognize`.
            usual: the script of most of the page; where most of the line is of another one and
                neither is Latin, it is that of those words if its head reads them clearly better.
        """
        main = self.main_reader(runs)
        line = self._read_mainly(image, first, runs, alternatives)
        if main in (EVERY_LINE, usual) or self._reader(usual) in (EVERY_LINE, main):
            return line
        own = [run for run in runs if self._reader(run.script) == main]
        changed = [replace(run, script=usual) if run in own else run for run in runs]
        other = self._read_mainly(image, first, runs_together(changed), alternatives)
        by_usual = other.later[self._reader(usual)][0]
        is_better = is_clearly_better(by_usual, line.later[main][0], own, first.width)
        return other if is_better else line

    def _read_mainly(
        self, image: BgrImage, first: FirstReading, runs: Sequence[ScriptRun], alternatives: int
    ) -> LineReadings:
        """Return a line with the readings of what reads most of it, see `mainly`."""
        parts = parts_of(runs, [self._reader(run.script) for run in runs])
        line = LineReadings(first.lines, first.facts, tuple(runs), parts)
        return self._completed(line, {self.main_reader(runs)}, image, first, alternatives)

    def main_reader(self, runs: Sequence[ScriptRun]) -> str:
        """Return what reads most of a line, see `EVERY_LINE`."""
        columns: Counter[str] = Counter({EVERY_LINE: 0})
        for run in runs:
            if run.is_read:
                columns[self._reader(run.script)] += run.columns
        return columns.most_common(1)[0][0]

    def words(
        self,
        image: BgrImage,
        first: FirstReading,
        line: LineReadings,
        seen: SeenScripts,
    ) -> tuple[ScriptRun, ...]:
        """Return the words of a line with their scripts; none if nothing tells scripts.

        For the arguments see `crops`.
        """
        if first.pieces is None:
            return ()
        words = words_of(line.runs, first.pieces, first.width)
        if len(seen.page) < 2:
            return words
        words = closed_up(words, image)
        main = self.main_reader(line.runs)
        return cut_at_spaces(words, line.later[main][0]) if main else words

    def crops(
        self,
        image: BgrImage,
        first: FirstReading,
        line: LineReadings,
        words: Sequence[ScriptRun],
        seen: SeenScripts,
        head: str,
    ) -> tuple[Crop, ...]:
        """Return the parts of a line that are read alone.

        They are what the reader of most of the line does not read, and what others may read better.

        Args:
            image: the line.
            first: what was read first.
            line: with the readings of `mainly`.
            words: its words.
            seen: the scripts around it.
            head: the name of the head that is chosen among those that read every line.
        """
        main = self.main_reader(line.runs)
        reading = self.reading_by_most(first, line, head)
        chosen = {}
        for index, word in enumerate(words):
            if not word.is_read:
                # Latin heads are sure of letters of any script.
                if others := seen.page - {LATIN}:
                    chosen[index] = others
            elif word.script in seen.rare:
                chosen[index] = seen.with_latin
            elif self._is_foreign(word, main):
                chosen[index] = seen.region
            elif others := rivals(reading, word, first.width, seen):
                chosen[index] = others
        return crops_of(words, chosen, image)

    def _is_foreign(self, word: ScriptRun, main: str) -> bool:
        return not word.is_read or self._reader(word.script) != main

    def adds(
        self,
        crop: Crop,
        read: RecognizedLine,
        line: RecognizedLine,
        width: float,
        main: str,
        rare: Collection[str],
    ) -> bool:
        """Return whether a part read alone is better than the reading of its line.

        Args:
            crop: the part.
            read: its reading, with places on the line.
            line: the reading of the line by what reads most of it.
            width: number of columns of the line that are image and not padding.
            main: what reads most of the line.
            rare: scripts that words only seemed to be of, unless they are read so.
        """
        told = [word for word in crop.words if word.script not in rare]
        return any(self._is_foreign(run, main) for run in (*told, *read.runs)) or (
            is_clearly_better(read, line, crop.words, width)
        )

    def reading_by_most(self, first: FirstReading, line: LineReadings, head: str) -> RecognizedLine:
        """Return the reading of a line by what reads most of it, for ``head`` see `crops`."""
        main = self.main_reader(line.runs)
        return line.later[main][0] if main else _by_head(first.lines, head)

    def alone(
        self,
        image: BgrImage,
        crop: Crop,
        whole: FirstReading,
        seen: SeenScripts,
        head: str,
        alternatives: int,
    ) -> LineReadings:
        """Return a part of a line whose words are of the scripts whose heads read them best.

        Args:
            image: the part.
            crop: its words.
            whole: what was read first in the whole line.
            seen: the scripts around it.
            head: see `crops`.
            alternatives: see `Recognizer.recognize`.
        """
        first = whole if crop.is_whole else self.first(image, alternatives, again=True)
        at = first.lines.index(_by_head(first.lines, head))
        first = replace(first, lines=first.lines[at : at + 1], facts=first.facts[at : at + 1])
        words = crop.own_words
        scripts = self.model.scripts
        layers = scripts.layers if scripts else {}
        later = {
            script: self._read_later(script, image, first, alternatives)
            for script in sorted({words[0].script, *crop.rivals})
            if script in layers
        }
        readings = later
        if LATIN in (words[0].script, *crop.rivals):
            readings = {**later, LATIN: first.lines}
        runs = settle_words(words, first.width, readings, seen)
        parts = parts_of(runs, [self._reader(run.script) for run in runs])
        line = LineReadings(first.lines, first.facts, runs, parts, later)
        readers = {part.reader for part in parts}
        return self._completed(line, readers, image, first, alternatives)

    def _completed(
        self,
        line: LineReadings,
        readers: Collection[str],
        image: BgrImage,
        first: FirstReading,
        alternatives: int,
    ) -> LineReadings:
        """Return a line with further readings, the whole layer's for those that lack signs."""
        stand_in = {head.name: bool(head.stands_for) for head in self.heads}
        lacking = [
            bool(self.model.whole) and stand_in[found.head] and has_others(found, line.parts)
            for found in line.every
        ]
        wanted = {*readers, *([WHOLE_LAYER] if any(lacking) else [])} - {EVERY_LINE, *line.later}
        found = {r: self._read_later(r, image, first, alternatives) for r in sorted(wanted)}
        if any(lacking):
            [whole] = found[WHOLE_LAYER]
            every = zip(line.every, lacking, strict=True)
            line = replace(line, every=tuple(whole if lacks else own for own, lacks in every))
        return replace(line, later={**line.later, **found})

    def _reader(self, script: str) -> str:
        """Return what reads a script, see `EVERY_LINE`."""
        scripts = self.model.scripts
        if scripts is not None and script in scripts.layers:
            return script
        whole = scripts is not None and self.model.whole and script in scripts.whole
        return WHOLE_LAYER if whole else EVERY_LINE

    def _read_later(
        self, reader: str, image: BgrImage, first: FirstReading, alternatives: int
    ) -> tuple[RecognizedLine, ...]:
        """Return the readings of a line by the layers of a reader."""
        whole, scripts = self.model.whole, self.model.scripts
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
        stretch = layer.head.stretch
        features = first.features.get(stretch)
        if features is None:
            batch, share = prepare_line(image, self._bucket, stretch)
            parts = read_in_pieces(self.model.probabilities, batch, self._ends[-1])
            own, _ = self._split([part[:, self._ends[-1] :].copy() for part in parts], share)
            # Layers of several scripts have the same stretch.
            features = first.features[stretch] = LineFeatures(own, share)
        decoder = Decoder(layer.head.characters, alternatives, layer.head.calibration)
        for part in features.parts:
            decoder.add(layer.model.run(np.ascontiguousarray(part)[None])[0])
        return replace(decoder.line(features.share), head=layer.head.name)


def _by_head(lines: Sequence[RecognizedLine], head: str) -> RecognizedLine:
    """Return the reading of a head, or the first one: the whole layer reads for that, too."""
    return next((line for line in lines if line.head == head), lines[0])
