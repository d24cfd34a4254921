# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text of any kind in HTML and XML is text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from ocrd_rapid.export.escaping import attributes, escaped
from ocrd_rapid.workspace.xml import clean_text

# A parser turns carriage returns into newlines.
TEXT = st.text().map(lambda text: clean_text(text).replace("\r", ""))


@given(TEXT)
def test_text_stays_text_in_html_and_xml(text: str) -> None:
    markup = f"<div{attributes(title=text)}>{escaped(text)}</div>"
    for found in (html.fromstring(markup), etree.fromstring(markup)):
        assert not len(found)
        assert "".join(found.itertext()) == text
    assert html.fromstring(markup).get("title") == text


def test_names_and_values_of_attributes() -> None:
    values = attributes(data_line='"1"', class_="a", aria_level=3, dir=None)
    assert values == ' data-line="&quot;1&quot;" class="a" aria-level="3"'


def test_control_characters_are_left_out() -> None:
    assert escaped("a\x00\x0bb\ud800<") == "ab&lt;"
