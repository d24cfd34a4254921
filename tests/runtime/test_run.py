"""Running a processor over a workspace: which pages, what fails, what is recorded."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from ocrd_rapid import __version__
from ocrd_rapid.errors import (
    ConfigurationError,
    ExitCode,
    ImageError,
    InputError,
    MetsError,
    ModelError,
    OutputExistsError,
    PageXmlError,
    TooManyFailuresError,
    UsageError,
)
from ocrd_rapid.runtime.processor import PageTask
from ocrd_rapid.runtime.run import FailurePolicy, Step, Summary, check_step, run_step
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.mets import Mets, MetsFile
from ocrd_rapid.workspace.page import NAMESPACE, PageDocument
from ocrd_rapid.workspace.workspace import Workspace

NS = {"mets": "http://www.loc.gov/METS/", "pc": NAMESPACE}
OPTION = "{https://ocr-d.de}option"

STEP = Step(
    executable="ocrd-toy",
    step="layout/segmentation/line",
    input_group="IMG",
    output_group="OUT",
    parameters={"model": "toy.onnx", "level": 0.5, "deep": True},
)
ALL = FailurePolicy(tolerated=-1)
NONE = FailurePolicy(tolerated=0)


def nothing(task: PageTask) -> None:
    """Do what a processor does that finds nothing."""


@dataclass
class Toy:
    """A processor that is a plain function, and remembers its pages."""

    function: Callable[[PageTask], None] = nothing
    versions: Mapping[str, str] = field(default_factory=lambda: {"model": "toy.onnx"})
    seen: list[str] = field(default_factory=list)

    def process(self, task: PageTask) -> None:
        self.seen.append(task.page_id)
        self.function(task)


def fails_on(*pages: str, error: BaseException | None = None) -> Toy:
    def function(task: PageTask) -> None:
        if task.page_id in pages:
            raise error or ImageError(f"no light on {task.page_id}")

    return Toy(function)


def run(workspace: Workspace, toy: Toy, step: Step = STEP, **options: object) -> Summary:
    return run_step(workspace, step, lambda: toy, **options)  # type: ignore[arg-type]


def with_groups(
    input_group: str = "IMG", output_group: str = "OUT", page_ids: str | None = None,
    *, overwrite: bool = False,
) -> Step:  # fmt: skip
    return Step(
        STEP.executable, STEP.step, input_group, output_group, STEP.parameters, page_ids, overwrite
    )


def book(directory: Path, count: int) -> Workspace:
    """Return a workspace of ``count`` pages P_1 … with the images IMG_1 … in the group IMG."""
    workspace = Workspace.create(directory=directory)
    (directory / "IMG").mkdir()
    for number in range(1, count + 1):
        Image.new("L", (30, 20 + number), 255).save(directory / "IMG" / f"{number}.png")
        workspace.mets.add_file(
            MetsFile(f"IMG_{number}", "IMG", f"P_{number}", "image/png", f"IMG/{number}.png")
        )
    workspace.save()
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return book(tmp_path / "book", 4)


@pytest.fixture
def single(tmp_path: Path) -> Workspace:
    return book(tmp_path / "single", 1)


def saved(workspace: Workspace) -> Workspace:
    """Return the workspace as the next command finds it."""
    return Workspace.open(workspace.mets_path)


def output_pages(workspace: Workspace, group: str = "OUT") -> list[str]:
    return [file.page_id for file in saved(workspace).mets.files(group)]


def content(workspace: Workspace) -> dict[str, bytes]:
    """Return the content of all files, by their paths."""
    return {
        str(path.relative_to(workspace.directory)): path.read_bytes()
        for path in workspace.directory.rglob("*")
        if path.is_file()
    }


def agents(workspace: Workspace) -> list[etree._Element]:
    root = etree.fromstring(workspace.mets_path.read_bytes())
    return root.findall("mets:metsHdr/mets:agent[@OTHERROLE]", NS)


# Which pages


def test_all_pages_are_processed_in_their_order_and_listed(workspace: Workspace) -> None:
    toy = Toy()
    summary = run(workspace, toy)
    assert summary == Summary(("P_1", "P_2", "P_3", "P_4"), {})
    assert toy.seen == output_pages(workspace) == ["P_1", "P_2", "P_3", "P_4"]


def test_only_selected_pages_are_processed(workspace: Workspace) -> None:
    toy = Toy()
    summary = run(workspace, toy, with_groups(page_ids="P_2..P_4,~P_3"))
    assert toy.seen == list(summary.done) == output_pages(workspace) == ["P_2", "P_4"]


def test_a_page_that_does_not_exist_ends_the_run_before_it_begins(workspace: Workspace) -> None:
    before = content(workspace)
    toy = Toy()
    with pytest.raises(UsageError, match="'P_9' matches none of the pages"):
        run(workspace, toy, with_groups(page_ids="P_1,P_9"))
    assert toy.seen == []
    assert content(workspace) == before


def test_pages_without_input_are_left_out_with_a_warning(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    workspace.mets.remove_file("IMG_2")
    with caplog.at_level(logging.WARNING):
        summary = run(workspace, Toy())
    assert summary.done == ("P_1", "P_3", "P_4")
    assert "page P_2 has no file in file group IMG" in caplog.text
    assert "P_3" not in caplog.text


def test_files_that_belong_to_no_page_are_ignored(workspace: Workspace) -> None:
    workspace.mets.add_file(MetsFile("IMG_PDF", "IMG", "", "application/pdf", "IMG/all.pdf"))
    assert run(workspace, Toy()).done == ("P_1", "P_2", "P_3", "P_4")


def test_no_pages_at_all_is_an_error(workspace: Workspace) -> None:
    workspace.mets.remove_file("IMG_2")
    toy = Toy()
    with pytest.raises(MetsError, match="file group 'IMG' has no files for the pages asked for"):
        run(workspace, toy, with_groups(page_ids="P_2"))
    assert toy.seen == []


def test_progress_is_told_page_by_page(workspace: Workspace) -> None:
    told: list[tuple[int, int]] = []
    run(workspace, Toy(), progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


# What is checked before a model is loaded


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (with_groups("IMG,SEG"), UsageError, "reads one file group and writes one"),
        (with_groups(output_group="A,B"), UsageError, "reads one file group and writes one"),
        (with_groups("SEG"), MetsError, r"'SEG' is not in the METS \(it has: IMG\)"),
        (with_groups(output_group="../up"), MetsError, "output file group '../up' is not allowed"),
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


def test_checking_a_step_writes_nothing(workspace: Workspace) -> None:
    before = content(workspace)
    assert [page.page_id for page in check_step(workspace, STEP)] == ["P_1", "P_2", "P_3", "P_4"]
    assert content(workspace) == before


# What is written


def test_output_is_named_after_the_input(workspace: Workspace) -> None:
    run(workspace, Toy())
    assert list(saved(workspace).mets.files("OUT")) == [
        MetsFile(f"OUT_{n}", "OUT", f"P_{n}", MIMETYPE_PAGE, f"OUT/OUT_{n}.xml")
        for n in range(1, 5)
    ]
    assert sorted(p.name for p in (workspace.directory / "OUT").iterdir()) == [
        f"OUT_{n}.xml" for n in range(1, 5)
    ]


def test_each_page_says_which_file_it_is_and_which_image_it_has(workspace: Workspace) -> None:
    run(workspace, Toy())
    for number in range(1, 5):
        page = PageDocument.read(workspace.directory / "OUT" / f"OUT_{number}.xml")
        assert page.pcgts_id == f"OUT_{number}"
        assert page.image_filename == f"IMG/{number}.png"
        assert (page.width, page.height) == (30, 20 + number)


def test_the_step_is_recorded_in_every_page(workspace: Workspace) -> None:
    run(workspace, Toy())
    page = PageDocument.read(workspace.directory / "OUT" / "OUT_3.xml")
    (item,) = page.root.iterfind("pc:Metadata/pc:MetadataItem", NS)
    assert (item.get("name"), item.get("value")) == ("layout/segmentation/line", "ocrd-toy")
    labels = [(e.getparent().get("externalId"), e.get("type"), e.get("value"))  # type: ignore[union-attr]
              for e in item.iterfind(".//pc:Label", NS)]  # fmt: skip
    assert labels == [
        ("parameters", "model", "toy.onnx"),
        ("parameters", "level", "0.5"),
        ("parameters", "deep", "True"),
        ("version", "ocrd-toy", __version__),
        ("version", "model", "toy.onnx"),
    ]


def test_the_step_is_recorded_in_the_mets_once(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_1..P_3"))
    (agent,) = agents(workspace)
    assert agent.get("OTHERROLE") == "layout/segmentation/line"
    assert agent.findtext("mets:name", namespaces=NS) == f"ocrd-toy v{__version__}"
    notes = {e.get(OPTION): e.text or "" for e in agent.iterfind("mets:note", NS)}
    parameter = json.loads(notes.pop("parameter"))
    assert parameter == {"model": "toy.onnx", "level": 0.5, "deep": True}
    assert notes == {
        "input-file-grp": "IMG", "output-file-grp": "OUT", "page-id": "P_1..P_3",
    }  # fmt: skip


def test_what_the_processor_changes_is_written(workspace: Workspace) -> None:
    run(workspace, Toy(lambda task: task.document.set_orientation(90)))
    pages = [PageDocument.read(p) for p in (workspace.directory / "OUT").iterdir()]
    assert [page.orientation for page in pages] == [90, 90, 90, 90]


def test_a_second_step_reads_the_pages_of_the_first(workspace: Workspace) -> None:
    run(workspace, Toy(lambda task: task.document.set_orientation(90)))
    found: list[float] = []
    second = Toy(lambda task: found.append(task.document.orientation))
    run(saved(workspace), second, with_groups("OUT", "END"))
    assert found == [90, 90, 90, 90]
    page = PageDocument.read(workspace.directory / "END" / "END_2.xml")
    assert page.pcgts_id == "END_2"
    assert len(page.root.findall("pc:Metadata/pc:MetadataItem", NS)) == 2
    assert len(agents(workspace)) == 2


def test_page_xml_is_preferred_to_images_of_the_same_page(single: Workspace) -> None:
    document = PageDocument.for_image("IMG/1.png", 30, 21, "me")
    document.set_orientation(180)
    single.mets.add_file(single.write_page(document, "IMG", "IMG_1_PAGE", "P_1"))
    found: list[float] = []
    run(single, Toy(lambda task: found.append(task.document.orientation)))
    assert found == [180]
    assert [f.id for f in saved(single).mets.files("OUT")] == ["OUT_1_PAGE"]


def test_an_image_is_decoded_once_and_only_if_asked_for(single: Workspace) -> None:
    images: list[object] = []

    def look(task: PageTask) -> None:
        images.extend([task.image, task.image])

    run(single, Toy(look))
    assert images[0] is images[1]


# Output that is there already


def test_output_that_is_there_is_not_touched(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_2"))
    before = content(workspace)
    toy = Toy()
    with pytest.raises(OutputExistsError) as caught:
        run(saved(workspace), toy)
    assert str(caught.value) == (
        "output file group 'OUT' already has page P_2;"
        " replace it with --overwrite, or name another output group"
    )
    assert toy.seen == []
    assert content(workspace) == before


def test_other_pages_can_be_added_to_output_that_is_there(workspace: Workspace) -> None:
    run(workspace, Toy(), with_groups(page_ids="P_2"))
    run(saved(workspace), Toy(), with_groups(page_ids="~P_2"))
    assert sorted(output_pages(workspace)) == ["P_1", "P_2", "P_3", "P_4"]


def test_output_is_replaced_when_asked_to(workspace: Workspace) -> None:
    run(workspace, Toy())
    turn = Toy(lambda task: task.document.set_orientation(90))
    run(saved(workspace), turn, with_groups(page_ids="P_2", overwrite=True))
    assert turn.seen == ["P_2"]
    files = {f.id: f for f in saved(workspace).mets.files("OUT")}
    assert sorted(files) == ["OUT_1", "OUT_2", "OUT_3", "OUT_4"]
    turned = {i: PageDocument.read(workspace.directory / f.path).orientation
              for i, f in files.items()}  # fmt: skip
    assert turned == {"OUT_1": 0, "OUT_2": 90, "OUT_3": 0, "OUT_4": 0}


def test_a_group_can_be_changed_in_place(workspace: Workspace) -> None:
    run(workspace, Toy())
    turn = Toy(lambda task: task.document.set_orientation(task.document.orientation + 90))
    run(saved(workspace), turn, with_groups("OUT", "OUT", overwrite=True))
    files = list(saved(workspace).mets.files("OUT"))
    assert [f.id for f in files] == ["OUT_1", "OUT_2", "OUT_3", "OUT_4"]
    pages = [PageDocument.read(workspace.directory / f.path) for f in files]
    assert [page.orientation for page in pages] == [90, 90, 90, 90]


def test_overwriting_removes_older_output_of_the_page_under_another_name(
    single: Workspace,
) -> None:
    document = PageDocument.for_image("IMG/1.png", 30, 21, "another processor")
    single.mets.add_file(single.write_page(document, "OUT", "FROM_ELSEWHERE", "P_1"))
    run(single, Toy(), with_groups(overwrite=True))
    assert [f.id for f in saved(single).mets.files("OUT")] == ["OUT_1"]


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


def test_images_stay_in_the_mets_when_their_group_is_the_output_too(single: Workspace) -> None:
    run(single, Toy(), with_groups("IMG", "IMG", overwrite=True))
    image, page = saved(single).mets.files("IMG")
    assert (image.id, image.mimetype, image.path) == ("IMG_1", "image/png", "IMG/1.png")
    assert (page.mimetype, page.page_id) == (MIMETYPE_PAGE, "P_1")
    assert PageDocument.read(single.directory / page.path).pcgts_id == page.id
    again = Toy()
    run(saved(single), again, with_groups("IMG", "IMG", overwrite=True))
    assert again.seen == ["P_1"]
    assert len(list(saved(single).mets.files("IMG"))) == 2


def test_overwriting_keeps_the_images_of_the_page(single: Workspace) -> None:
    derived = MetsFile("OUT_1.IMG", "OUT", "P_1", "image/png", "IMG/1.png")
    single.mets.add_file(derived)
    run(single, Toy(), with_groups(overwrite=True))
    assert next(saved(single).mets.files("OUT")) == derived


def test_the_cost_of_a_page_does_not_grow_with_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_at(count: int) -> int:
        number = 0
        plain = Mets.files

        def counted(mets: Mets, group: str) -> Iterator[MetsFile]:
            nonlocal number
            for file in plain(mets, group):
                number += 1
                yield file

        workspace = book(tmp_path / str(count), count)
        with monkeypatch.context() as patch:
            patch.setattr(Mets, "files", counted)
            run(workspace, Toy())
        return number

    assert looked_at(40) <= 4 * looked_at(10)


# Pages that fail


def test_a_page_that_fails_does_not_stop_the_others(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    toy = fails_on("P_2")
    summary = run(workspace, toy, policy=FailurePolicy(tolerated=0.25))
    assert toy.seen == ["P_1", "P_2", "P_3", "P_4"]
    assert summary == Summary(("P_1", "P_3", "P_4"), {"P_2": "no light on P_2"})
    assert output_pages(workspace) == ["P_1", "P_3", "P_4"]
    assert not (workspace.directory / "OUT" / "OUT_2.xml").exists()
    assert "page P_2 failed: no light on P_2" in caplog.text


def test_too_many_failures_end_the_run_and_keep_what_is_done(workspace: Workspace) -> None:
    toy = fails_on("P_2", "P_3")
    with pytest.raises(TooManyFailuresError) as caught:
        run(workspace, toy, policy=FailurePolicy(tolerated=0.25))
    assert toy.seen == ["P_1", "P_2", "P_3"]
    assert str(caught.value) == (
        "2 of 4 pages failed (2 ImageError), more than OCRD_MAX_MISSING_OUTPUTS allows;"
        " the first was P_2: no light on P_2"
    )
    assert caught.value.exit_code is ExitCode.TOO_MANY_FAILURES
    assert output_pages(workspace) == ["P_1"]
    assert len(agents(workspace)) == 1


def test_by_default_a_tenth_of_the_pages_may_fail(tmp_path: Path) -> None:
    ten = book(tmp_path / "ten", 10)
    assert len(run(ten, fails_on("P_1")).done) == 9
    with pytest.raises(TooManyFailuresError):
        run(ten, fails_on("P_1", "P_2"), with_groups(output_group="OUT2"))


def test_kinds_of_failures_are_counted(workspace: Workspace) -> None:
    def function(task: PageTask) -> None:
        if task.page_id != "P_2":
            raise ImageError("a")
        raise ModelError("b")

    with pytest.raises(TooManyFailuresError, match=r"3 of 4 .*\(2 ImageError, 1 ModelError\)"):
        run(workspace, Toy(function), policy=FailurePolicy(tolerated=0.5))


def test_if_all_pages_may_fail_nothing_is_written_and_nothing_raised(
    workspace: Workspace,
) -> None:
    before = content(workspace)
    summary = run(workspace, fails_on("P_1", "P_2", "P_3", "P_4"), policy=ALL)
    assert summary.done == ()
    assert list(summary.failed) == ["P_1", "P_2", "P_3", "P_4"]
    assert content(workspace) == before


def test_a_single_page_fails_with_its_own_error(single: Workspace) -> None:
    before = content(single)
    with pytest.raises(ImageError, match="no light on P_1"):
        run(single, fails_on("P_1"), policy=ALL)
    assert content(single) == before


def test_abort_ends_the_run_at_the_first_failure(workspace: Workspace) -> None:
    toy = fails_on("P_2")
    with pytest.raises(ImageError, match="no light on P_2"):
        run(workspace, toy, policy=FailurePolicy(abort=True, tolerated=-1))
    assert toy.seen == ["P_1", "P_2"]
    assert output_pages(workspace) == ["P_1"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a defect"), SystemExit(3)])
def test_what_is_done_is_in_the_mets_whatever_happens_after(
    workspace: Workspace, error: BaseException
) -> None:
    with pytest.raises(type(error)):
        run(workspace, fails_on("P_3", error=error))
    assert output_pages(workspace) == ["P_1", "P_2"]
    assert len(agents(workspace)) == 1
    assert sorted(p.name for p in (workspace.directory / "OUT").iterdir()) == [
        "OUT_1.xml", "OUT_2.xml",
    ]  # fmt: skip


def test_a_run_that_was_interrupted_can_be_taken_up_again(workspace: Workspace) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(workspace, fails_on("P_3", error=KeyboardInterrupt()))
    toy = Toy()
    run(saved(workspace), toy, with_groups(page_ids="P_3..P_4"))
    assert toy.seen == ["P_3", "P_4"]
    assert output_pages(workspace) == ["P_1", "P_2", "P_3", "P_4"]


def test_an_interrupt_on_the_first_page_changes_nothing(workspace: Workspace) -> None:
    before = content(workspace)
    with pytest.raises(KeyboardInterrupt):
        run(workspace, fails_on("P_1", error=KeyboardInterrupt()))
    assert content(workspace) == before


# Input that is missing or broken


def look_at(task: PageTask) -> None:
    assert task.image.pixels.shape[2] == 3


def test_a_missing_image_fails_its_page(workspace: Workspace) -> None:
    (workspace.directory / "IMG" / "2.png").unlink()
    summary = run(workspace, Toy(look_at), policy=ALL)
    path = workspace.directory / "IMG" / "2.png"
    assert summary.failed == {"P_2": f"image {path} does not exist"}
    assert output_pages(workspace) == ["P_1", "P_3", "P_4"]


def test_an_image_that_is_none_fails_its_page(workspace: Workspace) -> None:
    (workspace.directory / "IMG" / "2.png").write_bytes(b"no image")
    summary = run(workspace, Toy(look_at), policy=ALL)
    assert list(summary.failed) == ["P_2"]
    assert "is not an image of a known format" in summary.failed["P_2"]


@pytest.mark.parametrize(
    ("broken", "error", "message"),
    [
        ("", PageXmlError, "not well-formed"),
        ("<PcGts>", PageXmlError, "not well-formed"),
        ("<alto/>", PageXmlError, "not a PAGE-XML document"),
    ],
)
def test_page_xml_that_is_none_fails_its_page(
    single: Workspace, broken: str, error: type[Exception], message: str
) -> None:
    run(single, Toy())
    (single.directory / "OUT" / "OUT_1.xml").write_text(broken)
    with pytest.raises(error, match=message):
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
    assert list(summary.failed) == ["P_2"]
    assert message in summary.failed["P_2"]
    assert output_pages(workspace, "END") == ["P_1", "P_3", "P_4"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (MetsFile("IMG_1B", "IMG", "P_1", "image/png", "IMG/1.png"), "several files"),
        (MetsFile("IMG_1", "IMG", "P_1", "application/pdf", "a.pdf"), "neither PAGE-XML nor"),
        (MetsFile("IMG_1", "IMG", "P_1", "image/png", "", "http://x.org/1"), "download it first"),
    ],
)
def test_input_that_cannot_be_used_fails_its_page(
    single: Workspace, file: MetsFile, message: str
) -> None:
    single.mets.add_file(file)
    single.save()
    before = content(single)
    with pytest.raises(InputError, match=message):
        run(single, Toy())
    assert content(single) == before


# The policy


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, FailurePolicy(abort=False, tolerated=0.1)),
        ({"OCRD_MISSING_OUTPUT": "SKIP"}, FailurePolicy(abort=False, tolerated=0.1)),
        ({"OCRD_MISSING_OUTPUT": "ABORT"}, FailurePolicy(abort=True, tolerated=0.1)),
        ({"OCRD_MAX_MISSING_OUTPUTS": "0.5"}, FailurePolicy(abort=False, tolerated=0.5)),
        ({"OCRD_MAX_MISSING_OUTPUTS": "-1"}, FailurePolicy(abort=False, tolerated=-1)),
    ],
)
def test_the_policy_is_read_from_the_environment(
    environ: dict[str, str], expected: FailurePolicy
) -> None:
    assert FailurePolicy.from_environment(environ) == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OCRD_MISSING_OUTPUT", "COPY", r"'COPY' is not allowed \(allowed are: SKIP, ABORT\)"),
        ("OCRD_MISSING_OUTPUT", "abort", "'abort' is not allowed"),
        ("OCRD_MISSING_OUTPUT", "", "'' is not allowed"),
        ("OCRD_MAX_MISSING_OUTPUTS", "many", "'many' is not a number"),
        ("OCRD_MAX_MISSING_OUTPUTS", "10%", "'10%' is not a number"),
        ("OCRD_MAX_MISSING_OUTPUTS", "nan", "'nan' is not a number"),
    ],
)
def test_values_that_are_not_allowed_end_the_run_before_it_begins(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    message: str,
) -> None:
    before = content(workspace)
    monkeypatch.setenv(name, value)
    toy = Toy()
    with pytest.raises(ConfigurationError, match=f"environment variable {name}: {message}"):
        run(workspace, toy)
    assert toy.seen == []
    assert content(workspace) == before


def test_the_environment_decides_where_no_policy_is_given(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCRD_MAX_MISSING_OUTPUTS", "0.5")
    assert len(run(workspace, fails_on("P_1", "P_3")).failed) == 2
    monkeypatch.setenv("OCRD_MISSING_OUTPUT", "ABORT")
    with pytest.raises(ImageError):
        run(workspace, fails_on("P_1"), with_groups(output_group="OUT2"))


@pytest.mark.parametrize(
    ("tolerated", "failed", "total", "expected"),
    [
        (0.1, 0, 5, False),
        (0.1, 1, 10, False),
        (0.1, 2, 10, True),
        (0.1, 1, 9, True),
        (0, 1, 1000, True),
        (1, 10, 10, False),
        (-1, 10, 10, False),
    ],
)
def test_more_failures_than_tolerated_are_too_many(
    tolerated: float, failed: int, total: int, expected: bool
) -> None:
    assert FailurePolicy(tolerated=tolerated).exceeded(failed, total) is expected


def test_without_tolerance_the_first_failure_is_one_too_many(workspace: Workspace) -> None:
    toy = fails_on("P_1")
    with pytest.raises(TooManyFailuresError, match="1 of 4 pages failed"):
        run(workspace, toy, policy=NONE)
    assert toy.seen == ["P_1"]
