# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Files on disk: their paths, media types and order."""

from __future__ import annotations

import logging
import mimetypes
import os
import re
import shutil
import tempfile
from collections.abc import Container
from pathlib import Path

from ...errors import ImageError, InputError, MetsError, OutputExistsError, UsageError
from ...rasters.formats import FORMATS, format_of_name
from ...workspace.file_locations import checked
from ...workspace.ids import MIMETYPE_PAGE, check_id

LOG = logging.getLogger(__name__)

#: The METS file and the directory, as given on the command line.
Place = tuple[Path | None, Path | None]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def media_type(name: str) -> str:
    """Return the media type of a file by the suffix of its name or URL.

    Raises:
        UsageError: the media type is unknown.
    """
    path = Path(name.partition("?")[0])
    if path.suffix.lower() == ".xml":
        return MIMETYPE_PAGE
    image = format_of_name(path.name)
    guessed = image.media_type if image else mimetypes.guess_type(path.name)[0]
    if guessed is None:
        raise UsageError(f"the media type of {name} is unknown; give it with --mimetype")
    return guessed


def check_page_id(value: str, pages: Container[str]) -> None:
    """Check that METS allows a page ID; IDs of existing pages are not checked.

    Raises:
        MetsError: the ID is not allowed, such as a mere number; the message proposes another one.
    """
    if value in pages:
        return
    try:
        check_id(value, "page ID")
    except MetsError as error:
        proposed = re.sub(r"\W+", "_", f"PHYS_{value}", flags=re.ASCII)
        raise MetsError(f"{error}; for example {proposed}") from error


def warn_unless_image(path: Path, kind: str) -> None:
    """Warn of a file that is added as an image but cannot be read as one."""
    if kind not in {known.media_type for known in FORMATS}:
        return
    from ...rasters.opening import inspected

    try:
        found, pages = inspected(path)
    except ImageError as error:
        LOG.warning("%s", error)
        return
    if len(pages) > 1:
        LOG.warning("%s holds %d pages; add-images splits it", path, len(pages))
    if found.media_type != kind:
        LOG.warning("%s is %s, not %s", path, found.media_type, kind)


def is_url(name: str) -> bool:
    """Return whether a name is a remote address."""
    return name.startswith(("http://", "https://"))


def printable(path: Path) -> str:
    """Return a path on one line, with control characters escaped."""
    text = str(path).encode("utf-8", "backslashreplace").decode()
    return _CONTROL.sub(lambda match: repr(match[0])[1:-1], text)


def flaw_in_name(path: Path) -> str:
    """Return why a METS cannot hold the name of a file, and the remedy; empty if it can.

    Names on old disks and in old archives are often in the encoding of their time.
    """
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8; rename it: convmv -r -f latin1 -t utf8 --notest FOLDER"
    try:
        checked(path.name, "name")
    except MetsError:
        return "its name contains control characters; rename it"
    return ""


def find_file(name: Path, *directories: Path) -> Path:
    """Return the path of a file in the first of several directories that contains it.

    Raises:
        InputError: no directory contains it, or a METS cannot hold its name.
    """
    for directory in directories:
        if (directory / name).is_file():
            if flaw := flaw_in_name(name):
                raise InputError(f"file {printable(name)} cannot be added: {flaw}")
            return directory / name
    raise InputError(f"file {name} does not exist")


def path_inside(path: Path, directory: Path) -> str | None:
    """Return the path relative to the workspace, or ``None`` if it is outside.

    A link inside the workspace counts as inside, wherever it points to.
    """
    for candidate in (Path(os.path.normpath(path.absolute())), path.resolve()):
        for base in (directory, directory.resolve()):
            if candidate.is_relative_to(base):
                return candidate.relative_to(base).as_posix()
    return None


def target_path(name: str, directory: Path) -> Path:
    """Return the path of a file to write into the workspace.

    Raises:
        MetsError: the path is outside the workspace.
    """
    path = directory / name
    if path_inside(path, directory) in (None, "."):
        raise MetsError(f"file {name} would be outside the workspace {directory}")
    return path


def check_target(target: Path, source: Path, *, force: bool) -> None:
    """Check that a copy replaces no other file without ``force``.

    Raises:
        OutputExistsError: another file exists at the target.
    """
    if target.exists() and not target.samefile(source) and not force:
        raise OutputExistsError(f"{target} already exists; replace it with --force")


def copy_file(source: Path, target: Path) -> None:
    """Copy a file so that the copy appears complete or not at all."""
    if target.exists() and target.samefile(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        shutil.copyfile(source, temporary)
        shutil.copymode(source, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
