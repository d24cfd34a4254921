# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Lines of a PAGE document as images, from their outlines, baselines or derived images."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from lxml import etree

from ..ocr.geometry import box_of_polygon, is_tall
from ..ocr.lines.baselines import outline_of_baseline, usable
from ..ocr.lines.crops import LineImage, cut_line
from ..ocr.lines.neighbours import Neighbours
from ..workspace.decoding import ImageStore
from ..workspace.page_images import PageImage, segment_image
from ..workspace.polygons import clip
from ..workspace.segments import TextLine, TextRegion, known_orientation, tag
from ..workspace.values import Polygon
from .page_regions import turn_of_region

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LineOnPage:
    """A line of a PAGE document, and its image.

    Attributes:
        region: the region that it belongs to.
        line: the line itself.
        image: its image.
        source: the image that it was cut out of: that of the page, its region, or its own.
        block: the index of its region.
    """

    region: TextRegion
    line: TextLine
    image: LineImage
    source: PageImage
    block: int = 0

    @property
    def in_doubt(self) -> bool:
        """Whether it runs down and nothing tells which way up it is."""
        if known_orientation(self.region.element) is not None or len(self.line.baseline) >= 2:
            return False
        if self.region.has_derived_image or self.line.has_derived_image:
            return False
        page = next(self.line.element.iterancestors(tag("Page")), None)
        if page is not None and page.get("orientation") is not None:
            return False
        return is_tall(box_of_polygon(self.source.to_pixels(self.line.polygon)))

    def outline(self, left: float, right: float) -> Polygon:
        """Return the outline of a part of the line in PAGE coordinates; see `LineImage.outline`."""
        return self.source.to_page(self.image.outline(left, right))


def cut_lines(
    page: PageImage,
    images: ImageStore,
    wanted: Sequence[tuple[TextRegion, TextLine]],
    every: Sequence[TextLine],
    padding: float,
) -> list[LineOnPage]:
    """Cut lines out of their page.

    Regions and lines with images of their own are taken from these. A line with a baseline but no
    usable outline gets an outline: one that its neighbours leave room for and that fits the ink at
    the baseline. A line with neither cannot be read, and is left out with a warning.

    Args:
        page: the page image.
        images: the image files of the page.
        wanted: the lines, with the regions that they belong to; lines of a region are adjacent.
        every: all lines of the page, the neighbours.
        padding: number of pixels added on all sides.

    Raises:
        ImageError: the image of a region or line cannot be read, or does not fit it.
    """
    bare = {line.element for _, line in wanted if not usable(line.polygon)}
    readable = [pair for pair in wanted if _has_outline(page, *pair, every)]
    neighbours = Neighbours([line.polygon for line in every if usable(line.polygon)])
    blocks: dict[etree._Element, int] = {}
    sources: dict[etree._Element, PageImage] = {}
    found = []
    for region, line in readable:
        source = page
        if region.has_derived_image or line.has_derived_image:
            if region.element not in sources:
                sources[region.element] = segment_image(page, region, images)
            source = sources[region.element]
        if line.has_derived_image:
            source = segment_image(source, line, images)
            image = LineImage.whole(source.pixels)
        else:
            image = _cut(source, region, line, neighbours.of(line.polygon), padding)
        if image.as_outlined is not None and line.element in bare:
            line.set_polygon(_inside(page, region, _fitted(page, source, image)))
            image = replace(image, as_outlined=None)  # that outline was a guess
        block = blocks.setdefault(region.element, len(blocks))
        found.append(LineOnPage(region, line, image, source, block))
    return found


def _fitted(page: PageImage, source: PageImage, image: LineImage) -> Polygon:
    """Return the outline of a line's image, in pixels of the page's image."""
    return page.to_pixels(source.to_page(image.outline(0, 1)))


def _cut(
    source: PageImage,
    region: TextRegion,
    line: TextLine,
    others: Sequence[Polygon],
    padding: float,
) -> LineImage:
    """Cut a line out of the image of its page or region; see `cut_line`."""
    return cut_line(
        source.pixels,
        source.to_pixels(line.polygon),
        source.to_pixels(line.baseline),
        others=[source.to_pixels(other) for other in others],
        turns=turn_of_region(region.element, source) // 90,
        padding=padding,
        fits=_is_detected(line),
    )


def _is_detected(line: TextLine) -> bool:
    """Return whether an outline is a detector's: it has a score, and fits its text."""
    coords = line.element.find(tag("Coords"))
    return coords is not None and coords.get("conf") is not None


def _has_outline(
    page: PageImage, region: TextRegion, line: TextLine, every: Sequence[TextLine]
) -> bool:
    """Return whether a line has a usable outline; make one from its baseline if it has none."""
    if usable(line.polygon):
        return True
    if not usable(line.baseline, corners=2):
        LOG.warning("line %s is not read: it has neither outline nor baseline", line.id)
        return False
    others = [other for other in every if other.element is not line.element]
    line.set_polygon(_outline_for(page, region, line, others))
    return True


def _outline_for(
    page: PageImage, region: TextRegion, line: TextLine, others: Sequence[TextLine]
) -> Polygon:
    """Return an outline in PAGE coordinates for a line that has only a baseline."""
    places = [other.baseline if len(other.baseline) else other.polygon for other in others]
    outline = outline_of_baseline(
        page.to_pixels(line.baseline),
        [page.to_pixels(place) for place in places],
        page.to_pixels(region.polygon),
    )
    return _inside(page, region, outline)


def _inside(page: PageImage, region: TextRegion, outline: Polygon) -> Polygon:
    """Return the part of an outline in pixels inside page and region, in PAGE coordinates."""
    height, width = page.pixels.shape[:2]
    on_page = page.to_page(np.clip(outline, 0, (width - 1, height - 1)))
    around = region.polygon
    return clip(on_page, around) if usable(around) else on_page
