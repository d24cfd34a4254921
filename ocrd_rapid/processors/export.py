# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-export``: from PAGE-XML to other formats, a file for each page or for the work."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ..errors import ImageError, InputError, UsageError
from ..export.export_options import ExportOptions, Media, PageMedium
from ..export.output_formats import OutputFormat, format_named
from ..export.page_media import as_shown, page_image_file
from ..export.page_xml import page_from
from ..export.work_outline import outline_of, title_of
from ..ocr.page_model import ReadDocument, ReadPage
from ..rasters.encoding import encode_png
from ..runtime.processor import NewFile, OpenPage, OpenWork, PagePlace, places_in_work
from ..runtime.step import FileKind
from ..temporary_folders import temporary_folder
from ..version import __version__
from ..workspace.contents import MetsFile
from ..workspace.decoding import image_header
from ..workspace.page_images import page_image

EXECUTABLE = "ocrd-rapid-export"


@dataclass(frozen=True)
class ExportedPage:
    """A page as it goes into files.

    Attributes:
        page: the page, in pixels of its original image.
        shown: the page in pixels of the image that is shown.
        image: the file of that image; ``None`` if it has to be made, or none is shown.
        made: the content of an image that has to be made.
    """

    page: ReadPage
    shown: ReadPage
    image: Path | None = None
    made: bytes = b""


@dataclass(frozen=True)
class ExportProcessor:
    """Writes the text and layout of pages in other formats.

    Attributes:
        formats: the formats.
        options: the choices of their writers.
        label: what the label of a page is, see `_label`.
        selector: features that the image shown must have.
        filter_: features that it must not have. Without either it is the original image.
        versions: see `Processor.versions`.
    """

    formats: tuple[OutputFormat, ...]
    options: ExportOptions
    label: str = "orderlabel"
    selector: tuple[str, ...] = ()
    filter_: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ExportProcessor:
        """Return the processor for parameters.

        Raises:
            MissingExtraError: a library that a format needs is not installed.
        """
        formats = _formats(parameters)
        for known in formats:
            known.require()
        hyphens = parameters["hyphens"]
        options = ExportOptions(
            join_hyphens=None if hyphens == "auto" else hyphens == "join",
            modern_spelling=parameters["spelling"] == "modern",
            alto_version=str(parameters["alto_version"]),
            alto_hyphens=hyphens != "keep",
            pdf_join_hyphens=hyphens == "join",
            pdf_outlines=(str(parameters["outlines"]),) if parameters["outlines"] else (),
            generator=f"ocrd-rapid {__version__}",
        )
        return cls(
            formats,
            options,
            str(parameters["pagelabel"]),
            _features(parameters["image_feature_selector"]),
            _features(parameters["image_feature_filter"]),
        )

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        part = self.part(page)
        for known, output in zip(self.formats, page.outputs, strict=True):
            document = ReadDocument(
                output.id, source=PurePosixPath(part.page.image).name, languages=part.page.languages
            )
            out = io.BytesIO()
            self._write(out, known, document, [part])
            page.made.append(NewFile(output, out.getvalue()))

    def part(self, page: OpenPage) -> ExportedPage:
        """See `WorkProcessor.part`."""
        document, directory = page.document, page.images.directory
        read = page_from(document)
        if page.place is not None:
            read = replace(
                read,
                number=page.place.number,
                id=read.id or page.page_id,
                label=_label(self.label, page.place),
                dpi=_resolution(read.image, directory),
            )
        if not any(known.shows_pages for known in self.formats):
            return ExportedPage(read, read)
        if not self.selector and not self.filter_:
            return ExportedPage(read, read, page_image_file(read.image, directory))
        image = page_image(document, page.images, selector=self.selector, filter_=self.filter_)
        return ExportedPage(read, as_shown(read, image), made=encode_png(image.pixels, read.dpi))

    def write_work(
        self, work: OpenWork, parts: Iterable[ExportedPage], output: MetsFile, stream: BinaryIO
    ) -> None:
        """See `WorkProcessor.write_work`."""
        known = next(known for known in self.formats if known.media_type == output.mimetype)
        places = places_in_work(work.structure)
        numbers = {page: places[page][0] for page in work.pages}
        document = ReadDocument(
            work.name,
            page_count=len(work.pages),
            source=work.name,
            title=title_of(work.structure),
            outline=outline_of(work.structure, numbers),
        )
        self._write(stream, known, document, parts)

    def _write(
        self,
        out: BinaryIO,
        known: OutputFormat,
        document: ReadDocument,
        parts: Iterable[ExportedPage],
    ) -> None:
        with _media() as (keep, media):
            pages = (keep(part) if known.shows_pages else part.page for part in parts)
            known.writer()(out, document, pages, self.options, media)


def file_kinds(parameters: Mapping[str, Any]) -> tuple[FileKind, ...]:
    """Return the kinds of files that the processor gives with these parameters.

    Raises:
        UsageError: there is no format, or a file of one has one page, and there is to be one of
            all pages.
    """
    formats = _formats(parameters)
    if not formats:
        raise UsageError("the parameter formats is empty; name at least one, such as alto")
    by_page = [known.name for known in formats if known.by_page]
    if by_page and parameters["per_work"]:
        raise UsageError(
            f"a file of {by_page[0]} has one page, so it cannot be one of all pages;"
            " leave out per_work, or the format"
        )
    return tuple(FileKind(known.name.upper(), known.suffix, known.media_type) for known in formats)


def _formats(parameters: Mapping[str, Any]) -> tuple[OutputFormat, ...]:
    return tuple(format_named(name) for name in dict.fromkeys(parameters["formats"]))


def _resolution(image: str, directory: Path) -> float | None:
    try:
        return image_header(page_image_file(image, directory)).dpi
    except (ImageError, InputError):  # formats that do not show it are written all the same
        return None


def _features(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (feature.strip() for feature in text.split(","))))


@contextlib.contextmanager
def _media() -> Iterator[tuple[Callable[[ExportedPage], ReadPage], Media]]:
    """Yield a function that keeps the image of a page and returns the page, and their `Media`."""
    with temporary_folder() as folder:
        kept: dict[int, Path] = {}

        def keep(part: ExportedPage) -> ReadPage:
            path = part.image
            if path is None:
                path = folder / f"{part.page.number}.png"
                path.write_bytes(part.made)
            kept[part.page.number] = path
            return part.shown

        def media(page: ReadPage) -> PageMedium:
            if page.number not in kept:
                raise InputError(f"page {page.id} has no image")
            return PageMedium(kept[page.number])

        yield keep, media


def _label(kind: str, place: PagePlace) -> str:
    """Return the label of a page.

    Args:
        kind: ``orderlabel``: the page number printed on it, as the METS gives it; otherwise as in
            ``ocrd-pagetopdf``.
        place: its place in the work.
    """
    path = PurePosixPath(place.file.path)
    return {
        "orderlabel": place.attributes.orderlabel,
        "pagenumber": "",
        "pageId": place.attributes.id,
        "basename": path.name,
        "basename_without_extension": path.stem,
        "local_filename": place.file.path,
        "ID": place.file.id,
        "url": place.file.url,
    }[kind]
