"""ocrd-rapid workspace: many images, and many files by a pattern."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.cli.workspace.files import natural_key
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.workspace import Workspace

Call = Callable[..., Any]
Snapshot = Callable[[], dict[str, bytes | None]]


@pytest.fixture
def workspace(call: Call) -> Call:
    """Return a function that calls ``ocrd-rapid workspace -d DIRECTORY …``."""
    return partial(call, "ocrd-rapid", "workspace", "-d")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Return a workspace without files."""
    return Workspace.create(directory=tmp_path / "empty").directory


@pytest.fixture
def scans(here: Path) -> Path:
    """Return a folder with images, and with what is none."""
    folder = here / "scans"
    (folder / "sub").mkdir(parents=True)
    for name in ("page2.png", "page10.TIF", "Page1.jpg", "notes.txt", ".hidden.png", "sub/x.png"):
        (folder / name).write_bytes(name.encode())
    return folder


def entries(directory: Path, group: str = "OCR-D-IMG") -> list[tuple[str, str, str, str]]:
    files = Workspace.open(directory=directory).mets.files(group)
    return [(f.id, f.page_id, f.mimetype, f.path) for f in files]


# add-images


def test_the_images_of_a_folder_become_pages_in_natural_order(
    workspace: Call, empty: Path, scans: Path
) -> None:
    done = workspace(empty, "add-images", "scans")
    assert (done.code, done.out) == (0, "")
    assert "added 3 images as pages PHYS_0001 to PHYS_0003; 0 were there" in done.err
    assert entries(empty) == [
        ("OCR-D-IMG_0001", "PHYS_0001", "image/jpeg", "OCR-D-IMG/Page1.jpg"),
        ("OCR-D-IMG_0002", "PHYS_0002", "image/png", "OCR-D-IMG/page2.png"),
        ("OCR-D-IMG_0003", "PHYS_0003", "image/tiff", "OCR-D-IMG/page10.TIF"),
    ]
    assert (empty / "OCR-D-IMG" / "page2.png").read_bytes() == b"page2.png"
    assert len(list((empty / "OCR-D-IMG").iterdir())) == 3


def test_adding_again_adds_nothing_but_what_is_new(
    workspace: Call, empty: Path, scans: Path
) -> None:
    assert workspace(empty, "add-images", scans).code == 0
    before = entries(empty)
    assert "added 0 images; 3 were there" in workspace(empty, "add-images", scans).err
    assert entries(empty) == before
    (scans / "page3.png").write_bytes(b"new")
    assert "as pages PHYS_0004 to PHYS_0004; 3" in workspace(empty, "add-images", scans).err
    assert entries(empty)[3:] == [
        ("OCR-D-IMG_0004", "PHYS_0004", "image/png", "OCR-D-IMG/page3.png")
    ]


def test_images_of_the_workspace_stay_where_they_are(
    workspace: Call, empty: Path, snapshot: Snapshot
) -> None:
    (empty / "masters").mkdir()
    (empty / "masters" / "1.tif").write_bytes(b"x")
    before = set(snapshot())
    for folder in (empty / "masters", "masters"):
        assert workspace(empty, "add-images", "-G", "OCR-D-IMG-TIF", folder).code == 0
    assert entries(empty, "OCR-D-IMG-TIF") == [
        ("OCR-D-IMG-TIF_0001", "PHYS_0001", "image/tiff", "masters/1.tif")
    ]
    assert set(snapshot()) - before <= {"empty/.mets.xml.lock"}


def test_named_files_are_sorted_unless_their_order_is_to_be_kept(
    workspace: Call, empty: Path, scans: Path
) -> None:
    names = [scans / "page10.TIF", scans / "page2.png", scans / "page2.png"]
    assert workspace(empty, "add-images", *names).code == 0
    assert workspace(empty, "add-images", "-G", "KEPT", "--keep-order", *names).code == 0
    assert [e[3] for e in entries(empty)] == ["OCR-D-IMG/page2.png", "OCR-D-IMG/page10.TIF"]
    assert [e[3] for e in entries(empty, "KEPT")] == ["KEPT/page10.TIF", "KEPT/page2.png"]


def test_images_of_the_same_name_are_told_apart(workspace: Call, empty: Path, here: Path) -> None:
    for folder, content in (("v1", b"one"), ("v2", b"two"), ("v3", b"one")):
        (here / folder).mkdir()
        (here / folder / "1.png").write_bytes(content)
    for _ in range(2):
        assert workspace(empty, "add-images", "v1", "v2", "v3").code == 0
    assert [(e[1], e[3]) for e in entries(empty)] == [
        ("PHYS_0001", "OCR-D-IMG/1.png"),
        ("PHYS_0002", "OCR-D-IMG/v2_1.png"),
        ("PHYS_0003", "OCR-D-IMG/v3_1.png"),
    ]
    assert (empty / "OCR-D-IMG" / "v2_1.png").read_bytes() == b"two"


def test_copies_of_a_run_that_was_interrupted_are_used(
    workspace: Call, empty: Path, scans: Path
) -> None:
    (empty / "OCR-D-IMG").mkdir()
    (empty / "OCR-D-IMG" / "Page1.jpg").write_bytes(b"Page1.jpg")
    assert workspace(empty, "add-images", scans).code == 0
    assert entries(empty)[0][3] == "OCR-D-IMG/Page1.jpg"
    assert len(list((empty / "OCR-D-IMG").iterdir())) == 3


def test_no_file_is_replaced(workspace: Call, empty: Path, scans: Path) -> None:
    (empty / "OCR-D-IMG").mkdir()
    names = ("page2.png", "scans_page2.png", "OCR-D-IMG_0001_page2.png")
    for name in names:
        (empty / "OCR-D-IMG" / name).write_bytes(b"other")
    done = workspace(empty, "add-images", scans / "page2.png")
    assert done.code == 10
    assert "OCR-D-IMG_0001_page2.png exists already, and is not" in done.complaints[0]
    assert [(empty / "OCR-D-IMG" / name).read_bytes() for name in names] == [b"other"] * 3


def test_pages_are_counted_on(workspace: Call, book: Path, scans: Path) -> None:
    assert workspace(book, "add", "-G", "IMG", "-i", "x", "-g", "PHYS_0041", "IMG/1.png").code == 0
    assert workspace(book, "add-images", scans / "page2.png").code == 0
    assert entries(book)[0][:2] == ("OCR-D-IMG_0042", "PHYS_0042")


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("gone.png", 8, "file gone.png does not exist"),
        ("scans/notes.txt", 2, "scans/notes.txt is not an image of a known kind"),
        ("nothing", 8, "there are no images in nothing"),
    ],
)
def test_what_is_no_image_is_one_line_and_changes_nothing(
    workspace: Call, empty: Path, scans: Path, here: Path, snapshot: Snapshot,
    source: str, code: int, message: str,
) -> None:  # fmt: skip
    (here / "nothing").mkdir()
    before = snapshot()
    done = workspace(empty, "add-images", source)
    assert done.code == code
    assert message in done.complaints[0]
    assert snapshot() == before


def test_without_a_workspace_nothing_is_copied(workspace: Call, here: Path, scans: Path) -> None:
    done = workspace("none", "add-images", scans)
    assert done.code == 8
    assert "ocrd-rapid workspace -d" in done.complaints[0]
    assert not (here / "none").exists()


@given(
    st.lists(st.integers(0, 10**12), min_size=2, unique=True), st.sampled_from(["p", "P 1_", ""])
)
def test_numbers_sort_by_their_value(numbers: list[int], prefix: str) -> None:
    names = [f"{prefix}{n}.png" for n in numbers]
    random.Random(0).shuffle(names)
    assert sorted(names, key=natural_key) == [f"{prefix}{n}.png" for n in sorted(numbers)]


@given(st.lists(st.text(max_size=9), unique=True))
def test_any_names_can_be_sorted_and_never_tie(names: list[str]) -> None:
    assert len({natural_key(name) for name in names}) == len(names)
    backwards = sorted(names, reverse=True)
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


# bulk-add

BULK = ("bulk-add", "-r", r"(.*/)?(?P<grp>[^/]+)/page_(?P<n>\d+)[.](?P<ext>\w+)")


@pytest.fixture
def tree(here: Path) -> Path:
    """Return a folder with two groups of two pages."""
    for group, suffix in (("OCR-D-IMG", "tif"), ("OCR-D-SEG", "xml")):
        (here / group).mkdir()
        for n in (2, 10):
            (here / group / f"page_{n}.{suffix}").write_text(f"{group} {n}")
    return here


def test_names_say_what_files_are(workspace: Call, empty: Path, tree: Path) -> None:
    done = workspace(
        empty,
        *BULK,
        "-G",
        "{{ grp }}",
        "-g",
        "PHYS_{{n}}",
        "OCR-D-*/*.*",
        "-i",
        "{{ grp }}_{{ n }}",
    )
    assert (done.code, done.out) == (0, "")
    assert entries(empty) == [
        ("OCR-D-IMG_2", "PHYS_2", "image/tiff", "OCR-D-IMG/page_2.tif"),
        ("OCR-D-IMG_10", "PHYS_10", "image/tiff", "OCR-D-IMG/page_10.tif"),
    ]
    assert entries(empty, "OCR-D-SEG")[0] == (
        "OCR-D-SEG_2", "PHYS_2", MIMETYPE_PAGE, "OCR-D-SEG/page_2.xml",
    )  # fmt: skip
    assert (empty / "OCR-D-SEG" / "page_10.xml").read_text() == "OCR-D-SEG 10"


def test_the_id_is_made_as_core_makes_it(workspace: Call, empty: Path, tree: Path) -> None:
    assert workspace(empty, *BULK, "-G", "{{ grp }}", "OCR-D-IMG/page_2.tif").code == 0
    assert entries(empty) == [("OCR_D_IMG_page_2", "", "image/tiff", "OCR-D-IMG/page_2.tif")]


def test_lines_of_standard_input_need_not_be_file_names(
    workspace: Call, empty: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "P1 X OCR-D-IMG/page_2.tif\n\nP2 Y OCR-D-IMG/page_10.tif\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    done = workspace(
        empty, "bulk-add", "-r", r"(?P<page>\S+) (?P<id>\S+) (?P<path>\S+)", "-G", "GRP",
        "-g", "{{ page }}", "-i", "{{ id }}", "-S", "{{ path }}", "-l", "new/{{ id }}.tif",
        "-u", "https://a.b/{{ id }}", "-m", "image/x", "-",
    )  # fmt: skip
    assert done.code == 0, done.err
    files = list(Workspace.open(directory=empty).mets.files("GRP"))
    assert files == [
        MetsFile("X", "GRP", "P1", "image/x", "new/X.tif", "https://a.b/X"),
        MetsFile("Y", "GRP", "P2", "image/x", "new/Y.tif", "https://a.b/Y"),
    ]
    assert (empty / "new" / "Y.tif").read_text() == "OCR-D-IMG 10"


def test_a_file_that_is_only_remote_has_no_path(workspace: Call, empty: Path) -> None:
    done = workspace(
        empty, "bulk-add", "-r", "(?P<n>.*)[.]tif", "-G", "G", "-u", "https://a/{{ n }}.tif",
        "1.tif",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert list(Workspace.open(directory=empty).mets.files("G")) == [
        MetsFile("G_1", "G", "", "image/tiff", "", "https://a/1.tif")
    ]


def test_a_dry_run_shows_and_does_nothing(
    workspace: Call, empty: Path, tree: Path, snapshot: Snapshot
) -> None:
    before = snapshot()
    done = workspace(empty, *BULK, "-n", "-G", "{{ grp }}", "-g", "P{{ n }}", "OCR-D-IMG/*")
    assert done.out == (
        "OCR-D-IMG\tOCR_D_IMG_page_2\tP2\tOCR-D-IMG/page_2.tif\n"
        "OCR-D-IMG\tOCR_D_IMG_page_10\tP10\tOCR-D-IMG/page_10.tif\n"
    )
    assert snapshot() == before


def test_what_does_not_match_is_left_out_when_asked_to(
    workspace: Call, empty: Path, tree: Path
) -> None:
    (tree / "OCR-D-IMG" / "Thumbs.db").write_text("x")
    done = workspace(empty, *BULK, "-G", "{{ grp }}", "OCR-D-IMG/*")
    assert done.code == 2
    assert "'OCR-D-IMG/Thumbs.db' is not matched by --regex" in done.complaints[0]
    assert workspace(empty, *BULK, "-s", "-G", "{{ grp }}", "OCR-D-IMG/*").code == 0
    assert len(entries(empty)) == 2


def test_a_second_time_needs_force(workspace: Call, empty: Path, tree: Path) -> None:
    command = (empty, *BULK, "-G", "{{ grp }}", "OCR-D-IMG/*")
    assert workspace(*command).code == 0
    done = workspace(*command)
    assert done.code == 10
    assert "a file with ID OCR_D_IMG_page_2 is in the METS; replace it with --force" in done.err
    (tree / "OCR-D-IMG" / "page_2.tif").write_text("better")
    assert workspace(*command, "-f").code == 0
    assert (empty / "OCR-D-IMG" / "page_2.tif").read_text() == "better"
    assert len(entries(empty)) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("-r", "(", "-G", "G", "x"), 2, "--regex: invalid regular expression '('"),
        (("-r", ".*", "-G", "{{ a }}", "x.tif"), 2, "--regex has no group 'a' (it has: none)"),
        (("-r", ".*", "-G", "../G", "OCR-D-IMG/page_2.tif"), 8, "file group '../G' is not allowed"),
        (("-r", ".*", "-G", "G", "-i", "a/b", "x.tif"), 8, "file ID 'a/b' is not allowed"),
        (("-r", ".*", "-G", "G", "-g", "a b", "x.tif"), 8, "page ID 'a b' is not allowed"),
        (("-r", ".*", "-G", "G", "gone.tif"), 8, "file gone.tif does not exist"),
        (("-r", ".*[.](?P<x>.)", "-G", "G", "-i", "{{ x }}", "-l", "one", "-m", "a/b",
          "OCR-D-IMG/page_2.tif", "OCR-D-SEG/page_2.xml"), 2, "would be the second file at one"),
        (("-r", ".*", "-G", "G", "-i", "same", "OCR-D-IMG/*.tif"), 2, "second file with ID same"),
        (("-r", ".*", "-G", "G", "-l", "../x.tif", "OCR-D-IMG/page_2.tif"), 8,
         "file ../x.tif would lie outside of the workspace"),
        (("-r", ".*", "-G", "G", "-l", ".", "OCR-D-IMG/page_2.tif"), 8, "would lie outside"),
        (("-r", ".*", "-G", "G", "-l", "mets.xml", "OCR-D-IMG/page_2.tif"), 10,
         "mets.xml exists already"),
        (("-r", ".*", "-G", "G"), 2, "FILES"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_changes_nothing(
    workspace: Call, empty: Path, tree: Path, snapshot: Snapshot,
    arguments: tuple[str, ...], code: int, message: str,
) -> None:  # fmt: skip
    before = snapshot()
    done = workspace(empty, "bulk-add", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.complaints[0]
    assert snapshot() == before
