# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The images of pages and their segments, and the way between pixels and PAGE coordinates.

PAGE coordinates always refer to the original image. A page may have a border, an
``@orientation`` and derived images; a region may have an ``@orientation`` and derived images of
its own. A processor sees the image with all of these applied. The rules are those of OCR-D core
3.13.3 (``image_from_page``, ``image_from_segment``), without its defects: a derived image without
``@comments`` is skipped, the chosen image is the one that is read, and the pixels lie exactly
where the transform says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

from ..errors import ImageError, PageXmlError
from ..pixels import BgrImage, contiguous
from ..transforms import Transform, normalized_angle, split_angle, transform_points
from .decoding import ImageStore
from .page import PageDocument
from .segments import TextSegment, tag
from .values import Polygon, number, points_of
from .views import View

#: Features of a derived image that we can make ourselves.
_GEOMETRIC = {"cropped", "deskewed", "rotated-90", "rotated-180", "rotated-270"}

#: Features that a part inherits from the whole.
_INHERITED = {"binarized", "grayscale_normalized", "despeckled", "dewarped"}


@dataclass(frozen=True)
class AlternativeImage:
    """A derived image of a page or segment: its file and its features (``binarized``, …)."""

    filename: str
    features: tuple[str, ...]


@dataclass(frozen=True)
class PageImage:
    """The image of a page, or of a part of it, for a processor.

    Attributes:
        pixels: BGR, shape (height, width, 3); do not write to them.
        transform: 3 x 3 matrix from PAGE coordinates to pixels of this image.
        angle: clockwise rotation in degrees, -180 (exclusive) to 180, applied to the original
            image.
        features: the operations applied to the image, in OCR-D's words (``@comments``). Rotations
            are counter-clockwise there: ``rotated-270`` is a turn by 90 degrees in PAGE.
    """

    pixels: BgrImage
    transform: Transform
    angle: float
    features: tuple[str, ...] = ()

    def to_pixels(self, points: Polygon) -> Polygon:
        """Return PAGE coordinates, shape (N, 2), as pixels of this image."""
        return transform_points(self.transform, points).astype(np.float32)

    def to_page(self, points: Polygon) -> Polygon:
        """Return pixels of this image, shape (N, 2), as PAGE coordinates."""
        inverse = np.asarray(np.linalg.inv(self.transform), dtype=np.float64)
        return transform_points(inverse, points).astype(np.float32)


def page_image(
    document: PageDocument,
    images: ImageStore | Path,
    *,
    selector: Iterable[str] = (),
    filter_: Iterable[str] = ("binarized",),
) -> PageImage:
    """Return the image of a page with border and orientation applied.

    Of the derived images, the one with the most features is chosen, the last of equals. Binarized
    ones are not chosen unless ``filter_`` is changed: the networks were trained on colour and
    grey.

    Args:
        document: the page.
        images: decoded images, or the workspace directory that file names are relative to.
        selector: features that the image must have.
        filter_: features that it must not have. ``cropped``, ``deskewed`` and ``rotated-…``
            among them keep us from applying them.

    Raises:
        ImageError: the image cannot be read, its size is not the one in the PAGE-XML, or no image
            has the requested features.
    """
    store = ImageStore(images) if isinstance(images, Path) else images
    wanted = _Wanted(tuple(selector), tuple(filter_), f'page "{document.image_filename}"')
    original = AlternativeImage(document.image_filename, ())
    chosen = wanted.choose(alternative_images(document.page)) or original
    where = f"image {store.path(chosen.filename)}"
    return _of_page(document, store.pixels(chosen.filename), chosen.features, wanted, where)


def derived_page_image(
    document: PageDocument, pixels: BgrImage, features: Sequence[str]
) -> PageImage:
    """Return an image of a page with the border and orientation that it lacks applied.

    For processors that change the orientation of a page whose image they have changed already.

    Args:
        document: the page.
        pixels: shape (height, width, 3), BGR.
        features: the operations that led from the original image to them, in their order.

    Raises:
        ImageError: the pixels do not have the size that the document and the features imply.
    """
    where = f'an image made of page "{document.image_filename}"'
    return _of_page(document, pixels, features, _Wanted((), (), where), where)


def _of_page(
    document: PageDocument, pixels: BgrImage, features: Sequence[str], wanted: _Wanted, where: str
) -> PageImage:
    view = View(pixels, np.eye(3), (document.width, document.height))
    way = _Way(document.border, *split_angle(document.orientation), is_segment=False)
    return way.walk(view, 0.0, features, wanted, where)


def segment_image(
    parent: PageImage,
    segment: TextSegment | etree._Element,
    images: ImageStore | Path,
    *,
    selector: Iterable[str] = (),
    filter_: Iterable[str] = ("binarized",),
) -> PageImage:
    """Return the image of a region, line, word or glyph, which may serve as parent in turn.

    The parent is cropped to the outline of the segment, or a derived image of the segment is
    chosen by the rules of `page_image`. ``@orientation`` is absolute: the image is turned by the
    difference from the parent's angle. Without one, nothing is turned.

    Args:
        parent: the image of the page or of the segment around.
        segment: the segment or its element, with ``Coords``.
        images: see `page_image`.
        selector: see `page_image`.
        filter_: see `page_image`; of the parent's features, ``binarized``,
            ``grayscale_normalized``, ``despeckled`` and ``dewarped`` apply to the segment.

    Returns:
        An image whose transform and angle refer to the page, like those of the parent.

    Raises:
        ImageError: see `page_image`.
        PageXmlError: the segment has no outline.
    """
    store = ImageStore(images) if isinstance(images, Path) else images
    element = segment.element if isinstance(segment, TextSegment) else segment
    name = f'{etree.QName(element).localname} "{element.get("id", "")}"'
    wanted = _Wanted(tuple(selector), tuple(filter_), name)
    orientation = number(element, "orientation")
    turn = 0.0 if orientation is None else orientation - parent.angle
    outline = _outline(element, name)
    way = _Way(outline, *split_angle(turn), is_segment=True)
    chosen = wanted.choose(alternative_images(element))
    view = _whole(parent).cropped(outline, done=chosen is not None)
    if chosen is None:
        features = tuple(feature for feature in parent.features if feature in _INHERITED)
        return way.walk(view, parent.angle, features, wanted, name)
    view = View(store.pixels(chosen.filename), view.transform, view.size)
    where = f"image {store.path(chosen.filename)}"
    return way.walk(view, parent.angle, chosen.features, wanted, where)


def _whole(image: PageImage) -> View:
    height, width = image.pixels.shape[:2]
    return View(image.pixels, image.transform, (width, height))


def _outline(element: etree._Element, name: str) -> Polygon:
    points = points_of(element.find(tag("Coords")))
    if not len(points):
        raise PageXmlError(f"{name} has no outline: its element Coords is missing or empty")
    return points


def alternative_images(element: etree._Element) -> list[AlternativeImage]:
    """Return the derived images of a page or segment that have features, in document order."""
    images = []
    for image in element.iterfind(tag("AlternativeImage")):
        features = (feature.strip() for feature in str(image.get("comments", "")).split(","))
        # A feature counts once: nobody rotates twice and records it.
        once = tuple(dict.fromkeys(feature for feature in features if feature))
        if once:
            images.append(AlternativeImage(str(image.get("filename", "")), once))
    return images


@dataclass(frozen=True)
class _Wanted:
    """The features of a requested image, and its page or segment (``name``, for messages)."""

    selector: tuple[str, ...]
    filter_: tuple[str, ...]
    name: str

    def choose(self, images: Sequence[AlternativeImage]) -> AlternativeImage | None:
        """Return the last of the images with most features that we cannot make ourselves."""
        usable = [image for image in images if self._accepts(image.features)]
        # The last of equals is the first from the end.
        return max(
            reversed(usable), key=lambda image: len({*image.features} - _GEOMETRIC), default=None
        )

    def _accepts(self, features: Sequence[str]) -> bool:
        return {*self.selector} <= {*features} and not {*self.filter_} & {*features}

    def check(self, features: Sequence[str]) -> None:
        """Reject an image whose features are still not the requested ones."""
        if not self._accepts(features):
            raise ImageError(
                "found no AlternativeImage that satisfies all requirements"
                f' selector="{",".join(self.selector)}" filter="{",".join(self.filter_)}"'
                f" in {self.name}"
            )


@dataclass(frozen=True)
class _Way:
    """The steps for an image: crop to the outline, turn by quarters, then deskew.

    A segment is cropped beforehand, and again after rotation; a page only if it has a border.
    """

    outline: Polygon | None
    quarter: int
    skew: float
    is_segment: bool

    def walk(
        self, view: View, angle: float, have: Sequence[str], wanted: _Wanted, where: str
    ) -> PageImage:
        """Apply the steps that the image has not had yet.

        Args:
            view: the image, with the transform of the image that its features were applied to.
            angle: clockwise rotation of the image that the features were applied to.
            have: the features of the image, in the order in which they were applied.
            wanted: the allowed features.
            where: the image, for messages.
        """
        rotated = f"rotated-{-self.quarter % 360}"
        needed = {
            "cropped": not self.is_segment and self.outline is not None,
            rotated: self.quarter != 0,
            "deskewed": self.skew != 0,
        }
        _check_rotation(have, rotated, where)
        for feature in have:
            view = self._step(view, feature, have, done=True)
        view = _fitted(view, have, where)
        missing = [f for f, need in needed.items() if need and f not in (*have, *wanted.filter_)]
        features = (*have, *missing)
        for feature in missing:
            view = self._step(view, feature, features, done=False)
        wanted.check(features)
        if rotated in features:
            angle += self.quarter
        if "deskewed" in features:
            angle += self.skew
        pixels = contiguous(view.pixels)
        pixels.setflags(write=False)
        return PageImage(pixels, view.transform, normalized_angle(angle), features)

    def _step(self, view: View, feature: str, features: Sequence[str], *, done: bool) -> View:
        if feature == "cropped" and self.outline is not None and not self.is_segment:
            return view.cropped(self.outline, done=done)
        if feature.startswith("rotated-"):
            return view.turned(self.quarter, done=done)
        if feature == "deskewed":
            view = view.deskewed(self.skew, done=done)
            if self.outline is not None and (self.is_segment or "cropped" in features):
                return view.cropped(self.outline, done=done)
        return view


def _check_rotation(features: Sequence[str], needed: str, where: str) -> None:
    for feature in features:
        if feature.startswith("rotated-") and feature != needed:
            raise ImageError(
                f"{where} is marked as {feature}, but @orientation requires {needed};"
                " remove that AlternativeImage"
            )


def _fitted(view: View, features: Sequence[str], where: str) -> View:
    """Return the view if its pixels have the right size; see `View.fits`."""
    if view.fits:
        return view
    height, width = view.pixels.shape[:2]
    if "dewarped" in features:
        # Dewarping changes the height of lines. Their coordinates are only approximate anyway.
        scale = np.diag([width / view.size[0], height / view.size[1], 1.0])
        return View(view.pixels, np.asarray(scale @ view.transform), (width, height))
    expected_width, expected_height = map(round, view.size)
    raise ImageError(
        f"{where} does not fit the PAGE-XML: it leads to {width} x {height} pixels,"
        f" expected {expected_width} x {expected_height}"
    )
