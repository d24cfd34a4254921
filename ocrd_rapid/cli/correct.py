# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid correct``: what people corrected in the browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
      ocrd-rapid export -w book -I OCR-D-OCR -f html --correct -o book.html
      ocrd-rapid correct apply -w book corrections.json
    """


@command.command("apply")
@click.option("-m", "--mets", type=click.Path(path_type=Path), help="METS file.")
@click.option(
    "-w", "--working-dir", type=click.Path(path_type=Path), help="Directory of the workspace."
)
@click.option(
    "-I", "--input-file-grp", "group", metavar="GROUP", default="",
    help="File group that was corrected.  [default: the one that FILE names]",
)  # fmt: skip
@click.option(
    "-O", "--output-file-grp", "output", metavar="GROUP", default=GROUND_TRUTH, show_default=True,
    help="File group to write to; the pages that it has already get the corrections there.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace what others corrected before.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
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
