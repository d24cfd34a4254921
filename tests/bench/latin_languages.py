# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Measure the errors of heads in every language of Latin script, on lines that are drawn.

Usage: PYTHONPATH=training python tests/bench/latin_languages.py PACKAGES HEAD.npz... [--lines N]

PACKAGES is a folder of unpacked packages, see docs/models/scripts.md. Fonts and sentences are those
to judge by (``script_pages.py``, ``script_sentences.py``): half of the lines of a language are
prose, half are rows of words that have all of its letters with marks. Lines look like good scans.
The same packages and releases of the libraries give the same lines.
"""

from __future__ import annotations

import argparse
import random
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from drawing import Cast, draw_words, soften
from rapidfuzz.distance import Levenshtein
from script_fonts import Face, read_faces
from script_pages import Library
from script_sentences import LANGUAGES
from script_texts import word_of

from ocrd_rapid.ocr.recognition.head_files import Head, read_head
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.training.ctc import read_line
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.samples import TrainingLine

#: Characters of a line at most.
_LENGTH = 52
#: Rows of words have many commas, sentences few.
_COMMAS = 4
#: Tries to find a font that has all letters of a line.
_TRIES = 60
#: Misread letters that are named.
_NAMED = 8


@dataclass(frozen=True)
class Drawn:
    """A line: its image, its text, and whether it is prose."""

    image: BgrImage
    text: str
    prose: bool


def lines_of(text: str) -> list[str]:
    """Return the lines that a text breaks into."""
    return textwrap.wrap(
        " ".join(text.split()), _LENGTH, break_long_words=False, break_on_hyphens=False
    )


def draw(library: Library, code: str, count: int) -> list[Drawn]:
    """Return lines of a language, each in another font."""
    chance = random.Random(code)
    families = library.families("latin")
    prose: list[str] = []
    rows: list[str] = []
    for sentence in library.sentences(code):
        kind = rows if sentence.count(", ") > _COMMAS else prose
        kind += lines_of(sentence)
    found = []
    for texts in (prose, rows or prose[count:]):
        for text in chance.sample(texts, min(len(texts), count // 2)):
            image = _drawn(text, families, chance)
            if image is not None:
                found.append(Drawn(image, text, texts is prose))
    return found


def _drawn(text: str, families: Sequence[Sequence[Face]], chance: random.Random) -> BgrImage | None:
    words = [word_of(word) for word in text.split()]
    for _ in range(_TRIES):
        face = chance.choice(chance.choice(families))
        line = draw_words(words, "Latn", Cast(face, face), chance)
        if line is not None:
            image = soften(line, np.random.default_rng(chance.randrange(1 << 30))).image
            return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    return None


def judge(code: str, lines: Sequence[TrainingLine], kinds: Sequence[bool], head: Head) -> str:
    """Return a row: errors of prose and of rows in per cent, and what is misread most often."""
    wrong, total = Counter[bool](), Counter[bool]()
    misread: Counter[str] = Counter()
    for line, prose in zip(lines, kinds, strict=True):
        read = read_line(line, head)
        wrong[prose] += Levenshtein.distance(line.text, read)
        total[prose] += len(line.text)
        for step in Levenshtein.editops(line.text, read):
            printed = "∅" if step.tag == "insert" else line.text[step.src_pos]
            found = "∅" if step.tag == "delete" else read[step.dest_pos]
            misread[f"{printed}→{found}"] += 1
    errors = [100 * wrong[kind] / total[kind] if total[kind] else 0.0 for kind in (True, False)]
    errors.append(100 * wrong.total() / total.total())
    named = ", ".join(f"{name} {count}" for name, count in misread.most_common(_NAMED))
    figures = " | ".join(f"{error:.2f}" for error in errors)
    return f"| {code} | {head.name} | {total.total()} | {figures} | {named} |"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("heads", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=40, help="of a language")
    parser.add_argument("--languages", help="codes, separated by commas; by default all")
    parser.add_argument("--engine", default="onnxruntime")
    arguments = parser.parse_args()
    latin = [code for code, judged in LANGUAGES.items() if judged.writing == "latin"]
    codes = arguments.languages.split(",") if arguments.languages else latin
    library = Library(arguments.packages, read_faces(arguments.packages))
    heads = [read_head(path) for path in arguments.heads]
    extractor = FeatureExtractor(arguments.model, 1, engine=arguments.engine)
    print("| language | head | characters | prose % | rows % | both % | printed→read |")
    print("|---|---|---|---|---|---|---|")
    for code in codes:
        drawn = draw(library, code, arguments.lines)
        features = extractor.extract([line.image for line in drawn])
        lines = [TrainingLine(f, line.text) for f, line in zip(features, drawn, strict=True)]
        for head in heads:
            print(judge(code, lines, [line.prose for line in drawn], head), flush=True)
    print(f"{len(library.families('latin'))} families of fonts", file=sys.stderr)


if __name__ == "__main__":
    main()
