# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The commands of examples/snakemake/, on this machine and by Slurm; a process is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import ROOT, shell_code
from halted_books import halt
from slurm_cluster import Cluster
from small_books import check_small_book, page_files

ENVIRONMENT = ROOT / ".venv-snakemake" / "bin"
HERE, BY_SLURM = shell_code("examples/snakemake/README.md")
PAGES = 4

pytestmark = [
    pytest.mark.models,
    pytest.mark.examples,
    pytest.mark.skipif(
        not (ENVIRONMENT / "snakemake").exists(),
        reason="Snakemake is not in .venv-snakemake: run `make test-examples`",
    ),
]

Desk = Callable[[str, int], Path]


def begin(folder: Path, script: str, **variables: str) -> subprocess.Popen[str]:
    """Run a script of commands one of which is Snakemake."""
    path = f"{os.environ['PATH']}{os.pathsep}{ENVIRONMENT}"
    return subprocess.Popen(
        ["bash", "-euc", script], cwd=folder, text=True,
        env={**os.environ, "PATH": path, **variables},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def check_books(folder: Path) -> None:
    books = list((folder / "books").iterdir())
    assert len(books) == 3
    for book in books:
        check_small_book(book, PAGES, "OCR-D-SEG", "OCR-D-OCR")
        report = json.loads((folder / "reports" / f"{book.name}.json").read_text())
        assert report["total"]["done"] == PAGES


def test_a_killed_job_goes_on_where_it_was(desk: Desk) -> None:
    folder = desk("snakemake", PAGES)
    run = begin(folder, HERE)
    killed = halt(folder / "books" / "bible", PAGES, "books/bible")
    kept = page_files(folder / "books" / "bible", "OCR-D-OCR")
    os.kill(killed, signal.SIGKILL)
    out, _ = run.communicate()
    assert run.returncode == 0, out
    check_books(folder)
    assert "Trying to restart job" in out
    assert kept.items() <= page_files(folder / "books" / "bible", "OCR-D-OCR").items()
    # Nothing is left to do, though reading has changed the METS.
    again = begin(folder, HERE)
    out, _ = again.communicate()
    assert again.returncode == 0
    assert "Nothing to be done" in out


def test_a_page_that_cannot_be_read_fails_its_book_alone(desk: Desk) -> None:
    folder = desk("snakemake", PAGES)
    (folder / "books" / "bible" / "OCR-D-IMG" / "page2.png").write_bytes(b"no image")
    run = begin(folder, HERE.replace("--retries 3", "--retries 1"))
    out, _ = run.communicate()
    assert run.returncode == 1, out
    assert out.count("Trying to restart job") == 1
    assert sorted(path.stem for path in (folder / "reports").iterdir()) == ["atlas", "codex"]
    assert "page P_0002 failed" in (folder / "logs" / "bible.log").read_text()
    assert len(page_files(folder / "books" / "bible", "OCR-D-OCR")) == PAGES - 1


def test_slurm_does_the_jobs(
    cluster: Cluster, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = desk("snakemake", PAGES)
    # The executor takes Slurm's variables away, as if its configuration were always in /etc.
    srun = tmp_path / "bin" / "srun"
    srun.parent.mkdir()
    conf = cluster.environ["SLURM_CONF"]
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={conf} exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)
    monkeypatch.setenv("PATH", f"{srun.parent}{os.pathsep}{os.environ['PATH']}")
    quick = " --slurm-init-seconds-before-status-checks 1 --seconds-between-status-checks 2"
    run = begin(folder, BY_SLURM + quick, SLURM_CONF=conf)
    out, _ = run.communicate()
    assert run.returncode == 0, out
    check_books(folder)
