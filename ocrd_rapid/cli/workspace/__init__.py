"""``ocrd-rapid workspace``: make workspaces, fill, list and check them, without OCR-D core.

Commands and options are named as those of core's ``ocrd workspace``; ``ocrd-rapid workspace
add-images`` and ``… list`` are our own.

* ``create``: a new workspace, its identifier; ``add``, ``bulk``, ``images``: files into it;
* ``show``: what is in it; ``remove``: files out of it; ``validate``: is it sound?
* ``scans``: which files of a folder are pages;
* ``files``: where files lie and of what kind they are; ``query``: entries by their attributes.
"""

from __future__ import annotations

from pathlib import Path

import click

from ..groups import CONTEXT, Group
from . import add, bulk, create, images, remove, show, validate


@click.group(cls=Group, context_settings=CONTEXT)
@click.option(
    "-d", "--directory", type=click.Path(file_okay=False, path_type=Path), help="The workspace."
)
@click.option("-m", "--mets", type=click.Path(path_type=Path), help="Its METS file.")
@click.pass_context
def command(ctx: click.Context, directory: Path | None, mets: Path | None) -> None:
    """Create, fill, list and check workspaces.

    \b
    Examples:
      ocrd-rapid workspace -d book init
      ocrd-rapid workspace -d book add-images scans/
      ocrd-rapid workspace -d book list
    """
    ctx.obj = (mets, directory)


for _command in (
    create.init, images.add_images, add.add, bulk.bulk_add,
    show.list_, show.list_group, show.list_page, show.find,
    remove.remove, remove.remove_group, remove.prune_files,
    create.get_id, create.set_id, validate.validate,
):  # fmt: skip
    command.add_command(_command)
