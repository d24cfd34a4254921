# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Options of commands that write formats: which formats, and how they are written."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..errors import UsageError
from ..export.export_options import ALTO_VERSIONS, PDF_TYPES, ExportOptions
from ..export.output_formats import FORMATS, OutputFormat, format_named


@dataclass(frozen=True)
class ExportChoices:
    """The choices of the user.

    Attributes:
        formats: the formats, each once, in the order given; empty if none was given.
        options: the choices of the writers.
        labels: title, author, subject and keywords, as far as given: attributes of
            `ocrd_rapid.ocr.page_model.ReadDocument`.
    """

    formats: tuple[OutputFormat, ...]
    options: ExportOptions
    labels: dict[str, Any]


_LABELS = ("title", "author", "subject", "keywords")

_OPTIONS = (
    click.option(
        "-f", "--format", "formats", metavar="FORMATS", multiple=True,
        help=f"Formats, separated by commas: {', '.join(FORMATS)}.  [default: txt, or what the"
        " suffix of -o says]",
    ),
    click.option(
        "--paragraphs/--lines", default=None,
        help="Join the lines of a paragraph, or keep them.  [default: txt: keep; md, docx: join]",
    ),
    click.option(
        "--join-hyphens/--keep-hyphens", default=None,
        help="Join words divided at the end of a line.  [default: join with --paragraphs]",
    ),
    click.option(
        "--spelling", type=click.Choice(["faithful", "modern"]), default="faithful",
        show_default=True,
        help="Write old letters as today (ſ as s, ⸗ as -, ꝛ as r, aͤ as ä, no ligatures) in txt,"
        " md, docx, html and the text of the pdf.",
    ),
    click.option(
        "--keep-furniture", is_flag=True,
        help="Keep running heads and page numbers in md and docx.",
    ),
    click.option(
        "--alto-version", type=click.Choice(ALTO_VERSIONS), default=ALTO_VERSIONS[0],
        show_default=True, help="Version of ALTO.",
    ),
    click.option(
        "--no-hyp", is_flag=True,
        help="Leave out the elements HYP of alto; hyphens stay in the text of the words.",
    ),
    click.option(
        "--pdf-type", type=click.Choice(PDF_TYPES), default=PDF_TYPES[0], show_default=True,
        help="pdfa: PDF/A-2b, or an error. pdf: plain PDF. auto: PDF/A-2b where possible.",
    ),
    click.option(
        "--pdf-hyphens", type=click.Choice(["keep", "join"]), default="keep", show_default=True,
        help="join: a divided word can be found as a whole in the pdf.",
    ),
    click.option("--title", metavar="TEXT", help="Title of pdf, docx and html."),
    click.option("--author", metavar="TEXT", help="Author of pdf, docx and html."),
    click.option("--subject", metavar="TEXT", help="Subject of pdf and docx."),
    click.option("--keywords", metavar="TEXT", help="Keywords of pdf and docx."),
)  # fmt: skip


def export_choices(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of formats; it gets them as ``choices``, an `ExportChoices`."""

    @functools.wraps(command)
    def wrapper(
        *arguments: Any,
        formats: tuple[str, ...],
        paragraphs: bool | None,
        join_hyphens: bool | None,
        spelling: str,
        keep_furniture: bool,
        alto_version: str,
        no_hyp: bool,
        pdf_type: str,
        pdf_hyphens: str,
        **others: Any,
    ) -> Any:
        options = ExportOptions(
            paragraphs=paragraphs,
            join_hyphens=join_hyphens,
            modern_spelling=spelling == "modern",
            furniture=keep_furniture,
            alto_version=alto_version,
            alto_hyphens=not no_hyp,
            pdf_type=pdf_type,
            pdf_join_hyphens=pdf_hyphens == "join",
            generator=f"ocrd-rapid {__version__}",
        )
        labels = {name: others.pop(name) for name in _LABELS}
        given = {name: text for name, text in labels.items() if text is not None}
        choices = ExportChoices(parse_formats(formats), options, given)
        return command(*arguments, choices=choices, **others)

    for option in reversed(_OPTIONS):
        wrapper = option(wrapper)
    return wrapper


def parse_formats(values: Iterable[str]) -> tuple[OutputFormat, ...]:
    """Return formats, each once, from texts of names separated by commas.

    Raises:
        UsageError: there is no such format, or a text names none.
    """
    found: dict[str, OutputFormat] = {}
    for value in values:
        names = [name.strip().lower() for name in value.split(",") if name.strip()]
        if not names:
            raise UsageError(f"-f '{value}' names no format; the formats are {', '.join(FORMATS)}")
        found |= {name: format_named(name) for name in names}
    return tuple(found.values())


def format_of_name(name: str) -> OutputFormat | None:
    """Return the format whose suffix a file name ends in, or ``None``."""
    return next((known for known in FORMATS.values() if name.lower().endswith(known.suffix)), None)


def formats_to_write(choices: ExportChoices, output: str) -> tuple[OutputFormat, ...]:
    """Return the formats given, or else the one that the value of ``-o`` ends in, or else txt.

    Raises:
        UsageError: the value of ``-o`` is the name of an image, which would become text.
    """
    from ..rasters import formats

    found = choices.formats or (format_of_name(output) or FORMATS["txt"],)
    folder = output.endswith(("/", os.sep)) or Path(output).is_dir()
    if not choices.formats and not folder and formats.format_of_name(output) is not None:
        raise UsageError(f"no format writes images such as {output}; name a format with -f")
    return found
