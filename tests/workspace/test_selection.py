# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The expressions of --page-id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.errors import ExitCode, UsageError
from ocrd_rapid.workspace.contents import LogicalDivision, PhysicalPage, Structure
from ocrd_rapid.workspace.selection import select_pages as select

PAGES = ["P_0003", "P_0001", "P_0002", "P_0010", "COVER", "P_0001a"]


def select_pages(expression: str | None, pages: list[str]) -> list[str]:
    """Select from pages that have no attributes but their IDs."""
    return select(expression, Structure(tuple(map(PhysicalPage, pages))))


@pytest.mark.parametrize("expression", [None, ""])
def test_no_expression_selects_all_pages(expression: str | None) -> None:
    assert select_pages(expression, PAGES) == PAGES


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # IDs
        ("COVER", ["COVER"]),
        ("COVER,P_0002", ["P_0002", "COVER"]),
        ("P_0002,P_0002", ["P_0002"]),
        # ranges
        ("P_0001..P_0003", ["P_0003", "P_0001", "P_0002"]),
        ("P_0002..P_0002", ["P_0002"]),
        ("P_0002..P_9999", ["P_0003", "P_0002", "P_0010"]),
        ("P_0001a..P_0009a", ["P_0001a"]),
        # regular expressions match the whole ID
        ("//P_000[12]", ["P_0001", "P_0002"]),
        ("//P_0001.*", ["P_0001", "P_0001a"]),
        ("//C.*,P_0010", ["P_0010", "COVER"]),
        # exceptions
        ("~COVER", ["P_0003", "P_0001", "P_0002", "P_0010", "P_0001a"]),
        ("~P_0001..P_0003", ["P_0010", "COVER", "P_0001a"]),
        ("~//P_.*", ["COVER"]),
        ("P_0001..P_0010,~P_0002", ["P_0003", "P_0001", "P_0010"]),
        ("~P_0002,P_0001..P_0010", ["P_0003", "P_0001", "P_0010"]),
        ("P_0001,~P_0001", []),
    ],
)
def test_pages_are_selected_in_the_order_of_the_mets(expression: str, expected: list[str]) -> None:
    assert select_pages(expression, PAGES) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("P_0099", "'P_0099' matches none of the pages (P_0003, P_0001, P_0002, …)"),
        ("COVER,P_0099", "'P_0099' matches none"),
        ("~P_0099", "'~P_0099' matches none"),
        (" COVER", "' COVER' matches none"),
        ("P_0099,COVER,P_0098,P_0099", "'P_0099', 'P_0098' match none of the pages"),
        ("COVER,", "'' is not complete: it names no page"),
        (",", "'' is not complete"),
        ("~", "'~' is not complete"),
        ("//", "'//' is not complete"),
        ("~//", "'~//' is not complete"),
        ("physical:", "'physical:' is not complete"),
        ("logical:type:~", "'logical:type:~' is not complete"),
        ("//P_", "'//P_' matches none"),
        ("P_0020..P_0030", "'P_0020..P_0030' matches none"),
        ("P_0000..P_0003", "'P_0000..P_0003' matches none"),
        ("//(", "invalid regular expression '('"),
        ("A..B", "range 'A..B' has no number to count"),
        ("P_0001..", "range 'P_0001..' has no number"),
        ("..", "range '..' has no number"),
        ("P_0003..P_0001", "'P_0003..P_0001' is not a range from a lower to a higher number"),
        ("P_0001..Q_0003", "'P_0001..Q_0003' is not a range"),
        ("P_0001a..P_0003b", "is not a range"),
    ],
)
def test_what_cannot_be_selected_is_an_error_that_names_it(expression: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        select_pages(expression, PAGES)
    assert str(caught.value).startswith("--page-id: ")
    assert message in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE


def test_without_pages_the_message_says_that_there_are_none() -> None:
    with pytest.raises(UsageError, match=r"matches none of the pages \(none\)"):
        select_pages("P_1", [])


def test_numbers_keep_their_width_in_a_range() -> None:
    assert select_pages("p9..p11", ["p9", "p09", "p10", "p11", "p011"]) == ["p9", "p10", "p11"]


pages = st.lists(
    st.integers(0, 30).map(lambda n: f"P_{n:02d}"), unique=True, min_size=1, max_size=12
)
identifiers = st.integers(0, 30).map(lambda n: f"P_{n:02d}")
tokens = st.one_of(
    identifiers,
    st.tuples(identifiers, identifiers).map("..".join),
    st.sampled_from(["//P_0.*", "//.*1", "//.*", "//[", "..", "x"]),
)
expressions = st.lists(st.tuples(st.sampled_from(["", "~"]), tokens).map("".join), max_size=4).map(
    ",".join
)


@given(pages, expressions)
def test_the_result_is_always_a_subsequence_of_the_pages(pages: list[str], expression: str) -> None:
    try:
        found = select_pages(expression, pages)
    except UsageError:
        return
    assert found == [page for page in pages if page in set(found)]


@given(pages, tokens)
def test_a_token_and_its_negation_share_out_the_pages(pages: list[str], token: str) -> None:
    try:
        found = select_pages(token, pages)
    except UsageError:
        with pytest.raises(UsageError):
            select_pages(f"~{token}", pages)
        return
    rest = select_pages(f"~{token}", pages)
    assert sorted(found + rest) == sorted(pages)


@given(pages, st.text(max_size=12))
def test_nothing_that_is_typed_ends_in_anything_but_a_usage_error(
    pages: list[str], expression: str
) -> None:
    try:
        found = select_pages(expression, pages)
    except UsageError as error:
        assert "--page-id: " in str(error)
    else:
        assert set(found) <= set(pages)


BOOK = Structure(
    pages=(
        PhysicalPage("P1", order="1", orderlabel="I", label="Cover", contentids="urn:1"),
        PhysicalPage("P2", order="2", orderlabel="1", label="Blank", contentids="urn:2"),
        PhysicalPage("P3", order="3", orderlabel="2", label="Blank"),
        PhysicalPage("P4", order="4", orderlabel="3", label="Chapter"),
    ),
    divisions=(
        LogicalDivision("L1", "D1", "book", "A book", ("P1", "P2", "P3", "P4")),
        LogicalDivision("L2", "", "chapter", "Chapter", ("P3", "P4")),
        LogicalDivision("L3", "", "chapter", "Notes", ("P1",)),
        LogicalDivision("L4", "", "empty", "Empty", ()),
    ),
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # the first page where an attribute fits decides which one it is
        ("1", ["P1"]),
        ("3", ["P3"]),
        ("Cover", ["P1"]),
        ("urn:2", ["P2"]),
        ("Chapter", ["P3", "P4"]),
        ("physical:Chapter", ["P4"]),
        ("chapter", ["P1", "P3", "P4"]),
        # one attribute
        ("physical:order:1", ["P1"]),
        ("physical:orderlabel:1", ["P2"]),
        ("physical:orderlabel:1..3", ["P2", "P3", "P4"]),
        ("physical:orderlabel://[0-9]", ["P2", "P3", "P4"]),
        ("physical:label:~Blank", ["P1", "P3", "P4"]),
        ("physical:label:~//Blank", ["P1", "P4"]),
        ("physical:contentids:urn:1", ["P1"]),
        ("logical:id:L2", ["P3", "P4"]),
        ("logical:id:L1..L2,~logical:x", None),
        ("logical:type:chapter,physical:order:~3", ["P1", "P4"]),
        ("logical:label://(Notes|Chapter)", ["P1", "P3", "P4"]),
        # one page has a value, all pages match a regular expression
        ("Blank", ["P2"]),
        ("//Blank", ["P2", "P3"]),
        # nothing
        ("logical:empty", None),
        ("logical:type:L1..L2", None),
        ("physical:L2", None),
        ("logical:P1", None),
        ("physical:type:chapter", None),
    ],
)
def test_attributes_of_pages_and_divisions(expression: str, expected: list[str] | None) -> None:
    if expected is None:
        with pytest.raises(UsageError, match=r"none of the pages \(P1, P2, P3, …\)"):
            select(expression, BOOK)
    else:
        assert select(expression, BOOK) == expected


def test_numbers_of_any_length_are_no_defect() -> None:
    long = "P" + "1" * 5000
    assert select_pages(long, [long]) == [long]
    with pytest.raises(UsageError):
        select_pages(f"P1..{long}", [long])


def test_a_range_costs_no_more_than_its_pages() -> None:
    assert select_pages("P_1..P_99999999999999", ["P_1", "P_77"]) == ["P_1", "P_77"]
