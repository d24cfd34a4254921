"""How a model is run: with how many threads, and on lines of which widths."""

from __future__ import annotations

from enum import Enum

from ..inference.cores import available_cores
from ..inference.model import EngineConfig
from ..inference.options import OpenVinoOptions, OrtOptions
from ..inference.traits import traits_of
from ..ocr.recognition.pieces import WIDTH_BUCKET


class Calls(Enum):
    """The calls that a model gets.

    Attributes:
        ALONE: one large input at a time, such as a page, and nothing else is computed meanwhile.
        AMONG_PAGES: the same, while other pages are read.
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
    """Return how a model is run.

    Args:
        engine: name of the engine.
        calls: what it is called with.
        threads: threads that work for the model; 0 for as many as suit its calls.
        device: see `EngineConfig`.
        strict: likewise.
        options: likewise.
    """
    threads = threads or _threads(engine, calls)
    # Threads that share one small input wait for each other most of the time, so every line has
    # one of its own; a page has all of them. Only pages need so much memory that asking for it at
    # every call takes time.
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
        # Half of the threads need a twentieth less CPU time, and the other cores read the other
        # pages. Measured in docs/performance.md.
        return -(-cores // 2)
    return cores


def width_bucket(engine: str) -> int:
    """Return the pixels of which the width of a prepared line is a multiple.

    Few widths save time and memory with an engine that compiles something for every one of them;
    every pixel of padding costs time with all others.
    """
    return 3 * WIDTH_BUCKET if traits_of(engine).keeps_shapes else WIDTH_BUCKET
