# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is wrong is said in one line, with its exit code, and nothing is left behind."""

from __future__ import annotations

import errno
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from null_models import model_option
from PIL import Image

from ocrd_rapid import errors
from ocrd_rapid.cli.errors import guard, held_signals
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.errors import ExitCode, OcrdRapidError
from ocrd_rapid.resmgr import catalogue
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]
Snapshot = Callable[[], dict[str, bytes | None]]

every_processor = pytest.mark.parametrize("executable", executables())
every_processor_with_a_model = pytest.mark.parametrize(
    "executable", [name for name in executables() if tool_description(name)["resources"]]
)

#: Models that no test here has installed, by their processors.
ORIGINALS = {entry.executable: entry.name for entry in catalogue.resource_set("original")}


@pytest.fixture
def check(call: Call, snapshot: Snapshot) -> Callable[..., str]:
    """Return a function that calls a processor that must fail, and returns what it says."""

    def run(code: int, executable: str, *arguments: str | Path) -> str:
        before = snapshot()
        done = call(executable, *arguments)
        assert done.code == code, done.err
        assert done.out == ""
        assert "Traceback" not in done.err
        assert len(done.complaints) == 1, done.err
        assert done.complaints[0].startswith(f"{executable}: error: ")
        assert snapshot() == before
        return str(done.complaints[0]).removeprefix(f"{executable}: error: ")

    return run


Check = Callable[..., str]
GROUPS = ("-I", "IMG", "-O", "OUT")


# 2: the command line


@every_processor
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-O", "OUT"), "-I/--input-file-grp is required"),
        (("-I", "IMG"), "-O/--output-file-grp is required"),
        (("--overwrite",), "-I/--input-file-grp is required"),
        (("-I", "IMG,SEG", "-O", "OUT"), "reads one file group and writes one"),
        (("-I", "IMG", "-O", "OUT,OUT2"), "reads one file group and writes one"),
        ((*GROUPS, "-g", "P_9"), "--page-id: 'P_9' matches none of the pages (P_1, P_2)"),
        ((*GROUPS, "-g", "//("), "invalid regular expression"),
        ((*GROUPS, "-m", "/elsewhere/mets.xml"), "is not inside the workspace directory"),
    ],
)
def test_a_command_line_that_makes_no_sense_exits_with_2(
    check: Check, book: Path, executable: str, arguments: tuple[str, ...], message: str
) -> None:
    assert message in check(2, executable, "-w", book, *arguments)


CLICK = [
    (("--bogus",), "No such option"),
    (("-I",), "requires an argument"),
    ((*GROUPS, "-l", "LOUD"), "'LOUD' is not one of"),
    ((*GROUPS, "-P", "threads=2"), "the name of a parameter and its value, such as -P engine"),
    ((*GROUPS, "worker"), "a worker needs both addresses"),
]


@every_processor
@pytest.mark.parametrize(("arguments", "message"), CLICK)
def test_options_that_are_not_there_exit_with_2(
    call: Call,
    snapshot: Snapshot,
    book: Path,
    executable: str,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    before = snapshot()
    done = call(executable, "-w", book, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message.lower() in done.err.lower()
    assert "Traceback" not in done.err
    assert snapshot() == before


@pytest.mark.parametrize(("arguments", "message"), CLICK)
def test_options_that_are_not_there_are_one_line(
    check: Check, book: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert message in check(2, "ocrd-rapid-detect", "-w", book, *arguments)


# 3: parameters and configuration


@every_processor_with_a_model
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-P", "bogus", "1"), "there is no parameter bogus"),
        (("-P", "modell", "x"), "there is no parameter modell; did you mean model"),
        (("-P", "threads", "-1"), "parameter threads is -1, but must be at least 0"),
        (("-P", "threads", "two"), 'parameter threads is "two", but must be a number'),
        (("-P", "engine", "tensorflow"), 'is "tensorflow", but must be one of onnxruntime'),
        (("-P", "engine", "onnx"), "did you mean onnxruntime or openvino?"),
        (("-p", '{"threads": "x", "engine": 1}'), '; parameter threads is "x"'),
        (("-p", '{"threads": '), "-p: not valid JSON"),
        (("-p", "[1]"), "'[1]' is neither a JSON object nor a readable file or preset"),
        (("-p", "nothing.json"), "'nothing.json' is neither a JSON object nor"),
    ],
)
def test_a_parameter_that_is_not_allowed_exits_with_3(
    check: Check, book: Path, executable: str, arguments: tuple[str, ...], message: str
) -> None:
    assert message in check(3, executable, "-w", book, *GROUPS, *arguments)


@every_processor
def test_an_environment_variable_that_is_not_allowed_exits_with_3(
    check: Check, book: Path, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setenv("OCRD_MISSING_OUTPUT", "PERHAPS")
    said = check(3, executable, "-w", book, *GROUPS)
    assert "environment variable OCRD_MISSING_OUTPUT: 'PERHAPS' is not allowed" in said


# 4: resources


@every_processor_with_a_model
def test_a_missing_model_exits_with_4_and_says_how_to_get_it(
    check: Check, book: Path, executable: str
) -> None:
    model = ORIGINALS[executable]
    said = check(4, executable, "-w", book, *GROUPS, "-P", "model", model)
    assert f"ocrd-rapid resmgr download {executable} {model}" in said


def test_the_command_for_the_detection_model_is_the_one_of_the_documentation(
    check: Check, book: Path
) -> None:
    named = "-P", "model", "PP-OCRv6_det_small"
    said = check(4, "ocrd-rapid-detect", "-w", book, *GROUPS, *named)
    assert "ocrd-rapid resmgr download ocrd-rapid-detect PP-OCRv6_det_small.onnx" in said


@every_processor_with_a_model
def test_a_model_that_nobody_knows_exits_with_4(check: Check, book: Path, executable: str) -> None:
    said = check(4, executable, "-w", book, *GROUPS, "-P", "model", "PP-OCRv7.onnx")
    assert "could not find resource 'PP-OCRv7.onnx'" in said


# 6: integrity


@every_processor_with_a_model
def test_an_installed_model_that_is_damaged_exits_with_6(
    check: Check, book: Path, own_home: Path, executable: str
) -> None:
    model = ORIGINALS[executable]
    path = own_home / "data" / "ocrd-resources" / executable / model
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged")
    said = check(6, executable, "-w", book, *GROUPS, "-P", "model", model)
    assert f"ocrd-rapid resmgr download --overwrite {executable} {model}" in said


# 8: input


@every_processor
def test_a_missing_mets_exits_with_8_and_says_how_to_make_one(
    check: Check, here: Path, executable: str
) -> None:
    said = check(8, executable, *GROUPS)
    assert f"METS file {here / 'mets.xml'} does not exist" in said
    assert f"ocrd-rapid workspace -d {here} init" in said


@every_processor
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not well-formed XML"),
        (b"text", "not well-formed XML"),
        (b"<alto/>", "is not a METS file: its root element is alto"),
    ],
)
def test_what_is_not_a_mets_exits_with_8(
    check: Check, here: Path, executable: str, content: bytes, message: str
) -> None:
    (here / "mets.xml").write_bytes(content)
    assert message in check(8, executable, *GROUPS)


@every_processor
def test_a_directory_for_a_mets_exits_with_8(check: Check, book: Path, executable: str) -> None:
    assert "is a directory; name the file, such as" in check(8, executable, "-m", book, *GROUPS)


@every_processor
def test_a_missing_group_exits_with_8_and_names_those_there_are(
    check: Check, book: Path, executable: str
) -> None:
    said = check(8, executable, "-w", book, "-I", "SEG", "-O", "OUT")
    assert said == "input file group 'SEG' is not in the METS (it has: IMG)"


@every_processor
def test_an_output_group_outside_of_the_workspace_exits_with_8(
    check: Check, book: Path, executable: str
) -> None:
    said = check(8, executable, "-w", book, "-I", "IMG", "-O", "../up")
    assert "output file group '../up' is not allowed" in said


@every_processor
@pytest.mark.usefixtures("null_models")
def test_a_missing_image_exits_with_8(check: Check, book: Path, executable: str) -> None:
    image = book / "IMG" / "1.png"
    image.unlink()
    said = check(8, executable, "-w", book, *GROUPS, "-g", "P_1", *model_option(executable))
    assert said == f"image {image} does not exist"


@every_processor
@pytest.mark.usefixtures("null_models")
@pytest.mark.parametrize("content", [b"", b"text", b"%PDF-1.7"])
def test_an_image_that_cannot_be_read_exits_with_8(
    check: Check, book: Path, executable: str, content: bytes
) -> None:
    (book / "IMG" / "1.png").write_bytes(content)
    said = check(8, executable, "-w", book, *GROUPS, "-g", "P_1", *model_option(executable))
    assert "IMG/1.png is not one of the image formats" in said


# The others decode nothing of a page without lines.
@pytest.mark.parametrize("executable", ["ocrd-rapid-preprocess", "ocrd-rapid-detect"])
@pytest.mark.usefixtures("null_models")
def test_an_image_that_breaks_off_exits_with_8(check: Check, book: Path, executable: str) -> None:
    image = book / "IMG" / "1.png"
    Image.effect_noise((200, 200), 50).save(image)
    image.write_bytes(image.read_bytes()[:5000])
    said = check(8, executable, "-w", book, *GROUPS, "-g", "P_1", *model_option(executable))
    assert "IMG/1.png is damaged or cannot be read" in said


@every_processor
@pytest.mark.usefixtures("null_models")
def test_a_multi_page_image_exits_with_8(check: Check, book: Path, executable: str) -> None:
    frames = [Image.new("L", (40, 30)) for _ in range(2)]
    frames[0].save(book / "IMG" / "1.png", "TIFF", save_all=True, append_images=frames[1:])
    said = check(8, executable, "-w", book, *GROUPS, "-g", "P_1", *model_option(executable))
    assert "holds 2 images; OCR-D wants one file per page" in said


# 9: models


@every_processor_with_a_model
@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_file_that_is_no_model_exits_with_9(
    check: Check, book: Path, here: Path, executable: str, engine: str
) -> None:
    pytest.importorskip(engine, reason=f"engine {engine} is not installed")
    (here / "x.onnx").write_text("this is no model")
    said = check(
        9, executable, "-w", book, *GROUPS, "-P", "model", "x.onnx", "-P", "engine", engine
    )
    assert f"model {here / 'x.onnx'} cannot be loaded: " in said


@every_processor_with_a_model
def test_a_directory_for_a_model_exits_with_9(
    check: Check, book: Path, here: Path, executable: str
) -> None:
    (here / "x.onnx").mkdir()
    said = check(9, executable, "-w", book, *GROUPS, "-P", "model", "x.onnx")
    assert "is a directory, not a model file" in said


# 10: output


@every_processor
def test_output_that_is_there_exits_with_10_before_a_model_is_asked_for(
    check: Check, book: Path, executable: str
) -> None:
    workspace = Workspace.open(directory=book)
    workspace.mets.add_file(MetsFile("OUT_1", "OUT", "P_1", MIMETYPE_PAGE, "OUT/OUT_1.xml"))
    workspace.save()
    said = check(10, executable, "-w", book, *GROUPS)
    assert said == (
        "output file group 'OUT' already has page P_1;"
        " go on with --resume, replace it with --overwrite, or name another output group"
    )


# 11: too many failures


@every_processor
@pytest.mark.usefixtures("null_models")
def test_too_many_failures_exit_with_11_and_leave_no_output_of_them(
    call: Call, book: Path, executable: str
) -> None:
    for image in (book / "IMG").iterdir():
        image.write_bytes(b"")
    before = (book / "mets.xml").read_bytes()
    done = call(executable, "-w", book, *GROUPS, *model_option(executable))
    assert done.code == 11
    *failed, complaint = done.complaints
    for line, page in zip(failed, ("P_1", "P_2"), strict=True):
        assert f" ERROR ocrd_rapid.runtime.run - page {page} failed: " in line
    assert complaint.startswith(f"{executable}: error: 2 of 2 pages failed (2 ImageError)")
    assert not (book / "OUT").exists()
    assert (book / "mets.xml").read_bytes() == before


# From exceptions to exit codes


def all_errors() -> list[type[OcrdRapidError]]:
    return [
        kind for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, OcrdRapidError)
    ]  # fmt: skip


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_of_ours_becomes_one_line_and_its_exit_code(
    capsys: pytest.CaptureFixture[str], kind: type[OcrdRapidError]
) -> None:
    def fail() -> int:
        raise kind("this\n  is\twrong")

    assert guard(fail, "toy") == kind.exit_code
    assert capsys.readouterr() == ("", "toy: error: this is wrong\n")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device", "a.xml"), 7,
         "No space left on device (a.xml)"),
        (PermissionError(errno.EACCES, "Permission denied", "a.xml"), 7,
         "Permission denied (a.xml)"),
        (OSError(errno.EROFS, "Read-only file system"), 7, "Read-only file system"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.xml"), 1, "No such file (a.xml)"),
        (ValueError("oh"), 1, "unexpected ValueError: oh; --log-level DEBUG shows where"),
        (MemoryError(), 1, "unexpected MemoryError: ; --log-level DEBUG shows where"),
    ],
)  # fmt: skip
def test_other_exceptions_become_one_line_and_an_exit_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, message: str
) -> None:
    def fail() -> int:
        raise error

    assert guard(fail, "toy") == code
    assert capsys.readouterr() == ("", f"toy: error: {message}\n")


def test_a_defect_shows_where_it_is_at_level_debug(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise ValueError("oh")

    with caplog.at_level(logging.DEBUG):
        guard(fail, "toy")
    assert "Traceback" in caplog.text
    assert 'raise ValueError("oh")' in caplog.text


def test_what_succeeds_returns_its_code() -> None:
    assert guard(lambda: 0, "toy") == 0
    assert guard(lambda: 5, "toy") == 5


def test_exit_codes_are_the_documented_ones() -> None:
    table = Path(__file__).resolve().parents[2] / "docs" / "exit-codes.md"
    rows = [line.split("|")[1].strip() for line in table.read_text().splitlines() if "|" in line]
    documented = {int(cell) for cell in rows if cell.isdigit()}
    assert documented == {int(code) for code in ExitCode}


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = Path(sys.executable).with_name("ocrd-rapid-detect")
    process = subprocess.Popen([script, "-J"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=600) == 0


# The same from outside


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--bogus",), 2),
        (("-O", "OUT"), 2),
        ((*GROUPS, "-P", "bogus", "1"), 3),
        ((*GROUPS, "-P", "model", "PP-OCRv6_rec_small.onnx"), 4),
        (("-I", "SEG", "-O", "OUT"), 8),
    ],
)
def test_the_shell_sees_the_exit_code(
    run: Call, snapshot: Snapshot, book: Path, arguments: tuple[str, ...], code: int
) -> None:
    before = snapshot()
    done = run("ocrd-rapid-recognize", *arguments, cwd=book)
    assert done.code == code
    assert "Traceback" not in done.err
    assert snapshot() == before


# Signals


def test_a_signal_comes_when_the_block_has_ended() -> None:
    reached: list[str] = []
    with pytest.raises(KeyboardInterrupt), held_signals():
        signal.raise_signal(signal.SIGINT)
        reached.append("end of the block")
    assert reached == ["end of the block"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_signals_are_left_alone_in_other_threads() -> None:
    reached: list[str] = []

    def work() -> None:
        with held_signals():
            reached.append("end of the block")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert reached == ["end of the block"]
