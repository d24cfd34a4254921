# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Safe parsing, and text that can be written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ocrd_rapid.workspace.xml import clean_text, parse


@given(st.text(st.characters(exclude_categories=())))
def test_clean_text_is_text_that_xml_allows(text: str) -> None:
    element = etree.Element("a")
    element.text = clean_text(text)
    assert parse(etree.tostring(element)).text == (clean_text(text) or None)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize("text", ["", "a\tb\nc\r", "ſ ß Ä æ", "漢字 😀", "\u00a0\u3000", "\u0085"])
def test_text_without_control_characters_stays(text: str) -> None:
    assert clean_text(text) == text


def test_blanks_between_elements_go_and_blanks_in_text_stay() -> None:
    root = parse(b"<a>\n  <b> </b>\n  <c>x </c>\n</a>")
    assert etree.tostring(root) == b"<a><b> </b><c>x </c></a>"


def test_what_is_not_well_formed_is_an_error() -> None:
    with pytest.raises(etree.XMLSyntaxError):
        parse(b"<a><b></a>")


def test_declarations_of_entities_are_an_error() -> None:
    with pytest.raises(etree.XMLSyntaxError, match="declarations of entities are not allowed"):
        parse(b'<!DOCTYPE a [<!ENTITY x "expanded">]><a>&x;</a>')


def test_the_entities_of_xml_itself_and_numbers_are_text() -> None:
    assert parse(b"<a>&lt;&amp;&gt;&quot;&#228;&#x17F;</a>").text == '<&>"äſ'
