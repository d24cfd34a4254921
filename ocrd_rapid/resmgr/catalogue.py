# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The bundled database of resources, ``resource_list.yml``: our only source of truth.

It has two parts: resources that can be downloaded (`bundled`), and models that are files of the
package (`packaged`), each made of one of those.

``make tool-json`` (`ocrd_rapid.resmgr.toolfile`) writes the same entries into two other files:
``resource_list.json``, which is read in a hundredth of the time, and ``ocrd-tool.json``, in the
strict schema of OCR-D core.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from ..config.packaged import packaged_json
from ..errors import UnknownResourceError
from .resource import MODULE_URL, Resource

_FILE = "resource_list.json"

#: The key of ``resource_list.yml`` that holds named sets of resources.
SETS = "sets"

#: The key of ``resource_list.yml`` that holds the models of the package.
PACKAGED = "packaged"

#: What the description of a model of the package says besides that of its original.
_SHORT = "weights of 16 bits, in the package"

#: Parts that mark a file name as that of one of PaddleOCR's models.
_TELLING = re.compile(r"PP-?OCRv\d|ppocr_mobile|PP-LCNet", re.IGNORECASE)

Catalogue = MappingProxyType[str, tuple[Resource, ...]]


def parse_catalogue(content: dict[str, Any]) -> Catalogue:
    """Turn the content of a resource list into entries by executable, without other parts."""
    return MappingProxyType(
        {
            executable: tuple(Resource.from_mapping(executable, entry) for entry in entries)
            for executable, entries in content.items()
            if executable not in (SETS, PACKAGED)
        }
    )


@lru_cache(maxsize=1)
def bundled() -> Catalogue:
    """Return the entries of the bundled ``resource_list.yml``."""
    return parse_catalogue(packaged_json(_FILE))


@lru_cache(maxsize=1)
def packaged() -> Catalogue:
    """Return the entries of the models in the package.

    Languages, engines, version, size class and licence are those of the originals.
    """
    content = packaged_json(_FILE)
    originals = {
        (executable, entry["name"]): entry
        for executable, entries in content.items()
        if executable not in (SETS, PACKAGED)
        for entry in entries
    }
    return parse_catalogue(
        {
            executable: [
                _of_original(originals[executable, entry["original"]]) | entry for entry in entries
            ]
            for executable, entries in (content.get(PACKAGED) or {}).items()
        }
    )


def _of_original(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in entry.items() if key != "mirrors"}
    return {**kept, "url": MODULE_URL, "description": f"{entry['description']}; {_SHORT}"}


def stand_in(entry: Resource) -> Resource | None:
    """Return the model of the package that was made of a resource, if there is one."""
    made = packaged().get(entry.executable, ())
    return next((each for each in made if each.original == entry.name), None)


def resource_set(name: str) -> list[Resource]:
    """Return the resources of a named set, such as ``default``.

    Raises:
        UnknownResourceError: there is no such set.
    """
    sets = packaged_json(_FILE).get(SETS) or {}
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


def find(executable: str, name: str, catalogue: Catalogue | None = None) -> Resource | None:
    """Return the entry of this name, by file name or by its name in parameters.

    Without a ``catalogue``, models of the package are found, too.
    """
    if catalogue is None:
        entries = (*bundled().get(executable, ()), *packaged().get(executable, ()))
    else:
        entries = catalogue.get(executable, ())
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
    entries = (*bundled().get(executable, ()), *packaged().get(executable, ()))
    return next((r for r in entries if name in file_names(r)), None)
