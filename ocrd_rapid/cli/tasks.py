# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The command line of a workflow, whose tasks are quoted arguments."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import click

#: The options of a task, with the number of their values.
_OPTIONS = {"-I": 1, "-O": 1, "-p": 1, "-P": 2}


class TasksCommand(click.Command):
    """A command that explains how to quote a task where the quotes are missing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse arguments.

        Raises:
            click.UsageError: an option of a task is outside quotes.
        """
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name not in _OPTIONS:
                raise
            raise click.UsageError(
                f"each task must be in quotes: {ctx.command_path} {_quoted(words)}", ctx
            ) from error


def _quoted(words: Sequence[str]) -> str:
    """Return the first task among words, in quotes."""
    first = next(i for i, word in enumerate(words) if word[:2] in _OPTIONS)
    start = end = max(first - 1, 0)
    if start == first or words[start].startswith("-") or words[first] not in _OPTIONS:
        return '"rapid-detect -I OCR-D-IMG -O OCR-D-SEG"'
    end = first
    while end < len(words) and words[end] in _OPTIONS:
        end += 1 + _OPTIONS[words[end]]
    return '"' + shlex.join(words[start:end]) + '"'
