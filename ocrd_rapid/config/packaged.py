# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""JSON files that belong to the package."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def packaged_json(name: str) -> dict[str, Any]:
    """Return the content of a JSON file of the package, read once; it must not be changed.

    Args:
        name: the name of the file, such as ``ocrd-tool.json``.
    """
    text = (resources.files("ocrd_rapid") / name).read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content
