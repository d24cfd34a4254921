# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid convert``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from small_networks import write_network

ROOT = Path(__file__).resolve().parent.parent
TINY = ROOT / "inference" / "tiny.onnx"

pytest.importorskip("openvino", reason="engine openvino is not installed")


def test_people_are_told_sizes_metadata_and_differences(run: Any, tmp_path: Path) -> None:
    done = run("ocrd-rapid", "convert", TINY, "-o", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    first, size, metadata, difference = done.out.splitlines()
    assert first == f"{tmp_path / 'out' / 'tiny.xml'} (and tiny.bin, 32-bit weights)"
    assert re.fullmatch(r"size: 326 bytes before, \d+ bytes after", size)
    assert metadata == "metadata kept: character"
    assert re.fullmatch(
        r"largest difference of outputs: \d\.\de-0[6-9] \(allowed: 1e-03; inputs: 1x3x64x64,"
        r" 1x3x64x160, 1x3x64x320, 1x3x64x640, 2x3x64x64\)",
        difference,
    )


def test_scripts_are_told_in_json(run: Any, tmp_path: Path) -> None:
    done = run("ocrd-rapid", "convert", TINY, "-o", "out", "--fp16", "--name", "Ä b", "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"Ä b.xml", "Ä b.bin"}
    assert found["source"] == str(TINY)
    assert found["xml"] == str(Path("out") / "Ä b.xml")
    assert found["bin"] == str(Path("out") / "Ä b.bin")
    assert (found["fp16"], found["bytes_before"]) == (True, 326)
    assert found["bytes_after"] == sum(p.stat().st_size for p in (tmp_path / "out").iterdir())
    assert found["metadata"] == ["character"]
    assert found["tolerance"] == 0.1
    assert found["comparisons"][0]["shape"] == [1, 3, 64, 64]
    largest = max(one["max_difference"] for one in found["comparisons"])
    assert 0 < found["max_difference"] == largest < 0.1


def test_nothing_is_overwritten_unless_asked_for(run: Any, tmp_path: Path) -> None:
    arguments = ("ocrd-rapid", "convert", TINY, "-o", "out", "--name", "a.xml")
    assert run(*arguments).code == 0
    again = run(*arguments)
    assert (again.code, again.out) == (10, "")
    assert again.err == (
        "ocrd-rapid: error: out/a.xml already exists; replace it with --overwrite,"
        " or choose --name NAME\n"
    )
    assert run(*arguments, "--overwrite").code == 0


@pytest.mark.parametrize("name", ["a/b", "../a", ".hidden", ".."])
def test_a_name_is_no_path(run: Any, tmp_path: Path, name: str) -> None:
    done = run("ocrd-rapid", "convert", TINY, "-o", "out", "--name", name)
    assert done.code == 2
    assert f"'{name}' is not a file name without a directory" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), (b"<html>", "is not an ONNX file"), (b"\x08\x08", "cut off")],
)
def test_what_is_no_model_is_named(
    run: Any, tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "m.onnx").write_bytes(content)
    done = run("ocrd-rapid", "convert", "m.onnx", "-o", "out")
    assert done.code == 9
    assert done.err.startswith("ocrd-rapid: error: model ")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_what_is_loaded_is_logged_at_debug(run: Any) -> None:
    done = run("ocrd-rapid", "-l", "DEBUG", "convert", TINY, "-o", "out")
    assert done.code == 0
    assert f"Using {TINY}" in done.err


def test_help_and_overview_name_the_command(run: Any) -> None:
    assert "convert" in run("ocrd-rapid", "--help").out
    done = run("ocrd-rapid", "convert", "--help")
    assert done.code == 0
    assert all(option in done.out for option in ("--fp16", "--name", "--overwrite", "--json"))


@pytest.fixture
def recognizer(tmp_path: Path) -> Path:
    return write_network(tmp_path / "rec.onnx")


def test_a_model_is_cut_to_an_alphabet(run: Any, recognizer: Path, tmp_path: Path) -> None:
    arguments = ("ocrd-rapid", "convert", recognizer, "-o", "out", "--alphabet", "deu")
    done = run(*arguments, "--onnx")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[:2] == ["out/rec_deu.onnx", "classes: 8 before, 7 after"]
    again = run(*arguments, "--onnx")
    assert again.code != 0
    assert "out/rec_deu.onnx already exists; replace it with --overwrite" in again.err
    found = json.loads(run(*arguments, "--onnx", "--overwrite", "--json").out)
    assert (found["path"], found["classes_after"]) == ("out/rec_deu.onnx", 7)
    done = run(*arguments, "--json")
    found = json.loads(done.out)
    assert (found["source"], found["xml"]) == (str(recognizer), "out/rec_deu.xml")
    assert found["bytes_before"] == recognizer.stat().st_size
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"rec_deu.onnx", "rec_deu.xml", "rec_deu.bin"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--alphabet", "klingon"), "--alphabet: unknown language or script 'klingon'"),
        (("--onnx",), "--onnx requires --alphabet"),
        (("--onnx", "--alphabet", "deu", "--fp16"), "--onnx requires --alphabet"),
    ],
)
def test_what_cannot_be_asked_for(
    run: Any, recognizer: Path, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    done = run("ocrd-rapid", "convert", recognizer, "-o", "out", *arguments)
    assert done.code != 0
    assert complaint in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()
