# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Every command line in the documents parses: commands, options, parameters, targets of make."""

from __future__ import annotations

import contextlib
import re
import shlex

import click
import pytest
from command_lines import parse
from documents import ROOT, blocks, inline_code

from ocrd_rapid.runtime.workflow import parse_task

#: A command of ours with arguments; ``*`` and ``…`` stand for names.
_OURS = re.compile(r"ocrd-rapid(-[a-z]+)?( [^*…]+)?$")
_TARGETS = re.findall(
    r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
)


def command_lines() -> list[tuple[str, str]]:
    """Return the command lines of all blocks without continuations and comments, with places."""
    found = []
    for block in blocks():
        if block.language == "python":
            continue
        for line in re.sub(r"\\\n\s*", "", block.code).splitlines():
            found.append((block.place, re.sub(r"(^|\s+)#\s.*", "", line)))
    return found


LINES = command_lines()
OURS = [pytest.param(line, id=f"{at} {line}") for at, line in LINES if _OURS.match(line)]
INLINE = sorted({code for _, code in inline_code() if _OURS.match(code)})
MADE = {line for _, line in LINES + inline_code() if re.match(r"make [a-z]", line)}


@pytest.mark.parametrize("line", OURS)
def test_a_command_line_parses(line: str) -> None:
    parse(line)


@pytest.mark.parametrize("line", INLINE)
def test_a_command_named_in_a_sentence_exists(line: str) -> None:
    # A name may stand without what a run needs: arguments, a value, a subcommand.
    with contextlib.suppress(click.MissingParameter, click.BadOptionUsage, click.exceptions.Exit):
        parse(line)


def test_the_tasks_of_core_s_workflows_parse() -> None:
    lines = [line for _, line in LINES if line.startswith("ocrd process")]
    tasks = [task for line in lines for task in re.findall(r'"([^"]+)"', line)]
    assert tasks
    for task in tasks:
        parse_task(task)


@pytest.mark.parametrize("line", sorted(MADE))
def test_a_target_of_make_exists(line: str) -> None:
    targets = [word for word in shlex.split(line)[1:] if "=" not in word]
    assert set(targets) <= set(_TARGETS)
