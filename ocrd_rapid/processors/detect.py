"""``ocrd-rapid-detect``: find text lines, group them into regions, order both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2

from ..ocr.detection import DetectionOptions, Detector
from ..ocr.geometry import Points, hull
from ..ocr.segmentation import Segmentation, segment
from ..runtime.processor import PageTask
from ..workspace.page import PageDocument
from ..workspace.polygons import clip, inside_page
from ..workspace.segments import TextRegion
from ..workspace.values import Polygon
from . import models

EXECUTABLE = "ocrd-rapid-detect"


@dataclass(frozen=True)
class DetectProcessor:
    """Adds text regions with text lines, and the reading order.

    Attributes:
        detector: finds the lines.
        overwrite: remove what segmentation there is first.
        versions: see `Processor.versions`.
    """

    detector: Detector
    overwrite: bool
    versions: Mapping[str, str]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> DetectProcessor:
        """Load the model; see `models.load` for the errors."""
        loaded = models.load(EXECUTABLE, parameters, parallel=False)
        options = DetectionOptions(
            long_side=int(parameters["long_side"]),
            thresh=float(parameters["thresh"]),
            box_thresh=float(parameters["box_thresh"]),
            unclip_ratio=float(parameters["unclip_ratio"]),
        )
        detector = Detector(loaded.model, options)
        return cls(detector, bool(parameters["overwrite_segments"]), loaded.versions)

    def process(self, task: PageTask) -> None:
        """See `Processor.process`."""
        document = task.document
        if self.overwrite:
            document.remove_regions()
        image = task.image
        found = segment(image.pixels, self.detector.detect(image.pixels))
        outlines = [image.to_page(line.box) for line in found.lines]
        free = _fill_regions(document, found, outlines)
        _add_regions(document, found, outlines, free)


def _fill_regions(
    document: PageDocument, found: Segmentation, outlines: Sequence[Polygon]
) -> list[int]:
    """Give lines to the text regions there are, if they have none; return what is left over.

    Lines inside of a region that has lines, or of any other kind of region, are dropped: they
    were found before.
    """
    empty = [r for r in document.text_regions() if not r.lines and not _has_subregions(r)]
    masks = [polygon for polygon in _region_polygons(document) if len(polygon) >= 3]
    free: list[int] = []
    given: dict[str, list[int]] = {region.id: [] for region in empty}
    for i, outline in enumerate(outlines):
        centre = outline.mean(axis=0)
        home = next((r for r in empty if _contains(r.polygon, centre)), None)
        if home is not None:
            given[home.id].append(i)
        elif not any(_contains(mask, centre) for mask in masks):
            free.append(i)
    for region in empty:
        order = [i for part in found.arrange(given[region.id]) for i in part.lines]
        parent = region.polygon
        lines = [
            (
                clip(inside_page(outlines[i], document.width, document.height), parent),
                found.lines[i].score,
            )
            for i in order
        ]
        _add_lines(document, region, lines)
    return free


def _has_subregions(region: TextRegion) -> bool:
    return any(isinstance(e.tag, str) and e.tag.endswith("Region") for e in region.element)


def _region_polygons(document: PageDocument) -> list[Polygon]:
    """Return the outlines of all regions of any kind at the top level."""
    return [
        TextRegion(element).polygon
        for element in document.page
        if isinstance(element.tag, str) and element.tag.endswith("Region")
    ]


def _contains(polygon: Polygon, point: Points) -> bool:
    if len(polygon) < 3:
        return False
    return cv2.pointPolygonTest(polygon, (float(point[0]), float(point[1])), False) >= 0


def _add_regions(
    document: PageDocument, found: Segmentation, outlines: Sequence[Polygon], free: Sequence[int]
) -> None:
    """Add regions for lines that belong to none, behind those that are there."""
    if not free:
        return
    added: list[str] = []
    for part in found.arrange(free):
        lines = [
            (inside_page(outlines[i], document.width, document.height), found.lines[i].score)
            for i in part.lines
        ]
        number = len(document.reading_order()) + len(added) + 1
        region = document.add_region(
            document.new_id(f"region_{number:04d}"), hull([outline for outline, _ in lines])
        )
        if part.kind is not None:
            region.element.set("type", part.kind)
        _add_lines(document, region, lines)
        added.append(region.id)
    document.append_to_reading_order(added)


def _add_lines(
    document: PageDocument, region: TextRegion, lines: Sequence[tuple[Polygon, float]]
) -> None:
    for number, (outline, score) in enumerate(lines, start=1):
        identifier = document.new_id(f"{region.id}_line_{number:04d}")
        region.add_line(identifier, outline, score)
