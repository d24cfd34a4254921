# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A progress bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

Progress = Callable[[int, int], None]


@contextlib.contextmanager
def progress_bar(title: str, unit: str, *, is_bytes: bool = False) -> Iterator[Progress]:
    """Yield a function of the amount done and the total, which updates the bar."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    with logging_redirect_tqdm(), contextlib.ExitStack() as stack:

        def begin() -> tqdm[Any]:
            return stack.enter_context(
                tqdm(desc=title, unit=unit, unit_scale=is_bytes, leave=False, file=sys.stderr)
            )

        # The first bytes may take long, as with pip, which reports no progress.
        bar = None if is_bytes else begin()

        def update(done: int, total: int) -> None:
            nonlocal bar
            bar = begin() if bar is None else bar
            bar.total = total or None
            bar.n = done
            bar.refresh()

        yield update
