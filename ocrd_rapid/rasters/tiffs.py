# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""How many pages a TIFF has: a walk along its directories, without decoding any of them.

Pillow would read every tag of each directory twice, and compare each with all before.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

#: A file with more directories is rejected. A book has fewer pages, a pyramid some ten steps.
MAX_DIRECTORIES = 10_000

_SUBFILE_TYPE = 254
#: Bits of it: a smaller copy of another image in the file, a transparency mask.
_NO_PAGE = 0b101

#: Bits of the types of numbers that a field may hold: SHORT, LONG, LONG8.
_BITS = {3: 16, 4: 32, 16: 64}


class TooManyDirectoriesError(Exception):
    """A TIFF has more than `MAX_DIRECTORIES` directories."""


def page_indices(stream: IO[bytes]) -> list[int]:
    """Return the indices of the images in a TIFF that are pages, from 0 along its directories.

    Thumbnails, the steps of a pyramid, and masks are not pages. A damaged file ends at the damage.

    Args:
        stream: the file, at any position, and left at any position.

    Raises:
        TooManyDirectoriesError: there are more directories than a file may have.
    """
    return [i for i, kind in enumerate(_subfile_types(stream)) if not kind & _NO_PAGE]


def _subfile_types(stream: IO[bytes]) -> Iterator[int]:
    """Yield the kind of image in each directory (``NewSubfileType``)."""
    stream.seek(0)
    head = stream.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = b"+" in head[2:4]
    count, entry, link = ("Q", "HHQQ", "Q") if big else ("H", "HHII", "I")
    size = struct.calcsize(f"{order}{entry}")
    seen: set[int] = set()
    try:
        (place,) = struct.unpack_from(f"{order}{link}", head, 8 if big else 4)
        while place and place not in seen:
            if len(seen) == MAX_DIRECTORIES:
                raise TooManyDirectoriesError(MAX_DIRECTORIES)
            seen.add(place)
            stream.seek(place)
            (entries,) = struct.unpack(
                f"{order}{count}", stream.read(struct.calcsize(f"{order}{count}"))
            )
            # A classic directory has at most 65 535 entries; no sound one of a BigTIFF has more.
            length = size * min(entries, 0xFFFF)
            table = stream.read(length)
            if len(table) < length:
                return
            yield _subfile_type(table, f"{order}{entry}")
            (place,) = struct.unpack(
                f"{order}{link}", stream.read(struct.calcsize(f"{order}{link}"))
            )
    except (struct.error, OSError, ValueError, OverflowError):
        return


def _subfile_type(table: bytes, entry: str) -> int:
    for tag, kind, _, value in struct.iter_unpack(entry, table):
        if tag == _SUBFILE_TYPE and kind in _BITS:
            # A number stands in the first bytes of its field, which may be wider.
            unused = (64 if entry.endswith("Q") else 32) - _BITS[kind]
            return int(value >> unused if entry[0] == ">" else value & (1 << _BITS[kind]) - 1)
    return 0
