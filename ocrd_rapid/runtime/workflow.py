# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Workflows as in ``ocrd process``: one text per task.

A task is written like ``rapid-detect -I OCR-D-IMG -O OCR-D-SEG -P model NAME``. The functions here
work on plain data and run nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..config.similar import nearest
from ..errors import MetsError, UsageError
from ..workspace.ids import check_id


@dataclass(frozen=True)
class Task:
    """One task of a workflow.

    Attributes:
        executable: name of the processor, with ``ocrd-``.
        input_groups: file groups to read.
        output_groups: file groups to write.
        parameters: values of ``-p``, from left to right.
        overrides: pairs of ``-P``, from left to right.
    """

    executable: str
    input_groups: tuple[str, ...]
    output_groups: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Return the task as written on a command line."""
        words = [self.executable.removeprefix("ocrd-"), "-I", ",".join(self.input_groups)]
        if self.output_groups:
            words += ["-O", ",".join(self.output_groups)]
        for value in self.parameters:
            words += ["-p", value]
        for key, value in self.overrides:
            words += ["-P", key, value]
        return shlex.join(words)


#: The values that the options of a task need, in words.
_VALUES = {
    "-I": "a value: a file group",
    "-O": "a value: a file group",
    "-p": "a value: parameters, as a file or as JSON in quotes",
    "-P": "2 values: the name of a parameter and its value, such as -P engine openvino",
}

#: Other spellings of these options, most of them those of the processors.
_LIKE = {"-i": "-I", "--input-file-grp": "-I", "-o": "-O", "--output-file-grp": "-O",
         "--parameter": "-p", "--parameter-override": "-P", "--param-override": "-P"}  # fmt: skip


def _allowed(text: str, word: str) -> str:
    """Return a hint for a word that is not allowed in a task."""
    if word in _LIKE:
        return f"did you mean {_LIKE[word]}?"
    if "{" in text and "}" in word:
        return "JSON in a task needs quotes of its own: -p '{\"NAME\": VALUE}'"
    return "a task takes only -I, -O, -p and -P"


def parse_task(text: str) -> Task:
    """Parse a task.

    Raises:
        UsageError: the text is not a processor's name followed by ``-I``, ``-O``, ``-p``, ``-P``.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"task '{text}': {error}") from error
    if not words:
        raise UsageError("a task is empty; it must begin with the name of a processor")
    groups: dict[str, tuple[str, ...]] = {"-I": (), "-O": ()}
    parameters: list[str] = []
    overrides: list[tuple[str, str]] = []
    rest = words[1:]
    while rest:
        option, count = rest[0], 2 if rest[0] == "-P" else 1
        values, rest = rest[1 : 1 + count], rest[1 + count :]
        if option not in ("-I", "-O", "-p", "-P"):
            raise UsageError(
                f"task '{text}': '{option}' is not allowed here; {_allowed(text, option)}"
            )
        if len(values) < count:
            missing = _VALUES[option]
            raise UsageError(f"task '{text}': {option} needs {missing}")
        if option == "-p":
            parameters.append(values[0])
        elif option == "-P":
            overrides.append((values[0], values[1]))
        else:
            groups[option] += tuple(group for group in values[0].split(",") if group)
    if not groups["-I"]:
        raise UsageError(f"task '{text}' has no input file group; add -I GROUP")
    name = words[0] if words[0].startswith("ocrd-") else f"ocrd-{words[0]}"
    return Task(name, groups["-I"], groups["-O"], tuple(parameters), tuple(overrides))


def check_groups(
    tasks: Sequence[Task],
    present: Mapping[str, Collection[str]],
    tools: Mapping[str, Mapping[str, Any]],
    *,
    may_exist: bool,
    all_pages: bool = True,
) -> None:
    """Check that every task has its input, may write its output, and has the groups it needs.

    Args:
        tasks: the tasks in their order.
        present: the file groups of the METS, each with the requested pages that it has.
        tools: the tool descriptions of the executables.
        may_exist: whether output may already exist.
        all_pages: whether all pages are requested; then not even an empty output group may exist.

    Raises:
        UsageError: a check fails; the message names all problems.
    """
    writers: dict[str, int] = {}
    complaints: list[str] = []
    remedies: dict[str, None] = {}
    for number, task in enumerate(tasks, start=1):
        where = f"task {number} ({task.executable})"
        complaints += [f"{where} {what}" for what in _miscounted(task, tools[task.executable])]
        for group in task.input_groups:
            if group not in present and group not in writers:
                complaints.append(
                    f"{where} reads '{group}', which is not in the METS and no earlier task writes"
                    f" it{_meant(group, [*present, *writers])}"
                )
                remedies[f"the METS has: {', '.join(present) or 'no file group'}"] = None
            elif group not in writers and not present[group] and any(present.values()):
                complaints.append(f"{where} reads '{group}', which has none of the requested pages")
        for group in dict.fromkeys(task.output_groups):
            if group in writers and group not in task.input_groups:
                complaints.append(
                    f"{where} writes '{group}', which task {writers[group]} also writes"
                )
            elif may_exist or not (group in writers or _clashes(present.get(group), all_pages)):
                pass
            elif group in task.input_groups:
                complaints.append(f"{where} reads and writes '{group}'")
                remedies[
                    "name another output group, or change PAGE-XML in place with --overwrite"
                ] = None
            else:
                complaints.append(f"{where} writes '{group}', which already exists")
                remedies["--resume continues it, --overwrite replaces it"] = None
            try:
                check_id(group, "output file group")
            except MetsError as error:
                complaints.append(f"{where}: {error}")
            writers.setdefault(group, number)
    if complaints:
        hint = f" ({'; '.join(remedies)})" if remedies else ""
        raise UsageError("; ".join(complaints) + hint)


def _miscounted(task: Task, tool: Mapping[str, Any]) -> Iterator[str]:
    """Yield errors in the number of groups, by the rules of OCR-D core."""
    # Core accepts a task without any output: some tools write none, and do not say so.
    for verb, name, groups in (
        ("reads", "input", task.input_groups),
        ("writes", "output", task.output_groups),
    ):
        wanted = tool.get(f"{name}_file_grp_cardinality")
        low, high = wanted if isinstance(wanted, list) and len(wanted) == 2 else (wanted, wanted)
        few = isinstance(low, int) and 0 < len(groups) < low
        many = isinstance(high, int) and 0 < high < len(groups)
        if few or many:
            count = low if few else high
            bound = "" if low == high else "at least " if few else "at most "
            plural = "" if count == 1 else "s"
            yield f"{verb} {bound}{count} file group{plural}, not '{','.join(groups)}'"


def _clashes(pages: Collection[str] | None, all_pages: bool) -> bool:
    """Return whether a group with these pages must not be written to; ``None``: it is not there."""
    return pages is not None and (all_pages or bool(pages))


def _meant(group: str, known: Sequence[str]) -> str:
    found = nearest(group, known)
    return f"; did you mean '{found[0]}'?" if found else ""


def batches(tasks: Sequence[Task], is_ours: Callable[[Task], bool]) -> Iterator[Sequence[Task]]:
    """Split a workflow: consecutive tasks of ours together, all others one by one."""
    for ours, group in groupby(tasks, key=is_ours):
        if ours:
            yield list(group)
        else:
            yield from ([task] for task in group)
