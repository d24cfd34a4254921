# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The examples of HKMC's offline guide, run as they stand there, and without a network.

Only the import is ours: ``ocrd_rapid`` instead of ``rapidocr_hkmc``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import no_network
import pytest
from guide_examples import ABSOLUTE, DIRECTORIES, RELATIVE
from PIL import Image

from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig
from ocrd_rapid.pixels import BgrImage

#: Before every example.
BEFORE = """
import sys
import ocrd_rapid

sys.modules["rapidocr_hkmc"] = ocrd_rapid
"""

SIMPLE = """
from rapidocr_hkmc import RapidOCR

# Use offline configuration
ocr = RapidOCR(config_path='config_offline.yaml')

# Process images
result, elapse = ocr('document.jpg')

for line in result:
    print(f"Text: {line[1]}")

print("✅ Offline mode working!" if result else "❌ Check config")
"""

VERIFY = """
import logging
from rapidocr_hkmc import RapidOCR

# Enable logging to verify no downloads
logging.basicConfig(level=logging.INFO)

ocr = RapidOCR(config_path='config_offline.yaml')
"""

PROGRAMMATIC = """
from rapidocr_hkmc import RapidOCR
from omegaconf import OmegaConf

# Create offline config programmatically
config = OmegaConf.create({
    'Det': {
        'engine_type': 'onnxruntime',
        'model_path': 'C:/models/det.onnx',
        # ... other parameters
    },
    'Cls': {
        'engine_type': 'openvino',
        'model_path': 'C:/models/cls.xml',
        # ... other parameters
    },
    'Rec': {
        'engine_type': 'onnxruntime',
        'model_path': 'C:/models/rec.onnx',
        'rec_keys_path': 'C:/models/keys.txt',
        # ... other parameters
    }
})

ocr = RapidOCR(config=config)
"""

FROM_ENVIRONMENT = """
import os
from rapidocr_hkmc import RapidOCR
from omegaconf import OmegaConf

# Load base config
config = OmegaConf.load('config_offline.yaml')

# Override with environment variables
model_dir = os.getenv('OCR_MODEL_DIR', 'C:/default/models')

config.Det.model_path = f"{model_dir}/det.onnx"
config.Cls.model_path = f"{model_dir}/cls.xml"
config.Rec.model_path = f"{model_dir}/rec.onnx"
config.Rec.rec_keys_path = f"{model_dir}/keys.txt"

ocr = RapidOCR(config=config)
"""

#: HKMC's names of the models, and the short ones of other examples.
NAMES = {
    "det": "ch_PP-OCRv4_det_infer",
    "cls": "ch_ppocr_mobile_v2.0_cls_infer",
    "rec": "ch_PP-OCRv4_rec_infer",
}


@pytest.fixture
def shelf(models: Path, tmp_path: Path) -> Path:
    """Return a directory with det.onnx, cls.xml, cls.bin, rec.onnx and keys.txt.

    The installed models are taken away then: what is found is what is named.
    """
    openvino = pytest.importorskip("openvino", reason="engine openvino is not installed")
    directory = tmp_path / "shelf"
    directory.mkdir()
    found = {path.parent.name.split("-")[-1]: path for path in models.glob("*/*.onnx")}
    shutil.copyfile(found["detect"], directory / "det.onnx")
    shutil.copyfile(found["recognize"], directory / "rec.onnx")
    classifier = openvino.Core().read_model(str(found["classify"]))
    openvino.save_model(classifier, directory / "cls.xml", compress_to_fp16=False)
    keys = load_model(found["recognize"], EngineConfig()).metadata["character"]
    (directory / "keys.txt").write_text(keys, encoding="utf-8")
    shutil.rmtree(models)
    return directory


@pytest.fixture
def project(nowhere: Path, page: BgrImage) -> Path:
    """Return the current directory, with a document: a heading over two columns."""
    Image.fromarray(page[:630, :, ::-1].copy()).save(nowhere / "document.jpg", quality=95)
    return nowhere


def put(shelf: Path, directory: Path, names: dict[str, str] | None = None,
        keys: str = "keys.txt") -> None:  # fmt: skip
    """Lay the models into a directory, under other names."""
    directory.mkdir(parents=True, exist_ok=True)
    for stem, suffixes in (("det", [".onnx"]), ("cls", [".xml", ".bin"]), ("rec", [".onnx"])):
        for suffix in suffixes:
            name = (names or {}).get(stem, stem) + suffix
            shutil.copyfile(shelf / f"{stem}{suffix}", directory / name)
    shutil.copyfile(shelf / "keys.txt", directory / keys)


@lru_cache
def watch() -> tuple[str, ...]:
    """Return what is put before a command so that it may open no socket."""
    return () if no_network.unusable() else (sys.executable, no_network.__file__)


def run(
    script: str, *, alone: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a script of the guide in the current directory.

    It is killed when it opens a socket, where the system calls can be watched.

    Args:
        script: the example.
        alone: in a network namespace of its own, which has no interfaces.
        environment: variables to be set.
    """
    command = ["unshare", "-n"] if alone else []
    # Where CI is set, engines send nothing by themselves.
    environ = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [*command, *watch(), sys.executable, "-c", BEFORE + script],
        env={**environ, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


#: What is on the document, in reading order.
TEXT = [
    "How a Library Keeps Its Books",
    "A library is a slow machine for carrying",
    "paper through time. Its engine is patience,",
    "and its fuel is the quiet habit of putting each",
    "that finds the columns, the lines and at last",
    "the letters. It never grows bored, but it makes",
    "odd mistakes: a speck becomes a comma, a",
]
COUNT = f"{len(TEXT)}\n"


def lines_of(output: str) -> list[str]:
    lines = output.splitlines()
    assert lines[-1] == "✅ Offline mode working!"
    return [line.removeprefix("Text: ") for line in lines[:-1]]


def test_absolute_paths_and_devices_that_are_not_here(shelf: Path, project: Path) -> None:
    put(shelf, project / "C:" / "ocr_models", NAMES, "ppocr_keys_v1.txt")
    (project / "config_offline.yaml").write_text(ABSOLUTE)
    done = run(SIMPLE)
    assert lines_of(done.stdout) == TEXT
    assert "Requested device 'NPU' is not available. Falling back to CPU." in done.stderr


def test_relative_paths_in_a_namespace_without_network(shelf: Path, project: Path) -> None:
    probe = shutil.which("unshare") and subprocess.run(["unshare", "-n", "true"], check=False)
    if not probe or probe.returncode:
        pytest.skip("unshare -n is not permitted here")
    put(shelf, project / "models")
    (project / "config_offline.yaml").write_text(RELATIVE)
    assert lines_of(run(SIMPLE, alone=True).stdout) == TEXT


def test_model_dir(shelf: Path, project: Path) -> None:
    for stem in ("det", "cls", "rec"):
        directory = project / "C:" / "ocr_models" / f"{stem}_model"
        directory.mkdir(parents=True)
        for path in shelf.glob(f"{stem}.*"):
            shutil.copyfile(path, directory / path.name)
    shutil.copyfile(shelf / "keys.txt", project / "C:" / "ocr_models" / "ppocr_keys_v1.txt")
    (project / "config_offline.yaml").write_text(DIRECTORIES)
    assert lines_of(run(SIMPLE).stdout) == TEXT


def test_the_log_names_the_files(shelf: Path, project: Path) -> None:
    put(shelf, project / "models")
    (project / "config_offline.yaml").write_text(RELATIVE)
    log = run(VERIFY).stderr
    for name in ("models/det.onnx", "models/cls.xml", "models/rec.onnx"):
        assert f"Using {name}" in log
    assert "Using device: CPU" in log
    assert "ownload" not in log


def test_a_configuration_made_by_a_program(shelf: Path, project: Path) -> None:
    pytest.importorskip("omegaconf")
    put(shelf, project / "C:" / "models")
    assert run(PROGRAMMATIC + "print(len(ocr('document.jpg').txts))").stdout == COUNT


def test_paths_from_the_environment(shelf: Path, project: Path) -> None:
    pytest.importorskip("omegaconf")
    (project / "config_offline.yaml").write_text(RELATIVE)
    script = FROM_ENVIRONMENT + "print(len(ocr('document.jpg').txts))"
    assert run(script, OCR_MODEL_DIR=str(shelf)).stdout == COUNT
    put(shelf, project / "C:" / "default" / "models")
    assert run(script).stdout == COUNT
