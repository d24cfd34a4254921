# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Train the head for early prints that the package ships.

Usage: python training/earlyprint.py LINES [--model ONNX] [--output NPZ] [--validate]

LINES holds ``lines.tsv`` (file, work, century, text) and the line images; docs/models/earlyprint.md
says where they come from. Five heads are trained, each without a fifth of the works, and read just
these; then one is trained with all works and written, except with ``--validate``. The same lines
and releases of the libraries give the same bytes.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from packaged_heads import rounded
from printed_lines import Row, read_rows
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
)

from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.evaluation.normalization import characters as graphemes
from ocrd_rapid.ocr.recognition.calibration import Calibration
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head
from ocrd_rapid.training.alphabet import normalize
from ocrd_rapid.training.calibrate import Judged, fit_calibration, judge_lines
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.optimizer import TrainingOptions

#: The head that reads early prints without this one.
OTHER_HEAD = HEADS / "PP-OCRv6_rec_small_latin.npz"
OUTPUT = HEADS / "PP-OCRv6_rec_small_earlyprint.npz"

#: Every line is learnt as it is and in so many worse copies.
COPIES = 1
THREADS = 1
#: Features in bfloat16 cost a fifth of the time, and are as good to learn from.
ENGINE = "openvino"
OPTIONS = TrainingOptions(
    epochs=3, batch=32, learning_rate=1e-2, pull=0.0, rehearsal=0.0, seed=SEED, device="cpu"
)
#: How frequent such types are beside roman type and black letter: pages of many kinds are read by
#: default, and this head reads modern roman type nearly as surely as the one made for it.
FREQUENCY = 0.05
#: What tells such types from others: this head reads hardly any long s in modern print.
TYPICAL_LETTERS = "ſ"
#: Works that are no early prints: reprints of the 19th century, and types of the late 18th, which
#: have no long s. Other heads read them.
LEFT_OUT = frozenset({"bpt6k3041989v", "bpt6k724151", "btv1b8613380t", "btv1b86146004"})
#: A sign that is rarer in all lines is a slip of a transcriber, or cannot be learnt.
LEAST = 3
#: Whose transcripts write every s as s.
ROUND_S = "15e"

#: Signs that transcripts have for others: of one sign of print, of ligatures, and slips.
_SAME = str.maketrans({"¬": "-", "'": "’", "ß": "ſs", "ẞ": "SS", "Ε": "E", "Τ": "T", "\u00a0": " "})
#: A raised s at the end of a word, whose transcripts set it apart.
_RAISED_S = re.compile(" ?\u1de4+")
#: Where printers set a long s: before a letter, a mark or a hyphen, and for a word that is elided.
_LONG_S = re.compile(r"s(?=[^\W\d_]|[\u0300-\u036f]|-$)|(?<!\w)s(?= [aehiouyãẽĩõũ])")


def printed_text(row: Row) -> str:
    """Return the text of a line as it is printed, as far as rules tell.

    Args:
        row: century and text.
    """
    text = _RAISED_S.sub("s", normalize(row["text"])).translate(_SAME)
    if row["century"] == ROUND_S:
        text = _LONG_S.sub("ſ", text)
    return normalize(text)


def read_lines(folder: Path) -> tuple[list[Line], dict[str, str]]:
    """Read the lines, and the centuries of the works."""
    rows = [row for row in read_rows(folder) if row["work"] not in LEFT_OUT]
    lines = [replace(read_line(folder, row), text=printed_text(row)) for row in rows]
    return lines, {row["work"]: row["century"].removesuffix("e") for row in rows}


def alphabet(base: Head, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the characters of the head: signs of print, and those of the texts.

    A letter with a mark is one. A line with a rarer sign is not learnt.
    """
    counts = Counter(sign for text in set(texts) for sign in graphemes(text))
    wanted = {*SIGNS, *(sign for sign, count in counts.items() if count >= LEAST)}
    known = [sign for sign in dict.fromkeys(base.characters) if sign in wanted]
    return ("", *known, *sorted(wanted - set(known)))


@dataclass(frozen=True)
class Validation:
    """What heads make of the works that they did not learn.

    Attributes:
        errors: wrong characters in per cent, by the lines and by what reads them; forms of s, of
            quotation marks and of dashes count as the same.
        calibration: fitted to these readings.
    """

    errors: Mapping[str, Mapping[str, float]]
    calibration: Calibration


def validate(training: Training, centuries: Mapping[str, str]) -> Validation:
    """Read every work by a head that did not learn it, and print the errors.

    Args:
        training: how the heads are trained.
        centuries: those of the works.
    """
    kinds = {"": training.material.clean, ", worse copies": training.material.worse[0]}
    latin = read_head(OTHER_HEAD)
    counts: dict[tuple[str, str], Counter[str]] = {}
    judged: list[Judged] = []
    for head, left in training.unseen():
        for kind, source in kinds.items():
            lines = [source[place] for place in left]
            own = judge_lines(lines, head)
            judged += own
            for reader, read in ((latin.name, judge_lines(lines, latin)), ("head", own)):
                for line, each in zip(lines, read, strict=True):
                    for group in ("unseen works", f"{centuries[line.document]}th century"):
                        counted = counts.setdefault((group + kind, reader), Counter())
                        counted.update(wrong=each.edits, length=each.length)
    errors: dict[str, dict[str, float]] = {}
    for (group, reader), counted in sorted(counts.items(), key=lambda item: item[0][0]):
        share = round(100 * counted["wrong"] / counted["length"], 2)
        errors.setdefault(group, {})[reader] = share
    for group, shares in errors.items():
        figures = ", ".join(f"{reader} {share:.2f}" for reader, share in shares.items())
        print(f"{group}: {figures}", flush=True)
    return Validation(errors, fit_calibration(judged, Calibration()))


def describe(head: Head, lines: Sequence[Line], validation: Validation) -> Head:
    """Return the head with what is known of it."""
    header = {
        "languages": ["fra", "lat"],
        "script": "Latn",
        "licence": "CC BY 4.0",
        "attribution": "Gallicorpora contributors (https://github.com/Gallicorpora), images from"
        " Gallica, Bibliothèque nationale de France",
        "training": {
            "script": "training/earlyprint.py",
            "seed": SEED,
            "lines": len(lines),
            "works": len({line.work for line in lines}),
            "degraded copies": COPIES,
            "epochs": OPTIONS.epochs,
        },
        "abbreviations": True,
        "frequency": FREQUENCY,
        "typical_letters": TYPICAL_LETTERS,
        "measured": validation.errors,
    }
    return replace(
        head,
        name="earlyprint",
        automatic=True,
        header=header,
        calibration=validation.calibration,
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--validate", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    try:
        lines, centuries = read_lines(arguments.lines)
        extractor = FeatureExtractor(arguments.model, THREADS, engine=ENGINE)
        material = Material(lines, extractor, copies=COPIES)
        training = Training(material, base_head(arguments.model), alphabet, OPTIONS)
        validation = validate(training, centuries)
        if not arguments.validate:
            write_head(rounded(describe(training.run(), lines, validation)), arguments.output)
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"earlyprint: {error}") from error


if __name__ == "__main__":
    main()
