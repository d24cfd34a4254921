# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Text put into PDFs: where it is, and that everything else stays."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image
from searchable_pages import (
    HEIGHT,
    WIDTH,
    gray_page,
    misplaced,
    opened,
    page_of,
    region_of,
    text_of,
    written,
)

from ocrd_rapid.documents.pdf_geometry import DisplayedPage
from ocrd_rapid.errors import InputError
from ocrd_rapid.export.export_options import ExportOptions, PageMedium
from ocrd_rapid.export.pdf.graft import Placement, to_user
from ocrd_rapid.export.pdf.invisible_text import has_visible_text
from ocrd_rapid.export.pdf.navigation import outline_of
from ocrd_rapid.ocr.page_model import ReadPage
from ocrd_rapid.transforms import transform_points

BODY = region_of(300, "The quick brown fox", "jumps over it")
WORDS = ["The", "quick", "brown", "fox", "jumps", "over", "it"]

FORM: dict[str, Any] = {
    "/Type": Name.XObject,
    "/Subtype": Name.Form,
    "/BBox": Array([0, 0, 432, 576]),
}

Fill = Callable[[Pdf], None]


def pdf_file(folder: Path, fill: Fill, name: str = "input.pdf", **options: Any) -> Path:
    pdf = Pdf.new()
    fill(pdf)
    path = folder / name
    pdf.save(path, **options)
    return path


def layered(path: Path, *pages: ReadPage, layer: str = "add", **options: Any) -> bytes:
    media = {p.number: PageMedium(path, p.number - 1, layer=layer) for p in pages}
    return written(pages, media, ExportOptions(generator="test 1", **options))


def add_text(pdf: Pdf, text: str, *, mode: int = 0, page: int = 0) -> None:
    """Add text at (50, 500) to a page."""
    obj = pdf.pages[page].obj
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    obj.Resources.Font = Dictionary(F1=font)
    drawn = f"BT /F1 18 Tf {mode} Tr 50 500 Td ({text}) Tj ET".encode("ascii")
    obj.Contents = Array([obj.Contents, Stream(pdf, drawn)])


def images_of(data: bytes | Path) -> list[bytes]:
    with pikepdf.open(data if isinstance(data, Path) else io.BytesIO(data)) as pdf:
        images = (o for o in pdf.objects if isinstance(o, Stream))
        return sorted(o.read_bytes() for o in images if o.get("/Subtype") == "/Image")


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"Rotate": 90},
        {"Rotate": 180},
        {"Rotate": 270},
        {"Rotate": -90},
        {"box": (100, -200, 532, 376)},
        {"box": (50, 30, 626, 462), "Rotate": 90},
        {"box": (0, 0, 1000, 1000), "CropBox": Array([40, 400, 472, 976])},
        {"UserUnit": 2},
        {"box": (0, 0, 3, 4)},
        {"box": (0, 0, 10800, 14400)},
    ],
    ids=str,
)
def test_words_are_found_on_pages_of_all_kinds(tmp_path: Path, entries: dict[str, Any]) -> None:
    path = pdf_file(tmp_path, lambda pdf: gray_page(pdf, **entries))
    page = page_of(BODY)
    data = layered(path, page)
    assert misplaced(page, data) == []
    with pikepdf.open(path) as before, opened(data) as after:
        for key in ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit"):
            assert before.pages[0].obj.get(key) == after.pages[0].obj.get(key)
    assert images_of(data) == images_of(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    box=st.tuples(
        st.floats(-500, 500), st.floats(-500, 500), st.floats(3, 2000), st.floats(3, 2000)
    ),
    rotate=st.sampled_from([0, 90, 180, 270]),
    point=st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT)),
)
def test_layers_lie_where_pixels_are_shown(
    box: tuple[float, float, float, float], rotate: int, point: tuple[float, float]
) -> None:
    left, bottom, width, height = box
    shown = DisplayedPage((left, bottom, left + width, bottom + height), rotate)
    import numpy as np

    in_layer = np.array([(point[0], HEIGHT - point[1])])
    user = transform_points(to_user(shown, Placement(WIDTH, HEIGHT)), in_layer)
    pixels = transform_points(shown.to_pixels(WIDTH, HEIGHT), user)
    assert pixels[0].tolist() == pytest.approx(point, abs=1e-3)


def everything(pdf: Pdf) -> None:
    """Fill a PDF with what must stay."""
    for _ in range(3):
        gray_page(pdf)
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Chapter", 1))
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r)]))
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([70, 70, 90, 90]),
        Dest=Array([pdf.pages[2].obj, Name.Fit]),
    )  # fmt: skip
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("value"),
            Rect=Array([10, 10, 50, 30]), F=4, P=pdf.pages[0].obj,
        )
    )  # fmt: skip
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link), field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
    pdf.attachments["note.txt"] = b"an attached file"
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Layer")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(Order=Array([group])))
    pdf.docinfo["/Title"] = "The title"
    pdf.docinfo["/Author"] = "The author"
    pdf.docinfo["/Creator"] = "The scanner"


def test_everything_else_stays(tmp_path: Path) -> None:
    path = pdf_file(tmp_path, everything)
    data = layered(path, page_of(BODY, number=2))
    with opened(data) as pdf:
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Chapter"]
        assert [page.label for page in pdf.pages] == ["i", "ii", "iii"]
        link, field = pdf.pages[0].obj.Annots
        assert link.Dest[0].objgen == pdf.pages[2].obj.objgen
        assert field.V == "value" and pdf.Root.AcroForm.Fields[0].objgen == field.objgen
        assert pdf.attachments["note.txt"].get_file().read_bytes() == b"an attached file"
        assert pdf.Root.OCProperties.OCGs[0].Name == "Layer"
        info = [str(pdf.docinfo[key]) for key in ("/Title", "/Author", "/Creator")]
        assert info == ["The title", "The author", "The scanner"]
        contents = [page.obj.Contents for page in pdf.pages]
        assert isinstance(contents[0], Stream) and isinstance(contents[2], Stream)
    assert text_of(data, 1).split() == WORDS and not text_of(data, 0).strip()
    assert images_of(data) == images_of(path)


def test_tags_of_the_input_stay_and_get_no_others(tmp_path: Path) -> None:
    def tagged(pdf: Pdf) -> None:
        gray_page(pdf)
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        root = Dictionary(Type=Name.StructTreeRoot, K=Dictionary(S=Name.Document))
        pdf.Root.StructTreeRoot = pdf.make_indirect(root)

    data = layered(pdf_file(tmp_path, tagged), page_of(BODY))
    with opened(data) as pdf:
        assert "/ParentTree" not in pdf.Root.StructTreeRoot
        assert "/Lang" not in pdf.Root and "/ViewerPreferences" not in pdf.Root
        content = b"".join(stream.read_bytes() for stream in pdf.pages[0].Contents)
    assert b"BDC" not in content and text_of(data).split() == WORDS


def test_visible_text_is_not_hidden_from_those_who_listen(tmp_path: Path) -> None:
    """A tagged document in which text has no tags is read without this text."""

    def stamped(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "Stamp")

    data = layered(pdf_file(tmp_path, stamped), page_of(BODY))
    with opened(data) as pdf:
        assert "/StructTreeRoot" not in pdf.Root
        content = b"".join(stream.read_bytes() for stream in pdf.pages[0].Contents)
    assert b"/Artifact" not in content
    assert sorted(text_of(data).split()) == sorted([*WORDS, "Stamp"])


def test_text_that_the_page_shows_is_not_written_again(tmp_path: Path) -> None:
    def stamped(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "Stamp")

    page = page_of(replace(region_of(100, "Stamp"), shown=True), BODY)
    assert text_of(layered(pdf_file(tmp_path, stamped), page)).count("Stamp") == 1


@pytest.mark.parametrize("inside", ["page", "form", "form in form"])
def test_invisible_text_is_replaced_wherever_it_is(tmp_path: Path, inside: str) -> None:
    def with_layer(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "earlier text", mode=3)
        page = pdf.pages[0].obj
        for _ in range(inside.count("form")):
            content = page.Contents
            streams = list(content) if isinstance(content, Array) else [content]
            drawn = b"\n".join(stream.read_bytes() for stream in streams)
            form = Stream(pdf, drawn)
            form.update(FORM)
            form.Resources = page.Resources
            page.Resources = Dictionary(XObject=Dictionary(Fm=form))
            page.Contents = Stream(pdf, b"q /Fm Do Q")

    path = pdf_file(tmp_path, with_layer)
    assert text_of(path.read_bytes()).strip() == "earlier text"
    data = layered(path, page_of(BODY), layer="replace")
    assert text_of(data).split() == WORDS
    assert images_of(data) == images_of(path)


def test_visible_text_stays_when_invisible_text_goes(tmp_path: Path) -> None:
    def both(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "hidden) Tj 0 Tr (Stamp", mode=3)

    path = pdf_file(tmp_path, both)
    data = layered(path, page_of(BODY), layer="replace")
    assert sorted(text_of(data).split()) == sorted([*WORDS, "Stamp"])


@pytest.mark.parametrize(
    "below, over",
    [
        ("(earlier text) Tj", ""),
        ("[(ear) -20 () (lier)] TJ () Tj [5] TJ 14 TL (text) '", ""),
        ('2 1 (earlier) " (text) Tj', ""),
        ("", "0.7843 g (earlier text) Tj"),
        ("(earlier) Tj", "3 Tr (text) Tj 0 Tr"),
    ],
)
@pytest.mark.parametrize("inside", ["page", "form"])
def test_text_that_is_painted_but_not_seen_is_replaced(
    tmp_path: Path, below: str, over: str, inside: str
) -> None:
    """Some programs put the scan above what they recognized, others paint that white."""

    def covered(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "earlier")
        page = pdf.pages[0].obj
        scan = page.Contents[0].read_bytes()
        start = b"BT /F1 18 Tf 50 500 Td "
        under, above = start + below.encode() + b" ET ", start + over.encode() + b" ET "
        stamp = b"0.2 g BT /F1 18 Tf 50 100 Td (Stamp) Tj ET"
        page.Contents = Stream(pdf, under + b"q " + scan + b" Q " + above + stamp)
        if inside == "form":
            form = page.Contents
            form.update(FORM)
            form.Resources = page.Resources
            page.Resources = Dictionary(XObject=Dictionary(Fm=form))
            page.Contents = Stream(pdf, b"q /Fm Do Q")

    path = pdf_file(tmp_path, covered)
    assert "earlier" in text_of(path.read_bytes())
    once = tmp_path / "once.pdf"
    once.write_bytes(layered(path, page_of(BODY), layer="replace"))
    assert sorted(text_of(once.read_bytes()).split()) == sorted([*WORDS, "Stamp"])
    twice = layered(once, page_of(BODY), layer="replace")
    assert sorted(text_of(twice).split()) == sorted([*WORDS, "Stamp"])
    assert images_of(twice) == images_of(path)


def test_text_that_a_picture_is_cut_out_by_stays(tmp_path: Path) -> None:
    def clipped(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "earlier")
        page = pdf.pages[0].obj
        scan = page.Contents[0].read_bytes()
        cut = b"q BT /F1 90 Tf 7 Tr 50 300 Td (CUT) Tj ET 0 0 1 rg 0 0 400 400 re f Q"
        page.Contents = Stream(pdf, b"BT /F1 9 Tf (gone) Tj ET q " + scan + b" Q " + cut)

    data = layered(pdf_file(tmp_path, clipped), page_of(BODY), layer="replace")
    assert sorted(text_of(data).split()) == sorted([*WORDS, "CUT"])


def test_a_form_with_invisible_text_stays_on_other_pages(tmp_path: Path) -> None:
    def shared(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "earlier", mode=3)
        form = Stream(pdf, pdf.pages[0].obj.Contents[1].read_bytes())
        form.update(FORM)
        form.Resources = Dictionary(Font=pdf.pages[0].obj.Resources.Font)
        gray_page(pdf)
        for page in pdf.pages:
            page.obj.Contents = Stream(pdf, b"/Fm Do")
            page.obj.Resources = Dictionary(XObject=Dictionary(Fm=form))

    data = layered(pdf_file(tmp_path, shared), page_of(BODY), layer="replace")
    assert text_of(data, 0).split() == WORDS and text_of(data, 1).strip() == "earlier"


def test_replacing_twice_changes_nothing(tmp_path: Path) -> None:
    once = tmp_path / "once.pdf"
    once.write_bytes(layered(pdf_file(tmp_path, gray_page), page_of(BODY)))
    twice = tmp_path / "twice.pdf"
    twice.write_bytes(layered(once, page_of(BODY), layer="replace"))
    thrice = layered(twice, page_of(BODY), layer="replace")
    assert thrice == twice.read_bytes()
    assert text_of(thrice).split() == WORDS
    assert len(twice.read_bytes()) <= once.stat().st_size + 10
    with opened(thrice) as pdf:
        assert len(pdf.Root.StructTreeRoot.K.K) == 1


def test_tags_of_ours_stay_where_pages_are_not_read_again(tmp_path: Path) -> None:
    def two(pdf: Pdf) -> None:
        gray_page(pdf)
        gray_page(pdf)

    path = tmp_path / "once.pdf"
    pages = [page_of(BODY), page_of(region_of(40, "one"), region_of(80, "two"), number=2)]
    path.write_bytes(layered(pdf_file(tmp_path, two), *pages))
    new = page_of(region_of(40, "three"), region_of(80, "four"), region_of(120, "five"))
    with opened(layered(path, new, layer="replace")) as pdf:
        root = pdf.Root.StructTreeRoot
        owners = [element.Pg.objgen for element in root.K.K]
        first, second = (page.obj.objgen for page in pdf.pages)
        assert owners == [first] * 3 + [second] * 2
        for page in pdf.pages:
            marks = root.ParentTree.Nums[2 * int(page.obj.StructParents) + 1]
            assert all(mark.Pg.objgen == page.obj.objgen for mark in marks)


def test_a_kept_page_stays_as_it_is(tmp_path: Path) -> None:
    path = pdf_file(tmp_path, gray_page)
    data = layered(path, page_of(BODY), layer="keep", rotate_pages=True, deskew_pages=True)
    with pikepdf.open(path) as before, opened(data) as after:
        contents = (pdf.pages[0].obj.Contents.read_bytes() for pdf in (before, after))
        assert next(contents) == next(contents)
    assert not text_of(data).strip()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_an_image_takes_the_place_of_a_page_but_not_of_its_links(
    tmp_path: Path, rotate: int
) -> None:
    def linked(pdf: Pdf) -> None:
        gray_page(pdf, (10, 20, 442, 596) if rotate % 180 == 0 else (10, 20, 586, 452))
        pdf.pages[0].obj.Rotate = rotate
        add_text(pdf, "Text")
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([70, 70, 90, 90]))
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])

    path = pdf_file(tmp_path, linked)
    picture = tmp_path / "page.png"
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    image.paste((200, 0, 0), (0, 0, 100, 50))
    image.paste((0, 0, 200), (500, 700, 600, 800))
    image.save(picture)
    page = page_of(BODY)
    media = {1: PageMedium(path, 0, image=picture, layer="image")}
    data = written([page], media)
    assert misplaced(page, data) == [] and text_of(data).split() == WORDS
    with opened(data) as pdf:
        assert len(pdf.pages) == 1 and len(pdf.pages[0].obj.Annots) == 1
        assert not has_visible_text(pdf.pages[0])
    import pypdfium2

    shown = pypdfium2.PdfDocument(data)[0].render(scale=WIDTH / 432).to_pil().convert("RGB")
    assert shown.getpixel((20, 20))[0] > 150 > shown.getpixel((20, 20))[2]
    assert shown.getpixel((580, 780))[2] > 150 > shown.getpixel((580, 780))[0]
    assert min(shown.getpixel((580, 20))) > 200


def test_images_and_pdfs_are_joined_in_order(tmp_path: Path) -> None:
    scan = tmp_path / "scan.jpg"
    Image.new("L", (WIDTH, HEIGHT), 255).save(scan)
    path = pdf_file(tmp_path, everything)

    def with_bookmark(pdf: Pdf) -> None:
        gray_page(pdf)
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Appendix", 0))

    other = pdf_file(tmp_path, with_bookmark, "other.pdf")
    places = [
        PageMedium(scan), PageMedium(path, 0), PageMedium(path, 2), PageMedium(scan),
        PageMedium(other, 0),
    ]  # fmt: skip
    media = dict(enumerate(places, 1))
    pages = [page_of(region_of(100, f"page {i}"), number=i) for i in media]
    data = written(pages, media)
    texts = [text_of(data, i).strip() for i in range(6)]
    assert texts == ["page 1", "page 2", "", "page 3", "page 4", "page 5"]
    with opened(data) as pdf:
        assert str(pdf.docinfo["/Title"]) == "The title"
        assert [(e.title, e.page_number) for e in outline_of(pdf)] == [
            ("Chapter", 3),
            ("Appendix", 6),
        ]


def test_an_encrypted_pdf_is_written_without_encryption(tmp_path: Path) -> None:
    path = pdf_file(tmp_path, gray_page, encryption=pikepdf.Encryption(user="", owner="boss", R=6))
    with opened(layered(path, page_of(BODY))) as pdf:
        assert not pdf.is_encrypted


def test_states_that_the_page_does_not_restore_do_not_reach_the_layer(tmp_path: Path) -> None:
    def unbalanced(pdf: Pdf) -> None:
        gray_page(pdf)
        pdf.pages[0].obj.Contents = Stream(pdf, b"q 5 0 0 5 9 9 cm q 432 0 0 576 0 0 cm /Im0 Do")

    page = page_of(BODY)
    data = layered(pdf_file(tmp_path, unbalanced), page, pdf_outlines=("region",))
    assert misplaced(page, data) == []


def test_resources_that_pages_share_stay_as_they_are(tmp_path: Path) -> None:
    def shared(pdf: Pdf) -> None:
        gray_page(pdf)
        gray_page(pdf)
        resources = pdf.make_indirect(pdf.pages[0].obj.Resources)
        for page in pdf.pages:
            page.obj.Resources = resources

    with opened(layered(pdf_file(tmp_path, shared), page_of(BODY))) as pdf:
        assert "/Font" in pdf.pages[0].obj.Resources
        assert "/Font" not in pdf.pages[1].obj.Resources


def test_fonts_of_the_same_name_stay(tmp_path: Path) -> None:
    def named(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "Stamp")
        fonts = pdf.pages[0].obj.Resources.Font
        fonts.F = fonts.F1
        pdf.pages[0].obj.Contents[1] = Stream(pdf, b"BT /F 18 Tf 50 500 Td (Stamp) Tj ET")

    data = layered(pdf_file(tmp_path, named), page_of(BODY))
    assert sorted(text_of(data).split()) == sorted([*WORDS, "Stamp"])


def test_only_pages_that_are_one_image_are_straightened(tmp_path: Path) -> None:
    def stamped(pdf: Pdf) -> None:
        gray_page(pdf)
        add_text(pdf, "Stamp")

    page = replace(page_of(BODY), skew=3.0)
    assert misplaced(page, layered(pdf_file(tmp_path, stamped), page, deskew_pages=True)) == []
    assert misplaced(page, layered(pdf_file(tmp_path, gray_page), page, deskew_pages=True)) != []


def test_pages_turn_from_where_they_are(tmp_path: Path) -> None:
    path = pdf_file(tmp_path, lambda pdf: gray_page(pdf, (0, 0, 576, 432), Rotate=90))
    data = layered(path, replace(page_of(BODY), orientation=180), rotate_pages=True)
    with opened(data) as pdf:
        assert pdf.pages[0].obj.Rotate == 270


def test_what_is_no_pdf_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "text.pdf"
    path.write_bytes(b"not a PDF")
    with pytest.raises(InputError, match=r"text\.pdf"):
        layered(path, page_of(BODY))
    path = pdf_file(tmp_path, gray_page)
    with pytest.raises(InputError, match="no page 7"):
        layered(path, page_of(BODY, number=7))
