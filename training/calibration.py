# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fit the calibrations that the package brings for the heads of the default network.

Usage: python training/calibration.py LINES FONTS [--model ONNX] [--output JSON]

LINES holds the folders ``blackletter-lines``, ``earlyprint-lines`` and ``greek-lines``, each with
``lines.tsv`` and its images; FONTS holds two folders of fonts, ``roman`` and ``typewriter``. Half
of the scanned roman lines stay as they are, all others are degraded (``augment.py``). Of all that
is fitted, no line is from the pages of docs/quality.md. The same lines, fonts and releases of the
libraries give the same file. It also prints the exponent by which the characters of a word are
right together, see `BOND`.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from augment import Gray, degrade
from blackletter import MODEL, ROOT
from rehearsal import TEXTS
from render import draw_line, read_faces

from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.loading.heads import AUTO
from ocrd_rapid.ocr.recognition.calibration import Calibration
from ocrd_rapid.ocr.recognition.recognizer import BASE
from ocrd_rapid.pixels import grey_of, to_bgr
from ocrd_rapid.resmgr.integrity import sha256_of
from ocrd_rapid.training.alphabet import normalize
from ocrd_rapid.training.calibrate import fit_calibration, judge_lines
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.session import prepare
from ocrd_rapid.workspace.decoding import open_image

OUTPUT = ROOT / "ocrd_rapid/loading/calibrations.json"

SEED = 7
THREADS = 2
#: A work among the Greek lines whose German is in black letter.
GERMAN = "Wecklein1894"
#: Every which line is taken.
BLACK, EARLY = 5, 6
#: Lines that are set.
SET = {"roman": 500, "typewriter": 300}


@dataclass(frozen=True)
class Line:
    """A line: image (grey), text, and whether it is degraded."""

    image: Gray
    text: str
    worse: bool


def scanned(folder: Path, step: int, *, black: bool) -> list[Line]:
    """Return every ``step``-th line of a folder; roman ones only if they are in Latin letters."""
    with (folder / "lines.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not black:
        # Older prints have signs that no head can write.
        rows = [row for row in rows if row.get("century", "17e") in ("17e", "18e")]
        rows = [row for row in rows if row["work"] != GERMAN and _is_latin(row["text"])]
    return [
        Line(
            np.array(grey_of(to_bgr(open_image(folder / row["file"])))),
            normalize(row["text"]),
            black or number % 2 == 0,
        )
        for number, row in enumerate(rows[::step])
    ]


def _is_latin(text: str) -> bool:
    return len(text) > 2 and all(sign < "\u0250" or sign in "“”‘’—–…„⸗" for sign in text)


def set_in(faces: Path, count: int, words: Sequence[str], seed: int) -> list[Line]:
    """Return lines of words, set in the fonts of a folder."""
    chance = random.Random(seed)
    fonts = read_faces(faces)
    lines: list[Line] = []
    while len(lines) < count:
        font = chance.choice(fonts)
        drawn = [chance.choice(words) for _ in range(chance.randint(2, 9))]
        parts = [(word, font) for word in drawn if font.can_set(word)]
        if parts:
            text = " ".join(word for word, _ in parts)
            lines.append(Line(draw_line(parts, chance), text, True))
    return lines


class Material:
    """Features of lines of both kinds: black letter, and roman type with typescript."""

    def __init__(self, lines: Path, fonts: Path, model: Path) -> None:
        """Read, set and degrade lines, and compute; this takes minutes."""
        black = scanned(lines / "blackletter-lines", BLACK, black=True)
        words = [word for text in TEXTS for word in normalize(text).split()]
        words += [w.replace("ſ", "s") for line in black for w in line.text.split()]
        words = [word for word in words if "\u0364" not in word]
        roman = [
            *scanned(lines / "greek-lines", 1, black=False),
            *scanned(lines / "earlyprint-lines", EARLY, black=False),
        ]
        for number, (folder, count) in enumerate(SET.items()):
            roman += set_in(fonts / folder, count, words, SEED + number)
        extractor = FeatureExtractor(model, THREADS)
        every = [*black, *roman]
        images = [_degraded(number, every) for number in range(len(every))]
        features = extractor.extract(images, _progress)
        known = [
            TrainingLine(values, line.text) for values, line in zip(features, every, strict=True)
        ]
        self.black, self.roman = known[: len(black)], known[len(black) :]


def _degraded(number: int, lines: Sequence[Line]) -> Gray:
    line, rng = lines[number], np.random.default_rng([SEED, number])
    image = line.image
    if line.worse:
        image = degrade(image, lines[int(rng.integers(len(lines)))].image, rng)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))


def _progress(done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        print(f"features: {done} of {total}", file=sys.stderr)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("fonts", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    try:
        setting = prepare(str(arguments.model), AUTO, THREADS)
        heads = {head.name: head for head in setting.starts if head.name}
        material = Material(arguments.lines, arguments.fonts, arguments.model)
        judged = {
            "latin": judge_lines(material.roman, heads["latin"]),
            "blackletter": judge_lines(material.black, heads["blackletter"]),
        }
        fitted = {name: fit_calibration(lines, Calibration()) for name, lines in judged.items()}
        # The own layer has the classes of the head that stands for it, and many more.
        fitted[BASE] = fitted["latin"]
        network = {
            "model": arguments.model.name,
            "sha256": sha256_of(arguments.model),
            "heads": {name: each.as_dict() for name, each in sorted(fitted.items())},
        }
        text = json.dumps({"networks": [network]}, indent=1) + "\n"
        arguments.output.write_text(text, encoding="utf-8")
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"calibration: {error}") from error


if __name__ == "__main__":
    main()
