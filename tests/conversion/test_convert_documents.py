# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Whole conversions: outputs, failures, workspaces, resuming."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from null_models import write_page
from PIL import Image

from ocrd_rapid.conversion import convert_documents, reading_run
from ocrd_rapid.conversion.conversion_report import ConversionReport
from ocrd_rapid.conversion.convert_documents import (
    ConversionListener,
    ConversionRequest,
    convert,
)
from ocrd_rapid.documents.document import Document, DocumentOptions, DocumentSource
from ocrd_rapid.errors import ExitCode, OutputExistsError, UsageError
from ocrd_rapid.export.output_formats import FORMATS
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

Requested = Callable[..., ConversionRequest]


def broken(folder: Path, name: str) -> Path:
    """Write an image that ends early."""
    write_page(folder / "whole.png", [(100,)])
    path = folder / name
    data = (folder / "whole.png").read_bytes()
    (folder / "whole.png").unlink()
    path.write_bytes(data[: len(data) * 2 // 3])
    return path


def lines_of(path: Path) -> list[int]:
    """Return the number of lines of text of each page."""
    return [len(page.split()) // 2 for page in path.read_text().split("\f")]


def test_a_folder_is_one_document_in_natural_order(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    finished: list[tuple[str, list[str]]] = []
    listener = ConversionListener(
        finished=lambda name, outputs: finished.append((name, list(outputs)))
    )
    report = convert(requested(scans, formats="txt,page", output=out), listener)
    assert lines_of(out / "scans.txt") == [1, 2, 3]
    pages = sorted((out / "scans").iterdir())
    assert [path.name for path in pages] == [f"000{n}.page.xml" for n in (1, 2, 3)]
    document = PageDocument.read(pages[2])
    assert document.image_filename == "../../scans/10.png"
    assert report.exit_code is ExitCode.OK
    assert finished == [("scans", [str(out / "scans.txt"), *map(str, pages)])]
    assert list(report.outputs) == finished[0][1]


def test_every_file_is_a_document_and_the_pages_are_read_by_one_run(
    requested: Requested, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    original = reading_run.run_steps

    def counted(workspace: Workspace, *arguments: object, **options: object) -> object:
        runs.append(len(workspace.mets.pages))
        return original(workspace, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(reading_run, "run_steps", counted)
    convert(requested(*scans.iterdir(), output=tmp_path / "out"))
    found = {path.stem: lines_of(path) for path in (tmp_path / "out").iterdir()}
    assert found == {"1": [1], "2": [2], "10": [3]}
    assert runs == [3]


def test_what_is_broken_does_not_stop_the_others(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    bad = broken(tmp_path, "bad.png")
    (tmp_path / "empty.png").touch()
    inputs = [bad, scans / "1.png", tmp_path / "empty.png", tmp_path / "none.png", scans / "2.png"]
    report = convert(requested(*inputs, output=tmp_path / "out"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1.txt", "2.txt"]
    assert report.exit_code is ExitCode.TOO_MANY_FAILURES
    first, *rest = report.summary
    assert first == "3 of 5 documents failed"
    for name, line in zip(("bad.png", "empty.png", "none.png"), rest, strict=True):
        assert name in line
        assert tempfile.gettempdir() + "/ocrd-rapid" not in line


def test_if_nothing_can_be_read_there_are_no_outputs(requested: Requested, tmp_path: Path) -> None:
    bad = broken(tmp_path, "bad.png")
    report = convert(requested(bad, output=tmp_path / "out.txt"))
    assert report.exit_code is ExitCode.INPUT
    assert len(list(report.summary)) == 1
    assert not (tmp_path / "out.txt").exists()


def test_a_page_that_fails_is_in_the_outputs_without_text(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    broken(scans, "3.png")
    request = requested(scans, formats="txt,alto,json,pdf,html", output=tmp_path / "out")
    report = convert(request)
    assert lines_of(tmp_path / "out" / "scans.txt") == [1, 2, 0, 3]
    assert len(list((tmp_path / "out" / "scans").iterdir())) == 4
    found = json.loads((tmp_path / "out" / "scans.json").read_text())
    assert [failure["page"] for failure in found["failures"]] == [3]
    assert report.exit_code is ExitCode.TOO_MANY_FAILURES
    assert next(report.summary) == "1 of 4 pages failed"
    assert [failure.page for failure in report.failures] == [3]
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(tmp_path / "out" / "scans.pdf") as pdf:
        assert len(pdf.pages) == 4


def test_an_existing_output_is_refused_before_anything_is_read(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    (tmp_path / "out.txt").write_text("mine")
    request = requested(scans, output=tmp_path / "out.txt")
    with pytest.raises(OutputExistsError, match="--force"):
        convert(request, ConversionListener(progress=lambda done, total: pytest.fail()))
    assert (tmp_path / "out.txt").read_text() == "mine"
    convert(replace(request, replace=True))
    assert lines_of(tmp_path / "out.txt") == [1, 2, 3]


def test_an_input_can_be_replaced_by_its_own_output(requested: Requested, scans: Path) -> None:
    page = scans / "2.png"
    convert(requested(page, formats="pdf", output=page, replace=True))
    assert page.read_bytes().startswith(b"%PDF")


def test_the_same_input_gives_the_same_bytes(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    formats = "txt,md,csv,page,alto,hocr,pdf,docx,html"
    for name in ("a", "b"):
        convert(requested(scans, formats=formats, output=tmp_path / name))
    first, second = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*.*")}
        for n in ("a", "b")
    )
    assert len(first) == 7 + 2 * 3
    assert first == second


def test_at_most_two_more_images_than_jobs_exist_and_nothing_stays(
    requested: Requested, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_page(tmp_path / "page.png", [(100, 200)])
    pages = [Image.open(tmp_path / "page.png").convert("L") for _ in range(9)]
    pages[0].save(tmp_path / "book.tif", save_all=True, append_images=pages[1:])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    most = 0
    lock = threading.Lock()

    def progress(done: int, total: int) -> None:
        nonlocal most
        with lock:
            images = list((tmp_path / "tmp").glob("*/workspace/OCR-D-IMG/*"))
            most = max(most, len(images))

    request = requested(tmp_path / "book.tif", output=tmp_path / "out.txt")
    request = replace(request, reading=replace(request.reading, jobs=2))
    convert(request, ConversionListener(progress=progress))
    assert lines_of(tmp_path / "out.txt") == [1] * 9
    assert most <= 4
    assert list((tmp_path / "tmp").iterdir()) == []


def test_of_many_documents_few_are_open(
    requested: Requested, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    now = 0
    original = convert_documents.open_document

    def counted(source: DocumentSource, options: DocumentOptions) -> Document:
        nonlocal now
        document = original(source, options)
        close = document.close

        def closed() -> None:
            nonlocal now
            now -= 1
            close()

        now += 1
        opened.append(now)
        monkeypatch.setattr(document, "close", closed)
        return document

    monkeypatch.setattr(convert_documents, "open_document", counted)
    for number in range(40):
        write_page(tmp_path / f"{number}.png", [(100,)])
    report = convert(requested(*tmp_path.glob("*.png"), output=tmp_path / "out"))
    assert report.exit_code is ExitCode.OK
    assert len(report.outputs) == 40
    assert len(opened) == 80
    assert max(opened) <= 6
    assert now == 0


def test_a_workspace_stays_and_a_run_in_it_goes_on(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    request = requested(scans, output=tmp_path / "out.txt", workspace=tmp_path / "ws")

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(request, ConversionListener(progress=interrupt))
    assert not (tmp_path / "out.txt").exists()
    with pytest.raises(OutputExistsError, match="--resume"):
        convert(request)
    with pytest.raises(OutputExistsError, match=r"other choices \(pages\)"):
        other = replace(request, resume=True, documents=DocumentOptions(pages="1"))
        convert(other)
    told: list[int] = []
    listener = ConversionListener(progress=lambda done, total: told.append(done))
    convert(replace(request, resume=True), listener)
    assert told[0] >= 2
    assert lines_of(tmp_path / "out.txt") == [1, 2, 3]
    workspace = Workspace.open(directory=tmp_path / "ws")
    images = list(workspace.files("OCR-D-IMG"))
    assert [file.mimetype for file in images] == ["image/png"] * 3
    assert all(workspace.local_path(file.path).is_file() for file in images)
    assert len(list(workspace.files("OCR-D-OCR"))) == 3


def test_a_kept_workspace_names_no_image_that_is_not_there(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    broken(scans, "2.png")
    target = requested(scans, output=tmp_path / "a.txt", workspace=tmp_path / "ws")
    for request in (target, replace(target, resume=True)):
        assert convert(request).failed_pages == 1
        assert lines_of(tmp_path / "a.txt") == [1, 0, 3]
        workspace = Workspace.open(tmp_path / "ws" / "mets.xml")
        assert workspace.mets.pages == ["PHYS_0001", "PHYS_0002", "PHYS_0003"]
        paths = [
            file.path for group in workspace.mets.groups for file in workspace.mets.files(group)
        ]
        assert all(workspace.local_path(path).is_file() for path in paths)
        assert not any("0002" in path for path in paths)


def test_resuming_before_anything_was_done_begins(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    request = requested(scans, output=tmp_path / "out.txt", workspace=tmp_path / "ws", resume=True)
    convert(request)
    assert lines_of(tmp_path / "out.txt") == [1, 2, 3]


def test_resuming_needs_a_workspace(requested: Requested, scans: Path) -> None:
    with pytest.raises(UsageError, match="--workspace"):
        convert(requested(scans, resume=True))


def test_pages_keep_their_numbers(requested: Requested, scans: Path, tmp_path: Path) -> None:
    choice = DocumentOptions(pages="2-3")
    convert(requested(scans, formats="txt,alto", output=tmp_path / "out", documents=choice))
    assert lines_of(tmp_path / "out" / "scans.txt") == [2, 3]
    names = sorted(path.name for path in (tmp_path / "out" / "scans").iterdir())
    assert names == ["0002.alto.xml", "0003.alto.xml"]


def test_a_page_outside_of_the_document(requested: Requested, scans: Path) -> None:
    report = convert(requested(scans, documents=DocumentOptions(pages="4")))
    assert report.exit_code is ExitCode.USAGE
    assert "3 pages" in next(report.summary)


@pytest.mark.parametrize(
    ("failed", "pages", "codes", "expected"),
    [(0, 0, [], 0), (2, 0, [8, 8], 8), (2, 0, [2, 8], 8), (1, 0, [8], 11), (0, 1, [8], 11),
     (2, 0, [2, 2], 2)],
)  # fmt: skip
def test_exit_codes(failed: int, pages: int, codes: Sequence[int], expected: int) -> None:
    from ocrd_rapid.conversion.conversion_report import Failure

    failures = tuple(Failure("a", "a is bad", ExitCode(code)) for code in codes)
    report = ConversionReport(2, failed, 4, pages, 1.0, failures=failures)
    assert report.exit_code == expected


def test_a_format_that_cannot_be_written_stops_nothing(
    requested: Requested, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defective(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ocrd_rapid.export.markdown.write", defective)
    report = convert(requested(scans / "1.png", scans, formats="md,txt", output=tmp_path / "out"))
    assert report.exit_code is ExitCode.TOO_MANY_FAILURES
    assert sorted(Path(path).name for path in report.outputs) == ["1.txt", "scans.txt"]
    assert "md: unexpected ZeroDivisionError" in report.failures[0].message


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_names_that_are_no_text(requested: Requested, scans: Path, tmp_path: Path) -> None:
    odd = scans / os.fsdecode(b"a\xff.png")
    (scans / "1.png").rename(odd)
    every = requested(odd, formats=",".join(FORMATS), output=tmp_path / "out")
    assert convert(every).exit_code is ExitCode.OK
    names = {os.fsencode(path.name) for path in (tmp_path / "out").iterdir()}
    assert names == {b"a\xff" + known.suffix.encode() for known in FORMATS.values()}


def test_resuming_does_not_replace_what_no_earlier_run_wrote(
    requested: Requested, scans: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    with pytest.raises(OutputExistsError):
        convert(requested(scans, output=mine, workspace=tmp_path / "ws", resume=True))
    assert mine.read_text() == "precious"
