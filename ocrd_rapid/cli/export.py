# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid export``: extract the text from PAGE-XML."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError, OcrdRapidError, OutputExistsError, UsageError
from .groups import CONTEXT

if TYPE_CHECKING:
    from ..export.pages import PageSource

LOG = logging.getLogger(__name__)

#: The end of a page, as in pdftotext.
FORM_FEED = "\f"

#: Maximum number of pages named in a message.
_NAMED = 5


@click.command(context_settings=CONTEXT)
@click.option("-m", "--mets", type=click.Path(path_type=Path), help="METS file.")
@click.option(
    "-w", "--working-dir", type=click.Path(path_type=Path), help="Directory of the workspace."
)
@click.option("-I", "--input-file-grp", metavar="GROUP", help="File group to export.")
@click.option(
    "-g", "--page-id", "pages", metavar="PAGES",
    help="Pages to export: IDs, ranges A..B, //REGEX, ~EXCEPTIONS, as for the processors."
    "  [default: all]",
)  # fmt: skip
@click.option(
    "-o", "--output-dir", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Write one file per page, PAGE-ID.txt, to this directory; created if it does not exist.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="With -o: replace existing files.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def command(
    mets: Path | None,
    working_dir: Path | None,
    input_file_grp: str | None,
    pages: str | None,
    output_dir: Path | None,
    overwrite: bool,
    files: tuple[Path, ...],
) -> None:
    """Extract the text of PAGE-XML FILES, or of a file group of a workspace, in reading order.

    The pages of a file group are in the order of the METS. Each page ends with a form feed, as in
    pdftotext, even if it has no text. A page that cannot be read is skipped; the others are
    exported, and the exit code is that of the first error.

    \b
    Examples:
      ocrd-rapid export -I OCR-D-OCR > book.txt
      ocrd-rapid export -w book -I OCR-D-OCR -g PHYS_0010..PHYS_0020
      ocrd-rapid export -w book -I OCR-D-OCR -o text
      ocrd-rapid export OCR-D-OCR/*.xml > book.txt
    """
    from ..export.pages import PageSource

    if overwrite and output_dir is None:
        raise UsageError("--overwrite requires --output-dir")
    if files:
        if mets or working_dir or input_file_grp or pages:
            hint = "" if input_file_grp else f"; to export a file group: -I {files[0]}"
            raise UsageError(f"--mets, -w, -I and -g cannot be combined with FILES{hint}")
        for path in files:
            if path.is_dir():
                raise InputError(f"{path} is a directory; give the files in it: {path}/*.xml")
        sources = [PageSource(path.stem, path) for path in files]
    else:
        sources = _of_workspace(mets, working_dir, input_file_grp, pages)
    if output_dir is None:
        _each(sources, lambda _, text: click.echo(text + FORM_FEED, nl=False), FORM_FEED)
    else:
        _write(sources, output_dir, overwrite)


def _of_workspace(
    mets: Path | None, directory: Path | None, group: str | None, pages: str | None
) -> list[PageSource]:
    from ..export.pages import sources_of_group
    from ..workspace.workspace import Workspace

    if group is None:
        raise click.UsageError("give PAGE-XML FILES, or a file group with -I")
    workspace = Workspace.open(mets, directory)
    sources, lacking = sources_of_group(workspace, group, pages)
    if lacking:
        LOG.warning("no PAGE-XML in file group %s: %s", group, _some(lacking))
    return sources


def _write(sources: Sequence[PageSource], directory: Path, overwrite: bool) -> None:
    """Write a file for each page.

    Raises:
        OutputExistsError: one of the files exists; nothing is written then.
        UsageError: two pages would have the same name.
    """
    from ..export.pages import names_of_files
    from ..files import write_atomically

    names = names_of_files(sources, ".txt")
    present = [name for name in names if (directory / name).exists()]
    if present and not overwrite:
        raise OutputExistsError(
            f"{directory} already contains {_some(present)}; replace with --overwrite,"
            " or choose another directory"
        )

    def write(number: int, text: str) -> None:
        write_atomically(directory / names[number], text.encode("utf-8"))

    _each(sources, write)


def _each(
    sources: Sequence[PageSource], give: Callable[[int, str], None], missing: str = ""
) -> None:
    """Pass on the text of each page, skipping those that cannot be read.

    Args:
        sources: the pages.
        give: a function of the number of a page and its text.
        missing: the text to print in place of a page that cannot be read.

    Raises:
        InputError: some of the pages could not be read.
    """
    from ..export.page_xml import page_from
    from ..export.plain_text import page_text
    from ..workspace.page import PageDocument

    bad: list[tuple[PageSource, OcrdRapidError]] = []
    empty = True
    for number, source in enumerate(sources):
        try:
            text = page_text(page_from(PageDocument.read(source.path())))
        except OcrdRapidError as error:
            if len(sources) == 1:
                raise
            LOG.error("skipped page %s: %s", source.name, error)
            bad.append((source, error))
            click.echo(missing, nl=False)
            continue
        empty = empty and not text
        give(number, text)
    if bad:
        problem = InputError(
            f"{len(bad)} of {len(sources)} pages could not be read:"
            f" {_some([source.name for source, _ in bad])}; the others are exported"
        )
        problem.exit_code = bad[0][1].exit_code
        raise problem
    if empty:
        LOG.warning("no page has text; ocrd-rapid-recognize adds it")


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
