# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""In place of reading with a head: lines that nobody corrected get their text in capitals.

Run as a process by the jobs of the correction server; the task says after how many pages to stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ocrd_rapid.correction_server.background_job import run_task
from ocrd_rapid.workspace.ground_truth import state_of
from ocrd_rapid.workspace.workspace import Workspace


def read(task: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    workspace = Workspace.open(Path(task["mets"]))
    pages = [(group, page) for group, found in task["groups"] for page in found]
    for number, (group, page) in enumerate(pages, start=1):
        document = workspace.read_page(workspace.files_by_page(group)[page][0])
        for region in document.text_regions():
            for line in region.lines:
                if state_of(line) is None:
                    for word in line.words:
                        word.set_text(word.transcript.upper(), 0.9)
                    line.set_text(line.transcript.upper(), 0.9)
            region.set_text("\n".join(line.text or "" for line in region.lines))
        entry = workspace.page_entry(task["output"], f"{task['output']}_{page}", page)
        document.pcgts_id = entry.id
        workspace.write_file(entry.path, document.to_bytes())
        workspace.mets.add_file(entry)
        workspace.save()
        tell({"done": number, "total": len(pages)})
        if task["head"].endswith("slow.npz"):
            time.sleep(120)
    return {"failed": {}}


if __name__ == "__main__":
    run_task(read)
