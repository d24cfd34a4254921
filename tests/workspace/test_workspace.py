# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A directory with a METS: where it is, what a page begins with, how it is written."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from toys import write_page

from ocrd_rapid import __version__
from ocrd_rapid.errors import (
    ImageError,
    MetsError,
    OutputExistsError,
    PageXmlError,
    UsageError,
)
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace, locate_mets, require_group


def files_below(directory: Path) -> dict[str, bytes]:
    """Return the content of every file, by its path."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(directory=tmp_path / "book")


def document() -> PageDocument:
    return PageDocument.for_image("IMG/a.png", 10, 20, "me")


# Where the METS is


def test_by_default_it_is_in_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate_mets(None, None) == tmp_path / "mets.xml"


@pytest.mark.parametrize(
    ("mets", "directory", "expected"),
    [
        (None, "book", "book/mets.xml"),
        ("book/my.xml", None, "book/my.xml"),
        ("my.xml", None, "my.xml"),
        ("my.xml", "book", "book/my.xml"),
        ("book/my.xml", "book", "book/my.xml"),
        ("book/part/my.xml", "book", "book/part/my.xml"),
    ],
)
def test_mets_and_directory_are_put_together(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mets: str | None,
    directory: str | None,
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    located = locate_mets(mets and Path(mets), directory and Path(directory))  # type: ignore[arg-type]
    assert located == tmp_path / expected
    assert located.is_absolute()


@pytest.mark.parametrize("mets", ["other/my.xml", "/elsewhere/my.xml", "bookshelf/my.xml"])
def test_a_mets_outside_of_the_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mets: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        locate_mets(Path(mets), Path("book"))
    assert str(caught.value) == (
        f"--mets '{mets}' is not inside the workspace directory --working-dir 'book'"
    )


def test_a_mets_outside_of_the_directory_is_refused_also_by_a_detour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="is not inside the workspace directory"):
        locate_mets(Path("book/../other/my.xml"), Path("book"))
    assert locate_mets(Path("other/../book/my.xml"), Path("book")) == tmp_path / "book/my.xml"


def test_the_directory_of_a_workspace_is_that_of_its_mets(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.directory.parent)
    for opened in (
        Workspace.open(directory=Path("book")),
        Workspace.open(Path("book/mets.xml")),
        Workspace.open(Path("mets.xml"), Path("book")),
    ):
        assert opened.directory == workspace.directory
        assert opened.mets_path == workspace.directory / "mets.xml"


def test_opening_what_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(MetsError, match="does not exist"):
        Workspace.open(directory=tmp_path / "book")
    assert not (tmp_path / "book").exists()


# Creating


def test_a_new_workspace_can_be_opened_and_is_empty(workspace: Workspace) -> None:
    opened = Workspace.open(directory=workspace.directory)
    assert opened.mets.groups == opened.mets.pages == []
    assert list(files_below(workspace.directory)) == [".mets.xml.lock", "mets.xml"]
    assert f"ocrd-rapid {__version__}" in workspace.mets_path.read_text()


def test_a_mets_that_is_there_is_only_replaced_when_asked_to(workspace: Workspace) -> None:
    before = files_below(workspace.directory)
    with pytest.raises(OutputExistsError, match="exists already"):
        Workspace.create(directory=workspace.directory)
    assert files_below(workspace.directory) == before
    Workspace.create(directory=workspace.directory, overwrite=True)
    assert files_below(workspace.directory) != before


# What a page begins with


def file(identifier: str, mimetype: str, path: str = "x", url: str = "") -> MetsFile:
    return MetsFile(identifier, "IN", "P", mimetype, path, url)


def test_an_image_becomes_a_page_of_its_size(workspace: Workspace) -> None:
    (workspace.directory / "IMG").mkdir()
    Image.new("L", (30, 40)).save(workspace.directory / "IMG" / "a.png")
    document = workspace.read_page(file("png", "image/png", "IMG/a.png"))
    assert (document.width, document.height) == (30, 40)
    assert document.image_filename == "IMG/a.png"
    assert document.root.xpath("string(*/*[1])") == f"ocrd-rapid {__version__}"


def test_page_xml_is_read(workspace: Workspace) -> None:
    written = write_page(workspace, document(), "OCR", "OCR_1", "P")
    read = workspace.read_page(written)
    assert read.to_bytes() == (workspace.directory / "OCR" / "OCR_1.xml").read_bytes()


def test_missing_input_is_an_error_of_its_kind(workspace: Workspace) -> None:
    with pytest.raises(PageXmlError, match="does not exist"):
        workspace.read_page(file("page", MIMETYPE_PAGE, "IN/a.xml"))
    with pytest.raises(ImageError, match="does not exist"):
        workspace.read_page(file("png", "image/png", "IN/a.png"))


def test_a_missing_group_is_named_with_those_there_are() -> None:
    mets = Mets.empty("me")
    with pytest.raises(MetsError, match=r"'IMG' is not in the METS \(it has: none\)"):
        require_group(mets, "IMG")
    for group in ("A", "B"):
        mets.add_file(MetsFile(f"{group}_1", group, "P", "image/png", "a.png"))
    with pytest.raises(MetsError, match=r"'IMG' is not in the METS \(it has: A, B\)"):
        require_group(mets, "IMG")
    require_group(mets, "A")


# Writing


def test_a_page_is_written_under_its_id_and_says_so(workspace: Workspace) -> None:
    entry = write_page(workspace, document(), "OCR", "OCR_1", "P_1")
    assert entry == MetsFile("OCR_1", "OCR", "P_1", MIMETYPE_PAGE, "OCR/OCR_1.xml")
    read = PageDocument.read(workspace.directory / "OCR" / "OCR_1.xml")
    assert read.pcgts_id == "OCR_1"
    assert sorted(files_below(workspace.directory)) == [
        ".mets.xml.lock",
        "OCR/OCR_1.xml",
        "mets.xml",
    ]


@pytest.mark.parametrize(("group", "identifier"), [("../up", "a"), ("OCR", "../a"), ("", "a")])
def test_nothing_is_written_outside_of_the_workspace(
    workspace: Workspace, group: str, identifier: str
) -> None:
    before = files_below(workspace.directory.parent)
    with pytest.raises(MetsError, match="is not allowed"):
        write_page(workspace, document(), group, identifier, "P")
    assert files_below(workspace.directory.parent) == before


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("where", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [full_disk, interrupt])
def test_what_fails_half_way_leaves_the_old_files_whole_and_no_others(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    failure: Callable[..., None],
) -> None:
    entry = write_page(workspace, document(), "OCR", "OCR_1", "P_1")
    before = files_below(workspace.directory)
    with monkeypatch.context() as patch:
        patch.setattr(os if where == "fsync" else Path, where, failure)
        changed = document()
        changed.set_orientation(90)
        workspace.mets.add_file(entry)
        writes: list[Callable[[], object]] = [workspace.save]
        if where == "replace":  # pages are not forced to the disk one by one
            writes += [
                lambda: write_page(workspace, changed, "OCR", "OCR_1", "P_1"),
                lambda: write_page(workspace, changed, "OCR", "OCR_2", "P_2"),
            ]
        for write in writes:
            with pytest.raises((OSError, KeyboardInterrupt)):
                write()
    assert files_below(workspace.directory) == before


def test_a_file_that_is_replaced_keeps_its_permissions(workspace: Workspace) -> None:
    workspace.mets_path.chmod(0o640)
    workspace.save()
    assert workspace.mets_path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_permissions_of_the_umask(workspace: Workspace) -> None:
    old = os.umask(0o027)
    try:
        write_page(workspace, document(), "OCR", "OCR_1", "P_1")
    finally:
        os.umask(old)
    assert (workspace.directory / "OCR" / "OCR_1.xml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IN/page/a.png", "IN/page/a.png"),
        ("a.png", "IN/page/a.png"),
        ("up.png", "IN/up.png"),
        ("../up.png", "IN/up.png"),
        ("..\\up.png", "IN/up.png"),
        ("C:\\scans\\up.png", "IN/up.png"),
        ("elsewhere/a.png", "IN/page/a.png"),
        ("../../IMG/b.png", "IMG/b.png"),
        ("gone.png", "gone.png"),
    ],
)
def test_the_image_of_a_page_is_found_where_other_programs_have_it(
    workspace: Workspace, name: str, expected: str
) -> None:
    for image in ("IN/page/a.png", "IN/up.png", "IMG/b.png"):
        path = workspace.directory / image
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (10, 20)).save(path)
    page = PageDocument.for_image(name, 10, 20, "me")
    workspace.write_file("IN/page/a.xml", page.to_bytes())
    read = workspace.read_page(file("page", MIMETYPE_PAGE, "IN/page/a.xml"))
    assert read.image_filename == expected
    assert PageDocument.parse(read.to_bytes()).image_filename == expected
