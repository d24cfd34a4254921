# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The image by buildah, without a daemon: the commands of docs/containers.md for it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_daemon import BASE, LAB, Docker
from documents import shell_code

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(
        shutil.which("buildah") is None,
        reason="buildah is not installed: apt-get install buildah",
    ),
]


@pytest.fixture
def storage(docker: Docker, tmp_path: Path) -> Iterator[Docker]:
    """Yield a shell in which buildah has images of its own, and there the base alone."""
    settings = tmp_path / "storage.conf"
    settings.write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{LAB}/buildah"\nrunroot = "{tmp_path}/run"\n',
        encoding="utf-8",
    )
    environ = docker.environ | {
        "CONTAINERS_STORAGE_CONF": str(settings),
        "BUILDAH_ISOLATION": "chroot",
        # With this isolation, the network can only be the host's.
        "DOCKER_ARGS": "--pull-never",
    }
    shell = dataclasses.replace(docker, environ=environ)
    try:
        imported = shell.sh(
            f"empty=$(buildah from scratch)\nbuildah add --quiet $empty {LAB}/base.tar /\n"
            f"buildah commit --quiet --rm $empty {BASE}"
        )
        assert imported.returncode == 0, imported.stderr
        yield shell
    finally:
        shell.sh("buildah rm --all; buildah rmi --all --force")
        shutil.rmtree(LAB / "buildah", ignore_errors=True)


def test_buildah_builds_and_runs_it(storage: Docker, image: str) -> None:
    (commands,) = [code for code in shell_code("docs/containers.md") if "buildah" in code]
    done = storage.sh(commands)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    text = storage.work / "data" / "buildah" / "page.txt"
    assert text.read_text(encoding="utf-8").startswith("How a Library Keeps Its Books")
    listed = json.loads(storage.sh(f"buildah inspect --type image {image}").stdout)
    config = listed["OCIv1"]["config"]
    assert config["WorkingDir"] == "/data"
    assert config["Volumes"].keys() == {"/data", "/models"}
    assert "Entrypoint" not in config
