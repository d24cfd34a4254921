# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a head of a script learns to read of a drawn line."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from training_modules import imported

from ocrd_rapid.ocr.recognition.visual_order import to_logical

pytest.importorskip("torch")
pytest.importorskip("fontTools")

ZWNJ, ZWJ = "\u200c", "\u200d"


@pytest.fixture(scope="module")
def training() -> Iterator[Any]:
    """Import the modules, which stand outside the package."""
    with imported(scripts="scripts", texts="script_texts", pieces="script_pieces") as modules:
        yield modules


def learnt(training: Any, text: str, code: str) -> str:
    """Return what is learnt of a text that is drawn as one word."""
    line = SimpleNamespace(words=[SimpleNamespace(text=training["texts"].normalize(text))])
    printed: str = training["scripts"].printed_text(line, code)
    return printed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"ఆన్{ZWNJ}లైన్", "Telu"),  # A virama that shows, in place of a conjunct.
        (f"ನ್{ZWNJ}ನೊಂ", "Knda"),
        (f"ക്{ZWNJ}ഷേ", "Mlym"),
        (f"ශ්{ZWJ}රව්{ZWJ}ය", "Sinh"),  # An r and a y below others.
    ],
)
def test_a_joiner_that_shows_is_learnt(training: Any, text: str, code: str) -> None:
    printed = learnt(training, text, code)
    assert printed.count(ZWNJ) + printed.count(ZWJ) == text.count(ZWNJ) + text.count(ZWJ)
    assert to_logical(printed).text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [(f"ఆన్{ZWNJ}", "Telu"), (f"മു{ZWNJ}ഗ", "Mlym"), (f"می{ZWNJ}خ", "Arab"), (f"क्{ZWNJ}ष", "Deva")],
)
def test_a_joiner_that_does_not_show_is_not(training: Any, text: str, code: str) -> None:
    printed = learnt(training, text, code)
    assert ZWNJ not in printed
    assert len(printed) == len(text) - 1


def test_the_former_spelling_of_a_letter_is_learnt_as_the_letter(training: Any) -> None:
    assert learnt(training, f"അവര്{ZWJ}", "Mlym") == "അവ\u0d7c"


def test_an_r_or_y_below_a_letter_of_sinhala_is_one_piece(training: Any) -> None:
    printed = learnt(training, f"ශ්{ZWJ}ර", "Sinh")
    assert list(training["pieces"].pieces(printed)) == ["ශ", f"\u0dca{ZWJ}ර"]
