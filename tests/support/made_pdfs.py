# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""PDFs made in code: scans, typeset text, hidden text, forms, and the damage that befalls them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageDraw, ImageFont

#: A4 in points, as wide as 1240 pixels at 150 dpi.
A4 = (595.2, 841.92)

LINES = ("Alle Vögel sind schon da", "alle Vögel, alle")


def scan(lines: Sequence[str] = LINES, size: tuple[int, int] = (620, 877)) -> Image.Image:
    """Return the image of a page with a few lines."""
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        draw.text((60, 80 + 50 * i), line, fill=0, font=ImageFont.load_default(28))
    return image


def as_jpeg(image: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=85, **options)
    return stream.getvalue()


def jpeg_object(pdf: Pdf, image: Image.Image) -> Any:
    spaces = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}
    return pdf.make_stream(
        as_jpeg(image),
        Type=Name.XObject, Subtype=Name.Image, Width=image.width, Height=image.height,
        BitsPerComponent=8, ColorSpace=spaces[image.mode], Filter=Name.DCTDecode,
    )  # fmt: skip


def flate_object(pdf: Pdf, image: Image.Image) -> Any:
    import zlib

    return pdf.make_stream(
        zlib.compress(image.convert("L").tobytes()),
        Type=Name.XObject, Subtype=Name.Image, Width=image.width, Height=image.height,
        BitsPerComponent=8, ColorSpace=Name.DeviceGray, Filter=Name.FlateDecode,
    )  # fmt: skip


def add_page(
    pdf: Pdf, content: str, size: tuple[float, float] = A4, image: Any = None, **entries: Any
) -> Any:
    """Add a page with a font ``/F``, and an image ``/I`` if one is given; return its dictionary."""
    pdf.add_blank_page(page_size=size)
    page = pdf.pages[-1].obj
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    page.Resources = Dictionary(Font=Dictionary(F=font))
    if image is not None:
        page.Resources.XObject = Dictionary(I=image)
    page.Contents = Stream(pdf, content.encode("cp1252"))
    for key, value in entries.items():
        page[f"/{key}"] = value
    return page


def words(
    lines: Sequence[str] = LINES,
    *,
    at: tuple[float, float] = (72, 700),
    mode: int = 0,
    size: int = 18,
) -> str:
    """Return the operators that show lines of text; mode 3 is invisible."""
    shown = "".join(f"({line}) Tj T* " for line in lines)
    return f"BT {mode} Tr /F {size} Tf {at[0]} {at[1]} Td {1.4 * size} TL {shown} ET "


#: Shows the image on the whole of an A4 page.
WHOLE = f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /I Do Q "


def made(path: Path, *fill: Callable[[Pdf], object], **options: Any) -> Path:
    """Write a PDF that functions have filled."""
    with Pdf.new() as pdf:
        for each in fill:
            each(pdf)
        pdf.save(path, **options)
    return path


def scan_page(pdf: Pdf, over: str = "", under: str = "", **entries: Any) -> Any:
    """Add a page that is a scan, with operators before and after it."""
    return add_page(pdf, under + WHOLE + over, image=jpeg_object(pdf, scan()), **entries)


def text_page(pdf: Pdf) -> Any:
    return add_page(pdf, words())


def sign(pdf: Pdf) -> None:
    """Put a digital signature on the first page."""
    value = pdf.make_indirect(
        Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=pikepdf.String(b"\0"))
    )
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=pikepdf.String("S"), V=value,
            Rect=Array([0, 0, 0, 0]),
        )
    )  # fmt: skip
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
