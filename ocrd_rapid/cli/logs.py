# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Logging in OCR-D's format, on stderr."""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path

from ..addresses import scrub

#: The levels of OCR-D's ``--log-level``.
LEVELS = {
    "OFF": logging.CRITICAL + 1,
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
    "TRACE": logging.DEBUG,
}


class _Formatter(logging.Formatter):
    """Removes secrets in addresses from all messages, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


#: The loggers of the code that loads models.
_DETAILS = ("ocrd_rapid.inference", "ocrd_rapid.loading", "ocrd_rapid.rapidocr")


class _LogFile(logging.FileHandler):
    """A log file whose disk may fill up: the work goes on, and one line reports the loss."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """Report once that the file cannot be written; do not stop the work."""
        if not self._told:
            self._told = True
            reason = sys.exc_info()[1]
            sys.stderr.write(f"the log file {self.baseFilename} is incomplete: {reason}\n")

    def close(self) -> None:
        """Close the file; messages that cannot be written are lost, see `handleError`."""
        with contextlib.suppress(OSError):
            super().close()


def configure(level: str = "INFO", filename: Path | None = None) -> None:
    """Log to stderr, or to a file, as ``HH:MM:SS.mmm LEVEL logger - message``."""
    handler: logging.Handler = (
        logging.StreamHandler(sys.stderr)
        if filename is None
        else _LogFile(filename, encoding="utf-8", errors="backslashreplace")
    )
    handler.setFormatter(
        _Formatter(
            "%(asctime)s.%(msecs)03d %(levelname)s %(name)s - %(message)s", datefmt="%H:%M:%S"
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("ocrd_rapid").setLevel(LEVELS[level])
    # Programs that use the library see at INFO where each model comes from and what it runs on, in
    # RapidOCR's words. Our own runs say so in one line; the details are for debugging.
    details = logging.WARNING if level == "INFO" else logging.NOTSET
    for name in _DETAILS:
        logging.getLogger(name).setLevel(details)
    logging.getLogger("py.warnings").setLevel(
        logging.NOTSET if LEVELS[level] == logging.DEBUG else logging.ERROR
    )
    # We report retries ourselves.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
