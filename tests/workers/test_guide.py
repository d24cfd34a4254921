# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The commands of docs/network.md, in their order, and its configuration."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from documents import DOCUMENTS, blocks_of
from processing_network import ENVIRONMENT, ROOT, Network, missing, wait_for

from ocrd_rapid.workspace.workspace import Workspace

pytestmark = [
    pytest.mark.workers,
    pytest.mark.models,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

GUIDE = DOCUMENTS["docs/network.md"]
#: Blocks that are marked are replaced by nothing; the mark says why.
RUNNABLE = re.sub(
    r"<!-- not run by the tests[^>]*-->\n```sh\n.*?^```$", "", GUIDE, flags=re.S | re.M
)
SCRIPT = "\n".join(b.code for b in blocks_of("docs/network.md", RUNNABLE) if b.language == "sh")


@pytest.mark.parametrize("network", ["tcp"], indirect=True)
def test_the_commands_run(
    servers: Network, models: Path, book: Callable[[int], Path], tmp_path: Path
) -> None:
    mets = book(2)
    script = SCRIPT.replace("/data/book/mets.xml", str(mets))
    script = script.replace("http://localhost:8000", servers.server)
    script = script.replace("amqp://ocrd:ocrd@localhost:5672/", servers.queue)
    script = script.replace("mongodb://localhost:27017", servers.database)
    # A reader goes on when the workers have started.
    script = script.replace("job=$(curl", "until [ -e go ]; do sleep 0.2; done\njob=$(curl", 1)
    # As long as the workers run, something else could not take the end of the script for theirs.
    shell = subprocess.Popen(
        ["bash", "-euc", script + "\necho all is done\n"], cwd=tmp_path, text=True,
        env=servers.environ, stdout=subprocess.PIPE, stderr=(tmp_path / "err").open("w"),
        start_new_session=True,
    )  # fmt: skip
    assert shell.stdout is not None
    logs = servers.folder / "logs" / "processing_workers"

    def started() -> bool:
        assert shell.poll() is None, (tmp_path / "err").read_text()
        texts = [path.read_text() for path in logs.glob("worker.*")]
        return sum("Starting consuming" in text for text in texts) == 4

    try:
        wait_for(started, "the workers")
        (tmp_path / "go").touch()
        out = ""
        for line in shell.stdout:
            out += line
            if line == "all is done\n":
                break
        assert out.endswith("all is done\n"), (out, (tmp_path / "err").read_text())
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
    assert "Workflow succeeded" in out
    workspace = Workspace.open(mets)
    for group in ("OCR-D-LINES", "OCR-D-COPY", "OCR-D-SEG", "OCR-D-OCR", "FULLTEXT"):
        pages = [
            f.page_id for f in workspace.mets.files(group) if "xml" in f.mimetype or "COPY" in group
        ]
        assert sorted(set(pages)) == ["P_0001", "P_0002"], group


def test_the_configuration_is_that_of_the_tests_with_other_addresses(tmp_path: Path) -> None:
    block = next(b for b in blocks_of("docs/network.md", GUIDE) if b.language == "yaml")
    shown = yaml.safe_load(block.code)
    assert shown["hosts"] == []
    for part in ("process_queue", "database"):
        used = Network(tmp_path).configuration()[part]
        assert set(used) == set(shown[part])
        assert used["skip_deployment"] is shown[part]["skip_deployment"] is True


@pytest.mark.parametrize("file", ["docker/processing-server.yml"])
def test_core_takes_the_configuration_of_the_containers(file: str) -> None:
    code = (
        "import json, sys, yaml; from ocrd_validators import ProcessingServerConfigValidator as V;"
        "print(json.dumps(V.validate(yaml.safe_load(open(sys.argv[1]))).errors))"
    )
    done = subprocess.run(
        [ENVIRONMENT / "python", "-c", code, ROOT / file],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []
