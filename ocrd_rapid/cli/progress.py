# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A progress bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

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


@dataclass(frozen=True)
class PagesBar:
    """A bar over all pages of a run, with lines of text above it.

    Attributes:
        update: takes the number of pages done and of all pages.
        say: prints a line on stderr, above the bar if there is one.
        aside: gives a context in which others may write to the terminal.
    """

    update: Progress
    say: Callable[[str], None]
    aside: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext


@contextlib.contextmanager
def pages_bar(*, shown: bool) -> Iterator[PagesBar]:
    """Yield a bar with pages a minute and the time left; only lines of text without a terminal.

    Args:
        shown: whether a terminal gets a bar.
    """
    if not (shown and sys.stderr.isatty()):
        yield PagesBar(lambda done, total: None, lambda text: click.echo(text, err=True))
        return
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    form = "{percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt} pages{postfix}"
    # Some terminals do not know how many rows they have; tqdm would show nothing on these.
    shown_bar = tqdm(bar_format=form, leave=False, file=sys.stderr, nrows=20)
    with logging_redirect_tqdm(), shown_bar as bar:
        began = time.monotonic()
        before: int | None = None  # what an earlier run had done

        def update(done: int, total: int) -> None:
            nonlocal before
            before = done if before is None else before
            bar.total, bar.n = total, done
            text = speed(done - before, total - done, time.monotonic() - began)
            bar.set_postfix_str(text, refresh=False)
            bar.refresh()

        aside = partial(tqdm.external_write_mode, file=sys.stderr)
        yield PagesBar(update, lambda text: bar.write(text, file=sys.stderr), aside)


def speed(done: int, left: int, seconds: float) -> str:
    """Return pages a minute and the time left in words; empty before the first page.

    Args:
        done: pages read so far.
        left: pages that are left.
        seconds: time since the beginning.
    """
    if not done or seconds <= 0:
        return ""
    rest = round(left * seconds / done)
    hours, minutes = divmod(rest // 60, 60)
    clock = f"{hours}:{minutes:02d}:{rest % 60:02d}" if hours else f"{minutes}:{rest % 60:02d}"
    return f"{60 * done / seconds:.1f} pages/min, {clock} left"
