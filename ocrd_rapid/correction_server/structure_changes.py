# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Changes of the lines of a page that people ask for, and the way back of each."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..correction import line_structure, moved_regions
from ..correction.line_structure import LineExchange, exchange
from ..errors import InputError
from ..workspace.decoding import ImageStore
from ..workspace.page import PageDocument
from .open_book import LineConflictError, OpenBook
from .page_view import PageView

#: Does something to a page, and returns what undoes it.
Change = Callable[[PageDocument], "Change"]

#: Most changes that can be undone.
_MOST = 2000


@dataclass(frozen=True)
class StructureRequest:
    """What somebody wants of the lines of a page.

    Attributes:
        page: the page.
        action: ``join``, ``divide``, ``remove``, ``up``, ``down``, ``place``, ``add``, ``kind``,
            ``region-up``, ``region-down`` or ``region-place``.
        line: the line; with ``add`` none.
        base: `base_of` the line.
        words: after how many words it is divided.
        baseline: pairs of coordinates of the line to add.
        kind: the type of the region of the line.
        target: another line: this line is put to its place, or this region to that of its region.
    """

    page: str
    action: str
    line: str = ""
    base: str = ""
    words: int = 0
    baseline: tuple[tuple[float, float], ...] = ()
    kind: str = ""
    target: str = ""


class StructureChanges:
    """Changes the lines of pages of a book."""

    def __init__(self, book: OpenBook) -> None:
        """Take the book."""
        self._book = book
        self._undo: OrderedDict[str, tuple[str, Change]] = OrderedDict()

    def change(self, wanted: StructureRequest) -> tuple[PageView, str]:
        """Do what is wanted; return the page, and a token that undoes it.

        Raises:
            LineMissingError, LineConflictError: see `OpenBook.save`.
            CorrectionsError: it cannot be done.
            OSError: it cannot be written; all stays as it was.
        """
        with self._book.lock:
            if wanted.action != "add":
                line = self._book.line(wanted.page, wanted.line)
                if line["base"] != wanted.base:
                    raise LineConflictError(line)
            return self._do(wanted.page, self._planned(wanted))

    def undo(self, token: str) -> tuple[PageView, str]:
        """Undo a change; return the page, and a token that does it again.

        Raises:
            InputError: there is no such change.
            CorrectionsError: its lines are not there any more.
        """
        if token not in self._undo:
            raise InputError("there is no such change to undo")
        page, change = self._undo[token]
        found = self._do(page, change)
        self._undo.pop(token, None)
        return found

    def _do(self, page: str, change: Change) -> tuple[PageView, str]:
        backs: list[Change] = []
        view = self._book.restructure(page, lambda document: backs.append(change(document)))
        token = secrets.token_hex(8)
        self._undo[token] = page, backs[0]
        while len(self._undo) > _MOST:
            self._undo.popitem(last=False)
        return view, token

    def _planned(self, wanted: StructureRequest) -> Change:
        directory = self._book.working.workspace.directory

        def planned(document: PageDocument) -> LineExchange:
            if wanted.action == "join":
                return line_structure.joined(document, wanted.line)
            if wanted.action == "divide":
                return line_structure.divided(document, wanted.line, wanted.words)
            if wanted.action == "remove":
                return line_structure.removed(document, wanted.line)
            if wanted.action in ("up", "down"):
                return line_structure.moved(document, wanted.line, down=wanted.action == "down")
            if wanted.action == "place":
                return line_structure.placed(document, wanted.line, wanted.target)
            if wanted.action == "add":
                points = np.array(wanted.baseline, dtype=np.float32).reshape(-1, 2)
                return line_structure.added(document, ImageStore(directory), points)
            raise InputError(f"there is no action '{wanted.action:.20}'")

        def order(document: PageDocument) -> list[str]:
            if wanted.action in ("region-up", "region-down"):
                down = wanted.action == "region-down"
                return moved_regions.region_moved(document, wanted.line, down=down)
            if wanted.action == "region-place":
                return moved_regions.region_placed(document, wanted.line, wanted.target)
            raise InputError(f"there is no action '{wanted.action:.20}'")

        if wanted.action == "kind":
            return _kind(wanted.line, wanted.kind)
        if wanted.action.startswith("region-"):
            return lambda document: _ordering(moved_regions.set_order(document, order(document)))
        return lambda document: _exchanging(exchange(document, planned(document)))


def _exchanging(back: LineExchange) -> Change:
    return lambda document: _exchanging(exchange(document, back))


def _ordering(back: list[str]) -> Change:
    return lambda document: _ordering(moved_regions.set_order(document, back))


def _kind(line: str, kind: str) -> Change:
    return lambda document: _kind(line, line_structure.set_region_kind(document, line, kind))
