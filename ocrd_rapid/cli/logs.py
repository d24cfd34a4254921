"""Logging in OCR-D's format, on stderr."""

from __future__ import annotations

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
    """Leaves out what is secret in addresses, whoever wrote the message, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def configure(level: str = "INFO", filename: Path | None = None) -> None:
    """Log to stderr, or to a file, as ``HH:MM:SS.mmm LEVEL logger - message``."""
    handler: logging.Handler = (
        logging.StreamHandler(sys.stderr)
        if filename is None
        else logging.FileHandler(filename, encoding="utf-8")
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
    # Retries are ours to report.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
