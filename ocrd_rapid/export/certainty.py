# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Confidences as files have them: a number for every word.

That of a word is the probability that it is right, that of lines and pages the expected share of
right characters. A word without a confidence of its own has that of its line, else of its region.
Text without any, such as a transcription or the text of a PDF, counts as certain.
"""

from __future__ import annotations

from ..ocr.page_model import ReadLine, ReadPage, ReadRegion, ReadWord

#: The confidence of text that no program has had a doubt about.
CERTAIN = 1.0


def certainty(*segments: ReadWord | ReadLine | ReadRegion) -> float:
    """Return the confidence of the first segment that has one, cut to the range 0 to 1.

    Args:
        segments: a segment, and those around it, the innermost first.
    """
    known = (segment.confidence for segment in segments if segment.confidence is not None)
    return min(max(next(known, CERTAIN), 0.0), 1.0)


def certainty_of_page(page: ReadPage) -> float | None:
    """Return the mean confidence of the lines of a page by length; ``None`` without text."""
    weighted = [
        (len(line.text), _certainty_of_line(line, region))
        for region in page.regions
        for line in region.lines
    ]
    total = sum(weight for weight, _ in weighted)
    return sum(weight * value for weight, value in weighted) / total if total else None


def _certainty_of_line(line: ReadLine, region: ReadRegion) -> float:
    """Return the confidence of a line; without one, the mean of those of its words by length."""
    length = sum(len(word.text) for word in line.words)
    if line.confidence is not None or not length:
        return certainty(line, region)
    return sum(len(w.text) * certainty(w, line, region) for w in line.words) / length
