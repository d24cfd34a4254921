# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid``: everything that is not a processor."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click

from .. import __version__
from . import logs
from .errors import run_commands
from .groups import CONTEXT, CORE, Group

_GROUPS = {
    "ocr": "Read scans and PDFs: text, searchable PDF, ALTO and more",
    "process": "Run a workflow of several processors",
    "report": "Show how far many workspaces are, and what failed",
    "resmgr": "List and install models and other resources",
    "workspace": "Create, fill, list and check workspaces",
    "export": "Write PAGE-XML as text, ALTO, PDF and other formats",
    "correct": "Correct in the browser, teach, read on",
    "evaluate": "Compare text with ground truth",
    "train": "Train the recognizer on a book's typeface",
    "check": "Check that everything OCR needs is installed",
    "convert": "Convert an ONNX model to OpenVINO's format",
}


class _LazyGroup(Group):
    """A group that imports the module of a command on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_GROUPS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _GROUPS:
            return None
        module = importlib.import_module(f"{__package__}.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_GROUPS.items()))


def _dump_json(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    """Print an empty description: OCR-D core asks every executable named ``ocrd-*`` for one."""
    if wanted:
        click.echo("{}")
        ctx.exit()


@click.command(
    cls=_LazyGroup,
    context_settings=CONTEXT,
    epilog=(
        "\b\nProcessors, which are separate commands:\n"
        "  ocrd-rapid-preprocess  Correct the defects of scans\n"
        "  ocrd-rapid-detect      Find text regions and lines\n"
        "  ocrd-rapid-classify    Determine the orientation of pages\n"
        "  ocrd-rapid-recognize   Recognize the text of lines\n"
        "  ocrd-rapid-export      Write ALTO, PDF, text and other formats"
    ),
)
@click.version_option(__version__, "-V", "--version", message="ocrd-rapid %(version)s")
@click.option(
    "-J", "--dump-json", is_flag=True, is_eager=True, expose_value=False, hidden=True,
    callback=_dump_json,
)  # fmt: skip
@click.option(
    "-l",
    "--log-level",
    type=click.Choice(list(logs.LEVELS)),
    default="INFO",
    show_default=True,
    help="Minimum level of the log messages on stderr.",
)
def cli(log_level: str) -> None:
    """Offline OCR for libraries and archives, in the style of OCR-D.

    \b
    Examples:
      ocrd-rapid resmgr download --language kor
      ocrd-rapid ocr page.jpg
      ocrd-rapid ocr book.pdf -o book-ocr.pdf
      ocrd-rapid workspace -d book init
      ocrd-rapid workspace -d book add-images scans/
      ocrd-rapid process -w book "rapid-detect -I OCR-D-IMG -O OCR-D-SEG" \\
        "rapid-classify -I OCR-D-SEG -O OCR-D-ORI" \\
        "rapid-recognize -I OCR-D-ORI -O OCR-D-OCR"
      ocrd-rapid export -w book -I OCR-D-OCR > book.txt
    """
    logs.configure(log_level)


def main() -> None:
    """Run what the command line says.

    Images without OCR-D core have the command as ``ocrd``, too, see ``docs/containers.md``.
    """
    if Path(sys.argv[0]).name == CORE:
        run_commands(cli, CORE, separated(sys.argv[1:]))
    run_commands(cli, "ocrd-rapid", [sys.argv[1:]])


def separated(words: Sequence[str]) -> list[list[str]]:
    r"""Return the arguments of each of several ``ocrd`` commands with ``;`` between them.

    So writes OCR-D's page on models what one container shall do, one after the other:
    ``docker run … ocrd resmgr download A B\; ocrd resmgr download C D\;``. No shell sees it there.
    """
    lines: list[list[str]] = [[]]
    for word, following in pairwise([*words, CORE]):
        if word.endswith(";") and following == CORE:
            lines[-1] += filter(None, [word.removesuffix(";")])
            lines.append([])
        else:
            lines[-1].append(word)
    return [lines[0], *(line[1:] for line in lines[1:] if line)]
