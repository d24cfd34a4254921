# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The kit for machines without a network: from unpacking to recognized text, without any."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from make_kit import PLATFORMS, pinned, this_platform

from ocrd_rapid.resmgr.locations import module_dir

from .conftest import ROOT, Packages, tool

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CORE = "ocrd==3.13.3"

#: In a namespace of its own, whose only interface, the loopback, is down.
ALONE = ["unshare", "--map-root-user", "--net"]

HKMC = """
from ocrd_rapid import RapidOCR

result, elapse = RapidOCR(config_path="config_offline.yaml")("sample.png")
print([line[1] for line in result])
"""

CHAIN = [
    "rapid-detect -I OCR-D-IMG -O OCR-D-SEG",
    "rapid-classify -I OCR-D-SEG -O OCR-D-ORI",
    "rapid-recognize -I OCR-D-ORI -O OCR-D-OCR",
]

Isolated = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def isolated(tmp_path: Path) -> Isolated:
    """Return a function that runs a command without a network, in an empty home."""
    probe = subprocess.run([*ALONE, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"no namespace without a network can be made: {probe.stderr}")
    home = tmp_path / "fresh"
    home.mkdir()

    def call(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        # The system's folders only: nothing of the environment of the tests helps.
        path = f"{home / 'ocr' / 'bin'}:/usr/bin:/bin"
        return subprocess.run(
            [*ALONE, *map(str, command)],
            cwd=cwd, env={"PATH": path, "HOME": str(home), "PYTHON": sys.executable},
            capture_output=True, text=True, timeout=1800, check=False,
        )  # fmt: skip

    return call


@pytest.fixture
def kit(packages: Packages, tmp_path: Path, index: None) -> Path:
    """Return the folder of an unpacked kit for this machine, with OCR-D core and a model in it."""
    if this_platform() not in PLATFORMS:
        pytest.skip(f"there is no kit for {this_platform()}")
    models = tmp_path / "models.zip"
    (mine,) = module_dir("ocrd-rapid-classify").glob("*.onnx")
    for words in (
        ["download", "-n", mine, "ocrd-rapid-classify", "mine.onnx"], ["export", "-o", models],
    ):  # fmt: skip
        subprocess.run(
            [Path(sys.executable).with_name("ocrd-rapid"), "resmgr", *map(str, words)],
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "store")}, check=True,
        )  # fmt: skip
    made = tool(
        "python", ROOT / "distribution" / "make_kit.py", packages.wheel, "--models", models,
        "--platform", this_platform(), "--python", PYTHON, "--with", CORE,
        "--output", tmp_path / "kits",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    (archive,) = (tmp_path / "kits").glob("*.zip")
    check = subprocess.run(
        ["sha256sum", "-c", f"{archive.name}.sha256"], cwd=archive.parent, check=False
    )
    assert check.returncode == 0
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    archive.unlink()
    (folder,) = (tmp_path / "unpacked").iterdir()
    return folder


@pytest.mark.network
@pytest.mark.models
def test_from_unpacking_to_text_without_a_network(
    kit: Path, isolated: Isolated, tmp_path: Path
) -> None:
    """One test and not several, as making and installing a kit takes a minute."""
    lines = (kit / "README.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 10
    assert not [line for line in lines if "@" in line]

    # A file that was damaged on the way is named, and nothing is installed.
    damaged = kit / "models.zip"
    shutil.copy(damaged, tmp_path / "whole.zip")
    with damaged.open("r+b") as stream:
        stream.seek(1000)
        stream.write(b"broken")
    refused = isolated("sh", "install.sh", tmp_path / "fresh" / "ocr", cwd=kit)
    assert refused.returncode == 1
    assert "models.zip: FAILED" in refused.stdout + refused.stderr
    assert "copy the kit again" in refused.stderr
    assert not (tmp_path / "fresh" / "ocr").exists()
    shutil.move(tmp_path / "whole.zip", damaged)

    installed = isolated("sh", "install.sh", tmp_path / "fresh" / "ocr", cwd=kit)
    assert installed.returncode == 0, installed.stderr[-3000:]
    assert isolated("ocrd-rapid", "resmgr", "path", "mine.onnx", cwd=kit).returncode == 0

    # There really is no network.
    ping = "import socket; socket.create_connection(('127.0.0.1', 9), 5)"
    assert "unreachable" in isolated("python", "-c", ping, cwd=kit).stderr

    read = isolated("ocrd-rapid", "ocr", "sample.png", cwd=kit)
    assert read.returncode == 0, read.stderr
    assert "How a Library Keeps Its Books" in read.stdout

    searchable = isolated("ocrd-rapid", "ocr", "sample.png", "-o", "sample.pdf", cwd=kit)
    assert searchable.returncode == 0, searchable.stderr
    assert (kit / "sample.pdf").read_bytes().startswith(b"%PDF")

    hkmc = isolated("python", "-c", HKMC, cwd=kit)
    assert hkmc.returncode == 0, hkmc.stderr
    assert "How a Library Keeps Its Books" in hkmc.stdout

    for program, extra in (("ocrd-rapid", ["--resume"]), ("ocrd", [])):
        book = tmp_path / program
        isolated("ocrd-rapid", "workspace", "-d", book, "init", cwd=kit)
        isolated("ocrd-rapid", "workspace", "-d", book, "add-images", "sample.png", cwd=kit)
        done = isolated(program, "process", *extra, *CHAIN, cwd=book)
        assert done.returncode == 0, done.stderr
        text = isolated("ocrd-rapid", "export", "-I", "OCR-D-OCR", cwd=book)
        assert "How a Library Keeps Its Books" in text.stdout, text.stderr


def test_what_uv_resolves_is_read_by_name() -> None:
    text = (
        "a-b==1.0 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nc @ file:///c \\\n    --hash=x\n"
    )
    assert pinned(text) == {
        "a-b": "a-b==1.0 --hash=sha256:1 --hash=sha256:2",
        "c": "c @ file:///c --hash=x",
    }
