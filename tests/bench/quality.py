# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Character error of the whole chain on real scans with ground truth, as a table.

Usage: python tests/bench/quality.py PAGES SCORE_PAGES [--parameter KEY=VALUE …] [--turn 90]
       [--regions]

PAGES holds one folder per collection, with scans and their ground truth; SCORE_PAGES is the
script that scores them. The three processors run as in a workflow, with their defaults. With
``--turn``, the pages are turned clockwise by so many degrees first, and only the orientation
that is found is counted. With ``--regions``, regions and their types are compared, too, with those
of the pages that have ground truth in PAGE-XML: see `region_scores`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import region_scores
from PIL import Image

from ocrd_rapid.config.parameters import complete_parameters, parse_value
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.processors import create
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Existing, RunReport, Step
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

_SUFFIXES = {".tif": "image/tiff", ".jpg": "image/jpeg", ".png": "image/png"}
_CHAIN = {
    "ocrd-rapid-detect": ("IMG", "SEG"),
    "ocrd-rapid-classify": ("SEG", "ORI"),
    "ocrd-rapid-recognize": ("ORI", "OCR"),
}


def make_workspace(directory: Path, pages: Path, turn: int) -> dict[str, Path]:
    """Make a workspace of all scans; return them by the IDs of their pages."""
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    scans = {}
    for number, scan in enumerate(sorted(pages.glob("*/*")), start=1):
        if scan.suffix not in _SUFFIXES:
            continue
        page_id = f"P_{number:04}"
        path = f"IMG/{number:04}{'.png' if turn else scan.suffix}"
        if turn:
            with Image.open(scan) as image:
                image.rotate(-turn, expand=True).save(directory / path)
        else:
            shutil.copyfile(scan, directory / path)
        mimetype = "image/png" if turn else _SUFFIXES[scan.suffix]
        workspace.mets.add_file(MetsFile(f"IMG_{number:04}", "IMG", page_id, mimetype, path))
        scans[page_id] = scan
    workspace.save()
    return scans


def run(directory: Path, given: dict[str, Any], steps: int) -> RunReport:
    """Run the first steps of the chain."""
    todo = []
    for executable, (source, target) in list(_CHAIN.items())[:steps]:
        tool = tool_description(executable)
        own = {key: value for key, value in given.items() if key in tool["parameters"]}
        parameters = complete_parameters(own, tool, executable=executable)
        step = Step(
            executable, tool["steps"][0], source, target, parameters, existing=Existing.OVERWRITE
        )
        todo.append(step)
    return run_steps(Workspace.open(directory=directory), todo, create, policy=Policy(tolerated=-1))


def score(
    directory: Path, scans: dict[str, Path], pages: Path, script: Path, *, regions: bool
) -> None:
    """Print the table of the scoring script, and those of the regions."""
    results = directory / "results"
    for file in Workspace.open(directory=directory).mets.files("OCR"):
        scan = scans[file.page_id]
        target = results / scan.parent.name / f"{scan.stem}.xml"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(directory / file.path, target)
    subprocess.run([sys.executable, script, pages, results], check=True)
    if regions:
        print()
        region_scores.print_tables(region_scores.score_folders(pages, results))


def count_orientations(directory: Path, scans: dict[str, Path], turn: int) -> None:
    """Print which pages are not turned back."""
    wrong = []
    for file in Workspace.open(directory=directory).mets.files("ORI"):
        found = PageDocument.read(directory / file.path).orientation % 360
        if found != -turn % 360:
            wrong.append(f"{scans[file.page_id].name} ({found:g})")
    print(f"turned by {turn}: {len(wrong)} of {len(scans)} pages wrong: {', '.join(wrong) or '–'}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=Path)
    parser.add_argument("script", type=Path)
    parser.add_argument("--parameter", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--turn", type=int, default=0)
    parser.add_argument("--regions", action="store_true")
    arguments = parser.parse_args()
    assert set(_CHAIN) <= set(executables())
    pairs = (text.partition("=") for text in arguments.parameter)
    given = {key: parse_value(value) for key, _, value in pairs}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        scans = make_workspace(directory, arguments.pages, arguments.turn)
        began = time.perf_counter()
        report = run(directory, given, 2 if arguments.turn else 3)
        seconds = time.perf_counter() - began
        if arguments.turn:
            count_orientations(directory, scans, arguments.turn)
        else:
            score(directory, scans, arguments.pages, arguments.script, regions=arguments.regions)
        failed = {page: why for step in report.steps for page, why in step.failed.items()}
        print(f"{len(scans)} pages in {seconds:.0f} s; failed: {failed or 'none'}")


if __name__ == "__main__":
    main()
