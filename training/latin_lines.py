# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The lines from which the head for Latin script learns letters with marks, as features.

Lines that are drawn teach what is new; printed lines and those of other scripts show what has to
stay as it is (`latin_marks`). Nobody's text is needed for the latter: the head as it was before is
the teacher.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from augment import Gray, degrade
from latin_texts import LETTERS, read_latin
from printed_lines import read_image, read_rows
from script_fonts import Division, Face, divide, read_faces
from script_recipes import SOFT
from script_samples import faces_for
from script_texts import Composer, read_language
from scripts import draw_lines
from writings import WRITINGS

from ocrd_rapid.training.alphabet import normalize
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.samples import Features, TrainingLine

SEED = 1
THREADS = 1
#: Lines that are drawn to learn from, and to choose by.
DRAWN, CHOOSE = 8000, 300
#: Folders of printed lines, and which of them are taken: every fourth.
PRINTED, STEP = ("blackletter-lines", "earlyprint-lines"), 4
#: Lines of other scripts, by their names in `WRITINGS`.
OTHERS = {"greek": 120, "cyrillic": 120, "han": 120, "kana": 80, "hangul": 60}


class LatinLines:
    """Lines as features of the network in the file `model`."""

    def __init__(self, lines: Path, packages: Path, model: Path) -> None:
        """Draw the lines and compute; this takes minutes.

        Args:
            lines: a folder with those of `PRINTED`.
            packages: unpacked packages with fonts and texts.
            model: the network.
        """
        faces = read_faces(packages)
        self._extractor = FeatureExtractor(model, THREADS, engine="openvino")
        self.composer = read_latin(packages)
        self.fonts = latin_fonts(faces)
        self.learn = self._drawn(self.fonts.learn, DRAWN, 1)
        self.choose = self._drawn(self.fonts.choose, CHOOSE, 2, natural=True)
        #: What is to be read as before.
        self.rehearsal = self._features(list(self._printed(lines)))
        self.rehearsal += self._of_other_scripts(packages, faces)

    def _drawn(
        self, faces: Sequence[Face], count: int, seed: int, *, natural: bool = False
    ) -> list[TrainingLine]:
        composer = self.composer
        drawn = list(draw_lines(composer, faces, faces, count, seed, soft=SOFT, natural=natural))
        features = self._features([line.image for line in drawn])
        return [
            TrainingLine(each, normalize(line.text), line.design)
            for each, line in zip(features, drawn, strict=True)
        ]

    def _printed(self, folder: Path) -> Iterator[Gray]:
        """Yield printed lines, every second one as a worse scan shows it."""
        images = [image for name in PRINTED for image in read_images(folder / name)]
        for number, image in enumerate(images):
            rng = np.random.default_rng([SEED, number])
            other = images[int(rng.integers(len(images)))]
            yield degrade(image, other, rng) if number % 2 else image

    def _of_other_scripts(self, packages: Path, faces: Sequence[Face]) -> list[Features]:
        found = []
        latin = self.composer.orthographies[0].composer.texts[0].sentences
        for number, (name, count) in enumerate(OTHERS.items()):
            writing = WRITINGS[name]
            texts = [read_language(each, writing, packages) for each in writing.languages]
            composer = Composer(writing, texts, latin)
            able = faces_for(writing.code, faces)
            drawn = draw_lines(composer, able, self.fonts.learn, count, 10 + number, soft=SOFT)
            found += [line.image for line in drawn]
        return self._features(found)

    def _features(self, images: Sequence[Gray]) -> list[Features]:
        colour = [cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) for image in images]
        return self._extractor.extract(colour, _progress)


def latin_fonts(faces: Sequence[Face]) -> Division:
    """Return the fonts of Latin script."""
    return divide(face for face in faces if face.knows("Latn", LETTERS))


def read_images(folder: Path) -> Iterator[Gray]:
    """Yield every `STEP`-th of the printed lines of a folder."""
    for row in read_rows(folder)[::STEP]:
        yield read_image(folder, row)


def _progress(done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        print(f"features: {done} of {total}", file=sys.stderr)
