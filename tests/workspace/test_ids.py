# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Names of files and groups."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import MetsError
from ocrd_rapid.workspace.ids import MAX_BYTES, check_id, output_file_id, xml_id

#: As core has it: letters of all scripts, but for the first one.
VALID = re.compile(r"[a-zA-Z_][\w.-]*")


@pytest.mark.parametrize(
    "value", ["a", "_", "OCR-D-IMG", "PHYS_0001", "a.b-c_d", "A1", "aä", "S_圖甲"]
)
def test_a_name_of_letters_digits_and_marks_is_returned_unchanged(value: str) -> None:
    assert check_id(value, "file ID") == value


@pytest.mark.parametrize(
    "value", ["", "1a", "-a", ".a", "a b", "a/b", "a\\b", "..", "a:b", "a\n", "ä", "圖", "a\0"]
)
def test_any_other_name_is_refused_with_what_it_was_for(value: str) -> None:
    with pytest.raises(MetsError, match="file group '") as caught:
        check_id(value, "file group")
    assert f"'{value}' is not allowed" in str(caught.value)


def test_a_name_that_no_file_can_have_is_refused() -> None:
    assert check_id("a" * 255, "file ID")
    with pytest.raises(MetsError, match=r"file ID 'aä{29}…' is not allowed: it is too long"):
        check_id("a" + "ä" * 128, "file ID")


@pytest.mark.parametrize(
    ("input_id", "page_id", "groups", "expected"),
    [
        ("OCR-D-IMG_0001", "P_1", ("OCR-D-IMG", "OCR-D-SEG"), "OCR-D-SEG_0001"),
        ("IMG_IMG", "P_1", ("IMG", "SEG"), "SEG_SEG"),
        ("INPUT_0017", "PHYS_0017", ("OCR-D-IMG", "OCR-D-SEG"), "OCR-D-SEG_PHYS_0017"),
        ("FILE_P1_X", "P1", ("IMG", "SEG"), "SEG_FILE_P1_X"),
        ("FILE", "", ("IMG", "SEG"), "SEG_FILE"),
        ("IMG_0001", "P_1", ("IMG", "IMG"), "IMG_0001"),
        ("IMG_a:b/c", "P_1", ("IMG", "SEG"), "SEG_a_b_c"),
        ("FILE", "ä1", ("IMG", "SEG"), "SEG_ä1"),
        ("圖甲", "封面", ("OCR-D-IMG", "SEG"), "SEG_封面"),
        ("IMG_a\N{COMBINING DIAERESIS}", "P_1", ("IMG", "SEG"), "SEG_a"),
        ("圖甲", "封面", ("IMG", "IMG"), "id_圖甲"),
    ],
)
def test_output_ids_are_those_of_core(
    input_id: str, page_id: str, groups: tuple[str, str], expected: str
) -> None:
    assert output_file_id(input_id, page_id, *groups) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ("1", "id_1"),
        ("a:b/c", "a_b_c"),
        ("a b+c", "abc"),
        ("-x", "id_-x"),
        ("Straße", "Straße"),
        ("圖甲", "id_圖甲"),
        (" a", "id_a"),
        ("", "id_"),
    ],
)
def test_xml_ids_keep_what_they_can(value: str, expected: str) -> None:
    assert xml_id(value) == expected


@given(st.text(max_size=400))
def test_every_text_becomes_a_valid_id(value: str) -> None:
    made = xml_id(value)
    assert VALID.fullmatch(made)
    assert len(made.encode("utf-8")) <= MAX_BYTES


def test_ids_that_are_too_long_are_cut_and_stay_different() -> None:
    made = {xml_id("頁" * 300 + str(number)) for number in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch("id_頁{30,}_[0-9a-f]{8}", name) for name in made)
    assert len(xml_id("a" * MAX_BYTES)) == MAX_BYTES


@given(st.text(max_size=12), st.text(max_size=12), st.from_regex(VALID, fullmatch=True))
def test_output_in_another_group_always_has_a_valid_id(
    input_id: str, page_id: str, group: str
) -> None:
    made = output_file_id(input_id, page_id, "IMG", group)
    assert VALID.fullmatch(made)


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,6}", fullmatch=True)


@given(st.lists(st.integers(0, 9999), unique=True, max_size=8), names, names)
def test_the_pages_of_a_group_get_different_ids(
    numbers: list[int], input_group: str, output_group: str
) -> None:
    made = [
        output_file_id(f"{input_group}_{n:04d}", f"P_{n:04d}", input_group, output_group)
        for n in numbers
    ]
    assert len(set(made)) == len(numbers)
