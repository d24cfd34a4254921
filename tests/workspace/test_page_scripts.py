# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Scripts in PAGE-XML."""

from __future__ import annotations

import pytest
from lxml import etree

from ocrd_rapid.languages.scripts import SCRIPTS
from ocrd_rapid.workspace.page_scripts import scripts_of_element, set_scripts
from ocrd_rapid.workspace.segments import tag


@pytest.mark.parametrize(
    ("name", "scripts", "expected"),
    [
        ("TextLine", ["Cyrl"], {"primaryScript": "Cyrl - Cyrillic"}),
        (
            "TextRegion",
            ["Latn", "Grek", "Hebr"],
            {"primaryScript": "Latn - Latin", "secondaryScript": "Grek - Greek"},
        ),
        ("Word", ["Zzzz"], {"primaryScript": "Zzzz - Code for uncoded script"}),
        ("Glyph", ["Hani", "Latn"], {"script": "Hani - Han (Hanzi, Kanji, Hanja)"}),
        # Unicode has it, PAGE does not.
        ("TextLine", ["Rohg"], {"primaryScript": "other"}),
        ("TextLine", [], {}),
    ],
)
def test_scripts_have_the_names_of_the_schema(
    name: str, scripts: list[str], expected: dict[str, str]
) -> None:
    element = etree.Element(tag(name), primaryScript="Arab - Arabic", secondaryScript="other")
    if name == "Glyph":
        element = etree.Element(tag(name), script="Arab - Arabic")
    set_scripts(element, scripts)
    assert dict(element.attrib) == expected


def test_scripts_can_be_read_again() -> None:
    element = etree.Element(tag("TextLine"))
    set_scripts(element, ["Deva", "Latn"])
    assert scripts_of_element(element) == ("Deva", "Latn")
    element = etree.Element(tag("TextLine"), primaryScript="other", secondaryScript="nonsense")
    assert scripts_of_element(element) == ()


def test_nearly_all_scripts_have_a_name_in_page() -> None:
    element, missing = etree.Element(tag("Word")), set()
    for code in SCRIPTS:
        set_scripts(element, [code])
        if scripts_of_element(element) != (code,):
            missing.add(code)
    assert missing == {"Rohg", "Hmnp"}
