# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The images of pages, regions and lines are those that OCR-D core derives."""

from __future__ import annotations

import json
import math
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree
from PIL import Image

from ocrd_rapid.workspace import xml
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import PageImage, page_image, segment_image
from ocrd_rapid.workspace.segments import NAMESPACE, tag

CORE = Path(__file__).resolve().parents[2] / ".venv-core" / "bin" / "python"
SCRIPT = Path(__file__).with_name("images_by_core.py")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not CORE.exists(), reason="OCR-D core is not in .venv-core: run `make test-interop`"
    ),
]

WIDTH, HEIGHT = 240, 320
QUARTERS = [0, 90, 180, -90]
PAGES = 60


def points(vertices: list[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in vertices)


def blob(rng: random.Random, left: int, top: int, right: int, bottom: int) -> str:
    """Return the outline of a rectangle, or of a polygon inside of it, in whole pixels."""
    if rng.random() < 0.4:
        return points([(left, top), (right, top), (right, bottom), (left, bottom)])
    middle = ((left + right) / 2, (top + bottom) / 2)
    count = rng.randint(3, 9)
    vertices = []
    for i in range(count):
        angle = 2 * math.pi * (i + rng.random() / 2) / count
        reach = rng.uniform(0.7, 1)
        x = middle[0] + reach * (right - left) / 2 * math.cos(angle)
        y = middle[1] + reach * (bottom - top) / 2 * math.sin(angle)
        vertices.append((round(x), round(y)))
    return points(vertices)


def angle(rng: random.Random) -> str:
    """Return an @orientation: none, quarter turns, skew, or both."""
    kind = rng.randrange(5)
    if kind == 0:
        return ""
    degrees = float(rng.choice(QUARTERS)) if kind in (1, 3) else 0.0
    if kind in (2, 3):
        degrees += round(rng.uniform(-44, 44), rng.randint(0, 3))
    return f'orientation="{degrees}"'


def made_up(rng: random.Random) -> str:
    """Return a page with border, regions and lines at random places and angles."""
    border = ""
    if rng.random() < 0.6:
        outline = blob(rng, rng.randint(0, 30), rng.randint(0, 40), 215, 290)
        border = f'<Border><Coords points="{outline}"/></Border>'
    regions = ""
    for number in range(2):
        left, top = rng.randint(40, 100), rng.randint(50, 140)
        box = (left, top, left + rng.randint(30, 90), top + rng.randint(30, 90))
        x, y = box[0] + rng.randint(0, 8), box[1] + rng.randint(0, 8)
        line = blob(rng, x, y, x + rng.randint(10, 20), y + rng.randint(6, 20))
        regions += (
            f'<TextRegion id="r{number}" {angle(rng)}><Coords points="{blob(rng, *box)}"/>'
            f'<TextLine id="l{number}"><Coords points="{line}"/></TextLine></TextRegion>'
        )
    return document(angle(rng), border + regions)


def document(attributes: str, content: str) -> str:
    return (
        f'<PcGts xmlns="{NAMESPACE}"><Metadata><Creator>test</Creator>'
        "<Created>2024-01-01T00:00:00</Created><LastChange>2024-01-01T00:00:00</LastChange>"
        f'</Metadata><Page imageFilename="page.png" imageWidth="{WIDTH}" imageHeight="{HEIGHT}"'
        f" {attributes}>{content}</Page></PcGts>"
    )


def by_core(directory: Path, documents: list[str], unwanted: list[str]) -> Any:
    """Return what core makes of documents, without the features that are unwanted in each."""
    pairs = list(zip(documents, unwanted, strict=True))
    done = subprocess.run(
        [CORE, SCRIPT], input=json.dumps(pairs), cwd=directory, capture_output=True,
        text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_us(directory: Path, text: str, unwanted: str = "binarized") -> Iterator[PageImage]:
    parsed = PageDocument(xml.parse(text.encode()))
    store = ImageStore(directory)
    filter_ = unwanted.split(",")
    whole = page_image(parsed, store, filter_=filter_)
    yield whole
    for region in parsed.page.iterfind(tag("TextRegion")):
        part = segment_image(whole, region, store, filter_=filter_)
        yield part
        for line in region.iterfind(tag("TextLine")):
            yield segment_image(part, line, store, filter_=filter_)


def assert_same(ours: PageImage, core: dict[str, Any], text: str) -> None:
    height, width = ours.pixels.shape[:2]
    assert np.abs(np.array([width, height]) - core["size"]).max() <= 1, text
    assert np.abs(ours.transform - core["transform"]).max() < 1e-2, text
    assert list(ours.features) == core["features"], text
    assert math.cos(math.radians(ours.angle + core["angle"])) == pytest.approx(1), text


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Return a directory with page.png, dark marks on light grey, and a darker copy."""
    values = np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8)
    rng = np.random.default_rng(5)
    for _ in range(60):
        x, y = rng.integers(0, WIDTH - 12), rng.integers(0, HEIGHT - 12)
        values[y : y + 10, x : x + 10] = rng.integers(0, 120, 3)
    Image.fromarray(values).save(tmp_path / "page.png")
    return tmp_path


UNWANTED = ["binarized", "deskewed", "cropped", "cropped,deskewed"]


@pytest.mark.parametrize("unwanted", UNWANTED)
def test_random_pages_regions_and_lines(noise: Path, unwanted: str) -> None:
    rng = random.Random(20240607)
    documents = [made_up(rng) for _ in range(PAGES)]
    for text, expected in zip(
        documents, by_core(noise, documents, [unwanted] * PAGES), strict=True
    ):
        images = list(by_us(noise, text, unwanted))
        assert len(images) == len(expected) == 5
        for ours, core in zip(images, expected, strict=True):
            assert_same(ours, core, text)


def with_derived_images(text: str, derived: list[dict[str, Any]], *, regions: bool) -> str:
    """Return a document that refers to images that core made of its page and regions."""
    root = xml.parse(text.encode())
    page = root[1]
    elements = [page, *(page.iterfind(tag("TextRegion")) if regions else ())]
    for element, image in zip(elements, [derived[0], derived[1], derived[3]], strict=False):
        features = ",".join([*image["features"], "despeckled"])
        element.insert(
            0, etree.Element(tag("AlternativeImage"), filename=image["file"], comments=features)
        )
    return etree.tostring(root).decode()


def test_derived_images_that_core_made(noise: Path) -> None:
    rng = random.Random(20240608)
    documents = [made_up(rng) for _ in range(PAGES)]
    unwanted = [rng.choice(UNWANTED) for _ in documents]
    made = by_core(noise, documents, unwanted)
    # The images of regions only fit if the page is turned as it was when they were made.
    documents = [
        with_derived_images(text, images, regions=without == "binarized")
        for text, images, without in zip(documents, made, unwanted, strict=True)
    ]
    pages_as_made = regions_as_made = 0
    for text, expected, images in zip(
        documents, by_core(noise, documents, ["binarized"] * PAGES), made, strict=True
    ):
        for i, ours in enumerate(by_us(noise, text)):
            core = expected[i]
            assert_same(ours, core, text)
            if i in (0, 1, 3) and core["features"] == [*images[i]["features"], "despeckled"]:
                pixels = np.asarray(Image.open(noise / images[i]["file"]))[:, :, ::-1]
                if i == 0:
                    assert (ours.pixels == pixels).all()
                    pages_as_made += 1
                elif f'<AlternativeImage filename="{images[i]["file"]}"' in text:
                    assert (ours.pixels == pixels).all()
                    regions_as_made += 1
    assert pages_as_made > 20
    assert regions_as_made > 20
