# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a page costs apart from its processing: our runtime beside core's, by number of pages.

Usage: python tests/bench/mets.py [--sizes 100,1000,…] [--core-limit 1000] [--core DIRECTORY]

A processor that does nothing reads and writes N pages with images of 60 x 80 pixels, in a
process of its own. Core runs ``ocrd-dummy``, which does nothing either, on a copy of the same
workspace, with and without its cache of the METS. Start-up and imports are not counted: of core
the time that it logs, of ours the time of `run_steps`, with reading and saving the METS.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Step
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

_CORE_TIME = re.compile(r"took ([0-9.]+)s \(wall\)")


class Nothing:
    """A processor that does nothing."""

    versions: Mapping[str, str] = {}

    def process(self, page: OpenPage) -> None:
        """See `Processor.process`."""


def make_workspace(directory: Path, pages: int) -> None:
    """Make a workspace with images."""
    workspace = Workspace.create(directory=directory)
    folder = directory / "OCR-D-IMG"
    folder.mkdir()
    first = folder / "0.png"
    Image.new("L", (60, 80), 255).save(first)
    for number in range(1, pages + 1):
        path = folder / f"{number:05d}.png"
        try:
            os.link(first, path)
        except OSError:  # too many links
            shutil.copyfile(first, path)
        workspace.mets.add_file(
            MetsFile(
                f"OCR-D-IMG_{number:05d}",
                "OCR-D-IMG",
                f"PHYS_{number:05d}",
                "image/png",
                f"OCR-D-IMG/{number:05d}.png",
            )
        )
    workspace.save()


def memory() -> float:
    """Return the memory that this process has, in MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def run_ours(directory: Path) -> dict[str, float]:
    """Run the processor here; return seconds and memory in MB."""
    before = memory()
    began, cpu = time.perf_counter(), time.process_time()
    workspace = Workspace.open(directory=directory)
    opened = memory()
    step = Step("ocrd-nothing", "recognition/text-recognition", "OCR-D-IMG", "OCR-D-OUT")
    report = run_steps(workspace, [step], lambda *_: Nothing())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    after = memory()
    assert len(report.steps[0].done) == len(workspace.mets.pages)
    return {
        "wall": seconds, "cpu": cpu, "mets_mb": opened - before,
        "run_mb": after - opened,
    }  # fmt: skip


def run_ours_apart(directory: Path) -> dict[str, float]:
    """Run the processor in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--run", str(directory)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    result: dict[str, float] = json.loads(done.stdout)
    return result


def run_core(core: Path, directory: Path, *, caching: bool) -> float:
    """Run ``ocrd-dummy``; return the seconds that it logs."""
    done = subprocess.run(
        [core / "bin" / "ocrd-dummy", "-w", directory, "-I", "OCR-D-IMG", "-O", "OCR-D-OUT"],
        env={**os.environ, "OCRD_METS_CACHING": str(caching).lower()},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = _CORE_TIME.search(done.stderr)
    assert found, done.stderr[-500:]
    return float(found[1])


def compare(sizes: list[int], core: Path, core_limit: int) -> None:
    """Print a table as Markdown."""
    print("| pages | ours, ms a page (CPU) | memory of METS / of the run, MB | core | with cache |")
    print("|---|---|---|---|---|")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            source = Path(name) / "source"
            make_workspace(source, size)
            peers = []
            for caching in (False, True):
                if size > core_limit or not (core / "bin" / "ocrd-dummy").exists():
                    peers.append("–")
                    continue
                copy = Path(name) / f"core-{caching}"
                shutil.copytree(source, copy)
                seconds = run_core(core, copy, caching=caching)
                peers.append(f"{1000 * seconds / size:.2f}")
                shutil.rmtree(copy)
            ours = run_ours_apart(source)
            print(
                f"| {size} | {1000 * ours['wall'] / size:.3f} ({1000 * ours['cpu'] / size:.3f})"
                f" | {ours['mets_mb']:.0f} / {ours['run_mb']:.0f} | {peers[0]} | {peers[1]} |",
                flush=True,
            )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100,1000,10000,50000")
    parser.add_argument("--core", type=Path, default=Path(".venv-core"))
    parser.add_argument("--core-limit", type=int, default=5000)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run is not None:
        print(json.dumps(run_ours(arguments.run)))
        return
    sizes = [int(size) for size in arguments.sizes.split(",")]
    compare(sizes, arguments.core, arguments.core_limit)


if __name__ == "__main__":
    main()
