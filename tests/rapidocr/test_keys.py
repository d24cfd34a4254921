"""Which characters does a recognition model read?"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.errors import ConfigurationError, ModelError, ResourceNotFoundError
from ocrd_rapid.loading.keys import find_characters
from ocrd_rapid.rapidocr.hkmc import load_config

OWN = {"character": "a\nb\nc"}


def find(
    model: Path, classes: int | None, metadata: dict[str, str] | None = None, **params: Any
) -> tuple[tuple[str, ...], str]:
    config = load_config(params={f"Rec.{key}": value for key, value in params.items()})
    return find_characters(config, model, metadata or {}, classes)


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
    characters, origin = find(model, classes, rec_keys_path="keys.txt")
    assert characters == expected
    assert origin == "keys.txt"


def test_a_line_without_a_key_is_named(model: Path) -> None:
    Path("keys.txt").write_text("a\n\nc\n")
    with pytest.raises(ModelError, match=r"keys\.txt: line 2 is empty"):
        find(model, 5, rec_keys_path="keys.txt")


@pytest.mark.parametrize("classes", [3, 7, 6625])
def test_keys_of_another_model_are_refused_when_it_is_loaded(model: Path, classes: int) -> None:
    Path("keys.txt").write_text("a\nb\nc\nd\n")
    with pytest.raises(ModelError, match="the keys do not belong to the model: 4 keys") as caught:
        find(model, classes, rec_keys_path="keys.txt")
    assert "Rec.rec_keys_path keys.txt" in str(caught.value)
    assert str(model) in str(caught.value)


def test_a_missing_key_file_is_named(model: Path, nowhere: Path) -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        find(model, 5, OWN, rec_keys_path="m/none.txt")
    assert str(caught.value) == f"Rec.rec_keys_path not found: {nowhere / 'm' / 'none.txt'}"


def test_the_model_carries_its_keys(model: Path) -> None:
    (model.parent / "dict.txt").write_text("x\ny\nz\n")
    assert find(model, 5, OWN, model_dir="m") == (("", "a", "b", "c", " "), "model")


def test_a_key_file_that_is_named_wins_over_the_model(
    model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Path("keys.txt").write_text("x\ny\nz\n")
    with caplog.at_level(logging.WARNING):
        assert find(model, 5, OWN, rec_keys_path="keys.txt")[0] == ("", "x", "y", "z", " ")
    assert "differs from the keys in model" in caplog.text


@pytest.mark.parametrize("content", ["a\nb\nc\n", "a\nb\nc\n \n"])
def test_the_same_keys_are_no_reason_to_warn(
    model: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    Path("keys.txt").write_text(content)
    with caplog.at_level(logging.WARNING):
        assert find(model, 5, OWN, rec_keys_path="keys.txt")[0] == ("", "a", "b", "c", " ")
    assert caplog.text == ""


@pytest.mark.parametrize("name", ["my_dict.txt", "ppocr_keys_v1.txt", "rec.txt"])
def test_a_key_file_in_model_dir(model: Path, name: str) -> None:
    (model.parent / name).write_text("a\nb\nc\n")
    assert find(model, 5, model_dir="m") == (("", "a", "b", "c", " "), str(model.parent / name))


def test_several_key_files_in_model_dir(model: Path) -> None:
    for name in ("a_dict.txt", "b_keys.txt"):
        (model.parent / name).write_text("a\n")
    with pytest.raises(ConfigurationError, match=r"a_dict\.txt, b_keys\.txt"):
        find(model, 5, model_dir="m")


def test_key_files_beside_a_model_path_are_not_guessed_at(model: Path) -> None:
    (model.parent / "some_dict.txt").write_text("a\nb\nc\n")
    with pytest.raises(ModelError, match=r"name its key file with Rec\.rec_keys_path"):
        find(model, 5, model_path="m/rec.onnx")


def test_inference_yml(model: Path) -> None:
    text = "PostProcess:\n  name: CTCLabelDecode\n  character_dict:\n  - '\u3000'\n  - b\n  - 1\n"
    (model.parent / "inference.yml").write_text(text, encoding="utf-8")
    assert find(model, 5, model_dir="m")[0] == ("", "\u3000", "b", "1", " ")


@pytest.mark.parametrize("text", ["", "PostProcess: {}", "PostProcess: [", "PostProcess: 1"])
def test_inference_yml_without_keys(model: Path, text: str) -> None:
    (model.parent / "inference.yml").write_text(text)
    with pytest.raises(ModelError, match=r"has no PostProcess\.character_dict"):
        find(model, 5, model_dir="m")


def test_the_key_file_that_the_catalogue_names(model: Path, own_home: Path) -> None:
    known = model.with_name("ch_PP-OCRv4_rec_infer.onnx")
    directory = own_home / "data" / "ocrd-resources" / "ocrd-rapid-recognize"
    directory.mkdir(parents=True)
    (directory / "ppocr_keys_v1.txt").write_text("a\nb\nc\n")
    assert find(known, 5, model_path="m/x.onnx")[0] == ("", "a", "b", "c", " ")
    (model.parent / "ppocr_keys_v1.txt").write_text("x\ny\nz\n")  # nearer
    assert find(known, 5, model_path="m/x.onnx")[0] == ("", "x", "y", "z", " ")


def test_a_key_file_of_the_catalogue_that_is_not_installed(model: Path) -> None:
    with pytest.raises(ResourceNotFoundError, match=r"download ocrd-rapid-recognize ppocr_keys_v1"):
        find(model.with_name("ch_PP-OCRv4_rec_infer.onnx"), 5, model_path="m/x.onnx")
