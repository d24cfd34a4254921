# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Train the head for Latin script that the package ships.

Usage: python training/latin.py LINES FONTS PACKAGES [--model ONNX] [--linear NPZ] [--output NPZ]

It is made in two steps. The first one is a linear head (`latin_signs`): the network's own classes
of Latin script, and signs that it lacks. The second one adds letters with marks, and a correction
of those that it misreads (`latin_marks`). LINES holds the folders ``blackletter-lines`` and
``earlyprint-lines``, FONTS the fonts of the first step, PACKAGES unpacked packages with fonts and
texts for the second one; docs/models/latin.md says where they come from. The same material and
releases of the libraries on the same kind of processor give the same bytes. With ``--validate`` no
head is written: the first step is done without the fonts whose names begin so, and its result reads
just these.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import latin_marks
import latin_signs
import torch
from latin_lines import LatinLines
from latin_texts import letters_of
from packaged_heads import rounded
from scanned_heads import HEADS, MODEL
from scripts import designs

from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head
from ocrd_rapid.ocr.recognition.line_model import BASE

OUTPUT = HEADS / "PP-OCRv6_rec_small_latin.npz"


def describe(head: Head, lines: LatinLines) -> Head:
    """Return the head with what is known of it."""
    header = {
        "languages": ["mul"],
        "script": "Latn",
        "licence": "CC-BY-4.0",
        "attribution": "PaddlePaddle Authors (PP-OCRv6, whose weights most are);"
        " archiscribe-corpus contributors, Gallicorpora contributors (lines, CC BY 4.0);"
        " texts: translators of Debian packages",
        "training": {
            "script": "training/latin.py",
            "seed": latin_marks.SEED,
            "trained classes": [*latin_signs.SIGNS, "other scripts", "letters with marks"],
            "drawn lines": len(lines.learn),
            "lines to be read as before": len(lines.rehearsal),
            "epochs": latin_marks.EPOCHS,
            "learnt": designs(lines.fonts.learn),
            "chosen by": designs(lines.fonts.choose),
            "judged by": designs(lines.fonts.judge),
        },
    }
    return replace(head, name="latin", automatic=True, stands_for=BASE, header=header)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument(
        "--linear", type=Path, metavar="NPZ", help="result of the first step, made before"
    )
    parser.add_argument("--validate", metavar="FONT", action="append", default=[])
    arguments = parser.parse_args()
    try:
        if arguments.linear:
            linear = read_head(arguments.linear)
        else:
            torch.set_num_threads(latin_signs.THREADS)
            black = arguments.lines / "blackletter-lines"
            material = latin_signs.Material(black, arguments.fonts, arguments.model)
            for font in arguments.validate:
                latin_signs.validate(material, font)
            if arguments.validate:
                return
            linear = latin_signs.train(
                material.base, material.kept, material.lines, material.strange
            )
        lines = LatinLines(arguments.lines, arguments.packages, arguments.model)
        letters = letters_of(lines.composer)
        head = latin_marks.train(linear, letters, lines.learn, lines.rehearsal, lines.choose)
        write_head(rounded(describe(head, lines)), arguments.output)
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"latin: {error}") from error


if __name__ == "__main__":
    main()
