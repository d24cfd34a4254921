# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What processors say about themselves, with nothing installed and no workspace."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import ocrd_rapid
from ocrd_rapid import __version__
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.resmgr import locations

Call = Callable[..., Any]

every_processor = pytest.mark.parametrize("executable", executables())


def install(home: Path, executable: str, name: str, content: bytes = b"model") -> Path:
    path = home / "data" / "ocrd-resources" / executable / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# Help, version, description


@every_processor
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_describes_the_processor_and_every_parameter(
    call: Call, executable: str, option: str
) -> None:
    done = call(executable, option)
    assert (done.code, done.err) == (0, "")
    tool = tool_description(executable)
    text = " ".join(done.out.split())
    assert done.out.startswith(f"Usage: {executable} [worker] [OPTIONS]\n")
    assert tool["description"] in text
    for name, spec in tool["parameters"].items():
        assert f'"{name}" [{spec["type"]} - {json.dumps(spec["default"])}]' in text
        assert spec["description"] in text
        for allowed in spec.get("enum", []):
            assert f'"{allowed}"' in text


@every_processor
def test_help_breaks_a_line_only_where_the_next_word_has_no_room(
    call: Call, executable: str
) -> None:
    quoted = re.findall("^  > ?(.*)$", call(executable, "-h").out, re.MULTILINE)
    prose = quoted[: quoted.index("")]
    assert all(len(line) <= 72 for line in prose)
    for line, following in pairwise(prose):
        assert len(f"{line} {following.split()[0]}") > 72


@every_processor
def test_help_names_every_option_and_no_other(call: Call, executable: str) -> None:
    help_text = call(executable, "-h").out
    from ocrd_rapid.cli.processor import processor_command

    # A worker's options are core's matter, and core does not list them either.
    unnamed = {"subcommand", "--queue", "--database", "--parameter-override"}
    options = {o for p in processor_command(executable).params for o in p.opts} - unnamed
    named = set(re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", help_text.split("\nParameters:")[0]))
    assert named == options


@every_processor
def test_the_example_of_the_help_text_is_a_command_that_works(call: Call, executable: str) -> None:
    lines = call(executable, "-h").out.splitlines()
    example = lines[lines.index("  > Examples:") + 1].removeprefix("  > ").split()
    assert example[0] == executable
    done = call(*example)
    assert done.code == 8  # all that is wrong is that there is no workspace here
    assert "mets.xml does not exist" in done.err


@every_processor
@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version_is_that_of_the_package(call: Call, executable: str, option: str) -> None:
    done = call(executable, option)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"Version {__version__}, ocrd-rapid {__version__}\n"


@every_processor
@pytest.mark.parametrize("option", ["-J", "--dump-json"])
def test_the_description_is_all_there_is_on_stdout(
    call: Call, executable: str, option: str
) -> None:
    done = call(executable, option)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == tool_description(executable)


@every_processor
def test_without_any_argument_help_is_shown_and_the_exit_code_is_1(
    call: Call, executable: str
) -> None:
    done = call(executable)
    assert (done.code, done.err) == (1, "")
    assert done.out == call(executable, "-h").out


@every_processor
@pytest.mark.parametrize("option", ["-D", "--dump-module-dir"])
def test_the_module_directory_is_in_the_package(call: Call, executable: str, option: str) -> None:
    done = call(executable, option)
    assert (done.code, done.err) == (0, "")
    assert Path(done.out.rstrip("\n")) == Path(ocrd_rapid.__file__).parent / "models" / executable


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        (["-J", "-h"], "Usage: "),
        (["-h", "-V", "-J", "-L"], "Usage: "),
        (["-J", "-V"], "Version "),
        (["-L", "-D", "-J"], "{"),
        (["-R", "own.onnx", "-D"], "/"),
        (["-I", "IMG", "-O", "OUT", "-V"], "Version "),
    ],
)
def test_of_several_questions_the_first_of_cores_order_is_answered(
    call: Call, options: list[str], begins: str
) -> None:
    done = call("ocrd-rapid-detect", *options)
    assert done.code == 0
    assert done.out.startswith(begins)


# Resources


@every_processor
@pytest.mark.parametrize("option", ["-L", "--list-resources"])
def test_installed_resources_are_listed_by_name(
    call: Call, own_home: Path, executable: str, option: str
) -> None:
    folder = locations.module_root() / executable
    files = sorted(path for path in folder.iterdir() if path.name != "README.md")
    shipped = "".join(f"{path.name}\n" for path in files)
    assert executable != "ocrd-rapid-recognize" or "_cyrillic.npz\n" in shipped
    assert call(executable, option).out == shipped
    for name in ("b.onnx", "a.onnx"):
        install(own_home, executable, name)
    install(own_home, "ocrd-rapid-other", "c.onnx")
    done = call(executable, option)
    assert (done.code, done.err) == (0, "")
    assert sorted(done.out.splitlines()) == sorted([*shipped.splitlines(), "a.onnx", "b.onnx"])


@every_processor
@pytest.mark.parametrize("option", ["-R", "--resolve-resource"])
def test_a_resource_is_resolved_to_its_path(
    call: Call, own_home: Path, executable: str, option: str
) -> None:
    path = install(own_home, executable, "own.onnx")
    done = call(executable, option, "own.onnx")
    assert (done.code, done.err, done.out) == (0, "", f"{path}\n")
    assert call(executable, option, path).out == f"{path}\n"


@every_processor
@pytest.mark.parametrize("option", ["-C", "--show-resource"])
def test_the_content_of_a_resource_is_shown_byte_for_byte(
    call: Call, own_home: Path, executable: str, option: str
) -> None:
    install(own_home, executable, "keys.txt", "ä\r\nſ\n".encode())
    done = call(executable, option, "keys.txt")
    assert (done.code, done.err, done.out) == (0, "", "ä\r\nſ\n")


def test_a_directory_is_shown_as_an_archive(
    call: Call, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(own_home, "ocrd-rapid-detect", "model/a.onnx", b"\x00\xff")
    target = tmp_path / "out.tgz"
    with target.open("w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        assert call("ocrd-rapid-detect", "-C", "model").code == 0
        monkeypatch.undo()
    with tarfile.open(target) as archive:
        member = archive.extractfile("./a.onnx")
        assert member is not None
        assert member.read() == b"\x00\xff"


@every_processor
@pytest.mark.parametrize("option", ["-R", "-C"])
def test_a_resource_that_is_not_there_names_the_command_that_installs_it(
    call: Call, executable: str, option: str
) -> None:
    for resource in tool_description(executable)["resources"][:1]:
        done = call(executable, option, resource["name"])
        assert (done.code, done.out) == (4, "")
        (complaint,) = done.complaints
        assert f"ocrd-rapid resmgr download {executable} {resource['name']}" in complaint
    (complaint,) = call(executable, option, "nothing.onnx").complaints
    assert "could not find resource 'nothing.onnx'" in complaint
    assert f"list-available -e {executable}" in complaint


# ocrd-rapid


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_ocrd_rapid_has_the_same_version(call: Call, option: str) -> None:
    done = call("ocrd-rapid", option)
    assert (done.code, done.err, done.out) == (0, "", f"ocrd-rapid {__version__}\n")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_ocrd_rapid_lists_its_groups(call: Call, option: str) -> None:
    done = call("ocrd-rapid", option)
    assert (done.code, done.err) == (0, "")
    for group in ("resmgr", "workspace", "export"):
        assert re.search(rf"^  {group}  +\w", done.out, re.MULTILINE)
        assert call("ocrd-rapid", group, option).code == 0


def test_ocrd_rapid_names_the_processors(call: Call) -> None:
    text = call("ocrd-rapid", "-h").out
    assert [executable for executable in executables() if executable not in text] == []


@pytest.mark.parametrize("option", ["-J", "--dump-json"])
def test_the_command_that_is_no_processor_describes_none(call: Call, option: str) -> None:
    done = call("ocrd-rapid", option)
    assert (done.code, done.out, done.err) == (0, "{}\n", "")
    assert option not in call("ocrd-rapid", "--help").out
