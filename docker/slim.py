# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Remove from installed packages what the image never uses, and print what is left.

    slim.py MARK

The whole list is here, with reasons. Packages of the base image, whose files are older than MARK,
stay as they are: others may use them, and an image does not shrink by what a layer above removes.
`ocrd-rapid check` and the tests of the image run both engines on what remains.
"""

from __future__ import annotations

import shutil
import struct
import sys
import sysconfig
from pathlib import Path

#: What is removed, as patterns below the folder of installed packages.
UNUSED = {
    "drivers of Intel's GPUs and NPUs, whose own libraries an image without them cannot use": [
        "openvino/libs/libopenvino_intel_gpu_plugin.so",
        "openvino/libs/libopenvino_intel_npu_plugin.so",
        "openvino/libs/cache.json",
    ],
    "readers of models that are neither ONNX nor OpenVINO's": [
        "openvino/libs/libopenvino_gguf_frontend.so*",
        "openvino/libs/libopenvino_jax_frontend.so*",
        "openvino/libs/libopenvino_paddle_frontend.so*",
        "openvino/libs/libopenvino_pytorch_frontend.so*",
        "openvino/libs/libopenvino_tensorflow_frontend.so*",
        "openvino/libs/libopenvino_tensorflow_lite_frontend.so*",
        "openvino/frontend/*/*.so",
    ],
    "both engines for programs in C": [
        "onnxruntime/capi/libonnxruntime.so*",
        "openvino/libs/libopenvino_c.so*",
    ],
    "tools to make models": [
        "onnxruntime/quantization",
        "onnxruntime/tools",
        "onnxruntime/transformers",
    ],
    "the compiler's side of NumPy": ["numpy/distutils", "numpy/f2py", "numpy/_core/lib"],
    "the operators of ONNX in Python, to test engines with": ["onnx/backend", "onnx/reference"],
    "tests and their data": ["numpy/_core/_simd.*", "**/tests"],
    "headers, sources and types for compilers and editors": [
        "**/*.c",
        "**/*.cc",
        "**/*.h",
        "**/*.hpp",
        "**/*.proto",
        "**/*.pxd",
        "**/*.pxi",
        "**/*.pyi",
        "**/*.pyx",
        "openvino/include",
    ],
    "compiled twins of modules in Python, which only check fonts here": ["fontTools/**/*.so"],
    "a second binding of the same library": ["zstandard/_cffi.*"],
}

#: The first bytes of libraries of 64 bits, the lowest byte first; the kind of a segment to load.
ELF_64 = b"\x7fELF\2\1"
PT_LOAD = 1

MEGABYTE = 1_000_000


def size(path: Path) -> int:
    """Return the bytes in a file, or in all files of a folder."""
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_dir() or file.is_symlink())


def removed(packages: Path, patterns: list[str], since: float) -> int:
    """Remove what matches a pattern and is not older; return the bytes of it."""
    total = 0
    for pattern in patterns:
        for path in sorted(packages.glob(pattern)):
            # Not there: within a folder that is gone.
            if not path.exists() or path.lstat().st_ctime < since:
                continue
            total += size(path)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    return total


def stripped(library: bytes) -> bytes:
    """Return a shared library without what only linkers and debuggers read: sections and symbols.

    What is left are its segments, moved together: of a file, the loader reads these and the table
    of them alone (System V ABI, ELF-64 object files, "Program Header").

    Raises:
        ValueError: there is something in the table that is in no segment to load.
    """
    (table,) = struct.unpack_from("<Q", library, 32)
    entry, count = struct.unpack_from("<HH", library, 54)
    places = range(table, table + entry * count, entry)
    kinds = [struct.unpack_from("<I", library, place)[0] for place in places]
    #: Offset in the file, two addresses, length in the file, length in memory, alignment.
    segments = [struct.unpack_from("<6Q", library, place + 8) for place in places]
    loaded = sorted(s for s, kind in zip(segments, kinds, strict=True) if kind == PT_LOAD)
    packed = bytearray()
    shifts = []
    for offset, _, _, length, _, alignment in loaded:
        # A segment is mapped by pages: its place within one must stay.
        packed += bytes((offset - len(packed)) % max(alignment, 1))
        shifts.append((offset, offset + length, len(packed) - offset))
        packed += library[offset : offset + length]

    def moved(start: int, length: int) -> int:
        for first, end, shift in shifts:
            if first <= start and start + length <= end:
                return start + shift
        raise ValueError(f"bytes {start} to {start + length} are in no segment to load")

    for place, (offset, _, _, length, _, _) in zip(places, segments, strict=True):
        if length:
            struct.pack_into("<Q", packed, moved(place, entry) + 8, moved(offset, length))
    struct.pack_into("<2Q", packed, 32, moved(table, entry * count), 0)
    struct.pack_into("<2H", packed, 60, 0, 0)
    return bytes(packed)


def strip(packages: Path, since: float) -> int:
    """Strip all libraries that are not older; return the bytes of what is gone."""
    total = 0
    for path in packages.glob("**/*.so*"):
        if path.is_symlink() or not path.is_file() or path.stat().st_ctime < since:
            continue
        library = path.read_bytes()
        if library.startswith(ELF_64):
            path.write_bytes(stripped(library))
            total += len(library) - path.stat().st_size
    return total


def main() -> None:
    """Clear the folder that pip has installed packages into."""
    packages = Path(sysconfig.get_paths()["platlib"])
    since = Path(sys.argv[1]).stat().st_ctime
    before = size(packages)
    for reason, patterns in UNUSED.items():
        less = removed(packages, patterns, since)
        print(f"{less / MEGABYTE:7.1f} MB less: {reason}")
    print(f"{strip(packages, since) / MEGABYTE:7.1f} MB less: symbols of libraries")
    print(f"{before / MEGABYTE:7.1f} MB before, {size(packages) / MEGABYTE:.1f} MB after:")
    for path in sorted(packages.iterdir(), key=size, reverse=True)[:20]:
        print(f"{size(path) / MEGABYTE:7.1f} MB {path.name}")


if __name__ == "__main__":
    main()
