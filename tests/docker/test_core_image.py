# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The image on top of OCR-D core, as with ``DOCKER_BASE_IMAGE=ocrd/core``.

Core's own image cannot be had without its registry: here it is core's packages on the tests' base,
with the variables and the folder of resources of core's image.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from docker_daemon import BASE, USER, Docker, make_book, write_tool
from documents import ROOT

from ocrd_rapid.config.tools import executables
from ocrd_rapid.workspace.workspace import Workspace

pytestmark = pytest.mark.docker

CORE_VERSION = "3.13.3"
CORE_BASE = "rapid-core-base"
CORE_IMAGE = "ocrd/rapid-core"

#: Core wants git when it starts, which this base lacks; nothing here downloads with it.
DOCKERFILE = f"""
FROM {BASE}
RUN --mount=type=bind,target=/context \\
    python3 -m pip install --no-cache-dir --no-index --find-links /context ocrd=={CORE_VERSION}
ENV GIT_PYTHON_REFRESH=quiet HOME=/ \\
    XDG_DATA_HOME=/usr/local/share XDG_CONFIG_HOME=/usr/local/share/ocrd-resources
RUN mkdir -p $XDG_CONFIG_HOME/other && echo old > $XDG_CONFIG_HOME/other/model
"""

TASKS = ["rapid-detect -I OCR-D-IMG -O SEG", "rapid-recognize -I SEG -O OCR"]


@pytest.fixture(scope="module")
def core_image(docker: Docker, image: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build the image on the stand-in for core's; return its name."""
    packed = docker.sh(f"make kit KIT_WITH=ocrd=={CORE_VERSION}")
    assert packed.returncode == 0, packed.stderr[-4000:]
    context = tmp_path_factory.mktemp("core")
    (context / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    with zipfile.ZipFile(ROOT / docker.environ["BUNDLE"]) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".whl"):
                (context / Path(entry.filename).name).write_bytes(archive.read(entry))
    base = docker.sh(f'DOCKER_BUILDKIT=1 docker build --network none --tag {CORE_BASE} "{context}"')
    assert base.returncode == 0, base.stderr[-4000:]
    built = docker.sh(f"make docker DOCKER_BASE_IMAGE={CORE_BASE} DOCKER_TAG={CORE_IMAGE}")
    assert built.returncode == 0, built.stderr[-4000:]
    return CORE_IMAGE


@pytest.fixture
def book(docker: Docker, request: pytest.FixtureRequest) -> Path:
    """Return a workspace of one page."""
    return make_book(docker, request.node.name, 1)


def run(docker: Docker, image: str, script: str, *options: str) -> str:
    """Return what a script prints in a container without a network."""
    done = docker("run", "--rm", "--network", "none", *options, image, "bash", "-euc", script)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_core_is_the_base_s_and_its_files_name_our_tools(docker: Docker, core_image: str) -> None:
    assert f"version {CORE_VERSION}" in run(
        docker, core_image, "python3 -m pip check >&2; ocrd --version"
    )
    show = 'cat "$(dirname "$(ocrd bashlib filename)")"/ocrd-all-'
    tools = json.loads(run(docker, core_image, f"{show}tool.json"))
    assert tools.keys() == set(executables())
    folders = json.loads(run(docker, core_image, f"{show}module-dir.json"))
    assert folders.keys() == tools.keys()
    script = 'for folder in "$@"; do test -d "$folder"; done'
    run(docker, core_image, f"set -- {' '.join(folders.values())}; {script}")
    assert run(docker, core_image, "cat /models/other/model") == "old\n"


def test_core_starts_our_tools_for_their_work_alone(
    docker: Docker, core_image: str, book: Path
) -> None:
    noting = docker.work / "noting"
    noting.mkdir()
    for name in executables():
        # Ahead of the real ones on the PATH.
        write_tool(
            noting, name, f'echo "{name} $*" >> /data/started\nexec /usr/local/bin/{name} "$@"'
        )
    tasks = " ".join(f'"{task}"' for task in TASKS)
    script = f"""
    export PATH=/noting:$PATH
    ocrd validate tasks --workspace /data {tasks} >&2
    test ! -e started
    ocrd process {tasks} >&2
    mv started process.txt
    mkdir -p /models/ocrd-rapid-recognize
    model=$(ocrd-rapid resmgr path PP-OCRv6_rec_small_8bit.onnx)
    cp "$model" /models/ocrd-rapid-recognize/mine.onnx
    ocrd resmgr list-installed
    """
    listed = run(
        docker, core_image, script, "--user", str(USER),
        "--volume", f"{book}:/data", "--volume", f"{noting}:/noting:ro",
    ).splitlines()  # fmt: skip
    started = (book / "process.txt").read_text("utf-8").splitlines()
    assert [line.split()[0] for line in started] == ["ocrd-rapid-detect", "ocrd-rapid-recognize"]
    assert all("--input-file-grp" in line for line in started)
    assert "ocrd-rapid-recognize" in listed
    assert any(line.startswith("- mine.onnx") for line in listed)
    # It asks by path for the description, for which core has no file; for the folder it has one.
    asked = {line.split()[1] for line in (book / "started").read_text("utf-8").splitlines()}
    assert asked == {"--dump-json"}
    (file,) = Workspace.open(book / "mets.xml").mets.files("OCR")
    assert file.path is not None
    assert "A library is a slow machine for carrying" in (book / file.path).read_text("utf-8")
