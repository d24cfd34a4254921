"""``ocrd-rapid workspace``: create workspaces and fill them, with the options of core."""

from __future__ import annotations

import mimetypes
import shutil
from pathlib import Path

import click

from ..errors import InputError, OutputExistsError, UsageError
from ..workspace.ids import MIMETYPE_PAGE, check_id
from ..workspace.mets import MetsFile
from ..workspace.workspace import Workspace

_IMAGE_SUFFIXES = {".jp2": "image/jp2", ".webp": "image/webp", ".tif": "image/tiff"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-d", "--directory", type=click.Path(file_okay=False, path_type=Path), help="The workspace."
)
@click.option("-m", "--mets", type=click.Path(path_type=Path), help="Its METS file.")
@click.pass_context
def command(ctx: click.Context, directory: Path | None, mets: Path | None) -> None:
    """Create workspaces and fill them.

    \b
    Example:
      ocrd-rapid workspace -d book init
      ocrd-rapid workspace -d book add -G OCR-D-IMG -i IMG_0001 -g PHYS_0001 scan1.tif
    """
    ctx.obj = (mets, directory)


@command.command("init")
@click.option("--clobber-mets", is_flag=True, help="Replace a METS that is there.")
@click.pass_obj
def init(place: tuple[Path | None, Path | None], clobber_mets: bool) -> None:
    """Create a workspace with an empty METS, and print its directory."""
    workspace = Workspace.create(*place, overwrite=clobber_mets)
    click.echo(str(workspace.directory))


@command.command("add")
@click.option("-G", "--file-grp", required=True, help="File group.")
@click.option("-i", "--file-id", required=True, help="ID of the file.")
@click.option("-g", "--page-id", default="", help="ID of the physical page.")
@click.option("-m", "--mimetype", help="Media type; by default by the file's suffix.")
@click.option("--force", is_flag=True, help="Replace a file of the same ID.")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def add(
    place: tuple[Path | None, Path | None],
    file_grp: str,
    file_id: str,
    page_id: str,
    mimetype: str | None,
    force: bool,
    file: Path,
) -> None:
    """Add FILE to the METS.

    A FILE outside of the workspace is copied into the directory of its file group.
    """
    workspace = Workspace.open(*place)
    check_id(file_grp, "file group")
    check_id(file_id, "file ID")
    if page_id:
        check_id(page_id, "page ID")
    if workspace.mets.file(file_id) is not None and not force:
        raise OutputExistsError(f"a file with ID {file_id} is in the METS; replace it with --force")
    source = _find(file, workspace.directory)
    entry = MetsFile(
        id=file_id,
        group=file_grp,
        page_id=page_id,
        mimetype=mimetype or _guess_mimetype(source),
        path=_into_workspace(source, workspace.directory, file_grp, force=force),
    )
    workspace.mets.add_file(entry)
    workspace.save()


def _find(file: Path, directory: Path) -> Path:
    """Return the file, which is named relative to the current directory or the workspace."""
    for candidate in (file.absolute(), directory / file):
        if candidate.is_file():
            return candidate
    raise InputError(f"file {file} does not exist")


def _into_workspace(source: Path, directory: Path, group: str, *, force: bool) -> str:
    """Return the path of a file relative to the workspace, copying it in where needed."""
    resolved, root = source.resolve(), directory.resolve()
    if resolved.is_relative_to(root):
        return resolved.relative_to(root).as_posix()
    target = directory / group / source.name
    if target.exists() and not force:
        raise OutputExistsError(f"{target} exists already; replace it with --force")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target.relative_to(directory).as_posix()


def _guess_mimetype(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".xml":
        return MIMETYPE_PAGE
    guessed = _IMAGE_SUFFIXES.get(suffix) or mimetypes.guess_type(path.name)[0]
    if guessed is None:
        raise UsageError(f"the media type of {path} is not known; name it with --mimetype")
    return guessed
