# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the image is like, and containers of it under limits, signals and several users."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from docker_daemon import BASE, USER, Docker, make_book

from ocrd_rapid.workspace.workspace import Workspace

pytestmark = pytest.mark.docker

CLASSIFIER = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"

#: What the image may take besides its base, in millions of bytes (498 on 2026-11-30).
LIMIT = 520


@pytest.fixture(scope="module")
def facts(docker: Docker, image: str) -> dict[str, Any]:
    """Return what Docker knows of the image."""
    found: dict[str, Any] = json.loads(docker("inspect", image).stdout)[0]
    return found


def inside(docker: Docker, image: str, script: str, *options: str) -> str:
    """Return what a script prints in a container without a network."""
    done = docker("run", "--rm", "--network", "none", *options, image, "sh", "-euc", script)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_image_follows_ocr_d_s_conventions(facts: dict[str, Any]) -> None:
    config = facts["Config"]
    assert config["Entrypoint"] is None
    assert config["WorkingDir"] == "/data"
    assert config["Volumes"].keys() == {"/data", "/models"}
    assert "XDG_DATA_HOME=/usr/local/share" in config["Env"]
    assert "XDG_CONFIG_HOME=/usr/local/share/ocrd-resources" in config["Env"]
    labels = config["Labels"]
    assert labels["org.opencontainers.image.base.name"] == BASE
    assert labels["org.opencontainers.image.title"] == "ocrd-rapid"
    revision = labels["org.label-schema.vcs-ref"]
    assert revision not in ("", "unknown")
    assert labels["org.opencontainers.image.revision"] == revision
    assert labels["org.label-schema.build-date"].startswith("20")


def test_the_image_is_no_larger_than_it_was(docker: Docker, facts: dict[str, Any]) -> None:
    base = json.loads(docker("inspect", BASE).stdout)[0]
    assert facts["Size"] - base["Size"] < LIMIT * 1_000_000


def test_nothing_superfluous_is_left_and_all_that_is_needed_works(
    docker: Docker, image: str
) -> None:
    script = """
    for name in gcc cc make git; do if command -v $name; then exit 1; fi; done
    test -z "$(ls -A /tmp)" && test ! -e /root/.cache
    packages=$(python3 -c 'import ocrd_rapid as o; print(o.__path__[0])')/..
    ls $packages/ocrd_rapid/cli/__pycache__/main.*.pyc > /tmp/compiled
    if find / -xdev -name 'libGL.so*' -o -xdev -name 'libX11.so*' | grep .; then exit 1; fi
    test "$(readlink /usr/local/share/ocrd-resources)" = /models
    test "$(find /models ! -perm -0666 | wc -l)" = 0
    ocrd resmgr list-installed -e ocrd-rapid-detect
    ocrd-rapid convert $packages/ocrd_rapid/models/ocrd-rapid-classify/*.onnx -o /tmp/converted >&2
    ocrd-rapid ocr page.png -f json -o - > /tmp/page.json
    ocrd-rapid workspace -d /tmp/book init && ocrd-rapid workspace -d /tmp/book add-images page.png
    ocrd-rapid-detect -w /tmp/book -I OCR-D-IMG -O SEG -P engine openvino
    ocrd-rapid-recognize -w /tmp/book -I SEG -O OCR -P engine openvino
    ocrd-rapid export -w /tmp/book -I OCR
    """
    printed = inside(
        docker, image, script, "--volume", f"{docker.work}/data/page.png:/data/page.png:ro"
    )
    assert "PP-OCRv6_det_small_8bit.onnx" in printed
    assert "A library is a slow machine for carrying" in printed


def test_limits_are_kept(docker: Docker, image: str) -> None:
    ask = "from ocrd_rapid.inference.cores import available_cores; print(available_cores())"
    counts = [
        int(inside(docker, image, f"python3 -c '{ask}'", "--cpus", cpus)) for cpus in ("0.5", "1.5")
    ]
    assert counts == [1, min(2, os.cpu_count() or 1)]


def test_several_users_download_into_one_volume_at_once(docker: Docker, image: str) -> None:
    volume = ("--volume", "shared-models:/models")
    users = ("1001:1001", "1002:1002", "0:0")
    started = [
        subprocess.Popen(
            ["docker", "run", "--rm", "--user", user, *volume, image,
             "ocrd", "resmgr", "download", "--set", "original"],
            env=docker.environ, stderr=subprocess.PIPE, text=True,
        )
        for user in users
    ]  # fmt: skip
    for process in started:
        _, messages = process.communicate(timeout=3000)
        assert process.returncode == 0, messages
    script = f"""
    ocrd resmgr verify >&2
    ocrd resmgr remove ocrd-rapid-classify {CLASSIFIER}
    ocrd resmgr list-installed --json
    """
    listed = json.loads(inside(docker, image, script, "--user", "1003:1003", *volume))
    names = {entry["name"] for entry in listed}
    assert names >= {"PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"}
    assert CLASSIFIER not in names
    database = inside(docker, image, "cat /models/ocrd/resources.yml", *volume)
    assert database.count("name:") >= 2


def test_downloads_go_where_ocr_d_s_page_says(docker: Docker, image: str, mirror: str) -> None:
    data, models = docker.work / "here", docker.work / "there"
    for folder in (data, models):
        folder.mkdir()
        folder.chmod(0o777)
    script = f"""
    ocrd resmgr download --location cwd ocrd-rapid-detect PP-OCRv6_det_small.onnx
    ocrd resmgr download --location system ocrd-rapid-classify {CLASSIFIER}
    ocrd resmgr download -n {mirror}/ocrd-rapid-detect/PP-OCRv6_det_small.onnx \\
      ocrd-rapid-detect mine.onnx
    """
    done = docker(
        "run", "--rm", "--user", str(USER), "--tmpfs", "/tmp", "--volume", f"{data}:/data",
        "--volume", f"{models}:/models", image, "sh", "-euc", script,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [path.name for path in data.iterdir()] == ["PP-OCRv6_det_small.onnx"]
    assert {str(path.relative_to(models)) for path in models.glob("ocrd-rapid-*/*.onnx")} == {
        f"ocrd-rapid-classify/{CLASSIFIER}",
        "ocrd-rapid-detect/mine.onnx",
    }
    assert "mine.onnx" in (models / "ocrd" / "resources.yml").read_text(encoding="utf-8")


@pytest.fixture
def book(docker: Docker) -> Path:
    """Return a workspace of twelve pages."""
    return make_book(docker, "long-book", 12)


def test_sigterm_leaves_a_complete_mets(docker: Docker, image: str, book: Path) -> None:
    tasks = ["rapid-detect -I OCR-D-IMG -O SEG", "rapid-recognize -I SEG -O OCR"]
    started = docker(
        "run", "--detach", "--name", "stopped", "--user", str(USER), "--network", "none",
        "--volume", f"{book}:/data", image, "ocrd", "process", *tasks,
    )  # fmt: skip
    assert started.returncode == 0, started.stderr
    try:
        deadline = time.monotonic() + 1800
        while not list((book / "OCR").glob("*.xml")) and time.monotonic() < deadline:
            assert docker("inspect", "-f", "{{.State.Running}}", "stopped").stdout == "true\n"
            time.sleep(0.5)
        docker("stop", "--time", "10", "stopped")  # then it would be killed, with code 137
        state = docker("inspect", "-f", "{{.State.ExitCode}}", "stopped").stdout
        logs = docker("logs", "stopped")
    finally:
        docker("rm", "--force", "stopped")
    assert state == "143\n"
    assert logs.stdout == ""
    # The format of core's ocrd_logging.conf.
    assert re.match(r"\d\d:\d\d:\d\d\.\d{3} [A-Z]+ [\w.]+ - ", logs.stderr)
    assert "terminated" in logs.stderr
    entered = {file.path for file in Workspace.open(book / "mets.xml").mets.files("OCR")}
    assert entered == {f"OCR/{path.name}" for path in (book / "OCR").glob("*.xml")}
    assert 0 < len(entered) < 12


def test_a_check_of_health_succeeds(docker: Docker, image: str) -> None:
    docker(
        "run", "--detach", "--name", "healthy", "--user", str(USER), "--network", "none",
        "--health-cmd", "ocrd-rapid check", "--health-interval", "1s", "--health-timeout", "10m",
        image, "sleep", "infinity",
    )  # fmt: skip
    try:
        health = ""
        deadline = time.monotonic() + 1800
        while health in ("", "starting\n") and time.monotonic() < deadline:
            time.sleep(1)
            health = docker("inspect", "-f", "{{.State.Health.Status}}", "healthy").stdout
    finally:
        docker("rm", "--force", "healthy")
    assert health == "healthy\n"
