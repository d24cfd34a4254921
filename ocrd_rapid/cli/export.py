# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid export``: from PAGE-XML to text, ALTO, PDF and other formats."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ..conversion.output_names import STDOUT
from ..errors import InputError, OcrdRapidError, OutputExistsError, UsageError
from ..export.output_formats import FORMATS, OutputFormat
from .export_choices import ExportChoices, export_choices, formats_to_write
from .groups import CONTEXT

if TYPE_CHECKING:
    from ..export.pages import PageSource, SourcePages
    from ..ocr.page_model import ReadDocument

LOG = logging.getLogger(__name__)

#: Maximum number of pages named in a message.
_NAMED = 5

#: Ends of names that are those of files, not of directories.
_SUFFIXES = {Path(known.suffix).suffix or known.suffix for known in FORMATS.values()}


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
    "-o", "--output", "--output-dir", "output", metavar="FILE|DIR", default="",
    help="FILE, whose name ends as that of a format (.txt, .pdf, …): write all pages to it. DIR:"
    " write one file for each page, PAGE-ID.txt, to this directory; created if it does not exist."
    " -: standard output.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="With -o: replace existing files.")
@click.option(
    "--correct", is_flag=True,
    help="With -f html and -I: fields to correct the text line by line in the browser, whose"
    " corrections.json 'ocrd-rapid correct apply' takes into the workspace.",
)  # fmt: skip
@export_choices
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def command(
    mets: Path | None,
    working_dir: Path | None,
    input_file_grp: str | None,
    pages: str | None,
    output: str,
    overwrite: bool,
    correct: bool,
    files: tuple[Path, ...],
    choices: ExportChoices,
) -> None:
    """Write PAGE-XML FILES, or a file group of a workspace, in other formats, in reading order.

    Without -o, text is printed, and each page ends with a form feed, as in pdftotext, even if it
    has no text. The pages of a file group are in the order of the METS. A page that cannot be read
    is skipped; the others are exported, and the exit code is that of the first error.

    \b
    Examples:
      ocrd-rapid export -I OCR-D-OCR > book.txt
      ocrd-rapid export -w book -I OCR-D-OCR -g PHYS_0010..PHYS_0020
      ocrd-rapid export -w book -I OCR-D-OCR -o book.pdf
      ocrd-rapid export -w book -I OCR-D-OCR -f txt,alto -o pages
      ocrd-rapid export -w book -I OCR-D-OCR --correct -o book.html
      ocrd-rapid export OCR-D-OCR/*.xml > book.txt
    """
    from ..export.pages import sources_of_files
    from ..ocr.page_model import ReadDocument

    if overwrite and output in ("", STDOUT):
        raise UsageError("--overwrite requires --output FILE or DIR")
    if files:
        if mets or working_dir or input_file_grp or pages:
            hint = "" if input_file_grp else f"; to export a file group: -I {files[0]}"
            raise UsageError(f"--mets, -w, -I and -g cannot be combined with FILES{hint}")
        for path in files:
            if path.is_dir():
                raise InputError(f"{path} is a directory; give the files in it: {path}/*.xml")
        sources = sources_of_files(files)
        name = sources[0].name if len(sources) == 1 else "document"
        document = ReadDocument(name, len(sources), **choices.labels)
    else:
        sources, document = _of_workspace(mets, working_dir, input_file_grp, pages, choices)
    formats = formats_to_write(choices, output)
    for known in formats:
        known.require()
    if correct:
        choices = _correctable(choices, formats, sources, input_file_grp)
    if output in ("", STDOUT):
        _print(sources, document, formats, choices, force=output == STDOUT)
    elif _is_file(output):
        _write_one(sources, document, formats, choices, Path(output), overwrite=overwrite)
    else:
        _write_each(sources, formats, choices, Path(output), overwrite=overwrite)


def _of_workspace(
    mets: Path | None, directory: Path | None, group: str | None, pages: str | None,
    choices: ExportChoices,
) -> tuple[list[PageSource], ReadDocument]:  # fmt: skip
    from ..export.pages import sources_of_group
    from ..export.work_outline import outline_of, title_of
    from ..ocr.page_model import ReadDocument
    from ..workspace.workspace import Workspace

    if group is None:
        raise click.UsageError("give PAGE-XML FILES, or a file group with -I")
    workspace = Workspace.open(mets, directory)
    sources, lacking = sources_of_group(workspace, group, pages)
    if lacking:
        LOG.warning("no PAGE-XML in file group %s: %s", group, _some(lacking))
    structure = workspace.mets.structure()
    labels = {"title": title_of(structure), **choices.labels}
    outline = outline_of(structure, {source.name: source.number for source in sources})
    name = workspace.directory.absolute().name
    return sources, ReadDocument(name, len(sources), source=name, outline=outline, **labels)


def _correctable(
    choices: ExportChoices, formats: Sequence[OutputFormat], sources: Sequence[PageSource],
    group: str | None,
) -> ExportChoices:  # fmt: skip
    """Return choices with which html has fields for corrections.

    Raises:
        UsageError: there is no html, or no workspace that could have the corrections.
    """
    from ..export.pages import correctable_group

    if all(known.name != "html" for known in formats):
        raise UsageError("--correct requires the format html: add -f html, or -o FILE.html")
    if group is None:
        raise UsageError(
            "--correct requires a workspace, which gets the corrections: give -I GROUP"
        )
    options = replace(choices.options, correct=correctable_group(group, sources))
    return replace(choices, options=options)


def _is_file(output: str) -> bool:
    """Return whether the value of ``-o`` is the name of a file: a directory may have any name."""
    if output.endswith(("/", os.sep)) or Path(output).is_dir():
        return False
    return Path(output).suffix.lower() in _SUFFIXES or Path(output).is_file()


def _print(
    sources: Sequence[PageSource], document: ReadDocument, formats: Sequence[OutputFormat],
    choices: ExportChoices, *, force: bool,
) -> None:  # fmt: skip
    """Write all pages to standard output.

    Raises:
        UsageError: the formats need files.
        InputError: some of the pages could not be read.
    """
    if len(formats) > 1:
        names = ", ".join(known.name for known in formats)
        raise UsageError(f"only one format can go to standard output, not {names}; name -o DIR")
    [known] = formats
    if not known.text and not force:
        raise UsageError(
            f"{known.name} is not text; name a file with -o FILE{known.suffix}, or -o -"
        )
    several = len(sources) > 1
    if several and (known.by_page or (known.shows_pages and not force)):
        raise UsageError(f"{known.name} of several pages needs a file; name it with -o")
    from ..export.plain_text import FORM_FEED

    stdout = sys.stdout.buffer
    if known.name == "txt":
        problem = _write_document(stdout, sources, document, known, choices)
        stdout.write(FORM_FEED.encode())
    else:
        # A writer may want to go back in what it writes, which a pipe does not allow.
        with tempfile.TemporaryFile() as spool:
            problem = _write_document(spool, sources, document, known, choices)
            spool.seek(0)
            shutil.copyfileobj(spool, stdout)
    stdout.flush()
    if problem is not None:
        raise problem


def _write_one(
    sources: Sequence[PageSource], document: ReadDocument, formats: Sequence[OutputFormat],
    choices: ExportChoices, path: Path, *, overwrite: bool,
) -> None:  # fmt: skip
    """Write all pages to a file.

    Raises:
        UsageError: it cannot have what is to be written.
        OutputExistsError: it exists.
        InputError: some of the pages could not be read.
    """
    from ..export.view_files import pictures_of, writing_view
    from ..files import writing_atomically

    if len(formats) > 1:
        raise UsageError(f"{path} is one file, for one format; name a directory with -o DIR/")
    [known] = formats
    if known.by_page and len(sources) > 1:
        raise UsageError(
            f"a file of {known.name} has one page, and there are {len(sources)}; name a directory"
            " with -o DIR/"
        )
    beside = pictures_of(path) if known.name == "html" else []
    for existing in [path, *beside]:
        if existing.exists() and not overwrite:
            raise OutputExistsError(f"{existing} exists already; replace it with --overwrite")
    if known.name == "html":
        with writing_view(path, choices.options) as (out, options):
            own = replace(choices, options=options)
            problem = _write_document(out, sources, document, known, own)
        for folder in pictures_of(path):
            LOG.warning("%s is large; its pictures are in %s", path, folder)
    else:
        with writing_atomically(path) as out:
            problem = _write_document(out, sources, document, known, choices)
    if problem is not None:
        raise problem


def _write_document(
    out: BinaryIO, sources: Sequence[PageSource], document: ReadDocument, known: OutputFormat,
    choices: ExportChoices,
) -> OcrdRapidError | None:  # fmt: skip
    """Write all pages as one document; return the error if some of them could not be read.

    Raises:
        OcrdRapidError: none of them could be read.
    """
    from ..export.pages import SourcePages

    text = known.name == "txt"
    pages = SourcePages(sources, shown=known.shows_pages, blanks=text, report=_report)
    document = replace(document, failures=pages.failures)
    known.writer()(out, document, pages, choices.options, pages.media)
    problem = _verdict(sources, pages)
    if problem is not None and len(pages.failures) == len(sources) and not text:
        raise problem
    return problem


def _write_each(
    sources: Sequence[PageSource], formats: Sequence[OutputFormat], choices: ExportChoices,
    directory: Path, *, overwrite: bool,
) -> None:  # fmt: skip
    """Write a file for each page and format.

    Raises:
        OutputExistsError: one of the files exists; nothing is written then.
        UsageError: two pages would have the same name.
        InputError: some of the pages could not be read.
    """
    from ..export.pages import SourcePages, names_of_files
    from ..files import writing_atomically
    from ..ocr.page_model import ReadDocument

    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file; name a directory")
    names = {known.name: names_of_files(sources, known.suffix) for known in formats}
    present = [n for found in names.values() for n in found if (directory / n).exists()]
    if present and not overwrite:
        raise OutputExistsError(
            f"{directory} already contains {_some(present)}; replace with --overwrite,"
            " or choose another directory"
        )
    places = {source.number: place for place, source in enumerate(sources)}
    shown = any(known.shows_pages for known in formats)
    pages = SourcePages(sources, shown=shown, report=_report)
    for page in pages:
        place = places[page.number]
        document = ReadDocument(sources[place].name, languages=page.languages, **choices.labels)
        for known in formats:
            with writing_atomically(directory / names[known.name][place]) as out:
                known.writer()(out, document, [page], choices.options, pages.media)
    problem = _verdict(sources, pages)
    if problem is not None:
        raise problem


def _report(source: PageSource, error: OcrdRapidError) -> None:
    LOG.error("skipped page %s: %s", source.name, error)


def _verdict(sources: Sequence[PageSource], pages: SourcePages) -> OcrdRapidError | None:
    """Return the error if some pages could not be read; warn if no page has text."""
    if pages.first_error is None:
        if not pages.has_text:
            LOG.warning("no page has text; ocrd-rapid-recognize adds it")
        return None
    bad = [source.name for source in sources if source.number in pages.failures]
    problem = InputError(
        f"{len(bad)} of {len(sources)} pages could not be read: {_some(bad)}; the others are"
        " exported"
    )
    problem.exit_code = pages.first_error.exit_code
    return problem


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
