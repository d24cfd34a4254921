# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where paragraphs begin in a block, decided for all of its rows at once.

A printer marks paragraphs in one way throughout a block: by a first row that is indented, or that
stands out (dictionaries, lists), by white, or only by a short last row. So each row gets a role,
and the roles that the whole block likes best win: every role costs what its row's place makes
improbable, every pair of roles what the change of the left edge and the gap between the rows make
improbable. Costs are negative logarithms of probabilities, in nats.

Algorithm: Viterbi (1967) over a chain with a state for each role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import region_measures
from .sheet import Numbers

Costs = NDArray[np.float64]


class Role(IntEnum):
    """What a row is in its block."""

    #: First row of a paragraph, indented.
    INDENTED = 0
    #: First row of a paragraph, at the margin or wherever its other rows are.
    FLUSH = 1
    #: Further row of either.
    BODY = 2
    #: First row of a paragraph whose other rows are indented.
    HANGING = 3
    #: Further row of it.
    HUNG = 4
    #: Row that ends where it likes, as in verse and addresses.
    FREE = 5
    #: Row in the middle of the column.
    CENTRED = 6
    #: Row in the right half of the column, such as a date or a signature.
    ASIDE = 7


@dataclass(frozen=True)
class RowPlaces:
    """Where the rows of a block are, in line heights.

    Attributes:
        left: distance of the left edges from any vertical line, shape (N,).
        indent: distance of the left edges from the margin near each row, shape (N,).
        short: distance of the right edges from the margin near each row, shape (N,).
        width: the width of the block.
        white: excess of the gap above each row over the usual one, shape (N,).
        resized: how much larger or smaller the letters are than those of the row above: absolute
            natural logarithm of the ratio, shape (N,).
    """

    left: Numbers
    indent: Numbers
    short: Numbers
    width: float
    white: Numbers
    resized: Numbers


@dataclass(frozen=True)
class _Ends:
    """What the right ends of rows cost.

    Attributes:
        allowed: by how much rows that go on may be short, in line heights: little if justified.
        inner: costs of rows whose paragraph goes on, shape (N,).
        last: costs of rows that end a paragraph: anywhere, seldom full; shape (N,).
    """

    allowed: float
    inner: Costs
    last: Costs

    @classmethod
    def of(cls, rows: RowPlaces) -> _Ends:
        usual = region_measures.RAGGED_USUAL * float(
            np.quantile(rows.short, region_measures.FULL_ROWS)
        )
        most = min(region_measures.RAGGED_MOST, region_measures.RAGGED_WIDTH * rows.width)
        allowed = max(region_measures.RAGGED_LEAST, min(usual, most))
        full, anywhere = np.log(allowed), np.log(max(rows.width, allowed))
        share = np.clip(rows.short / allowed - 1, 0, 1)
        inner = full + share * (anywhere + region_measures.SHORT_INNER_ROW - full)
        short = anywhere + region_measures.SHORT_LAST_ROW
        last = min(full + region_measures.FULL_LAST_ROW, short)
        return cls(allowed, inner, np.where(rows.short <= allowed, last, short))


@dataclass(frozen=True)
class _Habits:
    """How paragraphs are marked in a block, as far as known.

    Attributes:
        marks: costs of the roles that begin paragraphs, beyond their own, shape (8,).
        indent: the usual indentation, in line heights; ``None`` if unknown.
    """

    marks: Costs
    indent: float | None = None

    @classmethod
    def of(cls, rows: RowPlaces, found: Sequence[Role]) -> _Habits:
        """Return the habits that roles show."""
        counts = 1.0 + np.bincount(found, minlength=len(Role))[list(_MARKS)]
        marks = np.zeros(len(Role))
        marks[list(_MARKS)] = np.log(counts.max() / counts)
        goes_on = ~np.array([*(_BEGINS[pair] for pair in pairwise(found)), True])
        prose = np.isin(found, _PROSE)
        inner, last = rows.short[prose & goes_on], rows.short[prose & ~goes_on]
        if len(inner) and len(last) > region_measures.HABIT_ROWS and last.mean() <= inner.mean():
            # Prose ends its paragraphs with short rows; these are verses.
            marks[[Role.INDENTED, Role.HANGING]] += region_measures.FULL_LAST_ROWS
        indents = rows.indent[np.array(found) == Role.INDENTED]
        enough = len(indents) >= region_measures.HABIT_ROWS
        return cls(marks, float(np.median(indents)) if enough else None)


# How the left edge of a row must lie to that of the row above.
_ANYHOW, _SAME, _INWARDS, _OUTWARDS, _RATHER_SAME, _RATHER_OUTWARDS = range(6)

#: Roles that begin a paragraph.
_MARKS = (Role.INDENTED, Role.FLUSH, Role.HANGING)
#: Roles of rows that end at the right margin unless they are the last of their paragraph.
_PROSE = [Role.INDENTED, Role.FLUSH, Role.BODY, Role.HANGING, Role.HUNG]
#: Roles of rows that white parts from others of the same role.
_LOOSE = [Role.FREE, Role.CENTRED, Role.ASIDE]
#: Pairs of roles in one region, and how the left edges lie.
_TOGETHER = {
    (Role.INDENTED, Role.BODY): _OUTWARDS,
    (Role.FLUSH, Role.BODY): _SAME,
    (Role.BODY, Role.BODY): _SAME,
    (Role.HANGING, Role.HUNG): _INWARDS,
    (Role.HUNG, Role.HUNG): _SAME,
    (Role.FREE, Role.FREE): _ANYHOW,
    (Role.CENTRED, Role.CENTRED): _ANYHOW,
    (Role.ASIDE, Role.ASIDE): _ANYHOW,
}
#: Pairs of which the second begins a region; of others, the left edges lie anyhow.
_APART = {
    (Role.INDENTED, Role.INDENTED): _SAME,
    (Role.FLUSH, Role.INDENTED): _INWARDS,
    (Role.BODY, Role.INDENTED): _INWARDS,
    (Role.HANGING, Role.HANGING): _RATHER_SAME,
    (Role.HUNG, Role.HANGING): _RATHER_OUTWARDS,
}
#: Ways to set rows, by role: changing between them costs.
_WAY = np.array([0, 0, 0, 1, 1, 2, 3, 0])


def _table(dtype: type, pairs: Mapping[tuple[Role, Role], int]) -> NDArray[Any]:
    """Return values of pairs of roles as a table, 0 where there is none, shape (8, 8)."""
    result: NDArray[Any] = np.zeros((len(Role), len(Role)), dtype=dtype)
    for pair, value in pairs.items():
        result[pair] = value
    return result


_BEGINS = ~_table(bool, dict.fromkeys(_TOGETHER, True))
_SHIFT = _table(int, _TOGETHER | _APART)
#: What goes on needs a beginning.
_IMPOSSIBLE = _BEGINS & np.isin(np.arange(len(Role)), (Role.BODY, Role.HUNG))


def roles(rows: RowPlaces) -> tuple[list[Role], NDArray[np.bool_]]:
    """Return the roles of the rows of a block, and which rows begin a region.

    The roles are found twice: the second time, how the block marks its paragraphs is known.
    """
    ends = _Ends.of(rows)
    own, pairs = _role_costs(rows, ends), _pair_costs(rows, ends)
    first = _cheapest(own, pairs, ends)
    habits = _Habits.of(rows, first)
    found = _cheapest(own + _habit_costs(rows, habits), pairs, ends)
    parted = _white_costs(rows) > region_measures.BEGINNING
    begins = [
        bool(_BEGINS[pair] or (pair[0] == pair[1] and pair[0] in _LOOSE and apart))
        for pair, apart in zip(pairwise(found), parted, strict=True)
    ]
    return found, np.array([True, *begins])


def _cheapest(own: Costs, pairs: Costs, ends: _Ends) -> list[Role]:
    """Return the roles with the least sum of costs."""
    total = own[0] + np.array(region_measures.FIRST_ROLE)
    back = []
    for costs, pair in zip(own[1:], pairs, strict=True):
        ways = total[:, None] + pair
        back.append(ways.argmin(axis=0))
        total = ways.min(axis=0) + costs
    total[_PROSE] += min(ends.inner[-1], ends.last[-1])
    found = [int(total.argmin())]
    for step in reversed(back):
        found.append(int(step[found[-1]]))
    return [Role(role) for role in reversed(found)]


def _ramp(x: Numbers, start: float, end: float) -> Costs:
    """Return costs that rise from 0 to `region_measures.UNLIKELY` between two places."""
    return np.asarray(np.clip((x - start) / (end - start), 0, 1) * region_measures.UNLIKELY)


def _role_costs(rows: RowPlaces, ends: _Ends) -> Costs:
    """Return what each role costs each row by itself, shape (N, 8)."""
    result = np.zeros((len(rows.left), len(Role)))
    anywhere = float(np.log(max(rows.width, 2.0)))
    indent, short = rows.indent, rows.short
    largest = min(region_measures.LARGEST_INDENT, region_measures.ASIDE_INDENT * rows.width)
    result[:, Role.INDENTED] = _ramp(
        -indent, -region_measures.SURE_INDENT, -region_measures.NO_INDENT
    )
    result[:, Role.INDENTED] += _ramp(indent, largest, largest + 1)
    result[:, Role.FLUSH] = region_measures.FLUSH_FIRST_ROW
    spread = max(region_measures.FREE_SPREAD * rows.width, ends.allowed)
    result[:, Role.FREE] = np.log(spread) + region_measures.FREE_ROW
    result[:, Role.FREE] += region_measures.VERY_SHORT_ROW * np.clip(short / spread - 1, 0, 1)
    moved = np.abs(np.diff(rows.left, prepend=rows.left[0]))
    moved[2:] = np.minimum(moved[2:], np.abs(rows.left[2:] - rows.left[:-2]))
    result[:, Role.FREE] += region_measures.FREE_INDENT * (moved > region_measures.SURE_INDENT)
    off = np.abs(indent - short)
    result[:, Role.CENTRED] = np.log(max(region_measures.FREE_SPREAD / 2 * rows.width, 1.0))
    result[:, Role.CENTRED] += region_measures.CENTRED_ROW + _ramp(
        off, *region_measures.CENTRED_ROW_OFF
    )
    aside = indent >= region_measures.ASIDE_INDENT * rows.width
    result[:, Role.ASIDE] = anywhere + np.where(
        aside, region_measures.ASIDE_ROW, region_measures.UNLIKELY
    )
    return result


def _habit_costs(rows: RowPlaces, habits: _Habits) -> Costs:
    """Return what roles cost each row where the habits of the block are known, shape (N, 8)."""
    result = np.tile(habits.marks, (len(rows.left), 1))
    if habits.indent is not None:
        usual = np.abs(rows.indent - habits.indent) <= region_measures.SURE_INDENT
        result[:, Role.INDENTED] += np.where(usual, 0, region_measures.OTHER_INDENT)
        result[:, Role.CENTRED] += np.where(usual, region_measures.CENTRED_INDENT, 0)
    return result


def _pair_costs(rows: RowPlaces, ends: _Ends) -> Costs:
    """Return what pairs of roles cost each pair of neighboring rows, shape (N - 1, 8, 8)."""
    shift = np.diff(rows.left)
    sure, none = region_measures.SURE_INDENT, region_measures.NO_INDENT
    shifts = np.zeros((len(shift), 6))
    same = _ramp(np.abs(shift), none, sure)
    # A stroke or a speck may be part of a row's box, which then sticks out.
    same[shift < 0] = np.minimum(same[shift < 0], region_measures.ROW_OVERSHOOT)
    steady = np.abs(shift[:-2]) <= none
    back = _ramp(np.abs(rows.left[3:] - rows.left[1:-2]), none, sure)
    same[2:][steady] = np.minimum(same[2:], back)[steady]
    shifts[:, _SAME] = same
    shifts[:, _INWARDS] = _ramp(-shift, -sure, -none)
    shifts[:, _OUTWARDS] = _ramp(shift, -sure, -none)
    # A list in a list, or what follows it.
    shifts[:, _RATHER_SAME] = np.minimum(shifts[:, _SAME], region_measures.OTHER_LEVEL)
    shifts[:, _RATHER_OUTWARDS] = np.minimum(shifts[:, _OUTWARDS], region_measures.OTHER_LEVEL)
    result = shifts[:, _SHIFT] + region_measures.SWITCH * (_WAY[:, None] != _WAY[None, :])
    lone = np.where(np.arange(len(Role)) == Role.HUNG, 0, region_measures.LONE_HANGING_ROW)
    result[:, Role.HANGING] += lone
    together = _white_costs(rows)[:, None, None]
    result += np.where(_BEGINS, region_measures.BEGINNING, together)
    # Stanzas, headings and addresses may follow each other.
    result[:, _LOOSE, _LOOSE] -= np.maximum(together[:, 0] - region_measures.BEGINNING, 0)
    result[:, _IMPOSSIBLE] += 4 * region_measures.UNLIKELY
    inner, last = ends.inner[:-1, None, None], ends.last[:-1, None, None]
    result[:, _PROSE] += np.where(_BEGINS[_PROSE], last, inner)
    return np.asarray(result)


def _white_costs(rows: RowPlaces) -> Costs:
    """Return what white and sizes of neighboring rows cost in one region, shape (N - 1,)."""
    white, resized = rows.white[1:], rows.resized[1:]
    if not len(white):
        return np.zeros(0)
    # Gaps below the usual one are noise, gaps above it may be meant.
    noise = -float(np.quantile(white, 0.2))
    noise = min(max(noise, region_measures.LEAST_WHITE_NOISE), region_measures.LARGEST_WHITE_NOISE)
    costs = region_measures.WHITE_INSIDE * np.clip(white / noise - 2, 0, 6)
    return np.asarray(
        costs
        + region_measures.RESIZED_INSIDE * np.clip(resized - region_measures.SAME_SIZE, 0, 0.3)
    )
