"""``add-images``: the scans of a work, one page each."""

from __future__ import annotations

import filecmp
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ...errors import InputError, OutputExistsError, UsageError
from ...workspace.contents import MetsFile
from ...workspace.ids import check_id
from ...workspace.workspace import Workspace
from ..progress import progress_bar
from .files import Place, copy_file, find_file, image_type, natural_key, path_inside

LOG = logging.getLogger(__name__)

_LAST_NUMBER = re.compile(r"_(\d{1,9})$")


@click.command("add-images")
@click.option("-G", "--file-grp", default="OCR-D-IMG", show_default=True, help="File group.")
@click.option("--keep-order", is_flag=True, help="Do not sort what is named.")
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(path_type=Path),
    metavar="FILES_OR_DIRECTORIES...",
)  # fmt: skip
@click.pass_obj
def add_images(place: Place, file_grp: str, keep_order: bool, sources: tuple[Path, ...]) -> None:
    """Add images, each as a page of its own: PHYS_0001, PHYS_0002 and so on.

    Of directories all images are taken, those of subdirectories are not. They are sorted by name,
    with page2 before page10. Images outside of the workspace are copied into it. What is there
    already is left as it is, so the command can be repeated when there are more images.

    \b
    Example:
      ocrd-rapid workspace -d book init
      ocrd-rapid workspace -d book add-images scans/
    """
    workspace = Workspace.open(*place)
    check_id(file_grp, "file group")
    images = [image for source in sources for image in _images(source, workspace.directory)]
    if not keep_order:
        images.sort(key=lambda path: tuple(map(natural_key, path.parts)))
    images = list(dict.fromkeys(images))
    if not images:
        raise InputError(f"there are no images in {', '.join(map(str, sources))}")
    known = {file.path for file in workspace.mets.files(file_grp)}
    number = _highest_number(workspace, file_grp)
    placed: set[str] = set()
    added = []
    with progress_bar("Adding", "image") as progress:
        for done, image in enumerate(images, 1):
            file_id = f"{file_grp}_{number + 1:04d}"
            path = _place(image, workspace.directory, file_grp, file_id, placed)
            progress(done, len(images))
            if path in known:
                continue
            number += 1
            placed.add(path)
            added.append(f"PHYS_{number:04d}")
            kind = image_type(image) or ""
            workspace.mets.add_file(MetsFile(file_id, file_grp, added[-1], kind, path))
    workspace.save()
    pages = f" as pages {added[0]} to {added[-1]}" if added else ""
    LOG.info("added %d images%s; %d were there", len(added), pages, len(images) - len(added))


def _images(source: Path, directory: Path) -> Iterator[Path]:
    """Yield the images of a directory, or the one that is named.

    Raises:
        InputError: it does not exist.
        UsageError: it is no image.
    """
    for folder in (source.absolute(), directory / source):
        if folder.is_dir():
            for path in sorted(folder.iterdir(), key=lambda path: natural_key(path.name)):
                if image_type(path) and path.is_file() and not path.name.startswith("."):
                    yield path
            return
    path = find_file(source, Path.cwd(), directory)
    if image_type(path) is None:
        raise UsageError(f"{source} is not an image of a known kind (by its suffix)")
    yield path


def _place(image: Path, directory: Path, group: str, file_id: str, placed: set[str]) -> str:
    """Return the path of an image in the workspace, after copying it there if it is outside.

    It keeps its name unless another file has it. A file that is there and equal is taken to be
    its copy, unless it was placed in this run: then the work has two equal images.

    Raises:
        OutputExistsError: the workspace has other files of all names that come into question.
    """
    inside = path_inside(image, directory)
    if inside is not None:
        return inside
    for prefix in ("", f"{image.parent.name}_", f"{file_id}_"):
        path = f"{group}/{prefix}{image.name}"
        target = directory / path
        if not target.exists():
            copy_file(image, target)
            return path
        if path not in placed and filecmp.cmp(image, target, shallow=False):
            return path
    raise OutputExistsError(f"{target} exists already, and is not {image}; remove or rename it")


def _highest_number(workspace: Workspace, group: str) -> int:
    """Return the highest number in page IDs, or in file IDs of the group; 0 if there is none.

    IDs that begin like those of the group count wherever they are: none may be given twice.
    """
    mets = workspace.mets
    files = (file for name in mets.groups for file in mets.files(name))
    names: Sequence[str] = [
        *(page for page in mets.pages if page.startswith("PHYS_")),
        *(f.id for f in files if f.group == group or f.id.startswith(f"{group}_")),
    ]
    matches = map(_LAST_NUMBER.search, names)
    return max((int(match[1]) for match in matches if match), default=0)
