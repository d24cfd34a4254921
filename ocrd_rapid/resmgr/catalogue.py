"""The bundled database of resources, ``resource_list.yml``: our one source of truth.

``ocrd-tool.json`` carries the same entries in the strict schema of OCR-D core; ``make
tool-json`` writes them there (`ocrd_rapid.resmgr.toolfile`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from .resource import Resource

Catalogue = MappingProxyType[str, tuple[Resource, ...]]


def parse_catalogue(content: dict[str, Any]) -> Catalogue:
    """Turn the content of a resource list into entries by executable."""
    return MappingProxyType(
        {
            executable: tuple(Resource.from_mapping(executable, entry) for entry in entries)
            for executable, entries in content.items()
        }
    )


@lru_cache(maxsize=1)
def bundled() -> Catalogue:
    """Return the entries of the bundled ``resource_list.yml``."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (resources.files("ocrd_rapid") / "resource_list.yml").read_text(encoding="utf-8")
    return parse_catalogue(yaml.load(text, Loader=loader))


def find(executable: str, name: str, catalogue: Catalogue | None = None) -> Resource | None:
    """Return the entry of this name, by file name or as it is named in a parameter."""
    entries = (bundled() if catalogue is None else catalogue).get(executable, ())
    return next((r for r in entries if name in (r.name, r.parameter_value)), None)


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three of ``names`` that look like ``name``, best first."""
    lowered = {candidate.lower(): candidate for candidate in names}
    matches = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)
    return [lowered[match] for match in matches]
