# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The three processors with the default models, as a user runs them, on the sample page."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from ocrd_rapid.workspace.page import NAMESPACE, PageDocument

pytestmark = pytest.mark.models

ASSETS = Path(__file__).resolve().parent.parent / "assets" / "sample"
SAMPLE = ASSETS / "sample.png"
TRUTH = (ASSETS / "sample.gt.txt").read_text(encoding="utf-8")
NS = {"pc": NAMESPACE}

Run = Callable[..., Any]

CHAIN = [
    ("ocrd-rapid-detect", "OCR-D-IMG", "OCR-D-SEG"),
    ("ocrd-rapid-classify", "OCR-D-SEG", "OCR-D-ORI"),
    ("ocrd-rapid-recognize", "OCR-D-ORI", "OCR-D-OCR"),
]


def read(run: Run, directory: Path, *parameters: str) -> str:
    """Run the chain with these parameters in every step; return the text it gives."""
    options = [part for pair in parameters for part in ("-P", *pair.split("="))]
    for command, source, target in CHAIN:
        done = run(command, "-w", directory, "-I", source, "-O", target, *options)
        assert done.code == 0, done.err
        assert done.out == ""
    exported = run("ocrd-rapid", "export", "-w", directory, "-I", "OCR-D-OCR")
    assert exported.code == 0, exported.err
    return str(exported.out)


def lines(text: str) -> str:
    """Return text without the blank lines between regions."""
    return re.sub(r"\n+", "\n", text).strip()


def error_rate(text: str, truth: str = TRUTH) -> float:
    expected = lines(truth)
    return Levenshtein.distance(lines(text), expected) / len(expected)


def pages(directory: Path, group: str) -> list[PageDocument]:
    return [PageDocument.read(path) for path in sorted((directory / group).glob("*.xml"))]


def outputs(directory: Path) -> dict[str, bytes]:
    """Return all pages that were written, without what differs between any two runs."""
    without = rb"<pc:(Created|LastChange)>[^<]*<|<pc:Label value=\"\d+\" type=\"threads\"/>"
    return {
        str(path.relative_to(directory)): re.sub(without, b"", path.read_bytes())
        for path in directory.rglob("*.xml")
        if path.name != "mets.xml"
    }


def turn(directory: Path, degrees: int) -> None:
    """Turn the sample page so that it must be turned clockwise by this to be upright."""
    (image,) = (directory / "OCR-D-IMG").iterdir()
    with Image.open(SAMPLE) as sample:
        sample.rotate(degrees, expand=True).save(image)


def test_the_sample_page_is_read_with_less_than_one_error_in_a_hundred(
    run: Run, workspace: Path, models: Path
) -> None:
    text = read(run, workspace)
    assert error_rate(text) < 0.01
    assert text.startswith("How a Library Keeps Its Books\n")
    (page,) = pages(workspace, "OCR-D-OCR")
    assert page.orientation == 0
    found = [line for region in page.text_regions() for line in region.lines]
    assert len(found) == len(lines(TRUTH).splitlines())
    assert all(line.confidence is not None and line.confidence > 0.5 for line in found)
    names = page.root.xpath("//pc:MetadataItem/@value", namespaces=NS)
    assert names == [command for command, _, _ in CHAIN]
    used = page.root.xpath("//pc:Label[@type='model']/@value", namespaces=NS)
    assert len(set(used)) == 3


@pytest.mark.parametrize("degrees", [180, 90, -90])
def test_a_page_that_was_scanned_turned_gives_the_same_text(
    run: Run, workspace: Path, models: Path, degrees: int
) -> None:
    turn(workspace, degrees)
    text = read(run, workspace)
    assert error_rate(text) < 0.02
    (page,) = pages(workspace, "OCR-D-OCR")
    assert page.orientation == degrees


def test_regions_can_be_turned_instead_of_the_page(run: Run, workspace: Path, models: Path) -> None:
    turn(workspace, 180)
    for command, source, target in CHAIN:
        level = ("-P", "operation_level", "region") if command.endswith("classify") else ()
        done = run(command, "-w", workspace, "-I", source, "-O", target, *level)
        assert done.code == 0, done.err
    exported = run("ocrd-rapid", "export", "-w", workspace, "-I", "OCR-D-OCR")
    assert error_rate(exported.out) < 0.02


def test_the_number_of_threads_changes_nothing(
    run: Run, workspace: Path, models: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    for path in workspace.rglob("*"):
        target = other / path.relative_to(workspace)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            target.write_bytes(path.read_bytes())
    assert read(run, workspace, "threads=1") == read(run, other, "threads=2")
    assert outputs(workspace) == outputs(other)
    assert len(outputs(workspace)) == 3


@pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="engine openvino is not installed"
)
def test_openvino_reads_as_well(run: Run, workspace: Path, models: Path) -> None:
    assert error_rate(read(run, workspace, "engine=openvino")) < 0.01


def test_lines_of_the_ground_truth_are_read_in_their_order(
    run: Run, workspace: Path, models: Path
) -> None:
    page = PageDocument.read(ASSETS / "sample.gt.page.xml")
    (image,) = (workspace / "OCR-D-IMG").iterdir()
    page.page.set("imageFilename", f"OCR-D-IMG/{image.name}")
    (workspace / "gt.xml").write_bytes(page.to_bytes())
    added = run(
        "ocrd-rapid", "workspace", "-d", workspace, "add",
        "-G", "OCR-D-GT", "-i", "GT_0001", "-g", "P_0001", "gt.xml",
    )  # fmt: skip
    assert added.code == 0, added.err
    command = ("ocrd-rapid-recognize", "-w", workspace, "-I", "OCR-D-GT", "-O", "OCR-D-OCR")
    done = run(*command)
    assert done.code == 0, done.err
    exported = run("ocrd-rapid", "export", "-w", workspace, "-I", "OCR-D-OCR")
    assert error_rate(exported.out) < 0.01
    (written,) = pages(workspace, "OCR-D-OCR")
    assert written.reading_order() == page.reading_order()


def test_a_model_for_another_purpose_is_refused(run: Run, workspace: Path, models: Path) -> None:
    wrong = models / "ocrd-rapid-classify" / "ch_ppocr_mobile_v2.0_cls_mobile_16bit.onnx"
    done = run(
        "ocrd-rapid-detect", "-w", workspace, "-I", "OCR-D-IMG", "-O", "OUT", "-P", "model", wrong
    )
    assert done.code == 9
    assert "not a text detection model" in done.err
    assert not (workspace / "OUT").exists()
