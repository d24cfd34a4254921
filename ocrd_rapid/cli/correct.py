# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid correct``: what people corrected in the browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .groups import CONTEXT, Group

if TYPE_CHECKING:
    from ..correction.apply_corrections import AppliedPage

#: The file group of what people wrote.
GROUND_TRUTH = "OCR-D-GT"


@click.group(cls=Group, context_settings=CONTEXT)
def command() -> None:
    """Take what people corrected in the browser into a workspace.

    \b
    Examples:
      ocrd-rapid correct apply -w book corrections.json
      ocrd-rapid correct import -w book from-escriptorium/*.xml
    """


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
    from ..correction.apply_corrections import GroupFiles, apply_corrections
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
