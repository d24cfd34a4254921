# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What is in the way of outputs is found before work begins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocrd_rapid.conversion.output_checks import check_outputs, check_room
from ocrd_rapid.errors import ExitCode, OutputExistsError, StorageError, UsageError


def test_existing_files_are_refused(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.txt" for number in range(5)]
    for path in files[1:]:
        path.touch()
    with pytest.raises(OutputExistsError, match=r"1\.txt, .*2\.txt, .*3\.txt and 1 more") as caught:
        check_outputs([files], [[]], replace=False)
    assert caught.value.exit_code == ExitCode.OUTPUT_EXISTS
    assert "--force" in str(caught.value)
    check_outputs([files], [[]], replace=True)


def test_a_dangling_link_is_in_the_way(tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputExistsError, match=r"link\.txt already exists"):
        check_outputs([[link]], [[]], replace=False)


def test_pictures_of_a_view_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "book_files"
    folder.mkdir()
    check_outputs([[tmp_path / "book.html"]], [[]], replace=False)
    (folder / "0001.jpg").touch()
    with pytest.raises(OutputExistsError, match="book_files already exists"):
        check_outputs([[tmp_path / "book.html"]], [[]], replace=False)
    check_outputs([[tmp_path / "book.html"]], [[]], replace=True)


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        check_outputs([[tmp_path]], [[]], replace=True)


def test_a_pipe_or_device_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match=r"pipe is a device or a pipe.*-o - writes"):
        check_outputs([[pipe]], [[]], replace=True)


def test_an_input_may_be_its_own_output_but_not_that_of_another(tmp_path: Path) -> None:
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    first.touch()
    second.touch()
    check_outputs([[first], []], [[first], [second]], replace=True)
    with pytest.raises(UsageError, match=r"b\.pdf is both"):
        check_outputs([[second], []], [[first], [second]], replace=True)


def test_room_is_looked_for_where_the_folder_will_be(tmp_path: Path) -> None:
    target = tmp_path / "new" / "deep" / "a.txt"
    check_room([target], 1000)
    with pytest.raises(StorageError, match="no space left") as caught:
        check_room([target], 1 << 60)
    assert caught.value.exit_code == ExitCode.STORAGE
    assert not (tmp_path / "new").exists()


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file is not a folder"):
        check_room([tmp_path / "file" / "a.txt"], 0)


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() == 0, reason="the superuser may write everywhere"
)
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(StorageError, match="no permission"):
        check_room([tmp_path / "a.txt"], 0)
