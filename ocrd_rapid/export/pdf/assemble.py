# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Searchable PDF: the pages of a document as they are, with their text under them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from ...config.extras import required
from ...errors import ImageError
from ...temporary_folders import temporary_folder
from ..export_options import ExportOptions, Media, PageMedium
from . import archival, image_streams, navigation, tags
from .base_file import BaseFile, PagePlace, open_pdf
from .description import describe
from .font import BoxFont
from .graft import Grafter, Placement
from .image_pdf import page_size
from .invisible_text import has_fonts, has_visible_text, is_one_image
from .page_layer import PageLayer, draw, straightened

if TYPE_CHECKING:
    import pikepdf

    from ...ocr.page_model import ReadDocument, ReadPage

#: The quality of pages that become images.
_JPEG_QUALITY = 85

#: The smallest skew that pages are straightened by, in degrees.
_STRAIGHT = 0.05

_UNKNOWN = "und"


@dataclass(frozen=True)
class _Prepared:
    """A page that is ready to get its layer.

    Attributes:
        number: its number in the document, from 1.
        label: its label; empty if it has none.
        place: its place in the base.
        layer: what is drawn on it; ``None`` if it stays as it is.
        placement: how.
        shown: the number of the image that takes its place, from 0; ``None`` if none does.
        from_image: whether it is made of an image file.
    """

    number: int
    label: str
    place: PagePlace
    layer: PageLayer | None
    placement: Placement
    shown: int | None
    from_image: bool


def write(
    out: BinaryIO,
    document: ReadDocument,
    pages: Iterable[ReadPage],
    options: ExportOptions,
    media: Media,
) -> None:
    """Write a document as a searchable PDF; see `output_formats.Writer`.

    A PDF stays what it was but for the layers: its other pages, bookmarks, forms, attachments and
    so on, too.

    Raises:
        InputError: a file of a page cannot be read.
        MissingExtraError: pikepdf is not installed.
        NotArchivableError: it cannot be PDF/A, but must be.
    """
    required("pikepdf", "pdf")
    with temporary_folder() as folder:
        base, font = BaseFile(folder), BoxFont()
        languages = Counter(document.languages)
        prepared = []
        for page in pages:
            languages.update(page.languages[:1])
            prepared.append(_prepared(page, media(page), base, font, options, document))
        with open_pdf(base.finish()) as pdf:
            _put_together(pdf, prepared, base, font)
            _navigation(pdf, prepared, base, document)
            language = document.languages[:1] or [name for name, _ in languages.most_common(1)]
            describe(
                pdf, document, language[0] if language else _UNKNOWN, options.generator,
                new=base.made_of_images,
            )  # fmt: skip
            archival.save(pdf, out, options.pdf_type, document.source or document.name)


def _prepared(
    page: ReadPage,
    medium: PageMedium,
    base: BaseFile,
    font: BoxFont,
    options: ExportOptions,
    document: ReadDocument,
) -> _Prepared:
    """Add a page to the base, and return what is drawn on it."""
    shown = None
    from_image = medium.pdf_page is None
    if medium.pdf_page is None:
        place = base.add_image(*_image(page, medium, failed=page.number in document.failures))
        straight = True
    else:
        place = base.add_pdf(medium.path, medium.pdf_page)
        straight = medium.layer == "image" or is_one_image(
            base.opened(medium.path).pages[medium.pdf_page]
        )
        if medium.layer == "image" and medium.image is not None:
            shown = base.add_shown(image_streams.as_jpeg(medium.image, _JPEG_QUALITY))
    skew = page.skew if options.deskew_pages and straight and abs(page.skew) >= _STRAIGHT else 0.0
    tagged = medium.pdf_page is None or not base.is_tagged(medium.path)
    layer = None
    if from_image or medium.layer != "keep":
        layer = draw(straightened(page) if skew else page, font, options, tagged=tagged)
    placement = Placement(
        page.width,
        page.height,
        skew=skew,
        turn=(page.orientation or 0) % 360 if options.rotate_pages else 0,
        replace=medium.layer == "replace",
        unseen=base.unseen_texts(medium.path, medium.pdf_page)
        if medium.pdf_page is not None and medium.layer == "replace"
        else (),
        tagged=tagged,
    )
    return _Prepared(page.number, page.label, place, layer, placement, shown, from_image)


def _image(
    page: ReadPage, medium: PageMedium, *, failed: bool
) -> tuple[image_streams.ImageStream | None, tuple[float, float]]:
    """Return the image of a page, and the size of the page in points.

    A page that is known to have failed is empty if even its image cannot be read.
    """
    try:
        image = image_streams.stream_of(medium.path)
    except ImageError:
        if not failed:
            raise
        return None, page_size(max(page.width, 1), max(page.height, 1), page.dpi)
    return image, page_size(*image.displayed_size, page.dpi)


def _put_together(
    pdf: pikepdf.Pdf, prepared: Sequence[_Prepared], base: BaseFile, font: BoxFont
) -> None:
    """Put the layers into the pages of the base, and tag it."""
    pages = list(pdf.pages)
    grafter = Grafter(pdf, font.add_to(pdf))
    elements: list[tuple[Any, Sequence[tags.Element]]] = []
    # Text that no tag would mention: programs that read aloud pass it over in a tagged document.
    told = tags.pages_of_ours(pdf) | {base.index(p.place) for p in prepared if p.layer}
    untold = any(has_fonts(pages[i]) for i in range(base.page_count) if i not in told)
    for done in prepared:
        if done.layer is None:
            continue
        page, placement = pages[base.index(done.place)], done.placement
        if done.shown is not None:
            grafter.show_image(page, pages[base.page_count + done.shown].obj.Resources.XObject.Im)
        elif not done.from_image and has_visible_text(page):
            untold, placement = True, replace(placement, tagged=False)
        grafter.graft(page, done.layer, placement)
        elements.append((page, done.layer.elements))
    del pdf.pages[base.page_count :]
    if not untold and not tags.is_tagged(pdf):
        tags.add_structure(pdf, elements)


def _navigation(
    pdf: pikepdf.Pdf, prepared: Sequence[_Prepared], base: BaseFile, document: ReadDocument
) -> None:
    """Add bookmarks and page labels where there are none."""
    if "/Outlines" not in pdf.Root and not base.bookmarks:
        entries = document.outline or navigation.outline_of_headings(
            [(p.number, p.label, p.layer.headings if p.layer else ()) for p in prepared]
        )
        if entries:
            indices = {p.number: base.index(p.place) for p in prepared}
            navigation.add_outline(pdf, entries, indices)
    if base.bookmarks:
        everywhere = {i + 1: i for i in range(base.page_count)}
        navigation.add_outline(pdf, base.bookmarks, everywhere)
    labels = {base.index(p.place): p.label for p in prepared if p.label}
    if labels and "/PageLabels" not in pdf.Root:
        navigation.add_labels(pdf, [labels.get(i, "") for i in range(base.page_count)])
