# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the package needs can be had: on all platforms, by every Python, in the oldest versions."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from make_kit import PLATFORMS, pinned, resolve

from .conftest import BUILD, CACHES, ROOT, Packages, tool

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("index")]

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"
_PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"


def interpreter(version: str) -> str | None:
    """Return a Python of a version that runs: on the PATH, or of pyenv."""
    named = shutil.which(f"python{version}")
    for path in [*([named] if named else []), *map(str, _PYENV.glob(f"{version}.*/bin/python"))]:
        # A shim of pyenv may stand for nothing.
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


@pytest.fixture
def with_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(BUILD / "bin"), os.environ["PATH"]]))
    for name, value in CACHES.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_all_have_wheels(packages: Packages, with_uv: None, platform: str, python: str) -> None:
    wanted = f"ocrd-rapid[all] @ {packages.wheel.as_uri()}"
    found = pinned(resolve([wanted], PLATFORMS[platform], python))
    assert {"onnxruntime", "openvino", "opencv-python-headless", "pikepdf"} <= set(found)
    assert ("colorama" in found) == platform.startswith("windows")


@pytest.mark.parametrize("platform", ["windows-x86_64", "macos-arm64"])
def test_pip_takes_these_wheels_for_another_system(
    packages: Packages, with_uv: None, platform: str, tmp_path: Path
) -> None:
    kind = PLATFORMS[platform]
    wanted = f"ocrd-rapid[all] @ {packages.wheel.as_uri()}"
    lines = pinned(resolve([wanted], kind, "3.12"))
    del lines["ocrd-rapid"]
    listed = tmp_path / "requirements.txt"
    listed.write_text("\n".join(lines.values()), encoding="utf-8")
    # `pip install --dry-run` fetches as much, and judges by the Python that it runs in.
    done = tool(
        "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "--python-version", "3.12", "--dest", tmp_path / "wheels",
        *[word for tag in kind.tags for word in ("--platform", tag)], "-r", listed,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    wheels = [path.name for path in (tmp_path / "wheels").glob("*.whl")]
    assert len(wheels) == len(lines)
    system = kind.tags[0].partition("_")[0]
    assert all(name.endswith("-any.whl") or f"-{system}_" in name for name in wheels), wheels


def direct(wheel: Path, extra: str) -> Iterator[str]:
    """Yield the direct requirements of a wheel, and those of an extra."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    lines = [re.sub(r"\s+", " ", line) for line in metadata.get_all("Requires-Dist", [])]
    for line in lines:
        requirement, _, marker = line.partition(";")
        if "extra ==" not in marker:
            yield line
        elif f'extra == "{extra}"' in marker and requirement.startswith("ocrd-rapid["):
            for inner in requirement.partition("[")[2].rstrip(" ]").split(","):
                yield from (r for r in direct(wheel, inner) if r not in lines)
        elif f'extra == "{extra}"' in marker:
            yield requirement


def install(python: str, folder: Path, *requirements: str) -> Path:
    """Install packages into a new environment; return the folder of its scripts."""
    made = tool("uv", "venv", "--no-config", "--quiet", "--python", python, folder)
    assert made.returncode == 0, made.stderr
    done = tool(
        "uv", "pip", "install", "--no-config", "--quiet", "--python", folder / "bin" / "python",
        "--only-binary", ":all:", *requirements,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "bin"


def use(scripts: Path, folder: Path) -> None:
    """Check that all parts of an installation work on the sample page."""
    checked = subprocess.run([scripts / "ocrd-rapid", "check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    formats = "txt,md,json,page,alto,hocr,pdf,docx,html"
    read = subprocess.run(
        [scripts / "ocrd-rapid", "ocr", "--barcodes", SAMPLE, "-f", formats, "-o", folder / "out"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert read.returncode == 0, read.stderr
    assert len(list((folder / "out").iterdir())) == len(formats.split(","))
    assert "How a Library Keeps Its Books" in (folder / "out" / "sample.txt").read_text("utf-8")
    again = subprocess.run(
        [scripts / "ocrd-rapid", "ocr", folder / "out" / "sample.pdf"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "How a Library Keeps Its Books" in again.stdout, again.stderr


@pytest.mark.models
@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_installs_and_reads(
    packages: Packages, models: Path, tmp_path: Path, version: str
) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not here")
    scripts = install(python, tmp_path / "env", f"ocrd-rapid[all] @ {packages.wheel.as_uri()}")
    use(scripts, tmp_path)


@pytest.mark.models
def test_the_oldest_versions_that_are_allowed_work(
    packages: Packages, models: Path, tmp_path: Path, with_uv: None
) -> None:
    python = interpreter(PYTHONS[0])
    if python is None:
        pytest.skip(f"Python {PYTHONS[0]} is not here, and newer ones have no wheels of them")
    wanted = list(direct(packages.wheel, "all"))
    lowest = resolve(wanted, PLATFORMS["linux-x86_64"], PYTHONS[0], resolution="lowest-direct")
    listed = tmp_path / "lowest.txt"
    listed.write_text(lowest, encoding="utf-8")
    scripts = install(python, tmp_path / "env", "-r", str(listed))
    done = tool(
        "uv", "pip", "install", "--no-config", "--quiet", "--no-deps", "--python",
        scripts / "python", packages.wheel,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    use(scripts, tmp_path)
