# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Installed heads as resources that read a language or a script."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...errors import ModelError, UnknownResourceError
from ...languages.language_names import BY_NAME, Written
from ...resmgr import catalogue, installed
from ...resmgr.model_languages import WantedLanguage

LOG = logging.getLogger(__name__)

#: The processor that heads and recognition models are resources of.
RECOGNIZE = "ocrd-rapid-recognize"

#: The code of ISO 639 for many languages.
_MANY = "mul"


@dataclass(frozen=True)
class HeadEntry:
    """An installed head that is used by default.

    Attributes:
        item: the installed resource; its description tells what the head is.
        name: its name, as in ``-P heads``.
        model: the name of the model that it belongs to.
    """

    item: installed.Installed
    name: str
    model: str


def heads_for(wanted: WantedLanguage) -> list[HeadEntry]:
    """Return the installed heads that read a language or a script."""
    from ...ocr.recognition.head_files import SCRIPTS_KIND, read_header

    found = []
    for item in installed.list_installed(RECOGNIZE):
        if item.path.suffix != ".npz":
            continue
        try:
            header = read_header(item.path)
        except ModelError as error:
            LOG.warning("%s", error)
            continue
        fits = all(_reads(header, meaning) for meaning in wanted.meanings)
        if header.get("automatic") and header.get("kind") != SCRIPTS_KIND and fits:
            found.append(_entry(item, header))
    return found


def _reads(header: Mapping[str, Any], meaning: Written) -> bool:
    """Return whether a head is for a language or script.

    Heads for a typeface are only for the languages that they name.
    """
    script = BY_NAME.get(str(header.get("script", "")).lower())
    languages = [str(language).lower() for language in header.get("languages") or ()]
    if any(BY_NAME.get(language) == meaning for language in languages):
        return True
    if script is None or (header.get("font_family") and _MANY not in languages):
        return False
    return script.scripts[0] == meaning.scripts[0]


def _entry(item: installed.Installed, header: Mapping[str, Any]) -> HeadEntry:
    backbone = str(header.get("backbone", ""))
    entries = catalogue.bundled().get(RECOGNIZE, ())
    model = next((entry.name for entry in entries if entry.sha256 == backbone), "another model")
    script = BY_NAME.get(str(header.get("script", "")).lower())
    resource = replace(
        item.resource,
        description=f"Head of {model}, which uses it by default"
        + (f": {script}" if script else ""),
        languages=tuple(map(str, header.get("languages") or ())),
        licence=str(header.get("licence", "")),
    )
    return HeadEntry(replace(item, resource=resource), str(header.get("name", "")), model)


def nothing_for(wanted: WantedLanguage) -> UnknownResourceError:
    """Return the error about a language that nothing reads, with what remains."""
    return UnknownResourceError(
        f"no resource of the processors asked is for {wanted}, and no installed head reads it; a"
        " model from elsewhere can be installed with --any-url, and corrected lines make a head:"
        " ocrd-rapid train --help"
    )
