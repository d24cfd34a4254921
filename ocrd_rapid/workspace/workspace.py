# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A workspace: a directory with a METS file and the files that it lists."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MetsError, OutputExistsError, StorageError, UsageError
from ..files import remove_leftovers, replace_quickly
from ..version import __version__
from .bounds import keep_on_page
from .changes import AddAgent, AddFile, Change, RemoveFile
from .content_types import with_kind
from .contents import MetsAccess, MetsFile
from .file_locations import image_of_page, is_remote, is_there, local_path
from .ids import MIMETYPE_PAGE, check_id
from .mets import Mets
from .mets_lock import locked, remove_temporary, temporary_files
from .page import PageDocument

if TYPE_CHECKING:
    from .mets_server import MetsServer

LOG = logging.getLogger(__name__)

CREATOR = f"ocrd-rapid {__version__}"

#: The share of the time that a run may spend on saving the METS, and the same where a METS server
#: saves for all processes that work on the book: a hundred of them would leave it no time else.
SAVING_SHARE = 0.02
SAVING_SHARE_AT_SERVER = 0.002


class Workspace:
    """A directory with a METS. Only `write_file`, `delete_file` and `save` change anything.

    Attributes:
        directory: absolute path.
        mets_path: absolute path of the METS file.
        mets: the contents of the METS. `save` may replace it by a newer one; do not keep it.
    """

    def __init__(self, directory: Path, mets_path: Path, mets: Mets | MetsServer) -> None:
        """Use `open` or `create`."""
        self.directory = directory
        self.mets_path = mets_path
        self.mets = mets
        self._seen = _Signature.of(mets_path)
        self._folders: set[Path] = set()
        self._made: list[Change] = []  # and saved

    @classmethod
    def open(
        cls, mets: Path | None = None, directory: Path | None = None, server: str | None = None
    ) -> Workspace:
        """Open a workspace by its METS file, its directory, or both.

        Args:
            mets: the METS file; by default ``mets.xml`` in the directory. A bare name is
                looked up in the directory.
            directory: by default that of the METS file, or the current one.
            server: address of a METS server that holds the METS.

        Raises:
            UsageError: both are given and do not match.
            MetsError: the METS is missing or broken, or the server cannot be used.
        """
        mets_path = locate_mets(mets, directory)
        if server:
            from .mets_server import MetsServer

            remote = MetsServer.connect(server, mets_path.parent, mets_path)
            return cls(mets_path.parent, mets_path, remote)
        seen = _Signature.of(mets_path)
        workspace = cls(mets_path.parent, mets_path, Mets.read(mets_path))
        workspace._seen = seen
        return workspace

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

    @classmethod
    def clone(cls, url: str, directory: Path) -> Workspace:
        """Fetch a METS from the web, but not its files, into a new workspace.

        Nothing is written unless it is a METS; see `ocrd_rapid.workspace.web.fetch_mets`.

        Raises:
            OutputExistsError: there is a METS already.
            DownloadError: the METS cannot be fetched.
            MetsError: it is something else, or broken.
        """
        from .web import fetch_mets

        target = locate_mets(None, directory)
        if target.exists():
            raise OutputExistsError(f"{target} exists already; open it with -w {directory}")
        workspace = cls(target.parent, target, fetch_mets(url))
        workspace.save()
        return workspace

    @property
    def document(self) -> Mets:
        """The METS as a document.

        Raises:
            MetsError: a METS server holds it.
        """
        if isinstance(self.mets, Mets):
            return self.mets
        raise MetsError("this is not possible while a METS server holds the METS")

    @property
    def saving_share(self) -> float:
        """The share of the time that a run may spend on saving the METS, whatever its size."""
        return SAVING_SHARE if isinstance(self.mets, Mets) else SAVING_SHARE_AT_SERVER

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else has written the METS file since it was read or written here."""
        return _Signature.of(self.mets_path) != self._seen

    def save(self, *, afresh: bool = False) -> None:
        """Write the METS in one step, with the changes that others made meanwhile.

        Our writers take turns by a lock. If the file has changed since we last read or wrote it, it
        is read again and our changes are made to it, so that two processors that work on one
        workspace at the same time both keep their results. A writer that ignores the lock, such as
        OCR-D core, may have undone changes that we saved before; then they are made again.

        Args:
            afresh: read the file again in any case. After an interrupt the document in memory
                may be half changed; the list of changes is not.

        Raises:
            StorageError: another process keeps the METS locked.
            MetsError: the METS was broken by somebody else.
        """
        if not isinstance(self.mets, Mets):
            self.mets.save()
            return
        with locked(self.mets_path) as is_locked:
            now = _Signature.of(self.mets_path)
            if now is not None and self._seen is not None and (afresh or now != self._seen):
                LOG.debug("%s is read again: merging", self.mets_path)
                theirs = Mets.read(self.mets_path)
                theirs.replay(list(self._undone(theirs)))
                theirs.replay(self.mets.changes)
                self.mets = theirs
            if is_locked:
                remove_temporary(self.mets_path)
            try:
                self.mets.write(self.mets_path)
                self._note_saved(self.mets)
            except BaseException:
                # An interrupt may come when the new file is already in its place.
                if _holds(self.mets_path, self.mets.to_bytes()):
                    self._note_saved(self.mets)
                raise

    def remove_leftovers(self) -> None:
        """Remove the leftovers of killed writers beside the METS.

        An active writer holds the lock; then nothing is removed, nor where locks do not work or
        the directory cannot be written to.
        """
        if not temporary_files(self.mets_path):
            return
        with contextlib.suppress(StorageError, OSError), locked(self.mets_path, 0) as is_locked:
            if is_locked:
                remove_temporary(self.mets_path)

    def _note_saved(self, mets: Mets) -> None:
        self._seen = _Signature.of(self.mets_path)
        changes = list(mets.changes)
        mets.changes.clear()
        self._made += changes

    def _undone(self, theirs: Mets) -> Iterator[Change]:
        """Yield the changes that we saved, and that somebody unaware of them undid.

        The disk decides: who removes a file on purpose deletes it there, too.
        """
        agents = theirs.agents()
        for change in self._made:
            if isinstance(change, AddAgent):
                undone = change.agent not in agents
            elif isinstance(change, AddFile):
                there = theirs.file(change.file.id)
                undone = there is None and is_there(self.local_path(change.file.path))
            elif isinstance(change, RemoveFile):
                old = theirs.file(change.identifier)
                undone = old is not None and not is_there(self.local_path(old.path))
            else:
                undone = False
            if undone:
                yield change

    def files(self, group: str) -> Iterator[MetsFile]:
        """Yield the files of a group, with their kind even where the METS does not give it."""
        return (with_kind(file, self.directory) for file in self.mets.files(group))

    def files_by_page(self, group: str) -> dict[str, list[MetsFile]]:
        """Return the files of a group by the ID of their page; those of no page are left out."""
        found: dict[str, list[MetsFile]] = {}
        for file in self.files(group):
            if file.page_id:
                found.setdefault(file.page_id, []).append(file)
        return found

    def read_page(self, file: MetsFile) -> PageDocument:
        """Return the PAGE document of a file: read, or made for an image.

        Its outlines are clipped to the page, see `keep_on_page`. The name of its image is relative
        to the workspace even where it was relative to the file, see `image_of_page`.

        Raises:
            PageXmlError: the PAGE-XML is missing or broken.
            ImageError: the image is missing or of an unknown format.
        """
        path = self.local_path(file.path)
        if file.mimetype == MIMETYPE_PAGE:
            document = PageDocument.read(path)
            self._locate_image(document, path)
            keep_on_page(document)
            return document
        from .decoding import image_header

        header = image_header(path)
        return PageDocument.for_image(
            file.path, header.width, header.height, CREATOR, header.orientation
        )

    def _locate_image(self, document: PageDocument, path: Path) -> None:
        name = document.image_filename
        if is_remote(name) or is_there(self.local_path(name)):
            return
        found = image_of_page(name, path)
        if found is not None:
            place = os.path.relpath(found, self.directory)
            document.set_image_filename(str(found) if place.startswith("..") else place)
            LOG.info("%s: its image %s is %s", path, name, document.image_filename)

    def local_path(self, path: str) -> Path:
        """Return the path of a file that the METS or a PAGE document names."""
        return local_path(self.directory, path)

    def page_entry(self, group: str, file_id: str, page_id: str) -> MetsFile:
        """Return the METS entry of a PAGE document, with our name for its file.

        Raises:
            MetsError: group or ID are not allowed.
        """
        check_id(group, "file group")
        check_id(file_id, "file ID")
        return MetsFile(file_id, group, page_id, MIMETYPE_PAGE, f"{group}/{file_id}.xml")

    def write_file(self, path: str, data: bytes) -> None:
        """Write a file of the workspace in one step.

        It is not forced to the disk: a killed process loses nothing by that.

        Raises:
            MetsError: the path leads out of the workspace.
        """
        target = self.path_to_write(path)
        try:
            replace_quickly(target, data)
        except FileNotFoundError:  # somebody removed the directory, or our temporary file
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_quickly(target, data)

    def path_to_write(self, path: str) -> Path:
        """Return the path of a file to write, after making its directory.

        Raises:
            MetsError: the path leads out of the workspace.
        """
        target = self.local_path(path)
        if target.parent not in self._folders:
            self._check_inside(target.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(target.parent)
            self._folders.add(target.parent)
        return target

    def delete_file(self, path: str) -> None:
        """Delete a file of the workspace, if it is there and no link leads to its directory.

        Beyond a link it may be a file that somebody else needs.
        """
        target = Path(os.path.normpath(self.local_path(path)))
        root = Path(os.path.normpath(self.directory))
        if not target.is_relative_to(root) or not (target.is_file() or target.is_symlink()):
            return
        real = Path(os.path.realpath(root)) / target.parent.relative_to(root)
        if Path(os.path.realpath(target.parent)) == real:
            target.unlink(missing_ok=True)

    def _check_inside(self, folder: Path) -> None:
        if not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(self.directory)):
            raise MetsError(
                f"{folder} leads out of the workspace {self.directory}; nothing is written there"
            )


@dataclass(frozen=True)
class _Signature:
    """The properties that distinguish a replaced file from the one before."""

    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> _Signature | None:
        # Opened: then a client of NFS asks the server; what it says of a path may be a minute old.
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
        except OSError:
            return None
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


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


def require_group(mets: MetsAccess, group: str) -> None:
    """Check that a file group exists.

    Raises:
        MetsError: it does not; the message names the existing groups.
    """
    if group not in mets.groups:
        from ..config.similar import nearest

        known = ", ".join(mets.groups) or "none"
        meant = nearest(group, mets.groups)
        raise MetsError(
            f"input file group '{group}' is not in the METS (it has: {known})"
            + (f"; did you mean '{meant[0]}'?" if meant else "")
        )
