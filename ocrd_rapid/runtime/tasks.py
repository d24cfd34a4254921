"""Workflows as ``ocrd process`` has them: one text per task.

A task is written like ``rapid-detect -I OCR-D-IMG -O OCR-D-SEG -P model NAME``. Everything here is
a function of plain data; nothing is run.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..errors import UsageError


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
        """Return the task as it would be written."""
        words = [self.executable.removeprefix("ocrd-"), "-I", ",".join(self.input_groups)]
        if self.output_groups:
            words += ["-O", ",".join(self.output_groups)]
        for value in self.parameters:
            words += ["-p", value]
        for key, value in self.overrides:
            words += ["-P", key, value]
        return shlex.join(words)


def parse_task(text: str) -> Task:
    """Parse a task.

    Raises:
        UsageError: it is not a processor's name followed by ``-I``, ``-O``, ``-p`` and ``-P``.
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
                f"task '{text}': '{option}' is not allowed here; a task has -I, -O, -p and -P only"
            )
        if len(values) < count:
            raise UsageError(f"task '{text}': {option} needs {count} value{'s'[: count - 1]}")
        if option == "-p":
            parameters.append(values[0])
        elif option == "-P":
            overrides.append((values[0], values[1]))
        else:
            groups[option] += tuple(group for group in values[0].split(",") if group)
    if not groups["-I"]:
        raise UsageError(f"task '{text}' has no input file group: -I GROUP")
    name = words[0] if words[0].startswith("ocrd-") else f"ocrd-{words[0]}"
    return Task(name, groups["-I"], groups["-O"], tuple(parameters), tuple(overrides))


def check_groups(tasks: Sequence[Task], present: Collection[str], *, may_exist: bool) -> None:
    """Check that every task finds its input and does not meet output that is there.

    Args:
        tasks: in their order.
        present: the file groups of the METS.
        may_exist: output may be there already.

    Raises:
        UsageError: names all that does not fit.
    """
    known, complaints = set(present), []
    for number, task in enumerate(tasks, start=1):
        where = f"task {number} ({task.executable})"
        complaints += [
            f"{where} reads '{group}', which is not in the METS and no earlier task writes it"
            for group in task.input_groups
            if group not in known
        ]
        complaints += [
            f"{where} writes '{group}', which is there already"
            for group in task.output_groups
            if group in known and not may_exist
        ]
        known.update(task.output_groups)
    if complaints:
        hint = (
            "" if may_exist else " (--resume goes on with what is there, --overwrite replaces it)"
        )
        raise UsageError("; ".join(complaints) + hint)


def batches(tasks: Sequence[Task], is_ours: Callable[[Task], bool]) -> Iterator[Sequence[Task]]:
    """Split a workflow: tasks of ours that follow each other together, all others one by one."""
    for ours, group in groupby(tasks, key=is_ours):
        if ours:
            yield list(group)
        else:
            yield from ([task] for task in group)
