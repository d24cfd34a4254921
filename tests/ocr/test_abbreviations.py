# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Abbreviations of early prints."""

from __future__ import annotations

import numpy as np
import pytest

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.ocr.recognition.abbreviations import with_resolved_abbreviations
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.line_model import LaterLayer, LineHead, ScriptLayers
from ocrd_rapid.ocr.recognition.recognizer import Recognizer


def line(text: str) -> RecognizedLine:
    """Return a line; a letter and its mark are one character."""
    signs: list[str] = []
    for sign in text:
        if sign in "\u0303\u0365":
            signs[-1] += sign
        else:
            signs.append(sign)
    found = tuple(RecognizedCharacter(s, 0.9, i / len(signs)) for i, s in enumerate(signs))
    return RecognizedLine(text, 0.9, found, head="earlyprint")


@pytest.mark.parametrize(
    ("printed", "resolved"),
    [
        ("⁊ nouueau", "et nouueau"),
        ("⁊c.", "etc."),
        ("ꝑdre, ꝓpre, noꝰ", "perdre, propre, nous"),
        ("leq\u0303l ap\u0303s q\u0365l", "lequel apres quil"),
        ("cõmẽt", "comment"),
        ("tẽps, chãbre, nõꝑ", "temps, chambre, nomper"),
        ("grãt dõt ĩſtruit", "grant dont inſtruit"),
        # Only the language tells what stands at the end, and before a vowel.
        ("mõ nõ, bellũ dõ", "mõ nõ, bellũ dõ"),
        ("cõ-", "cõ-"),
        ("aãi", "aãi"),
        ("niño", "niño"),
    ],
)
def test_what_a_rule_tells_is_resolved(printed: str, resolved: str) -> None:
    found = with_resolved_abbreviations(line(printed))
    assert found.text == resolved
    assert "".join(each.text for each in found.characters) == resolved


def test_a_sign_keeps_its_place_and_its_confidence() -> None:
    before = line("noꝰ a")
    after = with_resolved_abbreviations(before)
    assert [c.position for c in after.characters] == [c.position for c in before.characters]
    assert after.characters[2].text == "us"


def test_alternatives_are_resolved_too() -> None:
    characters = (
        RecognizedCharacter("õ", 0.6, 0.2, (("o", 0.3), ("ẽ", 0.1))),
        RecognizedCharacter("t", 0.9, 0.7),
    )
    found = with_resolved_abbreviations(RecognizedLine("õt", 0.7, characters))
    assert found.characters[0].alternatives == (("o", 0.3), ("en", 0.1))


class AlwaysEt:
    """A network whose heads read ⁊ and nothing else; only the second is sure of it."""

    whole: LaterLayer | None = None
    scripts: ScriptLayers | None = None

    def __init__(self, *resolve: bool) -> None:
        self.heads = tuple(
            LineHead(name, ("", "⁊"), resolves=own)
            for name, own in zip(("base", "earlyprint"), resolve, strict=True)
        )

    def probabilities(self, batch: FloatArray) -> FloatArray:
        step = np.array([[0.4, 0.6, 0.01, 0.99]], dtype=np.float32)
        return np.repeat(step, batch.shape[3] // 8, axis=0)


@pytest.mark.parametrize(
    ("resolve", "text"), [((False, True), "et"), ((True, False), "⁊"), ((False, False), "⁊")]
)
def test_the_head_that_is_chosen_says_whether_they_are_resolved(
    resolve: tuple[bool, bool], text: str
) -> None:
    image = np.full((48, 96, 3), 255, np.uint8)
    image[12:36, 20:60] = 0
    (read,) = Recognizer(AlwaysEt(*resolve)).recognize([image])
    assert (read.text, read.head) == (text, "earlyprint")
