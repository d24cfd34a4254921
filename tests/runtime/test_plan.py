"""Which pages have to be done, from which files; and what is refused before a model is loaded."""

from __future__ import annotations

import logging

import pytest
from toys import (
    ALL,
    STEP,
    Toy,
    content,
    fails_on,
    output_pages,
    pages,
    run,
    saved,
    with_groups,
    write_page,
)

from ocrd_rapid.errors import (
    ExitCode,
    InputError,
    MetsError,
    ModelError,
    OutputExistsError,
    UsageError,
)
from ocrd_rapid.runtime.plan import make_plan
from ocrd_rapid.runtime.policy import MissingInput, Policy
from ocrd_rapid.runtime.run import run_step
from ocrd_rapid.runtime.step import Step, Summary
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace


def test_all_pages_are_processed_in_their_order_and_listed(workspace: Workspace) -> None:
    toy = Toy()
    summary = run(workspace, toy, policy=ALL)
    assert summary == Summary(STEP, ("P_1", "P_2", "P_3", "P_4"))
    assert toy.seen == output_pages(workspace) == pages(1, 2, 3, 4)


def test_only_selected_pages_are_processed(workspace: Workspace) -> None:
    toy = Toy()
    summary = run(workspace, toy, with_groups(page_ids="P_2..P_4,~P_3"), policy=ALL)
    assert toy.seen == list(summary.done) == output_pages(workspace) == pages(2, 4)


def test_a_page_that_does_not_exist_ends_the_run_before_it_begins(workspace: Workspace) -> None:
    before = content(workspace)
    toy = Toy()
    with pytest.raises(UsageError, match="'P_9' matches none of the pages"):
        run(workspace, toy, with_groups(page_ids="P_1,P_9"))
    assert toy.seen == []
    assert content(workspace) == before


@pytest.mark.parametrize(
    ("missing", "shown"),
    [((2,), "P_2"), ((1, 2, 3), "P_1, P_2, P_3"), ((1, 2, 3, 4), "P_1, P_2, P_3 and 1 more")],
)
def test_pages_without_input_are_left_out_with_one_warning(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, missing: tuple[int, ...], shown: str
) -> None:
    workspace.mets.add_file(MetsFile("IMG_5", "IMG", "P_5", "image/png", "IMG/1.png"))
    for number in missing:
        workspace.mets.remove_file(f"IMG_{number}")
    with caplog.at_level(logging.WARNING):
        summary = run(workspace, Toy(), policy=ALL)
    assert list(summary.done) == pages(*sorted({1, 2, 3, 4, 5} - set(missing)))
    assert caplog.messages == [f"no file in file group IMG for page {shown}"]


def test_pages_without_input_can_end_the_run_before_it_begins(workspace: Workspace) -> None:
    workspace.mets.remove_file("IMG_2")
    workspace.save()
    before = content(workspace)
    toy = Toy()
    with pytest.raises(InputError) as caught:
        run(workspace, toy, policy=Policy(missing_input=MissingInput.ABORT))
    assert str(caught.value) == (
        "no file in file group IMG for page P_2 (OCRD_MISSING_INPUT=ABORT)"
    )
    assert caught.value.exit_code is ExitCode.INPUT
    assert toy.seen == []
    assert content(workspace) == before
    selected = with_groups(page_ids="~P_2")
    assert len(run(workspace, toy, selected, policy=Policy(MissingInput.ABORT)).done) == 3


def test_files_that_belong_to_no_page_are_ignored(workspace: Workspace) -> None:
    workspace.mets.add_file(MetsFile("IMG_PDF", "IMG", "", "application/pdf", "IMG/all.pdf"))
    assert list(run(workspace, Toy()).done) == pages(1, 2, 3, 4)


def test_no_pages_at_all_is_an_error(workspace: Workspace) -> None:
    workspace.mets.remove_file("IMG_2")
    toy = Toy()
    with pytest.raises(MetsError, match="file group 'IMG' has no files for the pages asked for"):
        run(workspace, toy, with_groups(page_ids="P_2"))
    assert toy.seen == []


def test_the_pages_come_in_the_order_of_the_mets_not_of_the_group(single: Workspace) -> None:
    single.mets.add_file(MetsFile("X_1", "X", "P_9", "image/png", "IMG/1.png"))
    single.mets.add_file(MetsFile("X_2", "X", "P_1", "image/png", "IMG/1.png"))
    toy = Toy()
    run(single, toy, with_groups("X"), policy=ALL)
    assert toy.seen == pages(1, 9)


# What is checked before a model is loaded


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (with_groups("IMG,SEG"), UsageError, "reads one file group and writes one"),
        (with_groups(output_group="A,B"), UsageError, "reads one file group and writes one"),
        (with_groups("SEG"), MetsError, r"'SEG' is not in the METS \(it has: IMG\)"),
        (with_groups(output_group="../up"), MetsError, "output file group '../up' is not allowed"),
        (with_groups(output_group=""), MetsError, "output file group '' is not allowed"),
        (with_groups(output_group="IMG"), OutputExistsError, "already has page P_1 and 3 more"),
        (with_groups(page_ids="A..B"), UsageError, "has no number to count"),
    ],
)
def test_steps_that_make_no_sense_are_refused_before_the_model_is_loaded(
    workspace: Workspace, step: Step, error: type[Exception], message: str
) -> None:
    before = content(workspace)
    with pytest.raises(error, match=message):
        run_step(workspace, step, lambda: pytest.fail("the model was loaded"))
    assert content(workspace) == before


def test_a_model_that_cannot_be_loaded_leaves_the_workspace_alone(workspace: Workspace) -> None:
    before = content(workspace)

    def load() -> Toy:
        raise ModelError("no model")

    with pytest.raises(ModelError, match="no model"):
        run_step(workspace, STEP, load)
    assert content(workspace) == before


def test_planning_writes_nothing(workspace: Workspace) -> None:
    before = content(workspace)
    plans = make_plan(workspace, [STEP], Policy())
    assert [plan.page_id for plan in plans] == pages(1, 2, 3, 4)
    assert [plan.finished for plan in plans] == [False] * 4
    assert content(workspace) == before


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_of_another_group_is_never_dropped_for_its_id(
    single: Workspace, overwrite: bool
) -> None:
    single.mets.add_file(MetsFile("OUT_1", "OTHER", "P_1", "image/png", "IMG/1.png"))
    single.save()
    before = content(single)
    toy = Toy()
    with pytest.raises(OutputExistsError, match=r"OUT_1 .* file group 'OTHER'; name another"):
        run(single, toy, with_groups(overwrite=overwrite))
    assert toy.seen == []
    assert content(single) == before


# Which file of a page


def test_page_xml_is_preferred_to_images_of_the_same_page(single: Workspace) -> None:
    document = PageDocument.for_image("IMG/1.png", 30, 21, "me")
    document.set_orientation(180)
    single.mets.add_file(write_page(single, document, "IMG", "IMG_1_PAGE", "P_1"))
    found: list[float] = []
    run(single, Toy(lambda task: found.append(task.document.orientation)))
    assert found == [180]
    assert [f.id for f in saved(single).mets.files("OUT")] == ["OUT_1_PAGE"]


ALTO = MetsFile("ALTO_1", "IN", "P_1", "application/alto+xml", "a.xml")
PNG = MetsFile("PNG_1", "IN", "P_1", "image/png", "IMG/1.png")
PAGE_A = MetsFile("A_1", "IN", "P_1", MIMETYPE_PAGE, "a.xml")
PAGE_B = MetsFile("B_1", "IN", "P_1", MIMETYPE_PAGE, "b.xml")
FAR = MetsFile("FAR_1", "IN", "P_1", "image/png", "", "http://x.org/1")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((PNG, ALTO), "page P_1 has several files in file group IN: PNG_1, ALTO_1"),
        ((PAGE_A, PNG, PAGE_B), "page P_1 has several files in file group IN: A_1, B_1"),
        ((ALTO,), "ALTO_1 of page P_1 is neither PAGE-XML nor an image, but application/alto"),
        (
            (FAR,),
            "file FAR_1 of page P_1 is only at http://x.org/1; to have such files fetched,"
            " set the environment variable OCRD_DOWNLOAD_INPUT=true",
        ),
    ],
)
def test_input_that_cannot_be_used_fails_its_page_and_no_other(
    workspace: Workspace, files: tuple[MetsFile, ...], message: str
) -> None:
    for file in (*files, MetsFile("PNG_2", "IN", "P_2", "image/png", "IMG/2.png")):
        workspace.mets.add_file(file)
    summary = run(workspace, Toy(), with_groups("IN"), policy=ALL)
    assert summary.done == ("P_2",)
    assert summary.failed["P_1"].count(message) == 1
    assert output_pages(workspace) == ["P_2"]


# Output that is there already


def test_output_that_is_there_is_not_touched(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_2"))
    before = content(workspace)
    toy = Toy()
    with pytest.raises(OutputExistsError) as caught:
        run(saved(workspace), toy)
    assert str(caught.value) == (
        "output file group 'OUT' already has page P_2; go on with --resume, replace it with"
        " --overwrite, or name another output group"
    )
    assert toy.seen == []
    assert content(workspace) == before


def test_other_pages_can_be_added_to_output_that_is_there(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_2"))
    run(saved(workspace), Toy(), with_groups(page_ids="~P_2"))
    assert output_pages(workspace) == pages(2, 1, 3, 4)


def test_output_of_a_page_without_input_is_in_nobodys_way(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_2"))
    again = saved(workspace)
    again.mets.remove_file("IMG_2")
    assert list(run(again, fails_on()).done) == pages(1, 3, 4)
