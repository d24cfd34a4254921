# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Nothing is sent, and nothing is left behind outside of the documented folders.

The kernel watches (`no_network`), as the engines' reports are sent from C++. The environment is
made from nothing: under ``CI`` both engines keep quiet by themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import no_network
import pytest

HERE = Path(__file__).resolve().parent
SAMPLE = HERE / "assets" / "sample" / "sample.png"
TINY = HERE / "inference" / "tiny.onnx"

#: What the documentation says that we write to: prepared models and hashes of files.
DOCUMENTED = (".cache/ocrd-rapid/",)

#: onnxruntime sends its first report 9 seconds after it was loaded.
UPLOAD_TIMERS = 30

Watched = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home directory that is empty."""
    directory = tmp_path / "fresh"
    directory.mkdir()
    return directory


@pytest.fixture
def watched(home: Path, tmp_path: Path) -> Watched:
    """Return a function that runs a command under the watch, and looks at what it left."""
    reason = no_network.unusable()
    if reason is not None:
        pytest.skip(reason)
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def call(
        *command: str | Path, clean: bool = True, also: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        program = [str(Path(sys.executable).parent / command[0]), *map(str, command[1:])]
        done = subprocess.run(
            [sys.executable, no_network.__file__, *program],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                "HOME": str(home),
                "XDG_DATA_HOME": os.environ["XDG_DATA_HOME"],
                "TMPDIR": str(temporary),
            },
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if clean:
            assert done.returncode not in no_network.KILLED, f"a socket was opened\n{done.stderr}"
            assert done.returncode == 0, done.stderr
            assert left(home, also) == []
            assert [path for path in temporary.rglob("*") if path.is_file()] == []
        return done

    return call


def left(home: Path, also: tuple[str, ...] = ()) -> list[str]:
    """Return the files below a home directory that are not documented."""
    files = (p.relative_to(home).as_posix() for p in home.rglob("*") if not p.is_dir())
    return [name for name in files if not name.startswith((*DOCUMENTED, *also))]


ALL_STAGES = """
import sys, time
from ocrd_rapid import RapidOCR

for engine in sys.argv[1:]:
    stages = {f"{stage}.engine_type": engine for stage in ("Det", "Cls", "Rec")}
    print(len(RapidOCR(params=stages)(SAMPLE).txts))
time.sleep(TIMERS)
"""


def test_rapidocr(models: Path, watched: Watched) -> None:
    script = ALL_STAGES.replace("SAMPLE", repr(str(SAMPLE))).replace("TIMERS", str(UPLOAD_TIMERS))
    done = watched(sys.executable, "-c", script, "onnxruntime", "openvino")
    assert all(int(count) > 40 for count in done.stdout.split())


@pytest.mark.parametrize("size", ["fast", "balanced"])
def test_a_page_on_a_machine_that_never_had_a_network(watched: Watched, size: str) -> None:
    """Nothing is installed but the package: its models are enough for these sizes."""
    assert not Path(os.environ["XDG_DATA_HOME"]).exists()
    done = watched("ocrd-rapid", "ocr", SAMPLE, "--quality", size)
    assert "How a Library Keeps Its Books" in done.stdout
    assert not Path(os.environ["XDG_DATA_HOME"]).exists()


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_processors(models: Path, watched: Watched, workspace: Path, engine: str) -> None:
    for step in (
        ("preprocess", "OCR-D-IMG", "OCR-D-PRE"),
        ("detect", "OCR-D-PRE", "OCR-D-SEG"),
        ("classify", "OCR-D-SEG", "OCR-D-ORI"),
        ("recognize", "OCR-D-ORI", "OCR-D-OCR"),
    ):
        chosen = () if step[0] == "preprocess" else ("-P", "engine", engine)
        watched(
            f"ocrd-rapid-{step[0]}", "-m", workspace / "mets.xml", "-I", step[1], "-O", step[2],
            *chosen,
        )  # fmt: skip
    text = watched("ocrd-rapid", "export", "-w", workspace, "-I", "OCR-D-OCR").stdout
    assert "How a Library Keeps Its Books" in text


def test_a_workflow(models: Path, watched: Watched, workspace: Path) -> None:
    watched(
        "ocrd-rapid", "process", "-w", workspace,
        "rapid-detect -I OCR-D-IMG -O OCR-D-SEG",
        "rapid-recognize -I OCR-D-SEG -O OCR-D-OCR -P engine openvino",
    )  # fmt: skip


def test_checking_converting_and_asking(models: Path, watched: Watched, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("Global: {}\n", encoding="utf-8")
    watched("ocrd-rapid", "check")
    watched("ocrd-rapid", "check", "--config", config)
    watched("ocrd-rapid", "convert", TINY, "-o", tmp_path / "converted")
    watched("ocrd-rapid", "resmgr", "list-available", "-e", "ocrd-rapid-recognize")
    watched("ocrd-rapid", "resmgr", "list-installed", "-e", "ocrd-rapid-recognize")
    watched("ocrd-rapid-detect", "--dump-json")


def test_training(models: Path, watched: Watched, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs torch: pip install 'ocrd-rapid[train]'")
    from PIL import Image

    with Image.open(SAMPLE) as page:
        for number in range(4):
            folder = tmp_path / "lines" / f"d{number}"
            folder.mkdir(parents=True)
            page.crop((0, 0, 400, 48)).save(folder / "1.png")
            (folder / "1.gt.txt").write_text("a line", encoding="utf-8")
    watched(
        "ocrd-rapid", "train", "mine", "--epochs", "2", "--validation", "d3", "lines",
        also=(".config/ocrd/resources.yml",),
    )  # fmt: skip


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_the_watch_sees_what_an_engine_does_by_itself(
    watched: Watched, home: Path, engine: str
) -> None:
    """Without us, the same engine is caught; else the tests above would prove nothing."""
    pytest.importorskip(engine, reason=f"engine {engine} is not installed")
    done = watched(sys.executable, "-c", f"import {engine}", clean=False)
    if done.returncode == 0 and not left(home):
        pytest.skip(f"this version of {engine} sends nothing by itself")
    assert done.returncode in no_network.KILLED or left(home)


def test_a_socket_in_a_child_is_seen(watched: Watched) -> None:
    script = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {child!r}]))"
    for family, code in (("AF_UNIX", 0), ("AF_INET", 225), ("AF_INET6", 225)):
        child = f"import socket; socket.socket(socket.{family})"
        done = watched(sys.executable, "-c", script.format(child=child), clean=False)
        # Python's own way of saying signal 31 as an exit code: -31 in one byte.
        assert done.returncode == code, done.stderr
