# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Check a model's files before an engine loads them.

The engines say little, or print many lines on stderr, about a file that is truncated or not a
model, such as an error page that a server sent instead.
"""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from ..errors import ModelError, ModelFileNotFoundError

#: Tags (field number and wire type) of ONNX's ``ModelProto`` (onnx.proto3): its first field, the
#: required ones, and the entries of the metadata.
_IR_VERSION, _GRAPH, _OPSET_IMPORT, _METADATA = 1 << 3, 7 << 3 | 2, 8 << 3 | 2, 14 << 3 | 2

#: Tags of ``StringStringEntryProto``.
_KEY, _VALUE = 1 << 3 | 2, 2 << 3 | 2

#: No entry of the metadata has more bytes: the longest are the characters of a recognizer.
_LONGEST_ENTRY = 1 << 24

#: Wire types of protobuf: a number, 8 bytes, bytes after their length, 4 bytes.
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5

#: Largest length of a field: protobuf's own limit of 2 GiB.
_LARGEST = 1 << 31


def check_model_file(path: Path) -> None:
    """Check that a model's files exist and that the first one is complete.

    Raises:
        ModelFileNotFoundError: the file, or the ``.bin`` beside an ``.xml``, does not exist.
        ModelError: it is a directory, unreadable, empty, truncated, or not a model.
    """
    if path.is_dir():
        raise ModelError(f"model {path.absolute()} is a directory, not a model file")
    if not path.is_file():
        raise ModelFileNotFoundError(f"model {path.absolute()} does not exist")
    suffix = path.suffix.lower()
    weights = path.with_suffix(".bin")
    if suffix == ".xml" and not weights.is_file():
        raise ModelFileNotFoundError(f"model {path}: its weights {weights} do not exist")
    try:
        with path.open("rb") as stream:
            fault = _FAULTS[suffix](stream) if suffix in _FAULTS else None
    except OSError as error:
        raise ModelError(f"model {path} cannot be read: {error.strerror}") from error
    if fault is not None:
        raise ModelError(f"model {path} cannot be loaded: {fault}; install it again")


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata of an ONNX file, without loading it.

    The weights are skipped. A file that is damaged, or none, has none: `check_model_file` tells.

    Raises:
        OSError: it cannot be read.
    """
    found: dict[str, str] = {}
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        while stream.tell() < size:
            tag = _varint(stream)
            if tag is None:
                break
            if tag != _METADATA:
                if not _skip(stream, tag & 7):
                    break
                continue
            length = _varint(stream)
            if length is None or length > _LONGEST_ENTRY:
                break
            entry = _entry(stream.read(length))
            found[entry.get(_KEY, "")] = entry.get(_VALUE, "")
    return found


def _entry(content: bytes) -> dict[int, str]:
    """Return the texts of a message by their tags, as far as it is not damaged."""
    found: dict[int, str] = {}
    stream = BytesIO(content)
    while (tag := _varint(stream)) is not None and tag & 7 == _LENGTH:
        length = _varint(stream)
        text = stream.read(length) if length is not None else b""
        if length is None or len(text) != length:
            break
        found[tag] = text.decode("utf-8", "replace")
    return found


def _onnx_fault(stream: BinaryIO) -> str | None:
    """Return the fault of an ONNX file, ``None`` if its outermost fields are complete."""
    size = os.fstat(stream.fileno()).st_size
    if size == 0:
        return "it is empty"
    tags: set[int] = set()
    while stream.tell() < size:
        tag = _varint(stream)
        if tag is None or not _skip(stream, tag & 7):
            break
        tags.add(tag)
    else:
        if stream.tell() == size and {_GRAPH, _OPSET_IMPORT} <= tags:
            return None
    if _IR_VERSION in tags:
        return f"it is damaged or cut off (it has {size} bytes)"
    return "it is not an ONNX file"


def _xml_fault(stream: BinaryIO) -> str | None:
    """Return the fault of an OpenVINO network, ``None`` if it is complete."""
    roots: list[str] = []

    def start(name: str, _attributes: object) -> None:
        if not roots:
            roots.append(name)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    fault = None
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as error:
        fault = f"it is damaged or cut off ({error})"
    if stream.tell() == 0:
        return "it is empty"
    return fault if roots == ["net"] else "it is not an OpenVINO network"


def _skip(stream: BinaryIO, wire: int) -> bool:
    """Skip a field's value, even past the end of the file; return whether it is possible."""
    length: int | None = {_FIXED64: 8, _FIXED32: 4}.get(wire)
    if wire == _VARINT:
        return _varint(stream) is not None
    if wire == _LENGTH:
        length = _varint(stream)
    if length is None or length > _LARGEST:
        return False
    stream.seek(length, os.SEEK_CUR)
    return True


def _varint(stream: BinaryIO) -> int | None:
    """Read a number of up to ten bytes, the lowest seven bits first; ``None`` if truncated."""
    value = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    return None


_FAULTS = {".onnx": _onnx_fault, ".xml": _xml_fault}
