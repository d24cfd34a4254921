# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is remarked on texts and by the writers of formats, as notes for people."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator

#: The loggers of the writers, of the documents that they write, and of remarks on their text.
_LOGGERS = ("ocrd_rapid.export", "ocrd_rapid.documents", "ocrd_rapid.runtime.run.text")


class _Notes(logging.Handler):
    """Passes on messages as notes."""

    def __init__(self, note: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._note = note

    def emit(self, record: logging.LogRecord) -> None:
        self._note(record.getMessage())


@contextlib.contextmanager
def remarks_to(note: Callable[[str], None]) -> Iterator[None]:
    """Give the warnings on texts, and of writers, to a function and not to the log, for a block.

    Args:
        note: takes a message.
    """
    handler = _Notes(note)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
