# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines become again what a machine read: after a correction is withdrawn, or read anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from copy import deepcopy

import numpy as np
from lxml import etree

from ..ocr.lines.baselines import usable
from ..ocr.text_direction import is_right_to_left
from ..workspace.ground_truth import forget_ground_truth, state_of
from ..workspace.page import PageDocument
from ..workspace.region_texts import complete_lines, spread_text, write_region_texts
from ..workspace.segments import TextLine, TextRegion, tag


def editable_lines(document: PageDocument) -> dict[str, tuple[TextRegion, TextLine]]:
    """Return the lines of a page whose IDs occur once, with their regions, in reading order.

    Lines have text of their own afterwards where only their region, or their words, had any.
    """
    pairs = []
    for region in document.text_regions():
        spread_text(region)
        complete_lines(region.lines)
        pairs += [(region, line) for line in region.lines_in_reading_order]
    count = Counter(line.id for _, line in pairs)
    return {line.id: (region, line) for region, line in pairs if line.id and count[line.id] == 1}


def give_back(document: PageDocument, reading: PageDocument, wanted: Collection[str]) -> list[str]:
    """Give lines of a page all that they have in another reading of the page.

    A line that the other reading lacks, or has at another place, loses the mark and the text of the
    person, and keeps what a machine had read before.

    Args:
        document: the page; texts of its regions follow.
        reading: what a machine read on the page.
        wanted: the IDs of lines of the page; others are left out.

    Returns:
        The IDs of the lines that are different now.
    """
    lines, others = editable_lines(document), editable_lines(reading)
    changed, regions = [], set()
    for name in wanted:
        if name not in lines:
            continue
        region, line = lines[name]
        before = etree.tostring(line.element)
        if name in others and _same_place(line, others[name][1]):
            new = deepcopy(others[name][1].element)
            new.tail = line.element.tail
            region.element.replace(line.element, new)
        else:
            new = line.element
            forget_person(line)
        if etree.tostring(new) != before:
            changed.append(name)
            regions.add(region.id)
    if changed:
        _separate_ids(document)
        every = document.text_regions()
        written = write_region_texts(every, regions)
        for region in every:
            if region.id in written:
                region.set_right_to_left(is_right_to_left(region.text or ""))
    return changed


def _same_place(line: TextLine, other: TextLine) -> bool:
    """Return whether two readings mean the same line; without an outline, nobody has changed it."""
    mine, theirs = line.polygon, other.polygon
    if not usable(mine) or not usable(theirs):
        return True
    return mine.shape == theirs.shape and bool(np.allclose(mine, theirs, atol=1))


def forget_person(line: TextLine) -> None:
    """Remove what a person said; the first reading of a machine is the text again."""
    if state_of(line) is None:
        return
    equivs = line.equivs()
    readings = equivs[1:]
    line.remove_text()
    line.remove_words()
    forget_ground_truth(line)
    for index, equiv in enumerate(readings):
        if len(readings) > 1:
            equiv.set("index", str(index))
        elif "index" in equiv.attrib:
            del equiv.attrib["index"]
        line.add_equiv(equiv)


def _separate_ids(document: PageDocument) -> None:
    """Give words and glyphs whose IDs occur twice now others."""
    document.refresh_ids()
    seen = set()
    for element in _with_ids(document.root):
        name = str(element.get("id"))
        if name in seen and element.tag in (tag("Word"), tag("Glyph")):
            element.set("id", document.new_id(name))
        seen.add(name)


def _with_ids(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the words and glyphs after all that has an ID of another kind."""
    parts = {tag("Word"), tag("Glyph")}
    every = [element for element in root.iter(etree.Element) if element.get("id")]
    yield from (element for element in every if element.tag not in parts)
    yield from (element for element in every if element.tag in parts)
