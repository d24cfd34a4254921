# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid workspace: making workspaces and filling them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hostile_images import tiff
from PIL import Image

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]
Snapshot = Callable[[], dict[str, bytes | None]]


@pytest.fixture
def workspace(call: Call) -> Call:
    """Return a function that calls ``ocrd-rapid workspace -d DIRECTORY …``."""
    return partial(call, "ocrd-rapid", "workspace", "-d")


def picture(value: int) -> bytes:
    """Return an image file; another one for each value."""
    stream = io.BytesIO()
    Image.new("L", (6, 4), value).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def scan(here: Path) -> Path:
    """Return a file outside of the workspace."""
    path = here / "scan.png"
    path.write_bytes(picture(1))
    return path


ADD = ("add", "-G", "SCAN", "-i", "SCAN_1", "-g", "P_9")


def files(directory: Path, group: str = "SCAN") -> list[MetsFile]:
    return list(Workspace.open(directory=directory).mets.files(group))


def listed(directory: Path) -> list[str]:
    """Return the names in a directory but for hidden ones."""
    return sorted(p.name for p in directory.iterdir() if not p.name.startswith("."))


# init


def test_init_makes_a_workspace_and_prints_its_directory(workspace: Call, here: Path) -> None:
    done = workspace("new/book", "init")
    assert (done.code, done.err, done.out) == (0, "", f"{here / 'new/book'}\n")
    assert listed(here / "new/book") == ["mets.xml"]
    assert Workspace.open(directory=here / "new/book").mets.pages == []


def test_init_without_directory_is_here(call: Call, here: Path) -> None:
    assert call("ocrd-rapid", "workspace", "init").code == 0
    assert (here / "mets.xml").is_file()


def test_the_mets_may_have_another_name(workspace: Call, here: Path) -> None:
    assert workspace("book", "-m", "my.xml", "init").code == 0
    assert listed(here / "book") == ["my.xml"]


def test_a_mets_that_is_there_is_kept(workspace: Call, book: Path, snapshot: Snapshot) -> None:
    before = snapshot()
    done = workspace(book, "init")
    assert done.code == 10
    (complaint,) = done.complaints
    assert f"{book / 'mets.xml'} exists already; replace it with --clobber-mets" in complaint
    assert snapshot() == before


def test_a_mets_that_is_there_is_replaced_when_asked_to(workspace: Call, book: Path) -> None:
    assert workspace(book, "init", "--clobber-mets").code == 0
    assert Workspace.open(directory=book).mets.pages == []


def test_a_work_may_have_an_identifier_from_the_start_or_get_one(
    workspace: Call, here: Path
) -> None:
    assert workspace("book", "init", "--id", "urn:nbn:de:1").code == 0
    assert workspace("book", "get-id").out == "urn:nbn:de:1\n"
    assert workspace("book", "set-id", "urn:<&>").code == 0
    assert workspace("book", "get-id").out == "urn:<&>\n"
    text = (here / "book" / "mets.xml").read_text()
    assert text.count("<mods:identifier") == 1
    assert '<mods:identifier type="urn">urn:&lt;&amp;&gt;</mods:identifier>' in text


def test_without_a_suitable_identifier_a_purl_is_made(workspace: Call, book: Path) -> None:
    mets = book / "mets.xml"
    mets.write_text(mets.read_text().replace('type="urn"', 'type="isbn"'))
    assert workspace(book, "get-id").out == ""
    assert workspace(book, "set-id", "http://purl/x").code == 0
    assert workspace(book, "get-id").out == "http://purl/x\n"
    assert '<mods:identifier type="purl">http://purl/x</mods:identifier>' in mets.read_text()


def test_without_mods_there_is_no_place_for_an_identifier(workspace: Call, book: Path) -> None:
    mets = book / "mets.xml"
    mets.write_text(mets.read_text().replace("mods:mods", "mods:other"))
    mets.write_text(mets.read_text().replace('type="urn"', 'type="isbn"'))
    done = workspace(book, "set-id", "x")
    assert done.code == 8
    assert "has no MODS section" in done.complaints[0]


# add


def test_a_file_from_outside_is_copied_into_its_group(
    workspace: Call, book: Path, scan: Path
) -> None:
    done = workspace(book, *ADD, scan.name)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert files(book) == [MetsFile("SCAN_1", "SCAN", "P_9", "image/png", "SCAN/scan.png")]
    assert (book / "SCAN" / "scan.png").read_bytes() == picture(1)
    assert Workspace.open(directory=book).mets.pages == ["P_1", "P_2", "P_9"]


def test_a_file_of_the_workspace_stays_where_it_is(
    workspace: Call, book: Path, snapshot: Snapshot
) -> None:
    before = set(snapshot())
    assert workspace(book, *ADD, book / "IMG" / "1.png").code == 0
    assert files(book)[0].path == "IMG/1.png"
    assert set(snapshot()) == before


def test_a_file_may_be_named_relative_to_the_workspace(workspace: Call, book: Path) -> None:
    assert workspace(book, *ADD, "IMG/2.png").code == 0
    assert files(book)[0].path == "IMG/2.png"


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("a.png", "image/png"), ("a.PNG", "image/png"), ("a.jpg", "image/jpeg"),
        ("a.jpeg", "image/jpeg"), ("a.tif", "image/tiff"), ("a.tiff", "image/tiff"),
        ("a.jp2", "image/jp2"), ("a.webp", "image/webp"), ("a.xml", MIMETYPE_PAGE),
    ],
)  # fmt: skip
def test_the_media_type_is_known_by_the_suffix(
    workspace: Call, book: Path, here: Path, name: str, mimetype: str
) -> None:
    (here / name).write_bytes(b"x")
    assert workspace(book, *ADD, name).code == 0
    assert files(book)[0].mimetype == mimetype


def test_a_media_type_that_is_given_counts(workspace: Call, book: Path, scan: Path) -> None:
    assert workspace(book, *ADD, "-m", "image/x-own", scan).code == 0
    assert files(book)[0].mimetype == "image/x-own"


def test_a_file_needs_no_page(workspace: Call, book: Path, scan: Path) -> None:
    assert workspace(book, "add", "-G", "SCAN", "-i", "SCAN_1", scan).code == 0
    assert files(book)[0].page_id == ""
    assert Workspace.open(directory=book).mets.pages == ["P_1", "P_2"]


def test_a_file_of_the_same_id_is_replaced_when_asked_to(
    workspace: Call, book: Path, scan: Path
) -> None:
    assert workspace(book, *ADD, scan).code == 0
    scan.write_bytes(picture(2))
    assert workspace(book, *ADD, scan, "--force").code == 0
    assert [file.id for file in files(book)] == ["SCAN_1"]
    assert (book / "SCAN" / "scan.png").read_bytes() == picture(2)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((*ADD, "nothing.png"), 8, "file nothing.png does not exist"),
        ((*ADD, "."), 8, "file . does not exist"),
        ((*ADD, "notes"), 2, "is unknown; give it with --mimetype"),
        (("add", "-G", "../up", "-i", "a", "scan.png"), 8, "file group '../up' is not allowed"),
        (("add", "-G", "SCAN", "-i", "../a", "scan.png"), 8, "file ID '../a' is not allowed"),
        (("add", "-G", "SCAN", "-i", "a", "-g", "ä", "scan.png"), 8, "page ID 'ä' is not allowed"),
        (("add", "-G", "SCAN", "-i", "IMG_1", "scan.png"), 10,
         "a file with ID IMG_1 is already in the METS; replace it with --force"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_one_line_and_changes_nothing(
    workspace: Call,
    book: Path,
    here: Path,
    scan: Path,
    snapshot: Snapshot,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    (here / "notes").write_text("no suffix")
    before = snapshot()
    done = workspace(book, *arguments)
    assert (done.code, done.out) == (code, "")
    (complaint,) = done.complaints
    assert complaint.startswith("ocrd-rapid: error: ")
    assert message in complaint
    assert snapshot() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.4", "it is a PDF"),
        (tiff({}, {}), "scan.png holds 2 pages; add-images splits it"),
        (tiff({}), "scan.png is image/tiff, not image/png"),
    ],
)
def test_what_will_not_be_read_as_the_image_it_is_entered_as_is_said(
    workspace: Call, book: Path, scan: Path, content: bytes, words: str
) -> None:
    scan.write_bytes(content)
    done = workspace(book, *ADD, scan.name)
    assert done.code == 0
    assert words in done.err
    assert "WARNING" in done.complaints[0]
    assert len(files(book)) == 1
    assert workspace(book, "add", "-G", "X", "-i", "X_1", "-m", "text/plain", scan.name).err == ""


@pytest.mark.parametrize(
    ("page", "proposal"), [("00009", "PHYS_00009"), ("1 a", "PHYS_1_a"), ("1..3", "PHYS_1_3")]
)
def test_of_a_page_that_cannot_have_its_name_another_is_proposed(
    workspace: Call, book: Path, scan: Path, page: str, proposal: str, snapshot: Snapshot
) -> None:
    before = snapshot()
    for how in (("add", "-i", "a"), ("bulk-add", "-r", ".*")):
        done = workspace(book, *how, "-G", "SCAN", "-g", page, scan.name)
        assert done.code == 8
        assert f"page ID '{page}' is not allowed" in done.complaints[0]
        assert done.complaints[0].endswith(f"for example {proposal}")
    assert snapshot() == before


def test_a_page_that_is_there_keeps_its_name(workspace: Call, book: Path, scan: Path) -> None:
    assert workspace(book, *ADD, scan.name).code == 0
    mets = book / "mets.xml"
    mets.write_text(mets.read_text().replace('ID="P_9"', 'ID="00009"'))
    again = workspace(book, "add", "-G", "X", "-i", "X_1", "-g", "00009", scan.name)
    assert again.code == 0
    assert [file.page_id for file in files(book, "X")] == ["00009"]


def test_another_file_of_the_same_name_is_not_replaced(
    workspace: Call, book: Path, here: Path, scan: Path, snapshot: Snapshot
) -> None:
    assert workspace(book, *ADD, scan).code == 0
    (here / "other").mkdir()
    (here / "other" / "scan.png").write_bytes(picture(3))
    before = snapshot()
    done = workspace(book, "add", "-G", "SCAN", "-i", "SCAN_2", "other/scan.png")
    assert done.code == 10
    assert "SCAN/scan.png already exists" in done.complaints[0]
    assert snapshot() == before


def test_without_a_workspace_the_command_that_makes_one_is_named(
    workspace: Call, here: Path, scan: Path, snapshot: Snapshot
) -> None:
    before = snapshot()
    done = workspace("book", *ADD, scan)
    assert done.code == 8
    assert f"ocrd-rapid workspace -d {here / 'book'} init" in done.complaints[0]
    assert snapshot() == before


@pytest.mark.parametrize("option", ["-C", "--check-file-exists"])
def test_core_s_option_that_a_file_must_exist_is_understood(
    workspace: Call, book: Path, scan: Path, option: str
) -> None:
    assert workspace(book, *ADD, option, scan).code == 0
    assert workspace(book, *ADD, "--force", option, "gone.png").code == 8


def test_a_url_is_noted_but_not_fetched(workspace: Call, book: Path, snapshot: Snapshot) -> None:
    before = set(snapshot())
    url = "https://example.org/a/scan.jpg?size=full"
    assert workspace(book, *ADD, url).code == 0
    assert files(book) == [MetsFile("SCAN_1", "SCAN", "P_9", "image/jpeg", "", url)]
    assert set(snapshot()) - before <= {"book/.mets.xml.lock"}
    done = workspace(book, *ADD, "--force", "https://example.org/a")
    assert done.code == 2
    assert "the media type of https://example.org/a is unknown" in done.complaints[0]


def test_a_link_in_the_workspace_is_in_it(workspace: Call, book: Path, scan: Path) -> None:
    (book / "IMG" / "link.png").symlink_to(scan)
    assert workspace(book, *ADD, book / "IMG" / "link.png").code == 0
    assert files(book)[0].path == "IMG/link.png"
    assert (book / "IMG" / "link.png").is_symlink()


def test_a_file_of_the_workspace_comes_before_one_of_the_current_directory(
    workspace: Call, book: Path, here: Path
) -> None:
    (here / "IMG").mkdir()
    (here / "IMG" / "1.png").write_bytes(b"another")
    assert workspace(book, *ADD, "IMG/1.png").code == 0
    assert files(book)[0].path == "IMG/1.png"


@pytest.mark.parametrize("missing", ["-G", "-i"])
def test_group_and_id_are_required(
    workspace: Call, book: Path, scan: Path, snapshot: Snapshot, missing: str
) -> None:
    before = snapshot()
    at = ADD.index(missing)
    done = workspace(book, *ADD[:at], *ADD[at + 2 :], scan)
    assert done.code == 2
    assert f"'{missing}'" in done.err
    assert snapshot() == before
