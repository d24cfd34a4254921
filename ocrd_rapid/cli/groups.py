# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Groups of commands, and their messages for missing and unknown commands."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ..config.similar import did_you_mean
from ..config.tools import executables
from ..errors import ExitCode

#: Settings of every command: ``-h`` as well as ``--help``.
CONTEXT = {"help_option_names": ["-h", "--help"]}

#: The command of OCR-D core, and our name where core is not installed, as in our images.
CORE = "ocrd"


class Group(click.Group):
    """A group that prints help without arguments, and suggests commands for misspelled names.

    Without arguments it prints its help on standard output, as ``--help`` does, and exits with
    code 1, because nothing was done. Git and the processors of OCR-D do the same; click's
    behavior differs between versions.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments; without any, print the help and exit."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit(ExitCode.FAILURE)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with the whole first sentence of its help."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, first_sentence(command)) for name, command in commands if command]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command named first.

        Raises:
            click.UsageError: there is no such command; the message suggests another one.
        """
        name = args[0]
        known = ctx.resilient_parsing or name.startswith("-") or self.get_command(ctx, name)
        if not known:
            raise click.UsageError(f"there is no command '{name}'{self._instead(ctx, name)}", ctx)
        return super().resolve_command(ctx, args)

    def _instead(self, ctx: click.Context, name: str) -> str:
        """Return a suggestion, as the end of a message."""
        processor = f"ocrd-rapid-{name.removeprefix('ocrd-').removeprefix('rapid-')}"
        if processor in executables():
            return f"; the processors are separate commands: {processor}"
        if Path(name).exists():
            return f"; did you mean: ocrd-rapid ocr {shlex.quote(name)}"
        if any(f"--{name}" in option.opts for option in self.get_params(ctx)):
            return f"; did you mean --{name}?"
        meant = did_you_mean(name, self.list_commands(ctx))
        if ctx.info_name == CORE:
            meant += "; OCR-D core, which has more commands, is not installed: this is ocrd-rapid"
        return meant


def first_sentence(command: click.Command) -> str:
    """Return the first sentence of the help of a command, without its full stop."""
    paragraph = " ".join((command.help or "").partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].removesuffix(".")
