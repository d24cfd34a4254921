# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Several steps at once: each page goes through all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from patient_clock import PatientClock
from toys import (
    ALL,
    NONE,
    Toy,
    agents,
    book,
    content,
    fails_on,
    orientations,
    output_pages,
    pages,
    result,
    run,
    run_chain,
    saved,
    stuck_on,
    turns,
    with_groups,
)

from ocrd_rapid.errors import MetsError, OutputExistsError, PageTimeoutError, TooManyFailuresError
from ocrd_rapid.runtime.policy import MissingOutput, Policy
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Step
from ocrd_rapid.workspace import decoding
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

FIRST, SECOND = with_groups("IMG", "ONE"), with_groups("ONE", "TWO")
#: Reads what the first step wrote, not the second.
BRANCH = with_groups("ONE", "SIDE")


def resumed(step: Step) -> Step:
    return with_groups(step.input_group, step.output_group, resume=True)


def test_each_step_reads_what_an_earlier_one_made(workspace: Workspace) -> None:
    chain = (FIRST, turns(90)), (SECOND, turns(1)), (BRANCH, turns(2))
    summaries = run_chain(workspace, *chain)
    assert [list(s.done) for s in summaries] == [pages(1, 2, 3, 4)] * 3
    for group, degrees in (("ONE", 90), ("TWO", 91), ("SIDE", 92)):
        assert orientations(workspace, group) == dict.fromkeys(pages(1, 2, 3, 4), degrees)
    made = PageDocument.read(workspace.directory / "SIDE" / "SIDE_3.xml")
    assert (made.pcgts_id, len(made.processing_steps())) == ("SIDE_3", 2)
    assert len(agents(workspace)) == 3


@pytest.mark.parametrize("workers", [1, 3])
def test_the_result_is_that_of_the_steps_one_by_one(tmp_path: Path, workers: int) -> None:
    policy = Policy(tolerated=-1, parallel_pages=workers)
    chain = [(FIRST, 90), (SECOND, 1), (BRANCH, 2), (with_groups("SIDE", "END"), 3)]
    together, apart = book(tmp_path / "a", 6), book(tmp_path / "b", 6)
    run_chain(together, *((step, turns(n)) for step, n in chain), policy=policy)
    for step, degrees in chain:
        run(apart, turns(degrees), step, policy=policy)
    one, other = result(together), result(apart)
    for found in (one, other):  # but for the date and the number of the METS itself
        found["mets.xml"] = found["mets.xml"].partition(b"</mets:agent>")[2].partition(
            b"<mets:dmdSec")[0] + found["mets.xml"].partition(b"<mets:fileSec>")[2]  # fmt: skip
    assert one.keys() == other.keys()
    assert [path for path in one if one[path] != other[path]] == []


def test_each_page_goes_through_all_steps_before_the_next_one(workspace: Workspace) -> None:
    seen: list[str] = []
    one = Toy(lambda page: seen.append(f"one {page.page_id}"))
    two = Toy(lambda page: seen.append(f"two {page.page_id}"))
    run_chain(workspace, (FIRST, one), (SECOND, two))
    assert seen[:4] == ["one P_1", "two P_1", "one P_2", "two P_2"]


def test_images_are_decoded_once_for_all_steps(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    plain = decoding.open_image

    def counted(path: Path) -> Any:
        opened.append(path.name)
        return plain(path)

    monkeypatch.setattr(decoding, "open_image", counted)
    look = Toy(lambda page: None if page.image.pixels.size else pytest.fail("no pixels"))
    run_chain(workspace, (FIRST, look), (SECOND, look), (BRANCH, look))
    assert len(look.seen) == 12
    assert opened == ["1.png", "2.png", "3.png", "4.png"]


def test_what_a_step_does_to_its_page_does_not_reach_what_others_read(single: Workspace) -> None:
    def spoil(page: OpenPage) -> None:
        page.document.set_orientation(45)
        raise RuntimeError("half way")

    summaries = run_chain(single, (FIRST, turns(90)), (SECOND, Toy(spoil)), (BRANCH, turns(1)))
    assert [list(s.failed) for s in summaries] == [[], pages(1), []]
    assert orientations(single, "ONE") == {"P_1": 90}
    assert orientations(single, "SIDE") == {"P_1": 91}


# Failures


def test_a_page_that_fails_is_lost_to_what_reads_it_and_to_nothing_else(
    workspace: Workspace,
) -> None:
    last = Toy()
    summaries = run_chain(
        workspace, (FIRST, Toy()), (SECOND, fails_on("P_2")), (BRANCH, Toy()),
        (with_groups("TWO", "END"), last), (with_groups("END", "OVER"), last),
    )  # fmt: skip
    assert [list(s.done) for s in summaries] == [
        pages(1, 2, 3, 4), pages(1, 3, 4), pages(1, 2, 3, 4), pages(1, 3, 4), pages(1, 3, 4),
    ]  # fmt: skip
    assert [list(s.failed) for s in summaries] == [[], pages(2), [], [], []]
    assert "P_2" not in last.seen


def test_too_many_failures_of_one_step_keep_what_is_done(workspace: Workspace) -> None:
    with pytest.raises(TooManyFailuresError, match="1 of 4 pages failed"):
        run_chain(workspace, (FIRST, Toy()), (SECOND, fails_on("P_3")), policy=NONE)
    assert output_pages(workspace, "ONE") == pages(1, 2, 3, 4)
    assert output_pages(workspace, "TWO") == pages(1, 2, 4)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_an_interrupt_keeps_whole_pages_and_resuming_does_the_rest(
    tmp_path: Path, error: BaseException
) -> None:
    made, undisturbed = book(tmp_path / "a", 5), book(tmp_path / "b", 5)
    with pytest.raises(type(error)):
        run_chain(made, (FIRST, Toy()), (SECOND, fails_on("P_3", error=error)))
    assert output_pages(made, "ONE") == output_pages(made, "TWO") == pages(1, 2)
    one, two = Toy(), Toy()
    summaries = run_chain(saved(made), (resumed(FIRST), one), (resumed(SECOND), two))
    assert one.seen == two.seen == pages(3, 4, 5)
    assert [list(s.skipped) for s in summaries] == [pages(1, 2)] * 2
    run_chain(undisturbed, (FIRST, Toy()), (SECOND, Toy()))
    assert len(agents(made)) == 2
    for path, data in result(undisturbed).items():
        if path != "mets.xml":
            assert result(made)[path] == data


def test_copies_go_on_through_the_chain(workspace: Workspace) -> None:
    policy = Policy(missing_output=MissingOutput.COPY, tolerated=-1, parallel_pages=1)
    chain = (FIRST, turns(90)), (SECOND, fails_on("P_2")), (with_groups("TWO", "END"), turns(1))
    summaries = run_chain(workspace, *chain, policy=policy)
    assert [list(s.failed) for s in summaries] == [[], pages(2), []]
    assert orientations(workspace, "END") == dict.fromkeys(pages(1, 2, 3, 4), 91)


@pytest.mark.parametrize("copy", [False, True])
def test_a_page_that_takes_too_long_in_any_step_fails(
    workspace: Workspace, copy: bool, clock: PatientClock
) -> None:
    forever = clock.event()
    slow = stuck_on("P_2", forever)
    missing = MissingOutput.COPY if copy else MissingOutput.SKIP
    policy = Policy(missing_output=missing, tolerated=-1, page_timeout=0.8, parallel_pages=1)
    one, two = run_chain(workspace, (FIRST, turns(90)), (SECOND, slow), policy=policy)
    forever.set()
    assert list(one.failed) == pages(2)
    assert list(two.failed) == (pages(2) if copy else [])
    expected = pages(1, 2, 3, 4) if copy else pages(1, 3, 4)
    assert output_pages(workspace, "ONE") == output_pages(workspace, "TWO") == expected
    if copy:
        assert orientations(workspace, "TWO") == {"P_1": 90, "P_2": 0, "P_3": 90, "P_4": 90}


def test_a_single_page_that_takes_too_long_in_a_chain_says_so(
    single: Workspace, clock: PatientClock
) -> None:
    forever = clock.event()
    slow = stuck_on("P_1", forever)
    with pytest.raises(PageTimeoutError, match=r"not finished after 0\.8 s"):
        run_chain(
            single, (FIRST, Toy()), (SECOND, slow), policy=Policy(tolerated=0, page_timeout=0.8)
        )
    forever.set()


# Resuming with holes


def test_what_is_missing_in_the_middle_is_made_again_from_what_is_there(
    workspace: Workspace,
) -> None:
    chain = [(FIRST, 90), (SECOND, 1), (with_groups("TWO", "END"), 2)]
    run_chain(workspace, *((step, turns(n)) for step, n in chain))
    before = {path: data for path, data in result(workspace).items() if path != "mets.xml"}
    again = saved(workspace)
    again.mets.remove_file("TWO_2")
    again.delete_file("TWO/TWO_2.xml")
    again.delete_file("ONE/ONE_3.xml")
    (again.directory / "END" / "END_4.xml").write_text("<pc:PcGts")
    again.save()
    toys = [turns(n) for _, n in chain]
    steps = [resumed(step) for step, _ in chain]
    run_chain(saved(workspace), *zip(steps, toys, strict=True))
    assert [toy.seen for toy in toys] == [pages(3), pages(2), pages(4)]
    after = {path: data for path, data in result(workspace).items() if path != "mets.xml"}
    assert after == before
    assert len(agents(workspace)) == 3


def test_a_chain_that_is_finished_loads_no_model(workspace: Workspace) -> None:
    run_chain(workspace, (FIRST, Toy()), (SECOND, Toy()))
    before = content(workspace)
    told: list[tuple[int, int]] = []
    report = run_steps(
        saved(workspace),
        [resumed(FIRST), resumed(SECOND)],
        lambda *_: pytest.fail("loaded"),
        policy=ALL,
        progress=lambda *done: told.append(done),
    )
    assert [list(s.skipped) for s in report.steps] == [pages(1, 2, 3, 4)] * 2
    assert told == [(4, 4)]
    assert content(workspace) == before


def test_only_the_models_that_are_needed_are_loaded(workspace: Workspace) -> None:
    run(workspace, Toy(), FIRST)
    made: list[Toy] = []

    def make(_executable: str, _parameters: Mapping[str, Any]) -> Toy:
        made.append(Toy())
        return made[-1]

    run_steps(saved(workspace), [resumed(FIRST), SECOND], make, policy=ALL)
    assert [toy.seen for toy in made] == [pages(1, 2, 3, 4)]


# What is checked before


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        ((SECOND, FIRST), MetsError, "input file group 'ONE' is not in the METS"),
        ((FIRST, with_groups("TWO", "END")), MetsError, "input file group 'TWO'"),
        ((FIRST, with_groups("IMG", "ONE")), OutputExistsError, "'ONE' already has page P_1"),
        (
            (FIRST, with_groups("ONE", "IMG")),
            OutputExistsError,
            "file group 'IMG' cannot be the output",
        ),
    ],
)
def test_chains_that_make_no_sense_are_refused_before_anything_is_done(
    workspace: Workspace, steps: tuple[Step, ...], error: type[Exception], message: str
) -> None:
    before = content(workspace)
    toy = Toy()
    with pytest.raises(error, match=message):
        run_chain(workspace, *((step, toy) for step in steps))
    assert toy.seen == []
    assert content(workspace) == before
