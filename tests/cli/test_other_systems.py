# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Windows and macOS: nothing is needed that they lack, and their consoles show what they can."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import elsewhere
import pytest

import ocrd_rapid
from ocrd_rapid.errors import MetsServerError
from ocrd_rapid.workspace.mets_server_http import Address

SAMPLE = Path(__file__).resolve().parent.parent / "assets" / "sample" / "sample.png"
PACKAGE = Path(ocrd_rapid.__file__).parent

#: By module. A folder is opened for files without a name only, which no other system has.
LACKING = {m.__name__: {*names} - {"O_DIRECTORY"} for m, names in elsewhere.NAMES.items()}

Elsewhere = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run_elsewhere(tmp_path: Path) -> Elsewhere:
    """Return a function that runs commands of ours without what Windows lacks."""

    def call(*commands: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, elsewhere.__file__, *commands],
            cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, timeout=600,
            check=False,
        )  # fmt: skip

    return call


@pytest.mark.models
def test_documents_are_read_and_written(
    models: Path, run_elsewhere: Elsewhere, tmp_path: Path
) -> None:
    formats = "txt,md,json,csv,page,alto,hocr,pdf,docx,html"
    done = run_elsewhere(
        f"ocrd-rapid ocr {SAMPLE} -f {formats} -o out",
        "ocrd-rapid ocr out/sample.pdf -f txt -o again.txt",
        "ocrd-rapid check",
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len(list((tmp_path / "out").iterdir())) == 10
    for path in ("out/sample.txt", "again.txt"):
        assert "How a Library Keeps Its Books" in (tmp_path / path).read_text("utf-8")


@pytest.mark.models
def test_workflows_run_and_go_on(models: Path, run_elsewhere: Elsewhere, tmp_path: Path) -> None:
    tasks = '"rapid-detect -I OCR-D-IMG -O SEG" "rapid-recognize -I SEG -O OCR"'
    done = run_elsewhere(
        "ocrd-rapid workspace -d book init",
        f"ocrd-rapid workspace -d book add-images {SAMPLE}",
        "ocrd-rapid-preprocess -w book -I OCR-D-IMG -O PRE",
        f"ocrd-rapid process -w book {tasks}",
        f"ocrd-rapid process -w book --resume {tasks}",
        "ocrd-rapid workspace -d book validate",
        "ocrd-rapid report book",
        "ocrd-rapid resmgr list-installed",
        "ocrd-rapid resmgr clear-cache",
        "ocrd-rapid export -w book -I OCR -o book.txt",
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "How a Library Keeps Its Books" in (tmp_path / "book.txt").read_text("utf-8")


@pytest.mark.models
@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_a_console_that_lacks_letters_does_not_stop_the_work(
    models: Path, run_elsewhere: Elsewhere, tmp_path: Path, encoding: str
) -> None:
    """Messages lack letters that such a console cannot show; documents are UTF-8 everywhere."""
    name = "Übersicht ſ Ω.png"
    (tmp_path / name).write_bytes(SAMPLE.read_bytes())
    (tmp_path / "Ω.txt").write_text("no image", encoding="utf-8")
    done = run_elsewhere(
        f"ocrd-rapid ocr '{name}' -o all.txt",
        f"ocrd-rapid ocr '{name}' -v",
        "ocrd-rapid ocr Ω.txt -o other.txt",
        PYTHONIOENCODING=encoding,
    )
    assert done.returncode == 8, done.stderr.decode(encoding, "replace")  # of the last command
    assert "How a Library Keeps Its Books" in done.stdout.decode("utf-8")
    assert "How a Library Keeps Its Books" in (tmp_path / "all.txt").read_text("utf-8")
    assert "unexpected" not in done.stderr.decode(encoding, "replace")


def test_a_file_gets_all_letters(run_elsewhere: Elsewhere) -> None:
    """As where the encoding of the locale is cp1252: not that of somebody's choice."""
    done = run_elsewhere("ocrd-rapid ocr -h", PYTHONIOENCODING="", LC_ALL="C", PYTHONUTF8="0",
                         PYTHONCOERCECLOCALE="0")  # fmt: skip
    assert "ſ as s" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("command", ["ocrd-rapid -h", "ocrd-rapid ocr -h", "ocrd-rapid-detect -h"])
def test_help_is_shown_on_any_console(run_elsewhere: Elsewhere, command: str) -> None:
    done = run_elsewhere(command, PYTHONIOENCODING="cp1252")
    assert done.returncode == 0, done.stderr.decode("cp1252")
    assert done.stdout.decode("cp1252").startswith("Usage: ocrd-rapid")


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_what_windows_lacks_is_asked_for_first(path: Path) -> None:
    """By getattr or hasattr in the same module, which name it as a string."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    strings = {node.value for node in nodes if isinstance(node, ast.Constant)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            lacking = LACKING.get(node.value.id, set())
            assert node.attr not in lacking or node.attr in strings, node.attr
        elif isinstance(node, ast.Import):
            assert {alias.name for alias in node.names}.isdisjoint(elsewhere.MODULES)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module not in elsewhere.MODULES


def test_a_unix_socket_is_refused_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(MetsServerError, match="this system has no unix sockets"):
        Address.parse("/tmp/mets")
