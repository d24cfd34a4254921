"""``init``, ``get-id``, ``set-id``: a new workspace, and how the work is called."""

from __future__ import annotations

import click

from ...workspace.workspace import Workspace
from .files import Place


@click.command("init")
@click.option("-f", "--clobber-mets", is_flag=True, help="Replace a METS that is there.")
@click.option("--id", "identifier", help="Identifier of the work; by default a new UUID.")
@click.pass_obj
def init(place: Place, clobber_mets: bool, identifier: str | None) -> None:
    """Create a workspace with an empty METS, and print its directory.

    \b
    Examples:
      ocrd-rapid workspace -d book init
      ocrd-rapid workspace -d book init --id urn:nbn:de:1234
    """
    workspace = Workspace.create(*place, overwrite=clobber_mets)
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
    """Make ID the identifier of the work.

    \b
    Examples:
      ocrd-rapid workspace -d book set-id urn:nbn:de:1234
    """
    workspace = Workspace.open(*place)
    workspace.document.set_identifier(identifier)
    workspace.save()
