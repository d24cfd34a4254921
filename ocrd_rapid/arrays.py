# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Arrays from files that anybody may have made, in NumPy's formats, read without trust.

`numpy.load` allocates what the header of a file asks for, and evaluates that header. Here
nothing is allocated that is not in the file, and only plain numbers are read.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    rb"\{'descr': '([<>|])([fiub][1248])', 'fortran_order': (False|True),"
    rb" 'shape': \(([0-9, ]{0,200})\), *\}\s*"
)
_KINDS = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"}

#: Weights can hardly be compressed. An archive that claims otherwise is a bomb.
_RATIO, _ALWAYS = 100, 1 << 20


def packed_archive(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as the content of an ``.npz`` file; the same arrays give the same bytes.

    Args:
        arrays: the arrays by name.
    """
    # Not numpy.savez: it writes the time of day into the archive.
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.getvalue())
    return stream.getvalue()


def read_archive(path: Path, names: Sequence[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read arrays of numbers from an ``.npz`` file.

    Args:
        path: the file.
        names: names of the arrays; by default all.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: it is not such an archive, is damaged, or lacks one of the arrays.
    """
    with path.open("rb") as stream:
        length = stream.seek(0, 2)
        try:
            with zipfile.ZipFile(stream) as archive:
                wanted = archive.namelist() if names is None else [f"{name}.npy" for name in names]
                members = [archive.getinfo(name) for name in dict.fromkeys(wanted)]
                _check(members, length)
                return {
                    member.filename.removesuffix(".npy"): parse_array(archive.read(member))
                    for member in members
                }
        except KeyError as error:
            raise ValueError(str(error.args[0])) from error
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError) as error:
            raise ValueError(str(error) or type(error).__name__) from error


def _check(members: Sequence[zipfile.ZipInfo], length: int) -> None:
    for member in members:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{member.filename} is compressed in a way that NumPy does not use")
    total = sum(member.file_size for member in members)
    if total > _ALWAYS + _RATIO * length:
        raise ValueError(f"{length} bytes would become {total}")


def read_array(path: Path) -> NDArray[Any]:
    """Read an array of numbers from an ``.npy`` file.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: it is not such a file, or damaged.
    """
    return parse_array(path.read_bytes())


def parse_array(data: bytes) -> NDArray[Any]:
    """Return the array of numbers in data of NumPy's format.

    Raises:
        ValueError: they are not in that format, of another kind, or not of the length they state.
    """
    if len(data) < 12 or not data.startswith(_MAGIC):
        raise ValueError("not an array in NumPy's format")
    wide = data[6] > 1
    start = 12 if wide else 10
    (length,) = struct.unpack_from("<I" if wide else "<H", data, 8)
    header = _HEADER.fullmatch(data[start : start + min(length, 10_000)])
    if header is None or header[2].decode() not in _KINDS:
        raise ValueError("not an array of plain numbers; nothing else is read")
    dtype = np.dtype((header[1] + header[2]).decode())
    shape = tuple(int(number) for number in header[4].decode().replace(",", " ").split())
    content = data[start + length :]
    # In Python's integers, which do not overflow.
    if len(content) != math.prod(shape) * dtype.itemsize or max(shape, default=0) > 1 << 40:
        raise ValueError(f"an array of shape {shape} and {dtype} is not {len(content)} bytes long")
    order: Any = "F" if header[3] == b"True" else "C"
    return np.frombuffer(content, dtype=dtype).reshape(shape, order=order).copy()


def parse_json(array: NDArray[Any]) -> Any:
    """Return the value of JSON stored as an array of bytes.

    Raises:
        ValueError: it is not JSON in UTF-8, or nested too deeply.
    """
    try:
        # Not by `plain_data`: before the first epoch of a training, its loss is not a number.
        return json.loads(array.tobytes().decode("utf-8"))
    except RecursionError as error:
        raise ValueError("its header is nested too deeply") from error
