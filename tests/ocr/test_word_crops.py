# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Words that are read alone: where they are cut, and how their readings join that of the line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine, ScriptRun
from ocrd_rapid.ocr.recognition.word_crops import (
    Crop,
    WhiteGap,
    closed_up,
    crops_of,
    cut_at_spaces,
    with_crops,
)
from ocrd_rapid.ocr.recognition.word_scripts import touches

#: Columns of ink, 4 pixels wide, in lines 48 pixels high: a space is at least 6 pixels wide.
WIDTH, HEIGHT = 4, 48


def draw(signs: str) -> NDArray[np.uint8]:
    """Return a line with ink for every letter, and white for every other sign."""
    inked = np.array([sign.isalnum() for sign in signs]).repeat(WIDTH)
    image = np.full((HEIGHT, len(inked), 3), 255, np.uint8)
    image[10:40, inked] = 0
    return image


def word(signs: str, letters: str, script: str) -> ScriptRun:
    begin = signs.index(letters)
    end = begin + len(letters)
    return ScriptRun(script, begin / len(signs), end / len(signs), len(letters))


def cuts(signs: str, words: list[ScriptRun], chosen: list[int]) -> list[str]:
    """Return the signs of the parts that are read alone."""
    crops = crops_of(words, {index: frozenset({"Latn"}) for index in chosen}, draw(signs))
    places = [(crop.begin * len(signs), crop.end * len(signs)) for crop in crops]
    return ["".join(s for i, s in enumerate(signs) if b <= i + 0.5 < e) for b, e in places]


@pytest.mark.parametrize(
    ("signs", "part"),
    [
        ("aaaa    bbbb    cccc", "  bbbb  "),
        # What touches the word goes with it: digits stand for brackets, which are no letters.
        ("aaaa   1bbbb1   cccc", "1bbbb1"),
        # A number with a space before it does not.
        ("aaaa   bbbb   1948   cccc", "bbbb"),
        # Where there is no space, the widest white parts words.
        ("aaaa   bbbb1 cccc", "bbbb1"),
        ("bbbb    cccc", "bbbb  "),
        ("aaaa    bbbb", "  bbbb"),
    ],
)
def test_a_word_is_cut_at_the_nearest_space(signs: str, part: str) -> None:
    scripts = {"aaaa": "Cyrl", "bbbb": "Latn", "cccc": "Cyrl"}
    words = [word(signs, own, script) for own, script in scripts.items() if own in signs]
    [index] = [i for i, each in enumerate(words) if each.script == "Latn"]
    [found] = cuts(signs, words, [index])
    assert found.strip() == part.strip()


def test_words_are_cut_where_a_reading_has_a_space() -> None:
    """Narrow spaces are hard to see, and what tells scripts may see none."""
    words = [ScriptRun("Deva", 0.0, 0.6, 60), ScriptRun("Latn", 0.6, 1.0, 40)]
    places = {"a": 0.1, " ": 0.2, "b": 0.4, "\u2009": 0.6, "c": 0.8}
    characters = tuple(RecognizedCharacter(each, 0.9, place) for each, place in places.items())
    found = cut_at_spaces(words, RecognizedLine("a b c", 0.9, characters))
    assert [word.script for word in found] == ["Deva", "Deva", "Latn"]
    assert [word.columns for word in found] == [20, 40, 40]
    assert found[0].end < 0.2 < found[1].begin
    assert not touches(found[0], found[1])
    # Without a space within them, words stay as they are.
    assert cut_at_spaces(words, RecognizedLine("", 0.0)) == tuple(words)


def test_neighbors_of_one_script_are_one_part_and_others_are_not() -> None:
    signs = "aaaa   bbbb   cccc   dddd"
    words = [word(signs, own, "Latn") for own in ("aaaa", "bbbb", "cccc")]
    words += [word(signs, "dddd", "Grek")]
    assert [part.split() for part in cuts(signs, words, [1, 2, 3])] == [["bbbb", "cccc"], ["dddd"]]
    assert cuts(signs, words, []) == []


def test_a_word_that_looks_like_two_scripts_stays_whole() -> None:
    signs = "aaaa   bbcccc   dddd"
    words = [
        word(signs, own, script)
        for own, script in (("aaaa", "Latn"), ("bb", "Latn"), ("cccc", "Grek"), ("dddd", "Latn"))
    ]
    assert [part.strip() for part in cuts(signs, words, [2])] == ["bbcccc"]
    [crop] = crops_of(words, {2: frozenset()}, draw(signs))
    assert crop.rivals == {"Latn", "Grek"}


def test_words_without_a_space_between_them_are_one() -> None:
    signs = "aaaa   bb cccc   dddd"
    words = [
        word(signs, own, script)
        for own, script in (("aaaa", "Latn"), ("bb", "Latn"), ("cccc", "Cyrl"), ("dddd", "Latn"))
    ]
    assert [part.strip() for part in cuts(signs, words, [2])] == ["cccc"]
    closed = closed_up(words, draw(signs))
    assert [touches(left, right) for left, right in pairwise(closed)] == [False, True, False]
    [crop] = crops_of(closed, {2: frozenset()}, draw(signs))
    assert [each.script for each in crop.words] == ["Latn", "Cyrl"]


def test_the_part_has_its_image_and_its_words() -> None:
    signs = "aaaa    bbbb    cccc"
    words = [word(signs, own, own) for own in ("aaaa", "bbbb", "cccc")]
    [crop] = crops_of(words, {1: frozenset()}, draw(signs))
    assert crop.cut(draw(signs)).shape == (HEIGHT, 8 * WIDTH, 3)
    [own] = crop.own_words
    assert (own.begin, own.end) == pytest.approx((2 / 8, 6 / 8))


def reading(text: str, begin: float = 0.0, end: float = 1.0) -> RecognizedLine:
    step = (end - begin) / len(text)
    characters = tuple(
        RecognizedCharacter(each, 0.9, begin + (i + 0.5) * step) for i, each in enumerate(text)
    )
    return RecognizedLine(text, 0.9, characters)


def test_the_reading_of_a_part_takes_the_place_of_the_line_and_keeps_its_spaces() -> None:
    line = reading("abcd????efgh")
    gap = WhiteGap(0.3, 0.36, True), WhiteGap(0.64, 0.7, False)
    crop = Crop((ScriptRun("Latn", 0.36, 0.64),), frozenset(), *gap)
    alone = crop.on_line(RecognizedLine("xyz", 0.9, reading("xyz").characters))
    assert all(0.33 < character.position < 0.67 for character in alone.characters)
    # The second gap is narrow, and the line has no space there.
    assert with_crops(line, [(crop, alone)]).text == "abcd xyzefgh"
    spaced = reading("abcd???? efgh")
    assert with_crops(spaced, [(crop, alone)]).text == "abcd xyz efgh"
    assert with_crops(line, []) == line


def test_a_part_at_either_end_has_no_space_there() -> None:
    line = reading("???? abcd")
    crop = Crop((ScriptRun("Latn", 0, 0.4),), frozenset(), None, WhiteGap(0.42, 0.54, True))
    assert with_crops(line, [(crop, reading("xy", 0, 0.4))]).text == "xy abcd"
    everything = Crop((ScriptRun("Latn", 0, 1),), frozenset(), None, None)
    assert with_crops(line, [(everything, reading("xyz"))]).text == "xyz"


def test_the_runs_of_parts_stand_between_those_of_the_line() -> None:
    runs = (ScriptRun("Cyrl", 0, 0.3, 10), ScriptRun("Cyrl", 0.7, 1, 10))
    line = RecognizedLine("", 0.0, runs=runs)
    own = RecognizedLine("", 0.0, runs=(ScriptRun("Latn", 0.4, 0.6, 5),))
    crop = Crop(own.runs, frozenset(), WhiteGap(0.3, 0.4), WhiteGap(0.6, 0.7))
    found = with_crops(line, [(crop, own)])
    assert [run.script for run in found.runs] == ["Cyrl", "Latn", "Cyrl"]
    same = RecognizedLine("", 0.0, runs=(ScriptRun("Cyrl", 0.4, 0.6, 5),))
    [run] = with_crops(line, [(crop, same)]).runs
    assert (run.begin, run.end, run.columns) == (0, 1, 25)
