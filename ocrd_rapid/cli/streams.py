"""Standard streams that are closed, broken or full: no reason not to do the work.

What a command has to say is lost then, and nothing else. This is for a process of our own; a
library leaves the streams of the program around it alone.
"""

from __future__ import annotations

import io
import os
import sys


class _Lossy(io.FileIO):
    """A file that takes everything, whether it can be written or not."""

    def write(self, data: object) -> int:
        """Write what can be written; say that it was all."""
        view = memoryview(data)  # type: ignore[arg-type]
        try:
            return super().write(view) or 0
        except OSError:  # a full disk, a terminal that has gone, a pipe that nobody reads
            return view.nbytes


def secure() -> None:
    """Give this process the three standard streams, and a standard error that never fails.

    Where one is closed, the next file that is opened, such as a METS, would take its number, and
    what libraries write to standard error would go there.
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
    except (OSError, ValueError, AttributeError):  # somebody put another one in its place
        return -1


def _open_if_closed(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        handle = os.open(os.devnull, os.O_RDWR)
        os.dup2(handle, number)  # for the processes that we start, too
        if handle != number:
            os.close(handle)
        else:
            os.set_inheritable(number, True)
