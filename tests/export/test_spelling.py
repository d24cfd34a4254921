# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.export.spelling import modern


@pytest.mark.parametrize(
    ("printed", "today"),
    [
        ("Daſs iſt Waſſer", "Dass ist Wasser"),
        ("Ge⸗\nmüthe", "Ge-\nmüthe"),
        ("Jgnatz⸗Weg", "Jgnatz-Weg"),
        ("Heꝛꝛ", "Herr"),
        ("fuͤr Aͤltere, Oͤl, koͤnnen, naͤchſt, Uͤbel", "für Ältere, Öl, können, nächst, Übel"),
        ("zuͦ", "zu"),
        ("kůň", "kůň"),
        ("oﬃce ﬀ ﬁ ﬂ ﬄ ﬅ ﬆ", "office ff fi fl ffl st st"),
        ("\ue42c\ueba6 Da\uf502 Sa\ueedc", "äss Dach Satz"),
        ("Gold, Silber ꝛc.", "Gold, Silber etc."),
        ("vnd, vñ, Maſs, Straße", "vnd, vñ, Mass, Straße"),
        ("ſo¬", "so-"),
        ("kom̄¬", "kom̄-"),
        ("a ¬ b", "a ¬ b"),
        ("Wör\u00adter Wör\u00ad\nter", "Wörter Wör-\nter"),
        ("œuvre, Æther", "œuvre, Æther"),
        ("\ufefb \ufe8d", "لا ا"),
        ("ĳsvrij", "ijsvrij"),
        ("a\u0308", "ä"),
        ("½ ² ª №", "½ ² ª №"),
        ("", ""),
    ],
)
def test_letters_of_today(printed: str, today: str) -> None:
    assert modern(printed) == today


@given(st.text(st.sampled_from("aouſꝛcsfi⸗¬-\u00ad\u0364\u0366\u0308ﬁﬅﬄ\ue42c\uf502 \nﷺ\ufe70⁊")))
def test_twice_is_once_and_in_nfc(text: str) -> None:
    once = modern(text)
    assert modern(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text())
def test_any_text_is_put_into_nfc(text: str) -> None:
    assert unicodedata.is_normalized("NFC", modern(text))
