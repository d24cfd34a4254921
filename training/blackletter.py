# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Train the head for black letter that the package ships.

Usage: python training/blackletter.py LINES FONTS [--model ONNX] [--output NPZ] [--validate]

LINES holds ``lines.tsv`` (file, work, year, text) and the line images; FONTS holds two folders of
fonts, ``blackletter`` and ``roman``; docs/models/blackletter.md says where both come from. The
same lines, fonts and releases of the libraries give the same bytes. With ``--validate`` no head
is written: five heads are trained, each without a fifth of the works, and read just these.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from augment import Gray, degrade
from printed_lines import read_image, read_rows
from render import read_faces, set_lines

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.inference.derive import own_layer
from ocrd_rapid.ocr.recognition.characters import class_characters, keys_from_metadata
from ocrd_rapid.ocr.recognition.head_files import Head, write_head
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.training import ctc, rehearsal
from ocrd_rapid.training.alphabet import extend, normalize
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.optimizer import TrainingOptions
from ocrd_rapid.training.samples import TrainingLine

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "ocrd_rapid/models/ocrd-rapid-recognize/PP-OCRv6_rec_small_blackletter.npz"
MODEL = ROOT / ".models/ocrd-resources/ocrd-rapid-recognize/PP-OCRv6_rec_small.onnx"

SEED = 1
#: Every line is learnt as it is and in so many worse copies.
COPIES = 1
#: Lines set in fonts, and what each counts beside a scanned one.
RENDERED, RENDERED_WEIGHT = 1200, 0.3
#: Torch adds up in another order with another number of threads.
THREADS = 2
FOLDS = 5
OPTIONS = TrainingOptions(
    epochs=6, batch=32, learning_rate=1e-2, pull=0.0, rehearsal=0.0, seed=SEED, device="cpu"
)
#: Mean character errors of `validate`, in per cent, as the header says them.
MEASURED: dict[str, dict[str, float]] = {
    "unseen books": {"own layer": 8.24, "head": 1.63},
    "worse copies of them": {"own layer": 9.92, "head": 2.65},
}
#: Characters that the head has whether or not a line contains them.
_ALWAYS = (
    "".join(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))))
    + "œŒſꝛ⸗—–„“”‚‘’»«›‹†‡…☞"
)
_WITH_E = tuple(letter + "\u0364" for letter in "aouAOU")
_WORD = re.compile(r"[A-Za-zäöüſß]{2,14}[.,;:!?]?")


@dataclass(frozen=True)
class Line:
    """A scanned line: image (grey), text, and the book that it is from."""

    image: Gray
    text: str
    work: str


def read_lines(folder: Path) -> list[Line]:
    """Read the lines; the quotation mark that ends German speech is “, as it is printed."""
    return [
        Line(read_image(folder, row), normalize(row["text"]).replace("”", "“"), row["work"])
        for row in read_rows(folder)
    ]


def worse_copies(images: Sequence[Gray], number: int) -> Iterator[Gray]:
    """Return one degraded copy of every line, the same ones for the same number."""
    for i, image in enumerate(images):
        rng = np.random.default_rng([SEED, number, i])
        yield degrade(image, images[int(rng.integers(len(images)))], rng)


def rendered(lines: Sequence[Line], fonts: Path) -> list[tuple[Gray, str]]:
    """Return lines set in fonts, degraded like the scanned ones.

    Raises:
        InputError: there are no fonts.
    """
    black, roman = read_faces(fonts / "blackletter"), read_faces(fonts / "roman")
    if not black or not roman:
        raise InputError(
            f"{fonts} has no fonts in its folders blackletter and roman;"
            " docs/models/blackletter.md says which"
        )
    found = {word for line in lines for word in line.text.split()}
    # A round s within a word is the slip of a transcriber.
    words = sorted(w for w in found if _WORD.fullmatch(w) and not re.search("s[a-z]", w))
    drawn = set_lines(RENDERED, words, black, roman, SEED)
    copies = worse_copies([image for image, _ in drawn], 1000)
    return [(copy, text) for copy, (_, text) in zip(copies, drawn, strict=True)]


def base_head(model: Path) -> Head:
    """Return the layer that the network was trained with."""
    import onnx

    metadata = {entry.key: entry.value for entry in onnx.load(str(model)).metadata_props}
    layer = own_layer(model)
    characters = class_characters(keys_from_metadata(metadata) or [], len(layer.bias))
    return Head("base", sha256_of(model), characters, layer)


def alphabet(base: Head, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the characters of the head: those of black-letter print and those of the texts."""
    wanted = set(_ALWAYS) | {sign for text in texts for sign in text if sign != "\u0364"}
    known = [sign for sign in dict.fromkeys(base.characters) if sign in wanted]
    return ("", *known, *sorted(wanted - set(known)), *_WITH_E)


def fold_of(lines: Sequence[Line]) -> list[int]:
    """Return for every line the fold that its book was drawn into."""
    works = sorted({line.work for line in lines})
    random.Random(SEED).shuffle(works)
    numbers = {work: i % FOLDS for i, work in enumerate(works)}
    return [numbers[line.work] for line in lines]


class Material:
    """All lines as features; the extractor keeps them in the user's cache."""

    def __init__(self, lines: Sequence[Line], fonts: Path, model: Path) -> None:
        """Degrade, render, and compute the features; this takes minutes."""
        #: Roman type, only read to see what the head makes of it.
        self.roman = rehearsal.load(rehearsal.bundled(), sha256_of(model))
        images = [line.image for line in lines]
        drawn = rendered(lines, fonts)
        self._extractor = FeatureExtractor(model, THREADS)
        self.clean = self._features(images, lines)
        self.worse = [
            self._features(list(worse_copies(images, number)), lines)
            for number in range(1, COPIES + 1)
        ]
        self.rendered = [
            replace(line, weight=RENDERED_WEIGHT)
            for line in self._features(
                [image for image, _ in drawn], [Line(image, text, "") for image, text in drawn]
            )
        ]

    def _features(self, images: Sequence[Gray], lines: Sequence[Line]) -> list[TrainingLine]:
        colour = [cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) for image in images]
        found = self._extractor.extract(colour, _progress)
        return [
            TrainingLine(features, line.text, line.work)
            for features, line in zip(found, lines, strict=True)
        ]

    def training_lines(self, without: set[str] | None = None) -> list[TrainingLine]:
        """Return what is learnt from; the works in ``without`` are left out."""
        every = [*self.clean, *(line for copy in self.worse for line in copy), *self.rendered]
        return [line for line in every if line.document not in (without or set())]


def _progress(done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        print(f"features: {done} of {total}", file=sys.stderr)


def train(material: Material, base: Head, without: set[str] | None = None) -> Head:
    """Return a head for black letter."""
    lines = material.training_lines(without)
    start = extend(base, alphabet(base, [line.text for line in lines]))
    # Roman type is not rehearsed: another head reads it, and a head that is unsure of it is told
    # apart more easily.
    data = ctc.TrainingData(lines, guard=material.roman.guard)
    return ctc.train(start, data, OPTIONS, on_epoch=_report).head


def _report(epoch: ctc.Epoch, _: ctc.TrainingState) -> None:
    print(
        f"epoch {epoch.number}: loss {epoch.loss:.4f}, roman type {100 * epoch.guard:.2f} %",
        file=sys.stderr,
    )


def validate(material: Material, lines: Sequence[Line], base: Head) -> None:
    """Print the character errors of books that were not learnt from, in per cent."""
    folds = fold_of(lines)
    print("works        lines  clean: base   head  degraded: base   head")
    for fold in range(FOLDS):
        left = [i for i, number in enumerate(folds) if number == fold]
        works = {lines[i].work for i in left}
        head = train(material, base, works)
        figures = []
        for source in (material.clean, material.worse[0]):
            part = [source[i] for i in left]
            figures += [100 * ctc.error_rate(part, each) for each in (base, head)]
        print(
            f"fold {fold} ({len(works):2}) {len(left):6} {figures[0]:12.2f} {figures[1]:6.2f}"
            f" {figures[2]:15.2f} {figures[3]:6.2f}",
            flush=True,
        )


def describe(head: Head, lines: Sequence[Line]) -> Head:
    """Return the head with what is known of it."""
    header = {
        "languages": ["deu"],
        "script": "Latf",
        "font_family": "Fraktur",
        "licence": "CC BY 4.0",
        "attribution": "archiscribe-corpus contributors (https://github.com/jbaiter/"
        "archiscribe-corpus), images from Google Books and the Internet Archive",
        "training": {
            "script": "training/blackletter.py",
            "seed": SEED,
            "lines": len(lines),
            "works": len({line.work for line in lines}),
            "degraded copies": COPIES,
            "rendered lines": RENDERED,
            "epochs": OPTIONS.epochs,
        },
        "umlauts": "modern",
        "measured": MEASURED,
    }
    return replace(head, name="blackletter", automatic=True, header=header)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--validate", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    try:
        lines, base = read_lines(arguments.lines), base_head(arguments.model)
        material = Material(lines, arguments.fonts, arguments.model)
        if arguments.validate:
            validate(material, lines, base)
        else:
            write_head(describe(train(material, base), lines), arguments.output)
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"blackletter: {error}") from error


if __name__ == "__main__":
    main()
