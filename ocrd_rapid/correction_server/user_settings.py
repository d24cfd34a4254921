# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a user wants of the interface, kept over books: characters of the palette, and language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..config.directories import NoHomeError, config_home
from ..errors import InputError
from ..files import read_regular, write_atomically
from ..plain_data import parse_json
from ..workspace.xml import clean_text

#: The languages of the interface, see ``web/languages``.
LANGUAGES = ("en", "de", "fr")

#: The characters of old prints that keyboards lack.
PALETTE = (
    "ſ", "⸗", "ꝛ", "aͤ", "oͤ", "uͤ", "uͦ", "ꝰ", "ꝑ", "ꝓ", "ꝗ", "ã", "ẽ", "õ", "ũ", "n̄", "m̄", "æ", "œ",
    "ȩ", "℔", "✝", "¶", "§", "†", "—", "„", "“", "»", "«",
)  # fmt: skip

#: Most characters of the palette, and code points of one of them.
_MOST, _LONGEST = 200, 8


@dataclass(frozen=True)
class UserSettings:
    """The settings of a user.

    Attributes:
        palette: characters, each perhaps of several code points.
        language: one of `LANGUAGES`; empty for that of the browser.
    """

    palette: tuple[str, ...] = PALETTE
    language: str = ""


def settings_path() -> Path | None:
    """Return the file of the settings, or ``None`` without a home directory."""
    try:
        return config_home() / "ocrd-rapid" / "correct.json"
    except NoHomeError:
        return None


def read_settings() -> UserSettings:
    """Return the settings of the user; those that cannot be read are the default ones."""
    path = settings_path()
    if path is None:
        return UserSettings()
    try:
        return settings_from(parse_json(read_regular(path).decode("utf-8")))
    except (OSError, ValueError, InputError):
        return UserSettings()


def write_settings(settings: UserSettings) -> None:
    """Keep the settings of the user, where there is a home directory.

    Raises:
        OSError: they cannot be written.
    """
    path = settings_path()
    if path is not None:
        data = json.dumps(asdict(settings), ensure_ascii=False, indent=1)
        write_atomically(path, data.encode("utf-8") + b"\n")


def settings_from(value: Any) -> UserSettings:
    """Return settings from plain data.

    Raises:
        InputError: they are not of the form of `UserSettings`.
    """
    if not isinstance(value, Mapping) or not {"palette", "language"} >= value.keys():
        raise InputError("settings have a palette and a language, nothing else")
    palette, language = value.get("palette", list(PALETTE)), value.get("language", "")
    if language not in ("", *LANGUAGES):
        raise InputError(f"language: one of {', '.join(LANGUAGES)}, not '{language}'")
    if not isinstance(palette, list) or len(palette) > _MOST:
        raise InputError(f"palette: a list of at most {_MOST} characters")
    for sign in palette:
        right = isinstance(sign, str) and 0 < len(sign) <= _LONGEST
        if not right or clean_text(sign) != sign or sign.isspace():
            raise InputError(f"palette: '{sign!r:.20}' is not a character")
    return UserSettings(tuple(palette), language)
