# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid correct``: correct in the browser, and take over what was corrected elsewhere."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config.extras import required
from ..config.similar import did_you_mean
from ..errors import InputError
from .correct_document import read_document
from .groups import CONTEXT, Group

if TYPE_CHECKING:
    from ..correction.apply_corrections import AppliedPage

#: The file group of what people wrote.
GROUND_TRUTH = "OCR-D-GT"

#: The command that is meant where the first word is none.
_DEFAULT = "open"


class _GroupWithDefault(Group):
    """A group in which a workspace may stand in place of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments; those that begin with no command are for the default one."""
        if args and self._is_for_default(ctx, args[0]):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def _is_for_default(self, ctx: click.Context, word: str) -> bool:
        if word in self.list_commands(ctx) or word in (*CONTEXT["help_option_names"], "--"):
            return False
        looks_like_path = Path(word).exists() or not did_you_mean(word, self.list_commands(ctx))
        return word.startswith("-") or looks_like_path


@click.group(cls=_GroupWithDefault, context_settings=CONTEXT)
def command() -> None:
    """Correct in the browser, teach, read on; take over what was corrected elsewhere.

    \b
    Examples:
      ocrd-rapid correct book
      ocrd-rapid correct book.pdf
      ocrd-rapid correct apply -w book corrections.json
      ocrd-rapid correct import -w book from-escriptorium/*.xml
    """


@command.command(_DEFAULT)
@click.option(
    "-I", "--input-file-grp", "group", metavar="GROUP", default="",
    help="File group that was read.  [default: the newest one with lines of text]",
)  # fmt: skip
@click.option(
    "-O", "--output-file-grp", "output", metavar="GROUP", default=GROUND_TRUTH, show_default=True,
    help="File group to write to; the pages that it has already are gone on with.",
)  # fmt: skip
@click.option(
    "-g", "--page-id", "--pages", "pages", metavar="PAGES", default="",
    help="Pages to correct, as of the processors: P_0001..P_0020.  [default: all]",
)  # fmt: skip
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port.  [default: that of the last time, or any]",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True,
    help="Address to listen on; with any other, the book is open to other machines.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--idle", metavar="MINUTES", type=click.FloatRange(0), default=60, show_default=True,
    help="End after so long without a browser; 0 for never.",
)  # fmt: skip
@click.option(
    "--also", metavar="DIRECTORY", multiple=True, type=click.Path(path_type=Path),
    help="Workspace whose OCR-D-GT is learnt, too; repeatable.",
)  # fmt: skip
@click.option(
    "--threads", metavar="N", type=click.IntRange(0), default=0,
    help="Threads for teaching and reading.  [default: one per core but one]",
)  # fmt: skip
@click.argument("source", metavar="WORKSPACE|DOCUMENT", type=click.Path(path_type=Path))
def open_(
    group: str, output: str, pages: str, port: int, host: str, no_browser: bool, idle: float,
    also: tuple[Path, ...], threads: int, source: Path,
) -> None:  # fmt: skip
    """Correct a workspace in the browser: ocrd-rapid correct WORKSPACE.

    The browser shows each line with a field below it. What is confirmed there is saved at once,
    into a file group of its own. Lines that are corrected teach a head, which reads the rest of the
    book. The server is for this machine alone, and ends with Ctrl-C.

    A document (PDF, image, folder of images) is read first, into a workspace beside it: book.pdf
    into book.ocrd. Interrupted, the same command goes on.

    \b
    Examples:
      ocrd-rapid correct book
      ocrd-rapid correct open book -I OCR-D-OCR --pages P_0001..P_0020
      ocrd-rapid correct book.pdf
      ocrd-rapid correct book --no-browser --port 8080
    """
    for module in ("starlette.applications", "uvicorn"):
        required(module, "correct")
    from ..correction_server.book_jobs import JobOptions
    from ..correction_server.serve import ServerOptions, serve
    from ..correction_server.working_pages import BookChoice, default_group
    from ..workspace.workspace import Workspace

    if not source.exists():
        raise InputError(f"{source} does not exist; name a workspace, a PDF or an image")
    mets = _mets_of(source)
    if mets is None:
        mets = read_document(source)
    group = group or default_group(Workspace.open(mets), output)
    choice = BookChoice(mets, group, output, pages)
    jobs = JobOptions(tuple((path, GROUND_TRUTH) for path in also), threads)

    def opened(address: str) -> None:
        click.echo(f"{mets.parent.name}: file group {group}, corrections go to {output}")
        click.echo(f"Open this address, which is for you alone: {address}")
        click.echo("Ctrl-C ends the server; all that was confirmed is saved.")
        if not no_browser:
            webbrowser.open(address)

    serve(choice, ServerOptions(host, port, idle, jobs), opened)


def _mets_of(source: Path) -> Path | None:
    """Return the METS of a workspace, or ``None`` for a document."""
    if source.is_dir():
        mets = source / "mets.xml"
        return mets.absolute() if mets.is_file() else None
    return source.absolute() if source.suffix.lower() == ".xml" else None


_OPTIONS = (
    click.option("-m", "--mets", type=click.Path(path_type=Path), help="METS file."),
    click.option(
        "-w", "--working-dir", type=click.Path(path_type=Path), help="Directory of the workspace."
    ),
    click.option(
        "-O", "--output-file-grp", "output", metavar="GROUP", default=GROUND_TRUTH,
        show_default=True,
        help="File group to write to; the pages that it has already get the corrections there.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace what others corrected before."),
    click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
)  # fmt: skip


def _workspace_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of all commands here."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@command.command("apply")
@click.option(
    "-I", "--input-file-grp", "group", metavar="GROUP", default="",
    help="File group that was corrected.  [default: the one that FILE names]",
)  # fmt: skip
@_workspace_options
@click.argument("file", type=click.Path(path_type=Path))
def apply(
    mets: Path | None, working_dir: Path | None, group: str, output: str, overwrite: bool,
    as_json: bool, file: Path,
) -> None:  # fmt: skip
    """Take FILE, corrections that the view saved, into a workspace.

    All corrections are checked first: a page that has changed since the view was written, a line
    that is missing or has another text, or one that somebody else corrected in another way stops
    all of them, and nothing is written. What is there already is not written again.

    \b
    Examples:
      ocrd-rapid correct apply -w book corrections.json
      ocrd-rapid correct apply -w book -O OCR-D-GT-ANNA --json anna.json
    """
    from ..correction.apply_corrections import apply_corrections
    from ..correction.corrections import read_corrections
    from ..workspace.workspace import Workspace

    workspace = Workspace.open(mets, working_dir)
    corrections = read_corrections(file)
    pages = apply_corrections(workspace, corrections, output, group=group, overwrite=overwrite)
    _report(output, pages, as_json=as_json)


@command.command("import")
@click.option(
    "-I", "--input-file-grp", "group", metavar="GROUP", default=GROUND_TRUTH, show_default=True,
    help="File group that the other program was given.",
)  # fmt: skip
@_workspace_options
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def import_(
    mets: Path | None, working_dir: Path | None, group: str, output: str, overwrite: bool,
    as_json: bool, files: tuple[Path, ...],
) -> None:  # fmt: skip
    """Take what was corrected in another program from its PAGE-XML FILES.

    A page is known by the name of its image, a line by its ID. Each line whose text differs from
    that in the workspace counts as corrected by a person, so do not import what a model read
    there. All else in the workspace stays, also what that program does not keep: words, outlines,
    and what was corrected before. Lines that were added there stop all of it.

    \b
    Examples:
      ocrd-rapid export -w book -I OCR-D-GT -f page -o for-escriptorium/
      ocrd-rapid correct import -w book from-escriptorium/*.xml
      ocrd-rapid correct import -w book -I OCR-D-OCR from-transkribus/page/*.xml
    """
    from ..correction.apply_corrections import apply_corrections
    from ..correction.group_files import GroupFiles
    from ..correction.other_editors import corrections_of_pages
    from ..workspace.workspace import Workspace

    workspace = Workspace.open(mets, working_dir)
    corrections = corrections_of_pages(GroupFiles(workspace, group), files)
    pages = apply_corrections(workspace, corrections, output, overwrite=overwrite)
    _report(output, pages, as_json=as_json)


def _report(output: str, pages: Sequence[AppliedPage], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_as_dict(output, pages), ensure_ascii=False, indent=1))
    else:
        click.echo(_sentence(output, pages))


def _sentence(output: str, pages: Sequence[AppliedPage]) -> str:
    lines, before = sum(page.lines for page in pages), sum(page.before for page in pages)
    changed = sum(page.lines > 0 for page in pages)
    said = f"{output}: {_count(lines, 'line')} of {_count(changed, 'page')} written"
    return f"{said}, {_count(before, 'line')} there already" if before else said


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _as_dict(output: str, pages: Sequence[AppliedPage]) -> dict[str, Any]:
    """Return the result as plain data for JSON, as docs/correct.md describes it."""
    return {
        "group": output,
        "lines": sum(page.lines for page in pages),
        "before": sum(page.before for page in pages),
        "pages": [
            {
                "page": page.page_id,
                "file": page.file.path,
                "lines": page.lines,
                "before": page.before,
            }
            for page in pages
        ],
    }
