# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The tool descriptions in ``ocrd-tool.json``.

Specification: https://ocr-d.de/en/spec/ocrd_tool. Only the standard library's JSON reader
is needed here, so that ``--dump-json`` and ``--help`` start fast.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

from ..errors import UsageError

#: Defaults that the schema of OCR-D core 3.13.3 fills in for every parameter and resource.
PARAMETER_DEFAULTS = {"cacheable": False}
RESOURCE_DEFAULTS = {
    "type": "file",
    "parameter_usage": "as-is",
    "path_in_archive": ".",
    "version_range": ">= 0.0.1",
}
RESOURCE_LOCATIONS = ["data", "cwd", "system", "module"]


@lru_cache(maxsize=1)
def _tool_file() -> dict[str, Any]:
    text = (resources.files("ocrd_rapid") / "ocrd-tool.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


def executables() -> tuple[str, ...]:
    """Return the names of our processors, in the order of ``ocrd-tool.json``."""
    return tuple(_tool_file()["tools"])


def tool_description(executable: str) -> dict[str, Any]:
    """Return the description of one processor with the defaults of the schema filled in.

    The result is a new dictionary, equal to what ``EXECUTABLE --dump-json`` of OCR-D core
    would print: the keys of the file first, the defaults after them.

    Raises:
        UsageError: there is no processor of this name here.
    """
    try:
        tool = json.loads(json.dumps(_tool_file()["tools"][executable]))
    except KeyError:
        known = ", ".join(executables())
        raise UsageError(
            f"'{executable}' is not a processor of ocrd-rapid (known: {known})"
        ) from None
    for parameter in tool.get("parameters", {}).values():
        for key, value in PARAMETER_DEFAULTS.items():
            parameter.setdefault(key, value)
    for resource in tool.get("resources", []):
        for key, text in RESOURCE_DEFAULTS.items():
            resource.setdefault(key, text)
    tool.setdefault("resource_locations", list(RESOURCE_LOCATIONS))
    return dict(tool)
