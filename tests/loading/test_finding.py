# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The files of models and keys, by the names that people give them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrd_rapid.errors import IntegrityError, ResourceNotFoundError
from ocrd_rapid.loading.executables import PROCESSORS
from ocrd_rapid.loading.finding import engine_of_model, find_keys, find_model
from ocrd_rapid.loading.installed_heads import find_head
from ocrd_rapid.ocr.model_kinds import DETECTION, RECOGNITION

RECOGNIZE = PROCESSORS[RECOGNITION]
DEFAULT = "PP-OCRv6_rec_small.onnx"


def installed(kind: str, own_home: Path, name: str) -> Path:
    path = own_home / "data" / "ocrd-resources" / PROCESSORS[kind] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"model")
    return path


def test_a_model_of_ones_own_is_found_by_its_path(nowhere: Path) -> None:
    (nowhere / "own.onnx").write_text("x")
    assert find_model(RECOGNITION, "own.onnx", "onnxruntime") == nowhere / "own.onnx"
    assert find_model(RECOGNITION, str(nowhere / "own.onnx"), "openvino").name == "own.onnx"


def test_a_known_model_with_another_content_is_refused(own_home: Path) -> None:
    path = installed(RECOGNITION, own_home, DEFAULT)
    with pytest.raises(IntegrityError) as caught:
        find_model(RECOGNITION, DEFAULT, "onnxruntime")
    assert f"{DEFAULT} from {path.parent} has 5 bytes, expected " in str(caught.value)
    command = f"ocrd-rapid resmgr download --overwrite {RECOGNIZE} {DEFAULT}"
    assert command in str(caught.value)


@pytest.mark.parametrize("kind", PROCESSORS)
def test_a_model_may_be_named_without_its_suffix(kind: str, own_home: Path, nowhere: Path) -> None:
    path = installed(kind, own_home, "mymodel.onnx")
    (nowhere / "mymodel").mkdir()
    for engine in ("onnxruntime", "openvino"):
        assert find_model(kind, "mymodel", engine) == path
    better = installed(kind, own_home, "mymodel.xml")
    assert find_model(kind, "mymodel", "openvino") == better
    exact = installed(kind, own_home, "mymodel")
    assert find_model(kind, "mymodel", "onnxruntime") == exact


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("mymodell", "mymodel.onnx"), ("MyModel.onn", "mymodel.onnx"), ("mymodl", "mymodel.onnx")],
)
def test_installed_names_are_suggested_by_spelling(
    name: str, suggested: str, own_home: Path
) -> None:
    installed(RECOGNITION, own_home, "mymodel.onnx")
    with pytest.raises(ResourceNotFoundError, match=f"did you mean {suggested}"):
        find_model(RECOGNITION, name, "onnxruntime")


def test_a_known_model_without_its_suffix_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        find_model(RECOGNITION, "PP-OCRv6_rec_small", "onnxruntime")
    assert str(caught.value).endswith(f"ocrd-rapid resmgr download {RECOGNIZE} {DEFAULT}")


def test_keys_and_heads_that_are_not_there_are_named_with_those_like_them(own_home: Path) -> None:
    keys = installed(RECOGNITION, own_home, "mykeys.txt")
    installed(RECOGNITION, own_home, "model_mine.npz")
    assert find_keys("mykeys") == keys
    assert find_keys("") is None
    with pytest.raises(ResourceNotFoundError, match=r"did you mean mykeys\.txt"):
        find_keys("mykey")
    with pytest.raises(ResourceNotFoundError, match=r"did you mean model_mine\.npz"):
        find_head("mein", Path("model.onnx"))


def test_the_engine_that_alone_reads_a_model(own_home: Path) -> None:
    for name in ("only.xml", "both.xml", "both.onnx"):
        installed(DETECTION, own_home, name)
    for name, engine in (
        ("only.xml", "openvino"), ("only", "openvino"), ("gone.XML", "openvino"),
        ("both", ""), ("both.onnx", ""), ("gone", ""), ("https://host/x.xml", ""),
    ):  # fmt: skip
        assert engine_of_model(DETECTION, name) == engine, name
