# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The input file of a page, and its download."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ..addresses import redact
from ..config.environment import offline
from ..errors import ImageError, InputError, OfflineError
from ..workspace.contents import MetsFile
from ..workspace.file_locations import is_there
from ..workspace.ids import MIMETYPE_PAGE, digest, xml_id
from ..workspace.workspace import Workspace

LOG = logging.getLogger(__name__)


def choose(group: str, page_id: str, files: Sequence[MetsFile]) -> MetsFile:
    """Return the input file of a page: its PAGE-XML, or else its image.

    Args:
        group: the file group, for messages.
        page_id: the page.
        files: the files of this page in the group.

    Raises:
        InputError: there is no file, more than one candidate, or no file of a usable kind.
    """
    candidates = [f for f in files if f.mimetype == MIMETYPE_PAGE] or list(files)
    if not candidates:
        raise InputError(f"page {page_id} has no file in file group {group}")
    if len(candidates) > 1:
        names = ", ".join(f.id for f in candidates)
        raise InputError(f"page {page_id} has several files in file group {group}: {names}")
    file = candidates[0]
    if not is_readable(file):
        kind = f"but {file.mimetype}" if file.mimetype else "judging by the METS and its name"
        raise InputError(
            f"file {file.id} of page {page_id} is neither PAGE-XML nor an image, {kind}"
        )
    return file


def report_missing(group: str, pages: Sequence[str], *, abort: bool) -> None:
    """Complain of pages that have no input.

    Raises:
        InputError: the policy is not to go on then.
    """
    message = f"no file in file group {group} for page {some(pages)}"
    if abort:
        raise InputError(f"{message} (OCRD_MISSING_INPUT=ABORT)")
    LOG.warning("%s", message)


def some(names: Sequence[str]) -> str:
    """Return the first names of a list, and the number of the others."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def is_readable(file: MetsFile) -> bool:
    """Return whether a file is of a kind that a processor can read."""
    return file.mimetype == MIMETYPE_PAGE or file.mimetype.startswith("image/")


def localise(workspace: Workspace, file: MetsFile, *, download: bool) -> MetsFile:
    """Return the entry of a local file, fetching the file if it is only on the web.

    Args:
        workspace: the workspace to store the file in.
        file: the entry in the METS.
        download: whether the file may be fetched.

    Raises:
        InputError: the file is only at a URL and may not be fetched.
        DownloadError: the file cannot be fetched.
        ImageError: the fetched file should be an image and is not; it is deleted.
        MetsError: the path of the file is outside the workspace.
        OSError: the file cannot be written.
    """
    if file.path and (not file.url or is_there(workspace.local_path(file.path))):
        return file
    if not file.url:
        raise InputError(
            f"file {file.id} of page {file.page_id} has neither a path nor an address in the METS"
        )
    if not download:
        raise InputError(
            f"file {file.id} of page {file.page_id} is only at {redact(file.url)};"
            " to fetch such files, set the environment variable OCRD_DOWNLOAD_INPUT=true"
        )
    if offline():
        raise OfflineError(f"OCRD_RAPID_OFFLINE forbids fetching {redact(file.url)}")
    from ..transfer.fetching import download as fetch

    _check_url(file)
    path = _place(workspace, file)
    LOG.info("page %s: fetching %s", file.page_id, redact(file.url))
    target = workspace.path_to_write(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    fetch(file.url, target, lambda received, total: None)
    _check_fetched(target, file)
    return replace(file, path=path)


def fetched_before(workspace: Workspace, files: Sequence[MetsFile]) -> list[MetsFile]:
    """Return the entries of files fetched by an earlier run that could not save the METS."""
    found = []
    for file in files:
        if file.url and not (file.path and is_there(workspace.local_path(file.path))):
            path = _place(workspace, file)
            if workspace.local_path(path).is_file():
                found.append(replace(file, path=path))
    return found


def _check_url(file: MetsFile) -> None:
    try:
        host = urlsplit(file.url).hostname
    except ValueError:
        host = None
    if not host:
        raise InputError(
            f"file {file.id} of page {file.page_id}: '{redact(file.url)}' is not a URL"
        )


def _place(workspace: Workspace, file: MetsFile) -> str:
    """Return the path to write a file to, from its group and ID, but not that of another file."""
    folder, name = (
        value if xml_id(value) == value else f"{xml_id(value)}_{digest(value)}"
        for value in (file.group, file.id)
    )
    path = f"{folder}/{name}{_suffix(file)}"
    target = workspace.local_path(path)
    if target.exists() and any(
        other.id != file.id and workspace.local_path(other.path) == target
        for group in workspace.mets.groups
        for other in workspace.mets.files(group)
    ):
        return f"{folder}/{name}_{digest(file.url)}{_suffix(file)}"
    return path


def _check_fetched(path: Path, file: MetsFile) -> None:
    """Delete a fetched file that should be an image and is not, such as a login page.

    Raises:
        ImageError: the file is not an image.
    """
    if not file.mimetype.startswith("image/"):
        return
    from ..rasters.opening import recognised

    try:
        with path.open("rb") as stream:
            recognised(stream, f"the answer of {redact(file.url)}")
    except ImageError:
        path.unlink()
        raise


def _suffix(file: MetsFile) -> str:
    known = mimetypes.guess_extension(file.mimetype) if file.mimetype != MIMETYPE_PAGE else ".xml"
    return known or PurePosixPath(redact(file.url)).suffix
