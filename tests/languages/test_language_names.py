# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Names and codes of languages and scripts."""

from __future__ import annotations

import re

import pytest

from ocrd_rapid.errors import ConfigurationError
from ocrd_rapid.languages import language_names
from ocrd_rapid.languages.language_names import BY_NAME, Written, parse_languages
from ocrd_rapid.languages.scripts import SCRIPTS


@pytest.mark.parametrize(
    ("names", "language", "scripts"),
    [
        ("ru rus russian", "russian", ("Cyrl",)),
        ("ko kor", "korean", ("Hang", "Hani")),
        ("ja jpn japanese", "japanese", ("Hira", "Kana", "Hani")),
        ("hy hye arm", "armenian", ("Armn",)),
        ("la lat neo-latin", "neo-latin", ("Latn",)),
        ("latin latn latf", "", ("Latn",)),
        ("arabic arab aran", "", ("Arab",)),
        ("kana hira katakana", "", ("Hira", "Kana")),
    ],
)
def test_names_and_codes(names: str, language: str, scripts: tuple[str, ...]) -> None:
    for name in names.split():
        assert BY_NAME[name] == Written(scripts, language)


def test_every_script_is_one_of_the_table() -> None:
    assert {script for written in BY_NAME.values() for script in written.scripts} <= set(SCRIPTS)


def test_the_language_of_every_script_is_known() -> None:
    for script in SCRIPTS.values():
        assert parse_languages(script.language) == (script.language,)
    assert BY_NAME["amh"] == Written(("Ethi",), "amharic")
    assert BY_NAME["ett"] == Written(("Ital",))


def test_a_code_means_one_language_only() -> None:
    """Of a name that the table has twice, one meaning would be lost."""
    entries = [{*entry.split()} for entry in re.split(r"[,\n]", language_names._TABLE)]
    names = [name for entry in entries for name in entry if name not in SCRIPTS]
    assert len(names) > 350
    assert sorted({*names}) == sorted(names)


def test_names_for_people() -> None:
    assert str(BY_NAME["gmh"]) == "Middle High German"
    assert str(BY_NAME["jpan"]) == "Hiragana and Katakana and Han script"


def test_a_list_of_names() -> None:
    assert parse_languages("deu, Russian+Latf,, ") == ("deu", "russian", "latf")
    assert parse_languages("eslav", also=["eslav"]) == ("eslav",)


def test_a_misspelled_name_is_told_with_the_right_one() -> None:
    with pytest.raises(ConfigurationError, match=r"--language: .*'russan'; did you mean russian"):
        parse_languages("deu,russan", "--language")
