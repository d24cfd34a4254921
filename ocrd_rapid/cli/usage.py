# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Error messages for command lines that click cannot parse."""

from __future__ import annotations

import click


def explain(error: click.ClickException, name: str) -> str:
    """Return the error in a command line, its remedy, and the command that shows the help.

    Args:
        error: the error from click.
        name: the name of the command, if click does not know it.
    """
    context = getattr(error, "ctx", None)
    command = context.command_path if context else name
    message = error.format_message().removesuffix(".")
    return f"{message}{_remedy(error, context)} (see '{command} --help')"


def _remedy(error: click.ClickException, context: click.Context | None) -> str:
    """Return the end of a message: the correction of a common mistake."""
    if isinstance(error, click.NoSuchOption) and context is not None:
        return _place_of(error.option_name, context)
    if isinstance(error, click.BadOptionUsage) and error.option_name in (
        "-P",
        "parameter_override",
    ):
        return ": the name of a parameter and its value, such as -P engine openvino"
    return ""


def _place_of(option: str, context: click.Context) -> str:
    """Return the place of an option that belongs to a group of commands, not to the command."""
    group = context.parent
    while group is not None:
        for parameter in group.command.params:
            if isinstance(parameter, click.Option) and option in parameter.opts:
                value = "" if parameter.is_flag else " …"
                rest = context.command_path.removeprefix(group.command_path)
                return (
                    f" here; it goes before the command: {group.command_path} {option}{value}{rest}"
                )
        group = group.parent
    return ""
