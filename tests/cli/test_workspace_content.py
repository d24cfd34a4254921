# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid workspace: showing, finding, removing and checking what is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ocrd_rapid.workspace.contents import Agent, MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]
Snapshot = Callable[[], dict[str, bytes | None]]


@pytest.fixture
def workspace(call: Call, book: Path) -> Call:
    """Return a function that calls ``ocrd-rapid workspace -d BOOK …``.

    To the images there is a group SEG: XML on both pages, a copy on none, a remote file.
    """
    files = Workspace.open(directory=book)
    (book / "SEG").mkdir()
    for n in (1, 2):
        path = f"SEG/SEG_{n}.xml"
        (book / path).write_text("<a/>")
        files.mets.add_file(MetsFile(f"SEG_{n}", "SEG", f"P_{n}", MIMETYPE_PAGE, path))
    files.mets.add_file(MetsFile("COPY", "SEG", "", "image/png", "IMG/1.png"))
    files.mets.add_file(MetsFile("FAR", "FAR", "P_1", "image/tiff", "", "https://a.b/c.d.tif"))
    notes = {"input-file-grp": "IMG", "output-file-grp": "SEG"}
    files.mets.add_agent(Agent("ocrd-x v1", "layout/segmentation", notes))
    files.save()
    return partial(call, "ocrd-rapid", "workspace", "-d", book)


def lines(outcome: Any) -> list[str]:
    assert (outcome.code, outcome.complaints) == (0, [])
    return outcome.out.splitlines()


# list


def test_the_overview_shows_pages_groups_and_steps(workspace: Call, book: Path) -> None:
    size = sum((book / "IMG" / f"{n}.png").stat().st_size for n in (1, 2))
    shown = lines(workspace("list"))
    assert shown[0] == f"METS:        {book / 'mets.xml'}"
    assert shown[1].startswith("Identifier:  urn:uuid:")
    assert shown[2] == "Pages:       2 (P_1 to P_2)"
    assert shown[4].split() == ["File", "group", "Files", "Pages", "Size", "Missing"]
    assert shown[5].split() == ["IMG", "2", "2", str(size), "B", "0"]
    assert shown[7].split() == ["FAR", "1", "1", "0", "B", "0"]
    assert shown[-1].split() == ["ocrd-x", "v1", "layout/segmentation", "IMG", "SEG"]


def test_the_overview_as_json(workspace: Call, book: Path) -> None:
    (book / "SEG" / "SEG_1.xml").unlink()
    report = json.loads(workspace("list", "--json").out)
    assert report["pages"] == ["P_1", "P_2"]
    assert report["groups"][1:] == [
        {"name": "SEG", "files": 3, "pages": 2, "remote": 0, "missing": 1,
         "bytes": 4 + (book / "IMG" / "1.png").stat().st_size},
        {"name": "FAR", "files": 1, "pages": 1, "bytes": 0, "remote": 1, "missing": 0},
    ]  # fmt: skip
    assert report["steps"][-1]["notes"] == {"input-file-grp": "IMG", "output-file-grp": "SEG"}


def test_an_empty_workspace_has_an_overview_too(call: Call, here: Path) -> None:
    assert call("ocrd-rapid", "workspace", "init").code == 0
    shown = lines(call("ocrd-rapid", "workspace", "list"))
    assert shown[2] == "Pages:       0"
    assert not any(line.startswith("File group") for line in shown)


# list-group, list-page


def test_groups_are_listed(workspace: Call) -> None:
    assert lines(workspace("list-group")) == ["IMG", "SEG", "FAR"]


@pytest.fixture
def pages(workspace: Call, book: Path) -> Call:
    """Return a function that calls ``list-page`` for a METS of five pages with attributes."""
    text = (book / "mets.xml").read_text()
    more = "".join(f'<mets:div TYPE="page" ID="P_{n}" ORDER="{n}"/>' for n in (3, 4, 5))
    at = text.rindex("</mets:div>\n  </mets:structMap>")
    text = text[:at] + more + text[at:]
    (book / "mets.xml").write_text(text.replace('ID="P_1"', 'ID="P_1" LABEL="Title, page"'))
    return partial(workspace, "list-page")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["P_1", "P_2", "P_3", "P_4", "P_5"]),
        (("-k", "ID", "-k", "ORDER", "-r", "P_2..P_3"), ["P_2\t", "P_3\t3"]),
        (("-k", "LABEL", "-r", "physical:label:Title, page"), None),
        (("-f", "comma-separated"), ["P_1,P_2,P_3,P_4,P_5"]),
        (("-f", "comma-separated", "-D", "2"), ["P_1,P_2,P_3", "P_4,P_5"]),
        (("-f", "comma-separated", "-D", "3"), ["P_1,P_2", "P_3,P_4", "P_5"]),
        (("-f", "comma-separated", "-D", "3", "-C", "1"), ["P_3,P_4"]),
        (("-D", "5", "-C", "-1"), ["P_5"]),
        (("-R", "2..3"), ["P_2", "P_3"]),
        (("-R", "4..99", "-f", "json", "-D", "2"), ['[[["P_4"]], [["P_5"]]]']),
        (("-R", "9..10"), []),
        (("-r", "~P_2..P_5", "-f", "json"), ['[[["P_1"]]]']),
    ],
)
def test_pages_are_listed(
    pages: Call, arguments: tuple[str, ...], expected: list[str] | None
) -> None:
    done = pages(*arguments)
    if expected is None:
        assert done.code == 2  # a comma is always a separator
    else:
        assert lines(done) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-r", "P_9"), "--page-id: 'P_9' matches none"),
        (("-R", "3..1"), "--numeric-range '3..1' is not FIRST..LAST"),
        (("-R", "0..1"), "is not FIRST..LAST"),
        (("-R", "a..b"), "is not FIRST..LAST"),
        (("-R", "1"), "is not FIRST..LAST"),
        (("-D", "6"), "--chunk-number 6: there are only 5 pages"),
        (("-D", "2", "-C", "2"), "--chunk-index 2: there are only 2 parts"),
        (("-D", "0"), "-D"),
        (("-k", "SIZE"), "-k"),
    ],
)
def test_pages_that_cannot_be_listed(pages: Call, arguments: tuple[str, ...], message: str) -> None:
    done = pages(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.complaints[0]


# find


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ["IMG_1", "IMG_2", "SEG_1", "SEG_2", "COPY", "FAR"]),
        (("-G", "SEG"), ["SEG_1", "SEG_2", "COPY"]),
        (("-G", "//S.*|FAR"), ["SEG_1", "SEG_2", "COPY", "FAR"]),
        (("-G", "//S"), []),
        (("-i", "//.*_2"), ["IMG_2", "SEG_2"]),
        (("-i", "FAR"), ["FAR"]),
        (("-g", "P_1"), ["IMG_1", "SEG_1", "FAR"]),
        (("-g", "P_1..P_2", "-G", "SEG"), ["SEG_1", "SEG_2"]),
        (("-g", "~P_1"), ["IMG_2", "SEG_2"]),
        (("-m", "//image/.*", "-Q", "FAR"), ["IMG_1", "IMG_2", "COPY"]),
        (("-m", "image/png", "-q", "SEG", "-q", "FAR"), ["COPY"]),
        (("-m", "nothing"), []),
    ],
)
def test_files_are_found(workspace: Call, arguments: tuple[str, ...], expected: list[str]) -> None:
    assert lines(workspace("find", "-k", "ID", *arguments)) == expected


def test_fields_of_files_are_printed_with_tabs_between(workspace: Call) -> None:
    fields = ("local_filename", "url", "mimetype", "pageId", "page_id", "ID", "file_id", "fileGrp",
              "file_grp", "basename", "basename_without_extension")  # fmt: skip
    options = [option for field in fields for option in ("-k", field)]
    (near,) = lines(workspace("find", "-i", "SEG_1", *options))
    assert near.split("\t") == ["SEG/SEG_1.xml", "", MIMETYPE_PAGE, "P_1", "P_1", "SEG_1", "SEG_1",
                                "SEG", "SEG", "SEG_1.xml", "SEG_1"]  # fmt: skip
    (far,) = lines(workspace("find", "-i", "FAR", *options))
    assert far.split("\t")[:2] + far.split("\t")[-2:] == ["", "https://a.b/c.d.tif", "c.d.tif", "c"]
    assert lines(workspace("find", "-G", "IMG")) == ["IMG/1.png", "IMG/2.png"]
    assert lines(workspace("find", "-G", "FAR", "-o", "url")) == ["https://a.b/c.d.tif"]


def test_files_are_found_as_json(workspace: Call) -> None:
    assert json.loads(workspace("find", "-i", "FAR", "--json").out) == [
        {"file_id": "FAR", "file_grp": "FAR", "page_id": "P_1", "mimetype": "image/tiff",
         "local_filename": "", "url": "https://a.b/c.d.tif"}
    ]  # fmt: skip
    assert json.loads(workspace("find", "-i", "no", "--json").out) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("-i", "//("), "invalid regular expression '('"), (("-g", "P_9"), "'P_9' matches none")],
)
def test_filters_that_are_wrong(workspace: Call, arguments: tuple[str, ...], message: str) -> None:
    done = workspace("find", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.complaints[0]


# remove


def identifiers(book: Path) -> list[str]:
    mets = Workspace.open(directory=book).mets
    return [file.id for group in mets.groups for file in mets.files(group)]


@pytest.mark.parametrize(
    ("arguments", "gone", "deleted"),
    [
        (("SEG_1",), {"SEG_1"}, {"SEG/SEG_1.xml"}),
        (("//SEG_.*",), {"SEG_1", "SEG_2"}, {"SEG/SEG_1.xml", "SEG/SEG_2.xml"}),
        (("-k", "SEG_1", "IMG_2"), {"SEG_1", "IMG_2"}, set()),
        (("-k", "FAR"), {"FAR"}, set()),
        (("-f", "FAR", "none", "SEG_2"), {"FAR", "SEG_2"}, {"SEG/SEG_2.xml"}),
        (("//none",), set(), set()),
        # another entry names the same file
        (("COPY",), {"COPY"}, set()),
        (("COPY", "IMG_1"), {"COPY", "IMG_1"}, {"IMG/1.png"}),
    ],
)  # fmt: skip
def test_files_are_removed(
    workspace: Call, book: Path, arguments: tuple[str, ...], gone: set[str], deleted: set[str]
) -> None:
    before, paths = identifiers(book), {p for p in book.rglob("*") if p.is_file()}
    assert lines(workspace("remove", *arguments)) == []
    assert identifiers(book) == [i for i in before if i not in gone]
    left = {p for p in book.rglob("*") if p.is_file()}
    assert {p.relative_to(book).as_posix() for p in paths - left} == deleted


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("SEG_1", "none", "nor"),
            8,
            "file none, nor is not in the METS (--force ignores this)",
        ),
        (("FAR",), 8, "file FAR is not on disk (https://a.b/c.d.tif)"),
        (("//[",), 2, "invalid regular expression '['"),
        ((), 2, "ID"),
    ],
)
def test_what_cannot_be_removed_changes_nothing(
    workspace: Call, snapshot: Snapshot, arguments: tuple[str, ...], code: int, message: str
) -> None:
    before = snapshot()
    done = workspace("remove", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.complaints[0]
    assert snapshot() == before


def test_a_file_that_is_gone_needs_force(workspace: Call, book: Path) -> None:
    (book / "SEG" / "SEG_1.xml").unlink()
    done = workspace("remove", "SEG_1")
    assert done.code == 8
    assert "remove its entry with --force or -k" in done.complaints[0]
    assert workspace("remove", "-f", "SEG_1").code == 0
    assert "SEG_1" not in identifiers(book)


def test_nothing_outside_of_the_workspace_is_deleted(
    workspace: Call, book: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "precious.png"
    outside.write_bytes(b"x")
    (book / "elsewhere").symlink_to(tmp_path)
    (book / "link.png").symlink_to(outside)
    files = Workspace.open(directory=book)
    for name, path in (("A", "../precious.png"), ("B", str(outside)),
                       ("C", "elsewhere/precious.png"), ("D", "link.png")):  # fmt: skip
        files.mets.add_file(MetsFile(name, "OUT", "", "image/png", path))
    files.save()
    done = workspace("remove", "A", "B", "C", "D")
    assert done.code == 0
    assert done.err.count("is outside the workspace and is kept") == 3
    assert outside.read_bytes() == b"x"
    assert not (book / "link.png").is_symlink()
    assert "OUT" not in [i for i in identifiers(book) if i in "ABCD"]


# remove-group


def test_a_group_is_removed_with_its_files_and_directory(workspace: Call, book: Path) -> None:
    assert lines(workspace("remove-group", "-r", "SEG")) == []
    assert Workspace.open(directory=book).mets.groups == ["IMG", "FAR"]
    assert not (book / "SEG").exists()
    assert (book / "IMG" / "1.png").exists()


def test_a_directory_with_other_files_stays(workspace: Call, book: Path) -> None:
    (book / "SEG" / "notes.txt").write_text("x")
    assert lines(workspace("remove-group", "-r", "SEG")) == []
    assert [p.name for p in (book / "SEG").iterdir()] == ["notes.txt"]


def test_the_files_of_a_group_may_be_kept(workspace: Call, book: Path) -> None:
    assert lines(workspace("remove-group", "-r", "-k", "//SEG|FAR")) == []
    assert Workspace.open(directory=book).mets.groups == ["IMG"]
    assert (book / "SEG" / "SEG_1.xml").exists()


def test_an_empty_group_needs_no_recursion(workspace: Call, book: Path) -> None:
    assert lines(workspace("remove", "-k", "FAR")) == []
    assert Workspace.open(directory=book).mets.groups == ["IMG", "SEG", "FAR"]
    assert lines(workspace("remove-group", "FAR")) == []
    assert lines(workspace("remove-group", "-f", "FAR")) == []
    assert Workspace.open(directory=book).mets.groups == ["IMG", "SEG"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("SEG",), 2, "file group SEG is not empty; also remove its files with --recursive"),
        (("-r", "NO"), 8, "file group NO is not in the METS (--force ignores this)"),
        (("-r", "FAR"), 8, "file FAR is not on disk"),
    ],
)
def test_what_group_cannot_be_removed_stays(
    workspace: Call, snapshot: Snapshot, arguments: tuple[str, ...], code: int, message: str
) -> None:
    before = snapshot()
    done = workspace("remove-group", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.complaints[0]
    assert snapshot() == before


# prune-files


def test_entries_without_files_are_pruned(workspace: Call, book: Path) -> None:
    (book / "SEG" / "SEG_1.xml").unlink()
    (book / "IMG" / "2.png").unlink()
    assert lines(workspace("prune-files", "-G", "SEG")) == []
    assert identifiers(book) == ["IMG_1", "IMG_2", "SEG_2", "COPY", "FAR"]
    assert lines(workspace("prune-files")) == []
    assert identifiers(book) == ["IMG_1", "SEG_2", "COPY"]


# validate


def test_a_sound_workspace_is_valid(call: Call, book: Path) -> None:
    done = call("ocrd-rapid", "workspace", "-d", book, "validate", "-s", "pixel_density")
    assert done.code == 0
    report = ET.fromstring(done.out)
    assert report.attrib == {"valid": "true"}
    assert {child.tag for child in report} <= {"notice"}


def test_faults_make_exit_code_8_and_are_reported_as_xml(call: Call, book: Path) -> None:
    (book / "IMG" / "1.png").write_bytes(b"<&>")
    done = call("ocrd-rapid", "workspace", "-d", book, "validate")
    assert (done.code, done.err) == (8, "")
    report = ET.fromstring(done.out)
    assert report.attrib == {"valid": "false"}
    errors = [e.text for e in report.iter("error")]
    assert "file IMG_1: 'IMG/1.png' is xml, not image/png" in errors
    order = [child.tag for child in report]
    assert order == sorted(order, key=["warning", "error", "notice"].index)


def test_the_report_as_json(call: Call, book: Path) -> None:
    (book / "IMG" / "1.png").unlink()
    done = call("ocrd-rapid", "workspace", "-d", book, "validate", "--json")
    assert done.code == 8
    report = json.loads(done.out)
    assert report["valid"] is False
    assert {
        "severity": "error", "check": "mets_files", "where": "file IMG_1",
        "what": "'IMG/1.png' does not exist",
    } in report["findings"]  # fmt: skip


def test_checks_can_be_left_out(call: Call, book: Path) -> None:
    (book / "IMG" / "1.png").unlink()
    validate = partial(call, "ocrd-rapid", "workspace", "-d", book, "validate")
    assert validate("-s", "mets_files").code == 0
    assert validate("-s", "url").code == 8
    assert validate("-s", "nothing").code == 2
    assert validate("-Q", "IMG", "-s", "mets_files").code == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 8), (("--page-textequiv-consistency", "lax"), 8), (("--page-strictness", "off"), 0),
     (("-s", "page"), 0)],
)  # fmt: skip
def test_strictness_can_be_chosen(
    call: Call, book: Path, options: tuple[str, ...], code: int
) -> None:
    page = (
        '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"'
        ' pcGtsId="X"><Metadata><Creator/><Created/><LastChange/></Metadata>'
        '<Page imageFilename="IMG/1.png" imageWidth="40" imageHeight="30">'
        '<TextRegion id="r"><Coords points="1,1 9,1 9,9 1,9"/><TextLine id="l">'
        '<Coords points="1,1 9,1 9,9 1,9"/><TextEquiv><Unicode>a</Unicode></TextEquiv></TextLine>'
        "<TextEquiv><Unicode>b</Unicode></TextEquiv></TextRegion></Page></PcGts>"
    )
    (book / "x.xml").write_text(page)
    add = ("add", "-G", "OCR-D-SEG", "-i", "X", "x.xml")
    assert call("ocrd-rapid", "workspace", "-d", book, *add).code == 0
    assert call("ocrd-rapid", "workspace", "-d", book, "validate", *options).code == code


def test_a_mets_that_is_missing_is_in_the_report(call: Call, here: Path) -> None:
    done = call("ocrd-rapid", "workspace", "validate")
    assert done.code == 8
    assert "does not exist" in (ET.fromstring(done.out).findtext("error") or "")
