"""Environment variables that steer us, read in one place.

Read at the time of the call, never at import, so that a library user can set them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..errors import ConfigurationError

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


def flag(name: str, default: bool = False, environ: Mapping[str, str] | None = None) -> bool:
    """Return the boolean value of an environment variable.

    Raises:
        ConfigurationError: the value is none of 1/0, true/false, yes/no, on/off.
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
