# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Names of outputs, and what can go to standard output."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.conversion.output_names import NamedDocument, plan_targets, unique_stems
from ocrd_rapid.errors import UsageError
from ocrd_rapid.export.output_formats import FORMATS

ONE = NamedDocument("page", (1,), 1)
BOOK = NamedDocument("book", (1, 2, 12), 300)


def paths(output: str, formats: str, *documents: NamedDocument) -> list[str]:
    known = [FORMATS[name] for name in formats.split(",")]
    return [
        str(target.path) for found in plan_targets(output, known, documents) for target in found
    ]


def test_stems_are_short_unless_two_are_the_same() -> None:
    names = [("a", "a.png"), ("a", "a.jpg"), ("b", "b.png")]
    assert unique_stems(names) == ["a.png", "a.jpg", "b"]
    assert unique_stems([("A", "A.png"), ("a", "a.jpg")]) == ["A.png", "a.jpg"]
    assert unique_stems([("a", "a.png"), ("a", "a.png"), ("a.png_2", "x")]) == [
        "a.png", "a.png_3", "a.png_2",
    ]  # fmt: skip
    assert unique_stems([("a.png", "a.png.tif"), ("a", "a.png"), ("a", "a.jpg")]) == [
        "a.png", "a.png_2", "a.jpg",
    ]  # fmt: skip


def test_stems_are_names_of_files() -> None:
    assert unique_stems([("a/b:c", ""), ("..", ".."), ("", "")]) == [
        "a_b_c",
        "document",
        "document_2",
    ]


@given(st.lists(st.tuples(st.sampled_from("aAbä"), st.sampled_from(["a.x", "A.x", "b_2"]))))
def test_stems_are_unique_on_any_file_system(names: list[tuple[str, str]]) -> None:
    stems = [stem.casefold() for stem in unique_stems(names)]
    assert len(stems) == len(names) == len(set(stems))


def test_long_stems_leave_room_for_suffixes(tmp_path: Path) -> None:
    long = "\u00fc" * 125
    stems = unique_stems([(long, f"{long}.png"), (long, f"{long}.jpg")])
    assert len(set(stems)) == 2
    for stem in stems:
        (tmp_path / f"{stem}.page.xml").touch()


def test_one_document_in_one_format_is_one_file(tmp_path: Path) -> None:
    target = str(tmp_path / "out.bin")
    assert paths(target, "pdf", BOOK) == [target]
    assert paths(target, "alto", ONE) == [target]
    assert paths(f"{target}/", "pdf", BOOK) == [f"{target}/book.pdf"]
    assert paths(str(tmp_path), "pdf", BOOK) == [f"{tmp_path}/book.pdf"]


def test_more_than_one_file_goes_to_a_folder(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    assert paths(out, "txt,page", ONE) == [f"{out}/page.txt", f"{out}/page.page.xml"]
    assert paths(out, "alto", BOOK) == [
        f"{out}/book/{number}.alto.xml" for number in ("0001", "0002", "0012")
    ]
    assert paths(out, "html", ONE, BOOK) == [f"{out}/page.html", f"{out}/book.html"]


def test_a_page_of_a_book_keeps_its_number(tmp_path: Path) -> None:
    page = NamedDocument("book", (12345,), 20000)
    assert paths(f"{tmp_path}/", "alto", page) == [f"{tmp_path}/book/12345.alto.xml"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="is a file"):
        paths(str(file), "txt,md", ONE)


@pytest.mark.parametrize(
    ("output", "formats", "documents"),
    [("", "txt", [BOOK, ONE]), ("", "hocr", [BOOK]), ("", "alto", [ONE]), ("", "html", [ONE]),
     ("-", "pdf", [BOOK]), ("-", "json", [ONE, BOOK])],
)  # fmt: skip
def test_what_standard_output_takes(
    output: str, formats: str, documents: list[NamedDocument]
) -> None:
    assert paths(output, formats, *documents) == ["None"] * len(documents)


@pytest.mark.parametrize(
    ("output", "formats", "documents"),
    [("", "txt,md", [ONE]), ("-", "txt,md", [ONE]), ("", "pdf", [ONE]), ("", "alto", [BOOK]),
     ("", "page", [ONE, ONE]), ("", "html", [BOOK]), ("-", "pdf", [ONE, ONE]),
     ("", "hocr", [ONE, ONE]), ("-", "alto", [BOOK])],
)  # fmt: skip
def test_what_standard_output_does_not_take(
    output: str, formats: str, documents: list[NamedDocument]
) -> None:
    with pytest.raises(UsageError, match="-o"):
        paths(output, formats, *documents)
