# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Processors at work, with a processor in place of the models."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import ocrd_rapid.processors
from ocrd_rapid import __version__
from ocrd_rapid.cli import logs
from ocrd_rapid.cli.runs import valid_parameters
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]

NS = {"mets": "http://www.loc.gov/METS/"}
OPTION = "{https://ocr-d.de}option"
GROUPS = ("-I", "IMG", "-O", "OUT")

#: All that give PAGE-XML; of the other one, see test_export_processor.py.
every_processor = pytest.mark.parametrize("executable", executables()[:-1])


class Turner:
    """A processor that turns pages, and remembers what it was made from."""

    def __init__(self) -> None:
        self.versions = {"model": "toy.onnx"}
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.interrupt_at = ""

    def make(self, executable: str, parameters: dict[str, Any]) -> Turner:
        self.made.append((executable, dict(parameters)))
        return self

    def process(self, page: OpenPage) -> None:
        if page.page_id == self.interrupt_at:
            raise KeyboardInterrupt
        page.document.set_orientation(page.document.orientation + 90)


@pytest.fixture
def turner(monkeypatch: pytest.MonkeyPatch) -> Turner:
    made = Turner()
    monkeypatch.setattr(ocrd_rapid.processors, "create", made.make)
    return made


def output(directory: Path, group: str = "OUT") -> dict[str, float]:
    """Return the orientation of every page of a group, in the order of the METS."""
    workspace = Workspace.open(directory=directory)
    return {
        file.page_id: PageDocument.read(directory / file.path).orientation
        for file in workspace.mets.files(group)
    }


def last_agent(directory: Path) -> dict[str, str]:
    """Return what the METS says about the last step."""
    root = etree.parse(directory / "mets.xml").getroot()
    agent = root.findall("mets:metsHdr/mets:agent", NS)[-1]
    notes = {str(n.get(OPTION)): n.text or "" for n in agent.iterfind("mets:note", NS)}
    name = agent.findtext("mets:name", namespaces=NS) or ""
    return {"name": name, "role": str(agent.get("OTHERROLE")), **notes}


@every_processor
def test_all_pages_are_processed_and_the_log_says_so(
    call: Call, book: Path, turner: Turner, executable: str
) -> None:
    done = call(executable, "-w", book, *GROUPS)
    assert (done.code, done.out, done.complaints) == (0, "", [])
    assert (
        f"{executable}: 2 pages done, 0 already finished, 0 failed; output in file group OUT"
        in done.err
    )
    assert output(book) == {"P_1": 90, "P_2": 90}


@every_processor
def test_defaults_are_given_to_the_processor_and_recorded(
    call: Call, book: Path, turner: Turner, executable: str
) -> None:
    assert call(executable, "-w", book, *GROUPS).code == 0
    tool = tool_description(executable)
    defaults = {name: spec["default"] for name, spec in tool["parameters"].items()}
    assert turner.made == [(executable, defaults)]
    recorded = last_agent(book)
    assert json.loads(recorded.pop("parameter")) == defaults
    assert recorded == {
        "name": f"{executable} v{__version__}", "role": tool["steps"][0],
        "input-file-grp": "IMG", "output-file-grp": "OUT", "page-id": "",
    }  # fmt: skip


def test_parameters_are_merged_and_the_last_one_counts(
    call: Call, book: Path, here: Path, turner: Turner
) -> None:
    (here / "my.json").write_text('# mine\n{"threads": 1, "thresh": 0.2, "long_side": 320}')
    done = call(
        "ocrd-rapid-detect", "-P", "overwrite_segments", "true", "-w", book, *GROUPS,
        "-p", "my.json", "-p", '{"threads": 2, "long_side": 640}', "-P", "threads", "3",
    )  # fmt: skip
    assert done.code == 0, done.err
    ((_, parameters),) = turner.made
    given = {"threads": 3, "thresh": 0.2, "long_side": 640, "overwrite_segments": True}
    assert {name: parameters[name] for name in given} == given
    assert list(json.loads(last_agent(book)["parameter"]))[:4] == list(given)


def test_a_preset_among_the_resources_is_found_by_name(
    call: Call, book: Path, own_home: Path, turner: Turner
) -> None:
    folder = own_home / "data" / "ocrd-resources" / "ocrd-rapid-detect"
    folder.mkdir(parents=True)
    (folder / "newspaper.json").write_text('{"long_side": 2560}')
    assert call("ocrd-rapid-detect", "-w", book, *GROUPS, "-p", "newspaper.json").code == 0
    assert turner.made[0][1]["long_side"] == 2560


@pytest.mark.parametrize(
    "place",
    [
        ("-w", "{book}"),
        ("-m", "{book}/mets.xml"),
        ("-m", "mets.xml", "-w", "{book}"),
        ("-m", "{book}/mets.xml", "-w", "{book}"),
        ("-m", "file://{book}/mets.xml"),
        ("--mets", "{book}/mets.xml", "--working-dir", "{book}"),
    ],
)
def test_the_workspace_is_found_by_its_mets_or_its_directory(
    call: Call, book: Path, turner: Turner, place: tuple[str, ...]
) -> None:
    done = call("ocrd-rapid-detect", *GROUPS, *(p.format(book=book) for p in place))
    assert done.code == 0, done.err
    assert output(book) == {"P_1": 90, "P_2": 90}


def test_without_either_it_is_the_current_directory(
    call: Call, book: Path, turner: Turner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book)
    assert call("ocrd-rapid-detect", *GROUPS).code == 0
    assert output(book) == {"P_1": 90, "P_2": 90}


def test_only_the_pages_asked_for_are_processed(call: Call, book: Path, turner: Turner) -> None:
    assert call("ocrd-rapid-detect", "-w", book, *GROUPS, "-g", "P_2").code == 0
    assert output(book) == {"P_2": 90}
    assert last_agent(book)["page-id"] == "P_2"


def test_output_is_replaced_with_overwrite(call: Call, book: Path, turner: Turner) -> None:
    assert call("ocrd-rapid-detect", "-w", book, *GROUPS).code == 0
    in_place = ("-w", book, "-I", "OUT", "-O", "OUT")
    assert call("ocrd-rapid-classify", *in_place).code == 10
    assert call("ocrd-rapid-classify", *in_place, "--overwrite", "-g", "P_1").code == 0
    assert output(book) == {"P_1": 180, "P_2": 90}


def test_an_interrupt_exits_with_130_and_keeps_what_is_done(
    call: Call, book: Path, turner: Turner
) -> None:
    turner.interrupt_at = "P_2"
    done = call("ocrd-rapid-detect", "-w", book, *GROUPS)
    assert done.code == 130
    # After the ^C that a terminal shows, a new line.
    assert [x for x in done.complaints if x] == [
        "ocrd-rapid-detect: error: interrupted; finished pages are kept;"
        " the same command with --resume processes the rest"
    ]
    assert output(book) == {"P_1": 90}
    again = call("ocrd-rapid-detect", "-w", book, *GROUPS, "--overwrite")
    assert "with --resume instead of --overwrite processes the rest" in again.complaints[-1]


# Logging


def test_one_line_says_what_a_run_is_before_its_first_page(
    call: Call, book: Path, turner: Turner
) -> None:
    err = call("ocrd-rapid-detect", "-w", book, *GROUPS, "-g", "P_1").err
    first, *rest = (line.split(" - ", 1)[1] for line in err.splitlines())
    assert first == "1 page: ocrd-rapid-detect (toy.onnx, onnxruntime, CPU)"
    assert rest[0].startswith("ocrd-rapid-detect: 1 page done")
    err = call("ocrd-rapid-detect", "-w", book, *GROUPS, "--resume").err
    assert "2 pages, 1 of them already finished: ocrd-rapid-detect (toy.onnx" in err
    err = call("ocrd-rapid-detect", "-w", book, *GROUPS, "--resume").err
    assert err.splitlines()[0].endswith(" - 2 pages, 2 of them already finished")
    options = ("-g", "P_1", "-P", "device", "CUDA", "--overwrite")
    err = call("ocrd-rapid-detect", "-w", book, *GROUPS, *options).err
    assert "1 page: ocrd-rapid-detect (toy.onnx, onnxruntime, CUDA requested)\n" in err


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize(
    ("level", "shown"), [("INFO", ["WARNING"]), ("DEBUG", ["INFO", "WARNING"]), ("ERROR", [])]
)
def test_what_models_are_loaded_from_is_told_to_who_wants_to_know(
    capsys: pytest.CaptureFixture[str], level: str, shown: list[str]
) -> None:
    logs.configure(level)
    for name in ("inference.engines", "loading.heads"):
        logger = logging.getLogger(f"ocrd_rapid.{name}")
        logger.info("Using x.onnx")
        logger.warning("Falling back to CPU")
    levels = [line.split()[1] for line in capsys.readouterr().err.splitlines()]
    assert levels == shown * 2


LINE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO|WARNING|ERROR) ocrd_rapid[.\w]* - .+")


def test_the_log_has_the_format_of_ocr_d(call: Call, book: Path, turner: Turner) -> None:
    lines = call("ocrd-rapid-detect", "-w", book, *GROUPS, "-l", "DEBUG").err.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert {line.split()[1] for line in lines} == {"DEBUG", "INFO"}


@pytest.mark.parametrize("level", ["OFF", "ERROR", "WARN"])
def test_levels_above_info_say_nothing_when_all_is_well(
    call: Call, book: Path, turner: Turner, level: str
) -> None:
    done = call("ocrd-rapid-detect", "-w", book, *GROUPS, "-l", level)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_the_log_goes_to_a_file_if_one_is_named(
    call: Call, book: Path, here: Path, turner: Turner
) -> None:
    done = call("ocrd-rapid-detect", "-w", book, *GROUPS, "--log-filename", "my.log")
    assert (done.code, done.err) == (0, "")
    assert "2 pages done" in (here / "my.log").read_text()


def test_a_log_file_that_cannot_be_made_is_one_line(call: Call, book: Path) -> None:
    done = call("ocrd-rapid-detect", "-w", book, *GROUPS, "--log-filename", "no/such/my.log")
    assert done.code != 0
    (complaint,) = done.complaints
    assert "my.log" in complaint


# The configuration that a parameter names


def test_parameters_of_another_processor_named_like_ours_are_left_alone() -> None:
    given = (("model", "net.xml"), ("config", "settings.yaml"))
    tool = {"parameters": {name: {"type": "string"} for name, _ in given}}
    assert valid_parameters("ocrd-other", tool, (), given) == dict(given)


def test_preprocess_has_no_configuration(call: Call, book: Path, here: Path) -> None:
    (here / "c.yaml").write_text("Det: {thresh: 0.5}")
    done = call("ocrd-rapid-preprocess", "-w", book, *GROUPS, "-P", "config", "c.yaml")
    assert done.code == 3
    assert "there is no parameter config" in done.err


def test_a_configuration_means_the_same_to_a_processor_and_to_a_workflow(
    call: Call, book: Path, here: Path, turner: Turner
) -> None:
    (here / "det.onnx").write_bytes(b"a model that is not looked into")
    (here / "c.yaml").write_text("Det: {model_path: det.onnx, thresh: 0.25}")
    named = ("-P", "config", "c.yaml")
    assert call("ocrd-rapid-detect", "-w", book, *GROUPS, *named).code == 0
    workflow = call(
        "ocrd-rapid", "process", "-w", book, "--overwrite",
        "rapid-detect -I IMG -O OUT -P config c.yaml",
    )  # fmt: skip
    assert workflow.code == 0, workflow.err
    (alone, alone_with), (within, within_with) = turner.made
    assert alone == within == "ocrd-rapid-detect"
    assert alone_with == within_with
    assert (within_with["model"], within_with["thresh"]) == ("det.onnx", 0.25)
