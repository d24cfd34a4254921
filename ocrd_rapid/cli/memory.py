# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Memory settings of a command's process, which a library must leave to its host."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping

from ..inference.cores import available_cores
from ..inference.memory import is_glibc

#: ``mallopt``'s parameter in glibc's ``malloc.h``.
_M_ARENA_MAX = -8


def limit_arenas(environ: Mapping[str, str] | None = None) -> bool:
    """Limit glibc to as many memory arenas as there are cores, but at least two.

    By default glibc gives nearly every thread an arena of its own, up to eight per core, each of
    which keeps freed memory: a fifth of the peak of a run. Call this before starting threads.
    Settings in the environment (``MALLOC_ARENA_MAX``, ``GLIBC_TUNABLES``) take precedence.

    Args:
        environ: the environment; ``None`` for that of the process.

    Returns:
        Whether the limit was set; never with another C library.
    """
    environ = os.environ if environ is None else environ
    chosen = "MALLOC_ARENA_MAX" in environ or "glibc.malloc.arena_max" in environ.get(
        "GLIBC_TUNABLES", ""
    )
    if chosen or not is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_ARENA_MAX, max(2, available_cores())))
