# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines that a person corrected or confirmed: how PAGE says so.

Such a line has two marks, because no program keeps both (docs/correct.md):

* a tag in ``@custom``, in the syntax of Transkribus: ``groundTruth {state:corrected;}``;
* the text of the person as ``TextEquiv`` with ``@index`` 0, ``@conf`` 1 and ``@dataTypeDetails``
  ``ground-truth corrected``; the readings of machines follow, from ``@index`` 1 on, as in LAREX.

A region whose lines, type or place in the order a person changed says so in ``@custom``, too:
``groundTruth {lines:changed;}``. So a page without corrected lines is known to be a person's as
well, and its texts to be a machine's.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from lxml import etree

from .custom_tags import custom_tag, set_custom_tag
from .segments import TextLine, TextRegion, tag
from .values import format_float
from .xml import clean_text

_TAG = "groundTruth"
_DETAILS = "ground-truth"


class LineState(str, Enum):
    """What a person said about a line."""

    CORRECTED = "corrected"
    """The person wrote its text."""
    CONFIRMED = "confirmed"
    """The machine's text is right."""
    ILLEGIBLE = "illegible"
    """Nobody can read it; it has no text."""
    NOT_TEXT = "not-text"
    """It is no line of text, but dirt or ornament; it has no text."""

    @property
    def has_text(self) -> bool:
        """Whether such a line has text."""
        return self in (LineState.CORRECTED, LineState.CONFIRMED)


def state_of(line: TextLine) -> LineState | None:
    """Return what a person said about a line; ``None`` if nobody has.

    Either mark is enough. The text with ``@index`` 0 and no confidence is ground truth of LAREX,
    which has no other mark; machines write how sure they are.
    """
    said = custom_tag(line.element, _TAG).get("state")
    if said is not None:
        return _state(said)
    first = line.first_equiv()
    if first is None:
        return None
    kind, _, said = str(first.get("dataTypeDetails", "")).partition(" ")
    if kind == _DETAILS:
        return _state(said)
    of_larex = first.get("index") == "0" and first.get("conf") is None and line.text
    return LineState.CORRECTED if of_larex else None


def _state(name: str) -> LineState:
    return LineState(name) if name in {state.value for state in LineState} else LineState.CORRECTED


def set_ground_truth(line: TextLine, text: str, state: LineState) -> None:
    """Write what a person said about a line; its words are another matter.

    What machines read there stays, after it. A text that a person wrote before does not.

    Args:
        line: the line.
        text: its text; left out in states without one.
        state: what the person said.
    """
    read = line.transcript
    equivs = line.equivs()
    if state_of(line) is not None and equivs:
        equivs = equivs[1:]
    elif read and not (line.text or "").strip():  # only its words have text
        equivs = [_equiv(read)]
    line.remove_text()
    first = _equiv(text if state.has_text else "")
    first.set("conf", format_float(1.0))
    first.set("dataType", "other")
    first.set("dataTypeDetails", f"{_DETAILS} {state.value}")
    for index, equiv in enumerate([first, *equivs]):
        equiv.set("index", str(index))
        line.add_equiv(equiv)
    set_custom_tag(line.element, _TAG, {"state": state.value})


def _equiv(text: str) -> etree._Element:
    equiv = etree.Element(tag("TextEquiv"))
    etree.SubElement(equiv, tag("Unicode")).text = clean_text(text)
    return equiv


def forget_ground_truth(line: TextLine) -> None:
    """Remove the mark of a line whose text a machine replaces."""
    set_custom_tag(line.element, _TAG, {})


def mark_layout(region: TextRegion) -> None:
    """Note that a person changed which lines a region has, its type or its place in the order."""
    set_custom_tag(region.element, _TAG, {"lines": "changed"})


def has_changed_layout(regions: Iterable[TextRegion]) -> bool:
    """Return whether a person changed the layout of one of these regions, see `mark_layout`."""
    return any(custom_tag(region.element, _TAG).get("lines") for region in regions)


def has_corrected_lines(regions: Iterable[TextRegion]) -> bool:
    """Return whether a person said something about a line of these regions themselves."""
    return any(state_of(line) is not None for region in regions for line in region.lines)


def has_ground_truth(regions: Iterable[TextRegion]) -> bool:
    """Return whether a person said something about these regions themselves, or their lines."""
    every = list(regions)
    return has_changed_layout(every) or has_corrected_lines(every)
