# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text and lines of PAGE-XML, ALTO and plain text, and which file goes with which."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrd_rapid.errors import InputError
from ocrd_rapid.evaluation.pairs import Pair, page_name, pair_files
from ocrd_rapid.evaluation.texts import read_page

PAGE = (
    '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">'
    '<Page imageFilename="a" imageWidth="9" imageHeight="9">{}</Page></PcGts>'
)
COORDS = '<Coords points="0,0 9,0 9,9"/>'
ALTO = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>{}'
    '</MeasurementUnit></Description><Layout><Page WIDTH="9" HEIGHT="8"><PrintSpace><TextBlock>'
    "{}</TextBlock></PrintSpace></Page></Layout></alto>"
)


def equiv(text: str) -> str:
    return f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv>"


def region(content: str, identifier: str = "r") -> str:
    return f'<TextRegion id="{identifier}">{COORDS}{content}</TextRegion>'


def line(content: str, identifier: str = "l") -> str:
    return f'<TextLine id="{identifier}">{COORDS}{content}</TextLine>'


def word(content: str, identifier: str = "w") -> str:
    return f'<Word id="{identifier}">{COORDS}{content}</Word>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", []),
        (region(line(equiv("a")) + line("") + equiv("z")), [("l", "a")]),
        (region(line(word(equiv("a")) + word(equiv("b")))), [("l", "a b")]),
        (
            region(line(word(f"<Glyph>{equiv('a')}</Glyph><Glyph>{equiv('b')}</Glyph>"))),
            [("l", "ab")],
        ),
        (region(equiv("a")), [("r", "a")]),
        (region(line("") + equiv("a\nb")), [("r:1", "a"), ("r:2", "b")]),
        # The text of a region around others is theirs.
        (region(region(equiv("a"), "inner") + equiv("a")), [("inner", "a")]),
        (region(region(line(equiv("a")), "inner") + equiv("a")), [("l", "a")]),
        (region(region("", "inner") + equiv("a")), [("r", "a")]),
        (region(line(equiv("  "))), []),
    ],
)  # fmt: skip
def test_levels_of_page_xml(tmp_path: Path, content: str, expected: list[tuple[str, str]]) -> None:
    path = tmp_path / "a.xml"
    path.write_text(PAGE.format(content))
    page = read_page(path)
    assert [(one.id, one.text) for one in page.lines] == expected
    assert page.size == (9, 9)


def test_alto(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    lines = (
        '<TextLine ID="l1" HPOS="1" VPOS="2" WIDTH="3" HEIGHT="4"><String CONTENT="ein"/><SP/>'
        '<String CONTENT="Wort"/><HYP CONTENT="-"/></TextLine>'
        '<TextLine><Shape><Polygon POINTS="0 0 5 0 5 5"/></Shape><String CONTENT="b"/></TextLine>'
        '<TextLine HPOS="nan" VPOS="0" WIDTH="1" HEIGHT="1"><String CONTENT="c"/></TextLine>'
        '<TextLine ID="empty"/>'
    )
    path.write_text(ALTO.format("pixel", lines))
    page = read_page(path)
    assert [(one.id, one.text) for one in page.lines] == [
        ("l1", "ein Wort-"),
        ("2", "b"),
        ("3", "c"),
    ]
    outlines = [None if one.outline is None else one.outline.tolist() for one in page.lines]
    assert outlines == [[[1, 2], [4, 2], [4, 6], [1, 6]], [[0, 0], [5, 0], [5, 5]], None]
    assert page.size == (9, 8)
    path.write_text(ALTO.format("mm10", lines))
    assert read_page(path).size is None


def test_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "a.gt.txt"
    path.write_bytes("\ufeffGrüße\r\n\r\nzwei\n".encode())
    assert [(one.id, one.text) for one in read_page(path).lines] == [("1", "Grüße"), ("3", "zwei")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"Gr\xfc\xdfe", "a.txt: not UTF-8: byte 3 is wrong"),
        ("a.xml", b"<a>", "a.xml: not well-formed XML"),
        ("a.xml", b"", "a.xml: not well-formed XML"),
        (
            "a.xml",
            b"<mets/>",
            r"a.xml: neither PAGE-XML nor ALTO \(root element mets\)",
        ),
    ],
)
def test_broken_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_page(tmp_path / name)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_page(tmp_path / "a.xml")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0001.xml", "0001"), ("0001.gt.txt", "0001"), ("0001.page.xml", "0001"),
        ("a.b.alto.XML", "a.b"), ("0001.gt.page.xml", "0001"), ("gt.xml", "gt"), (".gt.txt", ".gt"),
    ],
)  # fmt: skip
def test_page_names(name: str, expected: str) -> None:
    assert page_name(Path(name)) == expected


def test_folders(tmp_path: Path) -> None:
    truth, text = tmp_path / "gt", tmp_path / "ocr"
    for path in (truth / "2.gt.txt", truth / "1.gt.txt", truth / "only.txt", truth / "1.png",
                 text / "1.xml", text / "2.txt", text / "more.xml"):  # fmt: skip
        path.parent.mkdir(exist_ok=True)
        path.touch()
    pairing = pair_files(truth, text)
    assert pairing.pairs == (
        Pair("1", truth / "1.gt.txt", text / "1.xml"),
        Pair("2", truth / "2.gt.txt", text / "2.txt"),
    )  # fmt: skip
    assert (pairing.without_text, pairing.without_reference) == (("only",), ("more",))
    one = pair_files(truth / "1.gt.txt", text)
    assert (one.pairs, one.without_reference) == (pairing.pairs[:1], ())
    assert pair_files(truth / "1.gt.txt", text / "2.txt").pairs[0].page == "1"
    (text / "1.txt").touch()
    with pytest.raises(InputError, match=r"two files for page 1: 1\.txt and 1\.xml"):
        pair_files(truth, text)
    with pytest.raises(InputError, match="nothing to compare"):
        pair_files(truth / "only.txt", truth / "..")
