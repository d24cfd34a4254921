# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A recognition model has the same characters as a parameter and by RapidOCR's configuration."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid import RapidOCR
from ocrd_rapid.config.parameters import complete_parameters
from ocrd_rapid.config.tools import tool_description
from ocrd_rapid.errors import OcrdRapidError
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.inference.null import NullModel
from ocrd_rapid.loading import load
from ocrd_rapid.loading.load import LoadedRecognizer, load_recognizer
from ocrd_rapid.processors.model_requests import model_request
from ocrd_rapid.processors.recognize import RecognizeProcessor
from ocrd_rapid.rapidocr.hkmc import load_config
from ocrd_rapid.rapidocr.stages import Stages
from ocrd_rapid.resmgr import catalogue

RECOGNIZE = "ocrd-rapid-recognize"
MODEL = "PP-OCRv6_rec_small_8bit.onnx"

#: What an editor, git or a shell may make of a key file.
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda content: content,
    "no line end at the end": lambda content: content.rstrip(b"\n"),
    "empty line at the end": lambda content: content.rstrip(b"\n") + b"\n\n",
    "empty lines at the end": lambda content: content.rstrip(b"\n") + b"\n\n\n\n",
    "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
    "CRLF, empty lines at the end": lambda content: (content.rstrip(b"\n") + b"\n\n\n").replace(
        b"\n", b"\r\n"
    ),
    "BOM": lambda content: b"\xef\xbb\xbf" + content,
    "BOM, CRLF, empty line at the end": lambda content: (
        b"\xef\xbb\xbf" + (content.rstrip(b"\n") + b"\n\n").replace(b"\n", b"\r\n")
    ),
}


@pytest.fixture(autouse=True)
def only_own_models(nowhere: Path) -> None:
    """See `nowhere`."""


@dataclass
class Network:
    """What the file ``rec.onnx`` is, as far as its characters are concerned."""

    classes: int = 5
    metadata: Mapping[str, str] | None = None


@pytest.fixture
def network(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Return a network whose properties may be changed."""
    found = Network()
    (nowhere / "rec.onnx").write_bytes(b"x")
    monkeypatch.setattr(
        load,
        "load_model",
        lambda *_, **__: NullModel(
            lambda batch: batch, found.metadata or {}, output_shape=(None, None, found.classes)
        ),
    )
    return found


def parameters(**given: Any) -> dict[str, Any]:
    chosen = {"model": "rec.onnx", "heads": "base", **given}
    return complete_parameters(chosen, tool_description(RECOGNIZE), executable=RECOGNIZE)


def by_parameters(keys: str = "") -> LoadedRecognizer:
    return load_recognizer(model_request(RECOGNIZE, parameters(keys=keys)))


def by_configuration(keys: str = "") -> LoadedRecognizer:
    params = {"Rec.model_path": "rec.onnx", "Rec.heads": "base"}
    if keys:
        params["Rec.rec_keys_path"] = keys
    return Stages(load_config(params=params)).recognition()


def both_ways(keys: str = "") -> tuple[str, ...]:
    """Return the characters, which must be the same."""
    one, other = by_parameters(keys), by_configuration(keys)
    assert one.characters == other.characters
    assert Path(one.keys).absolute() == Path(other.keys).absolute()
    return one.characters


@pytest.fixture
def key_files(models: Path, model_store: Path) -> dict[str, bytes]:
    """Return the key files of the catalogue that are here, or in a model that is here."""
    found = {}
    for entry in catalogue.bundled()[RECOGNIZE]:
        path = model_store / RECOGNIZE / entry.name
        if path.is_file() and path.suffix == ".txt":
            found[entry.name] = path.read_bytes()
        elif path.is_file() and entry.keys:
            metadata = load_model(path, EngineConfig()).metadata
            found[entry.keys] = (metadata["character"].removesuffix("\n") + "\n").encode()
    return found


# Key files


def test_key_files_of_the_catalogue(key_files: dict[str, bytes], network: Network) -> None:
    assert "ppocrv6_dict.txt" in key_files
    for name, content in key_files.items():
        entry = catalogue.find(RECOGNIZE, name)
        assert entry is not None
        assert hashlib.sha256(content).hexdigest() == entry.sha256
        keys = content.decode().removesuffix("\n").split("\n")
        for form in FORMS.values():
            Path("keys.txt").write_bytes(form(content))
            network.classes = len(keys) + 2
            assert both_ways("keys.txt") == ("", *keys, " ")
            network.classes = len(keys) + 1  # of a model whose keys have the space among them
            assert both_ways("keys.txt") == ("", *keys)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("content", "classes", "expected"),
    [
        ("a\nb\nc\n", 5, ("", "a", "b", "c", " ")),
        ("a\nb\n \n", 4, ("", "a", "b", " ")),
        ("blank\na\nb\n \n", 4, ("", "a", "b", " ")),
        ("\u3000\n\u2028\nu\u0364\n", 5, ("", "\u3000", "\u2028", "u\u0364", " ")),
    ],
)
def test_kinds_of_key_files(
    content: str, classes: int, expected: tuple[str, ...], form: str, network: Network
) -> None:
    network.classes = classes
    Path("keys.txt").write_bytes(FORMS[form](content.encode()))
    assert both_ways("keys.txt") == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\n\nc\n", "key file {path}: line 2 is empty"),
        ("", "key file {path} is empty"),
        ("a\nb\nc\nd\n", "{option} {path}, model rec.onnx: the keys do not belong to the model"),
    ],
)
def test_what_is_wrong_is_named(content: str, message: str, network: Network) -> None:
    Path("keys.txt").write_text(content)
    network.classes = 4 if "d" not in content else 9
    for load_it, option in (
        (by_parameters, "-P keys"), (by_configuration, "Rec.rec_keys_path"),
    ):  # fmt: skip
        with pytest.raises(OcrdRapidError) as caught:
            load_it("keys.txt")
        text = str(caught.value).replace(f"{Path.cwd()}/", "")
        assert message.format(path="keys.txt", option=option) in text


# The order in which keys are looked for


def test_the_order(network: Network, own_home: Path) -> None:
    """Every source wins over those that were there before it."""
    with pytest.raises(OcrdRapidError, match="name its key file with -P keys FILE"):
        by_parameters()
    with pytest.raises(OcrdRapidError, match=r"name its key file with Rec\.rec_keys_path FILE"):
        by_configuration()
    installed = own_home / "data" / "ocrd-resources" / RECOGNIZE
    installed.mkdir(parents=True)
    (installed / "rec.txt").write_text("i\nj\nk\n")
    assert both_ways() == ("", "i", "j", "k", " ")
    yml = "PostProcess: {character_dict: [q, r, s]}\n"
    Path("inference.yml").write_text(yml)
    assert both_ways() == ("", "q", "r", "s", " ")
    Path("rec.txt").write_text("t\nu\nv\n")
    assert both_ways() == ("", "t", "u", "v", " ")
    network.metadata = {"character": "a\nb\nc"}
    assert both_ways() == ("", "a", "b", "c", " ")
    Path("keys.txt").write_text("x\ny\nz\n")
    assert both_ways("keys.txt") == ("", "x", "y", "z", " ")


# With the real model


def test_an_empty_line_at_the_end_of_a_key_file_costs_no_spaces(models: Path) -> None:
    import cv2

    path = models / RECOGNIZE / MODEL
    keys = load_model(path, EngineConfig()).metadata["character"]
    Path("keys.txt").write_text(keys + "\n\n", encoding="utf-8")
    line = np.full((48, 560, 3), 255, np.uint8)
    cv2.putText(
        line, "How a Library Keeps Books", (10, 34), cv2.FONT_HERSHEY_COMPLEX, 1.0, (0,) * 3, 2
    )
    processor = RecognizeProcessor.from_parameters(parameters(model=str(path), keys="keys.txt"))
    [read] = processor.recognizer.recognize([line])
    assert read.text == "How a Library Keeps Books"
    ocr = RapidOCR(params={"Rec.rec_keys_path": "keys.txt", "Rec.heads": "base"})
    assert ocr(line, use_det=False, use_cls=False).txts == (read.text,)
