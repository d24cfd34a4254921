"""What a command sets for the memory of its process, which a library must leave to its host."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping

from ..inference.cores import available_cores
from ..inference.memory import is_glibc

#: ``mallopt``'s parameter in glibc's ``malloc.h``.
_M_ARENA_MAX = -8


def limit_arenas(environ: Mapping[str, str] | None = None) -> bool:
    """Let the threads of this process share as many arenas of glibc's as there are cores.

    By default glibc gives nearly every thread an arena of its own, up to eight per core, each of
    which keeps memory that was freed: a fifth of the peak of a run. To be called before there are
    threads. Two arenas is the least. What the environment says (``MALLOC_ARENA_MAX``,
    ``GLIBC_TUNABLES``) stays.

    Args:
        environ: the environment; ``None`` for that of the process.

    Returns:
        Whether the limit was set: not where the C library is another one.
    """
    environ = os.environ if environ is None else environ
    chosen = "MALLOC_ARENA_MAX" in environ or "glibc.malloc.arena_max" in environ.get(
        "GLIBC_TUNABLES", ""
    )
    if chosen or not is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_ARENA_MAX, max(2, available_cores())))
