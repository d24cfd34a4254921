"""A workspace: a directory with a METS file and what it lists."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from .. import __version__
from ..errors import InputError, MetsError, OutputExistsError, UsageError
from ..files import write_atomically
from .ids import MIMETYPE_PAGE, check_id
from .mets import Mets, MetsFile
from .page import PageDocument

LOG = logging.getLogger(__name__)

CREATOR = f"ocrd-rapid {__version__}"


class Workspace:
    """A directory with a METS. Nothing is written but by `write_page` and `save`."""

    def __init__(self, directory: Path, mets_path: Path, mets: Mets) -> None:
        """Use `open` or `create`."""
        self.directory = directory
        self.mets_path = mets_path
        self.mets = mets

    @classmethod
    def open(cls, mets: Path | None = None, directory: Path | None = None) -> Workspace:
        """Open a workspace by its METS file, its directory, or both.

        Args:
            mets: the METS file; by default ``mets.xml`` in the directory. A bare name is
                looked up in the directory.
            directory: by default that of the METS file, or the current one.

        Raises:
            UsageError: both are given and do not fit.
            MetsError: the METS is missing or broken.
        """
        mets_path = locate_mets(mets, directory)
        return cls(mets_path.parent, mets_path, Mets.read(mets_path))

    @classmethod
    def create(
        cls, mets: Path | None = None, directory: Path | None = None, *, overwrite: bool = False
    ) -> Workspace:
        """Create a workspace with an empty METS.

        Raises:
            OutputExistsError: there is a METS already.
        """
        mets_path = locate_mets(mets, directory)
        if mets_path.exists() and not overwrite:
            raise OutputExistsError(f"{mets_path} exists already; replace it with --clobber-mets")
        workspace = cls(mets_path.parent, mets_path, Mets.empty(CREATOR))
        workspace.save()
        return workspace

    def save(self) -> None:
        """Write the METS in one step."""
        self.mets.write(self.mets_path)

    def select_input(self, group: str, page_id: str, files: Sequence[MetsFile]) -> MetsFile:
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
        if not file.path:
            raise InputError(
                f"file {file.id} of page {page_id} is only at {file.url}; download it first"
            )
        return file

    def read_page(self, file: MetsFile) -> PageDocument:
        """Return the PAGE document of a file: read, or made for an image.

        Raises:
            PageXmlError: the PAGE-XML is missing or broken.
            ImageError: the image is missing or broken.
        """
        path = self.directory / file.path
        if file.mimetype == MIMETYPE_PAGE:
            return PageDocument.read(path)
        from . import images

        width, height = images.image_size(path)
        return PageDocument.for_image(file.path, width, height, CREATOR)

    def write_page(
        self, document: PageDocument, group: str, file_id: str, page_id: str
    ) -> MetsFile:
        """Write a PAGE document into a file group; return its entry for the METS."""
        check_id(group, "file group")
        check_id(file_id, "file ID")
        path = f"{group}/{file_id}.xml"
        document.pcgts_id = file_id
        write_atomically(self.directory / path, document.to_bytes())
        return MetsFile(file_id, group, page_id, MIMETYPE_PAGE, path)


def locate_mets(mets: Path | None, directory: Path | None) -> Path:
    """Return the absolute path of the METS file; see `Workspace.open`."""
    if directory is None:
        return (mets or Path("mets.xml")).absolute()
    folder = Path(os.path.normpath(directory.absolute()))
    if mets is None:
        return folder / "mets.xml"
    if mets.parent == Path():
        return folder / mets
    path = Path(os.path.normpath(mets.absolute()))
    if not path.is_relative_to(folder):
        raise UsageError(
            f"--mets '{mets}' is not inside the workspace directory --working-dir '{directory}'"
        )
    return path


def require_group(mets: Mets, group: str) -> None:
    """Check that a file group exists.

    Raises:
        MetsError: names the groups there are.
    """
    if group not in mets.groups:
        known = ", ".join(mets.groups) or "none"
        raise MetsError(f"input file group '{group}' is not in the METS (it has: {known})")
