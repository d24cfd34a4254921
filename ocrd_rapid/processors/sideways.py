"""Lines that run down or up, of which nobody has said which: read both ways.

``ocrd-rapid-classify`` says it by ``@orientation``. Where it did not run, tall lines would be
taken to run down.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..ocr.geometry import box_of_polygon, is_tall
from ..ocr.orientation import LineReader, reads_upside_down
from ..workspace.segments import TextLine, TextRegion
from .line_images import LineImage
from .region_outlines import known_orientation

Cut = tuple[TextRegion, TextLine, LineImage]


def set_upright(cuts: Sequence[Cut], reader: LineReader) -> list[Cut]:
    """Return lines, those turned over that read better so; whole regions, not single lines.

    Args:
        cuts: lines as they were cut out, those of a region behind one another.
        reader: reads them.
    """
    found: list[Cut] = []
    for _, members in groupby(cuts, key=lambda cut: cut[0].id):
        block = list(members)
        tall = [number for number, cut in enumerate(block) if _is_in_doubt(*cut)]
        if tall and reads_upside_down([block[number][2].pixels for number in tall], reader):
            for number in tall:
                region, line, image = block[number]
                block[number] = region, line, image.upside_down()
        found += block
    return found


def _is_in_doubt(region: TextRegion, line: TextLine, image: LineImage) -> bool:
    """Return whether it is not known which way up a line is."""
    if known_orientation(region.element) is not None or len(line.baseline) >= 2:
        return False
    if region.has_derived_image or line.has_derived_image:
        return False
    return is_tall(box_of_polygon(image.source.to_pixels(line.polygon)))
