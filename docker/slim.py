# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Remove from installed packages what the image never uses, and print what is left.

The whole list is here, with reasons. `ocrd-rapid check` and the tests of the image run both engines
on what remains.
"""

from __future__ import annotations

import shutil
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
    "onnxruntime for programs in C, once more": ["onnxruntime/capi/libonnxruntime.so*"],
    "tools to make models": [
        "onnxruntime/quantization",
        "onnxruntime/tools",
        "onnxruntime/transformers",
    ],
    "the compiler's side of NumPy": ["numpy/distutils", "numpy/f2py", "numpy/_core/lib"],
    "tests and their data": ["onnx/backend/test", "**/tests"],
    "headers, sources and types for compilers and editors": [
        "**/*.c",
        "**/*.h",
        "**/*.hpp",
        "**/*.pxd",
        "**/*.pyi",
        "**/*.pyx",
        "openvino/include",
    ],
    "compiled twins of modules in Python, which only check fonts here": ["fontTools/**/*.so"],
    "a second binding of the same library": ["zstandard/_cffi.*"],
}

MEGABYTE = 1_000_000


def size(path: Path) -> int:
    """Return the bytes in a file, or in all files of a folder."""
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_dir() or file.is_symlink())


def removed(packages: Path, patterns: list[str]) -> int:
    """Remove what matches a pattern; return the bytes of it."""
    total = 0
    for pattern in patterns:
        for path in sorted(packages.glob(pattern)):
            if not path.exists():  # within a folder that is gone
                continue
            total += size(path)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    return total


def main() -> None:
    """Clear the folder that pip has installed packages into."""
    packages = Path(sysconfig.get_paths()["platlib"])
    before = size(packages)
    for reason, patterns in UNUSED.items():
        print(f"{removed(packages, patterns) / MEGABYTE:7.1f} MB less: {reason}")
    print(f"{before / MEGABYTE:7.1f} MB before, {size(packages) / MEGABYTE:.1f} MB after:")
    for path in sorted(packages.iterdir(), key=size, reverse=True)[:20]:
        print(f"{size(path) / MEGABYTE:7.1f} MB {path.name}")


if __name__ == "__main__":
    main()
