# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The group of typefaces of a line, by the head that was chosen for it."""

from __future__ import annotations

import numpy as np
import pytest
from painted_pages import detect, letter_page

from ocrd_rapid.inference.model import FloatArray
from ocrd_rapid.ocr.page_reading import read_page
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedLine
from ocrd_rapid.ocr.recognition.line_model import BASE, LaterLayer, LineHead, ScriptLayers
from ocrd_rapid.ocr.recognition.recognizer import Recognizer

CHARACTERS = ("", "a")


class TwoHeads:
    """A network whose second head, for black letter, is sure of reading an a, the first not."""

    heads = (LineHead(BASE, CHARACTERS), LineHead("blackletter", CHARACTERS, "Fraktur"))
    whole: LaterLayer | None = None
    scripts: ScriptLayers | None = None

    def probabilities(self, batch: FloatArray) -> FloatArray:
        step = np.array([[0.4, 0.6, 0.01, 0.99]], dtype=np.float32)
        return np.repeat(step, batch.shape[3] // 8, axis=0)


RECOGNIZER = Recognizer(TwoHeads())


@pytest.mark.parametrize(
    ("text", "head", "confidence", "typeface"),
    [
        ("a", "blackletter", 0.9, "Fraktur"),
        ("a", BASE, 0.9, "Antiqua"),
        ("1 б", BASE, 0.9, ""),
        ("a", "blackletter", None, ""),
    ],
)
def test_the_head_tells_the_typeface(
    text: str, head: str, confidence: float | None, typeface: str
) -> None:
    line = RecognizedLine(text, 1.0, head=head, head_confidence=confidence)
    assert RECOGNIZER.typeface(line) == typeface


def test_the_lines_of_a_page_have_it() -> None:
    page = read_page(letter_page(), detect().detector, None, RECOGNIZER)
    assert {line.typeface for line in page.lines} == {"Fraktur"}
