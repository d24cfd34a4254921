# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The table of scripts."""

from __future__ import annotations

import unicodedata

import pytest

from ocrd_rapid.languages.scripts import SCRIPTS, script_name, script_of


@pytest.mark.parametrize(
    ("script", "characters"),
    [
        ("Latn", "aZäſłªÅⁿ"),
        ("Cyrl", "яѣЄ"),
        ("Grek", "αᾧµ"),
        ("Hebr", "שּׁ"),
        ("Arab", "قی"),
        ("Deva", "कि१"),
        ("Hani", "漢〇"),
        ("Hira", "か"),
        ("Kana", "アーｱ"),
        ("Hang", "한ᄀ"),
        ("Cans", "ᐁ"),
        ("Tale", "ᥐ"),
        ("Talu", "ᦀ"),
        ("Nkoo", "ߊ"),
        ("", "1,.—€ \u0301²،।"),
    ],
)
def test_letters_and_what_belongs_to_one_script_only_have_a_script(
    script: str, characters: str
) -> None:
    assert {script_of(character) for character in characters} == {script}


def test_the_letters_of_every_script_are_in_unicode() -> None:
    found = {script_of(chr(code)) for code in range(0x20000)}
    assert found == {"", *SCRIPTS}


def test_directions_are_those_of_the_letters() -> None:
    letters: dict[str, list[str]] = {}
    for code in range(0x20000):
        if unicodedata.category(chr(code)).startswith("L"):
            letters.setdefault(script_of(chr(code)), []).append(chr(code))
    for code, script in SCRIPTS.items():
        kinds = [unicodedata.bidirectional(letter) for letter in letters[code]]
        right = sum(kind in ("R", "AL") for kind in kinds)
        assert script.right_to_left == (right > len(kinds) / 2), script.name


def test_names_are_unique() -> None:
    names = [script.name.lower() for script in SCRIPTS.values()]
    assert len(set(names)) == len(names)
    assert script_name("Cyrl") == "Cyrillic"
    assert script_name("Qaaa") == "Qaaa"
