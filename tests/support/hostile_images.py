# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Image files that are made to hurt: programs, millions of parts, endless directories."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

#: A program in PostScript; Pillow would have Ghostscript run it.
EPS = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\n"
    b"(ran) (w) file dup (x) writestring closefile showpage\n%%EOF\n"
)


def dos_eps() -> bytes:
    """Return the program behind the binary header that DOS programs wrote."""
    header = struct.pack("<4sIIIIIIH", b"\xc5\xd0\xd3\xc6", 30, len(EPS), 0, 0, 0, 0, 0xFFFF)
    return header + EPS


PROGRAMS = {
    "plain": EPS,
    "dos": dos_eps(),
    "blank": b" " + EPS,
    "lines": b"\r\n\n\t" + EPS,
    "ctrl-d": b"\x04" + EPS,
    "mark": b"\xef\xbb\xbf" + EPS,
}


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return a part of a PNG."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_of_many_parts(number: int, *, behind: bool = False) -> bytes:
    """Return a grey PNG with so many texts, before or behind its pixels."""
    texts = b"".join(png_chunk(b"tEXt", b"k%d\0v" % i) for i in range(number))
    pixels = png_chunk(b"IDAT", zlib.compress(bytes(11 * 10)))
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 0, 0, 0, 0))
    body = pixels + texts if behind else texts + pixels
    return b"\x89PNG\r\n\x1a\n" + header + body + png_chunk(b"IEND", b"")


def tiff(
    *directories: dict[int, int], order: str = "<", big: bool = False, loop: bool = False
) -> bytes:
    """Return a TIFF with directories of grey images, 10 x 10, which share their pixels.

    Args:
        directories: tags that are added to or replace those of the image.
        order: of the bytes: ``<`` or ``>``.
        big: whether it is a BigTIFF.
        loop: whether the last directory leads to the first.
    """
    mark = b"II" if order == "<" else b"MM"
    start = 16 if big else 8
    first = start + 100
    head = struct.pack(f"{order}HHHQ", 43, 8, 0, first) if big else struct.pack(
        f"{order}HI", 42, first
    )  # fmt: skip
    result = bytearray(mark + head + b"\x80" * 100)
    count, link = ("Q", "Q") if big else ("H", "I")
    for i, extra in enumerate(directories):
        tags = {256: 10, 257: 10, 258: 8, 259: 1, 262: 1, 273: start, 277: 1, 278: 10, 279: 100}
        tags |= extra
        table = struct.pack(f"{order}{count}", len(tags))
        for tag, value in sorted(tags.items()):
            # Those of type LONG; one of type SHORT stands in the first bytes of its field.
            kind = 4 if tag in (254, 273, 279) else 3
            number = struct.pack(f"{order}{'I' if kind == 4 else 'H'}", value)
            field = number.ljust(8 if big else 4, b"\0")
            table += struct.pack(f"{order}HH{link}", tag, kind, 1) + field
        behind = len(result) + len(table) + (8 if big else 4)
        last = i == len(directories) - 1
        result += table + struct.pack(f"{order}{link}", (first if loop else 0) if last else behind)
    return bytes(result)


def progressive_jpeg(passes: int) -> bytes:
    """Return a progressive JPEG whose last pass is repeated to so many."""
    stream = io.BytesIO()
    Image.effect_noise((64, 64), 60).save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    last = data.rindex(b"\xff\xda")
    missing = passes - data.count(b"\xff\xda")
    return data[:-2] + data[last:-2] * missing + b"\xff\xd9"
