# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The help text of a processor, in the layout of OCR-D core 3.13.3."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

_SUBCOMMANDS = """\
Subcommands:
    worker      Start a processing worker rather than do local processing
"""

_OPTIONS = """\
Options for processing:
  -m, --mets URL-PATH             URL or file path of METS to process [./mets.xml]
  -w, --working-dir PATH          Working directory of local workspace [dirname(URL-PATH)]
  -I, --input-file-grp USE        File group(s) used as input
  -O, --output-file-grp USE       File group(s) used as output
  -g, --page-id ID                Physical page ID(s) to process instead of full document []
                                  (comma-separated IDs, ranges A..B, regular expressions
                                  //REGEX, exceptions ~..., attributes physical:order:3,
                                  logical:type:chapter)
  --overwrite                     Remove existing output pages/images
                                  (with "--page-id", remove only those).
                                  Short-hand for OCRD_EXISTING_OUTPUT=OVERWRITE
  --resume                        Keep existing output pages and process the rest.
                                  Short-hand for OCRD_EXISTING_OUTPUT=SKIP
  --debug                         Abort on any errors with full stack trace.
                                  Short-hand for OCRD_MISSING_OUTPUT=ABORT
  --profile                       Enable profiling
  --profile-file PROF-PATH        Write cProfile stats to PROF-PATH. Implies "--profile"
  -p, --parameter JSON-PATH       Parameters, either verbatim JSON string
                                  or JSON file path
  -P, --param-override KEY VAL    Override a single JSON object key-value pair,
                                  taking precedence over --parameter
  -U, --mets-server-url URL       URL of a METS Server for parallel incremental access to METS
                                  If URL starts with http:// use the HTTP server there,
                                  otherwise URL is a path to a unix socket
  -l, --log-level [OFF|ERROR|WARN|INFO|DEBUG|TRACE]
                                  Override log level globally [INFO]
  --log-filename LOG-PATH         File to redirect stderr logging to

Options for information:
  -C, --show-resource RESNAME     Dump the content of processor resource RESNAME
  -L, --list-resources            List names of processor resources
  -R, --resolve-resource RESNAME  Show the path of processor resource RESNAME
  -J, --dump-json                 Dump tool description as JSON
  -D, --dump-module-dir           Show the 'module' resource location path for this processor
  -h, --help                      Show this message
  -V, --version                   Show version
"""


def processor_help(tool: Mapping[str, Any], *notes: str) -> str:
    """Return the help text of a processor.

    Args:
        tool: the description of the processor, see `ocrd_rapid.config.tools`.
        notes: further paragraphs, where core has docstrings.
    """
    description = textwrap.fill(
        tool["description"], 78, initial_indent="  ", subsequent_indent="  "
    )
    quoted = "".join(f"{_quote(note)}\n\n" for note in notes)
    parameters = "".join(map(_parameter, tool["parameters"].items())) or "  NONE\n"
    return (
        f"Usage: {tool['executable']} [worker] [OPTIONS]\n\n{description}\n\n{quoted}"
        f"{_SUBCOMMANDS}\n{_OPTIONS}\nParameters:\n{parameters}\n"
    )


def _quote(note: str) -> str:
    lines = [
        wrapped
        for line in _joined(note.strip().splitlines())
        for wrapped in (textwrap.wrap(line, 72, subsequent_indent=_indent(line)) or [""])
    ]
    return "\n".join(f"  > {line}".rstrip() for line in lines)


def _joined(lines: Iterable[str]) -> list[str]:
    """Return one line per paragraph; indented lines and those after a heading are kept."""
    joined: list[str] = []
    for line in lines:
        goes_on = joined and joined[-1] and not joined[-1].endswith(":")
        if goes_on and line and not _indent(line):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


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
