# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The environment variables that control this package, read in one place.

Read at the time of the call, never at import, so that a library user can set them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone

from ..errors import ConfigurationError

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


def flag(name: str, default: bool = False, environ: Mapping[str, str] | None = None) -> bool:
    """Return the boolean value of an environment variable.

    Raises:
        ConfigurationError: the value is not one of 1/0, true/false, yes/no, on/off.
    """
    value = (os.environ if environ is None else environ).get(name)
    if value is None:
        return default
    lowered = value.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ConfigurationError(f"environment variable {name}: '{value}' is neither true nor false")


def offline() -> bool:
    """Return whether ``OCRD_RAPID_OFFLINE`` forbids all network access."""
    return flag("OCRD_RAPID_OFFLINE")


def positive_integer(name: str, default: int, environ: Mapping[str, str] | None = None) -> int:
    """Return the value of an environment variable that is a number above zero.

    Raises:
        ConfigurationError: the value is not such a number.
    """
    value = (os.environ if environ is None else environ).get(name, "").strip()
    if not value:
        return default
    if not value.isascii() or not value.isdecimal() or len(value) > 18 or int(value) == 0:
        raise ConfigurationError(
            f"environment variable {name}: '{value}' is not a whole number above zero"
        )
    return int(value)


def source_date(environ: Mapping[str, str] | None = None) -> datetime | None:
    """Return the date that ``SOURCE_DATE_EPOCH`` gives to files, in UTC; ``None`` if not set.

    Specification: https://reproducible-builds.org/specs/source-date-epoch/

    Raises:
        ConfigurationError: the value is not a number of seconds since 1970.
    """
    value = (os.environ if environ is None else environ).get("SOURCE_DATE_EPOCH", "").strip()
    if not value:
        return None
    try:
        if value.isascii() and value.isdecimal():
            return datetime.fromtimestamp(int(value), timezone.utc)
    except (OverflowError, ValueError, OSError):
        pass
    raise ConfigurationError(
        f"environment variable SOURCE_DATE_EPOCH: '{value}' is not a number of seconds since 1970"
    )


#: The environment variable that `max_pixels` reads.
MAX_PIXELS = "OCRD_RAPID_MAX_PIXELS"


def max_pixels() -> int:
    """Return the limit on an image's pixels: ``OCRD_RAPID_MAX_PIXELS``, else 500 million.

    Decoding a larger one would need several GB of memory.
    """
    return positive_integer(MAX_PIXELS, 500_000_000)
