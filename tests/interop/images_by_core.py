# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run by the Python of OCR-D core: the images of pages and segments as core derives them.

Reads a JSON list of pairs from standard input, a PAGE-XML document and a ``feature_filter``; the
images are in the current directory. Writes a list of lists: per document the image of the page,
then those of all regions (each from the page) and lines (each from its region) in document order,
as objects with ``size``, ``angle`` (counter-clockwise), ``features``, ``transform`` and ``file``,
the pixels as PNG.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

from ocrd import Resolver  # type: ignore[import-not-found]
from ocrd_models.ocrd_page import parseString  # type: ignore[import-not-found]


def main() -> None:
    logging.disable(logging.CRITICAL)
    workspace = Resolver().workspace_from_nothing(".", clobber_mets=True)
    results = []
    for text, unwanted in json.load(sys.stdin):
        page = parseString(text.encode(), silence=True).get_Page()
        prefix = f"core-{len(list(Path().iterdir()))}"
        images = list(derive(workspace, page, unwanted))
        results.append([described(image, f"{prefix}-{i}.png") for i, image in enumerate(images)])
    json.dump(results, sys.stdout)


def derive(workspace: Any, page: Any, unwanted: str) -> Any:
    image, coords, _ = workspace.image_from_page(page, "P", feature_filter=unwanted)
    yield image, coords
    for region in page.get_TextRegion():
        part = workspace.image_from_segment(region, image, coords, feature_filter=unwanted)
        yield part
        for line in region.get_TextLine():
            yield workspace.image_from_segment(line, *part, feature_filter=unwanted)


def described(derived: Any, name: str) -> dict[str, Any]:
    image, coords = derived
    image.save(name)
    return {
        "file": name,
        "size": list(image.size),
        "angle": float(coords["angle"]),
        "features": [feature for feature in coords["features"].split(",") if feature],
        "transform": coords["transform"].tolist(),
    }


if __name__ == "__main__":
    main()
