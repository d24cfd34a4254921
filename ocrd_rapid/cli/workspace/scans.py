# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The pages among files and folders, and the files that are not pages, by their content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ImageError
from ...files import natural_key
from ...rasters import formats
from ...rasters.opening import inspected, kind_of
from .files import find_file, flaw_in_name, printable


@dataclass(frozen=True)
class Scan:
    """The image of a page.

    Attributes:
        path: the file with the image.
        media_type: the media type of the file in the workspace.
        index: the index of the image in a multi-page file; ``None`` for other files.
        number: the number of the page in a multi-page file, from 1.
    """

    path: Path
    media_type: str
    index: int | None = None
    number: int = 1

    def __str__(self) -> str:
        return str(self.path) if self.index is None else f"page {self.number} of {self.path}"

    @property
    def name(self) -> str:
        """The name of the file in the workspace."""
        if self.index is None:
            return self.path.name
        return f"{self.path.stem}_{self.number:04d}.tif"


@dataclass(frozen=True)
class PassedOver:
    """A file or folder that is not added.

    Attributes:
        name: its path.
        reason: why it is not added, and the remedy.
        may_be_page: whether a page is probably missing.
    """

    name: str
    reason: str
    may_be_page: bool

    def __str__(self) -> str:
        return f"{self.name} was not added: {self.reason}"

    @classmethod
    def because_of(
        cls, error: ImageError, path: Path, name: str, *, may_be_page: bool = True
    ) -> PassedOver:
        """Return the entry for an image that cannot be read; the text names it only once."""
        reason = str(error)
        known = f"image {path} "
        if reason.startswith(known):
            reason = f"it {reason.removeprefix(known)}"
        return cls(name, reason, may_be_page)


@dataclass(frozen=True)
class Found:
    """A file or folder among the scans.

    Attributes:
        path: its path.
        is_named: whether the user named it, not just the folder that contains it.
    """

    path: Path
    is_named: bool


def find(
    sources: Sequence[Path], directory: Path, *, recursive: bool, keep_order: bool
) -> list[Found]:
    """Return the named files and the contents of the named folders, each once.

    Args:
        sources: files and folders, as named by the user.
        directory: the workspace, in which they are looked up if they are not elsewhere.
        recursive: return the contents of subfolders instead of the subfolders themselves.
        keep_order: keep the order of the sources; otherwise sort by name, page2 before page10.

    Raises:
        InputError: a file or folder does not exist.
    """
    found = [item for source in sources for item in _found(source, directory, recursive)]
    if not keep_order:
        found.sort(key=lambda item: tuple(map(natural_key, item.path.parts)))
    # A file that is both named and in a named folder counts as named.
    named = {item.path for item in found if item.is_named}
    return [Found(path, path in named) for path in dict.fromkeys(item.path for item in found)]


def _found(source: Path, directory: Path, recursive: bool) -> Iterator[Found]:
    for folder in (source.absolute(), directory / source):
        if folder.is_dir():
            yield from (Found(path, is_named=False) for path in _inside(folder, recursive))
            return
        if folder.is_symlink() and not folder.exists():
            yield Found(folder, is_named=True)
            return
    yield Found(find_file(source, Path.cwd(), directory), is_named=True)


def _inside(folder: Path, recursive: bool) -> Iterator[Path]:
    for path in sorted(folder.iterdir(), key=lambda path: natural_key(path.name)):
        if path.name.startswith("."):
            continue
        if recursive and path.is_dir() and not path.is_symlink():
            yield from _inside(path, recursive)
        else:
            yield path


def look_at(found: Found) -> list[Scan] | PassedOver:
    """Return the pages in a file, or the reason why no page can be read."""
    path = found.path
    if path.is_dir():
        reason = "it is a folder; to add its contents, name it as well, or use --recursive"
        return PassedOver(str(path), reason, may_be_page=False)
    may_be_page = found.is_named or formats.is_scan_by_name(path.name)
    if flaw := flaw_in_name(path):
        return PassedOver(printable(path), flaw, may_be_page)
    try:
        kind = kind_of(path)
        if isinstance(kind, formats.Other):
            return PassedOver(str(path), str(kind), may_be_page or kind.holds_pages)
        _, pages = inspected(path)
    except ImageError as error:  # a damaged image, or a file that cannot be opened
        may_be_page = may_be_page or path.is_file()
        return PassedOver.because_of(error, path, str(path), may_be_page=may_be_page)
    if len(pages) < 2:
        return [Scan(path, kind.media_type)]
    return [Scan(path, "image/tiff", index, i) for i, index in enumerate(pages, 1)]
