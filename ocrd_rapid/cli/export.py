"""``ocrd-rapid export``: get the text out of PAGE-XML."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import PageXmlError
from ..export.text import page_text
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.page import PageDocument
from ..workspace.workspace import Workspace, require_group


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-w", "--working-dir", type=click.Path(path_type=Path), help="Workspace to read from."
)
@click.option("-I", "--input-file-grp", help="File group of the workspace.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def command(working_dir: Path | None, input_file_grp: str | None, files: tuple[Path, ...]) -> None:
    """Print the text of PAGE-XML FILES, or of a file group of a workspace, in reading order.

    \b
    Examples:
      ocrd-rapid export OCR-D-OCR/*.xml
      ocrd-rapid export -w book -I OCR-D-OCR > book.txt
    """
    broken: list[PageXmlError] = []
    for path in files or _group_files(working_dir, input_file_grp):
        try:
            text = page_text(PageDocument.read(path))
        except PageXmlError as error:  # the other pages have text all the same
            broken.append(error)
        else:
            click.echo(text, nl=False)
    for other in broken[:-1]:
        click.echo(f"ocrd-rapid: error: {other}", err=True)
    if broken:
        raise broken[-1]


def _group_files(directory: Path | None, group: str | None) -> list[Path]:
    if group is None:
        raise click.UsageError("name PAGE-XML FILES, or a file group with -I")
    workspace = Workspace.open(directory=directory)
    require_group(workspace.mets, group)
    order = {page: i for i, page in enumerate(workspace.mets.pages)}
    pages = [file for file in workspace.mets.files(group) if file.mimetype == MIMETYPE_PAGE]
    pages.sort(key=lambda file: order.get(file.page_id, len(order)))
    return [workspace.directory / file.path for file in pages]
