# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What lines there are, and in which order: joined, divided, added, removed, moved, by a person.

Every change is an exchange of lines of one region by others, and so is the way back. Lines that
come out of it have IDs of their own, so no reading of a machine that knew other lines fits them.
Regions are marked as changed by a person, see `workspace.ground_truth`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from lxml import etree

from ..errors import CorrectionsError
from ..export.line_axes import axes_of, part_between
from ..export.line_words import cut_words
from ..export.page_elements import line_orientation
from ..ocr.geometry import Points, hull
from ..ocr.lines.baselines import usable
from ..ocr.page_model import ReadLine
from ..processors.line_images import cut_lines
from ..workspace.decoding import ImageStore
from ..workspace.ground_truth import LineState, mark_layout, set_ground_truth, state_of
from ..workspace.nesting import fitting
from ..workspace.page import PageDocument
from ..workspace.page_images import page_image
from ..workspace.region_texts import write_region_texts
from ..workspace.segments import TextLine, TextRegion, Word, insert_in_order, new_segment, tag
from ..workspace.values import Polygon
from .machine_lines import editable_lines

#: The types that a region may get here; PAGE has more, which other programs set.
REGION_KINDS = (
    "paragraph", "heading", "caption", "header", "footer", "page-number", "drop-capital",
    "marginalia", "footnote", "signature-mark", "catch-word",
)  # fmt: skip


@dataclass(frozen=True)
class LineExchange:
    """Lines of a region, and those that stand in their place.

    Attributes:
        region: the ID of the region.
        old: the IDs of the lines that are taken away.
        new: the lines that come in their place, as XML.
        place: the number of lines of the region before them.
    """

    region: str
    old: tuple[str, ...]
    new: tuple[bytes, ...]
    place: int


def exchange(document: PageDocument, wanted: LineExchange) -> LineExchange:
    """Exchange lines, and return the exchange that undoes it; the text of the region follows.

    Raises:
        CorrectionsError: the region or a line is not there any more.
    """
    region = _region(document, wanted.region)
    lines = {line.id: line for line in region.lines}
    missing = [name for name in wanted.old if name not in lines]
    if missing:
        raise CorrectionsError(f"line {missing[0]} is not there any more")
    taken = [lines[name].element for name in wanted.old]
    names = [line.id for line in region.lines]
    place = names.index(wanted.old[0]) if wanted.old else min(wanted.place, len(names))
    for element in taken:
        region.element.remove(element)
    now = [line.element for line in region.lines]
    made = [etree.fromstring(xml) for xml in wanted.new]
    for index, element in enumerate(made, start=place):
        if index < len(now):
            now[index].addprevious(element)
        elif now:
            now[-1].addnext(element)
        else:
            insert_in_order(region.element, element, region._order)
        now.insert(index, element)
    document.refresh_ids()
    mark_layout(region)
    _rewrite(document, region)
    back = tuple(etree.tostring(element, with_tail=False) for element in taken)
    return LineExchange(region.id, tuple(str(e.get("id")) for e in made), back, place)


def _rewrite(document: PageDocument, region: TextRegion) -> None:
    if not region.lines:
        region.remove_text()
    write_region_texts(document.text_regions(), {region.id})


def _region(document: PageDocument, name: str) -> TextRegion:
    found = [region for region in document.text_regions() if region.id == name]
    if len(found) != 1:
        raise CorrectionsError(f"region {name} is not there, or several times")
    return found[0]


def _line(document: PageDocument, name: str) -> tuple[TextRegion, TextLine]:
    lines = editable_lines(document)
    if name not in lines:
        raise CorrectionsError(f"line {name} is not there")
    return lines[name]


def joined(document: PageDocument, name: str) -> LineExchange:
    """Return the exchange that joins a line with the next one of its region.

    The joined line is a person's only if both were.

    Raises:
        CorrectionsError: there is no such line, or it is the last of its region.
    """
    region, first = _line(document, name)
    lines = region.lines_in_reading_order
    place = [line.id for line in lines].index(name)
    if place + 1 == len(lines):
        raise CorrectionsError("this is the last line of its region: there is none to join it with")
    second = lines[place + 1]
    outline = fitting(hull([first.polygon, second.polygon]), region.polygon)
    new = TextLine(new_segment("TextLine", document.new_id(f"{name}_joined"), outline, None))
    if usable(first.baseline, 2) and usable(second.baseline, 2):
        new.set_baseline(np.concatenate([first.baseline, second.baseline]))
    words = [*first.words, *second.words]
    both = [part for part in (first.transcript, second.transcript) if part]
    sure = [line.confidence for line in (first, second) if line.confidence is not None]
    new.set_text(" ".join(both), min(sure, default=None))
    if words and all(usable(word.polygon) for word in words):
        new.replace_words([Word(etree.fromstring(etree.tostring(w.element))) for w in words])
    if all(state_of(line) is not None for line in (first, second)):
        set_ground_truth(new, " ".join(both), LineState.CORRECTED)
    return LineExchange(region.id, (first.id, second.id), (etree.tostring(new.element),), place)


def divided(document: PageDocument, name: str, words: int) -> LineExchange:
    """Return the exchange that divides a line after so many words.

    Both parts are a person's only if the line was.

    Raises:
        CorrectionsError: there is no such line, or a part would have no word.
    """
    region, line = _line(document, name)
    texts = line.transcript.split()
    if not 0 < words < len(texts):
        raise CorrectionsError("a line is divided between two of its words")
    angle = line_orientation(region, document.orientation)
    whole = ReadLine(line.polygon, line.transcript, baseline=line.baseline)
    right, _ = axes_of(whole, angle)
    places = [word.polygon for word in line.words]
    if len(places) != len(texts) or not all(usable(place) for place in places):
        places = [word.outline for word in cut_words(whole, angle)]
    ends = [(float((p @ right).min()), float((p @ right).max())) for p in places]
    middle = (max(end for _, end in ends[:words]) + min(begin for begin, _ in ends[words:])) / 2
    along = line.polygon @ right
    parts = []
    for number, (low, high, of) in enumerate(
        (
            (float(along.min()), middle, slice(None, words)),
            (middle, float(along.max()), slice(words, None)),
        )
    ):
        outline = fitting(part_between(line.polygon, right, low, high), line.polygon)
        parts.append(
            _part(
                document,
                line,
                number,
                outline,
                texts[of],
                _between(line.baseline, right, low, high),
            )
        )
        own = line.words[of] if len(line.words) == len(texts) else []
        if own:
            parts[-1].replace_words(
                [Word(etree.fromstring(etree.tostring(w.element))) for w in own]
            )
    found = tuple(etree.tostring(part.element) for part in parts)
    if region.bottom_to_top:
        found = found[::-1]
    return LineExchange(region.id, (name,), found, 0)


def _part(
    document: PageDocument, line: TextLine, number: int, outline: Points, texts: Sequence[str],
    baseline: Polygon,
) -> TextLine:  # fmt: skip
    """Return a part of a line, without words."""
    part = TextLine(
        new_segment("TextLine", document.new_id(f"{line.id}_part{number + 1}"), outline, None)
    )
    if usable(baseline, 2):
        part.set_baseline(baseline)
    part.set_text(" ".join(texts), line.confidence)
    if state_of(line) is not None:
        set_ground_truth(part, " ".join(texts), LineState.CORRECTED)
    return part


def _between(baseline: Polygon, right: Points, low: float, high: float) -> Polygon:
    """Return the part of a baseline between two places on an axis; empty without one."""
    found: list[Points] = []
    for begin, end in pairwise(baseline):
        places = float(begin @ right), float(end @ right)
        if places[0] == places[1]:
            continue
        shares = sorted((place - places[0]) / (places[1] - places[0]) for place in (low, high))
        for share in (max(0.0, shares[0]), min(1.0, shares[1])):
            if shares[0] <= 1 and shares[1] >= 0:
                found.append(begin + share * (end - begin))
    return np.rint(np.array(found or np.zeros((0, 2)), dtype=np.float32))


def removed(document: PageDocument, name: str) -> LineExchange:
    """Return the exchange that removes a line.

    Raises:
        CorrectionsError: there is no such line.
    """
    region, _ = _line(document, name)
    return LineExchange(region.id, (name,), (), 0)


def moved(document: PageDocument, name: str, *, down: bool) -> LineExchange:
    """Return the exchange that puts a line after the next, or before the last, of its region.

    Raises:
        CorrectionsError: there is no such line, or none to change places with.
    """
    region, _ = _line(document, name)
    lines = region.lines_in_reading_order
    place = [each.id for each in lines].index(name)
    other = place + (1 if down else -1)
    if not 0 <= other < len(lines):
        raise CorrectionsError("there is no line of this region on that side")
    return _put(region, place, other)


def placed(document: PageDocument, name: str, target: str) -> LineExchange:
    """Return the exchange that puts a line to the place of another one of its region.

    Raises:
        CorrectionsError: one of them is not there, they are in different regions, or the same.
    """
    region, _ = _line(document, name)
    names = [each.id for each in region.lines_in_reading_order]
    if target not in names or target == name:
        raise CorrectionsError("a line is moved within its region, to the place of another line")
    return _put(region, names.index(name), names.index(target))


def _put(region: TextRegion, place: int, target: int) -> LineExchange:
    """Return the exchange that puts a line to another place in the reading order of its region."""
    lines = region.lines_in_reading_order
    low, high = min(place, target), max(place, target)
    old = lines[low : high + 1]
    new = [*old[1:], old[0]] if place == low else [old[-1], *old[:-1]]
    if region.bottom_to_top:
        old, new = old[::-1], new[::-1]
    xml = tuple(etree.tostring(each.element, with_tail=False) for each in new)
    return LineExchange(region.id, tuple(each.id for each in old), xml, 0)


def added(document: PageDocument, images: ImageStore, baseline: Polygon) -> LineExchange:
    """Return the exchange that adds a line by its baseline; its outline is made from the ink.

    It becomes a line of the region around it, or of the nearest one, below the line above it.

    Args:
        document: the page.
        images: the images of the page.
        baseline: shape (N, 2), N >= 2, in pixels of the page.

    Raises:
        CorrectionsError: the baseline is not on the page, or there is no region for it.
        ImageError: the image of the page cannot be read.
    """
    low, high = baseline.min(axis=0), baseline.max(axis=0)
    inside = low.min() >= 0 and high[0] < document.width and high[1] < document.height
    if len(baseline) < 2 or not inside or float(np.ptp(baseline, axis=0).max()) < 5:
        raise CorrectionsError("a baseline has two points on the page, not at the same place")
    regions = [region for region in document.text_regions() if usable(region.polygon)]
    if not regions:
        raise CorrectionsError("there is no region on the page that a line could belong to")
    middle = baseline.mean(axis=0)
    region = min(regions, key=lambda each: _distance(each.polygon, middle))
    strip = _around(baseline, document)
    if any(_distance(region.polygon, corner) > 0 for corner in strip):
        region.set_polygon(np.rint(hull([region.polygon, strip])))
    line = region.add_line(document.new_id(f"{region.id}_line"), np.zeros((0, 2), np.float32), None)
    coords = line.element.find(tag("Coords"))
    if coords is not None:
        line.element.remove(coords)
    line.set_baseline(np.rint(baseline))
    every = [each for known in document.text_regions() for each in known.lines]
    cut_lines(page_image(document, images), images, [(region, line)], every, 0.0)
    if not usable(line.polygon):
        raise CorrectionsError("no outline can be made for this baseline")
    xml = etree.tostring(line.element, with_tail=False)
    region.element.remove(line.element)
    others = region.lines
    place = sum(bool(usable(o.polygon)) and o.polygon[:, 1].mean() < middle[1] for o in others)
    return LineExchange(region.id, (), (xml,), int(place))


def _around(baseline: Polygon, document: PageDocument) -> Polygon:
    """Return a strip around a baseline, on the page."""
    room = max(8.0, 0.02 * document.height)
    above, below = np.array([0, -room]), np.array([0, room / 3])
    strip = np.concatenate([baseline + above, baseline + below])
    limits = np.array([document.width - 1, document.height - 1])
    return np.asarray(np.clip(strip, 0, limits), dtype=np.float32)


def _distance(outline: Polygon, point: Points) -> float:
    """Return how far a point is outside of an outline; 0 inside."""
    import cv2

    return max(0.0, -cv2.pointPolygonTest(outline, (float(point[0]), float(point[1])), True))


def set_region_kind(document: PageDocument, line: str, kind: str) -> str:
    """Set the type of the region of a line, and return the type that it had; empty for none.

    Raises:
        CorrectionsError: there is no such line, or no such type.
    """
    if kind not in ("", *REGION_KINDS):
        raise CorrectionsError(f"type of a region: one of {', '.join(REGION_KINDS)}")
    region, _ = _line(document, line)
    mark_layout(region)
    before = str(region.element.get("type", ""))
    if kind:
        region.element.set("type", kind)
    elif "type" in region.element.attrib:
        del region.element.attrib["type"]
    return before
