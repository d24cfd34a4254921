# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Command lines of help texts and documents, parsed as our commands parse them."""

from __future__ import annotations

import shlex

import click

from ocrd_rapid.cli.main import cli
from ocrd_rapid.cli.processor import processor_command
from ocrd_rapid.config.tools import executables, tool_description
from ocrd_rapid.runtime.workflow import parse_task


def parse(line: str) -> str:
    """Parse a command line as far as its last command; return the name of that command."""
    words = shlex.split(line.partition(" > ")[0].removesuffix(" &"))
    name, *arguments = words
    if name in executables():
        context = processor_command(name).make_context(name, arguments)
        parameters = context.params["parameter_override"]
        unknown = {key for key, _ in parameters} - set(tool_description(name)["parameters"])
        assert not unknown, f"{name} has no parameter {', '.join(sorted(unknown))}"
        return name
    command: click.Command = cli
    context = None
    path = name
    while True:
        context = command.make_context(name, arguments, parent=context)
        if not isinstance(command, click.Group):
            break
        # Before click 8.2 it had no underscore.
        kept = vars(context).get("_protected_args", vars(context).get("protected_args", []))
        arguments = [*kept, *context.args]
        path = f"{path} {arguments[0]}"
        _, below, arguments = command.resolve_command(context, arguments)
        assert below is not None
        command = below
    for task in context.params.get("tasks", ()):
        parse_task(task)
    return path
