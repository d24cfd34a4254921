# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``add``: add one file to the METS."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import OutputExistsError
from ...workspace.contents import MetsFile
from ...workspace.ids import check_id
from ...workspace.workspace import Workspace
from .files import (
    Place,
    check_page_id,
    check_target,
    copy_file,
    find_file,
    is_url,
    media_type,
    path_inside,
    warn_unless_image,
)


@click.command("add")
@click.option("-G", "--file-grp", metavar="GROUP", required=True, help="File group.")
@click.option("-i", "--file-id", metavar="ID", required=True, help="ID of the file.")
@click.option("-g", "--page-id", metavar="ID", default="", help="ID of the physical page.")
@click.option("-m", "--mimetype", metavar="TYPE", help="Media type.  [default: by the suffix]")
@click.option(
    "-C", "--check-file-exists", is_flag=True, help="For OCR-D core's sake: FILE must always exist."
)
@click.option("--force", is_flag=True, help="Replace a file with the same ID.")
@click.argument("file")
@click.pass_obj
def add(
    place: Place,
    file_grp: str,
    file_id: str,
    page_id: str,
    mimetype: str | None,
    check_file_exists: bool,
    force: bool,
    file: str,
) -> None:
    """Add FILE, a file or an http(s) URL, to the METS.

    A path is looked up in the workspace first, then in the current directory. A file outside the
    workspace is copied into the directory of its file group. A URL is only recorded, not
    downloaded.

    \b
    Examples:
      ocrd-rapid workspace -d book add -G OCR-D-IMG -i IMG_0001 -g PHYS_0001 \\
        scans/0001.tif
      ocrd-rapid workspace -d book add --force -G OCR-D-GT -i GT_0001 \\
        -g PHYS_0001 -m application/vnd.prima.page+xml gt/0001.xml
    """
    workspace = Workspace.open(*place)
    check_id(file_grp, "file group")
    check_id(file_id, "file ID")
    if page_id:
        check_page_id(page_id, workspace.mets.pages)
    if workspace.mets.file(file_id) is not None and not force:
        raise OutputExistsError(
            f"a file with ID {file_id} is already in the METS; replace it with --force"
        )
    path = url = ""
    if is_url(file):
        url = file
    else:
        source = find_file(Path(file), workspace.directory, Path.cwd())
        path = path_inside(source, workspace.directory) or f"{file_grp}/{source.name}"
    kind = mimetype or media_type(file)
    if path:
        target = workspace.directory / path
        check_target(target, source, force=force)
        warn_unless_image(source, kind)
        copy_file(source, target)
    workspace.mets.add_file(MetsFile(file_id, file_grp, page_id, kind, path, url))
    workspace.save()
