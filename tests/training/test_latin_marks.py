# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The head for Latin script: its texts, and the correction of a linear head."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import features as pillow
from training_modules import imported

from ocrd_rapid.inference.output_layers import LinearLayer, apply_layer
from ocrd_rapid.ocr.recognition.head_files import Head
from ocrd_rapid.training.ctc import read_line
from ocrd_rapid.training.samples import Features, TrainingLine

pytest.importorskip("fontTools")
pytest.importorskip("torch")
if not pillow.check("raqm"):
    pytest.skip("Pillow has no raqm", allow_module_level=True)


@pytest.fixture(scope="module")
def training() -> Iterator[Any]:
    """Import the modules, which stand outside the package."""
    with imported(
        marks="latin_marks", texts="latin_texts", script_texts="script_texts", writings="writings"
    ) as modules:
        yield modules


def head() -> Head:
    """Return a linear head that reads a and b; it takes á for a."""
    weights = np.zeros((6, 3), np.float32)
    weights[0, 0] = weights[1, 1] = weights[2, 2] = 8
    return Head("latin", "0" * 64, ("", "a", "b"), LinearLayer(weights, np.zeros(3, np.float32)))


def features(text: str, chance: np.random.Generator) -> Features:
    """Return columns of letters with blanks between them; the accent is one column to the right."""
    columns = chance.normal(0, 0.05, (3 * len(text) + 2, 6))
    columns[:, 0] += 1
    for place, sign in enumerate(text):
        column = 3 * place + 1
        columns[column, 0] -= 1
        columns[column, "ab".index(unicodedata.normalize("NFD", sign)[0]) + 1] += 1
        columns[column + 1, 4] += sign == "á"
    return columns.astype(np.float16)


def lines(texts: Sequence[str], seed: int) -> list[TrainingLine]:
    chance = np.random.default_rng(seed)
    return [TrainingLine(features(text, chance), text) for text in texts]


def words(letters: str, count: int) -> list[str]:
    chance = random.Random(letters)
    return ["".join(chance.choices(letters, k=8)) for _ in range(count)]


def test_a_correction_begins_as_the_linear_head(training: Any) -> None:
    marks = training["marks"]
    start = head()
    learnt = [line.features for line in lines(words("ab", 20), 1)]
    layer = marks.Correction(start.layer, 3, learnt).layer()
    for columns in learnt:
        before = apply_layer(start.layer, columns.astype(np.float32))
        assert apply_layer(layer, columns.astype(np.float32)) == pytest.approx(before, abs=1e-3)


def test_a_letter_with_a_mark_is_learnt_and_the_rest_stays(
    training: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = training["marks"]
    monkeypatch.setattr(marks, "EPOCHS", 8)
    plain = [line.features for line in lines(words("ab", 120), 2)]
    start = head()
    found = marks.train(start, ["á"], lines(words("abá", 240), 3), plain, lines(["ab"], 4))
    assert found.characters == ("", "a", "b", "á")
    read = [read_line(line, found) for line in lines(["abába", "áabáa"], 5)]
    assert read == ["abába", "áabáa"]
    for columns in plain[:20]:
        line = TrainingLine(columns, "")
        assert read_line(line, found) == read_line(line, start)


def test_letters_are_single_signs_and_stand_in_place_of_others(training: Any) -> None:
    texts = training["texts"]
    letters = "".join(row.split()[2] for row in texts._ORTHOGRAPHIES.split("\n") if row)
    assert {letter for letter in letters if not letter.islower()} == {"İ"}
    assert all(letter.isalpha() for letter in letters)
    assert unicodedata.normalize("NFC", letters) == letters
    assert set(map(texts.base_of, letters)) <= set("abcdefghijklmnopqrstuvwxyzI")
    assert {"ộ", "ḃ", "ŵ", "ő", "ı", "þ", "ḥ"} <= set(letters)


def test_lines_have_the_letters_of_their_orthography(training: Any) -> None:
    texts, script = training["texts"], training["script_texts"]
    writing = replace(training["writings"].WRITINGS["latin"], quotes=("()",))
    sentences = [("Hat", "sad", "houses", "under", "trees")] * 3
    composer = script.Composer(writing, [script.LanguageTexts(sentences, ["hood"])] * 11)
    orthography = texts.Orthography(1, composer, "ộß")
    latin = texts.LatinComposer(writing, (), orthographies=(orthography,))
    chance = random.Random(1)
    taught = "".join(word.text for _ in range(200) for word in latin.line(chance))
    assert {"ộ", "Ộ", "ß", "ẞ", "ſ"} <= set(taught)
    natural = "".join(word.text for _ in range(200) for word in latin.line(chance, natural=True))
    assert not {"ộ", "ſ"} & set(natural)
    assert texts.letters_of(latin) == ["ß", "ẞ", "Ộ", "ộ"]


def test_training_and_judging_divide_the_same_fonts(training: Any) -> None:
    import script_pages

    assert script_pages._LETTERS["latin"] == training["texts"].LETTERS
