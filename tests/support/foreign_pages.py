# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PAGE-XML as other programs write it, all of one page with three lines of text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.workspace import Workspace

ROOT = "http://schema.primaresearch.org/PAGE/gts/pagecontent"
WIDTH, HEIGHT = 1000, 340
LINES = ("The quick brown fox jumps.", "Over the lazy dog it went.", "A third line is here.")

REGION = f"20,20 {WIDTH - 20},20 {WIDTH - 20},{HEIGHT - 20} 20,{HEIGHT - 20}"
_TOPS = (60, 140, 220)


def image() -> Image.Image:
    """Return the page."""
    picture = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(picture)
    for top, text in zip(_TOPS, LINES, strict=True):
        draw.text((60, top), text, font=ImageFont.load_default(44), fill=0)
    return picture


def outline(number: int) -> str:
    top = _TOPS[number]
    return f"50,{top - 4} 700,{top - 4} 700,{top + 58} 50,{top + 58}"


def coords(points: str) -> str:
    return f'<Coords points="{points}"/>'


def baseline(number: int) -> str:
    return f'<Baseline points="60,{_TOPS[number] + 42} 690,{_TOPS[number] + 42}"/>'


def line(number: int, inside: str | None = None, attributes: str = "") -> str:
    content = coords(outline(number)) + baseline(number) if inside is None else inside
    return f'<TextLine id="l{number}" {attributes}>{content}</TextLine>'


def lines(inside: Callable[[int], str] | None = None) -> str:
    return "".join(line(n, None if inside is None else inside(n)) for n in range(3))


def region(content: str, attributes: str = "", *, outline: str = REGION, name: str = "r") -> str:
    return f'<TextRegion id="{name}" {attributes}>{coords(outline)}{content}</TextRegion>'


def document(body: str, version: str = "2013-07-15", metadata: str = "", ns: str = ROOT) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PcGts xmlns="{ns}/{version}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="{ns}/{version} {ns}/{version}/pagecontent.xsd">
  <Metadata><Creator>prov=someone:name=Transkribus</Creator><Created>2020-01-02T03:04:05</Created>
    <LastChange>2020-01-02T03:04:05</LastChange>{metadata}</Metadata>
  <Page imageFilename="OCR-D-IMG/p.png" imageWidth="{WIDTH}" imageHeight="{HEIGHT}">{body}</Page>
</PcGts>"""


_TRANSKRIBUS = """<TranskribusMetadata docId="12" pageId="34" pageNr="1" tsid="5" status="GT"
    userId="6" imgUrl="https://example.org/Get?id=A&amp;fileType=view" imageId="7">
    <Property key="textContentFactor" value="12"/></TranskribusMetadata>"""


def _in_order(kind: str, *members: str) -> str:
    return f'<ReadingOrder><{kind} id="ro" caption="x">{"".join(members)}</{kind}></ReadingOrder>'


def _cell(number: int) -> str:
    top = _TOPS[number]
    box = f"40,{top - 10} 960,{top - 10} 960,{top + 64} 40,{top + 64}"
    return (
        f'<TableCell row="{number}" col="0" rowSpan="1" colSpan="1" leftBorderVisible="false"'
        f' id="c{number}" custom="structure {{type:misc;}}">{coords(box)}{line(number)}'
        "<CornerPts>0 1 2 3</CornerPts></TableCell>"
    )


def _points_2010(points: str) -> str:
    pairs = (pair.split(",") for pair in points.split())
    return "<Coords>" + "".join(f'<Point x="{x}" y="{y}"/>' for x, y in pairs) + "</Coords>"


_TEXT = "<TextEquiv><Unicode/></TextEquiv>"
_CUSTOM = 'custom="readingOrder {index:0;} structure {type:MainZone;}"'
_BLOCK = '<TextRegion id="eSc_dummyblock_">{}</TextRegion>'
_HALF = f"20,20 {WIDTH - 20},20 {WIDTH - 20},130 20,130"
_LOWER = f"20,131 980,131 980,{HEIGHT} 20,{HEIGHT}"

#: What is written by whom, or how.
PAGES: dict[str, str] = {
    "transkribus": document(
        f"<PrintSpace>{coords(REGION)}</PrintSpace>"
        + _in_order("OrderedGroup", '<RegionRefIndexed index="0" regionRef="r"/>')
        + "<Relations/>"
        + region(
            lines(lambda n: coords(outline(n)) + baseline(n) + _TEXT) + _TEXT,
            f'{_CUSTOM} orientation="0.0" type="paragraph"',
        ),
        metadata=_TRANSKRIBUS,
    ),
    "transkribus-table": document(
        _in_order("OrderedGroup", '<RegionRefIndexed index="0" regionRef="t"/>')
        + f'<TableRegion id="t" {_CUSTOM}>{coords(REGION)}{"".join(map(_cell, range(3)))}'
        "</TableRegion>",
        metadata=_TRANSKRIBUS,
    ),
    "transkribus-relations": document(
        _in_order("OrderedGroup", '<RegionRefIndexed index="0" regionRef="r"/>')
        + '<Relations><Relation type="link"><RegionRef regionRef="r"/><RegionRef regionRef="r"/>'
        "</Relation></Relations>" + region(lines())
    ),
    "escriptorium": document(
        region(line(0), _CUSTOM, outline=_HALF, name="eSc_textblock_1")
        + _BLOCK.format(line(1) + line(2, attributes=_CUSTOM)),
        "2019-07-15",
    ),
    "escriptorium-baselines": document(
        _BLOCK.format(lines(lambda n: coords("") + baseline(n))), "2019-07-15"
    ),
    "baselines-only": document(region(lines(baseline))),
    "words-only": document(
        region(
            lines(
                lambda n: (
                    f'<Word id="w{n}">{coords(outline(n))}'
                    "<TextEquiv><Unicode>old</Unicode></TextEquiv></Word>"
                )
            )
        )
    ),
    "unknown-types": document(
        region(line(0), 'type="MainZone"', outline=_HALF)
        + f'<ListRegion id="list" bulleted="yes">{coords(outline(1))}{line(1)}</ListRegion>'
        + f'<UnknownRegion id="u">{coords(outline(2))}{line(2)}</UnknownRegion>',
        "2019-07-15",
    ),
    "lines-without-region": document(lines()),
    "unordered": document(
        _in_order("UnorderedGroup", '<RegionRef regionRef="r0"/>', '<RegionRef regionRef="r1"/>')
        + region(line(1) + line(2), outline=_LOWER, name="r1")
        + region(line(0), outline=_HALF, name="r0")
    ),
    "nested-order": document(
        '<ReadingOrder><OrderedGroup id="ro"><UnorderedGroupIndexed id="g" index="1">'
        '<RegionRef regionRef="r1"/></UnorderedGroupIndexed>'
        '<RegionRefIndexed index="0" regionRef="r0"/></OrderedGroup></ReadingOrder>'
        + region(line(1) + line(2), outline=_LOWER, name="r1")
        + region(line(0), outline=_HALF, name="r0"),
        "2019-07-15",
    ),
    "beyond-the-page": document(
        region(
            lines(
                lambda n: (
                    coords(outline(n).replace("700,", "1e9,").replace("50,", "-300,")) + baseline(n)
                )
            ),
            outline="-50,-50 1000000,-50 1000000,99999 -50,99999",
        )
    ),
    "page-2010": document(
        f'<TextRegion id="r">{_points_2010(REGION)}{lines(lambda n: _points_2010(outline(n)))}'
        "</TextRegion>",
        "2010-03-19",
    ),
    "kraken-https": document(region(lines()), ns=ROOT.replace("http:", "https:")),
}


def workspace_of(directory: Path, group: str = "GT", *, encoding: str = "utf-8") -> list[str]:
    """Make a workspace with one page for each of `PAGES`; return their names, the page IDs."""
    workspace = Workspace.create(directory=directory)
    (directory / "OCR-D-IMG").mkdir()
    (directory / group).mkdir()
    image().save(directory / "OCR-D-IMG" / "p.png", dpi=(300, 300))
    workspace.mets.add_file(MetsFile("IMG", "OCR-D-IMG", "cover", "image/png", "OCR-D-IMG/p.png"))
    for name, text in PAGES.items():
        path = f"{group}/{name}.xml"
        declared = text.replace('encoding="UTF-8"', f'encoding="{encoding}"')
        (directory / path).write_bytes(declared.encode(encoding))
        workspace.mets.add_file(MetsFile(f"GT_{name}", group, name, MIMETYPE_PAGE, path))
    workspace.save()
    return list(PAGES)
