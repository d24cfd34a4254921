"""Groups of commands: without a command, and with one that does not exist."""

from __future__ import annotations

from collections.abc import Callable
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
        (["resmgr", "zzz"], "there is no command 'zzz' ('ocrd-rapid resmgr --help'"),
        (["detect", "-I", "A"], "the processors are commands of their own: ocrd-rapid-detect"),
        (["rapid-detect"], "the processors are commands of their own: ocrd-rapid-detect"),
        (["ocrd-rapid-classify"], "commands of their own: ocrd-rapid-classify"),
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
