# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which characters does a recognition model read?"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.errors import (
    ConfigurationError,
    IntegrityError,
    ModelError,
    ResourceNotFoundError,
)
from ocrd_rapid.loading.keys import KeyRequest, find_characters
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.resmgr.resource import Resource

RECOGNIZE = "ocrd-rapid-recognize"
OWN = {"character": "a\nb\nc"}


def find(
    model: Path, classes: int, metadata: dict[str, str] | None = None, **request: Any
) -> tuple[tuple[str, ...], str]:
    return find_characters(model, metadata or {}, classes, KeyRequest(**request))


@pytest.fixture
def model(nowhere: Path) -> Path:
    """Return the path of a model in a directory of its own."""
    (nowhere / "m").mkdir()
    return nowhere / "m" / "rec.onnx"


@pytest.mark.parametrize(
    ("content", "classes", "expected"),
    [
        (b"a\nb\nc", 5, ("", "a", "b", "c", " ")),
        (b"a\nb\nc\n", 5, ("", "a", "b", "c", " ")),
        (b"a\nb\nc\n\n\n", 5, ("", "a", "b", "c", " ")),
        (b"a\r\nb\r\nc\r\n", 5, ("", "a", "b", "c", " ")),
        (b"\xef\xbb\xbfa\nb\nc\n", 5, ("", "a", "b", "c", " ")),
        (b"a\nb\n \n", 4, ("", "a", "b", " ")),  # a space of its own
        (b"blank\na\nb\n \n", 4, ("", "a", "b", " ")),  # and the blank
        ("\u3000\nb\nc\n".encode(), 5, ("", "\u3000", "b", "c", " ")),
        ("\U0001f1e9\U0001f1ea\nu\u0364\nc".encode(), 5,
         ("", "\U0001f1e9\U0001f1ea", "u\u0364", "c", " ")),
        ("a\u2028\n\u0085\nc".encode(), 5, ("", "a\u2028", "\u0085", "c", " ")),
    ],
)  # fmt: skip
def test_key_files(model: Path, content: bytes, classes: int, expected: tuple[str, ...]) -> None:
    Path("keys.txt").write_bytes(content)
    characters, origin = find(model, classes, file=Path("keys.txt"))
    assert characters == expected
    assert origin == "keys.txt"


def test_a_line_without_a_key_is_named(model: Path) -> None:
    Path("keys.txt").write_text("a\n\nc\n")
    with pytest.raises(ModelError, match=r"keys\.txt: line 2 is empty"):
        find(model, 5, file=Path("keys.txt"))


@pytest.mark.parametrize("classes", [3, 7, 6625])
def test_keys_of_another_model_are_refused_when_it_is_loaded(model: Path, classes: int) -> None:
    Path("keys.txt").write_text("a\nb\nc\nd\n")
    with pytest.raises(ModelError, match="the keys do not belong to the model: 4 keys") as caught:
        find(model, classes, file=Path("keys.txt"), option="-P keys")
    assert "-P keys keys.txt" in str(caught.value)
    assert str(model) in str(caught.value)


def test_a_missing_key_file_is_named(model: Path) -> None:
    with pytest.raises(ModelError, match=r"key file none\.txt: No such file"):
        find(model, 5, OWN, file=Path("none.txt"))


def test_the_model_carries_its_keys(model: Path) -> None:
    (model.parent / "dict.txt").write_text("x\ny\nz\n")
    assert find(model, 5, OWN, whole_folder=True) == (("", "a", "b", "c", " "), "model")


def test_a_key_file_that_is_named_wins_over_the_model(
    model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Path("keys.txt").write_text("x\ny\nz\n")
    with caplog.at_level(logging.WARNING):
        assert find(model, 5, OWN, file=Path("keys.txt"))[0] == ("", "x", "y", "z", " ")
    assert "differs from the keys in model" in caplog.text


@pytest.mark.parametrize("content", ["a\nb\nc\n", "a\nb\nc\n \n"])
def test_the_same_keys_are_no_reason_to_warn(
    model: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    Path("keys.txt").write_text(content)
    with caplog.at_level(logging.WARNING):
        assert find(model, 5, OWN, file=Path("keys.txt"))[0] == ("", "a", "b", "c", " ")
    assert caplog.text == ""


@pytest.mark.parametrize("name", ["my_dict.txt", "ppocr_keys_v1.txt", "rec.txt"])
def test_a_key_file_in_model_dir(model: Path, name: str) -> None:
    (model.parent / name).write_text("a\nb\nc\n")
    assert find(model, 5, whole_folder=True) == (("", "a", "b", "c", " "), str(model.parent / name))


def test_several_key_files_in_model_dir(model: Path) -> None:
    for name in ("a_dict.txt", "b_keys.txt"):
        (model.parent / name).write_text("a\n")
    with pytest.raises(ConfigurationError, match=r"a_dict\.txt, b_keys\.txt"):
        find(model, 5, whole_folder=True)


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("Rec.rec_keys_path", r"name its key file with Rec\.rec_keys_path FILE"),
        ("", r"put its key file beside it, as rec\.txt"),
    ],
)
def test_key_files_beside_a_model_are_not_guessed_at(model: Path, option: str, remedy: str) -> None:
    (model.parent / "some_dict.txt").write_text("a\nb\nc\n")
    with pytest.raises(ModelError, match=rf"does not contain its keys; {remedy}"):
        find(model, 5, option=option)


def test_inference_yml(model: Path) -> None:
    text = "PostProcess:\n  name: CTCLabelDecode\n  character_dict:\n  - '\u3000'\n  - b\n  - 1\n"
    (model.parent / "inference.yml").write_text(text, encoding="utf-8")
    assert find(model, 5, whole_folder=True)[0] == ("", "\u3000", "b", "1", " ")


@pytest.mark.parametrize("text", ["", "PostProcess: {}", "PostProcess: [", "PostProcess: 1"])
def test_inference_yml_without_keys(model: Path, text: str) -> None:
    (model.parent / "inference.yml").write_text(text)
    with pytest.raises(ModelError, match=r"has no PostProcess\.character_dict"):
        find(model, 5, whole_folder=True)


@pytest.fixture
def known_keys(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a key file, and enter it in the catalogue with a model that needs it."""
    keys = install(own_home, "known_keys.txt", "a\nb\nc\n")
    size = keys.stat().st_size
    entries = (
        Resource(RECOGNIZE, "known.onnx", "", keys=keys.name, mirrors=("pypi:x==1/PP-OCRv9.onnx",)),
        Resource(RECOGNIZE, keys.name, "", size=size),
    )
    monkeypatch.setattr(catalogue, "bundled", lambda: {RECOGNIZE: entries})
    return keys


def install(own_home: Path, name: str, content: str) -> Path:
    directory = own_home / "data" / "ocrd-resources" / RECOGNIZE
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(content)
    return path


@pytest.mark.parametrize("name", ["known.onnx", "PP-OCRv9.onnx", "known.xml"])
def test_the_key_file_that_the_catalogue_names(model: Path, name: str, known_keys: Path) -> None:
    known = model.with_name(name)
    assert find(known, 5) == (("", "a", "b", "c", " "), str(known_keys))
    (model.parent / known_keys.name).write_text("x\ny\nz\n")  # nearer
    assert find(known, 5)[0] == ("", "x", "y", "z", " ")


def test_a_model_may_be_known_by_another_name(model: Path, known_keys: Path) -> None:
    assert find(model, 5, known_as="known.onnx")[0] == ("", "a", "b", "c", " ")
    with pytest.raises(ModelError, match="does not contain its keys"):
        find(model, 5)


def test_an_installed_key_file_is_checked_one_of_a_users_own_is_not(
    model: Path, known_keys: Path
) -> None:
    known_keys.write_text("a\nb\n")
    for request in ({}, {"file": known_keys}):
        with pytest.raises(IntegrityError, match=r"download --overwrite .* known_keys\.txt"):
            find(model.with_name("known.onnx"), 4, **request)
    own = model.with_name(known_keys.name)
    own.write_text("a\nb\n")
    assert find(model, 4, file=own)[0] == ("", "a", "b", " ")


def test_a_key_file_of_the_catalogue_that_is_not_installed(model: Path, known_keys: Path) -> None:
    known_keys.unlink()
    with pytest.raises(ResourceNotFoundError, match=rf"download {RECOGNIZE} known_keys\.txt"):
        find(model.with_name("known.onnx"), 5)


def test_a_key_file_that_is_installed_under_the_name_of_the_model_comes_last(
    model: Path, known_keys: Path, own_home: Path
) -> None:
    for name in ("rec.txt", "known.txt"):
        install(own_home, name, "x\ny\nz\n")
    assert find(model, 5)[0] == ("", "x", "y", "z", " ")
    assert find(model.with_name("known.onnx"), 5)[0] == ("", "a", "b", "c", " ")
    model.with_suffix(".txt").write_text("d\ne\nf\n")
    assert find(model, 5)[0] == ("", "d", "e", "f", " ")
