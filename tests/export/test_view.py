# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The view as a file: what is in it, without a browser."""

from __future__ import annotations

import base64
import hashlib
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from PIL import Image

from ocrd_rapid.errors import InputError
from ocrd_rapid.export import view
from ocrd_rapid.export.export_options import Differences, ExportOptions, PageMedium, Stretch
from ocrd_rapid.export.line_words import completed
from ocrd_rapid.ocr.geometry import Points
from ocrd_rapid.ocr.page_model import (
    Barcode,
    ReadDocument,
    ReadGraphic,
    ReadLine,
    ReadPage,
    ReadRegion,
    ReadWord,
    TablePlace,
)


def box(x: float, y: float, width: float, height: float) -> Points:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return np.array(corners, dtype=np.float32)


def line(text: str, y: float = 100, confidence: float = 0.95) -> ReadLine:
    words = tuple(
        ReadWord(word, confidence, box(100 + 90 * number, y, 80, 30))
        for number, word in enumerate(text.split())
    )
    return ReadLine(box(100, y, 700, 30), text, confidence, words)


def page(*texts: str, number: int = 1) -> ReadPage:
    lines = tuple(line(text, 100 + 50 * i) for i, text in enumerate(texts))
    return ReadPage(800, 1000, (ReadRegion(lines, "paragraph"),), number=number)


def no_medium(_: ReadPage) -> PageMedium:
    raise InputError("there is no image")


def written(
    *pages: ReadPage,
    document: ReadDocument | None = None,
    options: ExportOptions | None = None,
    image: Path | None = None,
) -> bytes:
    out = io.BytesIO()
    document = document or ReadDocument("book", len(pages))
    media = no_medium if image is None else lambda _: PageMedium(image)
    view.write(out, document, map(completed, pages), options or ExportOptions(), media)
    return out.getvalue()


def parsed(data: bytes) -> html.HtmlElement:
    return html.document_fromstring(data.decode("utf-8"))


def texts(root: html.HtmlElement, attribute: str) -> list[str]:
    return [str(e.text_content()).strip() for e in root.xpath(f"//*[@{attribute}]")]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.png"
    Image.effect_noise((800, 1000), 60).save(path)
    return path


def test_pages_regions_lines_and_words_in_reading_order(scan: Path) -> None:
    root = parsed(
        written(page("der erste Satz", "geht weiter"), page("Ende", number=2), image=scan)
    )
    assert root.xpath("//@data-page") == ["1", "2"]
    assert texts(root, "data-line") == ["der erste Satz", "geht weiter", "Ende"]
    assert texts(root, "data-word") == ["der", "erste", "Satz", "geht", "weiter", "Ende"]
    assert len(root.xpath("//*[@data-region]//*[@data-line]//*[@data-word]")) == 6
    [first, *_] = root.xpath("//@data-words")
    assert first.split(";")[1] == "95:190,100 270,130"
    assert len(root.xpath("//nav//a")) == 2 and len(root.xpath("//nav//img")) == 2


def test_nothing_comes_from_elsewhere_and_no_other_script_runs(scan: Path) -> None:
    root = parsed(written(page("Wort"), image=scan))
    [policy] = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:"
    for element, rule in (("style", "style-src"), ("script", "script-src")):
        [content] = root.xpath(f"//{element}/text()")
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert not root.xpath("//@style") and not root.xpath("//@*[starts-with(name(), 'on')]")
    addresses = root.xpath("//@src | //@href")
    assert all(address.startswith(("data:image/jpeg;base64,", "#")) for address in addresses)
    assert root.xpath("/html/@lang") == ["en"]


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_text_never_becomes_markup(text: str) -> None:
    """Neither that of words nor titles, IDs, labels and barcodes."""
    code = ReadGraphic("graphic", box(1, 1, 9, 9), "g", Barcode("QRCode", text, b""))
    shown = ReadPage(800, 1000, (ReadRegion((line(text),), id=text),), graphics=(code,), label=text)
    document = ReadDocument(text, title=text, author=text, failures={1: text})
    known = parsed(written(page("x"), document=ReadDocument("x", author="x", failures={1: "x"})))
    found = parsed(written(shown, document=document))
    names = {e.tag for e in known.iter() if isinstance(e.tag, str)}
    more = {"aside", "h3", "ul", "li", "code"}
    assert {e.tag for e in found.iter() if isinstance(e.tag, str)} <= names | more
    assert found.xpath("count(//script)") == 1


def test_doubtful_words_are_marked() -> None:
    region = ReadRegion((line("gut", 0, 0.8), line("fraglich", 50, 0.79), line("falsch", 90, 0.5)))
    unsure = replace(region.lines[0], words=(ReadWord("unklar", None, box(0, 0, 9, 9)),))
    root = parsed(written(ReadPage(800, 1000, (region, ReadRegion((unsure,))))))
    classes = [e.get("class") for e in root.xpath("//*[@data-word]")]
    assert classes == [None, "doubtful", "low", None]


def test_divided_words_are_known_as_wholes() -> None:
    root = parsed(written(page("die Gärt-", "nerarbeit ruht")))
    [whole] = root.xpath("//*[@data-whole]")
    [rest] = root.xpath("//*[@data-first]")
    assert (whole.text, whole.get("data-whole")) == ("Gärt-", "Gärtnerarbeit")
    assert (rest.text, rest.get("data-first")) == ("nerarbeit", "1")


def test_modern_spelling_is_a_choice_and_text_is_composed() -> None:
    old = page("Waſ iſt", unicodedata.normalize("NFD", "Gemüſe"))
    assert texts(parsed(written(old)), "data-line") == ["Waſ iſt", "Gemüſe"]
    modern = written(old, options=ExportOptions(modern_spelling=True))
    assert texts(parsed(modern), "data-line") == ["Was ist", "Gemüse"]


def test_right_to_left_lines_and_the_language_of_the_text() -> None:
    hebrew = replace(page("שלום עולם"), languages=("he",))
    root = parsed(written(hebrew, replace(page("Wort"), number=2)))
    assert root.xpath("//*[@data-line]/@dir") == ["rtl"]
    assert root.xpath("//*[@role='group']/@lang") == ["he", ""]


def test_regions_without_lines_have_their_text() -> None:
    own = ReadRegion((), "paragraph", own_text="nur im\nBereich", own_outline=box(10, 10, 400, 80))
    assert texts(parsed(written(ReadPage(800, 1000, (own,)))), "data-line") == ["nur im", "Bereich"]


def test_tables_in_the_order_of_their_rows_are_tables() -> None:
    cells = [(row, column) for row in range(2) for column in range(2)]
    regions = [ReadRegion((line(f"{r}{c}"),), place=TablePlace("t", r, c)) for r, c in cells]
    root = parsed(written(ReadPage(800, 1000, tuple(regions[:1] + regions[2:]))))
    rows = [[str(cell.text_content()).strip() for cell in row] for row in root.xpath("//tr")]
    assert rows == [["00", ""], ["10", "11"]]
    mixed = parsed(written(ReadPage(800, 1000, tuple(regions[::-1]))))
    assert not mixed.xpath("//table") and texts(mixed, "data-line") == ["11", "10", "01", "00"]


def test_spanning_cells_leave_no_gaps() -> None:
    wide = ReadRegion((line("breit"),), place=TablePlace("t", 0, 0, rows=2, columns=2))
    places = [(1, 2), (2, 0), (2, 1), (2, 2)]
    others = [ReadRegion((line(f"{r}{c}"),), place=TablePlace("t", r, c)) for r, c in places]
    root = parsed(written(ReadPage(800, 1000, (wide, *others))))
    assert [len(row.xpath("td")) for row in root.xpath("//tr")] == [2, 1, 3]
    assert root.xpath("//td/@rowspan") == ["2"] and root.xpath("//td/@colspan") == ["2"]


def test_absurd_places_of_cells_do_no_harm() -> None:
    far = [ReadRegion((line(str(n)),), place=TablePlace("t", n, n * 10**9)) for n in range(3)]
    assert texts(parsed(written(ReadPage(800, 1000, tuple(far)))), "data-line") == ["0", "1", "2"]


def test_pages_without_image_or_text_say_so() -> None:
    empty = ReadPage(800, 1000, number=7)
    document = ReadDocument("book", 2, failures={7: "the image is broken"})
    content = str(parsed(written(page("Wort"), empty, document=document)).text_content())
    assert content.count("The scan of this page cannot be shown.") == 2
    assert "Not read: the image is broken" in content
    assert "No text." in str(parsed(written(empty)).text_content())


def test_barcodes_are_beside_the_text() -> None:
    code = ReadGraphic("graphic", box(1, 1, 9, 9), "g", Barcode("QRCode", "a & b", b""))
    root = parsed(written(replace(page("Wort"), graphics=(code,))))
    [item] = root.xpath("//aside//li")
    assert item.text_content() == "QRCode: a & b" and item.get("data-at") == "1,1 10,1 10,10 1,10"
    assert texts(root, "data-line") == ["Wort"]


def test_differences_are_marked_and_leave_the_text_as_it_is() -> None:
    stretches = (Stretch("Ha", "Ha"), Stretch("u", "n"), Stretch("s", "s"))
    options = ExportOptions(
        differences=lambda _: Differences(stretches, "CER 25 %"), modern_spelling=True
    )
    root = parsed(written(page("Hans"), options=options))
    [mark] = root.xpath("//*[@data-word]/mark")
    assert (mark.text, mark.get("class"), mark.get("data-reference")) == ("n", "replaced", "u")
    assert texts(root, "data-line") == ["Hans"] and "CER 25 %" in str(root.text_content())
    none = parsed(written(page("Hans"), options=ExportOptions(differences=lambda _: None)))
    assert not none.xpath("//mark")


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch, scan: Path) -> Path:
    """Set a limit between two and three pictures, and return the scan."""
    [source] = parsed(written(page("a"), image=scan)).xpath("//figure//img/@src")
    one = len(source)
    monkeypatch.setattr(view, "LARGEST", one * 5 // 2)
    return scan


def numbered(count: int) -> Iterable[ReadPage]:
    return (page("Wort", number=number) for number in range(1, count + 1))


def test_many_pictures_go_into_a_folder(small_limit: Path, tmp_path: Path) -> None:
    folder = tmp_path / ".unfinished"
    options = ExportOptions(side_folder=folder, side_name="ein Buch_files")
    few = parsed(written(*numbered(2), options=options, image=small_limit))
    assert not folder.exists()
    many = parsed(written(*numbered(4), options=options, image=small_limit))
    sources = many.xpath("//figure//img/@src")
    assert sources == [f"ein%20Buch_files/000{number}.jpg" for number in range(1, 5)]
    [inside] = {source.partition("base64,")[2] for source in few.xpath("//figure//img/@src")}
    assert pictures(folder) == {
        f"000{number}.jpg": base64.b64decode(inside) for number in range(1, 5)
    }
    [policy] = many.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "img-src data: 'self' file:;" in policy


def test_without_a_folder_all_pictures_are_in_the_file(small_limit: Path) -> None:
    root = parsed(written(*numbered(4), image=small_limit))
    assert len(root.xpath("//figure//img[starts-with(@src, 'data:')]")) == 4


def test_the_same_pages_give_the_same_bytes(scan: Path) -> None:
    assert written(*numbered(2), image=scan) == written(*numbered(2), image=scan)


def test_pages_are_read_one_after_the_other() -> None:
    """Before the next one is read, everything of a page has been used."""
    seen: list[int] = []

    def pages() -> Iterable[ReadPage]:
        for number in range(1, 4):
            assert seen == list(range(1, number))
            yield page("Wort", number=number)

    def media(shown: ReadPage) -> PageMedium:
        seen.append(shown.number)
        raise InputError("there is no image")

    view.write(io.BytesIO(), ReadDocument("book", 3), pages(), ExportOptions(), media)
    assert seen == [1, 2, 3]
