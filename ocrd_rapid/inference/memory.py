# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Memory of models, kept for the next call and returned after large ones."""

from __future__ import annotations

import ctypes
import os

#: Size of an input in bytes above which reused memory is not kept after the call: 1.5 megapixels
#: in three channels, enough to detect text on most pages. Measured in docs/performance.md.
KEPT_INPUT = 18_000_000


def is_glibc() -> bool:
    """Return whether the C library is glibc."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):  # Windows; macOS; musl
        return False


def trim() -> None:
    """Return freed memory to the system, which glibc does not always do by itself."""
    if is_glibc():
        ctypes.CDLL(None).malloc_trim(0)
