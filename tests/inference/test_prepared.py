# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Prepared models: kept, used, replaced when damaged, and never an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import ModelError
from ocrd_rapid.inference import prepared
from ocrd_rapid.inference.deferred import DeferredModel
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, Model
from ocrd_rapid.inference.options import OpenVinoOptions
from ocrd_rapid.inference.prepared import Facts

BATCH = np.random.default_rng(1).random((1, 3, 8, 12), dtype=np.float32)
DAY = 86400


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where prepared models are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ocrd-rapid" / "prepared"


def content(folder: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of all prepared files."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in files
    }


def same(one: Model, other: Model) -> bool:
    return (
        np.array_equal(one.run(BATCH), other.run(BATCH))
        and one.metadata == other.metadata
        and (one.input_shape, one.output_shape) == (other.input_shape, other.output_shape)
    )


def test_a_model_is_prepared_once_and_computes_the_same(
    tiny: Path, engine: str, folder: Path
) -> None:
    first = load_model(tiny, EngineConfig(engine))
    there = content(folder)
    assert sorted(Path(name).name for name in there) == ["facts.json", "model"]
    second = load_model(tiny, EngineConfig(engine))
    assert content(folder) == there
    assert same(first, second)
    assert second.metadata["character"] == "a\nſ\nch\n\u3000"
    assert second.device == "CPU"


def test_openvinos_own_format_is_prepared_too(converted: Path, folder: Path) -> None:
    first = load_model(converted, EngineConfig("openvino"))
    assert same(first, load_model(converted, EngineConfig("openvino")))
    assert len(content(folder)) == 2
    weights = converted.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes() + b"\0")
    load_model(converted, EngineConfig("openvino"))
    assert len(content(folder)) == 4


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_do_not_change_the_result(tiny: Path, engine: str, threads: int) -> None:
    reference = load_model(tiny, EngineConfig(engine)).run(BATCH)
    for calls in (1, 2):
        config = EngineConfig(engine, intra_op_threads=threads, parallel_calls=calls)
        for _ in range(2):
            assert np.array_equal(load_model(tiny, config).run(BATCH), reference)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def _overwrite(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": lambda folder: _cut(folder / "model"),
    "nonsense": lambda folder: _overwrite(folder / "model"),
    "empty": lambda folder: (folder / "model").write_bytes(b""),
    "no model": lambda folder: (folder / "model").unlink(),
    "no facts": lambda folder: (folder / "facts.json").unlink(),
    "cut facts": lambda folder: _cut(folder / "facts.json"),
    "other facts": lambda folder: (folder / "facts.json").write_text("{}"),
    "list": lambda folder: (folder / "facts.json").write_text("[]"),
    "binary": lambda folder: (folder / "facts.json").write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_anew(tiny: Path, engine: str, folder: Path, damage: str) -> None:
    first = load_model(tiny, EngineConfig(engine))
    (place,) = folder.iterdir()
    DAMAGES[damage](place)
    assert same(first, load_model(tiny, EngineConfig(engine)))
    assert list(folder.iterdir()) == [place]
    facts = json.loads((place / "facts.json").read_text())
    assert facts["size"] == (place / "model").stat().st_size


def test_a_file_in_the_place_of_a_folder_is_no_error(tiny: Path, engine: str, folder: Path) -> None:
    first = load_model(tiny, EngineConfig(engine))
    (place,) = folder.iterdir()
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    place.write_text("")
    assert same(first, load_model(tiny, EngineConfig(engine)))


def test_without_a_place_models_are_prepared_at_every_start(
    tiny: Path, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_model(tiny, EngineConfig(engine))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    for _ in range(2):
        assert same(first, load_model(tiny, EngineConfig(engine)))


@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() == 0, reason="root can write anywhere")
def test_a_cache_that_is_read_only_is_still_used(tiny: Path, engine: str, folder: Path) -> None:
    first = load_model(tiny, EngineConfig(engine))
    (place,) = folder.iterdir()
    folder.chmod(0o500)
    place.chmod(0o500)
    try:
        assert same(first, load_model(tiny, EngineConfig(engine)))
        _overwrite(place / "model")
        assert same(first, load_model(tiny, EngineConfig(engine)))
    finally:
        folder.chmod(0o700)
        place.chmod(0o700)


def test_a_full_disk_is_no_error(
    tiny: Path, engine: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    load_model(tiny, EngineConfig(engine)).run(BATCH)
    assert list(folder.iterdir()) == []


def test_another_version_or_cpu_has_another_place(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name(source: Path = tiny, engine: str = "e", version: str = "1", settings: str = "") -> str:
        slot = prepared.slot(source, engine, version, settings)
        assert slot is not None
        return slot.folder.name

    other = tiny.with_name("two-inputs.onnx")
    names = [
        name(), name(other), name(engine="f"), name(version="2"), name(version="1-rc"),
        name(settings="bf16"),
    ]  # fmt: skip
    assert name().startswith("e-1-")
    monkeypatch.setattr(prepared, "cpu", lambda: "another")
    assert len({*names, name()}) == len(names) + 1
    assert name(version="2026.4.1-22982-releases/2026/4").startswith("e-2026.4.1-")


def test_the_cpu_is_described_without_what_changes() -> None:
    prepared.cpu.cache_clear()
    first = prepared.cpu()
    prepared.cpu.cache_clear()
    assert prepared.cpu() == first
    assert len(first.splitlines()) >= 3


def test_what_is_not_used_is_removed(tiny: Path, folder: Path) -> None:
    names = [
        f"{start}-{letter * 32}" for start in ("onnxruntime-0.1", "openvino-1") for letter in "ab"
    ]
    ages = dict(zip([*names, ".staging-e", ".staging-f"], [8, 6, 91, 89, 2, 0], strict=True))
    for name, days in ages.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "model").write_text("")
        os.utime(folder / name, (time.time() - days * DAY,) * 2)
    load_model(tiny, EngineConfig())
    left = {path.name for path in folder.iterdir()} & set(ages)
    assert left == {names[1], names[3], ".staging-f"}


def test_what_is_used_is_noted(tiny: Path, folder: Path) -> None:
    load_model(tiny, EngineConfig())
    (place,) = folder.iterdir()
    os.utime(place, (time.time() - 80 * DAY,) * 2)
    load_model(tiny, EngineConfig())
    assert place.stat().st_mtime > time.time() - DAY


def test_a_model_whose_weights_lie_elsewhere_is_not_kept(
    tiny: Path, tmp_path: Path, folder: Path
) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load(str(tiny))
    for tensor in model.graph.initializer:
        tensor.raw_data = onnx.numpy_helper.to_array(tensor).tobytes()
    path = tmp_path / "outside.onnx"
    onnx.save(
        model, str(path), save_as_external_data=True, location="weights.bin", size_threshold=0
    )
    if not (tmp_path / "weights.bin").is_file():
        pytest.skip("this version of onnx keeps small weights inside")
    load_model(path, EngineConfig()).run(BATCH)
    assert not folder.is_dir()


def test_a_model_that_is_none_of_ours_is_not_kept(
    two_inputs: Path, engine: str, folder: Path
) -> None:
    for _ in range(2):
        with pytest.raises(ModelError, match="has 2 inputs"):
            load_model(two_inputs, EngineConfig(engine))
    assert not folder.is_dir()


def test_a_cache_directory_that_is_chosen_takes_the_place_of_ours(
    tiny: Path, tmp_path: Path, folder: Path, openvino_installed: None
) -> None:
    options = OpenVinoOptions(cache_dir=str(tmp_path / "mine"))
    load_model(tiny, EngineConfig("openvino", options=options))
    assert not folder.is_dir()
    assert list((tmp_path / "mine").glob("*.blob"))


def test_what_openvino_compiles_for_other_devices_is_kept_and_tidied(
    tiny: Path, folder: Path, openvino_installed: None
) -> None:
    kept = folder.parent / "openvino"
    old = kept / "old.blob"
    kept.mkdir(parents=True)
    old.write_bytes(b"")
    os.utime(old, (time.time() - 91 * DAY,) * 2)
    load_model(tiny, EngineConfig("openvino", "AUTO"))
    assert not old.exists()
    assert list(kept.glob("*.blob"))


SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig

model = load_model(Path(sys.argv[1]), EngineConfig(sys.argv[2]))
print(model.run(np.full((1, 3, 8, 12), 0.5, dtype=np.float32)).tobytes().hex())
"""


def test_eight_first_starts_at_the_same_time_leave_one_model(
    tiny: Path, engine: str, folder: Path
) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tiny), engine]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    said = {process.communicate(timeout=600)[0] for process in started}
    assert [process.returncode for process in started] == [0] * 8
    assert len(said) == 1
    (place,) = folder.iterdir()
    assert sorted(path.name for path in place.iterdir()) == ["facts.json", "model"]
    found = content(folder)
    model = load_model(tiny, EngineConfig(engine))
    assert {model.run(np.full((1, 3, 8, 12), 0.5, np.float32)).tobytes().hex() + "\n"} == said
    assert content(folder) == found


# Models that are not loaded before they are run


def test_a_model_that_is_not_known_is_loaded(tiny: Path, engine: str) -> None:
    model = load_model(tiny, EngineConfig(engine), deferred=True)
    assert not isinstance(model, DeferredModel)


def test_a_model_that_is_known_is_loaded_when_it_is_run(tiny: Path, engine: str) -> None:
    first = load_model(tiny, EngineConfig(engine))
    model = load_model(tiny, EngineConfig(engine), deferred=True)
    assert isinstance(model, DeferredModel)
    assert model.device == first.device
    assert same(first, model)
    assert model.load() is model.load()


@pytest.mark.parametrize("device", ["GPU", "AUTO"])
def test_what_is_for_another_device_is_not_deferred(
    tiny: Path, device: str, openvino_installed: None
) -> None:
    load_model(tiny, EngineConfig("openvino"))
    model = load_model(tiny, EngineConfig("openvino", device), deferred=True)
    assert not isinstance(model, DeferredModel)


def test_two_threads_load_a_deferred_model_once() -> None:
    loads: list[int] = []

    class Loaded:
        def run(self, batch: Any) -> Any:
            return batch

    def load() -> Any:
        loads.append(1)
        time.sleep(0.05)
        return Loaded()

    model = DeferredModel(Facts((None,), (None,), {}), load)
    threads = [threading.Thread(target=model.run, args=(BATCH,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [1]


@pytest.mark.models
def test_prepared_default_models_compute_the_same(
    models: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = {"detect": (64, 96), "classify": (48, 192), "recognize": (48, 200)}
    for name, (height, width) in shapes.items():
        (path,) = (models / f"ocrd-rapid-{name}").glob("*.onnx")
        batch = np.random.default_rng(2).random((1, 3, height, width), dtype=np.float32)
        with monkeypatch.context() as patch:
            patch.setattr(prepared, "slot", lambda *_: None)
            expected = load_model(path, EngineConfig(engine)).run(batch)
        for threads in (1, 2):
            config = EngineConfig(engine, intra_op_threads=threads)
            for _ in range(2):
                assert np.array_equal(load_model(path, config).run(batch), expected)
