# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``add-images``: add the scans of a work, one page each."""

from __future__ import annotations

import filecmp
import logging
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from ...errors import ImageError, InputError, OutputExistsError
from ...files import write_atomically
from ...workspace.contents import MetsFile
from ...workspace.ids import check_id
from ...workspace.workspace import Workspace
from ..progress import progress_bar
from . import scans
from .files import Place, copy_file, path_inside
from .scans import PassedOver, Scan

LOG = logging.getLogger(__name__)

_LAST_NUMBER = re.compile(r"_(\d{1,9})$")


@click.command("add-images")
@click.option(
    "-G", "--file-grp", metavar="GROUP", default="OCR-D-IMG", show_default=True, help="File group."
)
@click.option("-r", "--recursive", is_flag=True, help="Include subdirectories.")
@click.option("--keep-order", is_flag=True, help="Keep the order of the arguments; do not sort.")
@click.argument(
    "sources", nargs=-1, required=True, type=click.Path(path_type=Path),
    metavar="FILES_OR_DIRECTORIES...",
)  # fmt: skip
@click.pass_obj
def add_images(
    place: Place, file_grp: str, recursive: bool, keep_order: bool, sources: tuple[Path, ...]
) -> None:
    """Add images, one page each: PHYS_0001, PHYS_0002 and so on.

    From a directory, all images except hidden files are added, sorted by name, with page2 before
    page10. A multi-page TIFF is split into one file per page. Images outside the workspace are
    copied into it. Images already in the workspace are left unchanged, so the command can be
    repeated when there are more images.

    Files are recognized by their content, not by their names. Each file that is not added is
    reported with the reason. If it may be a page (it was given by name, is named like an image, or
    is a PDF, for example), the others are still added, and the exit code is 8.

    \b
    Examples:
      ocrd-rapid workspace -d book init
      ocrd-rapid workspace -d book add-images scans/
    """
    workspace = Workspace.open(*place)
    check_id(file_grp, "file group")
    found = scans.find(sources, workspace.directory, recursive=recursive, keep_order=keep_order)
    pages: list[Scan] = []
    passed_over: list[PassedOver] = []
    for item in found:
        seen = scans.look_at(item)
        if isinstance(seen, PassedOver):
            passed_over.append(seen)
        else:
            pages += seen
    if pages:
        passed_over += _add(workspace, file_grp, pages)
    for what in passed_over:
        LOG.warning("%s", what)
    if not pages:
        reasons = f" ({passed_over[0]})" if passed_over else ""
        raise InputError(f"no images in {', '.join(map(str, sources))}{reasons}")
    missing = [what.name for what in passed_over if what.may_be_page]
    if missing:
        missing_count = (
            "1 file or page is" if len(missing) == 1 else f"{len(missing)} files or pages are"
        )
        raise InputError(
            f"{missing_count} missing, all others were added:"
            f" {', '.join(missing)}; repair or convert them and repeat the command, which adds them"
            f" after the others{_in_their_place(workspace, file_grp)}"
        )


def _in_their_place(workspace: Workspace, group: str) -> str:
    """Return the end of a message: how to get the pages in order, if nothing is lost by it."""
    if any(other != group for other in workspace.mets.groups):
        return ""
    mets = workspace.mets_path
    name = "" if mets.name == "mets.xml" else f" -m {shlex.quote(mets.name)}"
    return (
        ", or in order if the METS is created again first: ocrd-rapid workspace"
        f" -d {shlex.quote(str(workspace.directory))}{name} init --clobber-mets"
    )


def _add(workspace: Workspace, group: str, pages: Sequence[Scan]) -> list[PassedOver]:
    """Add pages to the METS, with their files; return those that cannot be decoded."""
    known = {file.path for file in workspace.mets.files(group)}
    number = _highest_number(workspace, group)
    placed: set[str] = set()
    added = []
    failed = []
    with progress_bar("Adding", "image") as progress:
        for done, page in enumerate(pages, 1):
            file_id = f"{group}_{number + 1:04d}"
            try:
                path = _place(page, workspace.directory, group, file_id, placed)
            except ImageError as error:
                failed.append(PassedOver.because_of(error, page.path, str(page)))
                continue
            finally:
                progress(done, len(pages))
            if path in known:
                continue
            number += 1
            placed.add(path)
            added.append(f"PHYS_{number:04d}")
            workspace.mets.add_file(MetsFile(file_id, group, added[-1], page.media_type, path))
    workspace.save()
    there = len(pages) - len(failed) - len(added)
    ids = f" as pages {added[0]} to {added[-1]}" if len(added) > 1 else ""
    if len(added) == 1:
        ids = f" as page {added[0]}"
    plural = "" if len(added) == 1 else "s"
    LOG.info("added %d image%s%s; %d already there", len(added), plural, ids, there)
    return failed


def _place(page: Scan, directory: Path, group: str, file_id: str, placed: set[str]) -> str:
    """Return the path of an image in the workspace, after copying it there if it is outside.

    An image keeps its name unless another file has it. An existing equal file is taken for its
    copy, unless this run wrote it: then the work has two equal images.

    Raises:
        OutputExistsError: the workspace has other files with all possible names.
        ImageError: the image is a page of a multi-page file, and cannot be decoded.
    """
    inside = path_inside(page.path, directory) if page.index is None else None
    if inside is not None:
        return inside
    content = None if page.index is None else _content(page.path, page.index)
    for prefix in ("", f"{page.path.parent.name}_", f"{file_id}_"):
        path = f"{group}/{prefix}{page.name}"
        target = directory / path
        if not target.exists():
            if content is None:
                copy_file(page.path, target)
            else:
                write_atomically(target, content)
            return path
        if path not in placed and _is_equal(target, page.path, content):
            return path
    raise OutputExistsError(f"{target} already exists and is not {page}; remove or rename it")


def _content(path: Path, index: int) -> bytes:
    """Return the content of a TIFF file with one of the images in a file."""
    from ...rasters.encoding import encode_tiff
    from ...rasters.opening import page_of

    return encode_tiff(page_of(path, index))


def _is_equal(target: Path, source: Path, content: bytes | None) -> bool:
    if content is None:
        return filecmp.cmp(source, target, shallow=False)
    return target.stat().st_size == len(content) and target.read_bytes() == content


def _highest_number(workspace: Workspace, group: str) -> int:
    """Return the highest number in page IDs and in file IDs of the group, or 0.

    IDs that begin like those of the group count in all groups, because IDs must be unique.
    """
    mets = workspace.mets
    files = (file for name in mets.groups for file in mets.files(name))
    names: Sequence[str] = [
        *(page for page in mets.pages if page.startswith("PHYS_")),
        *(f.id for f in files if f.group == group or f.id.startswith(f"{group}_")),
    ]
    matches = map(_LAST_NUMBER.search, names)
    return max((int(match[1]) for match in matches if match), default=0)
