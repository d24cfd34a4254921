# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Sources of lines with text: PAGE, ALTO, workspaces, images of lines.

Lines of pages are cut out as the recognizer cuts them. Lines that cannot be learnt are skipped, and
named with the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from ..errors import ImageError, InputError, OcrdRapidError, PageXmlError
from ..evaluation.normalization import characters
from ..ocr.recognition.line_input import scaled_line_width
from ..ocr.recognition.pieces import WIDTH_BUCKET
from ..pixels import BgrImage, to_bgr
from ..processors.line_images import cut_lines
from ..runtime.inputs import choose
from ..workspace import xml
from ..workspace.decoding import ImageStore, open_image
from ..workspace.file_locations import image_of_page
from ..workspace.ground_truth import has_ground_truth, state_of
from ..workspace.page import PageDocument
from ..workspace.page_images import page_image
from ..workspace.segments import TextLine, TextRegion
from ..workspace.workspace import Workspace, require_group
from .alphabet import as_printed
from .alto import is_alto, page_of_alto
from .samples import Sample, columns_needed

LOG = logging.getLogger(__name__)

#: Least width and height of an image, in pixels: smaller ones cannot be read.
MIN_WIDTH = 8
#: Pixels of a line image, scaled, per column of features.
_STRIDE = 8

_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".jp2")
_TEXT = ".gt.txt"


@dataclass
class Notes:
    """The lines and files that were skipped: names and reasons, in order."""

    skipped: list[tuple[str, str]] = field(default_factory=list)

    def skip(self, name: str, reason: str) -> None:
        """Note that something is skipped."""
        LOG.debug("skipped %s: %s", name, reason)
        self.skipped.append((name, reason))


def read_sources(paths: Sequence[Path], notes: Notes) -> Iterator[Sample]:
    """Yield the lines of files and directories, one after the other.

    A file may be PAGE-XML, ALTO, an image of a line with its text in a file of the same name
    (``x.png`` and ``x.gt.txt``, either may be named), or a table (``.tsv``): on each row the
    image's path relative to the table, the text in the last column, and, with more than two
    columns, the name of the document in the second one. In a directory all such files are read, in
    the order of their names, subdirectories included.

    Args:
        paths: files and directories.
        notes: collects what is skipped.

    Raises:
        InputError: a path does not exist, or cannot be read as lines.
    """
    for path in paths:
        if path.is_dir():
            yield from _directory(path, notes)
        elif not path.is_file():
            raise InputError(f"{path} does not exist")
        else:
            reader = _reader(path)
            if reader is None:
                raise InputError(
                    f"{path} is not a source of lines; give PAGE-XML, ALTO, a table (.tsv), or the"
                    f" image of a line with its text in a file *{_TEXT} of the same name"
                )
            yield from reader(path, notes)


def read_group(workspace: Workspace, group: str, notes: Notes) -> Iterator[Sample]:
    """Yield the lines of a file group of a workspace; every page is a document.

    Raises:
        MetsError: the group does not exist.
    """
    require_group(workspace.mets, group)
    of_page = workspace.files_by_page(group)
    for page in workspace.mets.pages:
        files = of_page.get(page)
        if not files:
            continue
        try:
            document = workspace.read_page(choose(group, page, files))
            yield from _page(document, ImageStore(workspace.directory), page, notes)
        except OcrdRapidError as error:
            notes.skip(f"page {page}", str(error))


def _directory(folder: Path, notes: Notes) -> Iterator[Sample]:
    tables = sorted(folder.rglob("*.tsv"))
    found = tables or [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (path.suffix.lower() == ".xml" or path.name.endswith(_TEXT))
    ]
    readers = [(path, reader) for path in found if (reader := _reader(path)) is not None]
    if not readers:
        raise InputError(
            f"{folder} contains no lines with text: neither PAGE-XML, ALTO, tables (.tsv) nor texts"
            f" of line images (*{_TEXT})"
        )
    for path, reader in readers:
        yield from reader(path, notes)


_Reader = Callable[[Path, Notes], Iterator[Sample]]


def _reader(path: Path) -> _Reader | None:
    if path.suffix.lower() == ".tsv":
        return _table
    if path.suffix.lower() == ".xml":
        return None if path.name == "mets.xml" else _xml
    if path.name.endswith(_TEXT) or _text_of(path).is_file():
        return _pair
    return None


def _xml(path: Path, notes: Notes) -> Iterator[Sample]:
    """Yield the lines of a PAGE-XML or ALTO file."""
    try:
        root = xml.parse(path.read_bytes())
        document = page_of_alto(root, path) if is_alto(root) else PageDocument.read(path)
        store = ImageStore(_image_folder(path, document))
        yield from _page(document, store, path.name.partition(".")[0], notes)
    except etree.XMLSyntaxError as error:
        notes.skip(str(path), f"it is not XML: {error}")
    except OcrdRapidError as error:
        notes.skip(str(path), str(error))


def _image_folder(path: Path, document: PageDocument) -> Path:
    """Return the directory that the image's name is relative to.

    It is that of the file, or of its workspace. An image that is in neither, but lies beside the
    file, is taken from there.
    """
    for folder in (path.parent, path.parent.parent):
        if (folder / document.image_filename).is_file():
            return folder
    stem = path.name.partition(".")[0]
    named = (path.parent / f"{stem}{suffix}" for suffix in _IMAGES)
    found = image_of_page(document.image_filename, path) or next(
        (candidate for candidate in named if candidate.is_file()), None
    )
    if found is not None:
        document.set_image_filename(found.name)
        return found.parent
    raise ImageError(
        f"image {document.image_filename} is neither beside {path.name} nor in the directory above"
    )


def _page(document: PageDocument, images: ImageStore, name: str, notes: Notes) -> Iterator[Sample]:
    """Yield the lines of a page that have text.

    Where a person corrected or confirmed lines, the others are a machine's, and not learnt.
    """
    regions = document.text_regions()
    corrected = has_ground_truth(regions)
    wanted: list[tuple[TextRegion, TextLine]] = []
    texts: dict[etree._Element, str] = {}  # IDs may be there twice
    every = []
    for region in regions:
        for line in region.lines:
            every.append(line)
            text = as_printed(line.transcript)
            if text and corrected and state_of(line) is None:
                notes.skip(f"{name}, line {line.id}", "nobody has corrected or confirmed it")
            elif text:
                wanted.append((region, line))
                texts[line.element] = text
            else:
                notes.skip(f"{name}, line {line.id}", "it has no text")
    if not wanted:
        raise PageXmlError("it has no lines with text")
    cut = cut_lines(page_image(document, images), images, wanted, every, 0.0)
    for _, line in wanted:
        if all(line.element is not found.line.element for found in cut):
            notes.skip(f"{name}, line {line.id}", "it has neither outline nor baseline")
    for found in cut:
        line, pixels = found.line, found.image.pixels
        yield from _checked(
            Sample(pixels, texts[line.element], name, f"{name}, line {line.id}"), notes
        )


def _table(path: Path, notes: Notes) -> Iterator[Sample]:
    """Yield the lines of a table; a first row without an image is its heading."""
    for index, row in enumerate(_text(path).splitlines()):
        columns = row.split("\t")
        image = path.parent / columns[0]
        if index == 0 and image.suffix.lower() not in _IMAGES:
            continue
        if not row.strip():
            continue
        if len(columns) < 2:
            notes.skip(f"{path}, row {index + 1}", "it has no second column")
            continue
        document = columns[1] if len(columns) > 2 else image.parent.name
        yield from _image(image, columns[-1], document, notes)


def _pair(path: Path, notes: Notes) -> Iterator[Sample]:
    """Yield the line of an image and a text of the same name; either may be given."""
    if not path.name.endswith(_TEXT):
        path = _text_of(path)
    stem = path.name.removesuffix(_TEXT)
    images = [path.parent / f"{stem}{suffix}" for suffix in _IMAGES]
    # Grey and binary versions of a line are named so by older tools.
    images += [path.parent / f"{stem}{kind}.png" for kind in (".nrm", ".bin")]
    image = next((image for image in images if image.is_file()), None)
    if image is None:
        notes.skip(str(path), "it has no image of the same name")
        return
    yield from _image(image, _text(path), path.parent.name, notes)


def _text_of(image: Path) -> Path:
    return image.with_name(image.name.removesuffix(image.suffix) + _TEXT)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: {error}") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _image(path: Path, text: str, document: str, notes: Notes) -> Iterator[Sample]:
    printed = as_printed(text)
    if not printed:
        notes.skip(str(path), "it has no text")
        return
    try:
        pixels = to_bgr(open_image(path), what=f"image {path}")
    except ImageError as error:
        notes.skip(str(path), str(error))
        return
    yield from _checked(Sample(pixels, printed, document, str(path)), notes)


def _checked(sample: Sample, notes: Notes) -> Iterator[Sample]:
    """Yield a line unless its image is too small."""
    height, width = sample.image.shape[:2]
    if width < MIN_WIDTH or height < MIN_WIDTH:
        notes.skip(sample.name, f"its image is too small ({width} x {height} pixels)")
    else:
        yield sample


def wide_enough(samples: Iterable[Sample], notes: Notes, stretch: float = 1.0) -> Iterator[Sample]:
    """Yield the lines whose images are wide enough for their texts.

    Args:
        samples: the lines.
        notes: collects what is skipped.
        stretch: how wide they are drawn, see `Head`.
    """
    for sample in samples:
        needed, available = (
            columns_needed(characters(sample.text)),
            columns_of(sample.image, stretch),
        )
        if needed <= available:
            yield sample
            continue
        notes.skip(
            sample.name,
            f"its text needs {needed} columns, but its image has {available}:"
            " text and image do not belong together",
        )


def columns_of(image: BgrImage, stretch: float = 1.0) -> int:
    """Return the number of columns of features of a line image."""
    width = scaled_line_width(image, stretch)
    return -(-width // WIDTH_BUCKET) * WIDTH_BUCKET // _STRIDE
