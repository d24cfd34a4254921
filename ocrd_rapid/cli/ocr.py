# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid ocr``: from scans and PDFs to text and documents."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config import environment
from ..conversion.output_names import STDOUT
from ..documents.document import MODES
from ..errors import InputError, ResourceNotFoundError, UsageError
from ..files import valid_text
from ..loading.quality_sizes import DEFAULT_SIZE, SIZES
from . import logs
from .export_choices import ExportChoices, export_choices, formats_to_write
from .groups import CONTEXT
from .memory import limit_arenas
from .notes import remarks_to
from .option_sections import SectionedCommand
from .progress import PagesBar, pages_bar, progress_bar

if TYPE_CHECKING:
    from ..conversion.conversion_report import ConversionReport
    from ..conversion.convert_documents import ConversionRequest
    from ..documents.document import DocumentOptions

_SECTIONS = {
    "Output": ["output", "formats", "force", "json"],
    "Input": [
        "pages", "one", "recursive", "image_dpi", "max_megapixels",
    ],
    "PDFs": [
        "mode", "dpi", "password", "password_file", "break_signature", "pdf_type", "pdf_hyphens",
        "rotate_pages", "deskew_pages",
        "title", "author", "subject", "keywords",
    ],
    "Recognition": [
        "quality", "languages", "abbreviations", "preprocess", "config", "layout_model",
        "barcodes", "compare", "download",
    ],
    "Text": ["paragraphs", "join_hyphens", "spelling", "keep_furniture"],
    "ALTO and JSON": ["alto_version", "no_hyp", "json_schema"],
    "Running": ["jobs", "workspace", "resume", "quiet", "verbose", "log_level"],
}  # fmt: skip


def _print_schema(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from ..export.json_pages import schema

        click.echo(json.dumps(schema(), ensure_ascii=False, indent=2))
        ctx.exit()


@click.command(cls=SectionedCommand, sections=_SECTIONS, context_settings=CONTEXT)
@click.option(
    "-o", "--output", metavar="FILE|DIR", default="",
    help="File for one document in one format; folder, made if need be, for more; - for standard"
    " output.  [default: standard output, for text formats]",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace existing files, even the input itself.")
@click.option("--json", is_flag=True, help="Print a report as JSON on standard output at the end.")
@click.option(
    "--pages", metavar="RANGES", default="",
    help="Pages to read, such as 3-7,12,20-end. A pdf keeps the others as they are; all other"
    " formats leave them out.",
)  # fmt: skip
@click.option("--one", metavar="NAME", help="Make one document of all inputs.")
@click.option(
    "--recursive",
    is_flag=True,
    help="Read folders in folders, too, each as a document.",
)
@click.option(
    "--image-dpi", metavar="N", type=click.FloatRange(1, 100000),
    help="Resolution of images, whatever they say about it.",
)  # fmt: skip
@click.option(
    "--max-megapixels", metavar="N", type=click.FloatRange(min=0, min_open=True), default=300,
    show_default=True, help="Refuse images with more pixels than this.",
)  # fmt: skip
@click.option(
    "--mode", type=click.Choice(MODES), default=MODES[0],
    show_default=True,
    help="What to do with the text that pages of a PDF have. auto: keep it, and read the scans."
    " skip: leave pages with any text alone. redo: replace invisible text. force: turn pages into"
    " images, and read these.",
)  # fmt: skip
@click.option(
    "--dpi", metavar="N", type=click.FloatRange(10, 4800),
    help="Resolution to render pages of PDFs at.  [default: that of their scan, else 300]",
)  # fmt: skip
@click.option("--password", metavar="TEXT", help="Password of encrypted PDFs, user's or owner's.")
@click.option(
    "--password-file", metavar="FILE", type=click.Path(path_type=Path),
    help="File with the password in its first line.",
)  # fmt: skip
@click.option(
    "--break-signature", is_flag=True,
    help="Write a pdf even if that breaks the digital signature of a PDF.",
)  # fmt: skip
@click.option(
    "--rotate-pages", is_flag=True, help="Turn pages upright in the pdf, without touching images."
)
@click.option("--deskew-pages", is_flag=True, help="Straighten pages that are images in the pdf.")
@click.option(
    "--quality", type=click.Choice(SIZES),
    help="Size of models and input: fast for weak machines, best for the original recognizer,"
    f" which has to be installed.  [default: {DEFAULT_SIZE}]",
)  # fmt: skip
@click.option(
    "--languages", metavar="CODES", default="",
    help="Languages of the text, such as de or de,fr.  [default: any]",
)  # fmt: skip
@click.option(
    "--abbreviations", type=click.Choice(["as-printed", "resolved"]),
    help="Abbreviations of early prints. resolved: written out where a rule tells what they stand"
    " for.  [default: as-printed]",
)  # fmt: skip
@click.option(
    "--preprocess", metavar="auto|none|STEPS", default="auto", show_default=True,
    help="Mend images before they are read, where they need it. auto: contrast and illumination."
    " STEPS: some of deskew,denoise,contrast,illumination. Outputs show the page as it was.",
)  # fmt: skip
@click.option(
    "--config", metavar="FILE", default="",
    help="Configuration of models and engine (RapidOCR HKMC, YAML).",
)  # fmt: skip
@click.option(
    "--layout-model", metavar="NAME|FILE", default="",
    help="Let an installed layout model find the regions: text, tables, pictures.  [default: none,"
    " regions are made of the lines]",
)  # fmt: skip
@click.option("--barcodes", is_flag=True, help="Read barcodes, too.")
@click.option(
    "--compare", metavar="FILE|DIR", type=click.Path(path_type=Path),
    help="Compare with ground truth (PAGE-XML, ALTO, text): error rates on stderr, marks in html.",
)  # fmt: skip
@click.option(
    "--download", is_flag=True,
    help="Fetch the models of --quality first that are neither in the package nor installed."
    " Nothing else uses the network.",
)  # fmt: skip
@click.option(
    "--json-schema", is_flag=True, is_eager=True, expose_value=False, callback=_print_schema,
    help="Print the JSON Schema of the format json.",
)  # fmt: skip
@click.option(
    "-j", "--jobs", metavar="N", type=click.IntRange(min=1),
    help="Number of pages to read at a time.  [default: 2, or the number of cores if less]",
)  # fmt: skip
@click.option(
    "--workspace", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Keep images and PAGE-XML of all pages as an OCR-D workspace.",
)  # fmt: skip
@click.option(
    "--resume", is_flag=True, help="With --workspace: go on with a run that was interrupted."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress bar and no notes.")
@click.option("-v", "--verbose", is_flag=True, help="Tell what is done, and with what.")
@click.option(
    "--log-level", type=click.Choice(list(logs.LEVELS)),
    help="Minimum level of log messages on stderr.  [default: ERROR; with -v: INFO]",
)  # fmt: skip
@export_choices
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
def command(choices: ExportChoices, inputs: tuple[str, ...], **options: Any) -> int:
    """Read scans and PDFs: text, searchable PDF, ALTO and more.

    INPUT is an image, a PDF, a folder, a pattern such as 'scans/*.tif', or - for standard input.
    Every file is a document, and so is a folder with its images and PDFs. What cannot be read does
    not stop the others. Nothing leaves this machine.

    \b
    Examples:
      ocrd-rapid ocr page.jpg                        # text on the terminal
      ocrd-rapid ocr book.pdf -o book-ocr.pdf        # searchable PDF
      ocrd-rapid ocr scans/ -o book.pdf              # images in one PDF
      ocrd-rapid ocr scans/ -f txt,alto,pdf -o out/  # a folder is one document
      ocrd-rapid ocr *.tif -f alto -o out/           # many documents
      ocrd-rapid ocr book.pdf --mode redo --force -o book.pdf
      ocrd-rapid ocr book.pdf --pages 3-7,20-end -o part.md
      ocrd-rapid ocr old.jpg --languages de --spelling modern
      ocrd-rapid ocr - -f json < page.png
      ocrd-rapid ocr scans/ --quality fast -o book.txt
    """
    ctx = click.get_current_context()
    _configure_logging(ctx, options)
    request = _request(choices, inputs, options)
    if options["json"] and options["output"] in ("", STDOUT):
        raise UsageError("--json prints its report where the results would go; name a -o FILE|DIR")
    if options["download"]:
        from ..conversion.default_models import install_models

        bar = partial(progress_bar, unit="B", is_bytes=True)
        install_models(request.reading.quality, bar)
    report = _convert(request, options)
    if options["json"]:
        click.echo(_as_text(report))
    if report.rates:
        click.echo(report.rates, err=True)
    for line in report.summary:
        click.echo(f"{ctx.find_root().command_path}: error: {' '.join(line.split())}", err=True)
    return int(report.exit_code)


def _as_text(report: ConversionReport) -> str:
    text = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    # A name of bytes that are no text can only be escaped.
    return text if text == valid_text(text) else json.dumps(report.as_json(), indent=1)


def _convert(request: ConversionRequest, options: dict[str, Any]) -> ConversionReport:
    from ..conversion.convert_documents import ConversionListener, convert
    from ..conversion.default_models import with_remedy

    limit_arenas()
    # The steps read the same images, and know the variable only.
    if request.documents.max_pixels > environment.max_pixels():
        os.environ[environment.MAX_PIXELS] = str(request.documents.max_pixels)
    quiet = options["quiet"]
    with contextlib.ExitStack() as stack:
        stack.enter_context(_resumable(request))
        bar = stack.enter_context(pages_bar(shown=not quiet))
        note = _silent if quiet else partial(_tell_note, bar)
        stack.enter_context(remarks_to(note))
        listener = ConversionListener(
            bar.update,
            note,
            partial(_tell_finished, bar, told=sys.stderr.isatty() or options["verbose"]),
            bar.aside,
        )
        try:
            return convert(request, listener)
        except ResourceNotFoundError as error:
            raise with_remedy(error, request.reading.quality) from error


def _silent(text: str) -> None:
    pass


def _tell_note(bar: PagesBar, text: str) -> None:
    bar.say(f"ocrd-rapid: note: {' '.join(text.split())}")


def _tell_finished(bar: PagesBar, name: str, outputs: list[str], *, told: bool) -> None:
    if outputs and told:
        more = f" and {len(outputs) - 3} more" if len(outputs) > 3 else ""
        bar.say(f"{name}: {', '.join(outputs[:3])}{more}")


@contextlib.contextmanager
def _resumable(request: ConversionRequest) -> Iterator[None]:
    """Tell whoever interrupts a run what is kept."""
    try:
        yield
    except KeyboardInterrupt as error:
        kept = "finished documents are complete"
        if request.workspace is not None:
            kept += "; the same command with --resume reads the rest"
        error.args = (kept,)
        raise


def _configure_logging(ctx: click.Context, options: dict[str, Any]) -> None:
    """Set the level of log messages, which may also stand before the command."""
    level = options["log_level"] or ("INFO" if options["verbose"] else "ERROR")
    above = ctx.parent
    if above is not None and not options["log_level"]:
        source = above.get_parameter_source("log_level")
        if source is click.core.ParameterSource.COMMANDLINE:
            level = above.params["log_level"]
    logs.configure(level)


def _request(
    choices: ExportChoices, inputs: tuple[str, ...], options: dict[str, Any]
) -> ConversionRequest:
    from ..conversion.convert_documents import ConversionRequest
    from ..conversion.page_chain import ReadingOptions

    formats = formats_to_write(choices, options["output"])
    return ConversionRequest(
        inputs=inputs,
        formats=formats,
        output=options["output"],
        documents=_document_options(options, layered=any(known.keeps_pages for known in formats)),
        reading=ReadingOptions(
            languages=options["languages"],
            abbreviations=options["abbreviations"] or "",
            config=options["config"],
            quality=options["quality"] or "",
            preprocess=options["preprocess"],
            layout_model=options["layout_model"],
            deskew=options["deskew_pages"],
            barcodes=options["barcodes"],
            jobs=options["jobs"] or 0,
        ),
        export=replace(
            choices.options,
            rotate_pages=options["rotate_pages"],
            deskew_pages=options["deskew_pages"],
        ),
        labels=choices.labels,
        replace=options["force"],
        workspace=options["workspace"],
        resume=options["resume"],
        compare=options["compare"],
    )


def _document_options(options: dict[str, Any], *, layered: bool) -> DocumentOptions:
    from ..documents.document import DocumentOptions

    return DocumentOptions(
        pages=options["pages"],
        mode=options["mode"],
        dpi=options["dpi"],
        image_dpi=options["image_dpi"],
        password=_password(options["password"], options["password_file"]),
        recursive=options["recursive"],
        one=options["one"],
        break_signature=options["break_signature"],
        layered=layered,
        max_pixels=round(options["max_megapixels"] * 1_000_000),
    )


def _password(text: str | None, file: Path | None) -> str | None:
    """Return the password that is given, or that a file has in its first line.

    Raises:
        UsageError: both are given.
        InputError: the file cannot be read.
    """
    if file is None:
        return text
    if text is not None:
        raise UsageError("--password and --password-file contradict each other")
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--password-file {file} cannot be read: {error}") from error
    return lines[0] if lines else ""
