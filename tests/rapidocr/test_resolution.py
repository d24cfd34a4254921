# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which file is the model of a stage?"""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocrd_rapid.errors import (
    ConfigurationError,
    IntegrityError,
    ModelError,
    OcrdRapidError,
    ResourceNotFoundError,
)
from ocrd_rapid.rapidocr import model_files
from ocrd_rapid.rapidocr.configured_models import find_keys_file, stage_parameters
from ocrd_rapid.rapidocr.hkmc import load_config
from ocrd_rapid.rapidocr.hkmc_schema import VERSIONS
from ocrd_rapid.rapidocr.model_files import catalogue_entry, find_model
from ocrd_rapid.resmgr import catalogue

DETECT = "ocrd-rapid-detect"
DEFAULT = "PP-OCRv6_det_small.onnx"


def touch(path: Path, content: bytes = b"model") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def find(stage: str = "Det", **params: Any) -> Path:
    return find_model(load_config(params={f"{stage}.{k}": v for k, v in params.items()}), stage)


def complaint(kind: type[OcrdRapidError], stage: str = "Det", **params: Any) -> str:
    with pytest.raises(kind) as caught:
        find(stage, **params)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Make the content of the default detection model known; return it."""
    content = b"the real model"
    entries = tuple(
        replace(entry, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        if entry.name == DEFAULT else entry
        for entry in catalogue.bundled()[DETECT]
    )  # fmt: skip
    changed = {**catalogue.bundled(), DETECT: entries}
    monkeypatch.setattr(catalogue, "bundled", lambda: changed)
    return content


# model_path


def test_relative_to_the_current_directory(nowhere: Path) -> None:
    touch(nowhere / "models" / "det.onnx")
    assert find(model_path="./models/det.onnx").samefile(nowhere / "models" / "det.onnx")


def test_model_path_wins_over_model_dir(nowhere: Path) -> None:
    touch(nowhere / "a.onnx")
    touch(nowhere / "d" / "b.onnx")
    assert find(model_path="a.onnx", model_dir="d").name == "a.onnx"


def test_windows_paths_relative_to_the_current_directory(nowhere: Path) -> None:
    model = touch(nowhere / "C:" / "ocr_models" / "det.onnx")
    assert find(model_path="C:/ocr_models/det.onnx").samefile(model)
    assert find(model_path="C:\\ocr_models\\det.onnx").samefile(model)


def test_the_home_directory(own_home: Path) -> None:
    touch(own_home / "m" / "det.onnx")
    assert find(model_path="~/m/det.onnx") == own_home / "m" / "det.onnx"


def test_the_name_of_an_installed_resource(own_home: Path) -> None:
    model = touch(own_home / "data" / "ocrd-resources" / DETECT / "mine.onnx")
    assert find(model_path="mine.onnx") == model


def test_a_missing_file_is_named_in_full(nowhere: Path) -> None:
    message = complaint(ResourceNotFoundError, model_path="models/nope.onnx")
    assert message == f"Det.model_path not found: {nowhere / 'models' / 'nope.onnx'}"
    with pytest.raises(FileNotFoundError):
        find(model_path="models/nope.onnx")


def test_a_missing_model_of_the_catalogue_comes_with_its_command() -> None:
    message = complaint(ResourceNotFoundError, model_path=DEFAULT)
    assert f"ocrd-rapid resmgr download {DETECT} {DEFAULT}" in message


@pytest.mark.skipif(os.name != "posix", reason="on Windows it is a path like any other")
def test_a_missing_windows_path_is_explained() -> None:
    assert "a Windows path" in complaint(ResourceNotFoundError, model_path="C:/m/det.onnx")


def test_a_directory_is_no_model(nowhere: Path) -> None:
    (nowhere / "d").mkdir()
    message = complaint(ModelError, model_path="d")
    assert message.startswith(f"Det.model_path is not a file: {nowhere / 'd'}")


def test_onnxruntime_does_not_read_xml(nowhere: Path) -> None:
    touch(nowhere / "cls.xml")
    message = complaint(ModelError, "Cls", model_path="cls.xml", engine_type="onnxruntime")
    assert "engine onnxruntime reads .onnx files" in message
    assert "set Cls.engine_type to openvino" in message


def test_without_an_engine_the_suffix_decides(nowhere: Path) -> None:
    """The guide's last snippet has no ``engine_type``."""
    touch(nowhere / "cls.xml")
    touch(nowhere / "cls.bin")
    touch(nowhere / "models" / "det.xml")
    touch(nowhere / "models" / "det.bin")
    touch(nowhere / "both" / "rec.xml")
    touch(nowhere / "both" / "rec.onnx")
    given = {"Cls.model_path": "cls.xml", "Det.model_dir": "models", "Rec.model_dir": "both"}
    config = load_config(params=given)
    assert (config.cls.engine_type, config.det.engine_type) == ("openvino", "openvino")
    assert config.rec.engine_type == "onnxruntime"
    assert find_model(config, "Cls").name == "cls.xml"
    assert find_model(config, "Det").name == "det.xml"
    assert find_model(config, "Rec").name == "rec.onnx"
    assert stage_parameters(config, "Cls")["engine"] == "openvino"
    variable = {"Cls.model_path": "${oc.env:MODELS}/cls.XML"}
    found = load_config(params=variable, environ={"MODELS": "/m"})
    assert found.cls.engine_type == "openvino"
    assert load_config().cls.engine_type == "onnxruntime"


def test_an_installed_model_may_be_named_without_its_suffix(nowhere: Path, own_home: Path) -> None:
    directory = own_home / "data" / "ocrd-resources"
    model = touch(directory / DETECT / "mymodel.onnx")
    keys = touch(directory / "ocrd-rapid-recognize" / "mykeys.txt")
    (nowhere / "mymodel").mkdir()
    assert find(model_path="mymodel") == model
    assert find(model_path="mymodel", engine_type="openvino") == model
    assert find_keys_file(load_config(params={"Rec.rec_keys_path": "mykeys"})) == keys
    assert "did you mean mymodel.onnx" in complaint(ResourceNotFoundError, model_path="mymodell")
    missing = complaint(ResourceNotFoundError, model_path="PP-OCRv6_det_small")
    assert f"ocrd-rapid resmgr download {DETECT} {DEFAULT}" in missing


def test_openvino_reads_onnx_too_but_nothing_else(nowhere: Path) -> None:
    touch(nowhere / "cls.onnx")
    touch(nowhere / "cls.pdmodel")
    assert find("Cls", model_path="cls.onnx", engine_type="openvino").name == "cls.onnx"
    message = complaint(ModelError, "Cls", model_path="cls.pdmodel", engine_type="openvino")
    assert "reads .xml and .onnx files" in message


def test_the_weights_must_be_beside_the_xml(nowhere: Path) -> None:
    touch(nowhere / "cls.xml")
    message = complaint(FileNotFoundError, "Cls", model_path="cls.xml", engine_type="openvino")  # type: ignore[type-var]
    assert "cls.bin" in message
    touch(nowhere / "cls.bin")
    assert find("Cls", model_path="cls.xml", engine_type="openvino").name == "cls.xml"


# model_dir


def test_the_only_model_of_a_directory(nowhere: Path) -> None:
    touch(nowhere / "d" / "whatever.onnx")
    touch(nowhere / "d" / "keys.txt")
    assert find(model_dir="d/").name == "whatever.onnx"


def test_openvino_prefers_its_own_format_of_the_same_model(nowhere: Path) -> None:
    for name in ("cls.onnx", "cls.xml", "cls.bin"):
        touch(nowhere / "d" / name)
    assert find("Cls", model_dir="d", engine_type="openvino").name == "cls.xml"
    assert find("Cls", model_dir="d").name == "cls.onnx"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["a.onnx", "det.onnx"], "det.onnx"),
        (["a.onnx", "inference.onnx"], "inference.onnx"),
        (["det.onnx", "inference.onnx", DEFAULT], DEFAULT),
        (["det.onnx", "ch_PP-OCRv4_det_infer.onnx", "rec.onnx"], "det.onnx"),
    ],
)
def test_of_several_models_the_one_with_an_expected_name(
    nowhere: Path, names: list[str], chosen: str
) -> None:
    for name in names:
        touch(nowhere / "d" / name)
    assert find(model_dir="d").name == chosen


def test_older_names_of_catalogue_models(nowhere: Path) -> None:
    for name in ("a.onnx", "ch_PP-OCRv4_det_infer.onnx"):
        touch(nowhere / "d" / name)
    assert find(model_dir="d", ocr_version="PP-OCRv4").name == "ch_PP-OCRv4_det_infer.onnx"


def test_several_models_without_expected_names(nowhere: Path) -> None:
    for name in ("b.onnx", "a.onnx"):
        touch(nowhere / "d" / name)
    message = complaint(ConfigurationError, model_dir="d")
    assert "a.onnx, b.onnx" in message
    assert "Det.model_path" in message


def test_directories_without_models(nowhere: Path) -> None:
    (nowhere / "d").mkdir()
    touch(nowhere / "f")
    assert "has no .onnx file" in complaint(ResourceNotFoundError, model_dir="d")
    assert "not found" in complaint(ResourceNotFoundError, model_dir="none")
    assert "is not a directory" in complaint(ResourceNotFoundError, model_dir="f")


# The catalogue


def test_an_installed_model(own_home: Path, known: bytes) -> None:
    model = touch(own_home / "data" / "ocrd-resources" / DETECT / DEFAULT, known)
    assert find() == model


def test_an_installed_model_that_is_damaged(own_home: Path, known: bytes) -> None:
    touch(own_home / "data" / "ocrd-resources" / DETECT / DEFAULT, known[:-1])
    message = complaint(IntegrityError)
    assert f"ocrd-rapid resmgr download --overwrite {DETECT} {DEFAULT}" in message


@pytest.mark.models
def test_a_size_that_wants_the_original_gets_nothing_else(models: Path) -> None:
    def of(size: str) -> Path:
        return find_model(load_config(params={"Global.quality": size}), "Rec")

    assert of("balanced").name == "PP-OCRv6_rec_small_8bit.onnx"
    with pytest.raises(ResourceNotFoundError, match=r"resmgr download .*PP-OCRv6_rec_small\.onnx"):
        of("best")


def test_a_model_that_is_not_installed_comes_with_its_command() -> None:
    message = complaint(ResourceNotFoundError)
    assert message.startswith("Det.model_path is not given")
    assert f"ocrd-rapid resmgr download {DETECT} {DEFAULT}" in message


@pytest.mark.parametrize("how", ["model_root_dir", "OCR_MODEL_DIR"])
@pytest.mark.parametrize("name", [DEFAULT, "det.onnx"])
def test_a_directory_for_all_stages(
    how: str, name: str, nowhere: Path, known: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = touch(nowhere / "all" / name, known)
    params = {}
    if how == "OCR_MODEL_DIR":
        monkeypatch.setenv(how, str(nowhere / "all"))
    else:
        params = {"Global.model_root_dir": "all"}
    assert find_model(load_config(params=params), "Det").samefile(model)
    with pytest.raises(ResourceNotFoundError, match=r"Rec\.model_path is not given"):
        find_model(load_config(params=params), "Rec")


def test_rapidocrs_cache_is_read(own_home: Path, known: bytes) -> None:
    model = touch(own_home / ".rapidocr" / "models" / DEFAULT, known)
    assert find() == model


def test_a_damaged_file_in_rapidocrs_cache_is_not_used(
    own_home: Path, known: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    touch(own_home / ".rapidocr" / "models" / DEFAULT, known[:-1])
    with caplog.at_level(logging.WARNING):
        complaint(ResourceNotFoundError)
    assert "it is not used" in caplog.text


def test_converted_models_are_preferred_by_openvino(own_home: Path, known: bytes) -> None:
    directory = own_home / "data" / "ocrd-resources" / DETECT
    touch(directory / DEFAULT, known)
    for suffix in (".xml", ".bin"):
        touch((directory / DEFAULT).with_suffix(suffix))
    assert find(engine_type="openvino").suffix == ".xml"
    assert find().suffix == ".onnx"


@pytest.mark.parametrize(
    ("stage", "params", "name"),
    [
        ("Det", {}, "PP-OCRv6_det_small.onnx"),
        ("Det", {"model_type": "medium"}, "PP-OCRv6_det_medium.onnx"),
        ("Det", {"ocr_version": "PP-OCRv4"}, "ch_PP-OCRv4_det_mobile.onnx"),
        ("Cls", {}, "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
        ("Rec", {}, "PP-OCRv6_rec_small.onnx"),
        ("Rec", {"lang_type": "fr"}, "PP-OCRv6_rec_small.onnx"),
        ("Rec", {"ocr_version": "PP-OCRv5", "lang_type": "th"}, "th_PP-OCRv5_rec_mobile.onnx"),
        ("Rec", {"ocr_version": "PP-OCRv4", "model_type": "server"}, "ch_PP-OCRv4_rec_server.onnx"),
    ],
)
def test_version_language_and_type_choose_the_model(
    stage: str, params: dict[str, str], name: str
) -> None:
    config = load_config(params={f"{stage}.{k}": v for k, v in params.items()})
    assert catalogue_entry(model_files.section_of(config, stage), stage).name == name


@pytest.mark.parametrize("stage", model_files.STAGES)
def test_every_model_of_the_catalogue_can_be_chosen(stage: str) -> None:
    for entry in catalogue.bundled()[model_files.EXECUTABLES[stage]]:
        if not entry.model_type:
            continue
        assert entry.version in VERSIONS
        found = set()
        for language in entry.languages:
            params = {"ocr_version": entry.version, "model_type": entry.model_type,
                      "lang_type": language}  # fmt: skip
            config = load_config(params={f"{stage}.{k}": v for k, v in params.items()})
            found.add(catalogue_entry(model_files.section_of(config, stage), stage).name)
        assert entry.name in found


def test_what_no_model_reads() -> None:
    message = complaint(ConfigurationError, "Rec", lang_type="latin")
    assert message.startswith("Rec: there is no PP-OCRv6 model for lang_type 'latin'")
    assert "PP-OCRv5 mobile" in message
    assert "PP-OCRv6 mobile" in complaint(ConfigurationError, "Rec", model_type="mobile")


def test_a_model_of_ones_own_needs_no_catalogue(nowhere: Path) -> None:
    touch(nowhere / "d" / "inference.onnx")
    touch(nowhere / "d" / "other.onnx")
    assert find("Rec", lang_type="latin", model_dir="d").name == "inference.onnx"


def test_entries_are_known_by_older_names() -> None:
    entry = catalogue.find_file("ocrd-rapid-recognize", "ch_PP-OCRv4_rec_infer.onnx")
    assert entry is not None
    assert entry.name == "ch_PP-OCRv4_rec_mobile.onnx"
    assert catalogue.find_file("ocrd-rapid-recognize", "rec.onnx") is None
