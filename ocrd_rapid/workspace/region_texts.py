# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The text of regions and lines, from that of what is inside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from .page_scripts import scripts_of_element, set_scripts
from .segments import TextLine, TextRegion, TextSegment


def complete_lines(lines: Iterable[TextLine]) -> None:
    """Give lines that have text only in their words the text of these."""
    for line in lines:
        if _is_empty(line) and (text := line.transcript):
            line.set_text(text)


def spread_text(region: TextRegion) -> None:
    """Give the lines of a region its text, if none has any and it has as many lines."""
    lines = region.lines_in_reading_order
    texts = (region.text or "").splitlines()
    if len(texts) == len(lines) and not any(line.transcript for line in lines):
        for line, text in zip(lines, texts, strict=True):
            line.set_text(text)


def _is_empty(segment: TextSegment) -> bool:
    """Return whether a segment has no text, or only white space."""
    return not (segment.text or "").strip()


def write_region_texts(regions: Sequence[TextRegion], changed: Collection[str]) -> set[str]:
    """Write the text of regions whose lines changed, and of regions without text.

    The text of a region is that of its own lines or, without lines, that of the regions inside it.

    Args:
        regions: all text regions of a page.
        changed: IDs of the regions whose lines have another text.

    Returns:
        The IDs of the regions that changed, and of those whose text was written.
    """
    found = set(changed)
    for region in sorted(regions, key=lambda region: -region.depth):  # the inner ones first
        parts: list[TextSegment] = list(region.lines_in_reading_order)
        if not parts:
            inner = (other for other in regions if other.parent_id == region.id)
            parts = [other for other in inner if other.text]
        new = _is_empty(region) or any(part.id in found for part in [region, *parts])
        if new and any(part.text is not None for part in parts):
            _join(region, parts)
            set_scripts(region.element, _scripts(region.lines))
            found.add(region.id)
    return found


def _join(region: TextRegion, parts: Sequence[TextSegment]) -> None:
    """Give a region the text of its parts, with line breaks between."""
    # A line without text counts as an empty one, as in core's validator.
    text = "\n".join(part.text or "" for part in parts).strip()
    region.set_text(text, _mean_confidence(parts))


def _scripts(lines: Sequence[TextLine]) -> list[str]:
    """Return the scripts of lines, first those that most lines have most of."""
    found = [scripts_of_element(line.element) for line in lines]
    first = Counter(scripts[0] for scripts in found if scripts)
    every = (script for scripts in found for script in scripts)
    return list(dict.fromkeys((*(script for script, _ in first.most_common()), *every)))


def _mean_confidence(parts: Sequence[TextSegment]) -> float | None:
    """Return the mean confidence of segments, weighted by the length of their text."""
    weights = [(len(part.text or ""), part.confidence) for part in parts]
    known = [(weight, value) for weight, value in weights if value is not None]
    total = sum(weight for weight, _ in known)
    if not known:
        return None
    if not total:
        return 0.0
    return sum(weight * value for weight, value in known) / total
