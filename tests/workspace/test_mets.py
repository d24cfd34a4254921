# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""METS: reading, changing, and writing it back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from ocrd_rapid.errors import MetsError
from ocrd_rapid.workspace import xml
from ocrd_rapid.workspace.contents import (
    Agent,
    LogicalDivision,
    MetsFile,
    PhysicalPage,
    Structure,
)
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets import Mets

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "reference" / "golden"

NS = {"mets": "http://www.loc.gov/METS/", "xlink": "http://www.w3.org/1999/xlink"}
HREF = "{http://www.w3.org/1999/xlink}href"

#: As core 3.13.3 writes it: two pages, one group of images.
SMALL = b"""<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink">
  <mets:metsHdr CREATEDATE="2020-01-02T03:04:05">
    <mets:agent TYPE="OTHER" OTHERTYPE="SOFTWARE" ROLE="CREATOR">
      <mets:name>a scanner</mets:name>
      <mets:note xmlns:ocrd="https://ocr-d.de" ocrd:option="page-id"/>
    </mets:agent>
    <mets:altRecordID>17</mets:altRecordID>
  </mets:metsHdr>
  <mets:dmdSec ID="DMD">
    <!-- who knows what this is -->
    <mets:mdWrap MDTYPE="OTHER" unknown="kept">
      <mets:xmlData>
        <own:title xmlns:own="urn:own">\xc3\x84rger &amp; \xc3\x96l</own:title>
      </mets:xmlData>
    </mets:mdWrap>
  </mets:dmdSec>
  <mets:fileSec>
    <mets:fileGrp USE="IMG">
      <mets:file ID="IMG_2" MIMETYPE="image/tiff">
        <mets:FLocat LOCTYPE="OTHER" OTHERLOCTYPE="FILE" xlink:href="IMG/2.tif"/>
      </mets:file>
      <mets:file ID="IMG_1" MIMETYPE="image/tiff">
        <mets:FLocat LOCTYPE="OTHER" OTHERLOCTYPE="FILE" xlink:href="IMG/1.tif"/>
      </mets:file>
    </mets:fileGrp>
  </mets:fileSec>
  <mets:structMap TYPE="LOGICAL">
    <mets:div TYPE="book" ID="LOG_1"/>
  </mets:structMap>
  <mets:structMap TYPE="PHYSICAL">
    <mets:div TYPE="physSequence">
      <mets:div TYPE="page" ID="P_1">
        <mets:fptr FILEID="IMG_1"/>
      </mets:div>
      <mets:div TYPE="page" ID="P_2">
        <mets:fptr FILEID="IMG_2"/>
      </mets:div>
    </mets:div>
  </mets:structMap>
</mets:mets>
"""

BARE = b"""<mets:mets xmlns:mets="http://www.loc.gov/METS/"
    xmlns:xlink="http://www.w3.org/1999/xlink">%s</mets:mets>"""


def parse(data: bytes) -> Mets:
    return Mets(xml.parse(data))


def tree(mets: Mets) -> etree._Element:
    """Return what a reader of the written METS sees."""
    return etree.fromstring(mets.to_bytes())


def located(locations: str) -> MetsFile:
    """Return the file that has these FLocat elements."""
    section = (
        '<mets:fileSec><mets:fileGrp USE="G"><mets:file ID="F" MIMETYPE="image/png">'
        f"{locations}</mets:file></mets:fileGrp></mets:fileSec>"
    )
    file = parse(BARE % section.encode()).file("F")
    assert file is not None
    return file


# Reading


def test_pages_come_in_the_order_of_the_physical_structure() -> None:
    assert parse(SMALL).pages == ["P_1", "P_2"]


def test_files_come_in_the_order_of_their_group_with_all_they_have() -> None:
    assert list(parse(SMALL).files("IMG")) == [
        MetsFile("IMG_2", "IMG", "P_2", "image/tiff", "IMG/2.tif"),
        MetsFile("IMG_1", "IMG", "P_1", "image/tiff", "IMG/1.tif"),
    ]


def test_a_group_that_is_not_there_has_no_files() -> None:
    assert list(parse(SMALL).files("OCR")) == []


def test_a_file_is_found_by_its_id() -> None:
    found = parse(SMALL).file("IMG_1")
    assert found is not None
    assert (found.path, found.page_id) == ("IMG/1.tif", "P_1")
    assert parse(SMALL).file("IMG_3") is None


def test_pages_of_the_logical_structure_are_not_physical_pages() -> None:
    logical = b'<mets:structMap TYPE="LOGICAL"><mets:div TYPE="page" ID="L"/></mets:structMap>'
    assert parse(BARE % logical).pages == []


def test_a_file_without_a_page_has_an_empty_page_id() -> None:
    assert located('<mets:FLocat xlink:href="a.png"/>').page_id == ""


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("IMG/a.png", "IMG/a.png"),
        ("./IMG/a.png", "./IMG/a.png"),
        ("/scans/a.png", "/scans/a.png"),
        ("file:///scans/a.png", "/scans/a.png"),
        ("file:///scans/Seite%201.png", "/scans/Seite%201.png"),
        ("file://localhost/scans/a#1.png", "/scans/a#1.png"),
        ("file://IMG/a.png", "IMG/a.png"),
        ("file:IMG/a.png", "IMG/a.png"),
        ("IMG/a#1?.png", "IMG/a#1?.png"),
        ("scan:1.png", "scan:1.png"),
        ("IMG/100%25.png", "IMG/100%25.png"),
    ],
)
def test_a_location_of_type_url_may_be_a_local_path(href: str, path: str) -> None:
    file = located(f'<mets:FLocat LOCTYPE="URL" xlink:href="{href}"/>')
    assert (file.path, file.url) == (path, "")


@pytest.mark.parametrize("href", ["http://example.org/a.png", "https://example.org/a.png?x=1"])
def test_a_remote_location_is_a_url_and_no_path(href: str) -> None:
    file = located(f'<mets:FLocat LOCTYPE="URL" xlink:href="{href}"/>')
    assert (file.path, file.url) == ("", href)


def test_a_file_may_have_a_remote_and_a_local_location() -> None:
    file = located(
        '<mets:FLocat LOCTYPE="URL" xlink:href="https://example.org/a.png"/>'
        '<mets:FLocat LOCTYPE="OTHER" OTHERLOCTYPE="FILE" xlink:href="IMG/a.png"/>'
    )
    assert (file.path, file.url) == ("IMG/a.png", "https://example.org/a.png")


@pytest.mark.parametrize("kind", ['LOCTYPE="URL"', 'LOCTYPE="OTHER"', ""])
def test_the_local_location_counts_more_than_a_path_of_another_type(kind: str) -> None:
    file = located(
        f'<mets:FLocat {kind} xlink:href="elsewhere/a.png"/>'
        '<mets:FLocat LOCTYPE="OTHER" OTHERLOCTYPE="FILE" xlink:href="IMG/a.png"/>'
    )
    assert (file.path, file.url) == ("IMG/a.png", "")


def test_a_name_of_the_work_is_no_path() -> None:
    file = located(
        '<mets:FLocat LOCTYPE="URN" xlink:href="urn:nbn:de:1"/>'
        '<mets:FLocat LOCTYPE="URL" xlink:href="s3://bucket/a.png"/>'
    )
    assert (file.path, file.url) == ("", "s3://bucket/a.png")


def test_a_url_that_is_none_harms_no_other_file() -> None:
    text = SMALL.replace(b"IMG/2.tif", b"http://[bad/2.tif")
    assert [(file.path, file.url) for file in parse(text).files("IMG")] == [
        ("", "http://[bad/2.tif"),
        ("IMG/1.tif", ""),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'ID="IMG_2"', b'ID="IMG&#10;2"', r"file ID 'IMG\\n2' has control characters"),
        (b"IMG/2.tif", b"IMG/&#127;.tif", r"file IMG_2: path 'IMG/\\x7f.tif' has control"),
        (b'ID="P_2"', b'ID="P&#9;2"', r"page ID 'P\\t2' has control characters"),
    ],
)
def test_control_characters_are_refused(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(MetsError, match=message):
        list(parse(SMALL.replace(old, new)).files("IMG"))


# One ID twice


def test_a_file_of_two_pages_is_described_for_each() -> None:
    both = SMALL.replace(b'"IMG_1"/>', b'"IMG_1"/><mets:fptr FILEID="IMG_2"/>')
    mets = parse(both)
    assert [(file.id, file.page_id) for file in mets.files("IMG")] == [
        ("IMG_2", "P_1"), ("IMG_2", "P_2"), ("IMG_1", "P_1"),
    ]  # fmt: skip
    mets.remove_file("IMG_2")
    assert b"IMG_2" not in mets.to_bytes()


@pytest.mark.parametrize(
    "inside", [b'<mets:area FILEID="IMG_2"/>', b'<mets:seq><mets:area FILEID="IMG_2"/></mets:seq>']
)
def test_a_page_may_point_to_an_area_of_a_file(inside: bytes) -> None:
    pointer = b"<mets:fptr>" + inside + b"</mets:fptr>"
    mets = parse(SMALL.replace(b'<mets:fptr FILEID="IMG_2"/>', pointer))
    assert [(f.id, f.page_id) for f in mets.files("IMG")] == [("IMG_2", "P_2"), ("IMG_1", "P_1")]
    mets.remove_file("IMG_2")
    assert not tree(mets).findall(".//mets:div[@ID='P_2']/mets:fptr", NS)
    assert mets.pages == ["P_1", "P_2"]


TWO_GROUPS = SMALL.replace(
    b"  </mets:fileSec>",
    b"""    <mets:fileGrp USE="BIG">
      <mets:file ID="IMG_1" MIMETYPE="image/png">
        <mets:FLocat LOCTYPE="URL" xlink:href="http://x.org/1.png"/>
      </mets:file>
    </mets:fileGrp>
  </mets:fileSec>""",
)


def test_a_file_of_the_same_id_in_two_groups_is_that_of_the_group() -> None:
    mets = parse(TWO_GROUPS)
    assert [f.path for f in mets.files("IMG") if f.id == "IMG_1"] == ["IMG/1.tif"]
    assert list(mets.files("BIG")) == [
        MetsFile("IMG_1", "BIG", "P_1", "image/png", "", "http://x.org/1.png")
    ]
    assert mets.to_bytes() == TWO_GROUPS


@pytest.mark.parametrize("replayed", [False, True])
def test_changes_can_mean_the_file_of_one_group_only(replayed: bool) -> None:
    mets = parse(TWO_GROUPS)
    mets.set_path("IMG_1", "BIG/1.png", "BIG")
    if replayed:
        changes, mets = mets.changes, parse(TWO_GROUPS)
        mets.replay(changes)
    assert [f.path for f in mets.files("BIG")] == ["BIG/1.png"]
    mets.changes.clear()
    mets.remove_file("IMG_1", "BIG")
    if replayed:
        changes, mets = mets.changes, parse(TWO_GROUPS)
        mets.replay(changes)
    assert list(mets.files("BIG")) == []
    # The page still has the other one.
    assert [f.page_id for f in mets.files("IMG")] == ["P_2", "P_1"]
    mets.remove_file("IMG_1")
    assert [f.id for f in mets.files("IMG")] == ["IMG_2"]
    assert b"IMG_1" not in mets.to_bytes()


def test_a_file_without_location_has_neither_path_nor_url() -> None:
    file = located("")
    assert (file.path, file.url) == ("", "")


# Writing


def test_reading_and_writing_changes_no_byte() -> None:
    assert parse(SMALL).to_bytes() == SMALL


def test_the_golden_mets_of_core_survives_byte_for_byte() -> None:
    golden = GOLDEN / "example_mets_after.xml"
    if not golden.is_file():
        pytest.skip(f"{golden} is not here: nothing of core's to compare with")
    assert Mets.read(golden).to_bytes() == golden.read_bytes()


def test_a_step_repeated_on_cores_input_gives_cores_output() -> None:
    before = GOLDEN / "example_mets_before.xml"
    if not before.is_file():
        pytest.skip(f"{before} is not here: nothing of core's to compare with")
    golden = Mets.read(GOLDEN / "example_mets_after.xml")
    mets = Mets.read(before)
    parameter = (
        '{"need": "x", "flag": true, "model": "toy.model", "level": "line", "conf": 0.5,'
        ' "count": 2, "crash": "", "opts": {}, "langs": ["de"]}'
    )
    for file in golden.files("OCR-D-SEG"):
        mets.add_file(file)
    mets.add_agent(
        Agent(
            name="ocrd-toy v0.1.2",
            role="recognition/text-recognition",
            notes={
                "input-file-grp": "OCR-D-IMG",
                "output-file-grp": "OCR-D-SEG",
                "parameter": parameter,
                "page-id": "",
            },
        )
    )
    assert etree.tostring(tree(mets), method="c14n") == etree.tostring(
        etree.parse(GOLDEN / "example_mets_after.xml"), method="c14n"
    )


def test_writing_makes_the_file_that_reading_expects(tmp_path: Path) -> None:
    path = tmp_path / "mets.xml"
    parse(SMALL).write(path)
    assert path.read_bytes() == SMALL
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["mets.xml"]


# Adding, replacing, removing


def page_file(identifier: str = "OCR_1", page: str = "P_1", group: str = "OCR") -> MetsFile:
    return MetsFile(identifier, group, page, MIMETYPE_PAGE, f"{group}/{identifier}.xml")


def test_an_added_file_is_found_again_after_writing() -> None:
    mets = parse(SMALL)
    mets.add_file(page_file())
    for seen in (mets, Mets(tree(mets))):
        assert list(seen.files("OCR")) == [page_file()]
        assert seen.groups == ["IMG", "OCR"]
        assert seen.pages == ["P_1", "P_2"]


def test_an_added_file_is_written_as_core_writes_it() -> None:
    mets = parse(SMALL)
    mets.add_file(page_file())
    lines = [
        b'    <mets:fileGrp USE="OCR">',
        b'      <mets:file ID="OCR_1" MIMETYPE="application/vnd.prima.page+xml">',
        b'        <mets:FLocat xlink:href="OCR/OCR_1.xml" LOCTYPE="OTHER" OTHERLOCTYPE="FILE"/>',
        b"      </mets:file>",
        b"    </mets:fileGrp>",
    ]
    assert b"\n".join(lines) in mets.to_bytes()


def test_a_remote_file_is_written_as_a_url() -> None:
    mets = parse(SMALL)
    mets.add_file(MetsFile("R", "OCR", "P_1", "image/png", "", "https://example.org/r.png"))
    (location,) = tree(mets).findall(".//mets:file[@ID='R']/mets:FLocat", NS)
    assert dict(location.attrib) == {HREF: "https://example.org/r.png", "LOCTYPE": "URL"}


def test_a_file_with_both_is_written_with_both() -> None:
    mets = parse(SMALL)
    both = MetsFile("R", "OCR", "P_1", "image/png", "OCR/r.png", "https://example.org/r.png")
    mets.add_file(both)
    assert Mets(tree(mets)).file("R") == both


def test_the_pointers_of_a_page_come_in_the_order_in_which_files_were_added() -> None:
    mets = parse(SMALL)
    mets.add_file(page_file("B_1"))
    mets.add_file(page_file("A_1"))
    pointers = tree(mets).findall(".//mets:div[@ID='P_1']/mets:fptr", NS)
    assert [p.get("FILEID") for p in pointers] == ["IMG_1", "B_1", "A_1"]


def test_a_file_of_a_new_page_makes_the_page() -> None:
    mets = parse(SMALL)
    mets.add_file(page_file("OCR_3", page="P_3"))
    assert mets.pages == ["P_1", "P_2", "P_3"]
    sequence = tree(mets).find(".//mets:div[@TYPE='physSequence']", NS)
    assert sequence is not None
    assert [(d.get("ID"), d.get("TYPE")) for d in sequence][-1] == ("P_3", "page")


def test_a_file_without_a_page_gets_no_pointer() -> None:
    mets = parse(SMALL)
    mets.add_file(page_file("OCR_X", page=""))
    assert mets.pages == ["P_1", "P_2"]
    assert b'FILEID="OCR_X"' not in mets.to_bytes()


def test_file_section_and_structure_are_made_where_they_are_missing() -> None:
    mets = parse(BARE % b'<mets:metsHdr/><mets:dmdSec ID="D"/><mets:behaviorSec/>')
    mets.add_file(page_file())
    root = tree(mets)
    assert [etree.QName(e).localname for e in root] == [
        "metsHdr", "dmdSec", "fileSec", "structMap", "behaviorSec",
    ]  # fmt: skip
    assert root.xpath("string(mets:structMap/@TYPE)", namespaces=NS) == "PHYSICAL"
    assert root.xpath(
        "count(mets:structMap/mets:div[@TYPE='physSequence']/mets:div[@ID='P_1'])", namespaces=NS
    ) == 1  # fmt: skip
    assert list(Mets(root).files("OCR")) == [page_file()]


def test_the_file_section_goes_before_structures_that_are_there() -> None:
    mets = parse(BARE % b'<mets:structMap TYPE="LOGICAL"/>')
    mets.add_file(page_file())
    names = [(etree.QName(e).localname, e.get("TYPE")) for e in tree(mets)]
    assert names == [("fileSec", None), ("structMap", "LOGICAL"), ("structMap", "PHYSICAL")]


def test_a_file_of_the_same_id_is_replaced_and_goes_to_the_end() -> None:
    mets = parse(SMALL)
    new = MetsFile("IMG_2", "IMG", "P_1", "image/png", "IMG/new.png")
    mets.add_file(new)
    written = Mets(tree(mets))
    assert [f.id for f in written.files("IMG")] == ["IMG_1", "IMG_2"]
    assert written.file("IMG_2") == mets.file("IMG_2") == new
    assert mets.to_bytes().count(b'FILEID="IMG_2"') == 1


def test_a_removed_file_leaves_no_trace_and_its_page_stays() -> None:
    mets = parse(SMALL)
    mets.remove_file("IMG_2")
    assert mets.file("IMG_2") is None
    assert [f.id for f in mets.files("IMG")] == ["IMG_1"]
    assert mets.pages == ["P_1", "P_2"]
    assert b"IMG_2" not in mets.to_bytes()


def test_a_removed_file_leaves_no_trace_on_any_of_its_pages() -> None:
    second = b'<mets:fptr FILEID="IMG_2"/>\n        <mets:fptr FILEID="IMG_1"/>'
    mets = parse(SMALL.replace(b'<mets:fptr FILEID="IMG_2"/>', second))
    mets.remove_file("IMG_1")
    assert b"IMG_1" not in mets.to_bytes()


def test_removing_a_file_that_is_not_there_changes_nothing() -> None:
    mets = parse(SMALL)
    mets.remove_file("IMG_9")
    assert mets.to_bytes() == SMALL


def test_adding_and_removing_a_file_leaves_the_other_files_alone() -> None:
    mets = parse(SMALL)
    before = list(mets.files("IMG"))
    mets.add_file(page_file())
    mets.remove_file("OCR_1")
    assert list(mets.files("IMG")) == before
    assert list(mets.files("OCR")) == []


@pytest.mark.parametrize("bad", ["", "1st", "a b", "a/b", "../up", "ä", "a:b", "-a", ".a"])
def test_ids_that_could_leave_the_workspace_are_refused(bad: str) -> None:
    mets = parse(SMALL)
    with pytest.raises(MetsError, match="file ID"):
        mets.add_file(MetsFile(bad, "OCR", "P_1", MIMETYPE_PAGE, "x.xml"))
    with pytest.raises(MetsError, match="file group"):
        mets.add_file(MetsFile("OCR_1", bad, "P_1", MIMETYPE_PAGE, "x.xml"))
    assert mets.to_bytes() == SMALL


# Agents


def add_agent(mets: Mets, name: str = "ocrd-toy v1") -> None:
    parameter = json.dumps({"a": True, "ä": [1.5]})
    mets.add_agent(
        Agent(
            name=name,
            role="layout/segmentation/line",
            notes={"input-file-grp": "IMG", "parameter": parameter, "page-id": ""},
        )
    )


def test_an_agent_goes_behind_the_last_agent() -> None:
    mets = parse(SMALL)
    add_agent(mets, "first")
    add_agent(mets, "second")
    header = tree(mets).find("mets:metsHdr", NS)
    assert header is not None
    assert [etree.QName(e).localname for e in header] == ["agent"] * 3 + ["altRecordID"]
    names = [e.findtext("mets:name", namespaces=NS) for e in header[:3]]
    assert names == ["a scanner", "first", "second"]


def test_an_agent_is_written_as_core_writes_it() -> None:
    mets = parse(SMALL)
    add_agent(mets)
    expected = rb"""
    <mets:agent TYPE="OTHER" OTHERTYPE="SOFTWARE" ROLE="OTHER" OTHERROLE="layout/segmentation/line">
      <mets:name>ocrd-toy v1</mets:name>
      <mets:note xmlns:ocrd="https://ocr-d.de" ocrd:option="input-file-grp">IMG</mets:note>
      <mets:note xmlns:ocrd="https://ocr-d.de" ocrd:option="parameter">{"a": true, "\u00e4": [1.5]}</mets:note>
      <mets:note xmlns:ocrd="https://ocr-d.de" ocrd:option="page-id"/>
    </mets:agent>
    <mets:altRecordID>"""  # noqa: E501
    # An empty note may be written in either of XML's two ways.
    written = mets.to_bytes().replace(b"></mets:note>", b"/>")
    assert expected in written


def test_what_was_written_is_not_changed_by_reading_and_writing() -> None:
    mets = parse(SMALL)
    add_agent(mets)
    mets.add_file(page_file())
    assert parse(mets.to_bytes()).to_bytes() == mets.to_bytes()


def test_an_agent_is_the_first_element_of_a_header_without_agents() -> None:
    mets = parse(BARE % b"<mets:metsHdr><mets:altRecordID>1</mets:altRecordID></mets:metsHdr>")
    add_agent(mets)
    header = tree(mets)[0]
    assert [etree.QName(e).localname for e in header] == ["agent", "altRecordID"]


def test_a_missing_header_is_made_as_the_first_element() -> None:
    mets = parse(BARE % b"<mets:fileSec/>")
    add_agent(mets)
    assert [etree.QName(e).localname for e in tree(mets)] == ["metsHdr", "fileSec"]


# New documents


def test_a_new_mets_has_a_creator_an_identifier_of_its_own_and_no_files() -> None:
    one, two = Mets.empty("me 1.0"), Mets.empty("me 1.0")
    assert one.pages == one.groups == []
    root = tree(one)
    assert root.findtext("mets:metsHdr/mets:agent/mets:name", namespaces=NS) == "me 1.0"
    mods = "{http://www.loc.gov/mods/v3}identifier"
    identifiers = [next(tree(m).iter(mods)).text or "" for m in (one, two)]
    assert identifiers[0].startswith("urn:uuid:")
    assert identifiers[0] != identifiers[1]


def test_a_new_mets_takes_files() -> None:
    mets = Mets.empty("me")
    mets.add_file(page_file())
    assert len(tree(mets).findall("mets:fileSec", NS)) == 1
    assert len(tree(mets).findall("mets:structMap", NS)) == 1
    assert list(Mets(tree(mets)).files("OCR")) == [page_file()]


# What is not METS


def test_a_missing_mets_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(MetsError) as caught:
        Mets.read(tmp_path / "mets.xml")
    assert str(caught.value) == (
        f"METS file {tmp_path / 'mets.xml'} does not exist; create a workspace with:"
        f" ocrd-rapid workspace -d {tmp_path} init"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not well-formed"),
        (b"no XML at all", "not well-formed"),
        (SMALL[:-20], "not well-formed"),
        (b"<mets/>", "not a METS file: its root element is mets"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "not a METS file"),
    ],
)
def test_what_is_not_mets_is_said_to_be_so(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "mets.xml"
    path.write_bytes(content)
    with pytest.raises(MetsError, match=message) as caught:
        Mets.read(path)
    assert str(path) in str(caught.value)


def test_a_directory_is_not_a_mets(tmp_path: Path) -> None:
    with pytest.raises(MetsError, match="is a directory; name the file, such as"):
        Mets.read(tmp_path)


# Entities


def with_entity(declarations: str, text: str) -> bytes:
    header = f"<mets:metsHdr><mets:altRecordID>{text}</mets:altRecordID></mets:metsHdr>"
    return f"<!DOCTYPE mets:mets [{declarations}]>".encode() + BARE % header.encode()


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    path = tmp_path / "mets.xml"
    path.write_bytes(with_entity(f'<!ENTITY l0 "{"ha" * 50}">{levels}', "&l11;"))
    with pytest.raises(MetsError, match="entit"):
        Mets.read(path)


def test_an_external_entity_is_refused_and_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    path = tmp_path / "mets.xml"
    path.write_bytes(with_entity(f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;"))
    with pytest.raises(MetsError, match="declarations of entities are not allowed") as caught:
        Mets.read(path)
    assert "the secret" not in str(caught.value)


def test_an_entity_of_the_document_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mets.xml"
    path.write_bytes(with_entity('<!ENTITY x "text">', "a &x; b"))
    with pytest.raises(MetsError, match="declarations of entities are not allowed"):
        Mets.read(path)


def test_a_doctype_without_entities_is_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "mets.xml"
    path.write_bytes(SMALL.replace(b"<mets:mets ", b"<!DOCTYPE mets:mets>\n<mets:mets ", 1))
    assert Mets.read(path).pages == ["P_1", "P_2"]


# Changes


def test_changes_can_be_made_to_another_state_of_the_document() -> None:
    mine, theirs = parse(SMALL), parse(SMALL)
    mine.add_file(page_file())
    add_agent(mine, "mine")
    theirs.add_file(MetsFile("THEIRS_1", "THEIRS", "P_1", MIMETYPE_PAGE, "THEIRS/1.xml"))
    add_agent(theirs, "theirs")
    theirs.replay(mine.changes)
    assert {"THEIRS", page_file().group} <= set(theirs.groups)
    assert theirs.file("THEIRS_1") is not None
    assert theirs.file(page_file().id) == page_file()
    assert [agent.name for agent in theirs.agents()][-2:] == ["theirs", "mine"]


def test_what_was_removed_is_removed_from_another_state() -> None:
    mine, theirs = parse(SMALL), parse(SMALL)
    first = next(file for group in mine.groups for file in mine.files(group))
    mine.remove_file(first.id)
    mine.remove_file("NOT_THERE")
    assert len(mine.changes) == 1
    theirs.replay(mine.changes)
    assert theirs.file(first.id) is None


def test_reading_changes_nothing() -> None:
    assert parse(SMALL).changes == []


def test_agents_are_read_as_they_were_added() -> None:
    mets = parse(SMALL)
    agent = Agent("ocrd-toy v1", "layout/segmentation", {"page-id": "", "parameter": "{}"})
    mets.add_agent(agent)
    assert parse(mets.to_bytes()).agents()[-1] == agent


def test_the_structure_has_the_attributes_of_pages_and_divisions() -> None:
    mets = parse(
        BARE
        % b"""<mets:structMap TYPE="LOGICAL"><mets:div ID="L0" TYPE="book" LABEL="A Book">
              <mets:div ID="L1" TYPE="chapter" LABEL="One" DMDID="D1"/></mets:div></mets:structMap>
            <mets:structMap TYPE="PHYSICAL"><mets:div TYPE="physSequence">
              <mets:div ID="P_1" TYPE="page" ORDER="1" ORDERLABEL="i" LABEL="first"/>
              <mets:div ID="P_2" TYPE="page" CONTENTIDS="urn:2"/>
            </mets:div></mets:structMap>
            <mets:structLink xmlns:x="http://www.w3.org/1999/xlink">
              <mets:smLink x:from="L0" x:to="P_1"/>
              <mets:smLink x:from="L1" x:to="P_2"/>
              <mets:smLink x:from="L1" x:to="NO"/>
            </mets:structLink>"""
    )
    assert mets.structure() == Structure(
        pages=(
            PhysicalPage("P_1", order="1", orderlabel="i", label="first"),
            PhysicalPage("P_2", contentids="urn:2"),
        ),
        divisions=(
            LogicalDivision("L0", type="book", label="A Book", pages=("P_1",)),
            LogicalDivision("L1", dmdid="D1", type="chapter", label="One", pages=("P_2",), level=2),
        ),
    )


def test_the_identifier_can_be_read_set_and_set_again_elsewhere() -> None:
    mine, theirs = Mets(xml.parse(Mets.empty("me").to_bytes())), Mets.empty("me")
    assert str(mine.identifier).startswith("urn:uuid:")
    mine.set_identifier("https://purl.example/1")
    assert mine.identifier == "https://purl.example/1"
    theirs.replay(mine.changes)
    assert theirs.identifier == mine.identifier


def test_a_work_without_mods_has_no_identifier_and_takes_none() -> None:
    mets = parse(BARE % b"<mets:fileSec/>")
    assert mets.identifier is None
    with pytest.raises(MetsError, match="no MODS section"):
        mets.set_identifier("x")
    assert mets.changes == []


def test_only_an_empty_group_is_removed() -> None:
    mets = parse(SMALL)
    mets.remove_group("IMG")
    assert "IMG" in mets.groups
    for file in list(mets.files("IMG")):
        mets.remove_file(file.id)
    mets.remove_group("IMG")
    mets.remove_group("NOT_THERE")
    assert "IMG" not in mets.groups
    assert b'USE="IMG"' not in mets.to_bytes()
    other = parse(SMALL)
    other.replay(mets.changes)
    assert "IMG" not in other.groups


def test_where_a_file_was_fetched_to_is_entered_beside_its_address_in_its_place() -> None:
    mets, other = parse(SMALL), parse(SMALL)
    for document in (mets, other):
        document.add_file(MetsFile("WEB_1", "WEB", "P_1", "image/png", "", "https://x.org/1.png"))
        document.add_file(MetsFile("WEB_2", "WEB", "P_2", "image/png", "", "https://x.org/2.png"))
        document.changes.clear()
    mets.set_path("WEB_1", "WEB/1.png")
    mets.set_path("NOT_THERE", "WEB/3.png")
    assert len(mets.changes) == 1
    other.replay(mets.changes)
    for document in (mets, other):
        first, second = parse(document.to_bytes()).files("WEB")
        assert (first.id, first.path, first.url) == ("WEB_1", "WEB/1.png", "https://x.org/1.png")
        assert (second.id, second.path) == ("WEB_2", "")


def test_paths_of_a_mets_from_the_web_become_addresses() -> None:
    mets = parse(SMALL)
    mets.make_remote("https://x.org/book/mets.xml")
    files = [file for group in mets.groups for file in mets.files(group)]
    assert all(file.path == "" or file.path.startswith("/") for file in files)
    assert "https://x.org/book/" in " ".join(file.url for file in files)


# Files of the whole work


def test_a_file_of_the_work_is_pointed_to_before_the_pages_and_found_again() -> None:
    mets = Mets(xml.parse(SMALL))
    whole = MetsFile("ALL", "DOWN", "", "application/pdf", "DOWN/ALL.pdf", of_work=True)
    mets.add_file(whole)
    mets.add_file(MetsFile("ALL_TXT", "DOWN", "", "text/plain", "DOWN/ALL.txt", of_work=True))
    top = tree(mets).find("mets:structMap[@TYPE='PHYSICAL']/mets:div", NS)
    assert top is not None
    assert [e.get("FILEID") or e.get("TYPE") for e in top][:3] == ["ALL", "ALL_TXT", "page"]
    again = Mets(xml.parse(mets.to_bytes()))
    assert again.file("ALL") == whole
    assert again.pages == Mets(xml.parse(SMALL)).pages
    again.remove_file("ALL")
    assert [file.id for file in again.files("DOWN")] == ["ALL_TXT"]
    assert b'FILEID="ALL"' not in again.to_bytes()


def test_a_pointer_that_lost_its_file_does_not_become_a_second_one() -> None:
    mets = Mets(xml.parse(SMALL))
    whole = MetsFile("ALL", "DOWN", "", "application/pdf", "DOWN/ALL.pdf", of_work=True)
    mets.add_file(whole)
    left = tree(mets)
    for file in left.findall(".//mets:file[@ID='ALL']", NS):
        file.getparent().remove(file)  # as core does with OCRD_METS_CACHING
    again = Mets(left)
    again.add_file(whole)
    assert again.to_bytes().count(b'FILEID="ALL"') == 1
    assert again.file("ALL") == whole


def test_a_file_without_a_page_is_none_of_the_whole_work() -> None:
    mets = Mets(xml.parse(SMALL))
    loose = MetsFile("LOOSE", "DOWN", "", "application/pdf", "DOWN/a.pdf")
    mets.add_file(loose)
    assert Mets(xml.parse(mets.to_bytes())).file("LOOSE") == loose


def test_changes_with_a_file_of_the_work_are_made_again() -> None:
    mets, other = Mets(xml.parse(SMALL)), Mets(xml.parse(SMALL))
    mets.add_file(MetsFile("ALL", "DOWN", "", "application/pdf", "a.pdf", of_work=True))
    other.replay(mets.changes)
    assert other.to_bytes() == mets.to_bytes()


def test_the_title_is_that_of_the_description_of_the_work() -> None:
    sections = b"".join(
        b"""<mets:dmdSec ID="D%d"><mets:mdWrap MDTYPE="MODS"><mets:xmlData>
            <m:mods xmlns:m="http://www.loc.gov/mods/v3">
            <m:titleInfo type="uniform"><m:title>no</m:title></m:titleInfo>
            <m:titleInfo><m:nonSort>The </m:nonSort><m:title>Book\n %d</m:title></m:titleInfo>
            </m:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>"""
        % (number, number)
        for number in (1, 2)
    )
    logical = b'<mets:structMap TYPE="LOGICAL"><mets:div ID="L" DMDID="D2"/></mets:structMap>'
    assert parse(BARE % (sections + logical)).structure().title == "The Book 2"
    assert parse(BARE % sections).structure().title == "The Book 1"
    assert parse(BARE % b"").structure().title == ""
