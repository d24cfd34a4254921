# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid workspace: IDs are given once, whatever the entries are that are there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]


@pytest.fixture
def workspace(call: Call) -> Call:
    """Return a function that calls ``ocrd-rapid workspace -d DIRECTORY …``."""
    return partial(call, "ocrd-rapid", "workspace", "-d")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace with an image that is not in the group it is named after."""
    made = Workspace.create(directory=tmp_path / "work")
    made.mets.add_file(MetsFile("OCR-D-IMG_0001", "OLD", "p1", "image/png", "OLD/1.png"))
    made.save()
    (made.directory / "OLD").mkdir()
    Image.new("L", (3, 3)).save(made.directory / "OLD" / "1.png")
    return made.directory


def test_added_images_replace_no_entry_of_another_group(
    workspace: Call, book: Path, here: Path
) -> None:
    Image.new("L", (4, 4)).save(here / "new.png")
    assert workspace(book, "add-images", here / "new.png").code == 0
    mets = Workspace.open(directory=book).mets
    assert [file.id for file in mets.files("OLD")] == ["OCR-D-IMG_0001"]
    assert [file.id for file in mets.files("OCR-D-IMG")] == ["OCR-D-IMG_0002"]


def test_ids_made_of_file_names_keep_their_letters(workspace: Call, book: Path, here: Path) -> None:
    for name in ("Bl_ä.png", "Bl_ö.png", "圖.png"):
        Image.new("L", (4, 4)).save(here / name)
    done = workspace(
        book, "bulk-add", "-r", "(?P<page>.*)[.]png", "-G", "NEW", "-g", "P_{{ page }}",
        "Bl_ä.png", "Bl_ö.png", "圖.png",
    )  # fmt: skip
    assert (done.code, done.err.count("error")) == (0, 0)
    files = Workspace.open(directory=book).mets.files("NEW")
    assert [(file.id, file.page_id) for file in files] == [
        ("NEW_Bl_ä", "P_Bl_ä"), ("NEW_Bl_ö", "P_Bl_ö"), ("NEW_圖", "P_圖"),
    ]  # fmt: skip


def test_what_belongs_to_one_group_is_removed_from_it_alone(workspace: Call, book: Path) -> None:
    text = (book / "mets.xml").read_text()
    second = text[text.index("<mets:fileGrp") : text.index("</mets:fileSec>")]
    second = second.replace('USE="OLD"', 'USE="COPY"').replace("OLD/1.png", "COPY/1.png")
    (book / "mets.xml").write_text(text.replace("</mets:fileSec>", f"{second}</mets:fileSec>"))
    (book / "COPY").mkdir()
    (book / "COPY" / "1.png").write_bytes((book / "OLD" / "1.png").read_bytes())
    assert workspace(book, "remove-group", "-r", "COPY").code == 0
    mets = Workspace.open(directory=book).mets
    assert [(file.id, file.page_id) for file in mets.files("OLD")] == [("OCR-D-IMG_0001", "p1")]
    assert mets.groups == ["OLD"]
    assert (book / "OLD" / "1.png").exists()
    assert not (book / "COPY").exists()


def test_a_file_of_several_pages_is_counted_and_found_once(workspace: Call, book: Path) -> None:
    text = (book / "mets.xml").read_text()
    page = '<mets:div TYPE="page" ID="p2"><mets:fptr FILEID="OCR-D-IMG_0001"/></mets:div>'
    sequence = '<mets:div TYPE="physSequence">'
    (book / "mets.xml").write_text(text.replace(sequence, sequence + page))
    assert workspace(book, "find").out == "OLD/1.png\n"
    assert workspace(book, "find", "-k", "pageId").out == "p2\np1\n"
    assert '"files": 1' in workspace(book, "list", "--json").out


@pytest.mark.parametrize("path", [".", "OLD"])
def test_an_entry_that_names_a_directory_is_removed_and_the_directory_stays(
    workspace: Call, book: Path, path: str
) -> None:
    made = Workspace.open(directory=book)
    made.mets.add_file(MetsFile("DIR", "D", "p1", "image/png", path))
    made.save()
    done = workspace(book, "remove", "DIR")
    assert done.code == 0
    assert "is a directory and is kept" in done.err
    assert (book / "OLD" / "1.png").exists()
    assert Workspace.open(directory=book).mets.file("DIR") is None
