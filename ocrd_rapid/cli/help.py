"""The help text of a processor, in the layout of OCR-D core 3.13.3."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

_OPTIONS = """\
Options for processing:
  -m, --mets URL-PATH             URL or file path of METS to process [./mets.xml]
  -w, --working-dir PATH          Working directory of local workspace [dirname(URL-PATH)]
  -I, --input-file-grp USE        File group used as input
  -O, --output-file-grp USE       File group used as output
  -g, --page-id ID                Physical page ID(s) to process instead of full document []
                                  (comma-separated IDs, ranges A..B, regular expressions
                                  //REGEX, and exceptions ~...)
  --overwrite                     Remove existing output pages
                                  (with "--page-id", remove only those)
  -p, --parameter JSON-PATH       Parameters, either verbatim JSON string
                                  or JSON file path
  -P, --parameter-override KEY VAL
                                  Override a single JSON object key-value pair,
                                  taking precedence over --parameter
  -l, --log-level [OFF|ERROR|WARN|INFO|DEBUG|TRACE]
                                  Override log level globally [INFO]
  --log-filename LOG-PATH         File to write the log to instead of stderr

Options for information:
  -C, --show-resource RESNAME     Dump the content of processor resource RESNAME
  -L, --list-resources            List names of processor resources
  -R, --resolve-resource RESNAME  Show the path of processor resource RESNAME
  -J, --dump-json                 Dump tool description as JSON
  -D, --dump-module-dir           Show the 'module' resource location path for this processor
  -h, --help                      Show this message
  -V, --version                   Show version
"""


def processor_help(tool: Mapping[str, Any], example: str) -> str:
    """Return the help text of a processor.

    Args:
        tool: its description, see `ocrd_rapid.config.tools`.
        example: a command that works, shown at the end.
    """
    description = textwrap.fill(
        tool["description"], 78, initial_indent="  ", subsequent_indent="  "
    )
    parameters = "".join(map(_parameter, tool["parameters"].items())) or "  NONE\n"
    return (
        f"Usage: {tool['executable']} [OPTIONS]\n\n{description}\n\n{_OPTIONS}"
        f"\nParameters:\n{parameters}\nExample:\n  {example}\n"
    )


def _parameter(item: tuple[str, Mapping[str, Any]]) -> str:
    name, spec = item
    text = f'   "{name}" [{spec["type"]}'
    if spec.get("required"):
        text += " - REQUIRED"
    elif "default" in spec:
        text += f" - {json.dumps(spec['default'])}"
    text += "]\n" + textwrap.fill(
        spec["description"], 78, initial_indent="    ", subsequent_indent="    "
    )
    if "enum" in spec:
        text += f"\n    Possible values: {json.dumps(spec['enum'])}"
    return text + "\n"
