# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Write the catalogue into ``resource_list.json`` and ``ocrd-tool.json`` (``make tool-json``).

Core's schema for resources is strict; the hash travels as a fragment of the URL.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ..plain_data import parse_yaml
from ..version import __version__
from . import catalogue


def with_resources(tool_file: dict[str, Any]) -> dict[str, Any]:
    """Return the content of ``ocrd-tool.json`` with our version and the catalogue's entries."""
    tools = {
        executable: {
            **{key: value for key, value in tool.items() if key != "resources"},
            **_resources(executable),
        }
        for executable, tool in tool_file["tools"].items()
    }
    return {**tool_file, "version": __version__, "tools": tools}


def _resources(executable: str) -> dict[str, Any]:
    found = [resource.to_core() for resource in catalogue.bundled().get(executable, ())]
    return {"resources": found}


def serialise(content: dict[str, Any]) -> str:
    """Return the text of a JSON file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Rewrite the files in the package."""
    package = Path(__file__).resolve().parent.parent
    source = (package / "resource_list.yml").read_text(encoding="utf-8")
    # First, because the catalogue is read from it.
    (package / "resource_list.json").write_text(serialise(parse_yaml(source)), encoding="utf-8")
    path = package / "ocrd-tool.json"
    text = serialise(with_resources(json.loads(path.read_text(encoding="utf-8"))))
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
