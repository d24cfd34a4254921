# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Train the head of a script that the package ships, on lines that are drawn.

Usage: python training/scripts.py NAME PACKAGES [--real LINES] [--others LINES...] [--model ONNX]
                                  [--output NPZ] [--measure]

NAME is one of `RECIPES`. PACKAGES is a folder with packages, unpacked, a subfolder each: fonts, and
Debian's dictionaries and translations (docs/models/scripts.md says which). LINES is a folder of
printed lines with their texts (``lines.tsv``: file, work, text), which are learnt, too; of the
works, that in `HELD_OUT` is not. Lines of ``--others``, in Latin script, and lines without any text
are learnt as what this head does not read (`refused_lines`). With ``--measure``, the head is there
and is only measured. The same packages, lines and releases of the libraries on the same kind of
processor give the same bytes.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import torch
from augment import Gray, degrade
from drawing import Cast, DrawnLine, draw_words, soften, vary, worsen
from packaged_heads import rounded
from printed_lines import read_image, read_rows
from rapidfuzz.distance import Levenshtein
from refused_lines import draw_nothing, draw_others
from scanned_heads import HEADS, MODEL
from script_cards import SOURCE, write_cards
from script_fonts import Division, Face, divide, grouped, read_faces
from script_pieces import alphabet
from script_recipes import RECIPES, SOFT
from script_texts import Composer, normalize, read_composer, script_of

from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.loading.heads import known_calibrations
from ocrd_rapid.ocr.recognition.head_files import OTHER, Head, read_head, write_head
from ocrd_rapid.ocr.recognition.visual_order import to_visual
from ocrd_rapid.training import ctc
from ocrd_rapid.training.calibrate import fit_calibration, judge_lines
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.optimizer import TrainingOptions
from ocrd_rapid.training.samples import TrainingLine
from ocrd_rapid.training.trainable_layers import Shape

SEED = 1
LEARNING_RATE = 3e-3
THREADS = 1
#: Lines drawn in each of the fonts to choose by, and of those to judge by.
CHOOSE, JUDGE = 80, 120
#: A printed line is learnt as it is and in so many worse copies.
COPIES = 1
#: Joiners, but for those that decide what is printed, between a virama and a letter: in Telugu,
#: Kannada and Malayalam against a conjunct, in Sinhala for one. Others cannot be told from what is
#: usual.
_UNSEEN_JOINERS = re.compile(
    "(?<![\u0c4d\u0ccd\u0d4d])\u200c|\u200c(?![\u0c05-\u0d7f])"
    "|(?<!\u0dca)\u200d|\u200d(?![\u0d80-\u0dff])"
)
#: The work whose lines are not learnt, but judged by.
HELD_OUT = "Wecklein1894"


def draw_lines(
    composer: Composer,
    faces: Sequence[Face],
    foreign: Sequence[Face],
    count: int,
    seed: int,
    *,
    soft: float,
    natural: bool = False,
) -> Iterator[DrawnLine]:
    """Yield lines, all families as often.

    Args:
        composer: of their texts.
        faces: of their script.
        foreign: of Latin words.
        count: how many.
        seed: of all that is random.
        soft: the share of lines that look like good scans; the others are degraded.
        natural: letters are as frequent as in text (`Composer.line`), and types as they are;
            otherwise they are varied.
    """
    chance = random.Random(seed)
    families = grouped(faces)
    before: DrawnLine | None = None
    for number in range(count):
        line = None
        while line is None:
            cast = Cast(chance.choice(chance.choice(families)), chance.choice(foreign))
            words = composer.line(chance, natural=natural)
            line = draw_words(words, composer.writing.code, cast, chance)
        rng = np.random.default_rng([seed, number])
        if not natural:
            line = vary(line, rng)
        good = chance.random() < soft
        yield soften(line, rng) if good else worsen(line, before or line, rng)
        before = line


def printed_text(line: DrawnLine, code: str) -> str:
    """Return the text of a line from left to right, with `OTHER` for letters of other scripts."""
    text = " ".join(
        "".join(_known(sign, code) for sign in to_visual(word.text)) for word in line.words
    )
    return _UNSEEN_JOINERS.sub("", text)


def _known(sign: str, code: str) -> str:
    own = script_of(sign)
    return sign if own in (code, "Zyyy", "Zinh", "Zzzz") else OTHER


def read_printed(folder: Path, code: str) -> Iterator[tuple[Gray, str, str]]:
    """Yield printed lines: image, text with `OTHER` for letters of other scripts, and work."""
    for row in read_rows(folder):
        text = " ".join(normalize(row["text"]).split())
        read = "".join(_known(sign, code) for sign in to_visual(text))
        yield read_image(folder, row), read, row["work"]


class Material:
    """Lines of a script as features, of the network in the file `model`.

    They are drawn and computed when they are asked for; this takes minutes.
    """

    def __init__(
        self,
        name: str,
        packages: Path,
        real: Path | None,
        model: Path,
        others: Sequence[Path] = (),
    ) -> None:
        """Read texts and fonts.

        Args:
            name: of the recipe.
            packages: unpacked, with fonts and texts.
            real: folder of printed lines to learn.
            model: the network.
            others: folders of printed lines in Latin script.
        """
        self.recipe = RECIPES[name]
        self._composer = read_composer(name, packages)
        self.writing = self._composer.writing
        self.code = self.writing.code
        faces = read_faces(packages)
        self.fonts: Division = divide(
            [face for face in faces if face.knows(self.code, self.recipe.letters)]
        )
        self._foreign = [
            face
            for face in faces
            if face.can_draw("abcdefßéàçñ") and (face.can_draw("αβγ") or face.can_draw("жя"))
        ]
        self.model = model
        self._extractor = FeatureExtractor(model, THREADS)
        # Lines are read with onnxruntime, but learnt by the thousand.
        self._quick = FeatureExtractor(model, THREADS, engine="openvino")
        self.backbone = self._extractor.backbone
        self._packages, self._real, self.others = packages, real, others

    @cached_property
    def learn(self) -> list[TrainingLine]:
        """What is learnt: drawn lines, printed ones as they are and worse, what is not read."""
        drawn = self._drawn(self._composer, self.fonts.learn, self.recipe.lines, 1, SOFT)
        clean = [line for line in self._printed if line.document != HELD_OUT]
        return drawn + clean + self._worse_prints() + self._refused()

    @cached_property
    def choose(self) -> list[TrainingLine]:
        """Lines in fonts to choose by."""
        return self._drawn(self._composer, self.fonts.choose, CHOOSE, 2, SOFT)

    @cached_property
    def judge(self) -> Mapping[str, list[TrainingLine]]:
        """Lines by what they show, in fonts that were neither learnt nor chosen by.

        None of the words drawn is of another script. Old and learned spellings, with their points
        or accents, are apart, as good scans. Printed lines are those of a work not learnt.
        """
        fonts, writing = self.fonts.judge, self.writing
        usual = replace(self._composer, foreign=(), writing=replace(writing, old=()))
        found = {
            "good scans": self._drawn(usual, fonts, JUDGE, 3, 1.0),
            "bad scans": self._drawn(usual, fonts, JUDGE, 4, 0.0),
        }
        if writing.old:
            shares = sum(share for _, share in writing.old)
            old = tuple((name, share / shares) for name, share in writing.old)
            spelt = replace(usual, writing=replace(writing, old=old))
            found["spellings"] = self._drawn(spelt, fonts, JUDGE, 5, 1.0)
        held_out = [line for line in self._printed if line.document == HELD_OUT]
        return found | ({"printed lines": held_out} if held_out else {})

    @cached_property
    def prints(self) -> list[tuple[Gray, str, str]]:
        """Printed lines: image, text and work."""
        return [] if self._real is None else list(read_printed(self._real, self.code))

    @cached_property
    def _printed(self) -> list[TrainingLine]:
        return self._features([image for image, _, _ in self.prints], self.prints, quick=False)

    def _worse_prints(self) -> list[TrainingLine]:
        images = [image for image, _, _ in self.prints]
        found: list[TrainingLine] = []
        for copy in range(COPIES):
            chances = [np.random.default_rng([SEED, copy, i]) for i in range(len(images))]
            worse = [
                degrade(image, images[int(chance.integers(len(images)))], chance)
                for image, chance in zip(images, chances, strict=True)
            ]
            found += self._features(worse, self.prints, quick=True)
        return [line for line in found if line.document != HELD_OUT]

    def _refused(self) -> list[TrainingLine]:
        prints = [line for folder in self.others for line in read_printed(folder, self.code)]
        nothing = [(image, "", "") for image in draw_nothing(self._packages, prints)]
        lines = nothing + list(draw_others(prints))
        return self._features([image for image, _, _ in lines], lines, quick=True)

    def _drawn(
        self, composer: Composer, faces: Sequence[Face], count: int, seed: int, soft: float
    ) -> list[TrainingLine]:
        if not faces:
            return []
        learn = faces is self.fonts.learn
        drawn = draw_lines(
            composer, faces, self._foreign, count, seed, soft=soft, natural=not learn
        )
        lines = [(line.image, printed_text(line, self.code), line.design) for line in drawn]
        return self._features([image for image, _, _ in lines], lines, quick=learn)

    def _features(
        self, images: Sequence[Gray], lines: Sequence[tuple[Gray, str, str]], *, quick: bool
    ) -> list[TrainingLine]:
        """Return the features of images of lines, with the texts and the sources of these."""
        extractor = self._quick if quick else self._extractor
        colour = [cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) for image in images]
        found = extractor.extract(colour, _progress, stretch=self.recipe.stretch)
        return [
            TrainingLine(features, text, name)
            for features, (_, text, name) in zip(found, lines, strict=True)
        ]


def _progress(done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        print(f"features: {done} of {total}", file=sys.stderr)


def train(name: str, material: Material) -> Head:
    """Return the head of a script."""
    characters = alphabet(line.text for line in material.learn)
    size = material.learn[0].features.shape[1]
    nothing = LinearLayer(
        np.zeros((size, len(characters)), np.float32), np.zeros(len(characters), np.float32)
    )
    recipe = material.recipe
    start = Head(name, material.backbone, characters, nothing, stretch=recipe.stretch)
    options = TrainingOptions(
        epochs=recipe.epochs,
        learning_rate=LEARNING_RATE,
        shape=Shape(recipe.hidden, recipe.columns, recipe.second),
        dropout=recipe.dropout,
        patience=recipe.epochs,
        rehearsal=0.0,
        seed=SEED,
        half=True,
        device="cpu",
    )
    data = ctc.TrainingData(material.learn, validation=material.choose)
    head = ctc.train(start, data, options, on_epoch=_report).head
    # Few errors change little of a calibration: it starts with that of a head for all print.
    usual = known_calibrations(material.model)["latin"]
    calibration = fit_calibration(judge_lines(material.choose, head), usual)
    return replace(head, automatic=True, calibration=calibration)


def _report(epoch: ctc.Epoch, _: ctc.TrainingState) -> None:
    print(
        f"epoch {epoch.number}: loss {epoch.loss:.4f}, fonts to choose by"
        f" {100 * epoch.error:.2f} %",
        file=sys.stderr,
    )


def error_of(lines: Sequence[TrainingLine], head: Head) -> float:
    """Return the share of wrong signs of lines, letters of other scripts apart, in per cent."""
    wrong = total = 0
    for line in lines:
        truth = line.text.replace(OTHER, "")
        wrong += Levenshtein.distance(ctc.read_line(line, head).replace(OTHER, ""), truth)
        total += len(truth)
    return round(100 * wrong / total, 2)


def measure(head: Head, material: Material) -> Head:
    """Return the head with its errors in its header."""
    measured = {name: error_of(lines, head) for name, lines in material.judge.items()}
    print(head.name, measured)
    return replace(head, header={**head.header, "measured": measured})


def describe(head: Head, material: Material) -> Head:
    """Return the head with what is known of it, but for its errors."""
    attribution = "Texts: translators of Debian packages"
    if material.prints:
        attribution += "; GT4HistComment, Ajax Multi-Commentary project (lines, CC BY 4.0)"
    if material.others:
        attribution += "; archiscribe-corpus contributors, Gallicorpora contributors"
        attribution += " (lines, CC BY 4.0)"
    header = {
        "script": material.code,
        "languages": [language.code for language in material.writing.languages],
        "licence": "CC-BY-4.0" if material.prints or material.others else "Apache-2.0",
        "attribution": attribution,
        "training": {
            "script": SOURCE,
            "seed": SEED,
            "lines": len(material.learn),
            "epochs": material.recipe.epochs,
            "learnt": designs(material.fonts.learn),
            "chosen by": designs(material.fonts.choose),
            "judged by": designs(material.fonts.judge),
        },
    }
    return replace(head, header=header)


def designs(faces: Sequence[Face]) -> list[str]:
    """Return the designs of fonts, sorted."""
    return sorted({face.design for face in faces})


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("packages", type=Path)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--others", type=Path, nargs="+", default=[])
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    name = arguments.name
    output = arguments.output or HEADS / f"{arguments.model.stem}_{name}.npz"
    torch.set_num_threads(THREADS)
    try:
        material = Material(
            name, arguments.packages, arguments.real, arguments.model, arguments.others
        )
        known = read_head(output) if arguments.measure else None
        head = known or describe(train(name, material), material)
        write_head(measure(rounded(head), material), output)
        write_cards()
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"scripts: {error}") from error


if __name__ == "__main__":
    main()
