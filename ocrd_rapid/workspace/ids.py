"""Identifiers of files and file groups, as OCR-D core 3.13.3 makes them."""

from __future__ import annotations

import re

from ..errors import MetsError

_VALID = re.compile(r"[a-zA-Z_][\w.-]*", re.ASCII)

MIMETYPE_PAGE = "application/vnd.prima.page+xml"


def check_id(value: str, what: str) -> str:
    """Return an identifier unchanged if METS allows it.

    It also serves as the name of a file or directory, so this keeps output inside the workspace.

    Raises:
        MetsError: it is not a letter or underscore followed by letters, digits and ``_.-``.
    """
    if not _VALID.fullmatch(value):
        raise MetsError(
            f"{what} '{value}' is not allowed: it must begin with a letter or '_'"
            " and go on with letters, digits, '_', '.' or '-'"
        )
    return value


def output_file_id(input_id: str, page_id: str, input_group: str, output_group: str) -> str:
    """Return the ID of the output file that belongs to an input file.

    The input group's name in the ID is replaced by the output group's; where that changes
    nothing, the output group is put before the page ID or, if the page ID is part of it, the
    input ID.
    """
    if input_group == output_group:
        return input_id
    replaced = input_id.replace(input_group, output_group)
    if replaced == input_id:
        stem = input_id if page_id in input_id else page_id
        replaced = f"{output_group}_{stem or input_id}"
    return xml_id(replaced)


def xml_id(value: str) -> str:
    """Return ``value`` turned into a valid XML ID."""
    safe = re.sub(r"[^\w.-]", "", re.sub(r"[:/]", "_", value), flags=re.ASCII)
    return safe if _VALID.fullmatch(safe) else f"id_{safe}"
