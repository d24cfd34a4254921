# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``init``, ``get-id``, ``set-id``: a new workspace, and the identifier of the work."""

from __future__ import annotations

from pathlib import Path

import click

from ...workspace.workspace import Workspace
from .files import Place


@click.command("init")
@click.option("-f", "--clobber-mets", is_flag=True, help="Replace an existing METS.")
@click.option(
    "--id", "identifier", metavar="ID", help="Identifier of the work.  [default: a new UUID]"
)
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def init(place: Place, clobber_mets: bool, identifier: str | None, directory: Path | None) -> None:
    """Create a workspace with an empty METS, and print its directory.

    DIRECTORY can be given in place of -d, as with git init; later commands need -d.

    \b
    Examples:
      ocrd-rapid workspace -d book init
      ocrd-rapid workspace -d book init --id urn:nbn:de:1234
    """
    mets, named = place
    workspace = Workspace.create(mets, directory or named, overwrite=clobber_mets)
    if identifier:
        workspace.document.set_identifier(identifier)
        workspace.save()
    click.echo(str(workspace.directory))


@click.command("get-id")
@click.pass_obj
def get_id(place: Place) -> None:
    """Print the identifier of the work, if it has one.

    \b
    Examples:
      ocrd-rapid workspace -d book get-id
    """
    identifier = Workspace.open(*place).document.identifier
    if identifier:
        click.echo(identifier)


@click.command("set-id")
@click.argument("identifier", metavar="ID")
@click.pass_obj
def set_id(place: Place, identifier: str) -> None:
    """Set the identifier of the work to ID.

    \b
    Examples:
      ocrd-rapid workspace -d book set-id urn:nbn:de:1234
    """
    workspace = Workspace.open(*place)
    workspace.document.set_identifier(identifier)
    workspace.save()
