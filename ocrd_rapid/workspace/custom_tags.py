# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tags in ``@custom``, in the syntax of Transkribus: ``name {key:value; key:value;} name {…}``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree


def custom_tag(element: etree._Element, name: str) -> dict[str, str]:
    """Return the values of a tag of an element; empty if it has no such tag."""
    found = _tag(name).search(str(element.get("custom", "")))
    if found is None:
        return {}
    pairs = (pair.partition(":") for pair in found[1].split(";"))
    return {key.strip(): value.strip() for key, separator, value in pairs if separator}


def add_custom(element: etree._Element, name: str, values: Mapping[str, str]) -> None:
    """Add a tag to an element; one without values is ``name {}``."""
    inside = " ".join(f"{key}:{_escaped(value)};" for key, value in values.items())
    before = element.get("custom", "")
    element.set("custom", f"{before} {name} {{{inside}}}".strip())


def set_custom_tag(element: etree._Element, name: str, values: Mapping[str, str]) -> None:
    """Set the values of a tag of an element, or remove it if there are none; others stay."""
    rest = _tag(name).sub("", str(element.get("custom", ""))).strip()
    if rest:
        element.set("custom", rest)
    elif "custom" in element.attrib:
        del element.attrib["custom"]
    if values:
        add_custom(element, name, values)


def _escaped(value: str) -> str:
    return re.sub(r"[\\;{}]", lambda found: f"\\u{ord(found[0]):04x}", value)


def _tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){name}\s*\{{([^{{}}]*)\}}\s*")
