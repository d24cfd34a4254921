# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Open an image file within limits, with one set of messages for its faults.

Limits apply to the pixels (``OCRD_RAPID_MAX_PIXELS``), before memory is taken for them; to the
reads of a decoder, in proportion to the size of the file, which stops files of a million empty
parts; to the processor time of the thread; to the directories of a TIFF (`tiffs`); to the passes
of a progressive JPEG. Bytes, files, and images that others opened with Pillow are treated alike.
"""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from ..config import environment
from ..errors import ImageError, OcrdRapidError
from ..files import open_regular
from . import formats, tiffs

if TYPE_CHECKING:
    from PIL import Image, ImageFile

#: A decoder may read this often, and once more per this many bytes of the file. The parts of a
#: PNG, which take three reads each, commonly have 8 KiB and more.
_READS = 100_000
_BYTES_PER_READ = 128

#: Seconds of processor time that a file may take. 500 megapixels take a tenth of it.
_SECONDS = 120.0

#: Encoders write a progressive JPEG in ten passes. Each costs the time of a whole image.
_PASSES = 100

#: Pillow cannot hand over the pixels of wider images, and no scan has such a side.
_LONGEST_SIDE = 10_000_000

_TIFF_ROWS = 257

_MEGA = 1_000_000

#: End of the data of a pass: neither a byte 255 of its own nor a point to resume from.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


@dataclass(frozen=True)
class PixelLimit:
    """The largest number of pixels that an image may have.

    Attributes:
        pixels: that number.
        remedy: how to raise it, for messages.
    """

    pixels: int
    remedy: str

    @classmethod
    def usual(cls) -> PixelLimit:
        """Return the limit of the environment.

        Raises:
            ConfigurationError: its value is no number.
        """
        variable = f"the environment variable {environment.MAX_PIXELS} sets that limit"
        return cls(environment.max_pixels(), variable)


@contextlib.contextmanager
def opened_file(
    path: Path, what: str = "", limit: PixelLimit | None = None
) -> Iterator[ImageFile.ImageFile]:
    """Open an image file; see `opened`. It can be decoded while it is open.

    Args:
        path: the file.
        what: its name in messages, by default its path.
        limit: see `opened`.

    Raises:
        ImageError: it is missing or not a file; see `opened`.
    """
    what = what or f"image {path}"
    with content_of(path, what) as file, opened(file, what, limit) as image:
        yield image


@contextlib.contextmanager
def opened(
    stream: IO[bytes], what: str, limit: PixelLimit | None = None
) -> Iterator[ImageFile.ImageFile]:
    """Open the content of an image file.

    Pillow is given a stream and never a path: of a path it maps some TIFFs into memory and then
    forgets to turn them upright.

    Args:
        stream: the content, seekable.
        what: its name in messages, such as ``image page.png``.
        limit: ``None`` for that of the environment.

    Raises:
        ImageError: its format is not supported, or it is damaged, has too many pixels, or takes
            too much time. Exceptions raised while it is open become one, too.
    """
    from . import plugins

    limit = limit or PixelLimit.usual()
    with _damage_said(what):
        bounded = _Bounded(stream, what)
        kind = recognised(stream, what)
        stream.seek(0)
        image = plugins.decoder(kind, cast("IO[bytes]", bounded))
        if image is None:
            raise ImageError(
                f"{what} is a file of type {kind.media_type}, which the Pillow installed here"
                " cannot decode; convert it to TIFF, PNG or JPEG"
            )
        check_pixels(image.size, what, limit)
        if kind.media_type == "image/tiff":
            _check_rows(image, what)
        elif image.info.get("progressive"):
            _check_passes(stream, what)
        yield image


def loaded(image: Image.Image, what: str) -> Image.Image:
    """Decode an image that somebody else opened with Pillow, and return it.

    Raises:
        ImageError: it is closed, empty, damaged, too large, or its decoder is not one of ours.
    """
    from PIL import ImageFile

    from . import plugins

    undecoded = isinstance(image, ImageFile.ImageFile) and not _has_pixels(image)
    if undecoded and plugins.is_foreign(image):
        raise ImageError(
            f"{what} is a file of format {image.format}, not one of the image formats"
            f" {formats.NAMES}; it is not decoded here: call its load() if you trust it"
        )
    with _damage_said(what):
        check_pixels(image.size, what, PixelLimit.usual())
        image.load()
    return image


def page_indices(stream: IO[bytes], what: str) -> list[int]:
    """Return the indices of the images in a file that are pages; only a TIFF may have several.

    Raises:
        ImageError: its format is not supported, or it has too many directories.
    """
    if recognised(stream, what).media_type != "image/tiff":
        return [0]
    try:
        return tiffs.page_indices(stream)
    except tiffs.TooManyDirectoriesError as error:
        raise ImageError(
            f"{what} has more than the {tiffs.MAX_DIRECTORIES} directories allowed (images,"
            " thumbnails, steps of a pyramid); split it"
        ) from error


def kind_of(path: Path) -> formats.Format | formats.Other:
    """Return the format of a file, or its kind if it is not supported.

    Raises:
        ImageError: it is missing or not a file.
    """
    with content_of(path, f"image {path}") as file:
        head = file.read(formats.HEAD)
    return formats.format_of(head) or formats.other_kind(head)


def inspected(path: Path, limit: PixelLimit | None = None) -> tuple[formats.Format, list[int]]:
    """Return the format of an image file, and the indices of its pages.

    Only its header is read, not its pixels. The limit is that of `opened`.

    Raises:
        ImageError: see `opened_file` and `page_indices`.
    """
    what = f"image {path}"
    with content_of(path, what) as file:
        kind = recognised(file, what)
        pages = page_indices(file, what)
        with opened(file, what, limit):
            return kind, pages


def page_of(path: Path, index: int) -> Image.Image:
    """Return one of the images in a file, decoded; `inspected` tells which are pages.

    Raises:
        ImageError: see `opened_file`.
    """
    with content_of(path, f"image {path}") as file:
        return page_in(file, f"image {index + 1} of {path}", index)


def page_in(
    stream: IO[bytes], what: str, index: int, limit: PixelLimit | None = None
) -> Image.Image:
    """Return one of the images in the content of a file, decoded; see `page_indices`.

    Args:
        stream: the content, seekable.
        what: its name in messages.
        index: index of the image, from 0.
        limit: see `opened`.

    Raises:
        ImageError: see `opened`.
    """
    with opened(stream, what, limit) as image:
        if index:
            image.info.clear()  # else a page without a colour profile would have that of the first
            image.seek(index)
            check_pixels(image.size, what, limit or PixelLimit.usual())
        image.load()
    return image


def recognised(stream: IO[bytes], what: str) -> formats.Format:
    """Return the format of a file.

    Raises:
        ImageError: it is not supported.
    """
    stream.seek(0)
    head = stream.read(formats.HEAD)
    kind = formats.format_of(head)
    if kind is None:
        raise ImageError(
            f"{what} is not one of the image formats {formats.NAMES}: {formats.other_kind(head)}"
        )
    return kind


def check_pixels(size: tuple[int, int], what: str, limit: PixelLimit) -> None:
    """Check the width and height of an image.

    Raises:
        ImageError: it has no pixels, or more than are allowed.
    """
    width, height = size
    if width < 1 or height < 1:
        raise ImageError(f"{what} is empty: it has {width} x {height} pixels")
    if max(size) > _LONGEST_SIDE:
        raise ImageError(
            f"{what} has {width} x {height} pixels, but a side may have {_LONGEST_SIDE} at most"
        )
    if width * height > limit.pixels:
        mega = f" ({width * height / _MEGA:.0f} megapixels)" if width * height >= _MEGA else ""
        raise ImageError(
            f"{what} has {width} x {height} pixels{mega}, more than the {limit.pixels} allowed;"
            f" {limit.remedy}"
        )


class _Bounded:
    """A stream with a limit on the number of reads."""

    def __init__(self, stream: IO[bytes], what: str) -> None:
        self._stream = stream
        self._what = what
        size = stream.seek(0, io.SEEK_END)
        self._reads = _READS + size // _BYTES_PER_READ
        self._end = time.thread_time() + _SECONDS

    def read(self, size: int = -1) -> bytes:
        self._reads -= 1
        if self._reads < 0 or time.thread_time() > self._end:
            raise ImageError(
                f"{self._what} takes too much time to decode: it is made of very many parts,"
                " or damaged; save it again with another program"
            )
        return self._stream.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def content_of(path: Path, what: str) -> Iterator[IO[bytes]]:
    """Open a file to read its content.

    Args:
        path: the file.
        what: its name in messages.

    Raises:
        ImageError: it is missing, or not a regular file.
    """
    try:
        file = open_regular(path)
    except FileNotFoundError as error:
        gone = "is a link to a file that does not exist" if path.is_symlink() else "does not exist"
        raise ImageError(f"{what} {gone}") from error
    except IsADirectoryError as error:
        raise ImageError(f"{what} is a directory") from error
    except OSError as error:
        raise ImageError(f"{what} cannot be read: {error.strerror or error}") from error
    with file:
        yield file


@contextlib.contextmanager
def _damage_said(what: str) -> Iterator[None]:
    """Turn Pillow's exceptions into `ImageError`: for damaged files, its decoders raise anything.

    No other code may be inside.
    """
    from PIL import Image

    try:
        yield
    except OcrdRapidError:
        raise
    except MemoryError as error:
        raise ImageError(f"{what} is too large for the available memory") from error
    except Image.DecompressionBombError as error:
        raise ImageError(
            f"{what} has more pixels than Pillow allows here (twice Image.MAX_IMAGE_PIXELS);"
            " save it as TIFF or PNG and give it as a file"
        ) from error
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(f"{what} is damaged or cannot be read: {reason}") from error


def _has_pixels(image: Image.Image) -> bool:
    """Return whether an image is decoded already."""
    attributes = vars(image)
    pixels = attributes["_im"] if "_im" in attributes else attributes.get("im")
    return pixels is not None and not attributes.get("tile")


def _check_rows(image: ImageFile.ImageFile, what: str) -> None:
    """Reject a TIFF with fewer strips or tiles than its rows need; the others would be black."""
    tags: Any = getattr(image, "tag_v2", {})
    rows = int(tags.get(_TIFF_ROWS, 0))
    there = max((tile[1][3] for tile in image.tile if tile[1]), default=0)
    if there < rows:
        raise ImageError(f"{what} is damaged or cannot be read: it has {there} of {rows} rows")


def _check_passes(stream: IO[bytes], what: str) -> None:
    """Reject a progressive JPEG of very many passes.

    Args:
        stream: the file, after the header of the first pass, where it is left.
        what: its name in messages.
    """
    place = stream.tell()
    data = stream.read()
    stream.seek(place)
    passes, place = 1, 0
    while (marker := _MARKER.search(data, place)) and marker[0] != b"\xff\xd9":
        passes += marker[0] == b"\xff\xda"
        if passes > _PASSES:
            raise ImageError(
                f"{what} is a progressive JPEG of more than {_PASSES} passes, as no camera or"
                " scanner writes; save it again with another program"
            )
        length = int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        place = marker.end() + max(length, 2)
