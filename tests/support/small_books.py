# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Books for tests of many jobs: workspaces of pages with five lines, which are read in a moment."""

from __future__ import annotations

from pathlib import Path

from documents import ROOT
from PIL import Image

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"
IMAGES = "OCR-D-IMG"


def page_id(number: int) -> str:
    return f"P_{number:04}"


def image_path(number: int) -> str:
    """Return the path of the image of a page, from the directory of its book."""
    return f"{IMAGES}/page{number}.png"


def make_small_book(directory: Path, pages: int) -> Path:
    """Make a workspace of small pages, and return its METS."""
    workspace = Workspace.create(directory=directory)
    (directory / IMAGES).mkdir()
    with Image.open(SAMPLE) as sample:
        small = sample.crop((0, 0, sample.width, sample.height // 8))
    small.save(directory / image_path(1))
    content = (directory / image_path(1)).read_bytes()
    for number in range(1, pages + 1):
        path = image_path(number)
        (directory / path).write_bytes(content)
        workspace.mets.add_file(
            MetsFile(f"IMG_{number:04}", IMAGES, page_id(number), "image/png", path)
        )
    workspace.save()
    return workspace.mets_path


def page_files(book: Path, group: str) -> dict[str, int]:
    """Return the PAGE-XML files of a group by name, with the time of their last change."""
    return {path.name: path.stat().st_mtime_ns for path in (book / group).glob("*.xml")}


def check_small_book(book: Path, pages: int, *groups: str) -> None:
    """Check that METS and disk have each page once in each group."""
    mets = Workspace.open(directory=book).mets
    wanted = [page_id(number) for number in range(1, pages + 1)]
    for group in groups:
        files = list(mets.files(group))
        assert sorted(file.page_id for file in files) == wanted, group
        assert {Path(file.path).name for file in files} == page_files(book, group).keys()
