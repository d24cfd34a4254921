# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The colour profile of sRGB (IEC 61966-2-1) as a file of ICC, made of its published numbers."""

from __future__ import annotations

import struct
from collections.abc import Sequence

#: Illuminant D50 of the connection space, its primaries for sRGB, and the adaptation from D65
#: (Bradford), as in ICC.1:2010 and the profile of the ICC.
_WHITE = (0.9642, 1.0, 0.8249)
_PRIMARIES = {
    b"rXYZ": (0.4360, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
_ADAPTATION = (1.0479, 0.0229, -0.0502, 0.0296, 0.9904, -0.0171, -0.0092, 0.0151, 0.7517)
#: Exponent, and the coefficients of the curve: (a x + b) ** g above d, else c x.
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)

_VERSION = 0x04200000
_DATE = (2010, 1, 1, 0, 0, 0)


def srgb_profile() -> bytes:
    """Return the profile: version 4.2, about 500 bytes."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(_CURVE)
    tags = {
        b"desc": _text("sRGB"),
        b"cprt": _text("CC0"),
        b"wtpt": _xyz(_WHITE),
        b"chad": b"sf32" + bytes(4) + _fixed(_ADAPTATION),
        **{name: _xyz(values) for name, values in _PRIMARIES.items()},
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    place = 128 + 4 + 12 * len(tags)
    table, bodies = struct.pack(">I", len(tags)), b""
    places: dict[bytes, int] = {}
    for name, body in tags.items():
        if body not in places:
            places[body] = place + len(bodies)
            bodies += body + bytes(-len(body) % 4)
        table += struct.pack(">4sII", name, places[body], len(body))
    head = struct.pack(
        ">I4sI4s4s4s6H4s4sIIIQI12s",
        place + len(bodies), bytes(4), _VERSION, b"mntr", b"RGB ", b"XYZ ", *_DATE, b"acsp",
        bytes(4), 0, 0, 0, 0, 0, _fixed(_WHITE),
    )  # fmt: skip
    return head.ljust(128, b"\0") + table + bodies


def _fixed(values: Sequence[float]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(values)


def _text(text: str) -> bytes:
    coded = text.encode("utf-16-be")
    return (
        b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(coded), 28) + coded
    )
