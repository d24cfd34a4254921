# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-preprocess``: deskew, denoise, contrast and illumination of pages that need it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from ..ocr import preprocessing
from ..pixels import BgrImage
from ..runtime.processor import OpenPage
from ..transforms import normalized_angle, split_angle
from ..workspace.page import PageDocument
from ..workspace.page_images import PageImage, derived_page_image
from ..workspace.segments import TextRegion, tag
from .page_regions import region_elements

LOG = logging.getLogger(__name__)

EXECUTABLE = "ocrd-rapid-preprocess"

#: Suffix of the IDs of images, after the ID of their PAGE-XML.
_SUFFIX = ".IMG-PRE"

#: A page with less contrast, in grey levels, is empty.
_NOTHING = 10


@dataclass(frozen=True)
class Thresholds:
    """Limits beyond which a page needs a step.

    Attributes:
        skew: skew in degrees.
        noise: standard deviation of the grain, in grey levels of 0 to 255.
        impulses: share of pixels that stand out from all their neighbours.
        contrast: grey levels between ink and paper; pages with less are stretched.
        unevenness: how much darker the darkest tenth of the paper is than the lightest, as a share.
    """

    skew: float
    noise: float
    impulses: float
    contrast: float
    unevenness: float


@dataclass(frozen=True)
class PreprocessProcessor:
    """Adds a derived image to pages whose scan can be improved, and sets their ``@orientation``.

    Each step first measures the result of the steps before it, and leaves it unchanged if it is
    good enough; a page that needs no step gets no image. A page that has been deskewed is not
    deskewed again.

    Attributes:
        steps: some of ``deskew``, ``denoise``, ``contrast``, ``illumination``, in order.
        thresholds: limits beyond which a page needs a step.
        versions: see `Processor.versions`.
    """

    steps: tuple[str, ...]
    thresholds: Thresholds
    versions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> PreprocessProcessor:
        """Return the processor for parameters."""
        thresholds = Thresholds(
            skew=float(parameters["min_skew"]),
            noise=float(parameters["min_noise"]),
            impulses=float(parameters["min_impulses"]),
            contrast=float(parameters["min_contrast"]),
            unevenness=float(parameters["max_unevenness"]),
        )
        return cls(tuple(parameters["steps"]), thresholds)

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""
        image = page.image
        for step in self.steps:
            if step == "deskew":
                image = self._deskewed(page, image)
                continue
            mend, feature = _MENDING[step]
            pixels = mend(image.pixels, self.thresholds)
            if pixels is not None:
                LOG.info("page %s: %s", page.page_id, step)
                features = tuple(dict.fromkeys((*image.features, feature)))
                image = replace(image, pixels=pixels, features=features)
        if image is page.image:
            LOG.info("page %s needs no preprocessing", page.page_id)
        else:
            page.add_image(image.pixels, _SUFFIX, image.features)

    def _deskewed(self, page: OpenPage, image: PageImage) -> PageImage:
        """Set the page's ``@orientation`` if it is skewed, and return the deskewed image."""
        if "deskewed" in image.features:
            return image
        skew = preprocessing.find_skew(image.pixels)
        if abs(skew) < self.thresholds.skew:
            return image
        if any(e.find(tag("AlternativeImage")) is not None for e in _segments(page.document)):
            LOG.warning(
                "page %s: not deskewed by %.2f degrees, as the images of its regions or lines"
                " would no longer fit; deskew before creating them", page.page_id, skew,
            )  # fmt: skip
            return image
        LOG.info("page %s: deskew by %.2f degrees", page.page_id, skew)
        _turn(page.document, skew)
        return derived_page_image(page.document, image.pixels, image.features)


def _segments(document: PageDocument) -> Iterator[etree._Element]:
    return (element for child in document.page for element in child.iter(etree.Element))


def _turn(document: PageDocument, degrees: float) -> None:
    """Turn a page clockwise by a small angle, with the regions that were straight on it.

    The ``@orientation`` of a region is absolute: without this, it would undo the page's.
    """
    before = document.orientation
    document.set_orientation(normalized_angle(before + degrees))
    for element in region_elements(document.page):
        region = TextRegion(element)
        if region.orientation is not None and not split_angle(region.orientation - before)[1]:
            region.set_orientation(normalized_angle(region.orientation + degrees))


def _denoise(pixels: BgrImage, thresholds: Thresholds) -> BgrImage | None:
    noise = preprocessing.measure_noise(pixels)
    result = None
    if noise.impulses >= thresholds.impulses:
        result = preprocessing.remove_impulses(pixels)
        noise = preprocessing.measure_noise(result)
    if noise.sigma >= thresholds.noise:
        result = preprocessing.remove_grain(pixels if result is None else result, noise.sigma)
    return result


def _contrast(pixels: BgrImage, thresholds: Thresholds) -> BgrImage | None:
    levels = preprocessing.measure_levels(pixels)
    enough = levels.contrast >= thresholds.contrast or levels.contrast < _NOTHING
    return None if enough else preprocessing.stretch(pixels, levels)


def _illumination(pixels: BgrImage, thresholds: Thresholds) -> BgrImage | None:
    background = preprocessing.measure_background(pixels)
    if preprocessing.unevenness(background) <= thresholds.unevenness:
        return None
    return preprocessing.even_out(pixels, background)


#: The steps that change only pixels, and OCR-D's names for their effect.
_MENDING: Mapping[str, tuple[Callable[[BgrImage, Thresholds], BgrImage | None], str]] = {
    "denoise": (_denoise, "despeckled"),
    "contrast": (_contrast, "grayscale_normalized"),
    "illumination": (_illumination, "grayscale_normalized"),
}
