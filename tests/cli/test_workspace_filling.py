# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""ocrd-rapid workspace: many images, and many files by a pattern."""

from __future__ import annotations

import io
import os
import random
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile_images import EPS, tiff
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from ocrd_rapid.cli.workspace.files import natural_key
from ocrd_rapid.rasters.headers import ImageHeader
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.decoding import image_header, open_image
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


def picture(kind: str, value: int | str = 0) -> bytes:
    """Return an image file; another one for each value."""
    stream = io.BytesIO()
    image = Image.new("L", (6, 4), 255)
    image.putpixel((1, 1), sum(str(value).encode()) % 251)
    image.save(stream, kind)
    return stream.getvalue()


def book_of_pages(path: Path, number: int) -> None:
    """Write a TIFF of so many pages, each of another grey, with a thumbnail behind the first.

    The first has 300 dpi and a colour profile, the others say nothing of that.
    """
    frames = [Image.new("L", (6, 4), 10 * i) for i in range(1, number + 1)]
    frames.insert(1, Image.new("L", (3, 2)))
    with TiffImagePlugin.AppendingTiffWriter(str(path), new=True) as writer:
        for i, frame in enumerate(frames):
            options = {"dpi": (300, 300), "icc_profile": b"profile"} if i == 0 else {}
            frame.save(writer, "TIFF", tiffinfo={254: 1 if i == 1 else 2}, **options)
            writer.newFrame()


@pytest.fixture
def scans(here: Path) -> Path:
    """Return a folder with images, and with what is none."""
    folder = here / "scans"
    (folder / "sub").mkdir(parents=True)
    kinds = {"page2.png": "PNG", "page10.TIF": "TIFF", "Page1.jpg": "JPEG", ".hidden.png": "PNG"}
    for name, kind in kinds.items():
        (folder / name).write_bytes(picture(kind, name))
    (folder / "sub" / "x.png").write_bytes(picture("PNG", "x"))
    (folder / "notes.txt").write_text("notes")
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
    assert "added 3 images as pages PHYS_0001 to PHYS_0003; 0 already there" in done.err
    assert entries(empty) == [
        ("OCR-D-IMG_0001", "PHYS_0001", "image/jpeg", "OCR-D-IMG/Page1.jpg"),
        ("OCR-D-IMG_0002", "PHYS_0002", "image/png", "OCR-D-IMG/page2.png"),
        ("OCR-D-IMG_0003", "PHYS_0003", "image/tiff", "OCR-D-IMG/page10.TIF"),
    ]
    assert (empty / "OCR-D-IMG" / "page2.png").read_bytes() == picture("PNG", "page2.png")
    assert len(list((empty / "OCR-D-IMG").iterdir())) == 3


def test_adding_again_adds_nothing_but_what_is_new(
    workspace: Call, empty: Path, scans: Path
) -> None:
    assert workspace(empty, "add-images", scans).code == 0
    before = entries(empty)
    assert "added 0 images; 3 already there" in workspace(empty, "add-images", scans).err
    assert entries(empty) == before
    (scans / "page3.png").write_bytes(picture("PNG", "new"))
    assert "as page PHYS_0004; 3" in workspace(empty, "add-images", scans).err
    assert entries(empty)[3:] == [
        ("OCR-D-IMG_0004", "PHYS_0004", "image/png", "OCR-D-IMG/page3.png")
    ]


def test_images_of_the_workspace_stay_where_they_are(
    workspace: Call, empty: Path, snapshot: Snapshot
) -> None:
    (empty / "masters").mkdir()
    (empty / "masters" / "1.tif").write_bytes(picture("TIFF"))
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
    for folder, content in (("v1", "one"), ("v2", "two"), ("v3", "one")):
        (here / folder).mkdir()
        (here / folder / "1.png").write_bytes(picture("PNG", content))
    for _ in range(2):
        assert workspace(empty, "add-images", "v1", "v2", "v3").code == 0
    assert [(e[1], e[3]) for e in entries(empty)] == [
        ("PHYS_0001", "OCR-D-IMG/1.png"),
        ("PHYS_0002", "OCR-D-IMG/v2_1.png"),
        ("PHYS_0003", "OCR-D-IMG/v3_1.png"),
    ]
    assert (empty / "OCR-D-IMG" / "v2_1.png").read_bytes() == picture("PNG", "two")


def test_copies_of_a_run_that_was_interrupted_are_used(
    workspace: Call, empty: Path, scans: Path
) -> None:
    (empty / "OCR-D-IMG").mkdir()
    (empty / "OCR-D-IMG" / "Page1.jpg").write_bytes(picture("JPEG", "Page1.jpg"))
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
    assert "OCR-D-IMG_0001_page2.png already exists and is not" in done.complaints[0]
    assert [(empty / "OCR-D-IMG" / name).read_bytes() for name in names] == [b"other"] * 3


def test_pages_are_counted_on(workspace: Call, book: Path, scans: Path) -> None:
    assert workspace(book, "add", "-G", "IMG", "-i", "x", "-g", "PHYS_0041", "IMG/1.png").code == 0
    assert workspace(book, "add-images", scans / "page2.png").code == 0
    assert entries(book)[0][:2] == ("OCR-D-IMG_0042", "PHYS_0042")


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("gone.png", 8, "file gone.png does not exist"),
        ("scans/notes.txt", 8, "scans/notes.txt was not added: it is text"),
        ("nothing", 8, "no images in nothing"),
    ],
)
def test_what_is_no_image_is_said_and_changes_nothing(
    workspace: Call, empty: Path, scans: Path, here: Path, snapshot: Snapshot,
    source: str, code: int, message: str,
) -> None:  # fmt: skip
    (here / "nothing").mkdir()
    before = snapshot()
    done = workspace(empty, "add-images", source)
    assert done.code == code
    assert message in done.complaints[0]
    assert snapshot() == before


def test_what_cannot_be_a_page_is_named_and_does_no_harm(
    workspace: Call, empty: Path, scans: Path
) -> None:
    (scans / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (scans / "done").touch()
    done = workspace(empty, "add-images", "scans")
    assert done.code == 0
    assert [line.partition(" - ")[2] for line in done.complaints] == [
        f"{scans}/done was not added: the file is empty; copy it again from its source",
        f"{scans}/notes.txt was not added: it is text",
        f"{scans}/sub was not added: it is a folder; to add its contents, name it as well,"
        " or use --recursive",
        f"{scans}/Thumbs.db was not added: its content is of an unknown kind",
    ]
    assert len(entries(empty)) == 3


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("5.pdf", b"%PDF-1.4", "it is a PDF; convert its pages to images first, for example"),
        ("5.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0", "it is a HEIC picture; convert it to TIFF"),
        ("5.png", b"", "the file is empty; copy it again"),
        ("5.jpg", b"no image", "it is text"),
        ("5.png", EPS, "it is PostScript (EPS), a program, which is not run"),
        ("5.eps", EPS, "it is PostScript (EPS), a program, which is not run"),
        ("5.tga", b"\0\0\2\0\0", "its content is of an unknown kind"),
        ("5.PDF", b"Not found", "it is text"),
        ("5.png", picture("PNG")[:30], "is damaged or cannot be read"),
        ("5", picture("PNG")[:30], "is damaged or cannot be read"),
        ("5.tif", None, "is a link to a file that does not exist"),
    ],
)
def test_what_may_be_a_page_is_an_error_after_all_others_were_added(
    workspace: Call, empty: Path, scans: Path, name: str, content: bytes | None, reason: str
) -> None:
    if content is None:
        (scans / name).symlink_to("gone")
    else:
        (scans / name).write_bytes(content)
    done = workspace(empty, "add-images", "scans")
    assert done.code == 8
    assert [line for line in done.complaints if f"{scans}/{name} was not added: " in line]
    assert reason in done.err
    assert f"image {scans}/{name}" not in done.err  # it is named once
    assert done.complaints[-1] == (
        f"ocrd-rapid: error: 1 file or page is missing, all others were added: {scans}/{name};"
        " repair or convert them and repeat the command, which adds them after the others, or in"
        " order if the METS is created again first:"
        f" ocrd-rapid workspace -d {empty} init --clobber-mets"
    )
    assert [e[3] for e in entries(empty)] == [
        "OCR-D-IMG/Page1.jpg", "OCR-D-IMG/page2.png", "OCR-D-IMG/page10.TIF"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown", "flaw"),
    [
        (b"B\xe4r.png", "B\\udce4r.png", "its name is not UTF-8; rename it: convmv -r -f latin1"),
        (b"a\nb.png", "a\\nb.png", "its name contains control characters; rename it"),
    ],
)
def test_a_name_that_no_mets_can_hold_is_said_and_the_others_are_added(
    workspace: Call, empty: Path, scans: Path, name: bytes, shown: str, flaw: str
) -> None:
    bad = scans / os.fsdecode(name)
    try:
        bad.write_bytes((scans / "page2.png").read_bytes())
    except OSError:
        pytest.skip("this file system does not take the name")
    done = workspace(empty, "add-images", "scans")
    assert (done.code, len(entries(empty))) == (8, 3)
    assert f"{scans}/{shown} was not added: {flaw}" in done.err
    one = workspace(empty, "add", "-G", "X", "-i", "X_1", bad)
    assert one.code == 8
    assert f"{scans}/{shown} cannot be added: {flaw}" in one.err
    many = workspace(empty, "bulk-add", "-G", "X", "-i", "X_1", "-r", "(?s).*", bad)
    assert many.code == 8
    assert len(entries(empty)) == 3


def test_pages_that_were_missing_come_to_their_place_as_the_message_says(
    call: Call, workspace: Call, empty: Path, scans: Path
) -> None:
    good = (scans / "page2.png").read_bytes()
    (scans / "page2.png").write_bytes(good[:30])
    done = workspace(empty, "add-images", "scans")
    assert done.code == 8
    (scans / "page2.png").write_bytes(good)
    command = shlex.split(done.complaints[-1].partition("created again first: ")[2])
    assert call(*command).code == 0
    assert workspace(empty, "add-images", "scans").code == 0
    assert [e[3] for e in entries(empty)] == [
        "OCR-D-IMG/Page1.jpg", "OCR-D-IMG/page2.png", "OCR-D-IMG/page10.TIF"
    ]  # fmt: skip


def test_where_other_groups_are_no_new_mets_is_advised(
    workspace: Call, book: Path, scans: Path
) -> None:
    (scans / "bad.png").write_bytes(b"")
    done = workspace(book, "add-images", "scans", "-G", "NEW")
    assert done.complaints[-1].endswith(", which adds them after the others")


def test_warnings_of_libraries_are_none_of_ours(empty: Path, scans: Path) -> None:
    (scans / "5.tif").write_bytes(b"II*\0\x08\0\0\0")
    script = "from ocrd_rapid.cli.main import main; main()"
    told = {}
    for level in ("INFO", "DEBUG"):
        done = subprocess.run(
            [sys.executable, "-c", script, "-l", level, "workspace", "-d", str(empty),
             "add-images", str(scans)],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 8
        told[level] = "UserWarning" in done.stderr
    assert told == {"INFO": False, "DEBUG": True}


def test_the_content_tells_what_an_image_is(workspace: Call, empty: Path, here: Path) -> None:
    (here / "mixed").mkdir()
    kinds = {"1.jfif": "JPEG", "2.jpe": "JPEG", "3.gif": "GIF", "4": "PNG", "5.png": "TIFF",
             "6.dat": "WEBP"}  # fmt: skip
    for name, kind in kinds.items():
        (here / "mixed" / name).write_bytes(picture(kind))
    assert workspace(empty, "add-images", "mixed").code == 0
    assert [e[2:] for e in entries(empty)] == [
        ("image/jpeg", "OCR-D-IMG/1.jfif"),
        ("image/jpeg", "OCR-D-IMG/2.jpe"),
        ("image/gif", "OCR-D-IMG/3.gif"),
        ("image/png", "OCR-D-IMG/4"),
        ("image/tiff", "OCR-D-IMG/5.png"),
        ("image/webp", "OCR-D-IMG/6.dat"),
    ]


def test_folders_of_folders(workspace: Call, empty: Path, scans: Path) -> None:
    assert workspace(empty, "add-images", "--recursive", "scans").code == 0
    assert [e[3] for e in entries(empty)][-1] == "OCR-D-IMG/x.png"
    assert len(entries(empty)) == 4


# TIFFs of several pages


@pytest.mark.parametrize("inside", [False, True])
def test_a_tiff_of_several_pages_is_split(
    workspace: Call, empty: Path, here: Path, inside: bool
) -> None:
    folder = (empty if inside else here) / "in"
    folder.mkdir()
    book_of_pages(folder / "book.tif", 3)
    (folder / "a.png").write_bytes(picture("PNG"))
    for count in ("added 4 images as pages PHYS_0001 to PHYS_0004; 0", "added 0 images; 4"):
        done = workspace(empty, "add-images", folder)
        assert (done.code, done.complaints) == (0, [])
        assert count in done.err
    assert entries(empty)[1:] == [
        (f"OCR-D-IMG_000{i + 1}", f"PHYS_000{i + 1}", "image/tiff", f"OCR-D-IMG/book_000{i}.tif")
        for i in (1, 2, 3)
    ]
    for i in (1, 2, 3):
        path = empty / "OCR-D-IMG" / f"book_000{i}.tif"
        assert image_header(path) == ImageHeader(6, 4, 0, 300 if i == 1 else None)
        assert set(np.asarray(open_image(path)).ravel().tolist()) == {10 * i}
        assert open_image(path).info.get("icc_profile") == (b"profile" if i == 1 else None)


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "F", "RGB", "RGBA", "LA", "CMYK", "P"])
def test_splitting_loses_nothing(workspace: Call, empty: Path, here: Path, mode: str) -> None:
    values = np.random.default_rng(3).integers(0, 256, (40, 30), dtype=np.uint8)
    frame = Image.fromarray(values).convert("L" if mode in ("I;16", "F") else mode)
    if mode in ("I;16", "F"):
        deep = np.uint16 if mode == "I;16" else np.float32
        frame = Image.fromarray(values.astype(deep) * deep(3))
    frame.save(here / "book.tif", save_all=True, append_images=[frame])
    assert workspace(empty, "add-images", "book.tif").code == 0
    for i in (1, 2):
        page = open_image(empty / "OCR-D-IMG" / f"book_000{i}.tif")
        assert page.mode == mode
        assert page.tobytes() == frame.tobytes()


def test_books_of_the_same_name_are_told_apart(workspace: Call, empty: Path, here: Path) -> None:
    for folder, number in (("v1", 2), ("v2", 2)):
        (here / folder).mkdir()
        book_of_pages(here / folder / "book.tif", number)
    for _ in range(2):
        assert workspace(empty, "add-images", "v1", "v2").code == 0
    assert [e[3] for e in entries(empty)] == [
        "OCR-D-IMG/book_0001.tif", "OCR-D-IMG/book_0002.tif",
        "OCR-D-IMG/v2_book_0001.tif", "OCR-D-IMG/v2_book_0002.tif",
    ]  # fmt: skip


def test_a_damaged_page_of_a_tiff_is_named_and_the_others_added(
    workspace: Call, empty: Path, here: Path
) -> None:
    pages = [{254: 2}, {254: 2, 273: 10**6}, {254: 2}]
    (here / "book.tif").write_bytes(tiff(*pages))
    done = workspace(empty, "add-images", "book.tif")
    assert done.code == 8
    assert "1 file or page is missing" in done.complaints[-1]
    assert f"page 2 of {here}/book.tif was not added: image 2 of" in done.complaints[0]
    assert [e[3] for e in entries(empty)] == ["OCR-D-IMG/book_0001.tif", "OCR-D-IMG/book_0003.tif"]


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
    assert "'OCR-D-IMG/Thumbs.db' does not match --regex" in done.complaints[0]
    assert workspace(empty, *BULK, "-s", "-G", "{{ grp }}", "OCR-D-IMG/*").code == 0
    assert len(entries(empty)) == 2


def test_a_second_time_needs_force(workspace: Call, empty: Path, tree: Path) -> None:
    command = (empty, *BULK, "-G", "{{ grp }}", "OCR-D-IMG/*")
    assert workspace(*command).code == 0
    done = workspace(*command)
    assert done.code == 10
    assert (
        "a file with ID OCR_D_IMG_page_2 is already in the METS; replace it with --force"
        in done.err
    )
    (tree / "OCR-D-IMG" / "page_2.tif").write_text("better")
    assert workspace(*command, "-f").code == 0
    assert (empty / "OCR-D-IMG" / "page_2.tif").read_text() == "better"
    assert len(entries(empty)) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("-r", "(", "-G", "G", "x"), 2, "--regex: invalid regular expression '('"),
        (("-r", ".*", "-G", "{{ a }}", "x.tif"), 2, "--regex has no group 'a' (its groups: none)"),
        (("-r", ".*", "-G", "../G", "OCR-D-IMG/page_2.tif"), 8, "file group '../G' is not allowed"),
        (("-r", ".*", "-G", "G", "-i", "a/b", "x.tif"), 8, "file ID 'a/b' is not allowed"),
        (("-r", ".*", "-G", "G", "-g", "a b", "x.tif"), 8, "page ID 'a b' is not allowed"),
        (("-r", ".*", "-G", "G", "gone.tif"), 8, "file gone.tif does not exist"),
        (("-r", ".*[.](?P<x>.)", "-G", "G", "-i", "{{ x }}", "-l", "one", "-m", "a/b",
          "OCR-D-IMG/page_2.tif", "OCR-D-SEG/page_2.xml"), 2, "would be the second file at one"),
        (("-r", ".*", "-G", "G", "-i", "same", "OCR-D-IMG/*.tif"), 2, "second file with ID same"),
        (("-r", ".*", "-G", "G", "-l", "../x.tif", "OCR-D-IMG/page_2.tif"), 8,
         "file ../x.tif would be outside the workspace"),
        (("-r", ".*", "-G", "G", "-l", ".", "OCR-D-IMG/page_2.tif"), 8, "would be outside"),
        (("-r", ".*", "-G", "G", "-l", "mets.xml", "OCR-D-IMG/page_2.tif"), 10,
         "mets.xml already exists"),
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
