# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages that fail: what becomes of the others, and what is kept."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from patient_clock import PatientClock
from toys import (
    ALL,
    NONE,
    STEP,
    Toy,
    agents,
    book,
    content,
    fails_on,
    orientations,
    output_pages,
    pages,
    run,
    run_chain,
    saved,
    stuck_on,
    turns,
    with_groups,
)

from ocrd_rapid.errors import (
    ExitCode,
    ImageError,
    ModelError,
    OcrdRapidError,
    PageTimeoutError,
    PageXmlError,
    TooManyFailuresError,
)
from ocrd_rapid.runtime import inputs
from ocrd_rapid.runtime.page_runner import UnexpectedError
from ocrd_rapid.runtime.policy import MissingOutput, Policy
from ocrd_rapid.runtime.processor import OpenPage
from ocrd_rapid.runtime.step import Summary
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

ABORT = Policy(missing_output=MissingOutput.ABORT, tolerated=-1, parallel_pages=1)
COPY = Policy(missing_output=MissingOutput.COPY, tolerated=-1, parallel_pages=1)


def tolerating(share: float) -> Policy:
    return Policy(tolerated=share, parallel_pages=1)


def test_a_page_that_fails_does_not_stop_the_others(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    toy = fails_on("P_2")
    summary = run(workspace, toy, policy=tolerating(0.25))
    assert toy.seen == pages(1, 2, 3, 4)
    assert summary == Summary(STEP, ("P_1", "P_3", "P_4"), failed={"P_2": "no light on P_2"})
    assert output_pages(workspace) == pages(1, 3, 4)
    assert not (workspace.directory / "OUT" / "OUT_2.xml").exists()
    assert caplog.messages == ["page P_2 failed: no light on P_2"]


REMEDY = (
    "; fix the cause and continue with --resume, or set OCRD_MAX_MISSING_OUTPUTS=-1 to do"
    " without these pages"
)


def test_with_too_many_failures_all_pages_are_tried_all_the_same(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    toy = fails_on("P_2", "P_3")
    with pytest.raises(TooManyFailuresError) as caught:
        run(workspace, toy, policy=tolerating(0.25))
    assert toy.seen == pages(1, 2, 3, 4)
    assert str(caught.value) == (
        "2 of 4 pages failed (2 ImageError), more than OCRD_MAX_MISSING_OUTPUTS allows;"
        f" the first was P_2: no light on P_2{REMEDY}"
    )
    assert caught.value.exit_code is ExitCode.TOO_MANY_FAILURES
    assert caplog.messages == [f"page {p} failed: no light on {p}" for p in ("P_2", "P_3")]
    assert output_pages(workspace) == pages(1, 4)
    assert len(agents(workspace)) == 1


@pytest.mark.parametrize(
    ("count", "bad", "tolerated", "tried"),
    [
        (9, 9, 0.1, 9),  # fewer than ten: all of them
        (30, 30, 0.1, 10),  # three may fail, but ten are tried
        (30, 9, 0.1, 30),
        (30, 30, 0.5, 16),  # until it is certain that more than half of all fail
        (30, 15, 0.5, 30),
        (30, 30, 0.0, 10),
        (30, 30, -1, 30),
    ],
)
def test_a_run_ends_early_when_the_limit_is_passed_for_certain_and_many_failed(
    tmp_path: Path, count: int, bad: int, tolerated: float, tried: int
) -> None:
    made = book(tmp_path / "made", count)
    toy = fails_on(*pages(*range(1, bad + 1)))
    allowed = tolerated < 0 or bad <= tolerated * count
    with contextlib.nullcontext() if allowed else pytest.raises(TooManyFailuresError) as caught:
        run(made, toy, policy=tolerating(tolerated))
    assert len(toy.seen) == tried
    if not allowed:
        early = ", and the run ended early" if tried < count else ""
        assert f"OCRD_MAX_MISSING_OUTPUTS allows{early}; the first was" in str(caught.value)


def test_the_limit_is_that_of_each_step_of_a_workflow(tmp_path: Path) -> None:
    made = book(tmp_path / "made", 20)
    first, second = fails_on(*pages(1, 2)), fails_on(*pages(3, 4, 5))
    with pytest.raises(TooManyFailuresError, match=r"^3 of 20 pages failed .* was P_3:"):
        chain = (with_groups("IMG", "MID"), first), (with_groups("MID", "OUT"), second)
        run_chain(made, *chain, policy=tolerating(0.1))
    assert len(first.seen) == 20
    assert output_pages(made) == pages(*range(6, 21))


def test_what_was_mended_is_done_when_resumed(workspace: Workspace) -> None:
    with pytest.raises(TooManyFailuresError):
        run(workspace, fails_on("P_2"), policy=Policy())
    toy = Toy()
    run(saved(workspace), toy, with_groups(resume=True), policy=Policy())
    assert toy.seen == pages(2)
    assert sorted(output_pages(workspace)) == pages(1, 2, 3, 4)


def test_by_default_a_tenth_of_the_pages_may_fail(workspace: Workspace) -> None:
    ten = book(workspace.directory / "ten", 10)
    assert len(run(ten, fails_on("P_1")).done) == 9
    with pytest.raises(TooManyFailuresError):
        run(ten, fails_on("P_1", "P_2"), with_groups(output_group="OUT2"))


def test_without_tolerance_the_first_failure_is_one_too_many(workspace: Workspace) -> None:
    toy = fails_on("P_1")
    with pytest.raises(TooManyFailuresError, match="1 of 4 pages failed"):
        run(workspace, toy, policy=NONE)
    assert toy.seen == pages(1, 2, 3, 4)


def test_pages_finished_before_count_among_all(workspace: Workspace) -> None:
    run(workspace, fails_on("P_4"), policy=ALL)
    resumed = with_groups(resume=True)
    assert run(saved(workspace), fails_on("P_4"), resumed, policy=tolerating(0.25)).failed
    with pytest.raises(TooManyFailuresError, match="1 of 4 pages failed"):
        run(saved(workspace), fails_on("P_4"), resumed, policy=tolerating(0.2))


def test_kinds_of_failures_are_counted(workspace: Workspace) -> None:
    def function(page: OpenPage) -> None:
        raise {"P_2": ModelError("b"), "P_3": ZeroDivisionError("c")}.get(
            page.page_id, ImageError("a")
        )

    message = r"4 of 4 .*\(2 ImageError, 1 ModelError, 1 UnexpectedError\)"
    with pytest.raises(TooManyFailuresError, match=message):
        run(workspace, Toy(function), policy=tolerating(0.75))


def test_if_all_pages_may_fail_nothing_is_written_and_nothing_raised(
    workspace: Workspace,
) -> None:
    before = content(workspace)
    summary = run(workspace, fails_on(*pages(1, 2, 3, 4)), policy=ALL)
    assert summary.done == ()
    assert list(summary.failed) == pages(1, 2, 3, 4)
    assert content(workspace) == before


def test_a_single_page_fails_with_its_own_error_if_it_may_not_fail(single: Workspace) -> None:
    before = content(single)
    with pytest.raises(ImageError, match="no light on P_1"):
        run(single, fails_on("P_1"), policy=Policy())
    assert run(single, fails_on("P_1"), policy=ALL).failed == {"P_1": "no light on P_1"}
    assert content(single) == before


def test_abort_ends_the_run_at_the_first_failure(workspace: Workspace) -> None:
    toy = fails_on("P_2")
    with pytest.raises(ImageError, match="no light on P_2"):
        run(workspace, toy, policy=ABORT)
    assert toy.seen == pages(1, 2)
    assert output_pages(workspace) == pages(1)


# What nobody expected


DEFECTS = [
    RuntimeError("a defect"), ValueError("two\nlines"), MemoryError(), RecursionError("deep"),
    OSError(28, "No space left on device"), AssertionError(), StopIteration(), TimeoutError("t"),
]  # fmt: skip


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("workers", [1, 2])
def test_an_unexpected_exception_fails_its_page_and_not_the_run(
    workspace: Workspace, error: Exception, workers: int
) -> None:
    policy = Policy(tolerated=0.25, parallel_pages=workers)
    summary = run(workspace, fails_on("P_2", error=error), policy=policy)
    assert list(summary.done) == output_pages(workspace) == pages(1, 3, 4)
    said = {
        "ValueError": "ValueError: two lines", "OSError": f"OSError: {error}",
        "RuntimeError": "RuntimeError: a defect", "RecursionError": "RecursionError: deep",
        "TimeoutError": "TimeoutError: t",
    }.get(type(error).__name__, type(error).__name__)  # fmt: skip
    assert summary.failed == {"P_2": f"unexpected {said}; --log-level DEBUG shows where"}


def test_the_log_says_where_it_came_from_for_those_who_want_to_know(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        run(workspace, fails_on("P_2", error=RuntimeError("a defect")), policy=ALL)
    (record,) = [r for r in caplog.records if r.exc_info]
    assert (record.levelname, record.getMessage()) == ("DEBUG", "page P_2")
    assert "raise error or ImageError" in caplog.text


def test_an_unexpected_exception_while_reading_fails_its_page_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Workspace.read_page

    def read(self: Workspace, file: MetsFile) -> PageDocument:
        if file.id == "IMG_3":
            raise NotImplementedError("a decoder gives up")
        return plain(self, file)

    monkeypatch.setattr(Workspace, "read_page", read)
    summary = run(workspace, Toy(), policy=tolerating(0.25))
    assert summary.failed["P_3"].startswith("unexpected NotImplementedError: a decoder gives up;")
    assert output_pages(workspace) == pages(1, 2, 4)


def test_a_single_page_with_a_defect_raises_one_of_our_errors(single: Workspace) -> None:
    with pytest.raises(UnexpectedError, match="unexpected KeyError: 'x'"):
        run(single, fails_on("P_1", error=KeyError("x")), policy=NONE)
    assert issubclass(UnexpectedError, OcrdRapidError)


# Copies


def test_a_page_that_fails_is_copied_if_that_is_wanted(workspace: Workspace) -> None:
    run(workspace, turns(90))

    def spoil(page: OpenPage) -> None:
        page.document.set_orientation(45)
        if page.page_id in ("P_2", "P_4"):
            raise RuntimeError("half way")

    summary = run(saved(workspace), Toy(spoil), with_groups("OUT", "END"), policy=COPY)
    assert (list(summary.done), list(summary.failed)) == (pages(1, 3), pages(2, 4))
    assert orientations(workspace, "END") == {"P_1": 45, "P_2": 90, "P_3": 45, "P_4": 90}
    copied = PageDocument.read(workspace.directory / "END" / "END_2.xml")
    assert copied.pcgts_id == "END_2"
    assert [step.executable for step in copied.processing_steps()] == ["ocrd-toy", "ocrd-toy"]


def test_the_copy_of_an_image_is_a_page_without_anything(workspace: Workspace) -> None:
    run(workspace, fails_on("P_2"), policy=COPY)
    page = PageDocument.read(workspace.directory / "OUT" / "OUT_2.xml")
    assert (page.image_filename, page.text_regions()) == ("IMG/2.png", [])


def test_copies_count_as_failures(workspace: Workspace) -> None:
    policy = Policy(missing_output=MissingOutput.COPY, tolerated=0.25, parallel_pages=1)
    with pytest.raises(TooManyFailuresError, match="2 of 4 pages failed"):
        run(workspace, fails_on("P_1", "P_3"), policy=policy)
    assert output_pages(workspace) == pages(1, 2, 3, 4)


def test_what_cannot_be_read_cannot_be_copied(workspace: Workspace) -> None:
    (workspace.directory / "IMG" / "2.png").unlink()
    summary = run(workspace, Toy(), policy=COPY)
    assert list(summary.failed) == pages(2)
    assert output_pages(workspace) == pages(1, 3, 4)


# Pages that take too long


@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_that_takes_too_long_fails(
    workspace: Workspace, workers: int, clock: PatientClock
) -> None:
    forever = clock.event()
    policy = Policy(tolerated=0.25, page_timeout=0.8, parallel_pages=workers)
    summary = run(workspace, stuck_on("P_2", forever), policy=policy)
    forever.set()
    assert list(summary.done) == output_pages(workspace) == pages(1, 3, 4)
    assert summary.failed == {
        "P_2": "not finished after 0.8 s; OCRD_PROCESSING_PAGE_TIMEOUT allows no more"
    }
    assert not (workspace.directory / "OUT" / "OUT_2.xml").exists()


def test_a_page_that_takes_too_long_can_be_copied_or_end_the_run(
    workspace: Workspace, clock: PatientClock
) -> None:
    forever = clock.event()
    stuck = stuck_on("P_2", forever)
    copy = Policy(missing_output=MissingOutput.COPY, tolerated=0.25, page_timeout=0.8)
    assert list(run(workspace, stuck, policy=copy).failed) == pages(2)
    assert orientations(workspace) == dict.fromkeys(pages(1, 2, 3, 4), 0)
    abort = Policy(missing_output=MissingOutput.ABORT, page_timeout=0.8)
    with pytest.raises(PageTimeoutError) as caught:
        run(saved(workspace), stuck, with_groups(output_group="END"), policy=abort)
    forever.set()
    assert caught.value.exit_code is ExitCode.TOO_MANY_FAILURES
    assert output_pages(workspace, "END") == pages(1)


def test_time_spent_on_reading_counts_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, clock: PatientClock
) -> None:
    forever = clock.event()
    plain = inputs.choose

    def choose(group: str, page_id: str, files: Sequence[MetsFile]) -> MetsFile:
        if page_id == "P_3":
            forever.wait()
        return plain(group, page_id, files)

    monkeypatch.setattr(inputs, "choose", choose)
    summary = run(workspace, Toy(), policy=Policy(tolerated=0.25, page_timeout=0.8))
    forever.set()
    assert list(summary.failed) == pages(3)


# Input that is missing or broken


def look_at(page: OpenPage) -> None:
    assert page.image.pixels.shape[2] == 3


def test_a_missing_image_fails_its_page(workspace: Workspace) -> None:
    path = workspace.directory / "IMG" / "2.png"
    path.unlink()
    summary = run(workspace, Toy(look_at), policy=ALL)
    assert summary.failed == {"P_2": f"image {path} does not exist"}
    assert output_pages(workspace) == pages(1, 3, 4)


def test_an_image_that_is_none_fails_its_page(workspace: Workspace) -> None:
    (workspace.directory / "IMG" / "2.png").write_bytes(b"no image")
    summary = run(workspace, Toy(look_at), policy=ALL)
    assert list(summary.failed) == pages(2)
    assert "is not one of the image formats" in summary.failed["P_2"]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("", "not well-formed"),
        ("<PcGts>", "not well-formed"),
        ("<alto/>", "not a PAGE-XML document"),
    ],
)
def test_page_xml_that_is_none_fails_its_page(single: Workspace, broken: str, message: str) -> None:
    run(single, Toy())
    (single.directory / "OUT" / "OUT_1.xml").write_text(broken)
    with pytest.raises(PageXmlError, match=message):
        run(saved(single), Toy(), with_groups("OUT", "END"))
    assert not (single.directory / "END").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('imageWidth="30"', 'imageWidth="30" orientation="up"', "orientation"),
        ('imageWidth="30"', 'imageWidth="31x"', "attribute missing or wrong"),
        ('imageWidth="30"', 'imageWidth="3"', "does not fit the PAGE-XML"),
        ("IMG/2.png", "IMG/none.png", "does not exist"),
    ],
)
def test_page_xml_with_nonsense_fails_its_page_and_no_other(
    workspace: Workspace, old: str, new: str, message: str
) -> None:
    run(workspace, Toy())
    path = workspace.directory / "OUT" / "OUT_2.xml"
    path.write_text(path.read_text().replace(old, new))
    summary = run(saved(workspace), Toy(look_at), with_groups("OUT", "END"), policy=ALL)
    assert list(summary.failed) == pages(2)
    assert message in summary.failed["P_2"]
    assert output_pages(workspace, "END") == pages(1, 3, 4)
