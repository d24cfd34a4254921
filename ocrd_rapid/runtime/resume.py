# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The finished output of an earlier run, when another run continues it.

The output itself tells: a PAGE file appears complete or not at all, records the step that made it,
and names the images that were made with it, which are written before it. So no other state is
needed, and a killed run loses no finished page, even if it could not save the METS. Files of other
formats record no step; what the METS lists of them counts, see `EarlierOutput.lists`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputExistsError
from ..files import open_regular
from ..workspace.contents import Agent, MetsFile
from ..workspace.ids import MIMETYPE_PAGE
from ..workspace.page import PageDocument
from ..workspace.segments import tag
from ..workspace.workspace import Workspace
from .processor import image_entry
from .step import Step

_TAIL = 64


def is_whole(path: Path) -> bool:
    """Return whether a PAGE-XML file exists and is complete.

    Our own files always are, except after a power failure.
    """
    try:
        with open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.seek(max(0, size - _TAIL))
            return stream.read().rstrip().endswith(b"PcGts>")
    except OSError:
        return False


def images_beside(document: PageDocument, group: str) -> list[str]:
    """Return the derived images of a page, its regions and its lines in the folder of a group.

    Returns:
        Their paths as named in the document, in its order, each once.
    """
    names = (str(e.get("filename", "")) for e in document.root.iter(tag("AlternativeImage")))
    return list(dict.fromkeys(name for name in names if name.startswith(f"{group}/")))


@dataclass(frozen=True)
class EarlierFile:
    """The finished output of a page.

    Attributes:
        entry: the entry of its PAGE document.
        unlisted: the entries that the METS lacks, in the order of an undisturbed run; the last one
            is ``entry``.
    """

    entry: MetsFile
    unlisted: tuple[MetsFile, ...] = ()


class EarlierOutput:
    """The existing output of a step, on disk and in the METS."""

    def __init__(self, workspace: Workspace, step: Step, outputs: Sequence[MetsFile]) -> None:
        """Read the METS and the folder, once.

        Args:
            workspace: the workspace of the output.
            step: the step that should have made it.
            outputs: the METS entries that the PAGE documents of the pages would have.
        """
        self._workspace = workspace
        self._step = step
        self._in_place = step.input_group == step.output_group
        self._listed = {file.path: file for file in workspace.mets.files(step.output_group)}
        steps = [_description(agent) for agent in _earlier(workspace, step)]
        wanted = _description(step.agent())
        self._recorded = wanted in steps
        self._only_ours = all(description == wanted for description in steps)
        self._with_more = self._outputs_of_unlisted_images({output.id for output in outputs})

    def _outputs_of_unlisted_images(self, outputs: Collection[str]) -> set[str]:
        """Return the IDs of outputs with images in the folder that the METS does not list."""
        group = self._step.output_group
        try:
            names = [path.name for path in (self._workspace.directory / group).iterdir()]
        except OSError:
            return set()
        images = (n for n in names if n.endswith(".png") and f"{group}/{n}" not in self._listed)
        starts = (name[:end] for name in images for end in range(1, len(name)))
        return {start for start in starts if start in outputs}

    def find(self, output: MetsFile, listed: Sequence[MetsFile]) -> EarlierFile | None:
        """Return the finished output of a page, or ``None`` if there is none.

        Output in the METS counts as finished if its files exist and are complete. It must also
        record this step if it is not in the METS, has images that are not in the METS, or may
        belong to an older step that is being replaced.

        Args:
            output: the METS entry that the PAGE document would have.
            listed: the METS entries of the page in the output group.
        """
        pages = [file for file in listed if file.mimetype == MIMETYPE_PAGE]
        if len(pages) > 1 or not all(self._is_there(file) for file in listed):
            return None
        known = bool(pages) and not self._in_place  # in place, the input is always there
        entry = pages[0] if known else output
        path = self._workspace.local_path(entry.path)
        if not is_whole(path):
            return None
        if known and self._only_ours and output.id not in self._with_more:
            return EarlierFile(entry)
        document = self._read(path)
        if document is None or not _is_made_by(document, self._step, entry):
            # Output that the METS lists for us needs no record, and has no unlisted images.
            return EarlierFile(entry) if known and self._only_ours else None
        return self._complete(entry, document, listed)

    def lists(self, outputs: Sequence[MetsFile]) -> bool:
        """Return whether files in place of PAGE-XML are finished: listed, and on the disk.

        They record no step. So they count only if the METS lists them, and only this step as
        having written to the group; all others are made again.
        """
        return self._only_ours and all(
            self._listed.get(output.path) == output and self._is_there(output) for output in outputs
        )

    def _complete(
        self, entry: MetsFile, document: PageDocument, listed: Sequence[MetsFile]
    ) -> EarlierFile | None:
        named = images_beside(document, self._step.output_group)
        images = [image_entry(entry, path) for path in named]
        older = [f for f in listed if f.mimetype != MIMETYPE_PAGE and f.path not in named]
        if older and not self._only_ours:
            return None  # they belong to an output that is being replaced
        if not all(self._is_there(image) for image in images):
            return None
        missing = tuple(image for image in images if image.path not in self._listed)
        if not missing and entry.path in self._listed and (self._recorded or not self._in_place):
            return EarlierFile(entry)
        return EarlierFile(entry, (*missing, entry))

    def _is_there(self, file: MetsFile) -> bool:
        return not file.path or self._workspace.local_path(file.path).is_file()

    @staticmethod
    def _read(path: Path) -> PageDocument | None:
        try:
            return PageDocument.read(path)
        except InputError:
            return None


def _is_made_by(document: PageDocument, step: Step, entry: MetsFile) -> bool:
    """Return whether a document records itself as the output of a step."""
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
    """Check that the output group was made by the same step, as far as recorded.

    Raises:
        OutputExistsError: it was made with other parameters or from another group.
    """
    earlier = _earlier(workspace, step)
    wanted = _description(step.agent())
    if earlier and not any(_description(agent) == wanted for agent in earlier):
        made_by = _differently(earlier[-1], step)
        raise OutputExistsError(
            f"output file group '{step.output_group}' was made by {made_by}; repeat that,"
            " replace it with --overwrite, or name another output group"
        )


def _differently(agent: Agent, step: Step) -> str:
    """Return the step that wrote an output, in words, with the parameters that differ."""
    executable, group, parameters = _description(agent)
    now = _description(step.agent())[2]
    words = f"{executable} from '{group}'"
    if executable != step.executable or parameters == now:
        return words
    if not isinstance(parameters, dict) or not isinstance(now, dict):
        return f"{words} with other parameters"
    names = [n for n in {**parameters, **now} if parameters.get(n) != now.get(n)]
    then = {name: parameters[name] for name in names if name in parameters}
    if not then:  # an older version, without these parameters
        return f"{words} with other parameters"
    return f"{words} with parameters {json.dumps(then, ensure_ascii=False)}"


def was_written(workspace: Workspace, group: str) -> bool:
    """Return whether the METS records a step that wrote to a group, other than in place."""
    return any(_wrote(agent, group, in_place=False) for agent in workspace.mets.agents())


def had_same_pages(workspace: Workspace, step: Step) -> bool:
    """Return whether all earlier runs of a step were asked for the pages it is asked for now."""
    wanted = step.agent().notes["page-id"]
    return all(agent.notes.get("page-id", "") == wanted for agent in _earlier(workspace, step))


def _wrote(agent: Agent, group: str, *, in_place: bool) -> bool:
    """Return whether a step wrote to a group, in place or from another group."""
    outputs = agent.notes.get("output-file-grp", "").split(",")
    return group in outputs and (agent.notes.get("input-file-grp") == group) == in_place


def _earlier(workspace: Workspace, step: Step) -> list[Agent]:
    """Return the steps that wrote to the output group of a step, as the METS records them."""
    in_place = step.input_group == step.output_group
    earlier = [
        agent
        for agent in workspace.mets.agents()
        if _wrote(agent, step.output_group, in_place=in_place)
    ]
    if in_place:  # each changed the same files in its own way
        earlier = [agent for agent in earlier if _executable(agent) == step.executable]
    if step.gives:  # files of pages and files of the work may share a group
        earlier = [agent for agent in earlier if _was_per_work(agent) == step.per_work]
    return earlier


def _was_per_work(agent: Agent) -> bool:
    parameters = _description(agent)[2]
    return isinstance(parameters, dict) and bool(parameters.get("per_work"))


def _description(agent: Agent) -> tuple[str, str | None, Any]:
    """Return executable, input group and parameters of a step, the latter parsed if possible."""
    text = agent.notes.get("parameter", "")
    try:
        parameters = json.loads(text)
    except ValueError:
        parameters = text
    return _executable(agent), agent.notes.get("input-file-grp"), parameters


def _executable(agent: Agent) -> str:
    return agent.name.partition(" ")[0]
