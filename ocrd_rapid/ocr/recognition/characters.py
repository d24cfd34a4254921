# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The characters that a recognition model can read, by the index of the class.

Class 0 is the blank of CTC. The keys follow, then a space if it is not one of them. They come from
a key file, or from the ``character`` entry of the model's metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...errors import ModelError

BLANK = ""
METADATA_KEY = "character"


def read_keys(path: Path) -> list[str]:
    """Read a key file: one entry per line, which may be several code points long.

    Only the line ends and empty lines at the end are removed, as entries such as the ideographic
    space are white space.

    Raises:
        ModelError: the file is missing, empty or not UTF-8, or a line among its keys is empty.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ModelError(f"key file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"key file {path} is not UTF-8: {error}") from error
    keys = split_keys(text)
    # An extra key would be taken for the blank of CTC or the space, and a character lost.
    while keys and not keys[-1]:
        keys.pop()
    if not keys:
        raise ModelError(f"key file {path} is empty")
    if "" in keys:
        raise ModelError(f"key file {path}: line {keys.index('') + 1} is empty")
    return keys


def split_keys(text: str) -> list[str]:
    """Split the content of a key file at its line ends (LF or CRLF)."""
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def keys_from_metadata(metadata: Mapping[str, str]) -> list[str] | None:
    """Return the keys in a model's metadata; ``None`` without any."""
    text = metadata.get(METADATA_KEY)
    return split_keys(text) if text else None


def class_characters(keys: list[str], classes: int | None) -> tuple[str, ...]:
    """Return the character of every class: blank, keys, space.

    Key files come in three kinds: without blank and space (PaddleOCR), with a space of their
    own, and with both. The model's number of classes decides.

    Args:
        keys: entries of the key file.
        classes: number of classes of the model; ``None`` if unknown.

    Raises:
        ModelError: the keys do not belong to the model.
    """
    if classes is None or classes == len(keys) + 2:
        return (BLANK, *keys, " ")
    if classes == len(keys) + 1:
        return (BLANK, *keys)
    if classes == len(keys):
        return (BLANK, *keys[1:])
    raise ModelError(
        f"the keys do not belong to the model: {len(keys)} keys, but {classes} classes"
        f" (expected {len(keys) + 2}, {len(keys) + 1} or {len(keys)})"
    )
