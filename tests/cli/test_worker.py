# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``worker``: what is handed over to OCR-D core."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

ADDRESSES = ("--queue", "amqp://u:p@host:5672/v", "--database", "mongodb://host:27017")


def test_core_is_started_as_the_worker(run: Any, tmp_path: Path) -> None:
    core = tmp_path / "bin" / "ocrd"
    core.parent.mkdir()
    core.write_text('#!/bin/sh\necho core: "$@"\nexit 5\n')
    core.chmod(0o755)
    path = f"{core.parent}{os.pathsep}{os.environ['PATH']}"
    done = run("ocrd-rapid-detect", "worker", *ADDRESSES, env={"PATH": path})
    assert done.code == 5
    assert done.out == (
        "core: network processing-worker ocrd-rapid-detect"
        " -q amqp://u:p@host:5672/v -d mongodb://host:27017\n"
    )


def test_without_core_it_is_said_how_it_is_installed(run: Any, tmp_path: Path) -> None:
    done = run("ocrd-rapid-detect", *ADDRESSES, env={"PATH": str(tmp_path)})
    assert done.code == 9
    assert "OCR-D core, which is not installed" in done.err
    assert done.err.count("\n") == 1


def test_both_addresses_are_needed(run: Any) -> None:
    done = run("ocrd-rapid-detect", "worker", *ADDRESSES[:2])
    assert done.code == 2
    assert "a worker needs both addresses" in done.err
