# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Files of heads."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ocrd_rapid.errors import ModelError, ModelFileNotFoundError
from ocrd_rapid.inference.output_layers import ContextLayer, Convolution, LinearLayer
from ocrd_rapid.ocr.recognition.calibration import Calibration
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head

LAYER = LinearLayer(
    np.arange(12, dtype=np.float32).reshape(3, 4) / 8, np.arange(4, dtype=np.float32)
)
ZEROS = np.zeros(6, np.float32)
HEAD = Head(
    "blackletter", "ab" * 32, ("", "ſ", "a\u0364", " "), LAYER, True,
    {"font_family": "Fraktur", "languages": ["deu"], "measured": {"cer": 2.5}},
)  # fmt: skip


def altered(path: Path, **changes: Any) -> Path:
    """Rewrite a head with other arrays, or other entries of the header; ``None`` removes one."""
    with np.load(path) as archive:
        arrays = dict(archive)
    header = json.loads(arrays["header"].tobytes())
    for key, value in changes.items():
        target: dict[str, Any] = arrays if key in arrays else header
        if value is None:
            del target[key]
        else:
            target[key] = value
    if "header" not in changes:
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    np.savez(path, **arrays)
    return path


def test_written_and_read(tmp_path: Path) -> None:
    write_head(HEAD, tmp_path / "h.npz")
    read = read_head(tmp_path / "h.npz")
    assert replace(read, layer=LAYER) == HEAD
    assert read.font_family == "Fraktur"
    assert np.array_equal(read.layer.weights, LAYER.weights)
    assert np.array_equal(read.layer.bias, LAYER.bias)
    assert read.layer.weights.dtype == read.layer.bias.dtype == np.float32


@pytest.mark.parametrize(
    ("given", "frequency"), [(0.05, 0.05), (1, 1), (0, 1), (7, 1), ("often", 1), (None, 1)]
)
def test_how_frequent_its_typeface_is(given: Any, frequency: float) -> None:
    assert replace(HEAD, header={"frequency": given}).frequency == frequency
    assert HEAD.frequency == 1


@pytest.mark.parametrize(("given", "letters"), [("ſꝛ", "ſꝛ"), (7, ""), (None, "")])
def test_by_which_letters_its_typeface_is_known(given: Any, letters: str) -> None:
    assert replace(HEAD, header={"typical_letters": given}).typical_letters == letters
    assert HEAD.typical_letters == ""


def test_a_head_with_context_and_stretch(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    first = Convolution(chance.normal(size=(5, 2, 6)).astype(np.float16).astype(np.float32), ZEROS)
    second = Convolution(np.ones((3, 6, 3), np.float32), np.ones(3, np.float32))
    head = replace(HEAD, layer=ContextLayer((first, second), LAYER), stretch=1.4)
    write_head(head, tmp_path / "h.npz")
    read = read_head(tmp_path / "h.npz")
    assert read.stretch == 1.4
    assert isinstance(read.layer, ContextLayer)
    assert np.array_equal(read.layer.output.weights, LAYER.weights)
    for found, written in zip(read.layer.hidden, (first, second), strict=True):
        assert np.array_equal(found.weights, written.weights)
        assert np.array_equal(found.bias, written.bias)
    assert read.header == HEAD.header


@pytest.mark.parametrize(
    "changes",
    [
        {"stretch": 0},
        {"stretch": "wide"},
        {"convolutions": 99},
        {"convolutions": 2},
        {"hidden0.bias": np.zeros(5)},
    ],
)
def test_a_damaged_head_with_context(tmp_path: Path, changes: dict[str, Any]) -> None:
    hidden = Convolution(np.ones((3, 2, 3), np.float32), np.ones(3, np.float32))
    write_head(replace(HEAD, layer=ContextLayer((hidden,), LAYER)), tmp_path / "h.npz")
    with pytest.raises(ModelError, match=r"h\.npz (is damaged|cannot be read)"):
        read_head(altered(tmp_path / "h.npz", **changes))


def test_a_calibration_is_part_of_the_file(tmp_path: Path) -> None:
    known = replace(HEAD, calibration=Calibration(own=0.7, constant=-0.5))
    write_head(known, tmp_path / "h.npz")
    read = read_head(tmp_path / "h.npz")
    assert read.calibration == known.calibration
    assert "calibration" not in read.header


@pytest.mark.parametrize("value", [[], {"own": "much"}, {"size": 1}])
def test_a_damaged_calibration(tmp_path: Path, value: object) -> None:
    write_head(HEAD, tmp_path / "h.npz")
    with pytest.raises(ModelError, match=r"h\.npz is damaged: not "):
        read_head(altered(tmp_path / "h.npz", calibration=value))


def test_the_same_head_gives_the_same_bytes(tmp_path: Path) -> None:
    write_head(HEAD, tmp_path / "a.npz")
    write_head(HEAD, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_head_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelFileNotFoundError, match=r"h\.npz does not exist"):
        read_head(tmp_path / "h.npz")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_that_is_cut_off(tmp_path: Path, share: float) -> None:
    path = tmp_path / "h.npz"
    write_head(HEAD, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ModelError, match="install it again"):
        read_head(path)


def test_something_else(tmp_path: Path) -> None:
    path = tmp_path / "h.npz"
    path.write_text("<html>")
    with pytest.raises(ModelError, match="install it again"):
        read_head(path)
    np.save(path.with_suffix(".npy"), np.zeros(3))
    with pytest.raises(ModelError, match="install it again"):
        read_head(path.with_suffix(".npy"))
    np.savez(path, a=np.zeros(3))
    with pytest.raises(ModelError, match="install it again"):
        read_head(path)


def rewritten(path: Path, compression: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Path:
    """Write a head with other content of its arrays."""
    write_head(HEAD, path)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content |= {f"{name}.npy": data for name, data in members.items()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def npy(shape: str, content: bytes = b"\0" * 48, descr: str = "'<f4'") -> bytes:
    """Return an array in NumPy's format whose header says something."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (npy("(4, 4398046511104)"), "is not 48 bytes long"),
        (npy(f"({10**400}, 0)", b""), "not an array of plain numbers"),
        (npy("(0, 99999999999999)", b""), "is not 0 bytes long"),
        (npy("(-3, -4)"), "not an array of plain numbers"),
        (npy("(3, 4)", b"\0" * 47), "is not 47 bytes long"),
        (npy("(" * 4000), "not an array of plain numbers"),
        (npy("(3, 4)", descr="'<U4'"), "not an array of plain numbers"),
        (npy("(3, 4)", descr="'<f1'"), "not an array of plain numbers"),
        (npy("(3, 4)", descr="[('a', '<f4')]"), "not an array of plain numbers"),
        (npy("__import__('os').abort()"), "not an array of plain numbers"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "not an array of plain numbers"),
        (b"", "not an array in NumPy's format"),
    ],
)  # fmt: skip
def test_an_array_that_lies_is_refused_without_room_for_it(
    tmp_path: Path, weights: bytes, message: str
) -> None:
    path = rewritten(tmp_path / "h.npz", weights=weights)
    with pytest.raises(ModelError, match=message) as caught:
        read_head(path)
    assert str(path) in str(caught.value)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    zeros = npy("(100, 500000)", bytes(200_000_000))
    path = rewritten(tmp_path / "h.npz", weights=zeros)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ModelError, match=r"bytes would become 2000"):
        read_head(path)


def test_a_header_that_is_nested_deeply_is_refused(tmp_path: Path) -> None:
    deep = np.frombuffer(b"[" * 100_000, dtype=np.uint8)
    write_head(HEAD, tmp_path / "h.npz")
    with pytest.raises(ModelError, match="nested too deeply"):
        read_head(altered(tmp_path / "h.npz", header=deep))


def test_another_compression_than_that_of_numpy_is_refused(tmp_path: Path) -> None:
    path = rewritten(tmp_path / "h.npz", zipfile.ZIP_LZMA)
    with pytest.raises(ModelError, match="compressed in a way"):
        read_head(path)


def test_arrays_in_the_order_of_fortran_are_read(tmp_path: Path) -> None:
    write_head(HEAD, tmp_path / "h.npz")
    path = altered(tmp_path / "h.npz", weights=np.asfortranarray(LAYER.weights))
    assert np.array_equal(read_head(path).layer.weights, LAYER.weights)


def test_a_layer_of_no_features_is_damaged(tmp_path: Path) -> None:
    write_head(HEAD, tmp_path / "h.npz")
    with pytest.raises(ModelError, match="is damaged"):
        read_head(altered(tmp_path / "h.npz", weights=np.zeros((0, 4), dtype=np.float32)))


def test_no_pickled_object_is_read(tmp_path: Path) -> None:
    path = tmp_path / "h.npz"
    write_head(HEAD, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    members["bias.npy"] = stream.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(ModelError, match="not an array of plain numbers"):
        read_head(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "x"}, "is not a head"),
        ({"version": 3}, "has version 3, but this release reads versions up to 2"),
        ({"name": None}, "has no usable 'name'"),
        ({"characters": None}, "has no usable 'characters'"),
        ({"characters": ["", "a"]}, "2 characters, bias"),
        ({"characters": ["x", "a", "b", "c"]}, "is damaged"),
        ({"weights": np.zeros((3, 4), dtype=np.int64)}, "is damaged"),
        ({"weights": np.zeros(4, dtype=np.float32)}, "is damaged"),
        ({"bias": np.array([0, 1, 2, np.inf], dtype=np.float32)}, "not all finite"),
        ({"header": np.frombuffer(b"[]", dtype=np.uint8)}, "is not a head"),
        ({"header": np.frombuffer(b"{", dtype=np.uint8)}, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "h.npz"
    write_head(HEAD, path)
    with pytest.raises(ModelError, match=message) as caught:
        read_head(altered(path, **changes))
    assert str(path) in str(caught.value)
