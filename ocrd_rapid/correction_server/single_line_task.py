# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Reads one line of a page again, and says what it reads: run as a process.

Nothing is written: whoever asked for it decides what becomes of the text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .. import processors
from ..correction.corrections import one_line
from ..correction.group_files import GroupFiles
from ..correction.machine_lines import editable_lines, forget_person
from ..errors import InputError
from ..runtime.processor import OpenPage
from ..workspace.decoding import ImageStore
from ..workspace.ground_truth import LineState, set_ground_truth
from ..workspace.workspace import Workspace
from .background_job import run_task
from .reading_task import RECOGNIZE, recognition_parameters


def read_line(task: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Read a line.

    Args:
        task: ``mets``, ``group``, ``page`` and ``line``, ``head`` or nothing for the default ones,
            number of ``threads``.
        tell: not used.

    Returns:
        The ``page``, the ``line``, and its ``text``, which may be empty.

    Raises:
        InputError: the line is not there.
    """
    page, name = str(task["page"]), str(task["line"])
    workspace = Workspace.open(Path(task["mets"]))
    document = GroupFiles(workspace, str(task["group"])).read(page)
    lines = editable_lines(document)
    if name not in lines:
        raise InputError(f"page {page} has no line {name[:80]!r}")
    for other, (_, line) in lines.items():
        if other == name:
            forget_person(line)
        else:  # what a person wrote is not read, but the recognizer sees its outline
            set_ground_truth(line, "", LineState.NOT_TEXT)
    processor = processors.create(RECOGNIZE, recognition_parameters(task))
    processor.process(OpenPage(page, document, ImageStore(workspace.directory)))
    text = one_line(editable_lines(document)[name][1].transcript)
    return {"page": page, "line": name, "text": text}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run_task(read_line)
