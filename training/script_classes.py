# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Train the layer that tells the script of every column of a line.

Usage: python training/script_classes.py PACKAGES --latin LINES... [--greek LINES] [--share SHARE]
                                         [--model ONNX] [--output NPZ]

PACKAGES is as for ``scripts.py``. LINES are folders of printed lines with their texts
(``lines.tsv``: file, work, text): those in black letter and in old roman type, all of them Latin
script, and those in Greek among other languages. SHARE multiplies all numbers of lines that are
drawn.

Every column is learnt alone (cross-entropy); scripts count the same, Latin, of which most pages
are, counts more. What that adds to the score of Latin is taken off again in the end: how frequent
scripts are, whoever uses the layer knows better. The probabilities of columns are made true by a
temperature, those of words, whose columns do not err independently, by a weight of each column,
both found on fonts that were not learnt (Guo et al., On calibration, ICML 2017).
"""

from __future__ import annotations

import argparse
import random
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
import torch
from augment import degrade
from blackletter import read_lines
from drawing import Placed
from no_script import draw_empty, draw_invented
from numpy.typing import NDArray
from packaged_heads import rounded
from scanned_heads import HEADS, MODEL, base_head
from script_figures import (
    as_rows,
    best_temperature,
    best_weight,
    confusions,
    right_share,
    softmax,
)
from script_fonts import divide, read_faces
from script_recipes import RECIPES
from script_samples import (
    CLASSES,
    NO_LETTER,
    UNKNOWN,
    Letters,
    Line,
    Sample,
    draw_script,
    faces_for,
    labels,
    read_composers,
    unknown_scripts,
)
from script_texts import script_of
from scripts import designs
from writings import WRITINGS

from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.inference.output_layers import ContextLayer, LinearLayer, TrainedLayer, apply_layer
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.trainable_layers import Shape, TrainableLayer, scale_of

SEED = 1
THREADS = 1
SHAPE = Shape(hidden=64, columns=7)
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 16, 24, 3e-3, 1e-2
#: Lines that are drawn of a script: of Latin; of others that a head reads, or the whole layer; of
#: others; of one without a class; without a letter; in a script that never was.
LATIN, READ, OTHERS, RARE, EMPTY, INVENTED = 4000, 400, 160, 24, 1200, 600
_READ = {WRITINGS[name].code for name in RECIPES} | {"Hani", "Kana"}
_NUMBERS = {"Latn": LATIN, NO_LETTER: EMPTY // 2}
#: Lines to choose by, and to judge by, as shares of those to learn from.
CHOOSE, JUDGE = 0.12, 0.2
#: Printed lines in Latin script of every folder.
PRINTED = 1500
#: How much classes count beside a script.
COUNTS: Mapping[str, float] = {NO_LETTER: 3.0, "Latn": 10.0, UNKNOWN: 4.0}


@dataclass
class Corpus:
    """Lines by what they are for, and the designs of the fonts of every script."""

    learn: list[Line] = field(default_factory=list)
    choose: list[Line] = field(default_factory=list)
    judge: list[Line] = field(default_factory=list)
    fonts: dict[str, dict[str, list[str]]] = field(default_factory=dict)


class Reader:
    """Computes features, and finds the words of printed lines."""

    def __init__(self, model: Path) -> None:
        """Load the network and the heads that read Latin script."""
        self._extractor = FeatureExtractor(model, THREADS)
        # Lines are read with onnxruntime, but learnt by the thousand.
        self._quick = FeatureExtractor(model, THREADS, engine="openvino")
        self.backbone = self._extractor.backbone
        names = ("blackletter", "latin")
        self._latin = [read_head(HEADS / f"{model.stem}_{name}.npz") for name in names]
        self._base = [base_head(model)]

    def lines(self, samples: Iterable[Sample], *, learn: bool) -> Iterator[Line]:
        """Yield lines with their features."""
        extractor = self._quick if learn else self._extractor
        for sample in samples:
            colour = cv2.cvtColor(sample.image, cv2.COLOR_GRAY2BGR)
            features = extractor.extract([colour])[0]
            yield Line(features, labels(sample, len(features)), sample.kind, sample.design)

    def printed(self, folder: Path, count: int, *, greek: bool) -> Iterator[Sample]:
        """Yield printed lines, every second one worse, with the places where words are read.

        Words of Greek lines have their texts; lines whose words are not as many as those that are
        read are left out.
        """
        chance, rng = random.Random(SEED), np.random.default_rng(SEED)
        found = read_lines(folder)
        chance.shuffle(found)
        before = found[0].image
        for number, line in enumerate(found[:count]):
            image = degrade(line.image, before, rng) if number % 2 else line.image
            before = line.image
            colour = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
            words = _words(
                self._extractor.extract([colour])[0], self._base if greek else self._latin
            )
            texts = line.text.split() if greek else [text for _, _, text in words]
            if len(texts) != len(words):
                continue
            size = image.shape[0] / 6
            placed = [
                Placed(text, _script(text), begin * size, (end + 1) * size)
                for (begin, end, _), text in zip(words, texts, strict=True)
            ]
            yield Sample(image, tuple(placed), folder.name, line.work)


def _script(text: str) -> str:
    """Return the script of a word; empty if it has none, or several."""
    codes = {script_of(sign) for sign in text} - {"Zyyy", "Zinh"}
    return codes.pop() if len(codes) == 1 else ""


def _words(features: NDArray[np.float16], heads: Sequence[Head]) -> list[tuple[int, int, str]]:
    """Return first column, last column and text of the words that the surest head reads."""
    readings = []
    for head in heads:
        chances = softmax(apply_layer(head.layer, features.astype(np.float32)))
        readings.append((np.log(chances.max(axis=1)).mean(), chances.argmax(axis=1), head))
    _, classes, head = max(readings, key=lambda reading: reading[0])
    words: list[tuple[int, int, str]] = []
    inside, last = False, 0
    for column, number in enumerate(classes.tolist()):
        sign = head.characters[number]
        if sign == " ":
            inside = False
        elif sign:
            begin, _, text = words.pop() if inside else (column, column, "")
            words.append((begin, column, text + sign * (number != last)))
            inside = True
        last = number
    return words


def gather(packages: Path, reader: Reader, share: float) -> Corpus:
    """Draw lines of all scripts and of none, and compute their features, in some minutes."""
    corpus = Corpus()
    faces = read_faces(packages)
    foreign = divide([f for f in faces_for("Latn", faces) if f.can_draw("αβγ") or f.can_draw("жя")])
    for number, (code, composer) in enumerate(read_composers(packages)):
        fonts = divide(faces_for(code, faces))
        count = share * _NUMBERS.get(code, READ if code in _READ else OTHERS)
        for part, own, others, part_share in (
            ("learn", fonts.learn, foreign.learn, 1.0),
            ("choose", fonts.choose, foreign.choose, CHOOSE),
            ("judge", fonts.judge, foreign.judge, JUDGE),
        ):
            corpus.fonts.setdefault(code, {})[part] = designs(own)
            if own:
                seed = 1000 * number + len(part)
                drawn = draw_script(composer, own, others, round(part_share * count), seed)
                getattr(corpus, part).extend(reader.lines(drawn, learn=part == "learn"))
        print(code, *(len(p) for p in (corpus.learn, corpus.choose, corpus.judge)), file=sys.stderr)
    for part, learn in (("learn", True), ("judge", False)):
        known: list[Line] = getattr(corpus, part)
        for code in unknown_scripts(learn=learn):
            own = tuple(faces_for(code, faces))
            if own:
                drawn = draw_script(Letters(code), own, foreign.learn, round(RARE * share), 7)
                known += reader.lines(drawn, learn=learn)
                corpus.fonts.setdefault(UNKNOWN, {}).setdefault(part, []).append(code)
        part_share = share * (1.0 if learn else JUDGE)
        empty = draw_empty(packages, round(EMPTY * part_share), learn=learn)
        invented = draw_invented(round(INVENTED * part_share), learn=learn)
        known += reader.lines(chain(empty, invented), learn=learn)
    return corpus


def add_printed(corpus: Corpus, reader: Reader, folders: Sequence[Path], *, greek: bool) -> None:
    """Add printed lines; of every sixth work in Latin script they are to judge by."""
    for folder in folders:
        for line in reader.lines(reader.printed(folder, PRINTED, greek=greek), learn=True):
            judge = not greek and zlib.crc32(line.design.encode()) % 6 == 0
            (corpus.judge if judge else corpus.learn).append(line)


def train(lines: Sequence[Line]) -> TrainedLayer:
    """Return the layer; its scores are those of classes that are all as frequent."""
    counted = np.zeros(len(CLASSES))
    for line in lines:
        counted += np.bincount(line.sure[line.sure >= 0], minlength=len(CLASSES))
    wanted = np.array([COUNTS.get(code, 1.0) for code in CLASSES]) * (counted > 0)
    weights = torch.from_numpy(wanted / np.maximum(counted, 1)).float()
    scale = scale_of(line.features for line in lines[:: max(1, len(lines) // 2000)])
    layer = TrainableLayer.new(SHAPE, len(CLASSES), scale, SEED, "cpu")
    values = list(layer.values.values())
    optimizer = torch.optim.AdamW(values, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * -(-len(lines) // BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, steps)
    chance = random.Random(SEED)
    for epoch in range(1, EPOCHS + 1):
        losses = []
        for batch in _batches(lines, chance):
            loss = _loss(layer, [lines[number] for number in batch], weights)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(values, 1.0)
            optimizer.step()
            rate.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}", file=sys.stderr)
    found = layer.layer()
    assert isinstance(found, ContextLayer)
    frequency = np.log(np.where(wanted > 0, wanted, 1.0)).astype(np.float32)
    frequency[CLASSES.index(NO_LETTER)] = 0.0
    return replace(found, output=replace(found.output, bias=found.output.bias - frequency))


def _batches(lines: Sequence[Line], chance: random.Random) -> list[list[int]]:
    """Return the numbers of all lines in batches of about the same length."""
    order = list(range(len(lines)))
    chance.shuffle(order)
    pool = BATCH * 20
    order = [
        number
        for begin in range(0, len(order), pool)
        for number in sorted(order[begin : begin + pool], key=lambda n: len(lines[n].features))
    ]
    batches = [order[begin : begin + BATCH] for begin in range(0, len(order), BATCH)]
    chance.shuffle(batches)
    return batches


def _loss(layer: TrainableLayer, lines: Sequence[Line], weights: torch.Tensor) -> torch.Tensor:
    """Return the weighted cross-entropy of columns; of two allowed classes either will do."""
    padded = torch.nn.utils.rnn.pad_sequence
    features = padded([torch.from_numpy(line.features.astype(np.float32)) for line in lines])
    present = padded([torch.ones(len(line.features), 1) for line in lines])
    classes = padded(
        [torch.from_numpy(line.labels.astype(np.int64)) for line in lines], padding_value=-1
    )
    chances = layer.scores(features, present).log_softmax(dim=2)
    told = classes[..., 0] >= 0
    classes, chances = classes[told], chances[told]
    both = chances.gather(1, classes)
    same = classes[:, 0] == classes[:, 1]
    losses = torch.where(same, both[:, 0], both.logsumexp(dim=1))
    weight = weights[classes].amin(dim=1)
    return -(losses * weight).sum() / weight.sum()


def made_true(layer: TrainedLayer, lines: Sequence[Line]) -> tuple[TrainedLayer, float]:
    """Return the layer with its temperature in its weights, and the weight of a column."""
    assert isinstance(layer, ContextLayer)
    temperature = best_temperature(layer, lines)
    output = LinearLayer(layer.output.weights / temperature, layer.output.bias / temperature)
    layer = replace(layer, output=output)
    return layer, best_weight(layer, lines)


def describe(layer: TrainedLayer, weight: float, corpus: Corpus, backbone: str) -> Head:
    """Return the file's content: the layer and what is known of it."""
    tables = confusions(layer, corpus.judge, weight)
    for name, table in tables.items():
        print(name, *as_rows(table), sep="\n")
    header = {
        "kind": "scripts",
        "column_weight": weight,
        "licence": "CC-BY-4.0",
        "attribution": "Texts: translators of Debian packages; lines: archiscribe-corpus and"
        " Gallicorpora contributors, GT4HistComment, Ajax Multi-Commentary project (CC BY 4.0)",
        "training": {
            "script": "training/script_classes.py",
            "seed": SEED,
            "lines": len(corpus.learn),
            "epochs": EPOCHS,
            "fonts": corpus.fonts,
        },
        "measured": {name: right_share(table) for name, table in tables.items()},
    }
    return Head("scripts", backbone, CLASSES, layer, automatic=True, header=header)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--latin", type=Path, nargs="+", default=[])
    parser.add_argument("--greek", type=Path, nargs="+", default=[])
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    try:
        reader = Reader(arguments.model)
        corpus = gather(arguments.packages, reader, arguments.share)
        add_printed(corpus, reader, arguments.latin, greek=False)
        add_printed(corpus, reader, arguments.greek, greek=True)
        layer, weight = made_true(train(corpus.learn), corpus.choose)
        head = describe(layer, weight, corpus, reader.backbone)
        write_head(rounded(head), arguments.output or HEADS / f"{arguments.model.stem}_scripts.npz")
    except (OcrdRapidError, OSError) as error:
        raise SystemExit(f"script_classes: {error}") from error


if __name__ == "__main__":
    main()
