# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Checks of workspaces: every kind of damage is found, and named by file and element."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from ocrd_rapid.workspace import schema
from ocrd_rapid.workspace.content_types import content_type
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.findings import CHECKS, Finding
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets_checks import file_findings
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.validation import Extent, validate
from ocrd_rapid.workspace.workspace import Workspace

GROUP, FILE, PATH = "OCR-D-SEG", "SEG_1", "OCR-D-SEG/SEG_1.xml"

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<pc:PcGts xmlns:pc="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
    pcGtsId="SEG_1">
  <pc:Metadata><pc:Creator>x</pc:Creator><pc:Created>2024-01-01T00:00:00</pc:Created>
    <pc:LastChange>2024-01-01T00:00:00</pc:LastChange></pc:Metadata>
  <pc:Page imageFilename="OCR-D-IMG/1.png" imageWidth="100" imageHeight="80">
    <pc:AlternativeImage filename="OCR-D-IMG/1.png" comments="binarized,cropped"/>
    <pc:ReadingOrder><pc:OrderedGroup id="ro"><pc:RegionRefIndexed index="0" regionRef="r1"/>
      </pc:OrderedGroup></pc:ReadingOrder>
    <pc:TextRegion id="r1"><pc:Coords points="5,5 95,5 95,75 5,75"/>
      <pc:TextLine id="l1"><pc:Coords points="10,10 90,10 90,30 10,30"/>
        <pc:Word id="w1"><pc:Coords points="10,10 40,10 40,30 10,30"/>
          <pc:TextEquiv><pc:Unicode>two</pc:Unicode></pc:TextEquiv></pc:Word>
        <pc:Word id="w2"><pc:Coords points="50,10 90,10 90,30 50,30"/>
          <pc:TextEquiv conf="0.5"><pc:Unicode>words</pc:Unicode></pc:TextEquiv></pc:Word>
        <pc:TextEquiv><pc:Unicode>two words</pc:Unicode></pc:TextEquiv></pc:TextLine>
      <pc:TextLine id="l2"><pc:Coords points="10,40 90,40 90,60 10,60"/>
        <pc:TextEquiv><pc:Unicode>more</pc:Unicode></pc:TextEquiv></pc:TextLine>
      <pc:TextEquiv><pc:Unicode>two words
more</pc:Unicode></pc:TextEquiv></pc:TextRegion>
  </pc:Page>
</pc:PcGts>
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a workspace of one page without a fault: an image and its PAGE-XML."""
    directory = tmp_path / "book"
    workspace = Workspace.create(directory=directory)
    (directory / "OCR-D-IMG").mkdir()
    (directory / GROUP).mkdir()
    Image.new("L", (100, 80), 255).save(directory / "OCR-D-IMG" / "1.png", dpi=(300, 300))
    (directory / PATH).write_text(PAGE)
    workspace.mets.add_file(MetsFile("IMG_1", "OCR-D-IMG", "P1", "image/png", "OCR-D-IMG/1.png"))
    workspace.mets.add_file(MetsFile(FILE, GROUP, "P1", MIMETYPE_PAGE, PATH))
    workspace.save()
    return directory


def found(directory: Path, extent: Extent | None = None) -> list[tuple[str, str, str]]:
    """Return severity, check and text of all findings."""
    return [(f.severity, f.check, str(f)) for f in validate(directory / "mets.xml", extent)]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_sound_workspace_has_no_findings(book: Path) -> None:
    assert found(book, Extent(coordinates="both")) == []


#: In PAGE-XML: what to replace by what, and the finding.
PAGE_FAULTS = [
    ('pcGtsId="SEG_1"', 'pcGtsId="x"', "warning", "mets_fileid_page_pcgtsid",
     "file SEG_1: its pcGtsId 'x' is not its ID in the METS"),
    ('imageWidth="100"', 'imageWidth="101"', "error", "dimension",
     "file SEG_1: its image has 100 x 80 pixels, not 101 x 80"),
    ('filename="OCR-D-IMG/1.png" comments="binarized,cropped"', 'filename="OCR-D-IMG/1.png"',
     "error", "alternativeimage_comments",
     "file SEG_1, Page: AlternativeImage 'OCR-D-IMG/1.png' has no comments"),
    ('"binarized,cropped"', '"binarized,nice"', "error", "alternativeimage_comments",
     "file SEG_1, Page: AlternativeImage 'OCR-D-IMG/1.png' has the feature 'nice'"),
    ('"binarized,cropped"', '""', "error", "alternativeimage_comments", "has the feature ''"),
    ('regionRef="r1"', 'regionRef="r9"', "error", "page",
     "file SEG_1, RegionRefIndexed in OrderedGroup ro: regionRef 'r9' is not the ID of a region"),
    ('regionRef="r1"', 'regionRef="l1"', "error", "page", "regionRef 'l1' is not the ID of a"),
    ('<pc:RegionRefIndexed index="0" regionRef="r1"/>',
     '<pc:RegionRefIndexed index="0" regionRef="r1"/>'
     '<pc:RegionRefIndexed index="1" regionRef="r1"/>',
     "notice", "page", "region 'r1' occurs more than once"),
    (">two words<", ">two  words<", "error", "page",
     "file SEG_1, TextLine l1: its text 'two  words' is not that of its Words, 'two words'"),
    (">more<", ">less<", "error", "page", "TextRegion r1: its text 'two words\nmore' is not that"),
    ('id="w2"', 'id="w1"', "error", "page_xsd", "file SEG_1, Word w1: id 'w1' occurs more than"),
    ('id="w2"', 'id="2"', "error", "page_xsd", "file SEG_1, Word 2: id '2' is not allowed"),
    ('<pc:Word id="w2">', "<pc:Word>", "error", "page_xsd",
     "file SEG_1, Word in TextLine l1: attribute id is missing"),
    ('conf="0.5"', 'conf="1.5"', "error", "page_xsd",
     "file SEG_1, TextEquiv in Word w2: conf '1.5' is not a number from 0 to 1"),
    ('index="0"', 'index="a"', "error", "page_xsd", "index 'a' is not a whole number"),
    ('<pc:Page ', '<pc:Page orientation="up" ', "error", "page_xsd", "orientation 'up' is not"),
    ("10,10 40,10 40,30 10,30", "10,10 40,10 40.5,30 10,30", "error", "page_xsd",
     "file SEG_1, Coords in Word w1: points '10,10 40,10 40.5,30 10,30' are not pairs of whole"),
    ("<pc:Creator>x</pc:Creator>", "", "error", "page_xsd",
     "file SEG_1, Metadata: Creator is missing"),
    ('<pc:TextEquiv><pc:Unicode>more</pc:Unicode></pc:TextEquiv>', "<pc:Line/>", "error",
     "page_xsd", "file SEG_1, TextLine l2: Line is not allowed here"),
    ('<pc:TextLine id="l2"><pc:Coords points="10,40 90,40 90,60 10,60"/>',
     '<pc:TextLine id="l2"><pc:TextEquiv><pc:Unicode>more</pc:Unicode></pc:TextEquiv>'
     '<pc:Coords points="10,40 90,40 90,60 10,60"/>',
     "error", "page_xsd", "TextLine l2: Coords stands after TextEquiv, but belongs before it"),
    ('<pc:Coords points="10,40', '<pc:Coords points="1,1 2,2"/><pc:Coords points="10,40', "error",
     "page_xsd", "file SEG_1, TextLine l2: Coords occurs 2 times"),
    ("2019-07-15", "2018-07-15", "error", "page_xsd", "file SEG_1: is of an older version of PAGE"),
    ("10,40 90,40 90,60 10,60", "10,40 99,40 99,60 10,60", "error", "page",
     "file SEG_1, TextLine l2: is not inside TextRegion r1"),
    ("</pc:Page>", "", "error", "page", "not well-formed XML"),
    ('imageWidth="100" ', "", "error", "page", "element Page: attribute missing or wrong"),
    ('imageFilename="OCR-D-IMG/1.png"', 'imageFilename="OCR-D-IMG/2.png"', "error",
     "imagefilename", "file SEG_1: its image 'OCR-D-IMG/2.png' does not exist"),
    ('imageFilename="OCR-D-IMG/1.png"', 'imageFilename="http://a.b/c"', "error", "dimension",
     "image http://a.b/c is not a local file"),
    ('imageFilename="OCR-D-IMG/1.png"', f'imageFilename="{PATH}"', "error", "dimension",
     "SEG_1.xml is not one of the image formats"),
    ('<pc:AlternativeImage filename="OCR-D-IMG/1.png"', '<pc:AlternativeImage filename="gone.png"',
     "error", "alternativeimage_filename",
     "file SEG_1, Page: AlternativeImage 'gone.png' does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "severity", "check", "text"), PAGE_FAULTS)
def test_what_is_wrong_with_a_page(
    book: Path, old: str, new: str, severity: str, check: str, text: str
) -> None:
    edit(book / PATH, old, new)
    matching = [f for f in found(book) if f[:2] == (severity, check) and text in f[2]]
    assert len(matching) == 1, found(book)
    assert [f for f in found(book, Extent(skip={check})) if f[1] == check] == []


def test_one_fault_is_one_finding(book: Path) -> None:
    for old, new, *expected in PAGE_FAULTS[:8]:
        (book / PATH).write_text(PAGE)
        edit(book / PATH, old, new)
        assert [f[:2] for f in found(book)] == [tuple(expected[:2])]


@pytest.mark.parametrize(
    ("text", "new", "severities"),
    [
        ("strict", "two  words", ["error", "error"]),
        ("lax", "two  words", []),
        ("lax", "two swords", ["error", "error"]),
        ("off", "two swords", []),
    ],
)
def test_texts_are_compared_as_strictly_as_was_asked_for(
    book: Path, text: str, new: str, severities: list[str]
) -> None:
    edit(book / PATH, "<pc:Unicode>two words</pc:Unicode>", f"<pc:Unicode>{new}</pc:Unicode>")
    extent = Extent(text=text)  # type: ignore[arg-type]
    assert [f[0] for f in found(book, extent)] == severities


def test_texts_follow_the_direction_of_reading_and_joins(book: Path) -> None:
    edit(
        book / PATH,
        '<pc:TextLine id="l1">',
        '<pc:TextLine id="l1" readingDirection="right-to-left">',
    )
    edit(
        book / PATH,
        ">two words</pc:Unicode></pc:TextEquiv></pc:TextLine>",
        ">words two</pc:Unicode></pc:TextEquiv></pc:TextLine>",
    )
    edit(
        book / PATH,
        '<pc:TextRegion id="r1">',
        '<pc:TextRegion id="r1" textLineOrder="bottom-to-top">',
    )
    edit(book / PATH, "two words\nmore", "morewords two")
    assert [f[2].partition(":")[0] for f in found(book)] == ["file SEG_1, TextRegion r1"]
    edit(book / PATH, '    <pc:TextRegion id="r1"', '<pc:Relations><pc:Relation id="j" type="join">'
         '<pc:SourceRegionRef regionRef="l2"/><pc:TargetRegionRef regionRef="l1"/></pc:Relation>'
         '</pc:Relations><pc:TextRegion id="r1"')  # fmt: skip
    assert {f[2].partition(": its text")[1] for f in found(book)} == {""}


def test_the_text_of_the_lowest_index_counts(book: Path) -> None:
    edit(book / PATH, "<pc:TextEquiv><pc:Unicode>more<",
         '<pc:TextEquiv index="1"><pc:Unicode>other</pc:Unicode></pc:TextEquiv>'
         '<pc:TextEquiv index="0"><pc:Unicode>more<')  # fmt: skip
    assert found(book) == []


@pytest.mark.parametrize("name", ["P\u0304age", "\u0915\u0940", "a\u00b71"])
def test_accents_and_vowel_signs_are_allowed_in_ids(book: Path, name: str) -> None:
    edit(book / "mets.xml", ' ID="P1"', f' ID="{name}"')
    assert [text for *_, text in found(book) if "is not allowed" in text] == []


METS_FAULTS = [
    ("urn:uuid:", "", None, None, None),
    ('type="urn"', 'type="isbn"', "error", "mets_unique_identifier",
     "mets.xml: has no unique identifier"),
    ('ID="SEG_1"', 'ID="IMG_1"', "error", "mets_xsd",
     "mets.xml, file IMG_1: ID 'IMG_1' occurs more than once"),
    ('FILEID="IMG_1"', 'FILEID="IMG_2"', "error", "mets_xsd",
     "mets.xml, fptr in P1: FILEID 'IMG_2' is not the ID of a file"),
    ('ID="IMG_1" ', "", "error", "mets_xsd",
     "mets.xml, file in OCR-D-IMG: attribute ID is missing"),
    ('ID="IMG_1"', 'ID="1"', "error", "mets_xsd", "mets.xml, file 1: ID '1' is not allowed"),
    ('LOCTYPE="OTHER"', 'LOCTYPE="FILE"', "error", "mets_xsd",
     "mets.xml, FLocat in IMG_1: LOCTYPE 'FILE' is not allowed"),
    (' LOCTYPE="OTHER"', "", "error", "mets_files", "file IMG_1: has neither a URL nor a local"),
    ('TYPE="page" ID="P1"', 'TYPE="page"', "error", "mets_xsd", "mets.xml, div: a page has no ID"),
    ("</mets:fileSec>", "</mets:fileSec><mets:dmdSec/>", "error", "mets_xsd",
     "mets.xml, mets: dmdSec stands after fileSec, but belongs before it"),
    ("<mets:name>", "<mets:name/><mets:name>", "error", "mets_xsd", "name occurs 2 times"),
    ('ID="IMG_1"', 'ID="IMG_1" GROUPID="g"', "notice", "mets_files", "file IMG_1: has a GROUPID"),
    (' MIMETYPE="image/png"', "", "warning", "mets_files", "file IMG_1: has no MIMETYPE"),
    ('MIMETYPE="image/png"', 'MIMETYPE="image/tiff"', "error", "mets_files",
     "file IMG_1: 'OCR-D-IMG/1.png' is image/png, not image/tiff"),
    (f'MIMETYPE="{MIMETYPE_PAGE}"', 'MIMETYPE="image/png"', "error", "mets_files",
     f"file SEG_1: '{PATH}' is xml, not image/png"),
    ('USE="OCR-D-SEG"', 'USE="SEG"', "notice", "mets_files", "file group SEG: is not named as"),
    ('"OCR-D-IMG/1.png"', '"OCR-D-IMG/9.png"', "error", "mets_files",
     "file IMG_1: 'OCR-D-IMG/9.png' does not exist"),
    ('"OCR-D-IMG/1.png"', '"../1.png"', "error", "mets_files",
     "file IMG_1: '../1.png' is not inside the workspace"),
    ('LOCTYPE="OTHER" OTHERLOCTYPE="FILE"', 'LOCTYPE="URL"', "error", "url",
     "file IMG_1: 'OCR-D-IMG/1.png' is not a URL"),
    ('"OCR-D-IMG/1.png" LOCTYPE="OTHER" OTHERLOCTYPE="FILE"', '"file:/a/b" LOCTYPE="URL"', "error",
     "url", "file IMG_1: 'file:/a/b' is not a valid file URL"),
    ('"OCR-D-IMG/1.png" LOCTYPE="OTHER" OTHERLOCTYPE="FILE"', '"s3://a/b" LOCTYPE="URL"', "warning",
     "url", "file IMG_1: 's3://a/b' has a scheme"),
    ('ID="P1"', 'ID="P1" ORDER="x"', "warning", "mets_xsd",
     "mets.xml, page P1: ORDER 'x' is not a number"),
    ('ID="P1"', 'ID="P1" ORDER="1"', None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "severity", "check", "text"), METS_FAULTS)
def test_what_is_wrong_with_a_mets(
    book: Path, old: str, new: str, severity: str | None, check: str | None, text: str | None
) -> None:
    edit(book / "mets.xml", old, new)
    if text is None:
        assert found(book) == []
        return
    matching = [f for f in found(book) if f[:2] == (severity, check) and text in f[2]]
    assert len(matching) == 1, found(book)


@pytest.mark.parametrize(
    ("orders", "finding"),
    [
        (("2", "1"), ("notice", "mets_xsd", "mets.xml: by ORDER, page P2 comes where page P1 is"
                      " listed: viewers and export follow ORDER, other software the list")),
        (("7", "7"), ("warning", "mets_xsd", "mets.xml, page P2: has the same ORDER, 7, as page"
                      " P1")),
        (("1", "10"), None),
        (("2", ""), None),
    ],
)  # fmt: skip
def test_an_order_of_the_pages_that_is_another_or_none_is_found(
    book: Path, orders: tuple[str, str], finding: tuple[str, str, str] | None
) -> None:
    first, second = orders
    page = f'<mets:div TYPE="page" ID="P2" ORDER="{second}"/>'
    text = (book / "mets.xml").read_text().replace('ID="P1"', f'ID="P1" ORDER="{first}"')
    at = text.index("</mets:div>") + len("</mets:div>")
    (book / "mets.xml").write_text(text[:at] + page + text[at:])
    assert found(book) == ([finding] if finding else [])


def test_a_file_of_several_pages_is_checked_once(book: Path) -> None:
    edit(book / "mets.xml", "OCR-D-IMG/1.png", "OCR-D-IMG/9.png")
    page = '<mets:div TYPE="page" ID="P2"><mets:fptr FILEID="IMG_1"/></mets:div>'
    text = (book / "mets.xml").read_text()
    at = text.index("</mets:div>") + len("</mets:div>")
    (book / "mets.xml").write_text(text[:at] + page + text[at:])
    assert len([f for f in found(book) if "does not exist" in f[2] and "IMG_1" in f[2]]) == 1


@pytest.mark.parametrize("content", ["", "<a", "<a/>"])
def test_a_mets_that_cannot_be_read_is_the_only_finding(book: Path, content: str) -> None:
    (book / "mets.xml").write_text(content)
    assert [f[:2] for f in found(book)] == [("error", "mets")]


def test_a_workspace_without_files_says_so(tmp_path: Path) -> None:
    Workspace.create(directory=tmp_path)
    assert ("error", "mets_files", "mets.xml: lists no files") in found(tmp_path)


def test_resolutions_that_are_low_or_missing_are_noticed(book: Path) -> None:
    image = book / "OCR-D-IMG" / "1.png"
    Image.new("L", (100, 80)).save(image)
    assert found(book) == [("notice", "pixel_density", "file IMG_1: its image has no resolution")]
    Image.new("L", (100, 80)).save(image, dpi=(72, 72))
    assert found(book) == [("notice", "pixel_density", "file IMG_1: its image has only 72 dpi")]


def test_an_image_that_is_none_or_several_is_an_error(book: Path) -> None:
    image = book / "OCR-D-IMG" / "1.png"
    image.write_bytes(image.read_bytes()[:20])
    assert ("error", "multipage") in [f[:2] for f in found(book)]
    frames = [Image.new("L", (100, 80)), Image.new("L", (100, 80))]
    frames[0].save(image, format="TIFF", save_all=True, append_images=frames[1:], dpi=(300, 300))
    edit(book / "mets.xml", "image/png", "image/tiff")
    assert [f[2] for f in found(book) if f[1] == "multipage"] == [
        f"file IMG_1: image {image} holds 2 images; OCR-D wants one file per page:"
        " ocrd-rapid workspace add-images splits it"
    ]


def test_only_some_groups_are_checked(book: Path) -> None:
    edit(book / PATH, ">more<", ">less<")
    assert len(found(book)) == 1
    assert found(book, Extent(exclude_groups=[GROUP])) == []
    assert found(book, Extent(include_groups=["OCR-D-IMG"])) == []
    assert len(found(book, Extent(include_groups=[GROUP]))) == 1
    assert [f[1] for f in found(book, Extent(include_groups=["no"]))] == ["mets_files"]


def test_progress_is_reported_by_file(book: Path) -> None:
    calls: list[tuple[int, int]] = []
    list(validate(book / "mets.xml", None, lambda done, total: calls.append((done, total))))
    assert calls == [(1, 2), (2, 2)]


def test_nothing_is_changed(book: Path) -> None:
    before = {p: p.read_bytes() for p in book.rglob("*") if p.is_file()}
    found(book)
    assert {p: p.read_bytes() for p in book.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    ("save", "kind"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("TIFF", "image/tiff"), ("BMP", "image/bmp"),
     ("WEBP", "image/webp"), ("JPEG2000", "image/jp2"), ("GIF", "image/gif"),
     ("PPM", "image/x-portable-graymap")],
)  # fmt: skip
def test_images_are_known_by_their_content(tmp_path: Path, save: str, kind: str) -> None:
    path = tmp_path / "image"
    Image.new("L", (8, 8)).save(path, format=save)
    assert content_type(path.read_bytes()[:64]) == kind


@pytest.mark.parametrize("kind", ["anymap", "graymap", "pixmap"])
def test_the_media_types_of_pnm_are_not_told_apart(tmp_path: Path, kind: str) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "image", format="PPM")
    file = MetsFile("F", "OCR-D-IMG", "P", f"image/x-portable-{kind}", "image")
    assert [f for f in file_findings(file, tmp_path) if f.severity == "error"] == []
    wrong = next(file_findings(replace(file, mimetype="image/png"), tmp_path))
    assert wrong.what == "'image' is image/x-portable-graymap, not image/png"


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"", None), (b"text", None), (b"\xef\xbb\xbf <a/>", "xml"), ("<a/>".encode("utf-16"), "xml")],
)
def test_xml_is_known_by_its_content(tmp_path: Path, data: bytes, kind: str | None) -> None:
    (tmp_path / "file").write_bytes(data)
    assert content_type((tmp_path / "file").read_bytes()) == kind


@given(st.data())
def test_any_other_order_of_children_is_found(data: st.DataObject) -> None:
    root = etree.fromstring(PAGE.encode(), etree.XMLParser(remove_blank_text=True))
    parents = [e for e in root.iter(etree.Element) if len({c.tag for c in e}) > 1]
    parent = data.draw(st.sampled_from(parents))
    children = list(parent)
    mixed = data.draw(st.permutations(children))
    parent[:] = mixed
    broken = [e for e, _ in schema.violations(root, schema.PAGE)]
    same = [c.tag for c in mixed] == [c.tag for c in children]
    assert broken == [] if same else set(broken) == {parent}


@given(st.data())
def test_any_missing_element_that_must_be_there_is_found(data: st.DataObject) -> None:
    root = etree.fromstring(PAGE.encode(), etree.XMLParser(remove_blank_text=True))
    names = ("Metadata", "Page", "Coords", "Creator", "Created", "LastChange", "OrderedGroup",
             "RegionRefIndexed", "Unicode")  # fmt: skip
    needed = [e for e in root.iter(etree.Element) if etree.QName(e).localname in names]
    element = data.draw(st.sampled_from(needed))
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    assert [e for e, _ in schema.violations(root, schema.PAGE)] == [parent]


@pytest.mark.scans
def test_ground_truth_of_libraries_keeps_to_the_schema(scans: Path) -> None:
    pages = [p for p in scans.glob("*/*.page.xml") if b"2019-07-15" in p.read_bytes()]
    assert pages
    for path in pages:
        root = PageDocument.read(path).root
        assert list(schema.violations(root, schema.PAGE)) == [], path
        assert list(schema.value_violations(root)) == [], path


def test_every_finding_is_of_a_check_that_can_be_skipped(book: Path) -> None:
    edit(book / "mets.xml", 'ID="IMG_1"', 'ID="1"')
    for old, new, *_ in PAGE_FAULTS[:8]:
        (book / PATH).write_text(PAGE)
        edit(book / PATH, old, new)
        checks = {f[1] for f in found(book)}
        assert checks and checks <= set(CHECKS)
    assert found(book, Extent(skip=CHECKS)) == []


def test_a_finding_reads_as_where_and_what() -> None:
    assert str(Finding("error", "page", "file a, Word w", "is wrong")) == "file a, Word w: is wrong"
