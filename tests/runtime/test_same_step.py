# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What may be resumed: the same step, as far as METS and PAGE-XML record it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from toys import (
    ALL,
    STEP,
    Toy,
    agents,
    content,
    fails_on,
    orientations,
    pages,
    run,
    saved,
    turns,
    with_groups,
)

from ocrd_rapid import __version__
from ocrd_rapid.errors import OutputExistsError
from ocrd_rapid.workspace.contents import Agent, MetsFile
from ocrd_rapid.workspace.workspace import Workspace

RESUME = with_groups(resume=True)


def forget_the_step(workspace: Workspace) -> None:
    """Remove the processing steps from the METS."""
    one = r'\s*<mets:agent[^>]*OTHERROLE="layout.*?</mets:agent>'
    text = re.sub(one, "", workspace.mets_path.read_text(), flags=re.DOTALL)
    workspace.mets_path.write_text(text)
    assert agents(workspace) == []


def refusal(workspace: Workspace, **step: Any) -> str:
    before = content(workspace)
    toy = Toy()
    with pytest.raises(OutputExistsError) as caught:
        run(saved(workspace), toy, with_groups(resume=True, **step))
    assert toy.seen == []
    assert content(workspace) == before
    return str(caught.value)


def test_other_parameters_are_refused(workspace: Workspace) -> None:
    run(workspace, fails_on("P_2"), policy=ALL)
    changed = {**STEP.parameters, "level": 0.75}
    assert refusal(workspace, parameters=changed) == (
        "output file group 'OUT' was made by ocrd-toy from 'IMG' with parameters"
        ' {"level": 0.5}; repeat that, replace it with --overwrite, or name another output group'
    )


def test_another_input_group_is_refused(workspace: Workspace) -> None:
    run(workspace, Toy())
    run(saved(workspace), Toy(), with_groups("OUT", "END"))
    assert "made by ocrd-toy from 'OUT'" in refusal(
        workspace, input_group="IMG", output_group="END"
    )


def test_the_output_of_another_processor_is_refused(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(executable="ocrd-other"))
    assert "was made by ocrd-other from 'IMG'" in refusal(workspace)


def test_output_that_is_there_but_not_recorded_is_kept(workspace: Workspace) -> None:
    run(workspace, turns(90))
    forget_the_step(workspace)
    toy = Toy()
    run(saved(workspace), toy, RESUME)
    assert toy.seen == []


def test_the_order_of_parameters_does_not_matter(workspace: Workspace) -> None:
    run(workspace, fails_on("P_2"), policy=ALL)
    backwards = dict(reversed(list(STEP.parameters.items())))
    toy = Toy()
    run(saved(workspace), toy, with_groups(resume=True, parameters=backwards), policy=ALL)
    assert toy.seen == pages(2)


def test_a_newer_version_goes_on_and_is_recorded(workspace: Workspace) -> None:
    run(workspace, fails_on("P_2"), policy=ALL)
    path = workspace.mets_path
    path.write_text(path.read_text().replace(f"ocrd-toy v{__version__}", "ocrd-toy v0.0.0-old"))
    toy = Toy()
    run(saved(workspace), toy, RESUME, policy=ALL)
    assert toy.seen == pages(2)
    assert [a.findtext("{*}name") for a in agents(workspace)] == [
        "ocrd-toy v0.0.0-old", f"ocrd-toy v{__version__}",
    ]  # fmt: skip


def test_what_others_changed_in_place_afterwards_does_not_matter(workspace: Workspace) -> None:
    run(workspace, fails_on("P_2"), policy=ALL)
    in_place = with_groups("OUT", "OUT", overwrite=True, executable="ocrd-other")
    run(saved(workspace), turns(1), in_place)
    toy = Toy()
    run(saved(workspace), toy, RESUME, policy=ALL)
    assert toy.seen == pages(2)


def test_parameters_that_are_no_json_are_other_parameters(workspace: Workspace) -> None:
    run(workspace, Toy())
    path = workspace.mets_path
    path.write_text(path.read_text().replace('{"model": "toy.onnx"', '{"model": '))
    assert "was made by ocrd-toy" in refusal(workspace)


def test_the_output_of_a_processor_that_writes_several_groups_is_refused(
    workspace: Workspace,
) -> None:
    run(workspace, Toy())
    forget_the_step(workspace)
    again = saved(workspace)
    notes = {"input-file-grp": "IMG", "output-file-grp": "OTHER,OUT", "parameter": "{}"}
    again.mets.add_agent(Agent("ocrd-olena-binarize v1", "preprocessing", notes))
    again.save()
    assert "was made by ocrd-olena-binarize from 'IMG'" in refusal(workspace)


# In place


def test_changing_a_group_in_place_can_be_resumed(workspace: Workspace) -> None:
    run(workspace, turns(90), with_groups(executable="ocrd-other"))
    overwrite, resume = (
        with_groups("OUT", "OUT", overwrite=True), with_groups("OUT", "OUT", resume=True)
    )  # fmt: skip

    def turn(task: Any) -> None:
        if task.page_id == "P_3":
            raise KeyboardInterrupt
        task.document.set_orientation(task.document.orientation + 1)

    with pytest.raises(KeyboardInterrupt):
        run(saved(workspace), Toy(turn), overwrite, policy=ALL)
    toy = turns(1)
    summary = run(saved(workspace), toy, resume, policy=ALL)
    assert toy.seen == pages(3, 4)
    assert list(summary.skipped) == pages(1, 2)
    assert orientations(workspace) == dict.fromkeys(pages(1, 2, 3, 4), 91)


def test_resuming_in_place_what_was_never_begun_does_all(workspace: Workspace) -> None:
    run(workspace, turns(90), with_groups(executable="ocrd-other"))
    toy = turns(1)
    run(saved(workspace), toy, with_groups("OUT", "OUT", resume=True), policy=ALL)
    assert toy.seen == pages(1, 2, 3, 4)
    assert orientations(workspace) == dict.fromkeys(pages(1, 2, 3, 4), 91)


def test_images_beside_the_output_are_no_output(single: Workspace) -> None:
    single.mets.add_file(MetsFile("OUT_1.IMG", "OUT", "P_1", "image/png", "IMG/1.png"))
    single.save()
    toy = Toy()
    run(saved(single), toy, RESUME)
    assert toy.seen == pages(1)
