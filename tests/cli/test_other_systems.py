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
    """What such a console cannot show is replaced; a file has all of it."""
    name = "Übersicht ſ Ω.png"
    (tmp_path / name).write_bytes(SAMPLE.read_bytes())
    (tmp_path / "Ω.txt").write_text("no image", encoding="utf-8")
    done = run_elsewhere(
        f"ocrd-rapid ocr '{name}' -o all.txt",
        f"ocrd-rapid ocr '{name}' -v",
        "ocrd-rapid ocr Ω.txt -o other.txt",
        PYTHONIOENCODING=encoding,
    )
    assert done.returncode == 8, done.stderr.decode(encoding)  # of the last command
    assert "How a Library Keeps Its Books" in done.stdout.decode(encoding)
    assert "How a Library Keeps Its Books" in (tmp_path / "all.txt").read_text("utf-8")
    assert "unexpected" not in done.stderr.decode(encoding)


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


def test_nothing_is_named_that_windows_lacks() -> None:
    """Unless by getattr; the socket is of a command line that says so before."""
    named, imported = set(), set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                named.add((path.name, node.value.id, node.attr))
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module)
    lacking = {
        (module.__name__, name) for module, names in elsewhere.NAMES.items() for name in names
    }
    found = {(file, name) for file, module, name in named if (module, name) in lacking}
    assert found == {("mets_server_http.py", "AF_UNIX")}
    assert imported.isdisjoint(elsewhere.MODULES)


def test_a_unix_socket_is_refused_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(MetsServerError, match="this system has no unix sockets"):
        Address.parse("/tmp/mets")
