# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid report``: how far many workspaces are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ExitCode
from .groups import CONTEXT

if TYPE_CHECKING:
    from ..runtime.book_report import BookReport, ProgressReport

#: Maximum number of failed pages below the table.
_SHOWN = 20

_HEADER = ("book", "pages", "done", "failed", "left", "expected CER", "pages/min")


@click.command(context_settings=CONTEXT)
@click.option(
    "-I", "--input-file-grp", "group", metavar="GROUP", default="",
    help="File group in which pages are counted.  [default: of each book, the one written last]",
)  # fmt: skip
@click.option(
    "--no-estimate", is_flag=True,
    help="Do not read the text for the errors to be expected, which takes most of the time.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(group: str, no_estimate: bool, as_json: bool, folders: tuple[Path, ...]) -> int:
    """Show how far books are: pages done, failed and why, expected errors, speed.

    A book is a workspace; FOLDERS are workspaces, or have them below. A failed page has no output,
    and the last run that tried it recorded an error. The expected character error rate (CER) is
    made of the confidences of the text, as by 'evaluate --estimate'. The speed is that of one run,
    whatever else the machine did.

    Exits with code 11 if a page failed or a book cannot be read.

    \b
    Examples:
      ocrd-rapid report books/
      ocrd-rapid report --no-estimate books/ more-books/
      ocrd-rapid report --json book-0017 > report.json
    """
    from ..runtime.book_report import ProgressReport, find_books, report_book

    found = [mets for folder in folders for mets in find_books(folder)]
    report = ProgressReport(
        [report_book(mets, group=group, estimating=not no_estimate) for mets in found]
    )
    if as_json:
        click.echo(json.dumps(_as_dict(report), ensure_ascii=False, indent=1))
    else:
        _show(report)
    return ExitCode.TOO_MANY_FAILURES if report.any_failed else ExitCode.OK


def _show(report: ProgressReport) -> None:
    from ..evaluation.report import aligned

    rows = [_HEADER, *map(_row, report.books)]
    if len(report.books) > 1:
        rows.append(_row(report.total))
    click.echo("\n".join(aligned(rows)))
    lines = [f"{book.book}: {book.problem}" for book in report.books if book.problem]
    lines += [
        f"{book.book}: page {page}: {why.executable}: {why.message}"
        for book in report.books
        for page, why in book.failed.items()
    ]
    if lines:
        click.echo("\n" + "\n".join(lines[:_SHOWN]))
    if len(lines) > _SHOWN:
        click.echo(f"… and {len(lines) - _SHOWN} more; all with --json")


def _row(book: BookReport) -> Sequence[str]:
    from ..evaluation.report import percent

    if book.problem:
        return (book.book, *["–"] * 6)
    speed = book.pages_per_minute
    counts = (book.pages, book.done, len(book.failed), book.left)
    rate = "–" if speed is None else f"{speed:.1f}"
    return (book.book, *map(str, counts), percent(book.error_rate), rate)


def _as_dict(report: ProgressReport) -> dict[str, Any]:
    """Return a report as plain data for JSON, as docs/report.md describes it."""
    return {
        "books": [
            {
                "book": book.book,
                "group": book.group,
                **_figures(book),
                "failures": [
                    {"page": page, "processor": why.executable, "message": why.message}
                    for page, why in book.failed.items()
                ],
                "problem": book.problem,
            }
            for book in report.books
        ],
        "total": {"books": len(report.books), **_figures(report.total)},
    }


def _figures(book: BookReport) -> dict[str, Any]:
    return {
        "pages": book.pages,
        "done": book.done,
        "failed": len(book.failed),
        "left": book.left,
        "characters": book.characters,
        "expected_errors": book.errors,
        "expected_error_rate": book.error_rate,
        "pages_per_minute": book.pages_per_minute,
        "seconds": book.seconds,
    }
