# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Alphabets of scripts, languages and characters."""

from __future__ import annotations

import pytest

from ocrd_rapid.errors import ConfigurationError
from ocrd_rapid.languages.language_names import parse_languages
from ocrd_rapid.ocr.recognition.alphabets import (
    Alphabet,
    kept_classes,
)

CHARACTERS = (
    "", "a", "Z", "ä", "ſ", "č", "ł", "α", "я", "中", "か", "カ", "한", "Ａ", "１", "1", ".", "，",
    "„", "§", "†", "→", "∫", "①", "a\u0364", "ﬀ", " ",
)  # fmt: skip


def kept(languages: str = "", characters: str = "") -> str:
    alphabet = Alphabet(parse_languages(languages), characters)
    numbers = kept_classes(CHARACTERS, alphabet)
    assert numbers[0] == 0
    assert list(numbers) == sorted(set(numbers))
    return "|".join(CHARACTERS[number] for number in numbers[1:])


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ("latin", "a|Z|ä|ſ|č|ł|1|.|„|§|†|→|a\u0364|ﬀ| "),
        ("Latf", "a|Z|ä|ſ|č|ł|1|.|„|§|†|→|a\u0364|ﬀ| "),
        ("deu", "a|Z|ä|ſ|1|.|„|§|†|→|a\u0364| "),
        ("ger", "a|Z|ä|ſ|1|.|„|§|†|→|a\u0364| "),
        ("German", "a|Z|ä|ſ|1|.|„|§|†|→|a\u0364| "),
        ("ces", "a|Z|ä|ſ|č|1|.|„|§|†|→|a\u0364| "),
        ("ces,pol", "a|Z|ä|ſ|č|ł|1|.|„|§|†|→|a\u0364| "),
        ("deu+ces", "a|Z|ä|ſ|č|1|.|„|§|†|→|a\u0364| "),
        ("greek", "α|1|.|„|§|†|→| "),
        ("deu, grc", "a|Z|ä|ſ|č|ł|α|1|.|„|§|†|→|a\u0364|ﬀ| "),
        ("rus", "a|Z|ä|ſ|č|ł|я|1|.|„|§|†|→|a\u0364|ﬀ| "),
    ],
)
def test_languages_and_scripts(languages: str, expected: str) -> None:
    assert kept(languages) == expected


def test_east_asian_texts_have_wide_signs() -> None:
    found = kept("jpn").split("|")
    assert {"中", "か", "カ", "Ａ", "１", "，", "①"} <= set(found)
    assert "한" not in found
    assert "α" not in found


def test_literal_characters_and_the_blank() -> None:
    assert kept(characters="1a") == "a|1| "
    assert kept("greek", "ä") == "ä|α|1|.|„|§|†|→| "


def test_characters_in_decomposed_form() -> None:
    assert kept(characters="a\u0308") == "a|ä| "


def test_nothing_in_common() -> None:
    with pytest.raises(ConfigurationError, match="cannot read any of the characters"):
        kept(characters="Ж")


@pytest.mark.parametrize("name", ["klingon", "de-DE", "xx"])
def test_unknown_languages_are_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown language or script '{name.lower()}'"):
        parse_languages(f"deu,{name}")


def test_no_language_is_no_alphabet() -> None:
    assert parse_languages(" , ") == ()
    assert not Alphabet()
    assert Alphabet(characters="a")


def test_a_syllable_of_hangul_allows_its_letters() -> None:
    characters = ("", " ", "a", *"\u1112\u1161\u11ab\u1100\ud55c")
    assert kept_classes(characters, Alphabet(characters="한")) == (0, 1, 3, 4, 5, 7)
    assert kept_classes(characters, Alphabet(("kor",)))[-5:] == (3, 4, 5, 6, 7)
