# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a file is, by how it begins."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hostile_images import PROGRAMS, tiff
from PIL import Image, features

from ocrd_rapid.rasters.formats import HEAD, format_of, format_of_name, other_kind


def written(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (8, 8)).save(stream, kind, **options)
    return stream.getvalue()


KINDS = [
    ("PNG", "RGB", "image/png"), ("JPEG", "RGB", "image/jpeg"), ("MPO", "RGB", "image/jpeg"),
    ("TIFF", "RGB", "image/tiff"), ("JPEG2000", "RGB", "image/jp2"), ("BMP", "RGB", "image/bmp"),
    ("GIF", "L", "image/gif"), ("WEBP", "RGB", "image/webp"),
    ("PPM", "1", "image/x-portable-bitmap"), ("PPM", "L", "image/x-portable-graymap"),
    ("PPM", "RGB", "image/x-portable-pixmap"),
    pytest.param("AVIF", "RGB", "image/avif", marks=pytest.mark.skipif(
        not features.check("avif"), reason="Pillow is built without AVIF")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "mode", "media_type"), KINDS)
def test_each_format_is_known_by_its_head(kind: str, mode: str, media_type: str) -> None:
    known = format_of(written(kind, mode)[:HEAD])
    assert known is not None
    assert known.media_type == media_type


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_all_kinds_of_tiff_are_known(order: str, big: bool) -> None:
    known = format_of(tiff({}, order=order, big=big)[:HEAD])
    assert known is not None
    assert known.media_type == "image/tiff"


def test_a_raw_code_stream_of_jpeg_2000_is_known() -> None:
    known = format_of(written("JPEG2000", no_jp2=True)[:HEAD])
    assert known is not None
    assert known.media_type == "image/jp2"


@pytest.mark.parametrize("name", sorted(set(PROGRAMS) - {"mark"}))
def test_a_program_is_said_to_be_one(name: str) -> None:
    head = PROGRAMS[name][:HEAD]
    assert format_of(head) is None
    assert "it is PostScript (EPS), a program, which is not run" in str(other_kind(head))


@pytest.mark.parametrize(
    ("head", "words", "holds_pages"),
    [
        (b"", "the file is empty; copy it again", False),
        (
            b"%PDF-1.4",
            "it is a PDF; convert its pages to images first, for example with: pdftoppm",
            True,
        ),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "it is a HEIC picture; convert it", True),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "it is a HEIC picture; convert it", True),
        (b"AT&TFORM", "it is a DjVu document", True),
        (b"8BPS", "it is a Photoshop document", True),
        (b"\0\0\x01\0\x01\0\x10\x10", "its content is of an unknown kind", False),
        (b"<!DOCTYPE html><title>Login", "it is an HTML page, as a server may answer", False),
        (b"\n <html>", "it is an HTML page", False),
        (b"<?xml version='1.0'?>", "it is XML", False),
        (b"<svg/>", "it is an SVG drawing", False),
        (b"PK\x03\x04", "it is an archive; unpack it first", False),
        (b"BMW and other cars: a text", "it is text", False),
        (b"P1 of this page", "it is text", False),
        ("Schöne Grüße".encode(), "it is text", False),
        (b"Gr\xfc\xdfe", "its content is of an unknown kind", False),
    ],
)
def test_other_files_are_named_with_the_way_out(head: bytes, words: str, holds_pages: bool) -> None:
    assert format_of(head) is None
    other = other_kind(head)
    assert words in str(other)
    assert other.holds_pages is holds_pages


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.JPE", "image/jpeg"), ("b.jfif", "image/jpeg"), ("c.gif", "image/gif"), ("d.txt", None)],
)
def test_names_suggest_a_format(name: str, media_type: str | None) -> None:
    known = format_of_name(name)
    assert (known.media_type if known else None) == media_type


def test_heic_is_supported_where_its_package_is(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "pillow_heif" or None)
    known = format_of(head)
    assert known is not None
    assert known.media_type == "image/heic"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert format_of(head) is None
