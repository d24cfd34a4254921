# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the caller of a run does around each page."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..errors import OcrdRapidError
from ..workspace.contents import MetsFile


def _nothing(page_id: str) -> AbstractContextManager[Sequence[MetsFile]]:
    return contextlib.nullcontext(())


@dataclass(frozen=True)
class PageHooks:
    """Functions that a run calls for each page.

    Attributes:
        around: makes the context in which the steps of a page run, entered in the thread that
            runs them; it provides the page's input files. Its value are the entries of those that
            differ from the entries in the METS, by their IDs. An error on entering it is that of
            the page.
        entered: called in the thread of the run with the page, after what was made of it is on
            the disk, and with the error if it failed. Pages come in the order of the METS, those
            that an earlier run has finished among them.
    """

    around: Callable[[str], AbstractContextManager[Sequence[MetsFile]]] = _nothing
    entered: Callable[[str, OcrdRapidError | None], None] = lambda page_id, error: None
