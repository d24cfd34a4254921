# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A document for the browser, scan beside text: HTML that needs no network, in one file.

Styles and scripts (``view.css``, ``view.js``; to correct lines, also ``line_editor`` and
``view_correct``, ``.css`` and ``.js``) are in the file, and so are the pictures of the pages,
unless all together would be larger than `LARGEST` bytes: then the pictures are in a folder beside
the file, see `ExportOptions.side_folder`. The browser runs no other script, and loads nothing else:
a Content Security Policy has their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO
from unicodedata import normalize
from urllib.parse import quote

from ..errors import InputError
from ..ocr.page_model import ReadDocument, ReadPage
from .escaping import attributes, escaped
from .export_options import ExportOptions, Media
from .hyphens import LinePlace, divided_words
from .marked_words import Run, marked
from .scan_images import DETAILED_SIDE, PICTURE_SIDE, Picture, picture_of
from .spelling import modern
from .view_page import PageText, ShownScan, after_picture, before_picture, page_name

#: Size in bytes of the largest file with pictures.
LARGEST = 60_000_000

_CHUNK = 1 << 20


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document as HTML; see `ocrd_rapid.export.output_formats.Writer`.

    Raises:
        OSError: the file, the folder beside it or a temporary file cannot be written.
    """
    with TemporaryFile() as text, TemporaryFile() as thumbnails, TemporaryFile() as spool:
        pictures = _Pictures(spool, options.side_folder, options.side_name)
        # Where in the text the addresses of the pictures go.
        places: list[int] = []
        count = 0
        for count, page in enumerate(pages, start=1):
            shown = _shown(page, document, options)
            picture, scan = _picture(page, media, options)
            text.write(_encoded(before_picture(shown, scan)))
            if picture is not None:
                places.append(text.tell())
                pictures.add(f"{count:04}.jpg", picture.jpeg, text.tell())
            text.writelines(map(_encoded, after_picture(shown, scan)))
            thumbnails.write(_encoded(_thumbnail(page, picture)))
        out.writelines(map(_encoded, _beginning(document, options, beside=pictures.beside)))
        if count > 1:
            out.write(b'<nav aria-label="Pages">\n')
            thumbnails.seek(0)
            shutil.copyfileobj(thumbnails, out)
            out.write(b"</nav>\n")
        out.write(_encoded(f'<main id="pages" tabindex="-1"{_group(document, options)}>\n'))
        text.seek(0)
        for place, address in zip(places, pictures.addresses(), strict=True):
            _copy(text, out, place - text.tell())
            out.write(address)
        shutil.copyfileobj(text, out)
        scripts = "".join(f"<script>{script}</script>\n" for script in _scripts(options))
        out.write(_encoded(f"</main>\n{scripts}</body>\n</html>\n"))


class _Pictures:
    """The pictures of a document: in a temporary file, or in a folder if that becomes too large."""

    def __init__(self, spool: IO[bytes], folder: Path | None, name: str) -> None:
        """Take an empty temporary file, and the folder, see `ExportOptions`."""
        self._spool = spool
        self._address = quote(name, errors="surrogateescape")
        self._folder = folder
        self._sizes: list[int] = []
        self._names: list[str] = []
        self.beside = False

    def add(self, name: str, jpeg: bytes, others: int) -> None:
        """Add a picture.

        Args:
            name: the name of its file in the folder.
            jpeg: its content.
            others: number of bytes that the document has apart from pictures.
        """
        self._names.append(name)
        self._sizes.append(len(jpeg))
        if self._folder is None:
            self._spool.write(jpeg)
            return
        if not self.beside and others + sum(self._sizes) * 4 // 3 > LARGEST:
            self.beside = True
            self._folder.mkdir()
            self._spool.seek(0)
            for known, size in zip(self._names[:-1], self._sizes, strict=False):
                (self._folder / known).write_bytes(self._spool.read(size))
            self._spool.truncate(0)
        if self.beside:
            (self._folder / name).write_bytes(jpeg)
        else:
            self._spool.write(jpeg)

    def addresses(self) -> Iterator[bytes]:
        """Yield the addresses of the pictures, those in the folder relative to the document."""
        self._spool.seek(0)
        for name, size in zip(self._names, self._sizes, strict=True):
            if self.beside:
                yield f"{self._address}/{name}".encode("ascii")
            else:
                yield _data_address(self._spool.read(size))


def _data_address(jpeg: bytes) -> bytes:
    return b"data:image/jpeg;base64," + base64.b64encode(jpeg)


def _picture(
    page: ReadPage, media: Media, options: ExportOptions
) -> tuple[Picture | None, ShownScan]:
    """Return the picture of a page, and how the view shows it; a page without one has its text."""
    try:
        medium = media(page)
        side = PICTURE_SIDE if options.correct is None else DETAILED_SIDE
        picture = picture_of(medium.image or medium.path, side)
    except InputError:
        return None, ShownScan()
    return picture, ShownScan(picture.width, picture.height)


def _shown(page: ReadPage, document: ReadDocument, options: ExportOptions) -> PageText:
    """Return what the view shows of a page.

    Next to differences from a reference, its text is in the spelling of the page.
    """
    differences = None if options.differences is None else options.differences(page)
    numbers = _numbers_of_words(page)
    whole, first = {}, {}
    for divided in divided_words(page):
        halves = numbers[divided.first][-1:], numbers[divided.second][:1]
        for one, other in zip(*halves, strict=False):
            whole[one], first[other] = divided.whole, one
    if options.modern_spelling and differences is None:
        page = _modernized(page)
        whole = {number: modern(word) for number, word in whole.items()}
    runs: Sequence[Sequence[Run]] = ()
    if differences is not None:
        texts = [word.text for line in page.lines for word in line.words]
        runs = marked(texts, differences.stretches)
    languages = (*page.languages, *document.languages, "")
    return PageText(
        page,
        whole,
        first,
        runs,
        note="" if differences is None else differences.note,
        failure=document.failures.get(page.number, ""),
        language=languages[0],
        origin=None if options.correct is None else options.correct.origin(page),
    )


def _numbers_of_words(page: ReadPage) -> dict[LinePlace, list[int]]:
    """Return the numbers of the words of each line, counted on the page from 0."""
    numbers, count = {}, 0
    for region, place in ((r, p) for p, r in enumerate(page.regions)):
        for index, line in enumerate(region.lines):
            numbers[place, index] = list(range(count, count + len(line.words)))
            count += len(line.words)
    return numbers


def _modernized(page: ReadPage) -> ReadPage:
    """Return a page with its words in the letters of today."""
    regions = []
    for region in page.regions:
        lines = (
            replace(line, words=tuple(replace(w, text=modern(w.text)) for w in line.words))
            for line in region.lines
        )
        regions.append(replace(region, lines=tuple(lines)))
    return replace(page, regions=tuple(regions))


def _beginning(document: ReadDocument, options: ExportOptions, *, beside: bool) -> Iterator[str]:
    """Yield the document up to the thumbnails."""
    title = escaped(normalize("NFC", document.title or document.name))
    style = _packaged("view.css")
    controls = _packaged("view.html")
    for mark, name in (("<!--CORRECT-->", "view_correct"), ("<!--KEYS-->", "view_correct_keys")):
        more = "" if options.correct is None else _packaged(f"{name}.html")
        controls = controls.replace(mark, more)
    controls = controls.replace("TITLE", title)
    if options.correct is not None:
        style += _packaged("line_editor.css") + _packaged("view_correct.css")
    sources = " ".join(f"'{_hash(script)}'" for script in _scripts(options))
    images = "data: 'self' file:" if beside else "data:"
    policy = (
        f"default-src 'none'; img-src {images}; style-src '{_hash(style)}';"
        f" script-src {sources}; base-uri 'none'; form-action 'none'"
    )
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f"<meta{attributes(http_equiv='Content-Security-Policy', content=policy)}>\n"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    for name, content in (("generator", options.generator), ("author", document.author)):
        if content:
            yield f"<meta{attributes(name=name, content=content)}>\n"
    yield f"<title>{title}</title>\n<style>{style}</style>\n</head>\n"
    yield f'<body class="show-confidence">\n{controls}'


def _scripts(options: ExportOptions) -> list[str]:
    names = (
        ["view.js"] if options.correct is None else ["view.js", "line_editor.js", "view_correct.js"]
    )
    return [_packaged(name) for name in names]


def _group(document: ReadDocument, options: ExportOptions) -> str:
    """Return the attributes that say what is corrected."""
    if options.correct is None:
        return ""
    return attributes(
        data_group=options.correct.name,
        data_document=document.name,
        data_generator=options.generator,
    )


def _thumbnail(page: ReadPage, picture: Picture | None) -> str:
    """Return the link to a page, with its thumbnail."""
    image = ""
    if picture is not None:
        source = _data_address(picture.thumbnail).decode("ascii")
        image = f'<img alt="" src="{source}" loading="lazy" decoding="async">'
    label = escaped(page.label or str(page.number))
    values = attributes(href=f"#page={page.number}", aria_label=page_name(page))
    return f"<a{values}>{image}<span>{label}</span></a>\n"


@cache
def _packaged(name: str) -> str:
    """Return the text of a file beside this module."""
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return the source expression of an inline style or script (CSP Level 2)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _copy(source: IO[bytes], out: BinaryIO, size: int) -> None:
    """Copy a number of bytes."""
    while size:
        data = source.read(min(size, _CHUNK))
        out.write(data)
        size -= len(data)
