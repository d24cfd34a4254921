# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The pictures of a large view beside its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrd_rapid.export.export_options import ExportOptions
from ocrd_rapid.export.view_files import pictures_of, writing_view


def write(path: Path, *pictures: str, text: bytes = b"view") -> None:
    """Write a view as a writer does that has these pictures beside the file."""
    with writing_view(path, ExportOptions()) as (stream, options):
        stream.write(text)
        assert options.side_folder is not None and options.side_name == "book_files"
        for name in pictures:
            options.side_folder.mkdir(exist_ok=True)
            (options.side_folder / name).write_bytes(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder."""
    path = tmp_path / "out"
    path.mkdir()
    return path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_pictures_come_with_the_file_and_go_with_it(folder: Path) -> None:
    path = folder / "book.html"
    write(path, "0001.jpg", "0002.jpg")
    assert names(folder) == [
        "book.html", "book_files", "book_files/0001.jpg", "book_files/0002.jpg",
    ]  # fmt: skip
    assert pictures_of(path) == [folder / "book_files"]
    write(path, "0001.jpg", text=b"new")
    assert names(folder / "book_files") == ["0001.jpg"]
    assert (folder / "book_files/0001.jpg").read_bytes() == path.read_bytes() == b"new"
    write(path)
    assert names(folder) == ["book.html"] and pictures_of(path) == []


def test_files_of_others_stay_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "book_files"
    folder.mkdir()
    (folder / "saved by a browser.css").touch()
    write(tmp_path / "book.html")
    assert names(folder) == ["saved by a browser.css"] and not pictures_of(tmp_path / "book.html")
    write(tmp_path / "book.html", "0001.jpg")
    assert names(folder) == ["0001.jpg", "saved by a browser.css"]


def test_nothing_changes_if_writing_fails(folder: Path) -> None:
    path = folder / "book.html"
    write(path, "0001.jpg")

    def broken() -> None:
        with writing_view(path, ExportOptions()) as (stream, options):
            stream.write(b"half")
            assert options.side_folder is not None
            options.side_folder.mkdir()
            (options.side_folder / "0001.jpg").touch()
            raise OSError

    with pytest.raises(OSError):
        broken()
    assert names(folder) == ["book.html", "book_files", "book_files/0001.jpg"]
    assert path.read_bytes() == (folder / "book_files/0001.jpg").read_bytes() == b"view"


def test_the_pictures_of_a_killed_process_go(folder: Path) -> None:
    # No process has this number: Linux and macOS give none above 2**22.
    left = folder / f".a_files.{2**22 + 1}.tmp"
    other = folder / f".b_files.{2**22 + 1}.tmp"
    for place in (left, other):
        place.mkdir()
    with writing_view(folder / "a.html", ExportOptions()) as (stream, _):
        stream.write(b"view")
    assert sorted(path.name for path in folder.iterdir()) == sorted([other.name, "a.html"])
