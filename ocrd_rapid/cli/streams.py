# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Standard streams that are closed, broken or full: they must not stop the work.

Only the output on them is lost then. This is for processes of our own; a library leaves the
streams of its host program alone.
"""

from __future__ import annotations

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
    """Open the standard streams that are closed, and let standard error never fail.

    Otherwise the next file to be opened, such as a METS, would get the number of a closed stream,
    and libraries that write to standard error would write to that file.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        _open_if_closed(number)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    if sys.stderr is not None and _number(sys.stderr) == 2:
        raw = io.BufferedWriter(_Lossy(2, "wb", closefd=False))
        sys.stderr = io.TextIOWrapper(
            raw, encoding=sys.stderr.encoding, errors="backslashreplace", line_buffering=True
        )


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
