# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The supported image formats, told by how a file begins; its name says nothing.

Pillow knows many more. A file of another format is never given to it: its reader of PostScript
runs Ghostscript, and others open whatever is embedded in a file.
"""

from __future__ import annotations

import codecs
import importlib.util
import re
from dataclasses import dataclass
from pathlib import PurePath

#: Bytes that tell the kind of a file.
HEAD = 64


@dataclass(frozen=True)
class Format:
    """A supported format.

    Attributes:
        media_type: its media type, as in METS.
        suffixes: common suffixes of its files.
        plugin: the module that decodes it, one of Pillow's unless `package` is another.
        image_class: the class in that module.
        head: the first bytes of its files.
        package: the package of the module.
    """

    media_type: str
    suffixes: tuple[str, ...]
    plugin: str
    image_class: str
    head: re.Pattern[bytes]
    package: str = "PIL"


@dataclass(frozen=True)
class Other:
    """The kind of a file that is not supported.

    Attributes:
        name: with an article, such as ``a PDF``.
        remedy: how to get images from it; empty if it has none.
        holds_pages: whether it may well be the scan of a page.
    """

    name: str
    remedy: str = ""
    holds_pages: bool = False

    def __str__(self) -> str:
        return f"{self.name}; {self.remedy}" if self.remedy else self.name


#: The formats, as named in messages and the documentation.
NAMES = "PNG, JPEG, TIFF, JPEG 2000, BMP, GIF, WebP, AVIF and PNM (PBM, PGM, PPM)"


def _head(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


FORMATS = (
    Format("image/png", (".png",), "PngImagePlugin", "PngImageFile", _head(rb"\x89PNG\r\n\x1a\n")),
    # In a stereo or burst picture of a phone (MPO), this is the first image.
    Format(
        "image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
        "JpegImagePlugin", "JpegImageFile", _head(rb"\xff\xd8\xff"),
    ),
    # Classic and BigTIFF; some writers swap the two bytes of the number.
    Format(
        "image/tiff", (".tif", ".tiff"), "TiffImagePlugin", "TiffImageFile",
        _head(rb"II\*\0|MM\0\*|II\0\*|MM\*\0|II\+\0|MM\0\+"),
    ),
    Format(
        "image/jp2", (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
        "Jpeg2KImagePlugin", "Jpeg2KImageFile",
        _head(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
    ),
    # Two letters would not be enough for a BMP: the size of its header is one of a few.
    Format(
        "image/bmp", (".bmp",), "BmpImagePlugin", "BmpImageFile",
        _head(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0"),
    ),
    Format("image/gif", (".gif",), "GifImagePlugin", "GifImageFile", _head(rb"GIF8[79]a")),
    Format(
        "image/webp", (".webp",), "WebPImagePlugin", "WebPImageFile", _head(rb"RIFF.{4}WEBPVP8")
    ),
    Format(
        "image/avif", (".avif",), "AvifImagePlugin", "AvifImageFile",
        _head(rb".{4}ftyp(?:avi[fs]|(?:mif1|msf1).{4}(?:.{4})*?avi[fs])"),
    ),
    Format(
        "image/x-portable-bitmap", (".pbm",), "PpmImagePlugin", "PpmImageFile",
        _head(rb"P[14](?:\s+\d|\s*#)"),
    ),
    Format(
        "image/x-portable-graymap", (".pgm",), "PpmImagePlugin", "PpmImageFile",
        _head(rb"P[25](?:\s+\d|\s*#)"),
    ),
    Format(
        "image/x-portable-pixmap", (".ppm",), "PpmImagePlugin", "PpmImageFile",
        _head(rb"P[36](?:\s+\d|\s*#)"),
    ),
)  # fmt: skip

#: A format that is only supported where another package is installed. Its libraries are under the
#: LGPL, and most scans are of another format.
HEIC = Format(
    "image/heic", (".heic", ".heif"), "as_plugin", "HeifImageFile",
    _head(rb".{4}ftyp(?:hei|hev|mif1|msf1)"), "pillow_heif",
)  # fmt: skip

_CONVERT = "convert it to TIFF, PNG or JPEG"
_EMPTY = Other("the file is empty", "copy it again from its source")
_UNKNOWN = Other("its content is of an unknown kind")
_TEXT = Other("it is text")

#: First bytes of other files. Where two match, the first counts.
_OTHERS = (
    (
        _head(rb"\s*%PDF-"),
        Other("it is a PDF", "convert its pages to images first, for example with:"
              " pdftoppm -r 300 -png FILE.pdf PREFIX", holds_pages=True),
    ),
    (
        _head(rb"\s*(?:\x04)?\s*%!|\xc5\xd0\xd3\xc6"),
        Other("it is PostScript (EPS), a program, which is not run",
              f"{_CONVERT} if you trust it", holds_pages=True),
    ),
    (
        HEIC.head,
        Other("it is a HEIC picture", f"{_CONVERT}, as with: heif-convert FILE.heic FILE.jpg"
              " (or install what reads it: pip install pillow-heif)", holds_pages=True),
    ),
    (
        _head(rb"AT&TFORM"),
        Other("it is a DjVu document", "convert its pages to images first, for example with:"
              " ddjvu -format=tiff -eachpage FILE.djvu PREFIX-%04d.tif", holds_pages=True),
    ),
    (_head(rb"8BPS"), Other("it is a Photoshop document", _CONVERT, holds_pages=True)),
    (
        _head(rb"\xff\x0a|\0\0\0\x0cJXL |II\xbc\x01"),
        Other("it is a JPEG XL or JPEG XR picture", _CONVERT, holds_pages=True),
    ),
    (
        _head(rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF|SIMPLE  =|icns"),
        Other("it is a picture in an unsupported format", _CONVERT, holds_pages=True),
    ),
    (
        _head(rb"(?i:(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html))"),
        Other("it is an HTML page, as a server may answer instead of an image"),
    ),
    (_head(rb"(?:\xef\xbb\xbf)?\s*<svg"), Other("it is an SVG drawing", _CONVERT)),
    (_head(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<|\xfe\xff\0<"), Other("it is XML")),
    (
        _head(rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ"),
        Other("it is an archive", "unpack it first"),
    ),
)  # fmt: skip


def format_of(head: bytes) -> Format | None:
    """Return the format of a file by its first `HEAD` bytes; ``None`` if it is not supported."""
    found = next((known for known in (*FORMATS, HEIC) if known.head.match(head)), None)
    return None if found is HEIC and importlib.util.find_spec(HEIC.package) is None else found


def other_kind(head: bytes) -> Other:
    """Return the kind of an unsupported file by its first `HEAD` bytes."""
    if not head:
        return _EMPTY
    for beginning, other in _OTHERS:
        if beginning.match(head):
            return other
    # The last letter may be cut off.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    printable = all(char.isprintable() or char in "\ufeff\t\n\r\f" for char in text)
    return _TEXT if printable and "\ufffd" not in text else _UNKNOWN


#: Other suffixes of scans: unsupported images, and documents that contain images.
_OTHER_SUFFIXES = frozenset({
    ".pdf", ".djvu", ".djv", ".ps", ".eps", ".heic", ".heif", ".jxl", ".jxr", ".wdp", ".hdp",
    ".psd", ".psb", ".tga", ".pcx", ".dcx", ".pct", ".pict", ".ico", ".icns", ".sgi", ".ras",
    ".xbm", ".xpm", ".jb2", ".jbig2", ".fits", ".wmf", ".emf", ".dng", ".cr2", ".cr3", ".nef",
    ".arw", ".orf", ".rw2", ".raf", ".pef",
})  # fmt: skip


def is_scan_by_name(name: str) -> bool:
    """Return whether files of this name are often scans, in a supported format or another."""
    suffix = PurePath(name).suffix.lower()
    return suffix in _OTHER_SUFFIXES or format_of_name(name) is not None


def format_of_name(name: str) -> Format | None:
    """Return the format that files of this name often have; ``None`` for other names."""
    suffix = PurePath(name).suffix.lower()
    return next((known for known in FORMATS if suffix in known.suffixes), None)
