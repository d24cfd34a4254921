# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Characters of a line as printed and in the order of the text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.logical_lines import in_logical_order, lines_in_logical_order
from ocrd_rapid.ocr.recognition.syllable_order import REPH
from ocrd_rapid.ocr.recognition.visual_order import to_logical, to_visual

RIGHT_TO_LEFT = {
    # Letters, brackets, digits
    "שלום עולם": "םלוע םולש",
    "סעיף 12 (ב)": "(ב) 12 ףיעס",
    "קנו 45-67% מהם": "םהמ 45-67% ונק",
    "ספר [א] של {ב}": "{ב} לש [א] רפס",
    # Latin words, with numbers and brackets of their own
    "בשנת 1995 יצא Windows 95 לשוק.": ".קושל Windows 95 אצי 1995 תנשב",
    "קולות abc (def) 1, 2 שירים": "םיריש abc (def) 1, 2 תולוק",
    "צג LCD (או LED) חדש": "שדח (LED וא) LCD גצ",
    # Points stay behind their letters.
    "שָׁלוֹם": "םוֹל" + unicodedata.normalize("NFC", "שָׁ"),
    # European digits after Arabic letters are parted by a hyphen, others are not.
    "صدر 12-34 ثم 1.5": "1.5 مث 34-12 ردص",
    "12-34 صدر": "ردص 12-34",
    "في ١٢/٣/٢٠٢٠ قال": "لاق ١٢/٣/٢٠٢٠ يف",
    "قال: «نعم»": "«معن» :لاق",
    # Letters that look alike are one; a non-joiner is not printed.
    "می\u200cخواهم بگویم": "ميوگب مهاوخىم",
    "کتاب خانه\u200cها": "اهەناخ باتك",
    "على كتابي": "يباتك ىلع",
}
LEFT_TO_RIGHT = {
    "the word אבג דהו means": "the word והד גבא means",
    "see אבג (דה) there": "see (הד) גבא there",
    "in אבג 12 דה there": "in הד 12 גבא there",
    "Wort (אבג) hier": "Wort (גבא) hier",
}
SYLLABLES = {
    # The vowel i stands before all consonants, however many.
    "हिन्दी शक्ति": "िहन्दी शिक्त",
    # r before consonants is a hook at the end of the syllable, over its vowel.
    "कार्य मार्का र्मि": f"काय{REPH} माका{REPH} िम{REPH}",
    "র্কি": f"িক{REPH}",
    "ಕರ್ನಾಟಕ": f"ಕನಾ{REPH}ಟಕ",
    "ධර්\u200dම": f"ධම{REPH}",
    # Vowels of two parts
    "কো কৌ ক্যো": "েকা েকৗ েক্যা",
    "கொ கோ கௌ": "ெகா ேகா ெகௗ",
    "കൊ കോ": "െകാ േകാ",
    "කො කෝ කේ": "ෙකා ෙකා් ෙක්",
    "କୋ କୌ କୈ": "େକା େକୗ େକୖ",
    "កោ កើ": "េកា េកើ",
    # The dot of Tamil parts consonants; a non-joiner does, too.
    "க்கெ க்ஷெ": "க்ெக ெக்ஷ",
    "ड्\u200cडि": "ड्\u200cिड",
    # Khmer and Burmese r
    "ស្ត្រី ប្រើ": "្រស្តី េ្របើ",
    "ကြော သင်္ဘော": "ေြကာ သေင်္ဘာ",
    # In printed order in Unicode
    "เดือน ແມ່": "เดือน ແມ່",
    "తెలుగు": "తెలుగు",
    "Müller 12": "Müller 12",
}
ALL = RIGHT_TO_LEFT | LEFT_TO_RIGHT | SYLLABLES


@pytest.mark.parametrize("text", ALL)
def test_there_and_back(text: str) -> None:
    logical = unicodedata.normalize("NFC", text)
    assert to_visual(logical) == ALL[text]
    assert to_logical(ALL[text]).text == logical


@pytest.mark.parametrize(
    ("text", "same_look"),
    [
        ("קולות 95 Windows שירים", "קולות Windows 95 שירים"),
        ("קול (a) b שיר", "קול b (a) שיר"),
        ("in אבג 12 here", "in 12 אבג here"),
        ("שלום\u200f (12)", "שלום (12)"),
        ("विि", "वि" + "\u093f"),
    ],
)
def test_texts_that_look_like_others(text: str, same_look: str) -> None:
    assert to_visual(text) == to_visual(same_look)


@pytest.mark.parametrize(
    ("visual", "read"),
    [
        # No text has this look without marks of direction; a book may.
        ("3 GB םולש", "שלום 3 GB"),
        ("(a) b םולש", "שלום (a) b"),
        # What is not a syllable stays as it is.
        ("ि ક", "ि ક"),
        (f"{REPH} x", f"{REPH} x"),
        ("ে", "ে"),
        ("", ""),
    ],
)
def test_signs_in_an_order_that_no_text_has(visual: str, read: str) -> None:
    assert to_logical(visual).text == read


def test_every_character_knows_where_it_comes_from() -> None:
    found = to_logical("1995-ב")
    assert found.text == "ב-1995"
    assert found.origins == ((5,), (4,), (0,), (1,), (2,), (3,))
    assert found.backwards == (True, True, False, False, False, False)
    found = to_logical("েকাa")
    assert found.text == "কোa"
    assert found.origins == ((1,), (0, 2), (3,))
    assert to_logical(f"य{REPH}").origins == ((1,), (1,), (0,))


ALPHABET = "אבגابجabc0123٤٥ -,.:%$+()[]«»'\"/\u05b8\u064e\u200c" + "कखिीर्ক া ে ো র্" + REPH


@given(st.text(ALPHABET, max_size=40))
def test_nothing_is_lost_on_the_way(text: str) -> None:
    """Whatever is read, every sign is in the text, and every character was a sign."""
    found = to_logical(text)
    assert len(found.origins) == len(found.backwards) == len(found.text)
    assert {i for origins in found.origins for i in origins} == set(range(len(text)))


@given(st.text("אבגדابجد .,:!\"'־،؟", max_size=40))
def test_lines_without_numbers_and_latin_survive(text: str) -> None:
    assert to_logical(to_visual(text)).text == unicodedata.normalize("NFC", text)


@given(st.lists(st.sampled_from(["कि", "र्क", "र्को", "त्रि", "म", "आ", " ", "न्", "12", "a"])))
def test_syllables_survive(parts: list[str]) -> None:
    text = "".join(parts)
    assert to_logical(to_visual(text)).text == text


def line(text: str, *others: tuple[int, str]) -> RecognizedLine:
    """Return a line as decoded, with other readings of some of its signs."""
    alternatives = {index: ((other, 0.1),) for index, other in others}
    characters = tuple(
        RecognizedCharacter(c, 0.9, i / 100, alternatives.get(i, ()), 0.8, i / 1000)
        for i, c in enumerate(text)
    )
    return RecognizedLine(text, 0.9, characters, "hebrew", 0.7)


def test_lines_in_logical_order() -> None:
    found = in_logical_order(line("(ב) 12 א", (0, "["), (4, "7")))
    assert found.text == "א 12 (ב)"
    assert (found.head, found.head_confidence, found.probability) == ("hebrew", 0.7, 0.9)
    assert [c.text for c in found.characters] == [*"א 12 (ב)"]
    assert [round(100 * c.position) for c in found.characters] == [7, 6, 4, 5, 3, 2, 1, 0]
    # What else a mirrored sign may be is mirrored, too.
    assert [c.alternatives for c in found.characters if c.alternatives] == [
        (("7", 0.1),), (("]", 0.1),),
    ]  # fmt: skip
    # What is missing before a sign in the text stands behind it on the line.
    assert [round(1000 * c.missing) for c in found.characters] == [0, 7, 4, 5, 4, 3, 2, 1]


def test_signs_that_are_one_character_and_characters_that_are_one_sign() -> None:
    found = in_logical_order(line(f"েকাক{REPH}", (2, "x"), (4, "y")))
    assert found.text == "কোর্ক"
    assert [(c.text, round(100 * c.position)) for c in found.characters] == [
        ("ক", 1), ("ো", 0), ("র্", 4), ("ক", 3),
    ]  # fmt: skip
    assert found.characters[1].confidence == pytest.approx(0.64)
    assert [c.alternatives for c in found.characters] == [(), (), (("y", 0.1),), ()]


def test_letters_of_hangul_become_syllables() -> None:
    visual = unicodedata.normalize("NFD", "한글 (가)")
    found = in_logical_order(line(visual))
    assert found.text == "한글 (가)"
    # Three letters, the middle of which is the place of the syllable; two of (가).
    assert [(c.text, round(1000 * c.position)) for c in found.characters] == [
        ("한", 10), ("글", 40), (" ", 60), ("(", 70), ("가", 85), (")", 100),
    ]  # fmt: skip
    assert found.characters[0].confidence == pytest.approx(0.8**3)
    assert found.characters[4].confidence == pytest.approx(0.8**2)


def test_letters_of_hangul_without_a_syllable_stand_alone() -> None:
    """A final without its vowel, and the letters of an abbreviation, are no parts."""
    found = in_logical_order(line("\u1112\u1112 \u11ab\u1100\u1161\u11a8\u11aa"))
    assert found.text == "ㅎㅎ ㄴ각ㄳ"


@given(st.text("가각간힣뷁ㄱㄳㅏ아 1a.,", max_size=40))
def test_korean_survives_being_read_by_letters(text: str) -> None:
    assert to_logical(unicodedata.normalize("NFD", to_visual(text))).text == text


def test_lines_with_letters_of_both_directions_run_as_their_region() -> None:
    visual = [line(text) for text in ("םלוע םולש", "9 Windows לע", "a", "לע Windows 9", "34-12")]
    found = lines_in_logical_order(visual, [0, 0, 0, 1, 2])
    assert [each.text for each in found] == [
        "שלום עולם", "על 9 Windows", "a", "על Windows 9", "34-12",
    ]  # fmt: skip
    # Each by itself
    assert lines_in_logical_order(visual)[1].text == "9 Windows על"


def test_other_lines_are_left_as_they_are() -> None:
    latin = line("Müller ß 12 中")
    assert in_logical_order(latin) is latin
