# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Train the head for black letter that the package ships.

Usage: python training/blackletter.py LINES FONTS PACKAGES
                                      [--model ONNX] [--output NPZ] [--validate]

LINES holds ``lines.tsv`` (file, work, year, text) and the line images; FONTS holds two folders of
fonts, ``blackletter`` and ``roman``; PACKAGES is what ``make packages`` fetches, with fonts of
typewriters; docs/models/blackletter.md says where all come from. The same lines, fonts and
releases of the libraries give the same bytes. With ``--validate`` no head is written: five heads
are trained, each without a fifth of the works, and read just these.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from latin_lines import latin_fonts
from latin_texts import read_latin
from packaged_heads import rounded
from printed_lines import read_rows
from render import read_faces, set_lines
from scanned_heads import (
    HEADS,
    MODEL,
    SEED,
    SIGNS,
    Line,
    Material,
    Training,
    base_head,
    read_line,
    worse_copies,
)
from script_fonts import is_fixed_pitch
from script_fonts import read_faces as read_font_files
from script_recipes import SOFT
from scripts import draw_lines

from ocrd_rapid.errors import InputError, OcrdRapidError
from ocrd_rapid.ocr.recognition.head_files import OTHER, Head, write_head
from ocrd_rapid.training import ctc
from ocrd_rapid.training.alphabet import normalize
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.optimizer import TrainingOptions
from ocrd_rapid.training.trainable_layers import Shape

OUTPUT = HEADS / "PP-OCRv6_rec_small_blackletter.npz"

#: Every line is learnt as it is and in so many worse copies.
COPIES = 1
#: Lines set in fonts, and typewritten ones; what each counts beside a scanned one.
RENDERED, TYPEWRITTEN, DRAWN_WEIGHT = 1200, 300, 0.3
_TYPEWRITTEN_SEED = 101
#: Torch adds up in another order with another number of threads.
THREADS = 1
#: Computes features in half the time.
ENGINE = "openvino"
#: A small convolution before the output layer reads a seventh of the errors less than none.
OPTIONS = TrainingOptions(
    epochs=14,
    batch=32,
    learning_rate=3e-3,
    shape=Shape(128, 5),
    dropout=0.2,
    patience=14,
    rehearsal=0.0,
    seed=SEED,
    half=True,
    device="cpu",
)
#: Character errors of the first part of `validate`, in per cent, as the header says them.
MEASURED: dict[str, dict[str, float]] = {
    "unseen books": {"linear head": 1.64, "head": 1.55},
    "worse copies of them": {"linear head": 2.42, "head": 2.07},
}
_WITH_E = tuple(letter + "\u0364" for letter in "aouAOU")
_WORD = re.compile(r"[A-Za-zäöüſß]{2,14}[.,;:!?]?")


def read_lines(folder: Path) -> list[Line]:
    """Read the lines; the quotation mark that ends German speech is “, as it is printed."""
    lines = (read_line(folder, row) for row in read_rows(folder))
    return [replace(line, text=line.text.replace("”", "“")) for line in lines]


def rendered(lines: Sequence[Line], fonts: Path) -> list[Line]:
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
    return [Line(copy, text, "") for copy, (_, text) in zip(copies, drawn, strict=True)]


def typewritten(packages: Path) -> list[Line]:
    """Return lines of a typewriter, whose letters the head does not read.

    A head reads what it has not learnt almost as surely as its own type: it has to learn what is
    like nothing that it reads. Roman type is not that: there are words of it among black letter.
    """
    faces = [face for face in latin_fonts(read_font_files(packages)).learn if is_fixed_pitch(face)]
    drawn = draw_lines(
        read_latin(packages), faces, faces, TYPEWRITTEN, _TYPEWRITTEN_SEED, soft=SOFT
    )
    lines = []
    for line in drawn:
        text = "".join(OTHER if sign.isalpha() else sign for sign in normalize(line.text))
        if all(sign == OTHER or sign < "\u0300" or sign in SIGNS for sign in text):
            lines.append(Line(line.image, text, ""))
    return lines


def alphabet(base: Head, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the characters of the head: those of black-letter print and those of the texts."""
    wanted = {*SIGNS, *(sign for text in texts for sign in text if sign != "\u0364")}
    known = [sign for sign in dict.fromkeys(base.characters) if sign in wanted]
    return ("", *known, *sorted(wanted - set(known)), *_WITH_E)


def validate(training: Training) -> None:
    """Print the character errors of books that were not learnt from, in per cent."""
    material = training.material
    print("works        lines  clean: base   head  degraded: base   head")
    for fold, (head, left) in enumerate(training.unseen()):
        works = {material.clean[i].document for i in left}
        figures = []
        for source in (material.clean, material.worse[0]):
            part = [source[i] for i in left]
            figures += [100 * ctc.error_rate(part, each) for each in (training.base, head)]
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
            "typewritten lines": TYPEWRITTEN,
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
    parser.add_argument("packages", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--validate", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    try:
        lines = read_lines(arguments.lines)
        material = Material(
            lines,
            FeatureExtractor(arguments.model, THREADS, engine=ENGINE),
            copies=COPIES,
            drawn=[*rendered(lines, arguments.fonts), *typewritten(arguments.packages)],
            drawn_weight=DRAWN_WEIGHT,
        )
        training = Training(material, base_head(arguments.model), alphabet, OPTIONS)
        if arguments.validate:
            validate(training)
        else:
            write_head(rounded(describe(training.run(), lines)), arguments.output)
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"blackletter: {error}") from error


if __name__ == "__main__":
    main()
