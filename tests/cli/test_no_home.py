# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Commands of a user without a home: cron, containers with a number for a user."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
MODEL = "PP-OCRv6_det_small.onnx"


@pytest.fixture(params=["unset", "missing"])
def nobody(
    request: pytest.FixtureRequest, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Return ``call``, without a home."""

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    if request.param == "missing":
        monkeypatch.setenv("HOME", str(tmp_path / "none"))
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return call


@pytest.mark.parametrize(
    "arguments",
    [
        ("resmgr", "list-installed"),
        ("resmgr", "list-available"),
        ("resmgr", "info", MODEL),
        ("resmgr", "verify"),
    ],
    ids=" ".join,
)
def test_what_informs_works(nobody: Call, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = nobody("ocrd-rapid", *arguments)
    assert (done.code, done.err) == (0, "")
    assert not (tmp_path / "none").exists()
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("option", ["-L", "-J", "-h", "-V", "-D"])
def test_processors_inform(nobody: Call, option: str) -> None:
    assert nobody("ocrd-rapid-detect", option).code == 0


def test_there_is_no_place_for_a_model_but_it_is_said_what_makes_one(nobody: Call) -> None:
    done = nobody("ocrd-rapid", "resmgr", "download", "ocrd-rapid-detect", MODEL)
    assert done.code == 7
    assert "there is no home directory" in done.err
    assert "set HOME or XDG_DATA_HOME" in done.err


def test_a_model_goes_elsewhere_and_is_found_there(nobody: Call, tmp_path: Path) -> None:
    (tmp_path / "my.onnx").write_bytes(b"model")
    done = nobody(
        "ocrd-rapid", "resmgr", "download", "-a", "-n", tmp_path / "my.onnx", "-l", "system",
        "ocrd-rapid-detect", "my.onnx",
    )  # fmt: skip
    assert done.code == 0
    assert "my.onnx is installed, but not entered for OCR-D core: there is no home" in done.err
    found = nobody("ocrd-rapid-detect", "-R", "my.onnx")
    assert (found.code, Path(found.out.strip()).read_bytes()) == (0, b"model")
    gone = nobody("ocrd-rapid", "resmgr", "remove", "ocrd-rapid-detect", "my.onnx")
    assert gone.code == 0


def test_a_missing_model_is_a_missing_model(nobody: Call, book: Path) -> None:
    done = nobody("ocrd-rapid-detect", "-w", book, "-I", "IMG", "-O", "OUT", "-P", "model", MODEL)
    assert done.code == 4
    assert f"install it with: ocrd-rapid resmgr download ocrd-rapid-detect {MODEL}" in done.err


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_page_is_read(
    nobody: Call, models: Path, book: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("detect", "recognize"):
        place = os.fspath(models / f"ocrd-rapid-{name}")
        monkeypatch.setenv(f"OCRD_RAPID_{name.upper()}_PATH", place)
    for name, groups in (("detect", ("IMG", "SEG")), ("recognize", ("SEG", "OCR"))):
        done = nobody(
            f"ocrd-rapid-{name}", "-w", book, "-I", groups[0], "-O", groups[1],
            "-P", "engine", engine,
        )  # fmt: skip
        assert done.code == 0, done.err
