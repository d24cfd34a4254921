"""Names of files and groups."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import MetsError
from ocrd_rapid.workspace.ids import check_id, output_file_id, xml_id

VALID = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.-]*")


@pytest.mark.parametrize("value", ["a", "_", "OCR-D-IMG", "PHYS_0001", "a.b-c_d", "A1"])
def test_a_name_of_letters_digits_and_marks_is_returned_unchanged(value: str) -> None:
    assert check_id(value, "file ID") == value


@pytest.mark.parametrize(
    "value", ["", "1a", "-a", ".a", "a b", "a/b", "a\\b", "..", "a:b", "a\n", "ä", "aä", "a\0"]
)
def test_any_other_name_is_refused_with_what_it_was_for(value: str) -> None:
    with pytest.raises(MetsError, match="file group '") as caught:
        check_id(value, "file group")
    assert f"'{value}' is not allowed" in str(caught.value)


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
        ("FILE", "ä1", ("IMG", "SEG"), "SEG_1"),
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
        ("Straße", "Strae"),
    ],
)
def test_xml_ids_keep_what_they_can(value: str, expected: str) -> None:
    assert xml_id(value) == expected


@given(st.text(max_size=20))
def test_every_text_becomes_a_valid_id(value: str) -> None:
    assert VALID.fullmatch(xml_id(value))


@given(st.text(max_size=12), st.text(max_size=12), st.from_regex(VALID, fullmatch=True))
def test_output_in_another_group_always_has_a_valid_id(
    input_id: str, page_id: str, group: str
) -> None:
    made = output_file_id(input_id, page_id, "IMG", group)
    assert made == input_id == group or VALID.fullmatch(made) or group == "IMG"


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
