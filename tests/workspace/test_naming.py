# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Names of outputs: core's, but never one for two pages, nor one that another file has."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import MetsError
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.ids import MIMETYPE_PAGE, digest
from ocrd_rapid.workspace.mets import Mets
from ocrd_rapid.workspace.naming import OutputNames

DIRECTORY = Path("/book")


def image(identifier: str, page: str, group: str = "IMG") -> MetsFile:
    return MetsFile(identifier, group, page, "image/png", f"{group}/{identifier}.png")


def names(
    inputs: Mapping[str, str], *others: MetsFile, groups: tuple[str, str] = ("IMG", "OUT")
) -> dict[str, str]:
    """Return the IDs of the outputs of pages, from the IDs of their images."""
    mets = Mets.empty("test")
    for other in others:
        mets.add_file(other)
    files = {page: image(identifier, page, groups[0]) for page, identifier in inputs.items()}
    return OutputNames(mets, DIRECTORY).assign(files, *groups)


def marked(name: str, page: str) -> str:
    return f"{name}_{digest(page)}"


def test_names_are_those_of_core_where_they_differ() -> None:
    inputs = {"P_1": "IMG_1", "P_2": "IMG_2", "第一頁": "圖", "ä": "F_ä", "ö": "F_ö"}
    assert names(inputs) == {
        "P_1": "OUT_1", "P_2": "OUT_2", "第一頁": "OUT_第一頁", "ä": "OUT_F_ä", "ö": "OUT_F_ö",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "plain"),
    [
        ({"1": "a1", "a1": "zz"}, "OUT_a1"),
        ({"p/1": "f1", "p:1": "f2"}, "OUT_p_1"),
        ({"p1": "f1", "p+1": "f2", "p 1": "f3"}, "OUT_p1"),
    ],
)
def test_pages_that_would_have_one_name_are_marked_each(inputs: dict[str, str], plain: str) -> None:
    assert names(inputs) == {page: marked(plain, page) for page in inputs}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("seite_a", "Seite_A"),
        ("Straße", "STRASSE"),
        ("Bl_É", "Bl_é"),
        ("가", unicodedata.normalize("NFD", "가")),
    ],
)
def test_pages_whose_names_a_file_system_may_confuse_are_marked(first: str, second: str) -> None:
    made = names({first: "f1", second: "f2"})
    assert made[first].endswith(f"_{digest(first)}")
    assert made[second].endswith(f"_{digest(second)}")


def test_a_page_named_like_the_image_of_another_one_is_marked() -> None:
    inputs = {"P": "f1", "P.IMG-DEN": "f2", "Q": "f3", "Q.IMAGINE": "f4"}
    made = names(inputs)
    assert made["P"] == marked("OUT_P", "P")
    assert made["P.IMG-DEN"] == marked("OUT_P.IMG-DEN", "P.IMG-DEN")
    assert names({"R.IMG_1": "f1", "R.IMG_2": "f2"}) == {
        "R.IMG_1": "OUT_R.IMG_1", "R.IMG_2": "OUT_R.IMG_2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (MetsFile("OUT_1", "OUT", "other", MIMETYPE_PAGE, "OUT/x.xml"), "the ID"),
        (MetsFile("OUT_1", "OUT", "", MIMETYPE_PAGE, "OUT/x.xml"), "the ID, without a page"),
        (MetsFile("OUT_1", "OTHER", "P_1", MIMETYPE_PAGE, "OUT/x.xml"), "the ID, another group"),
        (MetsFile("out_1", "OUT", "other", MIMETYPE_PAGE, "OUT/x.xml"), "but for case"),
        (MetsFile("x", "OUT", "other", MIMETYPE_PAGE, "./OUT/OUT_1.xml"), "the file"),
        (MetsFile("x", "OUT", "other", MIMETYPE_PAGE, "/book/OUT/out_1.XML"), "the file, absolute"),
        (MetsFile("x", "OUT", "other", MIMETYPE_PAGE, "OUT/OUT_1.IMG-DEN.png"), "a derived image"),
        (MetsFile("OUT_1.IMG-DEN", "OUT", "other", "image/png", "OUT/x.png"), "its ID"),
        (MetsFile("x", "IMG", "OUT_1", "image/png", "IMG/x.png"), "a page itself"),
    ],
)
def test_what_is_taken_by_others_is_left_to_them(there: MetsFile, why: str) -> None:
    assert names({"P_1": "IMG_1"}, there) == {"P_1": marked("OUT_1", "P_1")}, why


@pytest.mark.parametrize(
    "there",
    [
        MetsFile("OUT_1", "OUT", "P_1", MIMETYPE_PAGE, "OUT/OUT_1.xml"),
        MetsFile("OUT_1.IMG-DEN", "OUT", "P_1", "image/png", "OUT/OUT_1.IMG-DEN.png"),
        MetsFile("OUT_2", "OUT", "P_2", MIMETYPE_PAGE, "OUT/OUT_2.xml"),
        MetsFile("x", "OUT", "P_2", "image/png", "OUT/OUT_1.png"),
    ],
)
def test_what_belongs_to_the_page_or_is_something_else_changes_nothing(there: MetsFile) -> None:
    assert names({"P_1": "IMG_1"}, there) == {"P_1": "OUT_1"}


def test_in_place_the_page_keeps_its_id_and_an_image_gets_a_neighbour() -> None:
    assert names({"P_1": "IMG_1"}, groups=("IMG", "IMG")) == {"P_1": "IMG_1_PAGE"}
    mets = Mets.empty("test")
    page = MetsFile("IMG_1", "IMG", "P_1", MIMETYPE_PAGE, "IMG/1.xml")
    mets.add_file(page)
    made = OutputNames(mets, DIRECTORY).assign({"P_1": page}, "IMG", "IMG")
    assert made == {"P_1": "IMG_1"}


def test_the_steps_of_a_run_take_no_names_from_each_other() -> None:
    output = OutputNames(Mets.empty("test"), DIRECTORY)
    first = output.assign({"A_x": image("f", "A_x"), "x": image("g", "x")}, "IMG", "A")
    assert first == {"A_x": "A_A_x", "x": "A_x"}
    second = output.assign({"x": image("h", "x")}, "IMG", "A_A")
    assert second == {"x": marked("A_A_x", "x")}


def test_a_name_that_cannot_be_had_is_an_error_that_names_both() -> None:
    taken = [
        MetsFile(name, "OTHER", "P_9", "image/png", f"X/{name}.png")
        for name in ("OUT_1", marked("OUT_1", "P_1"))
    ]
    with pytest.raises(MetsError) as caught:
        names({"P_1": "IMG_1"}, *taken)
    assert str(caught.value) == (
        f"the output OUT/{marked('OUT_1', 'P_1')}.xml of page 'P_1' would have the name of a file"
        " of page 'P_9' in file group 'OTHER'; name another output group"
    )


ids = st.text("aA1_.:/+ äÄéI\u0301\u0308圖ß", min_size=1, max_size=4)


@given(st.dictionaries(ids, ids, max_size=6), st.sampled_from([("IMG", "OUT"), ("a", "aa")]))
def test_no_two_pages_ever_have_one_name(inputs: dict[str, str], groups: tuple[str, str]) -> None:
    made = names(inputs, groups=groups)
    folded = {
        unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
        for name in made.values()
    }
    assert len(folded) == len(inputs)
    again = dict(reversed(inputs.items()))
    assert names(again, groups=groups) == made
