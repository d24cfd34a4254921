# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Libraries without symbols, as in the image, do what they did."""

from __future__ import annotations

import importlib.util
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from slim import ELF_64, stripped

#: Uses of libraries in C and C++, each with an exception that comes from within.
USES = {
    "pyclipper._pyclipper": """
import pyclipper
try:
    pyclipper.Pyclipper().AddPath([(0, 0)], pyclipper.PT_CLIP, True)
except pyclipper.ClipperException as error:
    print("caught", error)
""",
    "yaml._yaml": """
import yaml
assert yaml.load("a: [1, 2]", yaml.CSafeLoader) == {"a": [1, 2]}
try:
    yaml.load("a: [", yaml.CSafeLoader)
except yaml.YAMLError as error:
    print("caught", error)
""",
    "zstandard.backend_c": """
import zstandard
assert zstandard.decompress(zstandard.compress(b"abc" * 99)) == b"abc" * 99
try:
    zstandard.decompress(b"abc")
except zstandard.ZstdError as error:
    print("caught", error)
""",
}


def library(module: str) -> Path:
    """Return the file of a module in C; skip the test where it is no ELF library of 64 bits."""
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin)
    with path.open("rb") as stream:
        if stream.read(len(ELF_64)) != ELF_64:
            pytest.skip("libraries are not ELF of 64 bits here")
    return path


@pytest.mark.parametrize("module", USES)
def test_a_stripped_library_is_smaller_and_works(module: str, tmp_path: Path) -> None:
    path = library(module)
    package = tmp_path / path.parent.name
    shutil.copytree(path.parent, package)
    copy = package / path.name
    before = path.read_bytes()
    after = stripped(before)
    assert len(after) < len(before)
    assert stripped(after) == after
    copy.write_bytes(after)
    script = f"import {module} as m; assert m.__file__ == {str(copy)!r}, m.__file__\n"
    done = subprocess.run(
        [sys.executable, "-c", script + USES[module]],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("caught ")


def test_what_no_loader_would_find_is_not_left_out_in_silence() -> None:
    broken = bytearray(library("yaml._yaml").read_bytes())
    (table,) = struct.unpack_from("<Q", broken, 32)
    entry, count = struct.unpack_from("<HH", broken, 54)
    last = table + entry * (count - 1)
    struct.pack_into("<I", broken, last, 4)  # notes,
    struct.pack_into("<Q", broken, last + 8, len(broken) - 1)  # behind all segments
    struct.pack_into("<Q", broken, last + 32, 1)
    with pytest.raises(ValueError, match="are in no segment to load"):
        stripped(bytes(broken))
