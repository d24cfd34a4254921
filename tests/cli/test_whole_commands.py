# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whole commands from the command line to the text, with null models (``inference/null.py``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from null_models import configuration, model_option, write_page

from ocrd_rapid import RapidOCR
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]

#: The widths of the words of the lines of two pages.
PAGES = {
    "P_1": ((300, 100), (90, 90, 200), (500,), (60, 60)),
    "P_2": ((90, 400), (200, 90, 90), (300,)),
}
CHAIN = {
    "ocrd-rapid-preprocess": ("IMG", "PRE"),
    "ocrd-rapid-detect": ("PRE", "SEG"),
    "ocrd-rapid-classify": ("SEG", "ORI"),
    "ocrd-rapid-recognize": ("ORI", "OCR"),
}
engines = pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    """Return a workspace of two pages with lines."""
    directory = tmp_path / "printed"
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    for page_id, lines in PAGES.items():
        path = f"IMG/{page_id}.png"
        write_page(directory / path, lines)
        workspace.mets.add_file(MetsFile(f"IMG_{page_id}", "IMG", page_id, "image/png", path))
    workspace.save()
    return directory


def options(executable: str, engine: str) -> tuple[str, ...]:
    named = model_option(executable)
    return (*named, "-P", "engine", engine) if named else ()


def texts(directory: Path) -> dict[str, list[str]]:
    """Return the text of the lines of every page, in reading order."""
    workspace = Workspace.open(directory=directory)
    return {
        file.page_id: [
            line.text or ""
            for region in PageDocument.read(directory / file.path).text_regions()
            for line in region.lines
        ]
        for file in workspace.mets.files("OCR")
    }


def check_texts(found: dict[str, list[str]]) -> None:
    """Check that each line has a word for each bar, and the longer ones have more letters."""
    assert list(found) == list(PAGES)
    for page_id, lines in PAGES.items():
        assert len(found[page_id]) == len(lines)
        for text, widths in zip(found[page_id], lines, strict=True):
            letters = [len(word) for word in text.split(" ")]
            assert len(letters) == len(widths)
            by_width = [count for _, count in sorted(zip(widths, letters, strict=True))]
            assert by_width == sorted(letters)
    every = [text for lines in found.values() for text in lines]
    assert len(set(every)) == len(every)


@engines
def test_a_workflow_and_its_processors_one_by_one_write_the_same(
    call: Call, printed: Path, null_models: object, engine: str
) -> None:
    tasks = [
        " ".join([name.removeprefix("ocrd-"), "-I", given, "-O", made, *options(name, engine)])
        for name, (given, made) in CHAIN.items()
    ]
    done = call("ocrd-rapid", "process", "-w", printed, *tasks)
    assert (done.code, done.complaints) == (0, [])
    whole = texts(printed)
    check_texts(whole)
    for name, (given, made) in CHAIN.items():
        groups = ("-I", given, "-O", made, "--overwrite")
        assert call(name, "-w", printed, *groups, *options(name, engine)).code == 0
    assert texts(printed) == whole


@engines
def test_rapidocr_reads_the_lines_of_a_page(
    call: Call, printed: Path, null_models: object, engine: str
) -> None:
    ocr = RapidOCR(config=configuration(engine))
    results = {page_id: ocr(printed / "IMG" / f"{page_id}.png")[0] for page_id in PAGES}
    check_texts({page_id: [line[1] for line in lines] for page_id, lines in results.items()})


def test_a_configuration_for_both_ways_gives_the_same_models(
    call: Call, printed: Path, here: Path, null_models: dict[str, Path]
) -> None:
    (here / "c.yaml").write_text(yaml.safe_dump(configuration()))
    for name in ("ocrd-rapid-detect", "ocrd-rapid-recognize"):
        groups = ("-I", "IMG", "-O", "SEG") if "detect" in name else ("-I", "SEG", "-O", "OCR")
        done = call(name, "-w", printed, *groups, "-P", "config", "c.yaml")
        assert done.code == 0, done.err
    check_texts(texts(printed))
    recorded = (printed / "OCR" / "OCR_P_1.xml").read_text()
    assert null_models["ocrd-rapid-recognize"].name in recorded


def test_nobody_is_offered_a_null_model(call: Call) -> None:
    for name in CHAIN:
        assert "null." not in call(name, "-h").out + call(name, "-J").out
    assert "null." not in call("ocrd-rapid", "resmgr", "list-available").out
