# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Books of small pages, processors that are plain functions, and what a run leaves behind."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lxml import etree
from PIL import Image

from ocrd_rapid.errors import ImageError
from ocrd_rapid.runtime import run_records
from ocrd_rapid.runtime.policy import Policy
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Existing, Step, Summary
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.segments import NAMESPACE
from ocrd_rapid.workspace.workspace import Workspace

NS = {"mets": "http://www.loc.gov/METS/", "pc": NAMESPACE}
OPTION = "{https://ocr-d.de}option"

STEP = Step(
    executable="ocrd-toy",
    step="layout/segmentation/line",
    input_group="IMG",
    output_group="OUT",
    parameters={"model": "toy.onnx", "level": 0.5, "deep": True},
)

#: One page after the other, in the calling thread; all may fail, or none.
ALL = Policy(tolerated=-1, parallel_pages=1)
NONE = Policy(tolerated=0, parallel_pages=1)

_DATES = re.compile(rb"(<pc:(Created|LastChange)>)[^<]*")


def nothing(page: OpenPage) -> None:
    """Do what a processor does that finds nothing."""


@dataclass
class Toy:
    """A processor that is a plain function, and remembers its pages."""

    function: Callable[[OpenPage], None] = nothing
    versions: Mapping[str, str] = field(default_factory=lambda: {"model": "toy.onnx"})
    seen: list[str] = field(default_factory=list)

    def process(self, page: OpenPage) -> None:
        self.seen.append(page.page_id)
        self.function(page)


def fails_on(*pages: str, error: BaseException | None = None) -> Toy:
    """Return a processor that fails on these pages."""

    def function(page: OpenPage) -> None:
        if page.page_id in pages:
            raise error or ImageError(f"no light on {page.page_id}")

    return Toy(function)


def stuck_on(page_id: str, forever: threading.Event) -> Toy:
    """Return a processor that does not come back from a page until an event, and spoils it then."""

    def function(page: OpenPage) -> None:
        if page.page_id == page_id:
            forever.wait(600)
            page.document.set_orientation(180)

    return Toy(function)


def turns(degrees: float = 90) -> Toy:
    """Return a processor that turns every page a bit more."""
    return Toy(lambda page: page.document.set_orientation(page.document.orientation + degrees))


def with_groups(
    input_group: str = "IMG", output_group: str = "OUT", page_ids: str | None = None,
    *, overwrite: bool = False, resume: bool = False, executable: str = STEP.executable,
    parameters: Mapping[str, Any] = STEP.parameters,
) -> Step:  # fmt: skip
    """Return the step of the toys with other groups, pages or parameters."""
    existing = Existing.OVERWRITE if overwrite else Existing.SKIP if resume else Existing.ABORT
    return Step(executable, STEP.step, input_group, output_group, parameters, page_ids, existing)


def run(workspace: Workspace, toy: Toy, step: Step = STEP, **options: Any) -> Summary:
    """Run a toy, by default page by page as the environment says; return what became of it."""
    (summary,) = run_steps(workspace, [step], made(toy), **options).steps
    return summary


def made(toy: Toy) -> Callable[[str, Mapping[str, Any]], Toy]:
    """Return what makes every processor this toy."""
    return lambda executable, parameters: toy


def run_chain(
    workspace: Workspace, *pairs: tuple[Step, Toy], policy: Policy = ALL
) -> tuple[Summary, ...]:
    """Run several toys, each page through all of them."""
    # Toys have one executable and may have one dictionary of parameters: a copy tells them apart.
    steps = [replace(step, parameters=dict(step.parameters)) for step, _ in pairs]

    def make(_executable: str, parameters: Mapping[str, Any]) -> Toy:
        return next(
            toy
            for step, (_, toy) in zip(steps, pairs, strict=True)
            if step.parameters is parameters
        )

    return run_steps(workspace, steps, make, policy=policy).steps


def book(directory: Path, count: int) -> Workspace:
    """Return a workspace of ``count`` pages P_1 … with the images IMG_1 … in the group IMG."""
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    for number in range(1, count + 1):
        Image.new("L", (30, 20 + number), 255).save(directory / "IMG" / f"{number}.png")
        workspace.mets.add_file(
            MetsFile(f"IMG_{number}", "IMG", f"P_{number}", "image/png", f"IMG/{number}.png")
        )
    workspace.save()
    return workspace


def saved(workspace: Workspace) -> Workspace:
    """Return the workspace as the next command finds it."""
    return Workspace.open(workspace.mets_path)


def output_pages(workspace: Workspace, group: str = "OUT") -> list[str]:
    """Return the pages of a group, in the order of the METS on the disk."""
    return [file.page_id for file in saved(workspace).mets.files(group)]


def pages(*numbers: int) -> list[str]:
    """Return the IDs of pages."""
    return [f"P_{number}" for number in numbers]


def orientations(workspace: Workspace, group: str = "OUT") -> dict[str, float]:
    """Return how the pages of a group are turned, in the order of the METS on the disk."""
    return {
        file.page_id: PageDocument.read(workspace.local_path(file.path)).orientation
        for file in saved(workspace).mets.files(group)
    }


def write_page(
    workspace: Workspace, document: PageDocument, group: str, file_id: str, page_id: str
) -> MetsFile:
    """Write a PAGE document into a file group; return its entry for the METS."""
    entry = workspace.page_entry(group, file_id, page_id)
    document.pcgts_id = file_id
    workspace.write_file(entry.path, document.to_bytes())
    return entry


def content(workspace: Workspace) -> dict[str, bytes]:
    """Return the content of all files but the lock and the record of runs, by their paths."""
    return {
        str(path.relative_to(workspace.directory)): path.read_bytes()
        for path in sorted(workspace.directory.rglob("*"))
        if path.is_file() and path.name not in (".mets.xml.lock", run_records.PATH)
    }


def result(workspace: Workspace) -> dict[str, bytes]:
    """Return the content of all files but for what says when a page was made."""
    return {
        path: _DATES.sub(rb"\1", data) if path.endswith(".xml") else data
        for path, data in content(workspace).items()
    }


def agents(workspace: Workspace) -> list[etree._Element]:
    """Return the processing steps that the METS on the disk records."""
    root = etree.fromstring(workspace.mets_path.read_bytes())
    return root.findall("mets:metsHdr/mets:agent[@OTHERROLE]", NS)
