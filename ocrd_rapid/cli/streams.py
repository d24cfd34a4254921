# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Standard streams that are closed, broken or full: they must not stop the work.

Only the output on them is lost then. This is for processes of our own; a library leaves the
streams of its host program alone.
"""

from __future__ import annotations

import codecs
import io
import os
import sys


class _Lossy(io.FileIO):
    """A file that accepts all data, even if it cannot be written."""

    def write(self, data: object) -> int:
        """Write what can be written; report all of it as written."""
        view = memoryview(data)  # type: ignore[arg-type]
        try:
            return super().write(view) or 0
        except OSError:  # a full disk, a terminal that has gone, a pipe that nobody reads
            return view.nbytes


def secure() -> None:
    """Open the standard streams that are closed, and let no letter and no error stop the output.

    Otherwise the next file to be opened, such as a METS, would get the number of a closed stream,
    and libraries that write to standard error would write to that file.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        _open_if_closed(number)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    _encode_all_letters(sys.stdout)
    if sys.stderr is not None and _number(sys.stderr) == 2:
        raw = io.BufferedWriter(_Lossy(2, "wb", closefd=False))
        sys.stderr = io.TextIOWrapper(
            raw, encoding=sys.stderr.encoding, errors="backslashreplace", line_buffering=True
        )


def _encode_all_letters(stream: object) -> None:
    """Let a stream take letters that its encoding lacks, such as ſ in a help text.

    On Windows a file or a pipe would get cp1252 or the like. It gets UTF-8, as all documents are,
    unless somebody has chosen an encoding; a terminal shows escapes in place of such letters.
    """
    if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
        chosen = stream.isatty() or os.environ.get("PYTHONIOENCODING")
        stream.reconfigure(encoding=None if chosen else "utf-8", errors="backslashreplace")


def _number(stream: object) -> int:
    try:
        return int(stream.fileno())  # type: ignore[attr-defined]
    except (OSError, ValueError, AttributeError):  # replaced by another object
        return -1


def _open_if_closed(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        handle = os.open(os.devnull, os.O_RDWR)
        os.dup2(handle, number)  # child processes inherit it
        if handle != number:
            os.close(handle)
        else:
            os.set_inheritable(number, True)
