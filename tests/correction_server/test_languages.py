# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every text of the interface is there in each language, with the same values in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import ocrd_rapid.correction_server as package
from ocrd_rapid.correction_server.user_settings import LANGUAGES

WEB = Path(package.__file__).parent / "web"
TEXTS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (WEB / "languages").glob("*.json")
}


def test_all_languages_have_the_same_texts() -> None:
    assert TEXTS.keys() == set(LANGUAGES)
    for texts in TEXTS.values():
        assert list(texts) == list(TEXTS["en"])
        for name, text in texts.items():
            assert text.strip()
            assert set(re.findall(r"\{\w+\}", text)) == set(
                re.findall(r"\{\w+\}", TEXTS["en"][name])
            )


def test_every_text_that_is_asked_for_is_there_and_no_other() -> None:
    page = (WEB / "index.html").read_text(encoding="utf-8")
    used = set(re.findall(r'data-(?:text|label)="([\w.-]+)"', page))
    for path in WEB.glob("*.js"):
        content = path.read_text(encoding="utf-8")
        for call in re.findall(r"\btext\(([^;]*?)(?:\)|, \{)", content):
            used |= set(re.findall(r'"([\w.-]+)"', call))
    editor = (WEB.parent.parent / "export" / "line_editor.js").read_text(encoding="utf-8")
    block = re.search(r"const ENGLISH = \{(.*?)\};", editor, re.DOTALL)
    assert block is not None
    used |= {f"line.{name}" for name in re.findall(r'"?([\w-]+)"?: "', block[1])}
    used |= {"notSaved", "saving", "typed"}
    used |= {name for name in TEXTS["en"] if name.removesuffix(".one") in used}
    assert set(TEXTS["en"]) - used == set()
    assert {name for name in used if name in TEXTS["en"] or not name.islower()} == set(TEXTS["en"])
