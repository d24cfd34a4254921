# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which pages have to be done, from which files; and what is refused before a model is loaded."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from toys import (
    ALL,
    STEP,
    Toy,
    book,
    content,
    fails_on,
    output_pages,
    pages,
    run,
    run_chain,
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
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Step, Summary
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE, digest
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


def test_files_without_a_page_are_left_out_with_a_warning(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    for number, kind in enumerate(["image/png", MIMETYPE_PAGE, "application/pdf"]):
        workspace.mets.add_file(MetsFile(f"LOOSE_{number}", "IMG", "", kind, "IMG/1.png"))
    with caplog.at_level(logging.WARNING):
        summary = run(workspace, Toy(), policy=ALL)
        assert list(summary.done) == pages(1, 2, 3, 4)
        run(workspace, Toy(), with_groups("IMG", "OUT2", "P_1"), policy=ALL)
    assert caplog.messages == [
        "file group IMG: no mets:div TYPE='page' in the mets:structMap TYPE='PHYSICAL' has"
        " these files, and they are left out: LOOSE_0, LOOSE_1"
    ]


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
    with pytest.raises(MetsError, match="file group 'IMG' has no files for the requested pages"):
        run(workspace, toy, with_groups(page_ids="P_2"))
    assert toy.seen == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('TYPE="page"', 'TYPE="sheet"', "the METS has no pages: there is no mets:div TYPE='page'"),
        ('TYPE="PHYSICAL"', 'TYPE="LOGICAL"', "the METS has no pages: there is no mets:div"),
        (' ID="P_1"', "", "the METS has no pages: there is no mets:div TYPE='page' with an ID"),
        (
            '<mets:fptr FILEID="IMG_1"/>',
            "",
            "no file of file group 'IMG' belongs to a page: no mets:fptr of a page in the"
            " mets:structMap TYPE='PHYSICAL' names one of them, such as IMG_1",
        ),
    ],
)
def test_a_mets_without_pages_is_an_error_that_says_so(
    single: Workspace, old: str, new: str, message: str
) -> None:
    text = single.mets_path.read_text()
    assert old in text
    single.mets_path.write_text(text.replace(old, new))
    with pytest.raises(MetsError) as caught:
        run(saved(single), Toy())
    assert str(caught.value).startswith(message)


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
        (with_groups(output_group="IMG"), OutputExistsError, "'IMG' is both the input and the"),
        (with_groups(page_ids="A..B"), UsageError, "has no number to count"),
    ],
)
def test_steps_that_make_no_sense_are_refused_before_the_model_is_loaded(
    workspace: Workspace, step: Step, error: type[Exception], message: str
) -> None:
    before = content(workspace)
    with pytest.raises(error, match=message):
        run_steps(workspace, [step], lambda *_: pytest.fail("the model was loaded"))
    assert content(workspace) == before


def test_a_model_that_cannot_be_loaded_leaves_the_workspace_alone(workspace: Workspace) -> None:
    before = content(workspace)

    def load(_executable: str, _parameters: Mapping[str, Any]) -> Toy:
        raise ModelError("no model")

    with pytest.raises(ModelError, match="no model"):
        run_steps(workspace, [STEP], load)
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
    other = MetsFile("OUT_1", "OTHER", "P_1", "image/png", "IMG/1.png")
    single.mets.add_file(other)
    single.save()
    run(single, Toy(), with_groups(overwrite=overwrite))
    after = saved(single).mets
    assert list(after.files("OTHER")) == [other]
    assert [file.id for file in after.files("OUT")] == [f"OUT_1_{digest('P_1')}"]


# Names of the outputs

CLASHING = {"1": "a1", "a1": "zz", "p/1": "f1", "p:1": "f2", "ä": "f3", "Ä": "f4", "x": "f5"}
CJK = {"封面": "圖甲", "第一頁": "圖乙", "第二頁": "圖丙", "封底": "圖丁"}


def book_of(directory: Path, images: Mapping[str, str]) -> Workspace:
    """Return a workspace that has these IDs of files by page, as others may write them."""
    workspace = book(directory, 1)
    workspace.mets.remove_file("IMG_1")
    for page, identifier in images.items():
        workspace.mets.add_file(MetsFile(f"X{digest(identifier)}", "IMG", page, "image/png",
                                         "IMG/1.png"))  # fmt: skip
    workspace.save()
    text = workspace.mets_path.read_text()
    for identifier in images.values():
        text = text.replace(f'"X{digest(identifier)}"', f'"{identifier}"')
    workspace.mets_path.write_text(text.replace('<mets:div TYPE="page" ID="P_1"/>', ""))
    return saved(workspace)


def outputs(workspace: Workspace, group: str = "OUT") -> dict[str, str]:
    """Return the path of every page's output; each file must be there, and be the page's own."""
    found = {}
    for file in saved(workspace).mets.files(group):
        assert PageDocument.read(workspace.local_path(file.path)).pcgts_id == file.id
        found[file.page_id] = file.path
    assert sorted(found.values()) == sorted(
        path.relative_to(workspace.directory).as_posix()
        for path in (workspace.directory / group).iterdir()
    )
    return found


@pytest.mark.parametrize("images", [CLASHING, CJK])
def test_every_page_has_an_output_of_its_own(tmp_path: Path, images: dict[str, str]) -> None:
    workspace = book_of(tmp_path / "book", images)
    toy = Toy(lambda task: task.document.set_orientation(len(toy.seen)))
    summary = run(workspace, toy, policy=ALL)
    assert list(summary.done) == list(images)
    made = outputs(workspace)
    assert list(made) == list(images)
    assert len({path.casefold() for path in made.values()}) == len(images)
    read = {page: PageDocument.read(workspace.directory / path) for page, path in made.items()}
    assert [read[page].orientation for page in images] == list(range(1, len(images) + 1))


def test_letters_of_all_scripts_are_kept(tmp_path: Path) -> None:
    workspace = book_of(tmp_path / "book", CJK)
    run(workspace, Toy(), policy=ALL)
    assert outputs(workspace) == {page: f"OUT/OUT_{page}.xml" for page in CJK}


def test_names_do_not_depend_on_which_pages_are_asked_for(tmp_path: Path) -> None:
    whole = book_of(tmp_path / "whole", CLASHING)
    run_chain(whole, (STEP, Toy()), (with_groups("OUT", "OUT2"), Toy()))
    parts = book_of(tmp_path / "parts", CLASHING)
    for page in CLASHING:
        chosen = f"physical:id:{page}"
        run_chain(
            saved(parts),
            (with_groups(page_ids=chosen), Toy()),
            (with_groups("OUT", "OUT2", page_ids=chosen), Toy()),
        )
    assert outputs(parts) == outputs(whole)
    assert outputs(parts, "OUT2") == outputs(whole, "OUT2")


def test_names_are_the_same_when_a_run_is_resumed(tmp_path: Path) -> None:
    whole = book_of(tmp_path / "whole", CLASHING)
    run(whole, Toy(), policy=ALL)
    broken = book_of(tmp_path / "broken", CLASHING)
    run(broken, fails_on("1", "p:1", "ä"), policy=ALL)
    toy = Toy()
    run(saved(broken), toy, with_groups(resume=True), policy=ALL)
    assert toy.seen == ["1", "p:1", "ä"]
    assert outputs(broken) == outputs(whole)


def test_the_images_of_pages_have_names_of_their_own_too(tmp_path: Path) -> None:
    images = {"P": "f1", "P.IMG-T": "f2"}
    workspace = book_of(tmp_path / "book", images)
    white = np.full((21, 30, 3), 255, np.uint8)
    run(workspace, Toy(lambda task: task.add_image(white, ".IMG-T", ["binarized"])), policy=ALL)
    files = list(saved(workspace).mets.files("OUT"))
    assert len(files) == len({f.id for f in files}) == len({f.path for f in files}) == 4
    assert [f.page_id for f in files] == ["P", "P", "P.IMG-T", "P.IMG-T"]


def test_the_output_of_another_page_is_never_replaced(tmp_path: Path) -> None:
    workspace = book_of(tmp_path / "book", {"1": "a1"})
    run(workspace, Toy(), policy=ALL)
    assert outputs(workspace) == {"1": "OUT/OUT_a1.xml"}
    later = saved(workspace)
    later.mets.add_file(MetsFile("zz", "IMG", "a1", "image/png", "IMG/1.png"))
    run(later, Toy(), with_groups(page_ids="physical:id:a1"), policy=ALL)
    made = {"1": "OUT/OUT_a1.xml", "a1": f"OUT/OUT_a1_{digest('a1')}.xml"}
    assert outputs(workspace) == made
    run(saved(workspace), Toy(), with_groups(overwrite=True), policy=ALL)
    assert outputs(workspace) == made | {"1": f"OUT/OUT_a1_{digest('1')}.xml"}


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
            "file FAR_1 of page P_1 is only at http://x.org/1; to fetch such files,"
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


def test_the_group_decides_which_file_of_an_id_is_read(tmp_path: Path) -> None:
    workspace = twice(book(tmp_path / "book", 2))
    for group, width in (("IMG", 30), ("OTHER", 50)):
        widths: list[int] = []
        toy = Toy(lambda task: widths.append(task.document.width))  # noqa: B023
        run(workspace, toy, with_groups(group, f"OUT-{group}", page_ids="P_1"))
        assert widths == [width]


def test_output_that_is_replaced_takes_no_input_of_the_same_id_with_it(tmp_path: Path) -> None:
    workspace = twice(book(tmp_path / "book", 2), other="OUT")
    run(workspace, Toy(), with_groups(page_ids="P_2"))
    run(saved(workspace), Toy(), with_groups(overwrite=True), policy=ALL)
    after = saved(workspace).mets
    assert [file.id for file in after.files("IMG")] == ["IMG_1", "IMG_2"]
    assert sorted(file.id for file in after.files("OUT")) == ["OUT_1", "OUT_2"]
    assert (workspace.directory / "IMG" / "1.png").exists()


def twice(workspace: Workspace, other: str = "OTHER") -> Workspace:
    """Give a book a second group, whose image of page P_1 has the ID of that in the first."""
    path = f"{other}/1.png"
    (workspace.directory / other).mkdir()
    Image.new("L", (50, 20), 255).save(workspace.directory / path)
    workspace.mets.add_file(MetsFile("X", other, "P_1", "image/png", path))
    workspace.save()
    text = workspace.mets_path.read_text().replace('<mets:fptr FILEID="X"/>', "")
    workspace.mets_path.write_text(text.replace('ID="X"', 'ID="IMG_1"'))
    return saved(workspace)


def test_a_file_of_several_pages_is_read_for_each(tmp_path: Path) -> None:
    workspace = book(tmp_path / "book", 1)
    text = workspace.mets_path.read_text()
    page = '<mets:div TYPE="page" ID="P_2"><mets:fptr FILEID="IMG_1"/></mets:div>'
    sequence = '<mets:div TYPE="physSequence">'
    workspace.mets_path.write_text(text.replace(sequence, sequence + page))
    workspace = saved(workspace)
    assert list(run(workspace, Toy(), policy=ALL).done) == pages(2, 1)
    assert set(outputs(workspace)) == {"P_1", "P_2"}


def test_what_a_file_is_its_content_tells_where_the_mets_does_not(workspace: Workspace) -> None:
    document = PageDocument.for_image("IMG/2.png", 30, 22, "me")
    write_page(workspace, document, "IMG", "IMG_2_PAGE", "P_2")
    (workspace.directory / "IMG" / "3").write_bytes(
        (workspace.directory / "IMG" / "3.png").read_bytes()
    )
    (workspace.directory / "IMG" / "4.png").write_text("nothing")
    for number, kind, path in (
        (1, "", "IMG/1.png"),
        (2, "text/xml", "IMG/IMG_2_PAGE.xml"),
        (3, "application/octet-stream", "IMG/3"),
        (4, "", "IMG/none"),
    ):
        workspace.mets.add_file(MetsFile(f"A_{number}", "ANY", f"P_{number}", kind, path))
    toy = Toy()
    summary = run(workspace, toy, with_groups("ANY"), policy=ALL)
    assert toy.seen == pages(1, 2, 3)
    assert summary.failed == {
        "P_4": "file A_4 of page P_4 is neither PAGE-XML nor an image, judging by the METS and its"
        " name"
    }


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
