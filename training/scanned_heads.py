# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Heads that are learnt from scanned lines of books: what all of their trainings share.

Books, not lines, are told apart: what is judged on unseen lines is judged on books of which no line
was learnt.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from augment import Gray, degrade
from printed_lines import Row, read_image

from ocrd_rapid.inference.derive import own_layer
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.inference.modelfile import read_metadata
from ocrd_rapid.ocr.recognition.characters import class_characters, keys_from_metadata
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.training import ctc, rehearsal
from ocrd_rapid.training.alphabet import extend, normalize
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.optimizer import TrainingOptions
from ocrd_rapid.training.samples import TrainingLine

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / ".models/ocrd-resources/ocrd-rapid-recognize/PP-OCRv6_rec_small.onnx"
#: The folder of the heads that the package ships.
HEADS = ROOT / "ocrd_rapid/models/ocrd-rapid-recognize"

SEED = 1
#: Parts that the books are drawn into.
FOLDS = 5
#: Signs of print that a head has whether or not a line contains them.
SIGNS = (
    "".join(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))))
    + "œŒſꝛ⸗—–„“”‚‘’»«›‹†‡…☞"
)


@dataclass(frozen=True)
class Line:
    """A line: image (grey), text, and the book that it is from; empty for none."""

    image: Gray
    text: str
    work: str


def read_line(folder: Path, row: Row) -> Line:
    """Return a line of a folder by its row; its text is normalized."""
    return Line(read_image(folder, row), normalize(row["text"]), row["work"])


def worse_copies(images: Sequence[Gray], number: int) -> Iterator[Gray]:
    """Return one degraded copy of every line, the same ones for the same number."""
    for i, image in enumerate(images):
        rng = np.random.default_rng([SEED, number, i])
        yield degrade(image, images[int(rng.integers(len(images)))], rng)


def base_head(model: Path) -> Head:
    """Return the layer that the network was trained with."""
    layer = own_layer(model)
    characters = class_characters(keys_from_metadata(read_metadata(model)) or [], len(layer.bias))
    return Head("base", features_identity(model), characters, layer)


class Material:
    """All lines as features; the extractor keeps them in the user's cache.

    Attributes:
        clean: the lines as they are.
        worse: their degraded copies, one list for each.
        drawn: lines of no book.
        roman: roman type, only read to see what a head makes of it.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        extractor: FeatureExtractor,
        *,
        copies: int,
        drawn: Sequence[Line] = (),
        drawn_weight: float = 1.0,
    ) -> None:
        """Degrade and compute the features; this takes minutes.

        Args:
            lines: the lines of books.
            extractor: computes the features.
            copies: number of degraded copies of every line.
            drawn: lines of no book; they are not degraded.
            drawn_weight: what each of these counts beside one of a book.
        """
        self._extractor = extractor
        self.roman = rehearsal.load(rehearsal.bundled(), extractor.backbone)
        images = [line.image for line in lines]
        self.clean = self._features(images, lines)
        self.worse = [
            self._features(list(worse_copies(images, number)), lines)
            for number in range(1, copies + 1)
        ]
        self.drawn = [
            replace(line, weight=drawn_weight)
            for line in self._features([line.image for line in drawn], drawn)
        ]

    def _features(self, images: Sequence[Gray], lines: Sequence[Line]) -> list[TrainingLine]:
        colour = [cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) for image in images]
        found = self._extractor.extract(colour, _progress)
        return [
            TrainingLine(features, line.text, line.work)
            for features, line in zip(found, lines, strict=True)
        ]

    def training_lines(self, without: frozenset[str] = frozenset()) -> list[TrainingLine]:
        """Return what is learnt from; the works in ``without`` are left out."""
        every = [*self.clean, *(line for copy in self.worse for line in copy), *self.drawn]
        return [line for line in every if line.document not in without]


def _progress(done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        print(f"features: {done} of {total}", file=sys.stderr)


@dataclass(frozen=True)
class Training:
    """A way to train a head.

    Attributes:
        material: the lines.
        base: the head where training begins.
        alphabet: returns the characters of the new head, by that one and the texts to be learnt.
        options: how to train.
    """

    material: Material
    base: Head
    alphabet: Callable[[Head, Sequence[str]], tuple[str, ...]]
    options: TrainingOptions

    def run(self, without: frozenset[str] = frozenset()) -> Head:
        """Return a head trained without some works.

        Roman type is not rehearsed: another head reads it, and a head that is unsure of it is told
        apart more easily.
        """
        lines = self.material.training_lines(without)
        start = extend(self.base, self.alphabet(self.base, [line.text for line in lines]))
        data = ctc.TrainingData(lines, guard=self.material.roman.guard)
        return ctc.train(start, data, self.options, on_epoch=_report).head

    def unseen(self) -> Iterator[tuple[Head, list[int]]]:
        """Yield a head for every fold of the works, and the places of the lines of that fold.

        The head has learnt no line of these works.
        """
        works = [line.document for line in self.material.clean]
        folds = folds_of(works)
        for fold in range(FOLDS):
            left = [place for place, work in enumerate(works) if folds[work] == fold]
            yield self.run(frozenset(works[place] for place in left)), left


def folds_of(works: Sequence[str]) -> Mapping[str, int]:
    """Return for every work the fold that it is drawn into."""
    every = sorted(set(works))
    random.Random(SEED).shuffle(every)
    return {work: i % FOLDS for i, work in enumerate(every)}


def _report(epoch: ctc.Epoch, _: ctc.TrainingState) -> None:
    print(
        f"epoch {epoch.number}: loss {epoch.loss:.4f}, roman type {100 * epoch.guard:.2f} %",
        file=sys.stderr,
    )
