# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""A disk that is full at any byte of a PDF is an error, and no end of the process."""

from __future__ import annotations

import errno
import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from ocrd_rapid.export.export_options import ExportOptions, PageMedium
from ocrd_rapid.export.pdf.assemble import write
from ocrd_rapid.ocr.page_model import ReadDocument, ReadPage


class Disk(io.BytesIO):
    """A file on a disk with room for some bytes."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room

    def write(self, data: Any) -> int:
        if self.tell() + memoryview(data).nbytes > self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


@pytest.fixture
def scans(tmp_path: Path) -> list[Path]:
    """Return a scan, and a PDF that is one."""
    paths = [tmp_path / "1.png", tmp_path / "2.pdf"]
    for path in paths:
        Image.new("L", (300, 400)).save(path, resolution=72)
    return paths


def write_pages(scans: list[Path], out: io.BytesIO) -> None:
    pages = [ReadPage(300, 400, number=number) for number in (1, 2)]
    options = ExportOptions(generator="test", pdf_type="pdf")
    media = (PageMedium(scans[0]), PageMedium(scans[1], 0))
    write(out, ReadDocument("a", 2), pages, options, lambda page: media[page.number - 1])


def test_an_output_on_a_full_disk(scans: list[Path]) -> None:
    whole = io.BytesIO()
    write_pages(scans, whole)
    size = len(whole.getvalue())
    for room in (0, size // 2, *range(size - 40, size)):
        with pytest.raises(OSError, match="No space left"):
            write_pages(scans, Disk(room))
    enough = Disk(size)
    write_pages(scans, enough)
    assert enough.getvalue() == whole.getvalue()


def test_a_temporary_file_on_a_full_disk(
    scans: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDiskJob:
        def __init__(self, arguments: list[str]) -> None:
            self._job, self._target = job(arguments), Path(arguments[-1])

        def run(self) -> None:
            self._job.run()
            self._target.write_bytes(self._target.read_bytes()[:-100])

    job: Any = pikepdf.Job
    monkeypatch.setattr(pikepdf, "Job", FullDiskJob)
    with pytest.raises(OSError, match="No space left"):
        write_pages(scans, io.BytesIO())
