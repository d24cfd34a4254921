# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The command line of OCR-D processors: https://ocr-d.de/en/spec/cli.

Information options are answered first: none of them loads more than it needs.
"""

from __future__ import annotations

import json
import logging
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..config.tools import tool_description
from . import logs
from .errors import console_script

LOG = logging.getLogger("ocrd_rapid.processor")

_NOTES = {
    "ocrd-rapid-preprocess": """\
Reads images or PAGE-XML and measures the defects of each page. Pages that need one of the steps
get a derived image, and @orientation if they are deskewed; other pages are left unchanged. No
model is needed.

Examples:
  ocrd-rapid-preprocess -I OCR-D-IMG -O OCR-D-PRE""",
    "ocrd-rapid-detect": """\
Reads images, or PAGE-XML that may already have regions, and adds text regions with text lines
in reading order.

Examples:
  ocrd-rapid-detect -I OCR-D-IMG -O OCR-D-SEG""",
    "ocrd-rapid-classify": """\
Reads PAGE-XML with text lines, determines which way up they are, and writes @orientation.

Examples:
  ocrd-rapid-classify -I OCR-D-SEG -O OCR-D-ORI""",
    "ocrd-rapid-recognize": """\
Reads PAGE-XML with text lines of any segmentation and adds their text.

Examples:
  ocrd-rapid-recognize -I OCR-D-ORI -O OCR-D-OCR -P textequiv_level word""",
    "ocrd-rapid-export": """\
Reads PAGE-XML of any processor and writes files of other formats: one for each page, or, with
per_work, one of all pages. FULLTEXT and DOWNLOAD are the file groups that DFG-Viewer and Kitodo
read.

Examples:
  ocrd-rapid-export -I OCR-D-OCR -O FULLTEXT
  ocrd-rapid-export -I OCR-D-OCR -O DOWNLOAD -P formats '["pdf"]'""",
}


def _only_worker(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> str | None:
    """Reject any argument but ``worker``: a file name, or a value without its option."""
    if value not in (None, "worker"):
        raise click.UsageError(
            f"'{value}' is not allowed here: a processor reads a file group of a workspace, given"
            " with -I; to add images to one: ocrd-rapid workspace -d book add-images scans/"
        )
    return value


def processor_command(executable: str) -> click.Command:
    """Return the command of one processor."""

    @click.command(add_help_option=False, context_settings={"allow_interspersed_args": True})
    @click.option("-m", "--mets")
    @click.option("-w", "--working-dir")
    @click.option("-U", "--mets-server-url")
    @click.option("-I", "--input-file-grp")
    @click.option("-O", "--output-file-grp")
    @click.option("-g", "--page-id")
    @click.option("--overwrite", is_flag=True)
    @click.option("--resume", is_flag=True)
    @click.option("--debug", is_flag=True)
    @click.option("--profile", is_flag=True)
    @click.option("--profile-file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("-p", "--parameter", multiple=True)
    @click.option("-P", "--parameter-override", "--param-override", nargs=2, multiple=True)
    @click.option("-l", "--log-level", type=click.Choice(list(logs.LEVELS)), default="INFO")
    @click.option("--log-filename", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--queue")
    @click.option("--database")
    @click.option("-C", "--show-resource")
    @click.option("-L", "--list-resources", is_flag=True)
    @click.option("-R", "--resolve-resource")
    @click.option("-J", "--dump-json", is_flag=True)
    @click.option("-D", "--dump-module-dir", is_flag=True)
    @click.option("-h", "--help", "show_help", is_flag=True)
    @click.option("-V", "--version", is_flag=True)
    @click.argument("subcommand", required=False, metavar="[worker]", callback=_only_worker)
    def command(**options: Any) -> int:
        logs.configure(options["log_level"], options["log_filename"])
        if not any(options[name] for name in options if name != "log_level"):
            click.echo(help_text(executable))
            return 1  # as OCR-D core does
        if _inform(executable, options):
            return 0
        if options["subcommand"] or options["queue"] or options["database"]:
            from .worker import start_worker

            start_worker(executable, options["queue"], options["database"])
            return 0
        from .runs import run_processor

        try:
            run_processor(executable, options)
        except Exception:
            if options["debug"]:
                LOG.exception("aborted because of --debug")
            raise
        return 0

    return command


def _inform(executable: str, options: dict[str, Any]) -> bool:
    """Answer the first information option that was given; return whether there was one."""
    questions: list[tuple[str, Callable[[Any], object]]] = [
        ("show_help", lambda _: click.echo(help_text(executable))),
        ("version", lambda _: click.echo(f"Version {__version__}, ocrd-rapid {__version__}")),
        ("dump_json", lambda _: click.echo(json.dumps(tool_description(executable), indent=1))),
        ("dump_module_dir", lambda _: _dump_module_dir(executable)),
        ("resolve_resource", lambda name: _resolve_resource(executable, name)),
        ("show_resource", lambda name: _show_resource(executable, name)),
        ("list_resources", lambda _: _list_resources(executable)),
    ]
    for name, answer in questions:
        if options[name]:
            answer(options[name])
            return True
    return False


def help_text(executable: str) -> str:
    """Return the help of one of our processors."""
    from .help import processor_help

    return processor_help(tool_description(executable), _NOTES[executable])


def _dump_module_dir(executable: str) -> None:
    from ..resmgr.locations import module_dir

    click.echo(str(module_dir(executable)))


def _resolve_resource(executable: str, name: str) -> None:
    from ..resmgr.locations import resolve, suffixes_of

    path = resolve(name, executable, suffixes_of(executable))
    # A given path is returned unchanged: relative paths stay relative.
    click.echo(name if path == Path.cwd() / name else str(path))


def _show_resource(executable: str, name: str) -> None:
    from ..resmgr.locations import resolve, suffixes_of

    path = resolve(name, executable, suffixes_of(executable))
    output = sys.stdout.buffer
    if path.is_dir():
        with tarfile.open(fileobj=output, mode="w|gz") as archive:
            archive.add(path, arcname=".")
        return
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            output.write(chunk)


def _list_resources(executable: str) -> None:
    from ..resmgr.installed import list_files

    for _, path in list_files(executable, tool_description(executable)):
        click.echo(path.name)


preprocess = console_script(processor_command("ocrd-rapid-preprocess"), "ocrd-rapid-preprocess")
detect = console_script(processor_command("ocrd-rapid-detect"), "ocrd-rapid-detect")
classify = console_script(processor_command("ocrd-rapid-classify"), "ocrd-rapid-classify")
recognize = console_script(processor_command("ocrd-rapid-recognize"), "ocrd-rapid-recognize")
export = console_script(processor_command("ocrd-rapid-export"), "ocrd-rapid-export")
