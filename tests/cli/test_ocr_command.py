# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid ocr``: what goes to standard output, what to stderr, and the exit code."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from null_models import configuration, install, write_page

from ocrd_rapid.cli.ocr import command
from ocrd_rapid.cli.progress import speed
from ocrd_rapid.config.packaged import packaged_json
from ocrd_rapid.documents.document import DocumentOptions
from ocrd_rapid.errors import ExitCode
from ocrd_rapid.loading import quality_sizes
from ocrd_rapid.resmgr import locations

Ocr = Callable[..., Any]


@pytest.fixture
def ocr(call: Callable[..., Any], null_models: object, here: Path) -> Ocr:
    """Return a function that calls the command with null models, in a folder with page.png."""
    (here / "null.yaml").write_text(json.dumps(configuration()))
    write_page(here / "page.png", [(100, 200), (300,)])
    return lambda *arguments: call("ocrd-rapid", "ocr", "--config", "null.yaml", *arguments)


def test_text_goes_to_standard_output_and_nothing_to_stderr(ocr: Ocr) -> None:
    done = ocr("page.png")
    assert (done.code, done.err) == (0, "")
    assert len(done.out.splitlines()) == 2


def test_texts_of_several_documents(ocr: Ocr, here: Path) -> None:
    write_page(here / "other.png", [(100,)])
    done = ocr("page.png", "other.png")
    assert [len(text.splitlines()) for text in done.out.split("\f")] == [2, 1]
    lines = ocr("page.png", "other.png", "-f", "json").out.splitlines()
    assert [json.loads(line)["source"]["name"] for line in lines] == ["page.png", "other.png"]
    table = ocr("page.png", "other.png", "-f", "csv").out.splitlines()
    assert [line.partition(",")[0] for line in table] == ["document", *["page"] * 3, "other"]


@pytest.mark.parametrize("name", ["md", "json", "csv", "page", "alto", "hocr", "html"])
def test_formats_of_one_page_go_to_standard_output(ocr: Ocr, name: str) -> None:
    done = ocr("page.png", "-f", name)
    assert (done.code, done.err) == (0, "")
    assert done.out


def test_a_pdf_needs_a_name(ocr: Ocr, here: Path) -> None:
    done = ocr("page.png", "-f", "pdf")
    assert done.code == ExitCode.USAGE
    assert "-o" in done.err
    pytest.importorskip("pikepdf")
    done = ocr("page.png", "-o", "page.pdf")
    assert (done.code, done.out) == (0, "")
    assert (here / "page.pdf").read_bytes().startswith(b"%PDF")


def test_standard_input_is_told_by_its_content(
    ocr: Ocr, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.TextIOWrapper(io.BytesIO((here / "page.png").read_bytes()))
    monkeypatch.setattr(sys, "stdin", content)
    done = ocr("-", "-f", "json")
    assert (done.code, done.err) == (0, "")
    assert len(json.loads(done.out)["pages"][0]["text"].splitlines()) == 2


def test_a_report_as_json(ocr: Ocr, here: Path) -> None:
    (here / "empty.png").touch()
    done = ocr("page.png", "empty.png", "-o", "out", "--json")
    report = json.loads(done.out)
    assert done.code == ExitCode.TOO_MANY_FAILURES
    assert report["documents"] == {"done": 1, "failed": 1}
    assert report["pages"] == {"done": 1, "failed": 0}
    assert report["outputs"] == ["out/page.txt"]
    [failure] = report["failures"]
    assert (failure["input"], failure["page"], failure["code"]) == ("empty.png", None, 8)
    first, second = done.err.splitlines()
    assert first == "ocrd-rapid: error: 1 of 2 documents failed"
    assert "empty.png" in second
    assert ocr("page.png", "--json").code == ExitCode.USAGE


def test_an_output_that_exists(ocr: Ocr, here: Path) -> None:
    (here / "page.txt").write_text("mine")
    done = ocr("page.png", "-o", "page.txt")
    assert done.code == ExitCode.OUTPUT_EXISTS
    assert "--force" in done.err
    assert ocr("page.png", "-o", "page.txt", "--force").code == 0
    assert (here / "page.txt").read_text() != "mine"


def test_a_damaged_package(
    call: Callable[..., Any], here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_page(here / "page.png", [(100,)])
    monkeypatch.setattr(locations, "module_dir", lambda _: tmp_path / "empty")
    done = call("ocrd-rapid", "ocr", "page.png")
    assert done.code == ExitCode.RESOURCE_NOT_FOUND
    assert "PP-OCRv6_det_small_8bit.onnx" in done.err
    assert "install ocrd-rapid again" in done.err


def test_models_of_a_size_can_be_fetched_first(
    call: Callable[..., Any], here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    model_store: Path,
) -> None:  # fmt: skip
    if not model_store.is_dir():
        pytest.skip("models of the catalogue are not here: run `make models`")
    needed = {"model": "PP-OCRv6_rec_small.onnx"}
    table = packaged_json("loading/quality_sizes.json") | {
        "best": {"ocrd-rapid-detect": {}, "ocrd-rapid-recognize": needed}
    }
    monkeypatch.setattr(quality_sizes, "packaged_json", lambda _: table)
    write_page(here / "page.png", [(100,)])
    ocr = "ocrd-rapid", "ocr", "page.png", "--quality", "best"
    done = call(*ocr)
    assert done.code == ExitCode.RESOURCE_NOT_FOUND
    assert "ocrd-rapid ocr --quality best --download …" in done.err
    monkeypatch.setenv("OCRD_RAPID_MIRROR", str(tmp_path / "nothing"))
    monkeypatch.setenv("OCRD_RAPID_OFFLINE", "1")
    assert call(*ocr, "--download").code == ExitCode.NETWORK
    # The others need nothing.
    assert call("ocrd-rapid", "ocr", "page.png", "--download").code == 0
    monkeypatch.setenv("OCRD_RAPID_MIRROR", str(model_store))
    assert call(*ocr, "--download").code == 0


def test_a_note_comes_once_for_many_documents(ocr: Ocr, here: Path) -> None:
    write_page(here / "other.png", [(100,)])
    done = ocr("page.png", "other.png", "-f", "pdf", "-o", "out/")
    [note] = done.err.splitlines()
    assert note.startswith("ocrd-rapid: note: page.png and 1 more: The resolution is not known")


def test_an_output_without_its_option_is_recognized(ocr: Ocr) -> None:
    done = ocr("page.png", "page-ocr.pdf")
    assert done.code == ExitCode.TOO_MANY_FAILURES
    assert done.err.startswith("ocrd-rapid: note: page-ocr.pdf does not exist; if it is to be")
    assert "-o page-ocr.pdf" in done.err


def test_notes_can_be_silenced(ocr: Ocr) -> None:
    pytest.importorskip("pikepdf")
    done = ocr("page.png", "-o", "a.pdf")
    assert done.err.startswith("ocrd-rapid: note: page.png: ")
    assert "297 mm" in done.err
    assert ocr("page.png", "-o", "b.pdf", "-q").err == ""


def test_log_messages_come_with_verbose(ocr: Ocr) -> None:
    assert "INFO" in ocr("page.png", "-v").err


def test_comparison_is_in_the_summary_and_the_report(ocr: Ocr, here: Path) -> None:
    (here / "truth.txt").write_text(ocr("page.png").out)
    done = ocr("page.png", "--compare", "truth.txt", "-o", "a.txt", "--json")
    assert done.err == "CER 0.00%, WER 0.00% against truth.txt (1 page)\n"
    assert json.loads(done.out)["comparison"]["ordered"]["cer"] == 0


def test_the_schema_is_printed(call: Callable[..., Any]) -> None:
    done = call("ocrd-rapid", "ocr", "--json-schema")
    assert json.loads(done.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_password_in_a_file(ocr: Ocr, here: Path) -> None:
    assert ocr("page.png", "--password-file", "none").code == ExitCode.INPUT
    done = ocr("page.png", "--password", "a", "--password-file", "b")
    assert done.code == ExitCode.USAGE


def test_names_of_files_that_are_no_text_are_escaped_in_the_report(ocr: Ocr, here: Path) -> None:
    name = os.fsdecode(b"a\xff.png")
    try:
        (here / "page.png").rename(here / name)
    except OSError:
        pytest.skip("the file system has no such names")
    done = ocr(name, "-o", "out/", "--json")
    [output] = json.loads(done.out)["outputs"]
    assert (done.code, Path(output).is_file()) == (0, True)


def test_standard_input_is_called_so(ocr: Ocr, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    whole = (here / "page.png").read_bytes()
    for data, what in ((b"", "is empty"), (b"hello", "is text"), (whole[:900], "truncated")):
        given(data)
        done = ocr("-")
        assert done.code == ExitCode.INPUT
        assert "standard input" in done.err
        assert what in done.err
        assert "tmp" not in done.err
    given(whole)
    assert 'imageFilename="stdin_0001.png"' in ocr("-", "-f", "page").out


def test_wrong_preprocessing(ocr: Ocr) -> None:
    done = ocr("page.png", "--preprocess", "polish")
    assert done.code == ExitCode.USAGE
    assert "deskew" in done.err
    assert ocr("page.png", "--preprocess", "deskew,denoise,contrast").code == 0


def test_defaults_are_those_of_documents() -> None:
    options = {option.name: option for option in command.params}
    assert options["max_megapixels"].default * 1_000_000 == DocumentOptions().max_pixels


@pytest.mark.parametrize(
    ("done", "left", "seconds", "text"),
    [(0, 5, 3, ""), (10, 20, 30, "20.0 pages/min, 1:00 left"),
     (1, 3600, 2, "30.0 pages/min, 2:00:00 left")],
)  # fmt: skip
def test_speed_in_words(done: int, left: int, seconds: float, text: str) -> None:
    assert speed(done, left, seconds) == text


class Killable:
    """A run over 200 pages, each a document, in a process of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        install(home / "data" / "ocrd-resources")
        (folder / "null.yaml").write_text(json.dumps(configuration()))
        for page in range(200):
            write_page(folder / f"{page:03}.png", [(100, 200)] * 8)
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.out = folder / "out"
        self._folder = folder

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", "from ocrd_rapid.cli.main import main; main()", "ocr",
             "--config", "null.yaml", "-o", "out", *arguments,
             *sorted(path.name for path in self._folder.glob("*.png"))],
            cwd=self._folder, env={**os.environ, "TMPDIR": str(self.temporary)},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def stop(self, process: subprocess.Popen[str], number: signal.Signals, outputs: int) -> str:
        """Send a signal once there are some outputs; return what the run said."""
        limit = time.monotonic() + 120
        while time.monotonic() < limit and len(self.outputs()) < outputs:
            time.sleep(0.02)
        process.send_signal(number)
        return process.communicate(timeout=120)[1]

    def outputs(self) -> list[Path]:
        return list(self.out.iterdir()) if self.out.is_dir() else []

    def check_complete(self) -> None:
        assert {len(path.read_text().splitlines()) for path in self.outputs()} == {8}


@pytest.fixture
def killable(tmp_path: Path, own_home: Path) -> Killable:
    """Return a run that can be killed."""
    return Killable(tmp_path, own_home)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_complete_documents_only(
    killable: Killable, number: signal.Signals, code: int
) -> None:
    process = killable.start()
    err = killable.stop(process, number, 4)
    assert process.returncode == code
    assert "finished documents are complete" in err
    assert 3 < len(killable.outputs()) < 200
    killable.check_complete()
    assert list(killable.temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_killed_run_goes_on(killable: Killable, tmp_path: Path) -> None:
    process = killable.start("--workspace", "ws")
    killable.stop(process, signal.SIGKILL, 40)
    assert process.returncode == -signal.SIGKILL
    assert 39 < len(killable.outputs()) < 200
    killable.check_complete()
    results = tmp_path / "ws" / "OCR-D-OCR"
    before = {path: path.stat().st_mtime_ns for path in results.glob("*.xml")}
    again = killable.start("--workspace", "ws", "--resume")
    assert again.communicate(timeout=120)[1] == ""
    assert again.returncode == 0
    assert len(killable.outputs()) == 200
    killable.check_complete()
    assert list(killable.temporary.iterdir()) == []
    written_again = [path for path, time_ in before.items() if path.stat().st_mtime_ns != time_]
    assert len(written_again) < 20  # of those that the METS did not name yet


def test_the_limit_on_pixels_is_that_of_the_option_for_the_steps_too(
    ocr: Ocr, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_RAPID_MAX_PIXELS", "1000")
    assert ocr("page.png").code == 0
    assert ocr("page.png", "--max-megapixels", "0.001").code == ExitCode.INPUT


def test_the_help_has_each_option_once_and_no_argument_among_them(call: Callable[..., Any]) -> None:
    options = call("ocrd-rapid", "ocr", "--help").out.partition("Output:")[2]
    assert options.count("--max-megapixels") == 1
    assert "INPUT" not in options
