# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Identifiers of files and file groups, as OCR-D core 3.13.3 makes them."""

from __future__ import annotations

import hashlib
import re

from ..errors import MetsError

_VALID = re.compile(r"[a-zA-Z_][\w.-]*")

MIMETYPE_PAGE = "application/vnd.prima.page+xml"

#: Longest identifier, in bytes of UTF-8. Names of files have up to 255: there must be room for
#: marks that tell two of them apart, for the suffixes of images, and for temporary files.
MAX_BYTES = 180


def check_id(value: str, what: str) -> str:
    """Return an identifier unchanged if OCR-D allows it.

    It also serves as the name of a file or directory, so this keeps output inside the workspace.

    Raises:
        MetsError: it is not an ASCII letter or underscore followed by letters (of any script),
            digits and ``_.-``, or it is too long for the name of a file.
    """
    if not _VALID.fullmatch(value):
        raise MetsError(
            f"{what} '{value}' is not allowed: it must begin with a letter from A to Z or '_'"
            " and continue with letters, digits, '_', '.' or '-'"
        )
    if len(value.encode("utf-8", "surrogatepass")) > 255:
        raise MetsError(f"{what} '{value[:30]}…' is not allowed: it is too long for a file name")
    return value


def output_file_id(input_id: str, page_id: str, input_group: str, output_group: str) -> str:
    """Return the ID that core gives the output file for an input file.

    The input group's name in the ID is replaced by the output group's; where that changes
    nothing, the output group is put before the page ID or, if the page ID is part of it, the
    input ID. In place, the ID stays. Two files may get the same, see `naming.OutputNames`.
    """
    replaced = input_id.replace(input_group, output_group) if input_group else input_id
    if replaced == input_id and input_group != output_group:
        stem = input_id if page_id in input_id else page_id
        replaced = f"{output_group}_{stem or input_id}"
    return xml_id(replaced)


def xml_id(value: str) -> str:
    """Return ``value`` as a valid ID, as core does, but no longer than `MAX_BYTES`.

    Letters of all scripts are kept; other signs, combining ones too, are dropped.
    """
    if _VALID.fullmatch(value):
        safe = value
    else:
        named = re.sub(r"^(?![a-zA-Z_])", "id_", re.sub(r"[:/]", "_", value))
        safe = re.sub(r"[^\w.-]", "", named)
    encoded = safe.encode("utf-8")
    if len(encoded) <= MAX_BYTES:
        return safe
    mark = f"_{digest(value)}"
    return encoded[: MAX_BYTES - len(mark)].decode("utf-8", "ignore") + mark


def digest(text: str) -> str:
    """Return eight digits that stand for a text, to distinguish names that look the same."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
