"""Where a page begins: the file of the input group that a processor reads."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ..addresses import redact
from ..config.environment import offline
from ..errors import InputError, OfflineError
from ..workspace.contents import MetsFile
from ..workspace.ids import MIMETYPE_PAGE, check_id
from ..workspace.workspace import Workspace

LOG = logging.getLogger(__name__)


def choose(group: str, page_id: str, files: Sequence[MetsFile]) -> MetsFile:
    """Return the file of a page to begin with: its PAGE-XML, or else its image.

    Args:
        group: the file group, for messages.
        page_id: the page.
        files: the files of this page in the group.

    Raises:
        InputError: there is none, more than one candidate, or none of a usable kind.
    """
    candidates = [f for f in files if f.mimetype == MIMETYPE_PAGE] or list(files)
    if not candidates:
        raise InputError(f"page {page_id} has no file in file group {group}")
    if len(candidates) > 1:
        names = ", ".join(f.id for f in candidates)
        raise InputError(f"page {page_id} has several files in file group {group}: {names}")
    file = candidates[0]
    if file.mimetype != MIMETYPE_PAGE and not file.mimetype.startswith("image/"):
        raise InputError(
            f"file {file.id} of page {page_id} is neither PAGE-XML nor an image,"
            f" but {file.mimetype}"
        )
    return file


def localise(workspace: Workspace, file: MetsFile, *, download: bool) -> MetsFile:
    """Return the entry of a file that is on this machine, fetching the file if it is not.

    Args:
        workspace: where it goes.
        file: the entry as it is.
        download: whether it may be fetched.

    Raises:
        InputError: it is only at a URL and may not be fetched.
        DownloadError: it cannot be fetched.
        MetsError: its place is outside of the workspace.
        OSError: it cannot be written.
    """
    if file.path:
        return file
    if not download:
        raise InputError(
            f"file {file.id} of page {file.page_id} is only at {redact(file.url)};"
            " to have such files fetched, set the environment variable OCRD_DOWNLOAD_INPUT=true"
        )
    if offline():
        raise OfflineError(f"OCRD_RAPID_OFFLINE forbids to fetch {redact(file.url)}")
    from ..resmgr.transfer import download as fetch

    check_id(file.id, "file ID")
    check_id(file.group, "file group")
    path = f"{file.group}/{file.id}{_suffix(file)}"
    LOG.info("page %s: fetching %s", file.page_id, redact(file.url))
    target = workspace.path_to_write(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    fetch(file.url, target, lambda received, total: None)
    return replace(file, path=path)


def _suffix(file: MetsFile) -> str:
    known = mimetypes.guess_extension(file.mimetype) if file.mimetype != MIMETYPE_PAGE else ".xml"
    return known or PurePosixPath(redact(file.url)).suffix
