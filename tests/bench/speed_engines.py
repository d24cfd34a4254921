# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is compared: each engine reads pages and says when one is done.

``rapidocr`` is RapidOCR as it is shipped, ``faster-paddle`` likewise; ``ours`` our Python
interface of RapidOCR's form; ``workspace`` the three processors through METS and PAGE;
``tesseract`` the command, one process per core.
Imports are in the adapters, so that each runs where only its own engine is installed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import machine

Page = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """The text of a page, as the scoring script reads it: a file's content and its suffix."""

    suffix: str
    data: bytes


class Engine(Protocol):
    """Reads pages."""

    def prepare(self, pages: Sequence[Page]) -> None:
        """Take pages, by name and path; what is done here does not count."""
        ...

    def run(self, done: Callable[[], None]) -> None:
        """Read the pages, and call ``done`` after each."""
        ...

    def texts(self) -> dict[str, Text]:
        """Return what was read, by the names of the pages; this does not count either."""
        ...

    def peak_mb(self) -> float:
        """Return how much memory was needed at most, so far."""
        ...


def make(kind: str, models: Mapping[str, str], options: Mapping[str, Any], scratch: Path) -> Engine:
    """Load an engine with its models.

    Args:
        kind: ``rapidocr``, ``faster-paddle``, ``ours``, ``workspace`` or ``tesseract``.
        models: paths by stage.
        options: ``engine``, ``precision`` (OpenVINO), ``heads``, ``parallel`` (pages at a time),
            ``quality``, which has models of its own; for ``tesseract``: ``languages``.
        scratch: a folder for what must be written.
    """
    if kind == "rapidocr":
        return RapidOcrEngine(models, options)
    if kind == "faster-paddle":
        return FasterPaddleEngine()
    if kind == "ours":
        return OurEngine(models, options)
    if kind == "workspace":
        return WorkspaceEngine(models, options, scratch)
    return TesseractEngine(options)


def lines_as_json(boxes: Sequence[Any], texts: Sequence[str]) -> Text:
    """Return lines with the corners of their boxes."""
    lines = [
        {"points": [[float(x), float(y)] for x, y in box], "text": text}
        for box, text in zip(boxes, texts, strict=True)
    ]
    return Text(".json", json.dumps(lines, ensure_ascii=False).encode())


class _PageByPage:
    """Reads one page after the other, or some at a time, in this process."""

    def __init__(self, parallel: int = 1) -> None:
        self._parallel = parallel
        self._pages: Sequence[Page] = ()
        self._found: dict[str, Text] = {}

    def read(self, path: str) -> Text:
        """Read a page."""
        raise NotImplementedError

    def prepare(self, pages: Sequence[Page]) -> None:
        """See `Engine.prepare`."""
        self._pages, self._found = pages, {}

    def run(self, done: Callable[[], None]) -> None:
        """See `Engine.run`."""
        paths = [path for _, path in self._pages]
        for (name, _), text in zip(self._pages, self._each(paths), strict=True):
            self._found[name] = text
            done()

    def _each(self, paths: Sequence[str]) -> Iterator[Text]:
        if self._parallel == 1:
            yield from map(self.read, paths)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(self._parallel) as pool:
            yield from pool.map(self.read, paths)

    def texts(self) -> dict[str, Text]:
        """See `Engine.texts`."""
        return self._found

    def peak_mb(self) -> float:
        """See `Engine.peak_mb`."""
        return machine.memory().peak


class RapidOcrEngine(_PageByPage):
    """RapidOCR with its own settings."""

    def __init__(self, models: Mapping[str, str], options: Mapping[str, Any]) -> None:
        """Load the models."""
        super().__init__()
        from rapidocr import EngineType, RapidOCR

        params: dict[str, Any] = {"Global.log_level": "error"}
        for stage, path in models.items():
            params[f"{stage}.model_path"] = path
            params[f"{stage}.engine_type"] = EngineType(options["engine"])
        self._ocr = RapidOCR(params=params)

    def read(self, path: str) -> Text:
        """See `_PageByPage.read`."""
        found = self._ocr(path)
        return lines_as_json([] if found.boxes is None else found.boxes, found.txts or ())


class FasterPaddleEngine(_PageByPage):
    """faster-paddle (Rust) with its own small models, which are the same, and settings."""

    def __init__(self) -> None:
        """Load the models."""
        super().__init__()
        from faster_paddle import OcrEngine

        self._engine = OcrEngine(model_size="small")
        self._images: dict[str, bytes] = {}

    def prepare(self, pages: Sequence[Page]) -> None:
        """See `Engine.prepare`; TIFF is converted, of which it cannot read all kinds."""
        from PIL import Image

        super().prepare(pages)
        for _, path in pages:
            self._images[path] = Path(path).read_bytes()
            if path.endswith(".tif"):
                stream = io.BytesIO()
                Image.open(path).convert("L").save(stream, "PNG", compress_level=1)
                self._images[path] = stream.getvalue()

    def read(self, path: str) -> Text:
        """See `_PageByPage.read`."""
        found = self._engine.ocr(self._images[path])["bounds"].values()
        boxes = [_corners(line["topLeftCoord"], line["bottomRightCoord"]) for line in found]
        return lines_as_json(boxes, [line["text"] for line in found])


def _corners(first: Sequence[float], last: Sequence[float]) -> list[tuple[float, float]]:
    (left, top), (right, bottom) = first, last
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


class OurEngine(_PageByPage):
    """Our RapidOCR, from image file to lines of text."""

    def __init__(self, models: Mapping[str, str], options: Mapping[str, Any]) -> None:
        """Load the models."""
        super().__init__(int(options.get("parallel", 1)))
        from ocrd_rapid import RapidOCR

        params: dict[str, Any] = {}
        for stage, path in models.items():
            params[f"{stage}.engine_type"] = options["engine"]
            if not options.get("quality"):
                params[f"{stage}.model_path"] = path
        if options.get("quality"):
            params["Global.quality"] = options["quality"]
        if options.get("precision"):
            params["EngineConfig.openvino.inference_precision"] = options["precision"]
        if options.get("heads"):
            params["Rec.heads"] = options["heads"]
        self._ocr = RapidOCR(params=params)

    def read(self, path: str) -> Text:
        """See `_PageByPage.read`."""
        result, _ = self._ocr(path)
        return lines_as_json([line[0] for line in result], [line[1] for line in result])


class WorkspaceEngine:
    """The three processors, chained through a workspace, with their defaults."""

    chain = (
        ("Det", "ocrd-rapid-detect", "IMG", "SEG"),
        ("Cls", "ocrd-rapid-classify", "SEG", "ORI"),
        ("Rec", "ocrd-rapid-recognize", "ORI", "OCR"),
    )

    def __init__(
        self, models: Mapping[str, str], options: Mapping[str, Any], scratch: Path
    ) -> None:
        """Load the models."""
        from ocrd_rapid.cli.memory import limit_arenas
        from ocrd_rapid.config.parameters import complete_parameters
        from ocrd_rapid.config.tools import tool_description
        from ocrd_rapid.processors import create
        from ocrd_rapid.processors.model_requests import with_config
        from ocrd_rapid.runtime.step import Step

        limit_arenas()  # as the commands do
        self._directory = scratch / "workspace"
        self._parallel = int(options.get("parallel", 0))
        self._names: dict[str, str] = {}
        self._steps = []
        self._processors = {}
        for stage, executable, source, target in self.chain:
            tool = tool_description(executable)
            given = {"engine": options["engine"]}
            if not options.get("quality"):
                given["model"] = models[stage]
            elif "quality" in tool["parameters"]:
                given["quality"] = options["quality"]
            if options.get("heads") and "heads" in tool["parameters"]:
                given["heads"] = options["heads"]
            if options.get("precision"):
                given["precision"] = options["precision"]
            parameters = complete_parameters(
                with_config(executable, given), tool, executable=executable
            )
            step = Step(executable, tool["steps"][0], source, target, parameters)
            self._steps.append(step)
            self._processors[executable] = create(executable, parameters)

    def prepare(self, pages: Sequence[Page]) -> None:
        """See `Engine.prepare`."""
        shutil.rmtree(self._directory, ignore_errors=True)
        self._names = make_workspace(self._directory, pages)

    def run(self, done: Callable[[], None]) -> None:
        """See `Engine.run`."""
        from ocrd_rapid.runtime.policy import Policy
        from ocrd_rapid.runtime.run import run_steps
        from ocrd_rapid.workspace.workspace import Workspace

        run_steps(
            Workspace.open(directory=self._directory),
            self._steps,
            lambda executable, _parameters: self._processors[executable],
            policy=Policy(parallel_pages=self._parallel),
            progress=lambda number, total: done() if number else None,
        )

    def texts(self) -> dict[str, Text]:
        """See `Engine.texts`."""
        from ocrd_rapid.workspace.workspace import Workspace

        return {
            self._names[file.page_id]: Text(".xml", (self._directory / file.path).read_bytes())
            for file in Workspace.open(directory=self._directory).mets.files("OCR")
        }

    def peak_mb(self) -> float:
        """See `Engine.peak_mb`."""
        return machine.memory().peak


def make_workspace(directory: Path, pages: Sequence[Page]) -> dict[str, str]:
    """Make a workspace of images; return the names of the pages by their IDs in METS."""
    from ocrd_rapid.workspace.contents import MetsFile
    from ocrd_rapid.workspace.workspace import Workspace

    types = {".tif": "image/tiff", ".jpg": "image/jpeg", ".png": "image/png"}
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    names = {}
    for number, (name, source) in enumerate(pages, start=1):
        suffix = Path(source).suffix
        path = f"IMG/{number:05}{suffix}"
        (directory / path).symlink_to(Path(source).resolve())
        page_id = f"P_{number:05}"
        workspace.mets.add_file(
            MetsFile(f"IMG_{number:05}", "IMG", page_id, types[suffix.lower()], path)
        )
        names[page_id] = name
    workspace.save()
    return names


class TesseractEngine(_PageByPage):
    """The command ``tesseract``, as many processes at a time as there are cores."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Take the languages."""
        super().__init__(machine.cores())
        self._languages = str(options["languages"])

    def read(self, path: str) -> Text:
        """See `_PageByPage.read`."""
        command = ["tesseract", path, "stdout", "-l", self._languages, "tsv"]
        done = subprocess.run(
            command, env={**os.environ, "OMP_THREAD_LIMIT": "1"}, capture_output=True, check=True
        )
        return lines_of_tsv(done.stdout.decode())

    def peak_mb(self) -> float:
        """Return that of the largest process, times the processes."""
        return machine.children_peak() * machine.cores()


def lines_of_tsv(text: str) -> Text:
    """Return the lines in Tesseract's table of words."""
    boxes: dict[tuple[str, ...], tuple[int, int, int, int]] = {}
    words: dict[tuple[str, ...], list[str]] = {}
    for row in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        line = (row["block_num"], row["par_num"], row["line_num"])
        if row["level"] == "4":
            left, top = int(row["left"]), int(row["top"])
            boxes[line] = (left, top, left + int(row["width"]), top + int(row["height"]))
        elif row["level"] == "5" and row["text"].strip():
            words.setdefault(line, []).append(row["text"])
    corners = [
        [(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, y0, x1, y1 in (boxes[k] for k in words)
    ]
    return lines_as_json(corners, [" ".join(line) for line in words.values()])
