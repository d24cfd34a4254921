# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of every script and of none, and the training of the layer that tells scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import features as pillow
from training_modules import imported

from ocrd_rapid.inference.output_layers import LinearLayer, apply_layer

pytest.importorskip("fontTools")
pytest.importorskip("torch")
if not pillow.check("raqm"):
    pytest.skip("Pillow has no raqm", allow_module_level=True)


@pytest.fixture(scope="module")
def training() -> Iterator[Any]:
    """Import the modules, which stand outside the package."""
    with imported(
        drawing="drawing",
        none="no_script",
        classes="script_classes",
        figures="script_figures",
        samples="script_samples",
    ) as modules:
        yield modules


def told(training: Any, *words: tuple[str, str, float, float]) -> list[set[str]]:
    """Return what every column of a line of 48 x 160 pixels, 20 columns, may be."""
    samples = training["samples"]
    placed = tuple(training["drawing"].Placed(*word) for word in words)
    sample = samples.Sample(np.zeros((48, 160), np.uint8), placed, "", "")
    return [
        {samples.CLASSES[number] for number in pair} if -1 not in pair else {"any"}
        for pair in samples.labels(sample, 20).tolist()
    ]


def test_columns_of_a_word_are_of_its_script_and_those_at_its_borders_may_be(
    training: Any,
) -> None:
    found = told(training, ("слово", "Cyrl", 28, 92), ("1876", "", 110, 140))
    assert found[5:10] == [{"Cyrl"}] * 5
    assert found[3] == found[11] == {"", "Cyrl"}
    assert found[:2] == [{""}] * 2
    assert found[13:] == [{""}] * 7


def test_between_words_that_touch_a_column_may_be_any(training: Any) -> None:
    found = told(training, ("слово", "Cyrl", 0, 60), ("word", "Latn", 60, 120))
    assert found[4] == {"Cyrl"}
    assert {"any"} in found[6:9]
    assert found[10] == {"Latn"}


@pytest.mark.parametrize(
    ("text", "code", "at_end"), [("слово...", "Cyrl", True), ("שלום...", "Hebr", False)]
)
def test_punctuation_may_be_of_the_script_of_its_word(
    training: Any, text: str, code: str, at_end: bool
) -> None:
    found = told(training, (text, code, 0, 160))
    sure = [columns == {code} for columns in found]
    marks, word = (sure[-6:], sure[1:11]) if at_end else (sure[:6], sure[-11:-1])
    assert all(word)
    assert not any(marks)


def test_signs_of_japanese_are_of_their_own_scripts(training: Any) -> None:
    found = told(training, ("日本のカナ", "Kana", 0, 160))
    assert [next(iter(found[column])) for column in (1, 5, 10, 14, 17)] == [
        "Hani", "Hani", "Hira", "Kana", "Kana",
    ]  # fmt: skip


def test_scripts_to_judge_by_are_not_learnt(training: Any) -> None:
    samples = training["samples"]
    learnt, judged = (samples.unknown_scripts(learn=learn) for learn in (True, False))
    assert min(len(learnt), len(judged)) > 10
    assert not set(learnt) & set(judged)
    assert not set(samples.CLASSES) & {*learnt, *judged}


def test_invented_words_stand_where_their_ink_is(training: Any) -> None:
    for sample in training["none"].draw_invented(6, learn=True):
        middle = sample.image.astype(int).mean(axis=0)
        inside = [middle[max(0, round(word.left)) : round(word.right)] for word in sample.words]
        assert np.concatenate(inside).mean() < middle.max()
        assert {word.script for word in sample.words} == {"Zzzz"}


def line(training: Any, scores: Any, code: str) -> Any:
    samples = training["samples"]
    number = samples.CLASSES.index(code)
    labels = np.full((len(scores), 2), number, np.int16)
    return samples.Line(np.asarray(scores, np.float16), labels, code, "")


def test_the_weight_of_a_column_is_less_where_columns_say_the_same(training: Any) -> None:
    count = len(training["samples"].CLASSES)
    nothing = LinearLayer(np.eye(count, dtype=np.float32), np.zeros(count, np.float32))
    rng = np.random.default_rng(1)
    weights = []
    for copies in (1, 12):
        lines = []
        for code in ("Latn", "Cyrl", "Grek") * 40:
            number = training["samples"].CLASSES.index(code)
            scores = rng.normal(0, 1, (12 // copies, count))
            scores[:, 0] = -9
            scores[:, number] += 1.5
            lines.append(line(training, np.repeat(scores, copies, axis=0), code))
        weights.append(training["figures"].best_weight(nothing, lines))
    assert weights[1] < weights[0] / 2


def test_what_may_be_of_two_scripts_is_not_taken_for_latin_since_that_is_frequent(
    training: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training["classes"], "EPOCHS", 12)

    def columns(direction: int) -> Any:
        found = np.zeros((16, 120))
        found[:, direction] = 3
        return found

    # Direction 9 is that of letters that both scripts have.
    lines = [
        line(training, columns(direction), code)
        for code, own, count in (("Latn", 1, 60), ("Cyrl", 2, 30))
        for direction in (own, 9)
        for _ in range(count)
    ]
    layer = training["classes"].train(lines)
    latin, cyrillic = (training["samples"].CLASSES.index(code) for code in ("Latn", "Cyrl"))
    scores = apply_layer(layer, columns(9).astype(np.float32))[4:12]
    assert abs((scores[:, latin] - scores[:, cyrillic]).mean()) < 1
    scores = apply_layer(layer, columns(2).astype(np.float32))[4:12]
    assert (scores[:, cyrillic] - scores[:, latin]).min() > 1
