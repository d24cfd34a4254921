# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Steps that give files of other kinds in place of PAGE-XML: for each page, or for the work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from lxml import etree
from toys import (
    ALL,
    NONE,
    NS,
    Toy,
    agents,
    book,
    content,
    pages,
    result,
    run_chain,
    saved,
    with_groups,
)

from ocrd_rapid.errors import (
    ImageError,
    MetsError,
    OutputExistsError,
    TooManyFailuresError,
    UsageError,
)
from ocrd_rapid.runtime.policy import MissingOutput, Policy
from ocrd_rapid.runtime.processor import NewFile, OpenPage, OpenWork
from ocrd_rapid.runtime.run import run_steps
from ocrd_rapid.runtime.step import Existing, FileKind, Step, Summary
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.workspace import Workspace

TXT, PDF = FileKind("TXT", ".txt", "text/plain"), FileKind("PDF", ".pdf", "application/pdf")


def step(*kinds: FileKind, existing: Existing = Existing.ABORT, **others: Any) -> Step:
    made = with_groups(output_group="FULL", executable="ocrd-writer", parameters={"a": 1})
    return replace(made, gives=kinds or (TXT,), existing=existing, **others)


def work(*kinds: FileKind, **others: Any) -> Step:
    return step(*kinds, per_work=True, **{"parameters": {"a": 1, "per_work": True}, **others})


RESUME, OVERWRITE = Existing.SKIP, Existing.OVERWRITE


@dataclass
class Writer(Toy):
    """Writes the number of each page, and how it is turned."""

    parts: list[str] = field(default_factory=list)

    def process(self, page: OpenPage) -> None:
        super().process(page)
        for output in page.outputs:
            page.made.append(NewFile(output, f"{output.id} {self._said(page)}".encode()))

    def part(self, page: OpenPage) -> str:
        self.function(page)
        self.parts.append(page.page_id)
        return self._said(page)

    @staticmethod
    def _said(page: OpenPage) -> str:
        assert page.place is not None
        return f"{page.place.number} {page.page_id} {page.document.orientation:g}"

    def write_work(
        self, opened: OpenWork, parts: Iterable[Any], output: MetsFile, stream: BinaryIO
    ) -> None:
        stream.write(f"{opened.name} {len(opened.pages)}".encode())
        for said in parts:
            stream.write(f"\n{said}".encode())


def failing(*names: str, error: BaseException | None = None) -> Writer:
    def function(page: OpenPage) -> None:
        if page.page_id in names:
            raise error or ImageError(f"no light on {page.page_id}")

    return Writer(function)


def run(
    workspace: Workspace, wanted: Step, writer: Writer | None = None, **options: Any
) -> Summary:
    chosen = writer or Writer()
    (summary,) = run_steps(saved(workspace), [wanted], lambda *_: chosen, **options).steps
    return summary


def files(workspace: Workspace, group: str = "FULL") -> list[MetsFile]:
    return list(saved(workspace).mets.files(group))


def ids(workspace: Workspace, group: str = "FULL") -> list[str]:
    return [file.id for file in files(workspace, group)]


# For each page


def test_every_page_gives_a_file_named_after_group_and_page(workspace: Workspace) -> None:
    summary = run(workspace, step())
    assert summary.done == tuple(pages(1, 2, 3, 4))
    first = files(workspace)[0]
    assert first == MetsFile("FULL_P_1", "FULL", "P_1", "text/plain", "FULL/FULL_P_1.txt")
    assert (workspace.directory / first.path).read_text() == "FULL_P_1 1 P_1 0"
    assert ids(workspace) == [f"FULL_{page}" for page in pages(1, 2, 3, 4)]
    assert len(agents(workspace)) == 1


def test_several_kinds_are_told_apart_by_their_names(workspace: Workspace) -> None:
    run(workspace, step(TXT, PDF, page_ids="P_1..P_2"))
    assert ids(workspace) == ["FULL_P_1_TXT", "FULL_P_1_PDF", "FULL_P_2_TXT", "FULL_P_2_PDF"]
    assert sorted(path.name for path in (workspace.directory / "FULL").iterdir()) == [
        "FULL_P_1.pdf", "FULL_P_1.txt", "FULL_P_2.pdf", "FULL_P_2.txt",
    ]  # fmt: skip


def test_pages_whose_names_would_be_alike_get_names_of_their_own(tmp_path: Path) -> None:
    workspace = book(tmp_path / "book", 2)
    text = workspace.mets_path.read_text().replace('"P_1"', '"P/1"').replace('"P_2"', '"P:1"')
    workspace.mets_path.write_text(text)
    run(workspace, step())
    assert len(set(ids(workspace))) == len({f.path for f in files(workspace)}) == 2


def test_an_interrupted_run_goes_on_to_the_result_of_an_undisturbed_one(tmp_path: Path) -> None:
    disturbed, undisturbed = book(tmp_path / "a", 6), book(tmp_path / "b", 6)
    with pytest.raises(KeyboardInterrupt):
        run(disturbed, step(TXT, PDF), failing("P_4", error=KeyboardInterrupt()), policy=ALL)
    writer = Writer()
    summary = run(disturbed, step(TXT, PDF, existing=RESUME), writer, policy=ALL)
    assert (writer.seen, summary.skipped) == (pages(4, 5, 6), tuple(pages(1, 2, 3)))
    run(undisturbed, step(TXT, PDF), policy=ALL)
    one, other = result(disturbed), result(undisturbed)
    assert one.pop("mets.xml") and other.pop("mets.xml")
    assert one == other
    assert files(disturbed) == files(undisturbed)


def test_what_the_mets_does_not_list_is_made_again(workspace: Workspace) -> None:
    before = workspace.mets_path.read_bytes()
    run(workspace, step())
    workspace.mets_path.write_bytes(before)
    writer = Writer()
    run(workspace, step(existing=RESUME), writer, policy=ALL)
    assert writer.seen == pages(1, 2, 3, 4)
    assert len(agents(workspace)) == 1


def test_a_file_that_is_gone_is_made_again_in_its_place(workspace: Workspace) -> None:
    run(workspace, step())
    undisturbed = content(workspace)
    (workspace.directory / "FULL" / "FULL_P_2.txt").unlink()
    writer = Writer()
    run(workspace, step(existing=RESUME), writer)
    assert writer.seen == pages(2)
    assert content(workspace) == undisturbed


def test_a_finished_run_is_left_as_it_is(workspace: Workspace) -> None:
    run(workspace, step())
    before = content(workspace)
    with pytest.raises(OutputExistsError, match="already has page P_1 and 3 more"):
        run(workspace, step())
    assert run(workspace, step(existing=RESUME)).skipped == tuple(pages(1, 2, 3, 4))
    assert content(workspace) == before


def test_other_parameters_are_not_mixed(workspace: Workspace) -> None:
    run(workspace, step(page_ids="P_1"))
    with pytest.raises(OutputExistsError, match=r'made by ocrd-writer .* parameters \{"a": 1\}'):
        run(workspace, step(existing=RESUME, parameters={"a": 2}))


def test_after_a_replacement_that_was_interrupted_nothing_old_counts(workspace: Workspace) -> None:
    run(workspace, step())
    other = step(existing=OVERWRITE, parameters={"a": 2})
    with pytest.raises(KeyboardInterrupt):
        run(workspace, other, failing("P_3", error=KeyboardInterrupt()), policy=ALL)
    writer = Writer()
    run(workspace, replace(other, existing=RESUME), writer, policy=ALL)
    assert writer.seen == pages(1, 2, 3, 4)


def test_files_of_a_kind_that_is_no_longer_made_disappear(workspace: Workspace) -> None:
    run(workspace, step(TXT, PDF))
    run(workspace, step(PDF, existing=OVERWRITE))
    assert ids(workspace) == [f"FULL_{page}" for page in pages(1, 2, 3, 4)]
    assert {path.suffix for path in (workspace.directory / "FULL").iterdir()} == {".pdf"}


def test_a_group_of_scans_is_no_output(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="cannot write to 'IMG', the group that it reads"):
        run(workspace, step(existing=OVERWRITE, output_group="IMG"))
    workspace.mets.add_file(MetsFile("S", "FULL", "P_1", "image/png", "IMG/1.png"))
    workspace.save()
    with pytest.raises(OutputExistsError, match="it has images that no processor wrote"):
        run(workspace, step(existing=OVERWRITE))


def test_a_page_that_fails_has_no_file_even_where_input_may_be_copied(workspace: Workspace) -> None:
    policy = replace(ALL, missing_output=MissingOutput.COPY)
    summary = run(workspace, step(), failing("P_2"), policy=policy)
    assert list(summary.failed) == pages(2)
    assert ids(workspace) == ["FULL_P_1", "FULL_P_3", "FULL_P_4"]


def chain(workspace: Workspace, last: Step, writer: Writer, **options: Any) -> tuple[Summary, ...]:
    """Turn the pages, and write how they are turned."""

    def turn(page: OpenPage) -> None:
        page.document.set_orientation(90)

    first = with_groups(output_group="SEG", resume=last.existing is RESUME)
    return run_chain(
        saved(workspace), (first, Toy(turn)), (replace(last, input_group="SEG"), writer), **options
    )


def test_a_file_is_made_of_what_an_earlier_step_made(workspace: Workspace) -> None:
    chain(workspace, step(), Writer())
    path = workspace.directory / "FULL" / "FULL_P_3.txt"
    assert path.read_text() == "FULL_P_3 3 P_3 90"


# For the whole work


def test_one_file_has_all_pages_and_the_top_of_the_structure_points_to_it(
    workspace: Workspace,
) -> None:
    said: list[tuple[int, int]] = []
    summary = run(workspace, work(TXT), progress=lambda *numbers: said.append(numbers))
    assert summary.done == tuple(pages(1, 2, 3, 4))
    assert files(workspace) == [
        MetsFile(
            "FULLDOWNLOAD_TXT", "FULL", "", "text/plain", "FULL/FULLDOWNLOAD_TXT.txt", of_work=True
        )
    ]
    path = workspace.directory / "FULL" / "FULLDOWNLOAD_TXT.txt"
    assert path.read_text() == "book 4\n1 P_1 0\n2 P_2 0\n3 P_3 0\n4 P_4 0"
    top = etree.fromstring(workspace.mets_path.read_bytes()).find(
        "mets:structMap[@TYPE='PHYSICAL']/mets:div", NS
    )
    assert [pointer.get("FILEID") for pointer in top.findall("mets:fptr", NS)] == [
        "FULLDOWNLOAD_TXT"
    ]
    assert said[-1] == (4, 4)
    assert len(agents(workspace)) == 1


def test_every_kind_is_a_file_and_reads_the_pages(workspace: Workspace) -> None:
    writer = Writer()
    run(workspace, work(TXT, PDF), writer)
    assert ids(workspace) == ["FULLDOWNLOAD_TXT", "FULLDOWNLOAD_PDF"]
    assert writer.parts == 2 * pages(1, 2, 3, 4)


def test_pages_are_in_the_order_of_reading(workspace: Workspace) -> None:
    text = workspace.mets_path.read_text()
    for number in range(1, 5):
        text = text.replace(f'ID="P_{number}"', f'ID="P_{number}" ORDER="{9 - number}"')
    workspace.mets_path.write_text(text)
    writer = Writer()
    run(workspace, work(page_ids="P_1..P_3"), writer)
    assert writer.parts == pages(3, 2, 1)
    path = workspace.directory / "FULL" / "FULLDOWNLOAD_TXT.txt"
    assert path.read_text().splitlines()[1] == "2 P_3 0"


def test_a_finished_work_is_left_as_it_is(workspace: Workspace) -> None:
    run(workspace, work())
    before = content(workspace)
    with pytest.raises(OutputExistsError, match="already has FULLDOWNLOAD_TXT"):
        run(workspace, work())
    summary = run(workspace, work(existing=RESUME), failing(*pages(1, 2, 3, 4)))
    assert (summary.done, summary.skipped) == ((), tuple(pages(1, 2, 3, 4)))
    assert content(workspace) == before
    with pytest.raises(OutputExistsError, match="was made by ocrd-writer"):
        run(workspace, work(existing=RESUME, parameters={"a": 2, "per_work": True}))


def test_a_work_of_other_pages_is_not_finished(workspace: Workspace) -> None:
    path = workspace.directory / "FULL" / "FULLDOWNLOAD_TXT.txt"
    run(workspace, work(page_ids="P_2"))
    summary = run(workspace, work(existing=RESUME))
    assert summary.done == tuple(pages(1, 2, 3, 4))
    assert path.read_text().startswith("book 4\n")
    run(workspace, work(existing=RESUME, page_ids="P_2"))
    assert path.read_text() == "book 1\n2 P_2 0"


def test_a_work_with_a_page_that_was_made_later_is_not_finished(workspace: Workspace) -> None:
    run(workspace, work())
    path = workspace.directory / "FULL" / "FULLDOWNLOAD_TXT.txt"
    later = path.stat().st_mtime_ns + 1
    os.utime(workspace.directory / "IMG" / "3.png", ns=(later, later))
    assert run(workspace, work(existing=RESUME)).done == tuple(pages(1, 2, 3, 4))
    (workspace.directory / "IMG" / "3.png").unlink()  # what is not here cannot tell
    assert run(workspace, work(existing=RESUME)).skipped == tuple(pages(1, 2, 3, 4))


def test_a_work_is_replaced_with_the_kinds_that_are_no_longer_made(workspace: Workspace) -> None:
    run(workspace, work(TXT, PDF))
    run(workspace, work(PDF, existing=OVERWRITE))
    assert ids(workspace) == ["FULLDOWNLOAD_PDF"]
    assert [path.name for path in (workspace.directory / "FULL").iterdir()] == [
        "FULLDOWNLOAD_PDF.pdf"
    ]


def test_a_page_that_fails_is_left_out_if_it_may(workspace: Workspace) -> None:
    summary = run(workspace, work(TXT, PDF), failing("P_2"), policy=ALL)
    assert (list(summary.failed), summary.done) == (pages(2), tuple(pages(1, 3, 4)))
    path = workspace.directory / "FULL" / "FULLDOWNLOAD_PDF.pdf"
    assert path.read_text() == "book 4\n1 P_1 0\n3 P_3 0\n4 P_4 0"


@pytest.mark.parametrize(
    ("writer", "policy", "error"),
    [
        (failing("P_2"), NONE, TooManyFailuresError),
        (failing("P_2"), replace(ALL, missing_output=MissingOutput.ABORT), ImageError),
        (failing("P_2", error=KeyboardInterrupt()), ALL, KeyboardInterrupt),
    ],
)
def test_without_all_pages_that_are_needed_there_is_no_file(
    workspace: Workspace, writer: Writer, policy: Policy, error: type[BaseException]
) -> None:
    before = content(workspace)
    with pytest.raises(error):
        run(workspace, work(), writer, policy=policy)
    assert content(workspace) == before


def test_an_older_file_stays_where_the_new_one_cannot_be_made(workspace: Workspace) -> None:
    run(workspace, work())
    before = content(workspace)
    with pytest.raises(TooManyFailuresError):
        run(workspace, work(existing=OVERWRITE), failing("P_2"), policy=NONE)
    assert content(workspace) == before


def test_a_work_is_made_of_what_the_steps_before_it_made(workspace: Workspace) -> None:
    chain(workspace, work(), Writer())
    path = workspace.directory / "FULL" / "FULLDOWNLOAD_TXT.txt"
    assert path.read_text() == "book 4\n1 P_1 90\n2 P_2 90\n3 P_3 90\n4 P_4 90"


def test_a_work_waits_until_enough_pages_are_done_and_is_made_anew_with_them(
    workspace: Workspace,
) -> None:
    first, last = with_groups(output_group="SEG"), replace(work(), input_group="SEG")

    def fail(page: OpenPage) -> None:
        if page.page_id == "P_3":
            raise ImageError("dark")

    with pytest.raises(TooManyFailuresError):
        run_chain(saved(workspace), (first, Toy(fail)), (last, Writer()), policy=NONE)
    assert "FULL" not in saved(workspace).mets.groups
    run_chain(saved(workspace), (replace(first, existing=OVERWRITE), Toy(fail)),
              (last, Writer()), policy=ALL)  # fmt: skip
    path = workspace.directory / "FULL" / "FULLDOWNLOAD_TXT.txt"
    assert "P_3" not in path.read_text()
    writer = Writer()
    both = [replace(one, existing=RESUME) for one in (first, last)]
    run_chain(saved(workspace), (both[0], Toy()), (both[1], writer), policy=ALL)
    assert "P_3" in path.read_text()
    assert writer.parts == pages(1, 2, 3, 4)


def test_an_id_that_another_group_has_is_named(workspace: Workspace) -> None:
    workspace.mets.add_file(
        MetsFile("FULLDOWNLOAD_TXT", "DOWNLOAD", "", "text/plain", "", "https://x.org/a.txt")
    )
    workspace.save()
    with pytest.raises(MetsError, match="file group 'DOWNLOAD' already has FULLDOWNLOAD_TXT"):
        run(workspace, work())


def test_a_work_without_input_is_refused(workspace: Workspace) -> None:
    with pytest.raises(MetsError, match="'NOTHING' is not in the METS"):
        run(workspace, work(input_group="NOTHING"))


def test_a_processor_without_works_is_told(workspace: Workspace) -> None:
    make: Callable[[str, Mapping[str, Any]], Toy] = lambda *_: Toy()  # noqa: E731
    with pytest.raises(UsageError, match="ocrd-writer gives no files of whole works"):
        run_steps(saved(workspace), [work()], make)


def test_files_of_pages_and_of_the_work_may_share_a_group(workspace: Workspace) -> None:
    run(workspace, step())
    run(workspace, work())
    before = content(workspace)
    assert ids(workspace)[-1] == "FULLDOWNLOAD_TXT"
    for wanted in (step(existing=RESUME), work(existing=RESUME)):
        assert run(workspace, wanted).skipped == tuple(pages(1, 2, 3, 4))
    assert content(workspace) == before
    run(workspace, step(existing=OVERWRITE))
    assert sorted(ids(workspace)) == sorted(
        [*(f"FULL_P_{n}" for n in (1, 2, 3, 4)), "FULLDOWNLOAD_TXT"]
    )
