# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Output that is replaced: what goes, what stays, and what is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from toys import (
    ALL,
    Toy,
    content,
    fails_on,
    orientations,
    output_pages,
    pages,
    run,
    saved,
    turns,
    with_groups,
    write_page,
)

from ocrd_rapid.errors import MetsError, OutputExistsError
from ocrd_rapid.runtime.step import Existing
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.workspace import Workspace

OVERWRITE = with_groups(overwrite=True)


def add(workspace: Workspace, identifier: str, path: str, group: str = "OUT") -> MetsFile:
    """Enter an image of page 1, and write it unless it is there."""
    entry = MetsFile(identifier, group, "P_1", "image/png", path)
    workspace.mets.add_file(entry)
    workspace.save()
    target = workspace.local_path(path)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"image")
    return entry


def ids(workspace: Workspace, group: str = "OUT") -> list[str]:
    return [file.id for file in saved(workspace).mets.files(group)]


def test_output_is_replaced_when_asked_to(workspace: Workspace) -> None:
    run(workspace, Toy())
    turn = turns(90)
    run(saved(workspace), turn, with_groups(page_ids="P_2", overwrite=True))
    assert turn.seen == pages(2)
    assert orientations(workspace) == {"P_1": 0, "P_3": 0, "P_4": 0, "P_2": 90}


def test_what_fails_now_keeps_its_older_output(workspace: Workspace) -> None:
    run(workspace, turns(90))
    summary = run(saved(workspace), fails_on("P_2"), OVERWRITE, policy=ALL)
    assert list(summary.failed) == pages(2)
    assert orientations(workspace) == {"P_2": 90, "P_1": 0, "P_3": 0, "P_4": 0}


def test_a_group_can_be_changed_in_place(workspace: Workspace) -> None:
    run(workspace, Toy())
    run(saved(workspace), turns(90), with_groups("OUT", "OUT", overwrite=True))
    assert ids(workspace) == ["OUT_1", "OUT_2", "OUT_3", "OUT_4"]
    assert orientations(workspace) == dict.fromkeys(pages(1, 2, 3, 4), 90)


def test_images_stay_when_their_group_is_the_output_too(single: Workspace) -> None:
    step = with_groups("IMG", "IMG", overwrite=True)
    run(single, Toy(), step)
    image, page = saved(single).mets.files("IMG")
    assert (image.id, image.mimetype, image.path) == ("IMG_1", "image/png", "IMG/1.png")
    assert (page.mimetype, page.page_id) == (MIMETYPE_PAGE, "P_1")
    assert PageDocument.read(single.directory / page.path).pcgts_id == page.id
    again = Toy()
    run(saved(single), again, step)
    assert again.seen == pages(1)
    assert ids(single, "IMG") == ["IMG_1", "IMG_1_PAGE"]
    assert (single.directory / "IMG" / "1.png").is_file()


# What goes


def test_older_output_under_another_name_goes_with_its_file(single: Workspace) -> None:
    document = PageDocument.for_image("IMG/1.png", 30, 21, "another processor")
    single.mets.add_file(write_page(single, document, "OUT", "FROM_ELSEWHERE", "P_1"))
    run(single, Toy(), OVERWRITE)
    assert ids(single) == ["OUT_1"]
    assert [path.name for path in (single.directory / "OUT").iterdir()] == ["OUT_1.xml"]


def test_older_images_of_the_page_go_with_their_files(workspace: Workspace) -> None:
    run(workspace, Toy())
    add(workspace, "OUT_1.IMG-BIN", "OUT/OUT_1.IMG-BIN.png")
    add(workspace, "OUT_1.IMG-CROP", "OUT/deep/OUT_1.IMG-CROP.png")
    run(saved(workspace), Toy(), OVERWRITE)
    assert ids(workspace) == ["OUT_1", "OUT_2", "OUT_3", "OUT_4"]
    left = [path.name for path in (workspace.directory / "OUT").rglob("*") if path.is_file()]
    assert sorted(left) == ["OUT_1.xml", "OUT_2.xml", "OUT_3.xml", "OUT_4.xml"]


def test_only_what_belongs_to_the_pages_asked_for_goes(workspace: Workspace) -> None:
    run(workspace, Toy())
    kept = add(workspace, "OUT_1.IMG", "OUT/OUT_1.IMG.png")
    run(saved(workspace), Toy(), with_groups(page_ids="P_2", overwrite=True))
    assert saved(workspace).mets.file("OUT_1.IMG") == kept
    assert (workspace.directory / kept.path).is_file()


def test_older_images_whose_file_is_gone_are_no_trouble(single: Workspace) -> None:
    add(single, "OUT_1.IMG", "OUT/OUT_1.IMG.png")
    (single.directory / "OUT" / "OUT_1.IMG.png").unlink()
    run(single, Toy(), OVERWRITE)
    assert ids(single) == ["OUT_1"]


# What stays


@pytest.mark.parametrize(
    "path", ["IMG/1.png", "OUT/../IMG/1.png", "./IMG/1.png", "other.png", "OUTER/1.png"]
)
def test_a_file_outside_of_the_folder_of_the_group_stays(single: Workspace, path: str) -> None:
    (single.directory / "OUT").mkdir()
    add(single, "OUT_1.IMG", path)
    before = single.local_path(path).read_bytes()
    run(single, Toy(), OVERWRITE)
    assert ids(single) == ["OUT_1"]
    assert single.local_path(path).read_bytes() == before


@pytest.mark.parametrize("option", ["none", "overwrite", "resume"])
@pytest.mark.parametrize("changed_in_place", [False, True])
def test_scans_are_no_output_that_could_be_replaced(
    workspace: Workspace, option: str, changed_in_place: bool
) -> None:
    run(workspace, Toy(), with_groups("IMG", "SEG"))
    if changed_in_place:
        run(saved(workspace), Toy(), with_groups("IMG", "IMG", overwrite=True))
    before = content(workspace)
    step = with_groups("SEG", "IMG", overwrite=option == "overwrite", resume=option == "resume")
    with pytest.raises(OutputExistsError) as caught:
        run(saved(workspace), Toy(), step)
    assert str(caught.value) == (
        "file group 'IMG' cannot be the output: it has images that no processor wrote,"
        " such as IMG/1.png; name another output group"
    )
    assert content(workspace) == before


@pytest.mark.parametrize("way", ["OUT/a.png", "./OUT/a.png", "IMG/../OUT/a.png", "file"])
def test_a_file_that_is_listed_elsewhere_stays_however_it_is_written(
    single: Workspace, way: str
) -> None:
    add(single, "OUT_1.IMG", "OUT/a.png")
    other = f"file://{single.directory}/OUT/a.png" if way == "file" else way
    add(single, "OTHER_1", other, group="OTHER")
    run(single, Toy(), OVERWRITE)
    assert ids(single) == ["OUT_1"]
    assert (single.directory / "OUT" / "a.png").is_file()


def test_a_file_that_two_older_entries_share_goes(single: Workspace) -> None:
    add(single, "OUT_1.A", "OUT/a.png")
    add(single, "OUT_1.B", "OUT/a.png")
    run(single, Toy(), OVERWRITE)
    assert not (single.directory / "OUT" / "a.png").exists()


def test_new_output_is_not_deleted_as_the_older_output_of_another_page(
    workspace: Workspace,
) -> None:
    add(workspace, "OUT_1.ODD", "OUT/OUT_3.xml")
    run(workspace, Toy(), OVERWRITE)
    assert output_pages(workspace) == pages(1, 2, 3, 4)
    assert orientations(workspace) == dict.fromkeys(pages(1, 2, 3, 4), 0)


def test_entries_that_are_only_on_the_web_or_a_directory_delete_nothing(
    single: Workspace,
) -> None:
    (single.directory / "OUT" / "sub").mkdir(parents=True)
    add(single, "OUT_1.DIR", "OUT/sub")
    single.mets.add_file(MetsFile("OUT_1.WEB", "OUT", "P_1", "image/png", "", "http://x.org/a"))
    run(single, Toy(), OVERWRITE)
    assert ids(single) == ["OUT_1"]
    assert (single.directory / "OUT" / "sub").is_dir()
    assert (single.directory / "IMG" / "1.png").is_file()


# Links


def test_nothing_is_written_through_a_link_that_leads_out(single: Workspace) -> None:
    outside = single.directory.parent / "outside"
    outside.mkdir()
    (single.directory / "OUT").symlink_to(outside)
    before = content(single)
    with pytest.raises(MetsError, match="leads out of the workspace"):
        run(single, Toy())
    assert list(outside.iterdir()) == []
    assert content(single) == before


@pytest.mark.parametrize("target", ["outside", "book/IMG"])
def test_a_file_that_is_a_link_is_replaced_and_not_followed(
    tmp_path: Path, single: Workspace, target: str
) -> None:
    folder = single.directory / "IMG" if target == "book/IMG" else tmp_path / "outside"
    folder.mkdir(exist_ok=True)
    (folder / "precious").write_text("precious")
    (single.directory / "OUT").mkdir()
    (single.directory / "OUT" / "OUT_1.xml").symlink_to(folder / "precious")
    run(single, Toy())
    assert (folder / "precious").read_text() == "precious"
    assert orientations(single) == {"P_1": 0}


@pytest.mark.parametrize("inside", [True, False])
def test_nothing_is_deleted_in_a_folder_behind_a_link(
    tmp_path: Path, single: Workspace, inside: bool
) -> None:
    folder = single.directory / "IMG" if inside else tmp_path / "outside"
    folder.mkdir(exist_ok=True)
    (folder / "precious.png").write_bytes(b"precious")
    (single.directory / "OUT").mkdir()
    (single.directory / "OUT" / "away").symlink_to(folder)
    add(single, "OUT_1.IMG", "OUT/away/precious.png")
    run(single, Toy(), OVERWRITE)
    assert ids(single) == ["OUT_1"]
    assert (folder / "precious.png").read_bytes() == b"precious"


def test_of_a_stale_link_only_the_link_goes(tmp_path: Path, single: Workspace) -> None:
    (tmp_path / "precious.png").write_bytes(b"precious")
    (single.directory / "OUT").mkdir()
    (single.directory / "OUT" / "a.png").symlink_to(tmp_path / "precious.png")
    add(single, "OUT_1.IMG", "OUT/a.png")
    run(single, Toy(), OVERWRITE)
    assert not (single.directory / "OUT" / "a.png").is_symlink()
    assert (tmp_path / "precious.png").read_bytes() == b"precious"


def test_a_workspace_behind_a_link_is_one_like_any_other(tmp_path: Path, single: Workspace) -> None:
    (tmp_path / "way").symlink_to(single.directory)
    add(single, "OUT_1.IMG", "OUT/a.png")
    run(Workspace.open(directory=tmp_path / "way"), Toy(), OVERWRITE)
    assert content(single).keys() == {"mets.xml", "IMG/1.png", "OUT/OUT_1.xml"}


def test_the_older_output_stays_until_the_new_one_is_there(
    single: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(single, turns(90))
    add(single, "OUT_1.IMG", "OUT/a.png")
    before = content(single)

    def full(self: Workspace, path: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Workspace, "write_file", full)
    with pytest.raises(OSError, match="No space"):
        run(saved(single), Toy(), OVERWRITE)
    assert content(single) == before
    assert OVERWRITE.existing is Existing.OVERWRITE
