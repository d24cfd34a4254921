# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Documents as they are read, against the references of their pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.errors import InputError
from ocrd_rapid.evaluation.evaluation import evaluate
from ocrd_rapid.evaluation.pairs import pair_files
from ocrd_rapid.evaluation.references import (
    References,
    as_data,
    compare_pages,
    page_differences,
    summary,
)
from ocrd_rapid.export.page_xml import page_from
from ocrd_rapid.ocr.page_model import ReadDocument, ReadLine, ReadPage, ReadRegion
from ocrd_rapid.workspace.page import PageDocument

WritePage = Callable[..., Path]

FIRST = ("erste Zeile", 0, 0, 500, 50)
SECOND = ("zweite Zeile", 0, 100, 500, 150)


def read(*texts: str, number: int = 1, image: str = "") -> ReadPage:
    outline = np.array([[0, 0], [9, 0], [9, 9]], dtype=np.float32)
    lines = tuple(ReadLine(outline, text) for text in texts)
    return ReadPage(1000, 1000, (ReadRegion(lines),), number=number, image=image)


def compared_text(references: References, document: ReadDocument, page: ReadPage) -> list[str]:
    found = references.of_page(document, page)
    return [] if found is None else [line.text for line in found.lines]


@pytest.mark.parametrize("kind", ["page", "text"])
def test_the_figures_are_those_of_evaluate(
    write_lines: WritePage, tmp_path: Path, kind: str
) -> None:
    text = write_lines("ocr/a.xml", SECOND, ("erfte Zeil", *FIRST[1:]))
    reference = write_lines("gt/a.xml", FIRST, SECOND)
    if kind == "text":
        reference = tmp_path / "gt.txt"
        reference.write_text("erste Zeile\nzweite Zeile\n", encoding="utf-8")
    expected = evaluate(pair_files(reference, text), ("gt", "ocr"))
    page = page_from(PageDocument.read(text))
    result = compare_pages(ReadDocument("a"), [page], References(reference))
    assert result.ordered == expected.ordered and result.order_free == expected.order_free
    assert result.ordered.edits > 0


def test_text_of_regions_counts(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text("eins\nzwei", encoding="utf-8")
    page = ReadPage(10, 10, (ReadRegion((), own_text="eins\nzwei"),))
    result = compare_pages(ReadDocument("a"), [page], References(tmp_path / "gt.txt"))
    assert result.ordered.edits == 0 and result.ordered.length == 9


def test_the_pages_of_a_folder_are_found_by_name(tmp_path: Path) -> None:
    for name in ("scan7.gt.txt", "book_0002.txt", "0003.page.xml", "4.txt"):
        if name.endswith("xml"):
            document = PageDocument.for_image("x.png", 10, 10, "me")
            (tmp_path / name).write_bytes(document.to_bytes())
        else:
            (tmp_path / name).write_text(name, encoding="utf-8")
    references, book = References(tmp_path), ReadDocument("book", 5)
    assert compared_text(references, book, read(image="img/scan7.tif")) == ["scan7.gt.txt"]
    assert compared_text(references, book, read(number=2)) == ["book_0002.txt"]
    assert references.of_page(book, read(number=3)) is not None
    assert compared_text(references, book, read(number=4)) == ["4.txt"]
    assert references.of_page(book, read(number=5)) is None
    assert references.of_page(ReadDocument("other"), read(number=9)) is None


def test_a_folder_may_have_a_folder_for_each_document(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0001.txt").write_text(name, encoding="utf-8")
    references = References(tmp_path)
    for name in ("one", "two"):
        assert compared_text(references, ReadDocument(name, 2), read()) == [name]


def test_a_text_with_form_feeds_has_several_pages(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("eins\n\fzwei\n\f", encoding="utf-8")
    references, book = References(path), ReadDocument("book", 3)
    pages = [read("eins"), read("zwo", number=2), read("drei", number=3)]
    result = compare_pages(book, pages, references)
    assert [page.ordered.edits for page in result.pages] == [0, 2]
    assert result.without_reference == [3]
    assert summary([result], references) == (
        f"CER 25.00%, WER 50.00% against {path} (2 pages, 1 without reference not counted)"
    )


def test_a_text_of_one_page_does_not_do_for_several(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("eins", encoding="utf-8")
    with pytest.raises(InputError, match="give a folder, or a text with a form feed"):
        References(path).of_page(ReadDocument("book", 2), read())


def test_what_is_missing_or_given_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        References(tmp_path / "gt")
    for name in ("a.txt", "a.xml"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="two files for page a"):
        References(tmp_path)


def test_plain_data_has_totals_documents_and_pages(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Haus", encoding="utf-8")
    references = References(tmp_path)
    result = compare_pages(ReadDocument("a"), [read("Hans")], references)
    data = as_data([result], references)
    assert data["ordered"]["cer"] == 0.25 and data["ordered"]["wer"] == 1.0
    assert data["documents"][0]["pages"][0]["page"] == 1
    assert data["documents"][0]["pages"][0]["ordered"]["edits"] == 1


def test_differences_are_the_whole_text_beside_the_reference(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ein Haus\nam See", encoding="utf-8")
    references = References(tmp_path)
    found = page_differences(ReadDocument("a"), references, read("ein Hans", "am See"))
    assert found is not None
    assert [(s.reference, s.text) for s in found.stretches] == [
        ("ein Ha", "ein Ha"), ("u", "n"), ("s am See", "s am See")
    ]  # fmt: skip
    assert found.note == "Against the reference: CER 6.67%, WER 25.00%"
    assert page_differences(ReadDocument("b"), references, read("x")) is None
