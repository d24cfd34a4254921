"""Memory of models that is kept for the next call, and given back after large ones."""

from __future__ import annotations

import ctypes
import os

#: Size of an input in bytes above which reused memory is not kept after the call: 1.5 megapixels
#: in three channels, with which most pages are found. Measured in docs/performance.md.
KEPT_INPUT = 18_000_000


def is_glibc() -> bool:
    """Return whether the C library is glibc."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):  # Windows; macOS; musl
        return False


def trim() -> None:
    """Give memory that was freed back to the system, which glibc does not always do by itself."""
    if is_glibc():
        ctypes.CDLL(None).malloc_trim(0)
