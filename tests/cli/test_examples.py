# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every command has examples in its help, and what they say can be said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import pytest
from command_lines import parse

from ocrd_rapid.cli.groups import Group
from ocrd_rapid.cli.main import cli
from ocrd_rapid.config.tools import executables


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and all below it, with their names."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path, **command.context_settings)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{path} {name}")


COMMANDS = dict(commands(cli, "ocrd-rapid"))


def examples(text: str) -> list[str]:
    """Return the command lines under the heading "Examples:" of a help text."""
    lines = [line.strip(" >") for line in text.splitlines()]
    if "Examples:" not in lines:
        return []
    rest = lines[lines.index("Examples:") + 1 :]
    block = "\n".join(rest[: rest.index("")] if "" in rest else rest).replace("\\\n", " ")
    return [line.partition("  #")[0].strip() for line in block.splitlines()]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_examples_of_its_own_that_parse(path: str) -> None:
    command = COMMANDS[path]
    lines = examples(
        command.get_help(click.Context(command, info_name=path, **command.context_settings)) + "\n"
    )
    assert lines, f"{path} --help has no examples"
    parsed = [parse(line) for line in lines]
    if isinstance(command, click.Group):
        assert all(found.startswith(path) for found in parsed)
    else:
        assert path in parsed


@pytest.mark.parametrize("executable", executables())
def test_every_processor_has_examples_that_parse(executable: str, call: Any) -> None:
    lines = examples(call(executable, "--help").out)
    assert lines
    assert {parse(line) for line in lines} == {executable}


def test_every_group_helps() -> None:
    groups = [command for command in COMMANDS.values() if isinstance(command, click.Group)]
    assert len(groups) == 4
    assert all(isinstance(group, Group) for group in groups)


@pytest.mark.parametrize(
    "line", ["ocrd-rapid export --nonsense", "ocrd-rapid nothing", 'ocrd-rapid process "x -Z 1"']
)
def test_wrong_examples_are_found(line: str) -> None:
    with pytest.raises(Exception, match=r"nonsense|nothing|-Z"):
        parse(line)
