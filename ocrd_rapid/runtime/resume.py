"""What is finished already, when a run goes on where another one ended.

The output itself tells: a file appears whole or not at all, and records the step that made it.
So nothing has to be kept beside it, and a run that was killed loses no finished page, even if
the METS could not be saved any more.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputExistsError
from ..files import open_regular
from ..workspace.contents import Agent, MetsFile
from ..workspace.mets import Mets
from ..workspace.page import PageDocument
from ..workspace.workspace import Workspace
from .step import Step

_TAIL = 64


def is_whole(path: Path) -> bool:
    """Return whether a PAGE-XML file is there and complete to its end.

    Our own files always are, but for what a power failure may leave.
    """
    try:
        with open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.seek(max(0, size - _TAIL))
            return stream.read().rstrip().endswith(b"PcGts>")
    except OSError:
        return False


def left_behind(workspace: Workspace, step: Step, entry: MetsFile) -> bool:
    """Return whether a file is the finished output of a step, whatever the METS says.

    Args:
        workspace: where it lies.
        step: what should have made it.
        entry: how the METS would list it.
    """
    path = workspace.local_path(entry.path)
    if not is_whole(path):
        return False
    try:
        document = PageDocument.read(path)
    except InputError:
        return False
    done = document.processing_steps()
    expected = step.record({})
    return (
        document.pcgts_id == entry.id
        and bool(done)
        and done[-1].executable == expected.executable
        and done[-1].parameters == dict(expected.parameters)
        and expected.versions.items() <= dict(done[-1].versions).items()
    )


def check_same_step(workspace: Workspace, step: Step) -> None:
    """Check that what is in the output group was made by the same step, as far as is recorded.

    Raises:
        OutputExistsError: it was made with other parameters or from another group.
    """
    if not isinstance(workspace.mets, Mets):
        return
    wanted = _description(step.agent())
    in_place = step.input_group == step.output_group
    earlier = [
        agent
        for agent in workspace.mets.agents()
        if step.output_group in agent.notes.get("output-file-grp", "").split(",")
        and (agent.notes.get("input-file-grp") == step.output_group) == in_place
    ]
    if in_place:  # each of them did something else to the same files
        earlier = [agent for agent in earlier if _executable(agent) == step.executable]
    if earlier and not any(_description(agent) == wanted for agent in earlier):
        last = earlier[-1]
        raise OutputExistsError(
            f"output file group '{step.output_group}' was made by {_executable(last)} from"
            f" '{last.notes.get('input-file-grp')}' with parameters"
            f" {last.notes.get('parameter')}; repeat these, replace it with --overwrite, or name"
            " another output group"
        )


def _description(agent: Agent) -> tuple[str, str | None, Any]:
    """Return what a step does, however its parameters are written."""
    text = agent.notes.get("parameter", "")
    try:
        parameters = json.loads(text)
    except ValueError:
        parameters = text
    return _executable(agent), agent.notes.get("input-file-grp"), parameters


def _executable(agent: Agent) -> str:
    return agent.name.partition(" ")[0]
