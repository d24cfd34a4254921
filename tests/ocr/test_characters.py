# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Key files, the keys that models carry, and what belongs to which class."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import ExitCode, ModelError
from ocrd_rapid.ocr.recognition.characters import (
    class_characters,
    keys_from_metadata,
    read_keys,
    split_keys,
)


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        (b"a\nb\nc\n", ["a", "b", "c"]),
        (b"a\nb\nc", ["a", "b", "c"]),
        (b"a\r\nb\r\nc\r\n", ["a", "b", "c"]),
        (b"a\r\nb\r\nc", ["a", "b", "c"]),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),
        (b"\xef\xbb\xbfa\r\nb", ["a", "b"]),
        ("a\n\u3000\nb\n".encode(), ["a", "\u3000", "b"]),
        ("a\n\u3000".encode(), ["a", "\u3000"]),
        (b"a\n \n", ["a", " "]),
        (b" a \n\tb\n", [" a ", "\tb"]),
        ("ch\nu\u0364\nſ\n".encode(), ["ch", "u\u0364", "ſ"]),
        ("a\n\u2028\n\u0085\n\x0c\n\x1c\n".encode(), ["a", "\u2028", "\u0085", "\x0c", "\x1c"]),
        (b"a\n\n", ["a"]),
        (b"a\r\n \r\n\r\n\r\n", ["a", " "]),
        ("😀\n".encode(), ["😀"]),
    ],
    ids=[
        "LF", "LF, none at the end", "CRLF", "CRLF, none at the end", "BOM", "BOM and CRLF",
        "ideographic space", "ideographic space at the end", "space", "spaces around",
        "several code points", "line ends of Unicode", "empty line at the end",
        "empty lines at the end, CRLF",
        "beyond the BMP",
    ],
)  # fmt: skip
def test_a_key_file_has_one_entry_per_line(tmp_path: Path, content: bytes, keys: list[str]) -> None:
    path = tmp_path / "keys.txt"
    path.write_bytes(content)
    assert read_keys(path) == keys


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), min_size=1), min_size=1))
def test_what_is_joined_by_line_ends_is_split_again(keys: list[str]) -> None:
    for end in ("\n", "\r\n"):
        assert split_keys(end.join(keys)) == keys
        assert split_keys(end.join(keys) + end) == keys


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\r\n"])
def test_an_empty_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.txt"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_keys(path)
    assert str(caught.value) == f"key file {path} is empty"


@pytest.mark.parametrize("content", [b"a\n\nb\n", b"a\r\n\r\nb\r\n"])
def test_an_empty_line_among_the_keys_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.txt"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_keys(path)
    assert str(caught.value) == f"key file {path}: line 2 is empty"


def test_a_key_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    path.write_bytes("ä\nö\n".encode("latin-1"))
    with pytest.raises(ModelError, match=r"keys\.txt is not UTF-8"):
        read_keys(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        read_keys(tmp_path / "none.txt")
    assert str(tmp_path / "none.txt") in str(caught.value)
    assert "No such file" in str(caught.value)
    assert caught.value.exit_code == ExitCode.MODEL


def test_a_directory_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="key file"):
        read_keys(tmp_path)


def test_a_model_may_carry_its_keys() -> None:
    assert keys_from_metadata({"character": "a\n\u3000\nch", "author": "x"}) == [
        "a",
        "\u3000",
        "ch",
    ]


@pytest.mark.parametrize("metadata", [{}, {"character": ""}, {"characters": "a\nb"}])
def test_a_model_without_keys_has_none(metadata: dict[str, str]) -> None:
    assert keys_from_metadata(metadata) is None


def test_blank_and_space_are_added_to_plain_keys() -> None:
    assert class_characters(["a", "b"], 4) == ("", "a", "b", " ")


def test_a_space_among_the_keys_is_not_added_again() -> None:
    assert class_characters(["a", "b", " "], 4) == ("", "a", "b", " ")


def test_a_blank_of_the_keys_own_becomes_the_blank() -> None:
    assert class_characters(["blank", "a", "b", " "], 4) == ("", "a", "b", " ")


def test_blank_and_space_are_added_where_the_model_does_not_say() -> None:
    assert class_characters(["a", "b"], None) == ("", "a", "b", " ")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=50), st.integers(0, 2))
def test_every_class_has_a_character(keys: list[str], more: int) -> None:
    characters = class_characters(keys, len(keys) + more)
    assert len(characters) == len(keys) + more
    assert characters[0] == ""


@pytest.mark.parametrize("classes", [1, 2, 6, 18710])
def test_keys_of_another_model_are_refused_with_both_numbers(classes: int) -> None:
    with pytest.raises(ModelError) as caught:
        class_characters(["a", "b", "c"], classes)
    assert f"3 keys, but {classes} classes (expected 5, 4 or 3)" in str(caught.value)
