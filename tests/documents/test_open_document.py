# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents: what is opened and what is refused, pages and their images."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import made_pdfs
import numpy as np
import pikepdf
import pytest
from made_pdfs import LINES, add_page, as_jpeg, made, scan, scan_page, text_page
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms

from ocrd_rapid.documents.document import Document, DocumentOptions, DocumentSource, Treatment
from ocrd_rapid.documents.input_files import STANDARD_INPUT
from ocrd_rapid.documents.open_document import open_document
from ocrd_rapid.errors import InputError, MissingExtraError, UsageError


@contextmanager
def opened(*paths: Path, **options: Any) -> Iterator[Document]:
    document = open_document(DocumentSource("name", paths), DocumentOptions(**options))
    try:
        yield document
    finally:
        document.close()


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as info, opened(path, **options):
        pass
    return str(info.value)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


# Images.

MODES = {
    "grey": ("L", {}), "colour": ("RGB", {}), "two-tone": ("1", {}), "palette": ("P", {}),
    "alpha": ("LA", {}), "colour and alpha": ("RGBA", {}), "print": ("CMYK", {}),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_an_image_of_any_kind_is_a_page_of_its_pixels(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "page.tif"
    scan().convert(MODES[mode][0]).save(path, dpi=(150, 150))
    with opened(path) as document:
        (page,) = document.pages
        assert (page.number, page.name, page.pdf_page) == (1, "page.tif", None)
        assert (page.treatment(), page.layer(), page.dpi()) == (Treatment.RECOGNIZE, "add", 150)
        image = page.image(tmp_path, "0001")
        assert np.abs(pixels(image).astype(int) - np.asarray(scan())).mean() < 3
        assert (image == path) == (mode not in ("alpha", "colour and alpha", "print"))


def test_transparent_paper_is_white(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    ink = Image.new("L", scan().size, 255)  # white letters on nothing: not to be seen
    Image.merge("LA", (ink, Image.eval(scan(), lambda value: 255 - value))).save(path)
    with opened(path) as document:
        assert pixels(document.pages[0].image(tmp_path, "x")).min() == 255


def test_the_colours_of_print_are_those_of_its_profile(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("CMYK", (20, 20), (0, 255, 255, 0)).save(path, icc_profile=swapped)
    with opened(path) as document:  # a profile that does not fit is left aside
        image = Image.open(document.pages[0].image(tmp_path, "x"))
    red, green, blue = image.getpixel((10, 10))  # type: ignore[misc]
    assert red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_upright(tmp_path: Path, orientation: int) -> None:
    stored = {
        1: lambda i: i,
        2: lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda i: i.rotate(180),
        4: lambda i: i.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda i: i.transpose(Image.Transpose.TRANSPOSE),
        6: lambda i: i.rotate(90, expand=True),
        7: lambda i: i.transpose(Image.Transpose.TRANSVERSE),
        8: lambda i: i.rotate(270, expand=True),
    }[orientation](scan())
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "page.jpg"
    stored.save(path, exif=exif, quality=95)
    with opened(path) as document:
        image = document.pages[0].image(tmp_path, "0001")
    assert np.abs(pixels(image).astype(int) - np.asarray(scan())).mean() < 2
    assert (image == path) == (orientation == 1)


def test_the_pages_of_a_tiff_are_pages(tmp_path: Path) -> None:
    path = tmp_path / "book.tif"
    texts = [["eins"], ["zwei"], ["drei"]]
    first, *rest = map(scan, texts)
    first.save(path, save_all=True, append_images=rest, dpi=(200, 200))
    with opened(path, pages="2-") as document:
        assert document.record.page_count == 3
        assert [page.name for page in document.pages] == [
            "page 2 of book.tif",
            "page 3 of book.tif",
        ]
        for page in document.pages:
            image = pixels(page.image(tmp_path, f"{page.number:04d}"))
            assert (image == np.asarray(scan(texts[page.number - 1]))).all()
            assert page.dpi() == 200


@pytest.mark.parametrize(
    ("stored", "given", "dpi"),
    [(None, None, None), (1, None, None), (49, None, None), (50, None, 50), (72, 300, 300)],
)
def test_a_resolution_counts_if_it_is_credible(
    tmp_path: Path, stored: int | None, given: float | None, dpi: float | None
) -> None:
    path = tmp_path / "page.png"
    scan().save(path, **({"dpi": (stored, stored)} if stored else {}))
    with opened(path, image_dpi=given, layered=True) as document:
        assert document.pages[0].dpi() == dpi
        assert (dpi is None) == any("297 mm (--image-dpi" in note for note in document.notes)
    with opened(path, image_dpi=given) as document:
        assert not document.notes


def test_the_limit_on_pixels_is_that_of_the_option(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    Image.new("1", (3000, 1000)).save(path)
    limit = {"max_pixels": 2_999_999}
    assert "(3 megapixels), more than the 2999999 allowed; --max-megapixels" in refused(
        path, **limit
    )
    with opened(path, max_pixels=3_000_000) as document:
        assert document.pages[0].image(tmp_path, "x") == path


def test_a_truncated_image_is_an_error_of_its_page(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    scan().save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with opened(path) as document, pytest.raises(InputError, match=r"page\.png .*truncated"):
        document.pages[0].image(tmp_path, "x")


# What is no document.


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"", "a.pdf is empty"),
        ("a.png", b"", "a.png is empty"),
        ("a.pdf", b"<html><body>", "is not a PDF (it begins with `<html><body>`): it is an HTML"),
        ("a.pdf", bytes(range(256)), "is not a PDF"),
        ("a.png", b"no picture\n", "a.png is not an image or PDF: it is text"),
        ("a.pdf", b"%PDF-1.4\nnothing", "is truncated"),
        ("a.pdf", b"%PDF-1.4\nnothing\n%%EOF\n", "is damaged and cannot be read"),
    ],
)
def test_what_is_no_document_is_said_in_one_line(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    message = refused(path)
    assert says in message
    assert "\n" not in message


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "gone.png")
    assert "is a directory" in refused(tmp_path)
    with pytest.raises(InputError, match=r"^x does not exist$"):
        open_document(
            DocumentSource("x", (tmp_path,), problem="x does not exist"), DocumentOptions()
        )


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    scan().save(path, "PNG")
    with opened(path) as document:
        assert document.pages[0].pdf_page is None


def test_without_its_library_a_pdf_is_an_error_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "a.pdf", scan_page)
    for module in ("pikepdf", "pypdfium2"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(MissingExtraError, match=r"pip install 'ocrd-rapid\[pdf\]'"):
                open_document(DocumentSource("a", (path,)), DocumentOptions())


# PDFs.


def test_a_pdf_is_described(tmp_path: Path) -> None:
    def describe(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Title"] = "Die  Frau\x00und der Sozialismus"
        pdf.docinfo["/Author"] = "A. Bebel"
        pdf.docinfo["/CreationDate"] = "D:19091231235958+01'00'"
        pdf.Root.Lang = pikepdf.String("de-DE")
        pdf.Root.PageLabels = Dictionary(
            Nums=Array([0, Dictionary(S=Name.r), 1, Dictionary(S=Name.D, St=7)])
        )

    path = made(tmp_path / "book.pdf", scan_page, text_page, describe)
    with opened(path) as document:
        record = document.record
        assert (record.name, record.source, record.page_count) == ("name", "book.pdf", 2)
        assert len(record.sha256) == 64
        assert (record.title, record.author) == ("Die Frau und der Sozialismus", "A. Bebel")
        assert (record.created, record.languages) == ("1909-12-31T23:59:58+01:00", ("de-DE",))
        assert [page.label for page in document.pages] == ["i", "7"]
        assert [page.name for page in document.pages] == [
            "page 1 of book.pdf",
            "page 2 of book.pdf",
        ]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [made_pdfs.A4, (3.0, 4.24), (9000.0, 12730.0)])
def test_a_scan_is_rendered_to_its_own_pixels(
    tmp_path: Path, rotate: int, size: tuple[float, float]
) -> None:
    stored = scan(size=(1240, 1754)).rotate(rotate, expand=True)
    width, height = size if rotate % 180 == 0 else size[::-1]

    def fill(pdf: pikepdf.Pdf) -> None:
        shown = f"q {width} 0 0 {height} 0 0 cm /I Do Q"
        image = made_pdfs.flate_object(pdf, stored)
        add_page(pdf, shown, (width, height), image, Rotate=rotate)

    with opened(made(tmp_path / "a.pdf", fill)) as document:
        (page,) = document.pages
        found = pixels(page.image(tmp_path, "0001"))
        assert found.shape == (1754, 1240)
        assert (found == np.asarray(scan(size=(1240, 1754)))).all()
        assert page.dpi() == (None if size[0] == 9000 else pytest.approx(1240 / size[0] * 72, 0.01))


def test_the_strips_of_a_scan_give_its_resolution(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        whole = scan(size=(1240, 1754))
        page = add_page(pdf, "")
        images, shown = Dictionary(), ""
        for i in range(5):
            top, bottom = round(i * 350.8), round((i + 1) * 350.8)
            images[f"/S{i}"] = made_pdfs.jpeg_object(pdf, whole.crop((0, top, 1240, bottom)))
            shown += f"q 595.2 0 0 168.384 0 {841.92 - (i + 1) * 168.384} cm /S{i} Do Q "
        page.Resources.XObject = images
        page.Contents = pikepdf.Stream(pdf, shown.encode())

    with opened(made(tmp_path / "a.pdf", fill)) as document:
        assert document.pages[0].dpi() == pytest.approx(150, abs=0.5)


def test_pages_without_a_scan_are_rendered_at_the_usual_resolution(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", lambda pdf: pdf.add_blank_page(page_size=(144, 72)))
    with opened(path) as document:
        assert document.pages[0].dpi() == 300
        assert pixels(document.pages[0].image(tmp_path, "x")).shape == (300, 600)
    with opened(path, dpi=100) as document:
        assert pixels(document.pages[0].image(tmp_path, "x")).shape == (100, 200)


def test_a_backdrop_of_few_pixels_gives_no_resolution(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        add_page(pdf, made_pdfs.WHOLE, image=made_pdfs.flate_object(pdf, Image.new("L", (2, 2), 9)))

    with opened(made(tmp_path / "a.pdf", fill)) as document:
        assert document.pages[0].dpi() == pytest.approx(300, abs=0.1)


def test_a_huge_page_is_rendered_smaller(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", lambda pdf: pdf.add_blank_page(page_size=(14400, 7200)))
    with opened(path) as document:
        (page,) = document.pages
        assert page.notes() == ["was read at a reduced size, 60 megapixels"]
        assert pixels(page.image(tmp_path, "x")).shape == (5477, 10954)


def test_a_crop_box_beside_the_page_does_not_count(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", lambda pdf: scan_page(pdf, CropBox=Array([900, 0, 990, 90])))
    with opened(path) as document:
        image = pixels(document.pages[0].image(tmp_path, "x"))
    assert np.abs(image.astype(int) - np.asarray(scan())).mean() < 1


@pytest.mark.parametrize("broken", ["jpeg", "flate", "empty"])
def test_one_broken_image_is_an_error_of_its_page(tmp_path: Path, broken: str) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        scan_page(pdf)
        make = made_pdfs.jpeg_object if broken == "jpeg" else made_pdfs.flate_object
        image = make(pdf, scan())
        raw = b"" if broken == "empty" else image.read_raw_bytes()[:1000]
        image.write(raw, filter=image.Filter)
        add_page(pdf, made_pdfs.WHOLE, image=image)

    with opened(made(tmp_path / "a.pdf", fill)) as document:
        first, second = document.pages
        first.image(tmp_path, "0001")
        with pytest.raises(InputError, match=r"^page 2 of .*a\.pdf cannot be read: an image"):
            second.treatment()


def test_an_image_that_only_lacks_the_mark_of_its_end_is_read(tmp_path: Path) -> None:
    def fill(pdf: pikepdf.Pdf) -> None:
        image = made_pdfs.jpeg_object(pdf, scan())
        image.write(image.read_raw_bytes()[:-2], filter=Name.DCTDecode)
        add_page(pdf, made_pdfs.WHOLE, image=image)

    with opened(made(tmp_path / "a.pdf", fill)) as document:
        assert document.pages[0].treatment() == Treatment.RECOGNIZE


def test_pdfs_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    assert refused(made(tmp_path / "none.pdf")).endswith("none.pdf has no pages")

    def dynamic(pdf: pikepdf.Pdf) -> None:
        pdf.Root.NeedsRendering = True

    path = made(tmp_path / "xfa.pdf", text_page, dynamic)
    assert "dynamic XFA form" in refused(path)
    # Half of it: the page is there, its content is not.
    path = made(tmp_path / "half.pdf", scan_page)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "half.pdf is truncated" in refused(path)


@pytest.mark.parametrize("damage", ["no end", "garbage before"])
def test_what_can_be_repaired_is_read(tmp_path: Path, damage: str) -> None:
    path = made(tmp_path / "a.pdf", scan_page, text_page)
    content = path.read_bytes()
    if damage == "no end":
        path.write_bytes(content[: content.rfind(b"startxref")])
    else:
        path.write_bytes(b"HTTP/1.1 200 OK\r\n\r\n" + content)
    with opened(path) as document:
        assert [page.treatment() for page in document.pages] == [
            Treatment.RECOGNIZE,
            Treatment.KEEP,
        ]
        assert bool(document.notes) == (damage == "no end")
        plain = document.pages[0].plain_file
        with pikepdf.open(plain) as pdf:
            assert len(pdf.pages) == 2 and not pdf.get_warnings()
    assert path.exists()


def test_an_encrypted_pdf_needs_its_password(tmp_path: Path) -> None:
    encryption = pikepdf.Encryption(user="secret", owner="boss", R=6)
    path = made(tmp_path / "a.pdf", scan_page, encryption=encryption)
    assert "a.pdf cannot be read: it is encrypted" in refused(path)
    assert "--password" in refused(path) and "qpdf" in refused(path)
    assert "password is wrong" in refused(path, password="x")
    for password in ("secret", "boss"):
        with opened(path, password=password, layered=True) as document:
            (page,) = document.pages
            assert pixels(page.image(tmp_path, "x")).shape == (877, 620)
            assert document.notes == ["It is encrypted; the new PDF is not."]
            plain = page.plain_file
            with pikepdf.open(plain) as pdf:
                assert not pdf.is_encrypted
        assert not plain.exists() and path.exists()


def test_a_pdf_that_only_its_owner_may_change_is_read(tmp_path: Path) -> None:
    encryption = pikepdf.Encryption(user="", owner="boss", R=6)
    path = made(tmp_path / "a.pdf", scan_page, encryption=encryption)
    with opened(path) as document:
        assert document.pages[0].plain_file == path
        assert document.pages[0].image(tmp_path, "x").exists()


def test_a_signed_pdf_gets_no_text_layer_unasked(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", scan_page, made_pdfs.sign)
    assert "has a digital signature" in refused(path, layered=True)
    for options in ({}, {"layered": True, "break_signature": True}):
        with opened(path, **options) as document:
            assert len(document.pages) == 1


def test_pages_are_chosen_by_number(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", scan_page, text_page, text_page)
    with opened(path, pages="2-end") as document:
        assert [page.number for page in document.pages] == [2, 3]
    with pytest.raises(UsageError, match=r"--pages 4: a\.pdf has 3 pages"):
        open_document(DocumentSource("a", (path,)), DocumentOptions(pages="4"))


# Documents of several files, and standard input.


def test_files_that_cannot_be_read_are_pages_that_fail(tmp_path: Path) -> None:
    scan().save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(b"")
    path = made(tmp_path / "3.pdf", scan_page, text_page)
    with opened(tmp_path / "1.png", tmp_path / "2.png", path) as document:
        assert [page.number for page in document.pages] == [1, 2, 3, 4]
        assert document.record.page_count == 4 and document.record.sha256 == ""
        with pytest.raises(InputError, match=r"2\.png is empty"):
            document.pages[1].image(tmp_path, "x")
        assert document.pages[3].text().number == 4
    with (
        pytest.raises(InputError, match=r"2\.png is empty"),
        opened(tmp_path / "2.png", tmp_path / "2.png"),
    ):
        pass


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_standard_input_is_read_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    content = as_jpeg(scan())
    if kind == "pdf":
        content = made(tmp_path / "a.pdf", text_page).read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    source = DocumentSource("stdin", (STANDARD_INPUT,), standard_input=True)
    document = open_document(source, DocumentOptions())
    (page,) = document.pages
    assert (page.pdf_page is None) == (kind == "png")
    copy = page.plain_file
    assert copy.read_bytes() == content
    document.close()
    assert not copy.exists()


def test_threads_may_share_a_document(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", *[scan_page, text_page] * 6)
    started = threading.Barrier(4)

    def read(page: Any) -> str:
        if page.number <= 4:
            started.wait(10)
        if page.treatment() is Treatment.KEEP:
            return str(page.text().text)
        return str(pixels(page.image(tmp_path, f"{page.number:04d}")).shape)

    with opened(path) as document, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, document.pages))
    assert found == ["(877, 620)", "\n".join(LINES)] * 6
