# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The text of a document for readers: paragraphs go on over columns and pages.

Pages are read one after the other, and one page ahead. Of those before, only the text is kept that
follows a paragraph with an open end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..ocr.page_model import ReadPage
from ..ocr.text_direction import is_right_to_left
from .cell_grid import TextGrid
from .export_options import ExportOptions
from .letter_sizes import body_height
from .line_joining import joined, with_whole_words
from .page_parts import PagePart, parts_of, printed_number

#: Characters that end a sentence, and those that may follow them.
_FINAL = frozenset(".!?…。！？؟۔׃।")
_CLOSING = "\"'”“’‘»«›‹)]}*"

#: Kinds of parts that a paragraph goes on past.
_PASSED = frozenset({"caption", "footnote", "furniture", "marginalia", "table"})

#: How many pages farther a paragraph may go on: past a plate and its blank back.
_FARTHEST = 3


@dataclass(frozen=True)
class FlowText:
    """A heading, a paragraph, a caption, a footnote, or page furniture.

    Attributes:
        kind: see `PagePart`.
        lines: its lines; one if they are joined.
        level: that of a heading, from 1.
        right_to_left: whether it runs from right to left.
    """

    kind: str
    lines: tuple[str, ...]
    level: int = 0
    right_to_left: bool = False


@dataclass(frozen=True)
class PageStart:
    """The beginning of a page.

    Attributes:
        number: its number in the document, from 1.
        printed: the number printed on it; empty if unknown.
    """

    number: int
    printed: str = ""


#: A part of the text of a document.
FlowPart = FlowText | TextGrid | PageStart


@dataclass(frozen=True)
class FlowChoices:
    """How the text is put together.

    Attributes:
        paragraphs: whether lines are joined.
        join_hyphens: whether divided words are joined.
        modern_spelling: whether letters of early prints are written as today.
        furniture: whether running heads and the like are part of the text.
    """

    paragraphs: bool
    join_hyphens: bool
    modern_spelling: bool
    furniture: bool

    @classmethod
    def of(cls, options: ExportOptions, *, paragraphs: bool, furniture: bool) -> FlowChoices:
        """Return the choices of the user.

        Args:
            options: the choices for all formats.
            paragraphs: the default of the format.
            furniture: whether the format always has page furniture.
        """
        if options.paragraphs is not None:
            paragraphs = options.paragraphs
        hyphens = paragraphs if options.join_hyphens is None else options.join_hyphens
        return cls(paragraphs, hyphens, options.modern_spelling, furniture or options.furniture)


def flow(pages: Iterable[ReadPage], choices: FlowChoices) -> Iterator[FlowPart]:
    """Yield the text of pages, each of them begun by a `PageStart`."""
    text = _Flow(choices)
    body = None
    for page, following in _with_next(pages):
        body = body_height(page) or body or (body_height(following) if following else None)
        yield from text.begin(page)
        for part in parts_of(
            page,
            body,
            modern_spelling=choices.modern_spelling,
            join_hyphens=choices.join_hyphens,
        ):
            if choices.furniture or part.kind != "furniture":
                yield from text.add(part)
    yield from text.close()


class _Flow:
    """The text so far: what is not yet sure to be complete.

    Attributes:
        choices: how it is put together.
        open: the paragraph that may go on; empty if none does.
        middle: height of the middle of its last part on its page, see `PagePart.extent`.
        passed: whether anything stands between this part and the next one.
        held: what follows the beginning of the paragraph.
        starts: number of pages that begin between its last part and the next one.
        right_to_left: whether the last text with letters runs from right to left.
    """

    def __init__(self, choices: FlowChoices) -> None:
        self.choices = choices
        self.open: tuple[str, ...] = ()
        self.middle: float | None = None
        self.passed = False
        self.held: list[FlowPart] = []
        self.starts = 0
        self.right_to_left = False

    def begin(self, page: ReadPage) -> Iterator[FlowPart]:
        """Begin a page."""
        if self.starts == _FARTHEST:
            yield from self.close()
        start = PageStart(page.number, printed_number(page))
        if self.open:
            self.held.append(start)
            self.passed = True
            self.starts += 1
        else:
            yield start

    def add(self, part: PagePart) -> Iterator[FlowPart]:
        """Add a part of the page."""
        if self.open and part.kind in _PASSED:
            self.held.append(self._text(part))
            self.passed = True
            return
        if self._goes_on(part):
            self.open += part.lines
            self._hold_on(part)
            return
        yield from self.close()
        joins = self.choices.paragraphs and not part.keeps_lines
        if part.kind == "paragraph" and joins and _is_open(part.lines):
            self.open = part.lines
            self._hold_on(part)
        else:
            yield self._text(part)

    def close(self) -> Iterator[FlowPart]:
        """End the paragraph."""
        if self.open:
            yield self._text(PagePart("paragraph", self.open))
        yield from self.held
        self.open, self.held, self.starts = (), [], 0

    def _hold_on(self, part: PagePart) -> None:
        self.middle = sum(part.extent) / 2 if part.extent else None
        self.passed, self.starts = False, 0

    def _goes_on(self, part: PagePart) -> bool:
        """Return whether a part is the rest of the open paragraph: in another column or page."""
        if not self.open or part.kind != "paragraph" or not part.lines[0][0].islower():
            return False
        if part.keeps_lines or not _is_open(self.open):
            return False
        if self.passed:
            return True
        # A column begins above the middle of the last paragraph of the one before.
        return self.middle is not None and part.extent is not None and part.extent[0] < self.middle

    def _text(self, part: PagePart) -> FlowPart:
        if part.table is not None:
            return part.table
        hyphens = self.choices.join_hyphens
        if self.choices.paragraphs and not part.keeps_lines:
            lines: Sequence[str] = (joined(part.lines, join_hyphens=hyphens),)
        else:
            lines = tuple(with_whole_words(part.lines)) if hyphens else part.lines
        self.right_to_left = is_right_to_left(" ".join(lines), self.right_to_left)
        return FlowText(part.kind, tuple(lines), part.level, self.right_to_left)


def _is_open(lines: Sequence[str]) -> bool:
    """Return whether a paragraph does not end like a sentence."""
    return lines[-1].rstrip(_CLOSING)[-1:] not in _FINAL


def _with_next(pages: Iterable[ReadPage]) -> Iterator[tuple[ReadPage, ReadPage | None]]:
    """Yield pages, each with the next one."""
    before: ReadPage | None = None
    for page in pages:
        if before is not None:
            yield before, page
        before = page
    if before is not None:
        yield before, None
