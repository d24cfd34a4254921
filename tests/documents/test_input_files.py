# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which documents the inputs of a command name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrd_rapid.documents.document import DocumentOptions, DocumentSource
from ocrd_rapid.documents.input_files import STANDARD_INPUT, find_documents

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("book/10.tif", "book/2.tif", "book/b.PDF", "book/sub/1.png", "book/sub/x/2.jp2"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "book/.hidden.png").touch()
    (tmp_path / "book/notes.txt").write_text("not a page")
    (tmp_path / "book/scan").write_bytes(PNG)
    return tmp_path


def named(*inputs: str, **options: object) -> list[tuple[str, list[str]]]:
    found = find_documents(inputs, DocumentOptions(**options))  # type: ignore[arg-type]
    assert not any(source.problem for source in found)
    return [(source.name, [path.as_posix() for path in source.files]) for source in found]


def problem(name: str, **options: object) -> str:
    (source,) = find_documents([name], DocumentOptions(**options))  # type: ignore[arg-type]
    return source.problem


def test_a_file_is_a_document(folder: Path) -> None:
    assert named("book/10.tif", "book/b.PDF") == [("10", ["book/10.tif"]), ("b", ["book/b.PDF"])]


def test_a_folder_is_a_document_of_its_images_and_pdfs_in_natural_order(folder: Path) -> None:
    files = ["book/2.tif", "book/10.tif", "book/b.PDF", "book/scan"]
    assert named("book") == [("book", files)]


def test_a_folder_has_a_name_whatever_it_is_called_by(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "book" / "sub")
    assert named(".") == [("sub", ["1.png"])]


def test_folders_in_it_are_documents_if_asked_for(folder: Path) -> None:
    assert [(name, len(files)) for name, files in named("book", recursive=True)] == [
        ("book", 4),
        ("sub", 1),
        ("x", 1),
    ]


def test_a_pattern_stands_for_files(folder: Path) -> None:
    assert [name for name, _ in named("book/*.tif")] == ["2", "10"]
    assert [name for name, _ in named("**/*.png")] == ["1"]


def test_a_pattern_does_not_go_round_in_circles(folder: Path) -> None:
    try:
        (folder / "book/sub/loop").symlink_to(folder / "book", target_is_directory=True)
        (folder / "link").symlink_to(folder / "book", target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    assert named("book/**/*.png") == [("1", ["book/sub/1.png"])]
    assert named("link/**/*.png") == [("1", ["link/sub/1.png"])]


def test_a_file_with_the_characters_of_a_pattern_is_a_file(folder: Path) -> None:
    (folder / "a[1].png").touch()
    assert named("a[1].png") == [("a[1]", ["a[1].png"])]


def test_standard_input_is_a_document() -> None:
    assert find_documents(["-"], DocumentOptions()) == [
        DocumentSource("stdin", (STANDARD_INPUT,), standard_input=True)
    ]


def test_all_inputs_make_one_document_if_asked_for(folder: Path) -> None:
    found = find_documents(["book", "gone.png", "-"], DocumentOptions(one="all"))
    assert [(source.name, len(source.files), source.standard_input) for source in found] == [
        ("all", 5, True),
        ("gone", 1, False),
    ]
    assert [bool(source.problem) for source in found] == [False, True]


def test_what_is_missing_is_said_of_each_input(folder: Path) -> None:
    (folder / "empty").mkdir()
    assert problem("gone.png") == "gone.png does not exist"
    assert problem("book/*.bmp") == "book/*.bmp matches no file"
    assert problem("empty") == "folder empty has no images or PDFs"
    (folder / "empty" / "sub").mkdir()
    assert problem("empty").endswith("; --recursive looks into its folders")
    assert problem("empty", recursive=True) == "folder empty has no images or PDFs"
