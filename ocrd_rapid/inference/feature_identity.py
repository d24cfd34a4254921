# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which recognition network's features a model gives, as heads know it.

A head reads the features of one network, known by the hash of its file. Other files may give the
same features: the same network with weights of 16 bits, or a smaller one that was taught to. Such a
file says so in its metadata, and all heads of that network fit it. That is a statement and no
proof: with a file that is wrong about it, heads read nonsense, as with damaged weights.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..resmgr.integrity import known_sha256
from .modelfile import read_metadata

#: Keys of the metadata of an ONNX file: the hash and the file name of the network whose features it
#: gives.
FEATURES_KEY, NETWORK_KEY = "ocrd-rapid.features", "ocrd-rapid.network"

_HASH = re.compile("[0-9a-f]{64}")


def features_identity(path: Path) -> str:
    """Return the sha256 of the network whose features a model gives: its own, if it names no other.

    Args:
        path: the model's file. Only ONNX files name another network.

    Raises:
        OSError: it cannot be read.
    """
    return _named(path).get(FEATURES_KEY) or known_sha256(path)


def features_network(path: Path) -> str:
    """Return the file name of the network whose features a model gives: its own, if it names none.

    Args:
        path: see `features_identity`.

    Raises:
        OSError: it cannot be read.
    """
    return Path(_named(path).get(NETWORK_KEY, "")).name or path.name


def facts_of_features(path: Path) -> dict[str, str]:
    """Return the metadata for a new file with the features of a model, see `features_identity`.

    Raises:
        OSError: it cannot be read.
    """
    return {FEATURES_KEY: features_identity(path), NETWORK_KEY: features_network(path)}


def _named(path: Path) -> dict[str, str]:
    """Return what the metadata of a model say about its features; nothing if that is no hash."""
    found = read_metadata(path) if path.suffix.lower() == ".onnx" else {}
    return found if _HASH.fullmatch(found.get(FEATURES_KEY, "")) else {}
