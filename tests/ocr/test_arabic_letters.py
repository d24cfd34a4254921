# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Arabic letters as they look, and as languages spell them."""

from __future__ import annotations

import pytest

from ocrd_rapid.ocr.recognition.arabic_letters import printed_letters, spelled_letters
from ocrd_rapid.ocr.recognition.visual_order import to_logical, to_visual


def spelled(text: str) -> str:
    """Return a text as printed in the spelling of its language."""
    return "".join(sign for sign, _ in spelled_letters([(c, (i,)) for i, c in enumerate(text)]))


@pytest.mark.parametrize(
    "text",
    [
        "ذهب الرجل إلى مكتبة كبيرة في المدينة وهذه له",
        "نمی\u200cتوانم پرونده را باز کنم، خانه\u200cای دیگر",
        "یہ کتاب ہے اور وہ نہیں",
        "دا د پښتو ژبې يو کتاب دی، زه ځم",
        "ئۇيغۇر ھۆججەت قىسقۇچى كۆرسەت",
        "ئەم پەڕەیە لە کوێیە",
        "12 שלום abc",
    ],
)
def test_languages_keep_their_letters(text: str) -> None:
    assert spelled(printed_letters(text)) == text


def test_letters_that_look_alike_are_one() -> None:
    assert printed_letters("کیف") == printed_letters("كيف")
    assert printed_letters("علی") == printed_letters("على") != printed_letters("علي")
    assert printed_letters("به") == printed_letters("بہ") == "بە"
    # Marks stand between letters that are joined.
    assert printed_letters("یَک") == "يَک"


def test_a_lost_non_joiner_leaves_the_letters() -> None:
    assert spelled(printed_letters("کتاب\u200cها گفت")) == "کتابها گفت"


def test_a_non_joiner_comes_from_the_letter_before() -> None:
    found = to_logical(to_visual("می\u200cگوید"))
    assert found.text == "می\u200cگوید"
    assert found.origins == ((5,), (4,), (4,), (3,), (2,), (1,), (0,))


def test_presentation_forms_become_the_letters_that_they_present() -> None:
    """Some models read lam and alef as one character."""
    # From left to right: final yeh, initial feh, lam with alef and hamza, alef.
    found = to_logical("\ufef2\ufed3\ufef7\u0627")
    assert found.text == "\u0627\u0644\u0623\u0641\u064a"
    assert found.origins == ((3,), (2,), (2,), (1,), (0,))
