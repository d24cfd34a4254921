# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Drawn lines, which the heads of scripts are trained with."""

from __future__ import annotations

import random
import struct
import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import features
from training_modules import imported
from typeset_text import FONT_FOLDERS

pytest.importorskip("fontTools")
if not features.check("raqm"):
    pytest.skip("Pillow has no raqm", allow_module_level=True)


@pytest.fixture(scope="module")
def training() -> Iterator[Any]:
    """Import the modules, which stand outside the package."""
    with imported(
        drawing="drawing", fonts="script_fonts", texts="script_texts", spell="spellings"
    ) as modules:
        yield modules


@pytest.fixture(scope="module")
def faces(training: Any) -> list[Any]:
    files = [file for folder in FONT_FOLDERS for file in folder.rglob("DejaVuSans*.ttf")]
    if not files:
        pytest.skip("DejaVu Sans is not installed")
    found: list[Any] = training["fonts"].read_faces(files[0].parent)
    return [face for face in found if face.path.name.startswith("DejaVu")]


def drawn(training: Any, faces: list[Any], text: str, code: str, seed: int) -> Any:
    drawing = training["drawing"]
    words = [training["texts"].word_of(word) for word in text.split()]
    chance = random.Random(seed)
    line = drawing.draw_words(words, code, drawing.Cast(faces[0], faces[0]), chance)
    assert line is not None
    return line


@pytest.mark.parametrize(
    ("text", "code", "seen"),
    [
        ("что это Word и 12", "Cyrl", ["что", "это", "Word", "и", "12"]),
        ("שלום עולם 12", "Hebr", ["12", "עולם", "שלום"]),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_words_stand_where_the_ink_is(
    training: Any, faces: list[Any], text: str, code: str, seen: list[str], seed: int
) -> None:
    line = drawn(training, faces, text, code, seed)
    assert line.text == text
    assert [word.text for word in line.words] == seen
    ink = (line.image < 128).any(axis=0)
    for word, following in zip(line.words, line.words[1:], strict=False):
        assert ink[max(0, round(word.left)) : round(word.right)].any()
        # Letters reach over their width by a few pixels at most.
        assert not ink[round(word.right) + 4 : round(following.left) - 4].any()


@pytest.mark.parametrize("seed", range(6))
def test_words_of_a_degraded_line_stand_where_their_ink_is(
    training: Any, faces: list[Any], seed: int
) -> None:
    drawing = training["drawing"]
    line = drawn(training, faces, "слово слово", "Cyrl", 1)
    rng = np.random.default_rng(seed)
    soft, worse = drawing.soften(line, rng), drawing.worsen(line, line, rng)
    ratio = (line.words[1].left - line.words[0].right) / line.image.shape[1]
    for changed in (soft, worse):
        first, second = changed.words
        height = changed.image.shape[0]
        middle = changed.image[height // 3 : -height // 3].astype(int)
        between = middle[:, round(first.right) + 3 : round(second.left) - 3]
        inside = middle[:, max(0, round(first.left)) : round(first.right)]
        assert between.mean() > inside.mean()
        assert second.left - first.right > ratio * changed.image.shape[1] * 0.4


def test_fonts_are_divided_by_design(training: Any, faces: list[Any]) -> None:
    fonts = training["fonts"]
    division = fonts.divide(faces)
    every = [*division.learn, *division.choose, *division.judge]
    assert sorted(every, key=str) == sorted(faces, key=str)
    parts = [{face.design for face in part} for part in (division.learn, division.judge)]
    assert not parts[0] & parts[1]
    assert fonts.design("Noto Sans Devanagari UI") == fonts.design("Noto Sans")
    assert fonts.design("Arimo") == fonts.design("Liberation Sans")


def test_messages_of_a_catalog_are_read(training: Any) -> None:
    pairs = [("", "Plural-Forms: x"), ("File", "Файл"), ("a\0b", "один\0два")]
    keys, texts = b"", b""
    tables: list[list[tuple[int, int]]] = [[], []]
    start = 28 + 16 * len(pairs)
    for number, part in enumerate(zip(*pairs, strict=True)):
        for text in part:
            data = text.encode() + b"\0"
            offset = start + len(keys) + len(texts)
            tables[number].append((len(data) - 1, offset))
            keys, texts = (keys + data, texts) if number == 0 else (keys, texts + data)
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    index = b"".join(struct.pack("<2I", *entry) for table in tables for entry in table)
    found = training["texts"].read_translations(header + index + keys + texts)
    assert list(found) == ["Файл", "один", "два"]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("polytonic", "άνθρωπος"),
        ("russian_before_1918", "революции"),
        ("pointed", "שלום"),
        ("vowelled", "كتاب"),
        ("stressed", "слово"),
    ],
)
def test_spellings_change_marks_and_keep_letters(training: Any, name: str, word: str) -> None:
    spelling, _ = training["spell"].SPELLINGS[name]
    found = {spelling(word, random.Random(seed)) for seed in range(30)}
    assert any(text != word for text in found)
    table = str.maketrans("іѣѳѵ", "иефи", "ъ")
    for text in found:
        assert text == unicodedata.normalize("NFC", text)
        assert letters(text.translate(table)) == letters(word)


def letters(text: str) -> str:
    plain = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
