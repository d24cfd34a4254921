# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The choice among models by what they make of the ink of a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from ocrd_rapid.errors import ModelError
from ocrd_rapid.ocr.recognition.automatic_recognizer import (
    SAMPLE,
    AutomaticRecognizer,
    InkConfidence,
    ModelCandidate,
    ink_confidence,
    sampled,
)
from ocrd_rapid.ocr.recognition.ctc_decoding import (
    RecognizedCharacter,
    RecognizedLine,
    ScriptRun,
)
from ocrd_rapid.ocr.recognition.line_model import LineHead
from ocrd_rapid.pixels import BgrImage

LETTERS = 20


def line_image(letters: int = LETTERS) -> BgrImage:
    """Return a line with a block of ink of 16 pixels every 24."""
    image = np.full((48, 24 * letters, 3), 255, dtype=np.uint8)
    for number in range(letters):
        image[8:40, 24 * number + 4 : 24 * number + 20] = 0
    return image


def read_as(
    probability: float, letters: int = LETTERS, of: int = LETTERS, script: str = ""
) -> RecognizedLine:
    """Return a reading of the first of some letters of a line."""
    characters = tuple(
        RecognizedCharacter("a", probability, (number + 0.5) / of, confidence=probability)
        for number in range(letters)
    )
    runs = (ScriptRun(script, 0, 1, 9),) if script else ()
    return RecognizedLine("a" * letters, probability, characters, head="base", runs=runs)


@dataclass
class Reader:
    """Reads every line alike, and counts."""

    line: RecognizedLine
    asked: list[int] = field(default_factory=list)
    heads: tuple[LineHead, ...] = ()

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        self.asked.append(len(images))
        return [self.line] * len(images)

    def typeface(self, line: RecognizedLine) -> str:
        return "Fraktur"


def candidate(
    name: str, reader: Reader | Callable[[], Reader], scripts: Collection[str] = ("Latn",)
) -> ModelCandidate:
    load = (lambda: reader) if isinstance(reader, Reader) else reader
    return ModelCandidate(name, load, lambda: scripts)


def models(lines: Sequence[RecognizedLine]) -> set[str]:
    return {line.model for line in lines}


PAGE = [line_image()] * 30


def test_all_ink_counts_and_that_far_from_characters_as_wrong() -> None:
    whole = ink_confidence(line_image(), read_as(0.9))
    assert whole.share == pytest.approx(0.9)
    half = ink_confidence(line_image(), read_as(0.9, LETTERS // 2))
    assert half.ink == whole.ink
    assert half.share == pytest.approx(0.45, abs=0.1)
    assert ink_confidence(line_image(), RecognizedLine("", 0.0)).share == 0
    assert ink_confidence(np.full((48, 480, 3), 255, np.uint8), read_as(0.9)).expected >= 0


def test_what_is_expected_adds_up() -> None:
    both = InkConfidence(3, 10) + InkConfidence(6, 10)
    assert both.share == pytest.approx(0.45)
    assert InkConfidence().share == 0


def test_the_sample_is_spread_over_lines_with_much_ink() -> None:
    shares = [InkConfidence(0, 5 if number % 2 else 50) for number in range(100)]
    found = sampled(shares)
    assert len(found) == SAMPLE
    assert found == sorted({*found})
    assert all(number % 2 == 0 for number in found)
    assert (found[0], found[-1]) == (0, 98)
    assert sampled([InkConfidence()] * 3) == []
    assert sampled([]) == []


def test_a_page_that_the_first_model_reads_costs_nothing_more() -> None:
    first, other = Reader(read_as(0.95)), Reader(read_as(1.0))
    loaded: list[str] = []

    def load() -> Reader:
        loaded.append("other")
        return other

    reader = AutomaticRecognizer([candidate("first", first), candidate("other", load)])
    assert models(reader.recognize(PAGE)) == {"first"}
    assert (first.asked, other.asked, loaded) == ([30], [], [])
    assert reader.typeface(reader.recognize(PAGE)[0]) == "Fraktur"


def test_a_model_that_makes_much_more_of_the_ink_reads_the_page(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "ocrd_rapid")
    first, worse, best = Reader(read_as(0.6)), Reader(read_as(0.8)), Reader(read_as(0.99))
    reader = AutomaticRecognizer(
        [candidate("first", first), candidate("worse", worse), candidate("best", best)]
    )
    for _ in range(2):
        lines = reader.recognize(PAGE)
        assert models(lines) == {"best"}
        assert {line.probability for line in lines} == {0.99}
    assert (first.asked, worse.asked) == ([30, 30], [SAMPLE, SAMPLE])
    assert best.asked == [SAMPLE, 30, SAMPLE, 30]
    assert reader.typeface(lines[0]) == ""
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "best reads pages that first does not: expected to be right is 99 % of their ink, not 60 %"
    ]


def test_in_doubt_the_first_model_reads() -> None:
    first, other = Reader(read_as(0.6)), Reader(read_as(0.8))
    reader = AutomaticRecognizer([candidate("first", first), candidate("other", other)])
    assert models(reader.recognize(PAGE)) == {"first"}
    assert other.asked == [SAMPLE]


def test_sure_of_a_few_letters_only_is_no_reading() -> None:
    """What a model leaves unread counts against it."""
    first, blind = Reader(read_as(0.6)), Reader(read_as(1.0, 4))
    reader = AutomaticRecognizer([candidate("first", first), candidate("blind", blind)])
    assert models(reader.recognize(PAGE)) == {"first"}


def test_a_few_letters_are_too_little_to_judge_by() -> None:
    first, other = Reader(read_as(0.3, 4, 4)), Reader(read_as(1.0, 4, 4))
    reader = AutomaticRecognizer([candidate("first", first), candidate("other", other)])
    assert models(reader.recognize([line_image(4)])) == {"first"}
    assert other.asked == []
    assert reader.recognize([]) == []


def test_models_without_the_script_of_the_page_are_not_loaded() -> None:
    first, korean = Reader(read_as(0.5, script="Hang")), Reader(read_as(0.99))

    def never() -> Reader:
        pytest.fail("it was loaded")

    reader = AutomaticRecognizer(
        [
            candidate("first", first),
            candidate("latin", never, {"Latn"}),
            candidate("korean", korean, {"Hang", "Latn"}),
        ]
    )
    assert models(reader.recognize(PAGE)) == {"korean"}


def test_a_model_that_cannot_be_loaded_is_left_out_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> Reader:
        raise ModelError("it is damaged")

    reader = AutomaticRecognizer(
        [
            candidate("first", Reader(read_as(0.5))),
            candidate("broken", broken),
            candidate("other", Reader(read_as(0.99))),
        ]
    )
    for _ in range(2):
        assert models(reader.recognize(PAGE)) == {"other"}
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert warnings == ["it is damaged; model auto goes on without broken"]


def test_the_first_model_has_to_load() -> None:
    def broken() -> Reader:
        raise ModelError("it is damaged")

    with pytest.raises(ModelError, match="damaged"):
        AutomaticRecognizer([candidate("first", broken)])


def test_only_the_best_model_stays_loaded_besides_the_first() -> None:
    loads: list[str] = []

    def loading(name: str, probability: float) -> Callable[[], Reader]:
        def load() -> Reader:
            loads.append(name)
            return Reader(read_as(probability))

        return load

    reader = AutomaticRecognizer(
        [
            candidate("first", Reader(read_as(0.5))),
            candidate("a", loading("a", 0.7)),
            candidate("b", loading("b", 0.99)),
        ]
    )
    for _ in range(3):
        reader.recognize(PAGE)
    assert loads == ["a", "b", "a", "a"]
