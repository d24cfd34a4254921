# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The linear part of the head for Latin script: the network's own classes, and some beside them.

It is the layer that the network was trained with, cut to the Latin alphabet: the weights of these
classes are the network's own and are not trained. What is trained are columns beside them: signs
that the network cannot write, and one class for all that is cut away, which says that a line has to
be read with the whole layer. FONTS holds two folders of fonts, ``roman`` and ``other``;
docs/models/latin.md says where they come from. The same lines, fonts and releases of the libraries
give the same weights.
"""

from __future__ import annotations

import random
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from augment import Gray
from blackletter import read_lines
from numpy.typing import NDArray
from rehearsal import TEXTS
from render import Face, draw_line, read_faces
from scanned_heads import Line as ScannedLine
from scanned_heads import base_head, worse_copies

from ocrd_rapid.inference.output_layers import LinearLayer
from ocrd_rapid.ocr.recognition.alphabets import Alphabet, kept_classes
from ocrd_rapid.ocr.recognition.head_files import OTHER, Head
from ocrd_rapid.training.alphabet import encode, normalize
from ocrd_rapid.training.ctc import read_line
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.samples import TrainingLine

SEED = 1
THREADS = 2
#: Signs that the network has no class for. Not ‚, which is a comma but for the spaces around it:
#: old prints and typists space commas in the same way, and are more common.
SIGNS = "„⸗›‹"
#: Lines in roman type that are set, and how often each sign of another script is, in one font each.
ROMAN, TIMES = 2400, 2
#: Lines of black letter: Latin script, too.
BLACK = 1500
STEPS, BATCH, LEARNING_RATE = 1200, 24, 1e-2
Features = NDArray[np.float32]

#: Columns of other scripts and of Latin script per step.
COLUMNS = 4096

_QUOTES = (
    ("„", "“"), ("„", "“"), ("„", ".“"), ("„", ""), ("", "“"), ("„", "”"), (",", "‘"), (",", "’"),
    ("›", "‹"), ("‹", "›"), ("»", "«"), ("«", "»"), ("“", "”"), ("‘", "’"), ('"', '"'), ("(", ")"),
)  # fmt: skip
_POINTS = ",,,,;:.!?"
_SPECIAL = set("„“”‚‘⸗\u0364")
_ENDS = (",", ".", ";", ":", "!", "?", "-", "—", "'s", "’s", "…", ",,", "=", "*)", "¹")


@dataclass(frozen=True)
class Set:
    """A line that was set: image (grey), text, and its fonts' names."""

    image: Gray
    text: str
    font: str


@dataclass(frozen=True)
class Line:
    """The features of a line, shape (T, features), float32; its text, if any, and its font."""

    features: Features
    text: str
    font: str


def roman_lines(words: Sequence[str], faces: Sequence[Face]) -> list[Set]:
    """Return lines in roman type that have quotation marks, hyphens and what resembles them."""
    chance = random.Random(SEED)
    lines: list[Set] = []
    while len(lines) < ROMAN:
        face = chance.choice(faces)
        parts = [word for _ in range(chance.randint(2, 8)) if (word := _word(words, face, chance))]
        if parts:
            if chance.random() < 0.25 and face.can_set("⸗"):
                parts[-1] = parts[-1].rstrip(".,;:!?“”‘’") + "⸗"
            image = draw_line([(part, face) for part in parts], chance)
            lines.append(Set(image, " ".join(parts), face.name))
    return lines


def _word(words: Sequence[str], face: Face, chance: random.Random) -> str:
    word = chance.choice(words)
    kind = chance.random()
    if kind < 0.4:
        before, after = chance.choice(_QUOTES)
        word = before + word.rstrip(_POINTS) + after
    elif kind < 0.5:
        word = word.rstrip(_POINTS) + chance.choice(_ENDS)
    elif kind < 0.65:
        # Old prints and typists leave spaces before points, and none after them.
        word = chance.choice(_POINTS)
    elif kind < 0.75:
        word = word.rstrip(_POINTS) + chance.choice(_POINTS) + chance.choice(words)
    return word if face.can_set(word) else ""


def other_lines(characters: Sequence[str], faces: Sequence[Face]) -> list[Set]:
    """Return lines that have every character of other scripts, some among Latin words."""
    chance = random.Random(SEED + 1)
    latin = [word for text in TEXTS for word in text.split()]
    lines: list[Set] = []
    for time in range(TIMES):
        of: dict[str, list[str]] = {}
        for character in characters:
            able = [face.name for face in faces if face.can_set(character)]
            if able:
                of.setdefault(able[(time + len(able) // 2) % len(able)], []).append(character)
        for face in faces:
            found = of.get(face.name, [])
            chance.shuffle(found)
            for begin in range(0, len(found), 10):
                parts = _mixed(found[begin : begin + 10], latin, face, chance)
                lines.append(Set(draw_line(parts, chance), "", face.name))
    return lines


def _mixed(
    characters: Sequence[str], latin: Sequence[str], face: Face, chance: random.Random
) -> list[tuple[str, Face]]:
    """Return words of such characters, some next to Latin words."""
    parts, rest = [], list(characters)
    while rest:
        count = chance.choice((1, 1, 2, 3, 6))
        parts.append("".join(rest[:count]))
        rest = rest[count:]
        words = [chance.choice(latin) for _ in range(chance.choice((0, 0, 1, 2)))]
        parts += [word for word in words if face.can_set(word)]
    return [(part, face) for part in parts]


def is_other(character: str) -> bool:
    """Say whether a class that is cut away is missed where it was right.

    Wide forms and the punctuation of East Asia are not: they resemble ordinary punctuation, and
    where they are right, other signs of East Asia stand beside them.
    """
    wide = unicodedata.east_asian_width(character[0]) in "WFH"
    return character[0].isalpha() or not (wide and unicodedata.category(character[0])[0] in "PNZS")


class Material:
    """Features of all lines; the extractor keeps them in the user's cache."""

    def __init__(self, folder: Path, fonts: Path, model: Path) -> None:
        """Set the lines and compute; this takes minutes.

        Args:
            folder: lines of black letter, see `read_lines`.
            fonts: folders of fonts.
            model: the network.
        """
        self.base = base_head(model)
        characters = self.base.characters
        self.kept = kept_classes(characters, Alphabet(("latin",)))
        cut = sorted(set(range(len(characters))) - set(self.kept))
        self._strange = np.zeros(len(characters), dtype=bool)
        self._strange[[number for number in cut if is_other(characters[number])]] = True
        scanned = read_lines(folder)
        every = [
            *roman_lines(_words(scanned), read_faces(fonts / "roman")),
            *other_lines([characters[number] for number in cut], read_faces(fonts / "other")),
            *(Set(line.image, line.text, "") for line in scanned[:: len(scanned) // BLACK]),
        ]
        images = [
            cv2.cvtColor(i, cv2.COLOR_GRAY2BGR)
            for i in worse_copies([e.image for e in every], 2000)
        ]
        features = FeatureExtractor(model, THREADS).extract(images, _progress)
        self.lines = [
            Line(each.astype(np.float32), line.text, line.font)
            for each, line in zip(features, every, strict=True)
        ]
        #: For every line, which of its columns are of another script.
        self.strange = [self._columns_of_others(line.features) for line in self.lines]

    def _columns_of_others(self, features: Features) -> NDArray[np.bool_]:
        """Say for every column whether the whole layer reads another script there."""
        layer = self.base.layer
        parts = np.array_split(features, max(1, len(features) // 4096))
        best = [(part @ layer.weights + layer.bias).argmax(axis=1) for part in parts]
        return np.concatenate([self._strange[numbers] for numbers in best])


def _words(scanned: Sequence[ScannedLine]) -> list[str]:
    """Return words as roman type sets them, without signs before and after them."""
    words = [word for text in TEXTS for word in normalize(text).split()]
    found = {word.replace("ſ", "s") for line in scanned for word in line.text.split()}
    return [word for word in [*words, *sorted(found)] if not _SPECIAL.intersection(word)]


def _progress(done: int, total: int) -> None:
    if done % 200 == 0 or done == total:
        print(f"features: {done} of {total}", file=sys.stderr)


def train(
    base: Head, kept: Sequence[int], lines: Sequence[Line], strange: Sequence[NDArray[np.bool_]]
) -> Head:
    """Return the head: own classes as they are, trained ones beside them.

    Args:
        base: the layer that the network was trained with.
        kept: the numbers of its classes that the head has.
        lines: what is learnt from.
        strange: for every line, which of its columns are of another script.
    """
    characters = (*(base.characters[number] for number in kept), *SIGNS, OTHER)
    numbers = {character: number for number, character in enumerate(characters) if number}
    texts = [encode(line.text, numbers) if line.font else None for line in lines]
    signs = [i for i, classes in enumerate(texts) if classes]
    plain = [i for i, line in enumerate(lines) if not set(SIGNS).intersection(line.text)]
    columns = torch.from_numpy(np.concatenate([lines[i].features for i in plain]))
    which = torch.from_numpy(np.concatenate([strange[i] for i in plain]))
    other, latin = columns[which], columns[~which]
    del columns
    layer = _Columns(base, kept)
    chance = random.Random(SEED)
    for step in range(1, STEPS + 1):
        batch = [signs[chance.randrange(len(signs))] for _ in range(BATCH)]
        losses = (
            layer.misread([lines[i].features for i in batch], [texts[i] or [] for i in batch]),
            layer.missed(_some(other)),
            layer.taken(_some(latin)),
        )
        layer.step(sum(losses))
        if step % 100 == 0:
            print(step, *(f"{loss.item():.6f}" for loss in losses), file=sys.stderr)
    return Head("latin", base.backbone, characters, layer.linear())


def _some(columns: torch.Tensor) -> torch.Tensor:
    return columns[torch.randint(len(columns), (COLUMNS,))]


class _Columns:
    """The classes of a layer that stay as they are, and those beside them that are trained."""

    def __init__(self, base: Head, kept: Sequence[int]) -> None:
        torch.manual_seed(SEED)
        chosen = list(kept)
        self._own = torch.from_numpy(np.ascontiguousarray(base.layer.weights[:, chosen]))
        self._own_bias = torch.from_numpy(base.layer.bias[chosen])
        count = len(SIGNS) + 1
        self._new = torch.zeros(len(self._own), count, requires_grad=True)
        self._new_bias = torch.full((count,), -6.0, requires_grad=True)
        trained = [self._new, self._new_bias]
        self._optimiser = torch.optim.AdamW(trained, lr=LEARNING_RATE, weight_decay=1e-3)
        self._rate = torch.optim.lr_scheduler.OneCycleLR(self._optimiser, LEARNING_RATE, STEPS)

    def _scores(self, features: torch.Tensor) -> torch.Tensor:
        own = features @ self._own + self._own_bias
        new = features @ self._new + self._new_bias
        return torch.cat([own, new], dim=-1).log_softmax(dim=-1)

    def misread(self, lines: Sequence[Features], texts: Sequence[Sequence[int]]) -> torch.Tensor:
        """Return the CTC loss of lines with their texts."""
        padded = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(line) for line in lines])
        return torch.nn.functional.ctc_loss(
            self._scores(padded),
            torch.tensor([number for text in texts for number in text]),
            torch.tensor([len(line) for line in lines]),
            torch.tensor([len(text) for text in texts]),
            zero_infinity=True,
        )

    def missed(self, columns: torch.Tensor) -> torch.Tensor:
        """Return how little columns of other scripts are taken for what they are."""
        return -self._scores(columns)[:, -1].mean()

    def taken(self, columns: torch.Tensor) -> torch.Tensor:
        """Return how much the new classes take from Latin script that has none of the signs."""
        return -self._scores(columns)[:, : len(self._own_bias)].logsumexp(dim=-1).mean()

    def step(self, loss: Any) -> None:
        """Learn from a loss."""
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        self._rate.step()

    def linear(self) -> LinearLayer:
        """Return the layer: the classes that were kept, then the new ones."""
        weights = torch.cat([self._own, self._new], dim=1).detach().numpy()
        return LinearLayer(weights, torch.cat([self._own_bias, self._new_bias]).detach().numpy())


def validate(material: Material, font: str) -> None:
    """Train without a font and print what the head makes of the lines that are set in it."""
    learnt = [i for i, line in enumerate(material.lines) if not line.font.startswith(font)]
    left = [i for i, line in enumerate(material.lines) if line.font.startswith(font)]
    lines, strange = material.lines, material.strange
    head = train(
        material.base, material.kept, [lines[i] for i in learnt], [strange[i] for i in learnt]
    )
    numbers = Counter[str]()
    for i in left:
        read = read_line(TrainingLine(lines[i].features, lines[i].text, font), head)
        numbers["lines of other scripts"] += bool(strange[i].any())
        numbers["of these noticed"] += bool(strange[i].any()) and OTHER in read
        numbers["lines of Latin script"] += not strange[i].any()
        numbers["of these taken for others"] += not strange[i].any() and OTHER in read
        if lines[i].text:
            for sign in SIGNS:
                numbers[f"{sign} printed"] += lines[i].text.count(sign)
                numbers[f"{sign} read"] += read.count(sign)
                numbers[f"{sign} of these right"] += min(
                    read.count(sign), lines[i].text.count(sign)
                )
    print(font, *(f"{name}: {count}" for name, count in numbers.items()), sep="\n  ")
