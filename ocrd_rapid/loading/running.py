# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How to run a model: the number of threads, and the widths of lines."""

from __future__ import annotations

from enum import Enum

from ..inference.cores import available_cores
from ..inference.model import EngineConfig
from ..inference.options import OpenVinoOptions, OrtOptions
from ..inference.traits import traits_of
from ..ocr.recognition.pieces import WIDTH_BUCKET


class Calls(Enum):
    """The pattern of calls to a model.

    Attributes:
        ALONE: one large input at a time, such as a page, and no other work meanwhile.
        AMONG_PAGES: the same, while other pages are processed.
        LINES: many small inputs at the same time.
    """

    ALONE = "alone"
    AMONG_PAGES = "among pages"
    LINES = "lines"


def engine_config(
    engine: str,
    calls: Calls,
    *,
    threads: int = 0,
    device: str = "CPU",
    strict: bool = False,
    options: OrtOptions | OpenVinoOptions | None = None,
) -> EngineConfig:
    """Return the configuration to run a model with.

    Args:
        engine: name of the engine.
        calls: the pattern of calls.
        threads: number of threads that work for the model; 0 for a number that suits its calls.
        device: see `EngineConfig`.
        strict: see `EngineConfig`.
        options: see `EngineConfig`.
    """
    threads = threads or _threads(engine, calls)
    # Threads that share one small input wait for each other most of the time, so every line has one
    # thread, but a page has all of them. Only pages need so much memory that allocating it at every
    # call takes time.
    lines = calls is Calls.LINES
    return EngineConfig(
        engine=engine,
        device=device,
        intra_op_threads=1 if lines else threads,
        parallel_calls=threads if lines else 1,
        strict=strict,
        options=options,
        reuse_memory=not lines,
    )


def _threads(engine: str, calls: Calls) -> int:
    cores = available_cores()
    if calls is Calls.AMONG_PAGES and traits_of(engine).threads_wait:
        # Half of the threads need a twentieth less CPU time, and the other cores process other
        # pages. Measured in docs/performance.md.
        return -(-cores // 2)
    return cores


def width_bucket(engine: str) -> int:
    """Return the number of pixels that the widths of prepared lines are multiples of.

    Few widths save time and memory with an engine that compiles something for each of them; with
    all others, every pixel of padding costs time.
    """
    return 3 * WIDTH_BUCKET if traits_of(engine).keeps_shapes else WIDTH_BUCKET
