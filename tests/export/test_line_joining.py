# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines, and paragraphs made of them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_pages import region

from ocrd_rapid.export.hyphens import HYPHENS
from ocrd_rapid.export.line_joining import (
    clean,
    joined,
    printed_lines,
    with_whole_words,
)
from ocrd_rapid.ocr.page_model import ReadRegion

LINES = st.lists(
    st.one_of(st.text(), st.text(st.sampled_from("aZ1ſ漢א -¬⸗\u00ad—\u0308.")))
    .map(clean)
    .filter(bool),
    min_size=1,
)


def squeezed(text: str) -> str:
    """Return a text without white space and hyphens, in NFC."""
    kept = "".join(c for c in text if not c.isspace() and c not in HYPHENS)
    return unicodedata.normalize("NFC", kept)


@pytest.mark.parametrize(
    ("lines", "expected", "with_hyphens"),
    [
        (["ein Wort", "und noch eins"], "ein Wort und noch eins", None),
        (["Gärtner-", "arbeit"], "Gärtnerarbeit", "Gärtner- arbeit"),
        (["Gärt⸗", "ner\u00ad", "ar¬", "beit"], "Gärtnerarbeit", "Gärt⸗ ner\u00ad ar¬ beit"),
        (["Alt-", "Wien"], "Alt-Wien", None),
        (["1914-", "1918"], "1914-1918", None),
        (["Nr.-", "ein"], "Nr.- ein", None),
        (["er kam —", "und ging"], "er kam — und ging", None),
        (["er kam—", "und ging"], "er kam— und ging", None),
        (["-", "a"], "- a", None),
        (["漢字", "かな"], "漢字かな", None),
        (["漢字", "abc"], "漢字 abc", None),
        (["한국", "어"], "한국 어", None),
        (["uͤ-", "ber"], "uͤber", "uͤ- ber"),
    ],
)
def test_lines_become_one(lines: list[str], expected: str, with_hyphens: str | None) -> None:
    assert joined(lines, join_hyphens=True) == expected
    assert joined(lines, join_hyphens=False) == (with_hyphens or expected)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["ein Gärt-", "ner kommt", "und geht"], ["ein Gärtner", "kommt", "und geht"]),
        (["Gärt-", "ner-", "ar-", "beit"], ["Gärtnerarbeit"]),
        (["Alt-", "Wien"], ["Alt-", "Wien"]),
        (["a-", "b c-", "d"], ["ab", "cd"]),
    ],
)
def test_lines_stay_and_words_are_whole(lines: list[str], expected: list[str]) -> None:
    assert list(with_whole_words(lines)) == expected


@given(LINES)
def test_no_letter_is_lost(lines: list[str]) -> None:
    everything = squeezed("".join(lines))
    assert squeezed(joined(lines, join_hyphens=True)) == everything
    assert squeezed(joined(lines, join_hyphens=False)) == everything
    assert squeezed("".join(with_whole_words(lines))) == everything


@given(LINES)
def test_no_hyphen_is_lost_where_they_are_kept(lines: list[str]) -> None:
    kept = "".join(joined(lines, join_hyphens=False).split())
    everything = "".join("".join(lines).split())
    assert unicodedata.normalize("NFC", kept) == unicodedata.normalize("NFC", everything)


@given(LINES)
def test_hyphens_within_lines_stay(lines: list[str]) -> None:
    inner = sum(c in HYPHENS for line in lines for c in line[:-1])
    assert sum(c in HYPHENS for c in joined(lines, join_hyphens=True)) >= inner
    assert "—" not in "".join(lines) or "—" in joined(lines, join_hyphens=True)


@given(st.text())
def test_clean_text_is_one_line_of_nfc_that_xml_allows(text: str) -> None:
    found = clean(text)
    assert found == " ".join(found.split()) and unicodedata.is_normalized("NFC", found)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in found)


def test_lines_of_a_region_without_lines() -> None:
    own = ReadRegion(own_text=" a\x00b \r\n\n c\fd\tſ")
    assert printed_lines(own, modern_spelling=False) == ("ab", "c", "d ſ")
    assert printed_lines(own, modern_spelling=True) == ("ab", "c", "d s")


def test_empty_lines_are_left_out() -> None:
    assert printed_lines(region(None, "", "a", " "), modern_spelling=False) == ("a",)
