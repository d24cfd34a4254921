# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Where references lead to: paths, file URLs, and names that look like one and are the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ocrd_rapid.errors import MetsError
from ocrd_rapid.workspace.content_types import with_kind
from ocrd_rapid.workspace.contents import MetsFile, PhysicalPage, Structure
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.file_locations import checked, is_remote, is_there, local_path, sort_out


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("IMG/a.png", "IMG/a.png"),
        ("file://IMG/a.png", "IMG/a.png"),
        ("file:IMG/a.png", "IMG/a.png"),
        ("FILE://IMG/a.png", "IMG/a.png"),
        ("file://localhost{}/IMG/a.png", "IMG/a.png"),
        ("file://{}/IMG/a.png", "IMG/a.png"),
        ("file:{}/IMG/a.png", "IMG/a.png"),
        ("{}/IMG/a.png", "IMG/a.png"),
        ("IMG/Bl%20%231.png", "IMG/Bl #1.png"),
        ("file://{}/IMG/Bl%20%231.png", "IMG/Bl #1.png"),
        ("file://IMG/Bl #1.png", "IMG/Bl #1.png"),
        ("IMG/Bl #1.png", "IMG/Bl #1.png"),
        ("IMG/100%25.png", "IMG/100%25.png"),
        ("IMG/%C3%A4.png", "IMG/ä.png"),
        ("IMG/what?.png", "IMG/what?.png"),
        ("IMG/%E4.png", None),
        ("IMG/%00.png", None),
        ("IMG/none%20.png", None),
    ],
)
def test_a_reference_leads_to_the_file_that_is_there(
    tmp_path: Path, reference: str, name: str | None
) -> None:
    (tmp_path / "IMG").mkdir()
    for file in ("a.png", "Bl #1.png", "100%25.png", "100%.png", "ä.png", "what?.png"):
        Image.new("L", (2, 3)).save(tmp_path / "IMG" / file)
    found = local_path(tmp_path, reference.format(tmp_path))
    assert ImageStore(tmp_path).path(reference.format(tmp_path)) == found
    if name is None:
        assert not is_there(found)
        assert found == tmp_path / reference  # the message names it as it is written
    else:
        assert found == tmp_path / name
        assert found.is_file()


@pytest.mark.parametrize(
    ("reference", "remote"),
    [
        ("http://x.org/a", True), ("HTTPS://x.org/a", True), ("ftp://x.org/a", True),
        ("s3://bucket/a", True), ("http://[bad", True), ("file:///a", False), ("file://a", False),
        ("a/b.png", False), ("scan:1.png", False), ("C:\\a.png", False), ("//host/a", False),
        ("", False), ("a b://c", False),
    ],
)  # fmt: skip
def test_addresses_are_told_from_paths(reference: str, remote: bool) -> None:
    assert is_remote(reference) is remote


def test_a_path_with_a_null_byte_leads_nowhere(tmp_path: Path) -> None:
    assert not is_there(local_path(tmp_path, "a\0b"))
    assert not is_there(local_path(tmp_path, "x" * 5000))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_any_reference_is_sorted_out_and_leads_somewhere(tmp_path: Path, reference: str) -> None:
    path, url = sort_out([(reference, "URL", "")])
    assert path == "" or url == ""
    is_there(local_path(tmp_path, path))


@pytest.mark.parametrize("text", ["a\0", "\n", "\x1b[1m", "\ud800", "\x7f"])
def test_text_with_control_characters_is_refused(text: str) -> None:
    with pytest.raises(MetsError, match=r"page ID .* has control characters in it") as caught:
        checked(text, "page ID")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["", "圖", "a b", "../x", "Bl_\x84", "क्ष", "a\u200cb"])
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    assert checked(text, "page ID") == text


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        (("3", "1", "2"), "bca"),
        (("2", "10", "1"), "cab"),
        (("1", "1", "0"), "cab"),
        (("", "", ""), "abc"),
        (("2", "", "1"), "abc"),
        (("2", "x", "1"), "abc"),
        (("2", "-1", "1"), "abc"),
    ],
)
def test_pages_come_by_order_where_all_have_one(orders: tuple[str, ...], expected: str) -> None:
    pages = tuple(PhysicalPage(page, order) for page, order in zip("abc", orders, strict=True))
    assert Structure(pages).reading_order == list(expected)


PAGE_2013 = b'<?xml version="1.0"?><PcGts xmlns="x"/>'


@pytest.mark.parametrize(
    ("content", "name", "stated", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "a", "", "image/png"),
        (b"\x89PNG\r\n\x1a\n", "a.tif", "", "image/png"),
        (b"\x89PNG\r\n\x1a\n", "a.tif", "image/tiff", "image/tiff"),
        (PAGE_2013, "a.xml", "text/xml", "application/vnd.prima.page+xml"),
        (PAGE_2013.decode().encode("utf-16"), "a", "", "application/vnd.prima.page+xml"),
        (b"<alto/>", "a.xml", "text/xml", "text/xml"),
        (b"<alto/>", "a.xml", "", ""),
        (None, "a.JPG", "application/octet-stream", "image/jpeg"),
        (None, "a.xml", "", ""),
        (b"what", "a", "", ""),
    ],
)
def test_the_kind_of_a_file_is_found_out_where_nobody_says_it(
    tmp_path: Path, content: bytes | None, name: str, stated: str, kind: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert with_kind(MetsFile("F", "G", "P", stated, name), tmp_path).mimetype == kind


def test_the_kind_of_a_remote_file_is_that_of_its_name() -> None:
    file = MetsFile("F", "G", "P", "", "", "http://x.org/1.JPG?size=full")
    assert with_kind(file, Path("/none")).mimetype == "image/jpeg"
