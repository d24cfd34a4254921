# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A daemon of Docker's for the tests alone, and a base image of Debian's packages."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from documents import ROOT
from PIL import Image

SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"

BASE = "rapid-base"
IMAGE = "ocrd/rapid"
#: A user whom no image knows.
USER = 12345
#: The base is kept here: it takes a minute, and changes with Debian only. All else is removed.
LAB = ROOT / ".docker"

_PACKAGES = "python3-venv,ca-certificates,libstdc++6"
#: Makes ``pip`` install below /usr/local, as in the images of Python and of OCR-D core.
_PREFIX = ["python3", "-m", "venv", "/usr/local"]


@dataclass(frozen=True)
class Docker:
    """A daemon, and the environment of a shell in which ``docker`` asks it.

    Attributes:
        environ: environment variables; in its ``PATH``, downloads of models go to a mirror here,
            ``id -u`` names a user whom no image knows, and ``make`` works in the project.
        work: the current folder of the documents' commands, which belongs to that user.
    """

    environ: dict[str, str]
    work: Path

    def sh(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script in the folder; the first failure ends it."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.work, env=self.environ, capture_output=True, text=True, timeout=3000,
            check=False,
        )  # fmt: skip

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``docker``."""
        return subprocess.run(
            ["docker", *arguments],
            cwd=self.work, env=self.environ, capture_output=True, text=True, timeout=3000,
            check=False,
        )  # fmt: skip


def client() -> str | None:
    """Return the first ``docker`` on the PATH that can build by BuildKit."""
    for folder in os.get_exec_path():
        found = shutil.which("docker", path=folder)
        if found is None:
            continue
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        number = re.search(r"version (\d+)", version.stdout)
        plugin = subprocess.run([found, "buildx", "version"], capture_output=True, check=False)
        if (number and int(number[1]) < 23) or plugin.returncode == 0:
            return found
    return None


def missing() -> str | None:
    """Return what is missing for these tests, with the command that brings it."""
    if "OCRD_RAPID_TEST_DOCKER" not in os.environ:
        return "only run by `make test-docker`"
    if os.getuid() != 0:
        return "a daemon of Docker's needs root: sudo make test-docker"
    if shutil.which("dockerd") is None:
        return "Docker's daemon is not installed: apt-get install docker.io"
    if client() is None:
        return "no `docker` here can build by BuildKit: apt-get install docker.io docker-buildx"
    if shutil.which("mmdebstrap") is None and shutil.which("debootstrap") is None:
        return "nothing makes a base of Debian's packages: apt-get install mmdebstrap"
    return None


def make_base(archive: Path) -> None:
    """Write the file system of a Debian with Python, of the suite of this machine."""
    release = dict(
        line.split("=", 1)
        for line in Path("/etc/os-release").read_text(encoding="utf-8").split("\n")
        if "=" in line
    )
    suite = release["VERSION_CODENAME"].strip('"')
    partial = archive.with_suffix(".partial")
    if shutil.which("mmdebstrap"):
        excluded = [f"--dpkgopt=path-exclude=/usr/share/{n}/*" for n in ("doc", "man", "locale")]
        hook = f'--customize-hook=chroot "$1" {" ".join(_PREFIX)}'
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=essential", f"--include={_PACKAGES}",
             *excluded, hook, "--format=tar", suite, str(partial)],
            check=True,
        )  # fmt: skip
    else:
        root = archive.with_suffix(".root")
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", suite, str(root)],
            check=True,
        )
        subprocess.run(["chroot", str(root), *_PREFIX], check=True)
        subprocess.run(["tar", "-C", str(root), "-cf", str(partial), "."], check=True)
        shutil.rmtree(root)
    partial.replace(archive)


@contextlib.contextmanager
def daemon(folder: Path) -> Iterator[str]:
    """Run a daemon without a network of its own; yield its address, and remove all that it made.

    Raises:
        OSError: it does not start; the message has the end of its log.
    """
    run = Path(tempfile.mkdtemp(prefix="dockerd"))  # the path of a socket must be short
    address = f"unix://{run}/socket"
    log = run / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            ["dockerd", "--data-root", str(folder), "--exec-root", str(run / "exec"),
             "--pidfile", str(run / "pid"), "--host", address, "--bridge=none",
             "--iptables=false", "--ip6tables=false"],
            stdout=stream, stderr=stream,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 600
        while subprocess.run(
            ["docker", "--host", address, "version"], capture_output=True, check=False
        ).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError(log.read_text(encoding="utf-8")[-1000:])
            time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(600)
        # The daemon leaves the namespace of its host network mounted.
        namespace = run / "exec" / "netns" / "default"
        subprocess.run(["umount", str(namespace)], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(run, ignore_errors=True)


def write_tool(folder: Path, name: str, script: str) -> None:
    """Write a command that hides another of its name."""
    path = folder / name
    path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def fill(work: Path) -> None:
    """Make what the commands of the documents read: a page, a PDF, a model, a workspace."""
    (work / "data").mkdir()
    (work / "models").mkdir()
    with Image.open(SAMPLE) as image:
        # A part of a page is read faster.
        part = image.crop((0, 0, image.width, image.height // 3)).convert("L")
    page = work / "data" / "page.png"
    part.save(page)
    part.save(work / "a.pdf", resolution=200)
    model = ROOT / "ocrd_rapid/models/ocrd-rapid-recognize/PP-OCRv6_rec_small_8bit.onnx"
    shutil.copyfile(model, work / "data" / "my.onnx")
    make_workspace(work / "book", page)
    _give(work)


def make_book(docker: Docker, name: str, pages: int) -> Path:
    """Return a workspace with copies of one page, which belongs to the user of the containers."""
    folder, scans = docker.work / name, docker.work / f"{name}-scans"
    scans.mkdir()
    for number in range(pages):
        shutil.copyfile(docker.work / "data" / "page.png", scans / f"{number:02}.png")
    make_workspace(folder, scans)
    _give(folder)
    return folder


def make_workspace(folder: Path, images: Path) -> None:
    """Make a workspace of an image, or of all images in a folder."""
    ours = Path(sys.executable).with_name("ocrd-rapid")
    for words in (["init"], ["add-images", str(images)]):
        subprocess.run([ours, "workspace", "-d", folder, *words], check=True)


def _give(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, USER, USER)
