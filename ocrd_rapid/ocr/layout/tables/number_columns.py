# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Columns of numbers that belong to the rows beside them: contents, price lists, indexes, receipts.

A number and its label are read one after the other, whether they are a table or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import measures
from ..sheet import Lines, Sheet
from . import table_measures
from .column_kinds import ends_evenly, is_number_column, is_running_text


@dataclass(frozen=True)
class _Numbers:
    """A column of numbers, and the line beside each in its row; -1 without one."""

    lines: Lines
    before: Lines
    after: Lines

    @property
    def has_labels(self) -> tuple[bool, bool]:
        """Whether there are lines before the numbers, and after them."""
        least = table_measures.NUMBERS_LABELED
        return bool((self.before >= 0).mean() >= least), bool((self.after >= 0).mean() >= least)


def rows_with_numbers(sheet: Sheet, free: Lines) -> list[Lines]:
    """Return the lines of each row of labels and numbers, from left to right.

    Numbers belong to the text before them; to the text after them where a row begins with a
    number.

    Args:
        sheet: the page.
        free: its lines that are not in a table.
    """
    columns = sorted(_columns(sheet, free), key=lambda c: sheet.bounds(c.lines)[0])
    follows: dict[int, int] = {}
    leading = False
    for column in columns:
        before, after = column.has_labels
        leading = after and (leading or not before)
        if not (before or after):
            continue
        if leading and is_running_text(sheet, column.after[column.after >= 0]):
            continue  # the lines of a note beside the text
        for number, label in zip(
            column.lines, column.after if leading else column.before, strict=True
        ):
            if label >= 0:
                first, second = (number, label) if leading else (label, number)
                follows[int(first)] = int(second)
    # Numbers without a label, such as the letters above the entries of an index, are no row.
    numbers = {int(number) for column in columns for number in column.lines}
    return [np.array(row, dtype=np.intp) for row in _chains(follows) if not numbers.issuperset(row)]


def _chains(follows: dict[int, int]) -> Iterator[list[int]]:
    """Yield the runs of lines that follow each other, each line once."""
    seconds = set(follows.values())
    done: set[int] = set()
    for first in follows:
        if first in seconds:
            continue
        chain = [first]
        while chain[-1] in follows and follows[chain[-1]] not in done:
            chain.append(follows[chain[-1]])
            done.add(chain[-1])
        if len(chain) > 1:
            yield chain


def _columns(sheet: Sheet, free: Lines) -> Iterator[_Numbers]:
    """Yield columns of numbers: narrow lines with equal right edges, and none else among them."""
    width = sheet.extents[:, 2] - sheet.extents[:, 0]
    narrow = free[width[free] <= table_measures.ROW_NUMBER_WIDTH * sheet.line_height]
    far = table_measures.EDGES_APART * sheet.line_height
    ends = sheet.extents[narrow, 2]
    order = np.argsort(ends, kind="stable")
    for part in np.split(narrow[order], np.flatnonzero(np.diff(ends[order]) > far) + 1):
        part = part[~_of_page(sheet, free, part)]
        evenly = is_number_column(sheet, part) and ends_evenly(sheet, part)
        if evenly and _is_alone(sheet, free, part):
            yield _Numbers(part, _nearest(sheet, free, part, -1), _nearest(sheet, free, part, 1))


def _of_page(sheet: Sheet, free: Lines, numbers: Lines) -> NDArray[np.bool_]:
    """Return which of some numbers are a page's: in its first or last row, the next row without.

    Beside a number of the page stands a running head; the rows of a list follow each other.
    """
    middle, ends = sheet.middle(numbers), sheet.extents[numbers]
    others = sheet.extents[free]
    result = np.zeros(len(numbers), dtype=bool)
    for i, y in enumerate(middle):
        for beyond, step in ((others[:, 3] < y, 1), (others[:, 1] > y, -1)):
            ahead = np.where(step * (middle - y) > sheet.line_height / 2, step * middle, np.inf)
            if beyond.any() or not np.isfinite(ahead).any():
                continue
            following = ends[int(ahead.argmin())]
            edge = following[1] if step > 0 else following[3]
            between = (others[:, 1:4:2].mean(axis=1) - edge) * step < 0
            between &= others[:, 1] > y if step > 0 else others[:, 3] < y
            result[i] |= bool(between.any())
    return result


def _is_alone(sheet: Sheet, free: Lines, numbers: Lines) -> bool:
    """Return whether most lines between the first and the last of some numbers are theirs.

    A line that ends with them may be a label and its number in one piece.
    """
    left, top, right, bottom = sheet.bounds(numbers)
    extents = sheet.extents[free]
    edge = measures.BOX_GROWTH * sheet.line_height
    shared = (extents[:, 0] + edge < right - edge) & (extents[:, 2] - edge > left + edge)
    middle = sheet.middle(free)
    shared &= (top < middle) & (middle < bottom)
    apart = np.abs(extents[:, 2] - float(np.median(sheet.extents[numbers, 2])))
    shared &= (apart > table_measures.EDGES_APART * sheet.line_height) | np.isin(free, numbers)
    return bool(len(numbers) >= table_measures.NUMBERS_LABELED * shared.sum())


def _nearest(sheet: Sheet, free: Lines, numbers: Lines, side: int) -> Lines:
    """Return the nearest line beside each number, before (-1) or after it (1); -1 if none is."""
    one, two = sheet.extents[numbers][:, None], sheet.extents[free][None, :]
    shared = np.minimum(one[..., 3], two[..., 3]) - np.maximum(one[..., 1], two[..., 1])
    height = np.minimum(one[..., 3] - one[..., 1], two[..., 3] - two[..., 1])
    gap = two[..., 0] - one[..., 2] if side > 0 else one[..., 0] - two[..., 2]
    near = (shared >= measures.SAME_ROW * height) & (gap > -sheet.line_height / 2)
    distance = np.where(near, gap, np.inf)
    best = np.argmin(distance, axis=1)
    found = np.where(np.isfinite(distance[np.arange(len(numbers)), best]), free[best], -1)
    found[[label >= 0 and divided(sheet, int(n), int(label))
           for n, label in zip(numbers, found, strict=True)]] = -1  # fmt: skip
    return np.asarray(found, dtype=np.intp)


def divided(sheet: Sheet, first: int, second: int) -> bool:
    """Return whether a rule between columns of text stands between two lines of a row."""
    one, two = sorted((sheet.extents[first], sheet.extents[second]), key=lambda e: float(e[0]))
    x, top, bottom = sheet.vertical.T
    middle = (one[1] + one[3]) / 2
    between = ((one[0] + one[2]) / 2 < x) & (x < (two[0] + two[2]) / 2)
    between &= (top < middle) & (middle < bottom)
    long = bottom - top >= table_measures.COLUMN_SEPARATOR * sheet.line_height
    return bool((between & long).any())
