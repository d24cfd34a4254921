# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The bundled database of resources, ``resource_list.yml``: our only source of truth.

``make tool-json`` (`ocrd_rapid.resmgr.toolfile`) writes the same entries into two other files:
``resource_list.json``, which is read in a hundredth of the time, and ``ocrd-tool.json``, in the
strict schema of OCR-D core.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from ..errors import UnknownResourceError
from .resource import Resource

#: The key of ``resource_list.yml`` that holds named sets of resources.
SETS = "sets"

#: Parts that mark a file name as that of one of PaddleOCR's models.
_TELLING = re.compile(r"PP-?OCRv\d|ppocr_mobile|PP-LCNet", re.IGNORECASE)

Catalogue = MappingProxyType[str, tuple[Resource, ...]]


def parse_catalogue(content: dict[str, Any]) -> Catalogue:
    """Turn the content of a resource list into entries by executable; `SETS` is left out."""
    return MappingProxyType(
        {
            executable: tuple(Resource.from_mapping(executable, entry) for entry in entries)
            for executable, entries in content.items()
            if executable != SETS
        }
    )


@lru_cache(maxsize=1)
def bundled() -> Catalogue:
    """Return the entries of the bundled ``resource_list.yml``."""
    return parse_catalogue(_content())


def resource_set(name: str) -> list[Resource]:
    """Return the resources of a named set, such as ``default``.

    Raises:
        UnknownResourceError: there is no such set.
    """
    sets = _content().get(SETS) or {}
    if name not in sets:
        known = ", ".join(sets)
        raise UnknownResourceError(f"there is no resource set '{name}' (known: {known})")
    found = []
    for member in sets[name]:
        executable, _, resource_name = str(member).partition("/")
        resource = find(executable, resource_name)
        if resource is None:
            raise UnknownResourceError(f"set '{name}': '{member}' is not in the catalogue")
        found.append(resource)
    return found


@lru_cache(maxsize=1)
def _content() -> dict[str, Any]:
    text = (resources.files("ocrd_rapid") / "resource_list.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def find(executable: str, name: str, catalogue: Catalogue | None = None) -> Resource | None:
    """Return the entry of this name, by file name or by its name in parameters."""
    entries = (bundled() if catalogue is None else catalogue).get(executable, ())
    return next((r for r in entries if name in (r.name, r.parameter_value)), None)


def file_names(entry: Resource) -> list[str]:
    """Return the possible file names of a resource: ours, and those of other sources.

    Names such as ``rec.onnx``, which any model may have, are left out.
    """
    names = [entry.name]
    for source in entry.sources:
        name = PurePosixPath(source).name
        if name not in names and _TELLING.search(name):
            names.append(name)
    return names


def find_file(executable: str, name: str) -> Resource | None:
    """Return the entry for a file of this name, RapidOCR's older names included."""
    return next((r for r in bundled().get(executable, ()) if name in file_names(r)), None)
