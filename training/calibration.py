# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Fit the calibrations that the package brings for the heads of the default network.

Usage: python training/calibration.py LINES FONTS [--model ONNX] [--output JSON]

LINES holds the folders ``blackletter-lines``, ``earlyprint-lines`` and ``greek-lines``, each with
``lines.tsv`` and its images; FONTS holds two folders of fonts, ``roman`` and ``typewriter``. Half
of the scanned lines that no head has learnt stay as they are, all others are degraded
(``augment.py``). No line is from the pages of docs/quality.md. The same lines, fonts and releases
of the libraries give the same file. It also prints the exponent by which the characters of a word
are right together, see `ocrd_rapid.ocr.recognition.calibration.BOND`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from augment import Gray, degrade
from blackletter import read_lines
from printed_lines import read_image, read_rows
from rehearsal import TEXTS
from render import draw_line, read_faces
from scanned_heads import MODEL, ROOT

from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.loading.heads import AUTO
from ocrd_rapid.ocr.recognition.calibration import Calibration
from ocrd_rapid.ocr.recognition.line_model import BASE
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.training.alphabet import normalize
from ocrd_rapid.training.calibrate import Judged, fit_calibration, judge_lines
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.session import prepare

OUTPUT = ROOT / "ocrd_rapid/loading/calibrations.json"

SEED = 7
THREADS = 2
#: Every which line is taken of the two larger collections.
BLACK, EARLY = 5, 6
#: A work among the Greek lines whose German is in black letter.
GERMAN = "Wecklein1894"
#: Lines that are set in each folder of fonts.
SET = {"roman": 500, "typewriter": 300}


@dataclass(frozen=True)
class Line:
    """A line: image (grey), text, whether it is black letter, and whether it was trained on."""

    image: Gray
    text: str
    black: bool
    learnt: bool


def scanned(folder: Path, wanted: Callable[[Mapping[str, str]], bool], step: int = 1) -> list[Line]:
    """Return every ``step``-th of the wanted lines of a folder, by their rows in ``lines.tsv``."""
    found = [row for row in read_rows(folder) if _is_latin(row["text"]) and wanted(row)]
    return [
        Line(
            read_image(folder, row),
            normalize(row["text"]),
            row["work"] == GERMAN,
            False,
        )
        for row in found[::step]
    ]


def _is_latin(text: str) -> bool:
    return all(sign < "\u0250" or sign in "“”‘’—–…„⸗" for sign in text)


def set_lines(fonts: Path, words: Sequence[str]) -> Iterator[Line]:
    """Yield lines of words, set in the fonts of the folders of `SET`."""
    chance = random.Random(5)
    for folder, count in SET.items():
        faces, made = read_faces(fonts / folder), 0
        while made < count:
            face = chance.choice(faces)
            drawn = [chance.choice(words) for _ in range(chance.randint(2, 9))]
            parts = [(word, face) for word in drawn if face.can_set(word)]
            if parts:
                image = draw_line(parts, chance)
                yield Line(image, " ".join(word for word, _ in parts), False, True)
                made += 1


def material(folder: Path, fonts: Path) -> list[Line]:
    """Return all lines: black letter, scanned roman type, set roman type and typescript."""
    black = read_lines(folder / "blackletter-lines")
    greek, early = folder / "greek-lines", folder / "earlyprint-lines"
    words = [word for text in TEXTS for word in normalize(text).split()]
    learnt = (word for line in black[::3] for word in line.text.split())
    words += [word.replace("ſ", "s") for word in learnt if "\u0364" not in word]
    return [
        *(Line(line.image, line.text, True, True) for line in black[::BLACK]),
        *scanned(greek, lambda row: row["work"] != GERMAN and len(row["text"]) > 2),
        *scanned(greek, lambda row: row["work"] == GERMAN),
        # Older prints have signs that no head can write.
        *scanned(early, lambda row: row["century"] in ("17e", "18e"), EARLY),
        *set_lines(fonts, words),
    ]


def _degraded(number: int, lines: Sequence[Line]) -> BgrImage:
    """Return a line as worse scans show it; every second one that was never learnt, as it is."""
    line, rng = lines[number], np.random.default_rng([SEED, number])
    image = line.image
    if line.learnt or number % 2 == 0:
        image = degrade(image, lines[int(rng.integers(len(lines)))].image, rng)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)


def _progress(done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        print(f"features: {done} of {total}", file=sys.stderr)


def bond(lines: Iterable[Judged], calibration: Calibration) -> float:
    """Return the exponent of the confidence of a word that makes all words most likely."""
    logarithms, right = [], []
    for judged in lines:
        characters = judged.line.characters
        sure = calibration.right(np.array([c.confidence for c in characters]))
        missing = calibration.missing(np.array([c.missing for c in characters]))
        ends = [i for i, character in enumerate(characters) if character.text == " "]
        for begin, end in pairwise([-1, *ends, len(characters)]):
            around, inside = slice(max(begin, 0), end + 1), slice(begin + 1, end + 1)
            if end - begin < 2 or np.isnan(judged.right[around]).any():
                continue
            logarithms.append(np.log(sure[around]).sum() + np.log1p(-missing[inside]).sum())
            right.append(judged.right[around].all() and not judged.missing[inside].any())
    found, truth = np.array(logarithms), np.array(right)

    def likelihood(exponent: float) -> float:
        together = np.minimum(np.exp(exponent * found), 1 - 1e-9)
        return float(np.log(np.where(truth, together, 1 - together)).sum())

    return max((step / 100 for step in range(20, 151)), key=likelihood)


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
        lines = material(arguments.lines, arguments.fonts)
        images = [_degraded(number, lines) for number in range(len(lines))]
        features = FeatureExtractor(arguments.model, THREADS).extract(images, _progress)
        pairs = list(zip(lines, features, strict=True))
        judged = {
            name: judge_lines(
                [TrainingLine(each, line.text) for line, each in pairs if line.black is black],
                heads[name],
            )
            for name, black in (("latin", False), ("blackletter", True))
        }
        fitted = {name: fit_calibration(lines, Calibration()) for name, lines in judged.items()}
        for name, lines_of_head in judged.items():
            print(f"{name}: bond {bond(lines_of_head, fitted[name]):.2f}", file=sys.stderr)
        # The own layer has the classes of the head that stands for it, and many more.
        fitted[BASE] = fitted["latin"]
        network = {
            "model": arguments.model.name,
            "sha256": features_identity(arguments.model),
            "heads": {name: each.as_dict() for name, each in sorted(fitted.items())},
        }
        text = json.dumps({"networks": [network]}, indent=1) + "\n"
        arguments.output.write_text(text, encoding="utf-8")
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"calibration: {error}") from error


if __name__ == "__main__":
    main()
