# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid workspace``: create, fill, list and check workspaces, without OCR-D core.

Commands and options are named as those of core's ``ocrd workspace``; ``ocrd-rapid workspace
add-images`` and ``… list`` are our own.

* ``create``: create a workspace, set its identifier; ``add``, ``bulk``, ``images``: add files;
* ``show``: list the contents; ``remove``: remove files; ``validate``: check a workspace;
* ``scans``: the pages in a directory of scans;
* ``files``: paths and media types of files; ``query``: entries by their attributes.
"""

from __future__ import annotations

from pathlib import Path

import click

from ..groups import CONTEXT, Group
from . import add, bulk, create, images, remove, show, validate


@click.group(cls=Group, context_settings=CONTEXT)
@click.option(
    "-d", "--directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Directory of the workspace.  [default: that of the METS file]",
)  # fmt: skip
@click.option(
    "-m", "--mets", type=click.Path(path_type=Path),
    help="METS file of the workspace.  [default: mets.xml]",
)  # fmt: skip
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
