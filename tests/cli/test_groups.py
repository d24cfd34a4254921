# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Groups of commands: without a command, and with one that does not exist."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

every_group = pytest.mark.parametrize("group", [(), ("resmgr",), ("workspace",)], ids=" ".join)


@every_group
def test_without_arguments_the_help_is_printed(call: Call, group: tuple[str, ...]) -> None:
    done, asked = call("ocrd-rapid", *group), call("ocrd-rapid", *group, "--help")
    assert asked.code == 0
    assert asked.out.startswith("Usage: ocrd-rapid") and "\nCommands:\n" in asked.out
    assert (done.code, done.out, done.err) == (1, asked.out, "")


@every_group
def test_short_option_for_help(call: Call, group: tuple[str, ...]) -> None:
    assert call("ocrd-rapid", *group, "-h").out == call("ocrd-rapid", *group, "--help").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["worksapce", "init"], "there is no command 'worksapce'; did you mean workspace?"),
        (["workspace", "add-image"], "there is no command 'add-image'; did you mean add-images"),
        (["resmgr", "donwload"], "there is no command 'donwload'; did you mean download?"),
        (["help"], "there is no command 'help'; did you mean --help?"),
        (["version"], "there is no command 'version'; did you mean --version?"),
        (["resmgr", "list"], "'list'; did you mean list-available or list-installed?"),
        (["resmgr", "zzz"], "there is no command 'zzz' (see 'ocrd-rapid resmgr --help'"),
        (["detect", "-I", "A"], "the processors are separate commands: ocrd-rapid-detect"),
        (["rapid-detect"], "the processors are separate commands: ocrd-rapid-detect"),
        (["ocrd-rapid-classify"], "separate commands: ocrd-rapid-classify"),
    ],
)
def test_unknown_command(call: Call, arguments: list[str], message: str) -> None:
    done = call("ocrd-rapid", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["-l", "INFO"], ["workspace", "-d", "x"]], ids=" ".join)
def test_options_without_a_command(call: Call, arguments: list[str]) -> None:
    done = call("ocrd-rapid", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "Missing command" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["workspace", "init", "-d", "book"],
            "No such option '-d' here; it goes before the command: ocrd-rapid workspace -d … init"
            " (see 'ocrd-rapid workspace init --help')",
        ),
        (
            ["workspace", "list", "--log-level", "DEBUG"],
            "it goes before the command: ocrd-rapid --log-level … workspace list (",
        ),
        (["process", "-j", "4"], "No such option '-j' ("),
    ],
)
def test_options_of_the_group_behind_its_command(
    call: Call, arguments: list[str], message: str
) -> None:
    done = call("ocrd-rapid", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_commands_are_listed_with_whole_sentences(call: Call) -> None:
    listed = call("ocrd-rapid", "workspace").out.partition("\nCommands:\n")[2]
    assert "..." not in listed
    assert (
        "init          Create a workspace with an empty METS, and print its directory\n" in listed
    )


def test_a_directory_for_a_new_workspace_as_git_and_core_take_it(call: Call, here: Path) -> None:
    assert call("ocrd-rapid", "workspace", "init", "book").out == f"{here / 'book'}\n"
    assert (here / "book" / "mets.xml").is_file()


def test_a_file_in_place_of_a_command(call: Call, here: Path) -> None:
    (here / "a b.png").touch()
    done = call("ocrd-rapid", "a b.png")
    assert done.code == 2
    assert "did you mean: ocrd-rapid ocr 'a b.png'" in done.err


def test_a_file_in_place_of_a_group(call: Call) -> None:
    done = call("ocrd-rapid-detect", "-I", "A", "-O", "B", "page.png")
    assert done.code == 2
    assert "'page.png' is not allowed here: a processor reads a file group" in done.err


def test_a_processor_whose_name_is_spelt_wrongly(call: Call, book: Path) -> None:
    done = call("ocrd-rapid", "process", "-w", book, "rapid-detekt -I IMG -O SEG")
    assert done.code == 2
    assert "on the PATH: ocrd-rapid-detekt; did you mean ocrd-rapid-detect" in done.err


def test_outside_of_the_workspace_the_one_below_is_named(
    call: Call, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book.parent)
    done = call("ocrd-rapid", "export", "-I", "OCR")
    assert done.code == 8
    assert done.err.endswith(
        "mets.xml does not exist; did you mean the workspace book? Name it with -w (-d for"
        " 'ocrd-rapid workspace')\n"
    )


@pytest.mark.parametrize("name", ["mets.xml", "other.xml"])
def test_a_workspace_is_made_as_the_message_says(call: Call, here: Path, name: str) -> None:
    (here / "two words").mkdir()
    mets = here / "two words" / name
    done = call("ocrd-rapid", "process", "-m", str(mets), "rapid-detect -I A -O B")
    assert done.code == 8
    _, command = done.err.rstrip().split("create a workspace with: ")
    assert call(*shlex.split(command)).code == 0
    assert mets.is_file()


def test_a_workspace_named_from_inside_of_it(
    call: Call, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book)
    done = call("ocrd-rapid", "process", "-w", "book", "rapid-detect -I A -O B")
    assert done.code == 8
    assert done.err.endswith(f"mets.xml does not exist; did you mean the workspace {book}?\n")


def test_another_name_of_the_mets(call: Call, book: Path) -> None:
    done = call("ocrd-rapid", "export", "-m", str(book / "met.xml"), "-I", "A")
    assert done.err.endswith(f"met.xml does not exist; did you mean {book / 'mets.xml'}?\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-w", "book/mets.xml"), "mets.xml is a file; the workspace is the directory"),
        (("-m", "book"), "book is a directory; name the file, such as "),
    ],
)
def test_the_file_for_its_directory_and_the_other_way_round(
    call: Call, book: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(book.parent)
    done = call("ocrd-rapid-detect", *options, "-I", "IMG", "-O", "SEG")
    assert done.code == 8
    assert message in done.err


def test_a_group_in_place_of_a_file(call: Call, book: Path) -> None:
    done = call("ocrd-rapid", "export", "-w", book, "OCR-D-OCR")
    assert done.code == 2
    assert "to export a file group: -I OCR-D-OCR" in done.err
