# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a page begins with."""

from __future__ import annotations

import pytest

from ocrd_rapid.errors import InputError
from ocrd_rapid.runtime.inputs import choose
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE


def file(identifier: str, mimetype: str) -> MetsFile:
    return MetsFile(identifier, "IN", "P", mimetype, "x")


PAGE, PAGE_2 = file("page", MIMETYPE_PAGE), file("page2", MIMETYPE_PAGE)
PNG, TIFF = file("png", "image/png"), file("tiff", "image/tiff")
ALTO = file("alto", "application/alto+xml")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([PAGE], PAGE),
        ([PNG], PNG),
        ([PNG, PAGE], PAGE),
        ([PNG, TIFF, PAGE], PAGE),
        ([ALTO, PAGE], PAGE),
    ],
)
def test_page_xml_comes_before_images(files: list[MetsFile], expected: MetsFile) -> None:
    assert choose("IN", "P", files) == expected


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "page P has no file in file group IN"),
        ([PNG, TIFF], "page P has several files in file group IN: png, tiff"),
        ([PAGE, PAGE_2, PNG], "page P has several files in file group IN: page, page2"),
        ([ALTO], "file alto of page P is neither PAGE-XML nor an image, but application/alto"),
        ([ALTO, PNG], "page P has several files in file group IN: alto, png"),
    ],
)
def test_what_cannot_be_begun_with_is_an_error(files: list[MetsFile], message: str) -> None:
    with pytest.raises(InputError) as caught:
        choose("IN", "P", files)
    assert message in str(caught.value)
