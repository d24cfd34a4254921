"""A progress bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

Progress = Callable[[int, int], None]


@contextlib.contextmanager
def progress_bar(title: str, unit: str, *, is_bytes: bool = False) -> Iterator[Progress]:
    """Give a function to be called with what is done and the total."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    with (
        logging_redirect_tqdm(),
        tqdm(desc=title, unit=unit, unit_scale=is_bytes, leave=False, file=sys.stderr) as bar,
    ):

        def update(done: int, total: int) -> None:
            bar.total = total or None
            bar.n = done
            bar.refresh()

        yield update
