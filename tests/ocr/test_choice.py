# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Which head reads a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrd_rapid.ocr.recognition.head_choice import (
    Choice,
    Evidence,
    choose_heads,
    lacking_letters,
)

#: A line that the first head reads far more surely, one that the second does, and one of which
#: nothing can be said.
FIRST = (Evidence(40, -0.02), Evidence(38, -0.4))
SECOND = (Evidence(40, -0.5), Evidence(41, -0.05))
NOTHING = (Evidence(0, 0.0), Evidence(0, 0.0))


def heads(*lines: tuple[Evidence, ...], regions: list[int] | None = None) -> list[int]:
    return [choice.head for choice in choose_heads(lines, regions)]


def test_a_head_that_leaves_ink_unread_is_not_chosen_for_the_little_it_reads() -> None:
    """As with a page in Cyrillic: one head reads a comma and a point, and is sure of them."""
    base, russian = Evidence(2, -0.01, unread=90.0), Evidence(40, -0.3)
    assert heads((base, russian)) == [1]
    assert heads((russian, base)) == [0]
    assert heads((Evidence(0, 0.0, unread=12.0), Evidence(6, -0.4))) == [1]


def test_to_leave_out_a_letter_is_better_than_to_guess_it() -> None:
    """A vignette, or a letter of which little is left."""
    silent, guessing = Evidence(10, -0.02, unread=3.0), Evidence(11, -0.25)
    assert heads((silent, guessing)) == [0]


def test_ink_that_no_head_reads_tells_nothing() -> None:
    one = (Evidence(40, -0.05, unread=30.0), Evidence(40, -0.1, unread=30.0))
    other = (Evidence(40, -0.05), Evidence(40, -0.1))
    assert choose_heads([one]) == choose_heads([other])


def test_every_line_speaks_for_itself_where_it_can() -> None:
    assert heads(FIRST, SECOND, FIRST) == [0, 1, 0]


def test_a_line_that_says_little_follows_its_neighbours() -> None:
    weak = (Evidence(2, -0.20), Evidence(2, -0.30))
    assert heads(weak) == [0]
    assert heads(SECOND, weak, SECOND) == [1, 1, 1]
    assert heads(FIRST, weak, FIRST) == [0, 0, 0]


def test_without_evidence_the_neighbours_decide_and_the_first_head_where_there_are_none() -> None:
    assert choose_heads([NOTHING, NOTHING]) == [Choice(0, 0.5), Choice(0, 0.5)]
    assert heads(NOTHING, SECOND, NOTHING) == [1, 1, 1]


def test_a_head_gains_nothing_by_reading_less() -> None:
    dropped = (Evidence(40, -0.10), Evidence(4, -0.11))
    assert heads(dropped) == [0]
    assert choose_heads([dropped])[0].probability > 0.54


def test_a_new_region_is_more_probably_in_another_type() -> None:
    weak = (Evidence(3, -0.30), Evidence(3, -0.05))
    inside = choose_heads([FIRST, weak, FIRST], [7, 7, 7])[1]
    apart = choose_heads([FIRST, weak, FIRST], [7, 2, 3])[1]
    assert inside.head == apart.head == 0
    assert apart.probability < inside.probability


def test_three_heads() -> None:
    third = (Evidence(30, -0.5), Evidence(30, -0.4), Evidence(30, -0.01))
    first = (Evidence(30, -0.01), Evidence(30, -0.4), Evidence(30, -0.5))
    assert heads(third, first, third) == [2, 0, 2]


def test_a_rare_typeface_needs_more_evidence() -> None:
    """It is chosen for a page of it, but not for a line that it reads a little better."""
    little, much = Evidence(30, -0.30), Evidence(30, -0.02)
    roman, rare = (Evidence(30, -0.35), Evidence(30, -0.5), little), (much, much, much)
    assert heads(roman) == [2]
    assert [c.head for c in choose_heads([roman], frequencies=[1, 1, 0.05])] == [0]
    early = (Evidence(30, -0.35), Evidence(30, -0.5), much)
    found = choose_heads([early, early, rare, roman], frequencies=[1, 1, 0.05])
    assert [choice.head for choice in found] == [2, 2, 2, 2]


def test_frequencies_that_are_alike_change_nothing() -> None:
    lines = [FIRST, SECOND, NOTHING, SECOND]
    alike = choose_heads(lines, [0, 0, 1, 1], [0.5, 0.5])
    assert [c.head for c in alike] == heads(*lines, regions=[0, 0, 1, 1])


def test_no_lines() -> None:
    assert choose_heads([]) == []


evidence = st.builds(Evidence, st.integers(0, 500), st.floats(-20, 0))
pages = st.integers(1, 4).flatmap(
    lambda count: st.lists(st.tuples(*[evidence] * count), min_size=1, max_size=12)
)


@given(pages, st.data())
def test_the_probability_is_one_and_at_least_that_of_chance(
    lines: list[tuple[Evidence, ...]], data: st.DataObject
) -> None:
    regions = data.draw(st.lists(st.integers(0, 3), min_size=len(lines), max_size=len(lines)))
    for choice in choose_heads(lines, regions):
        assert 0 <= choice.head < len(lines[0])
        assert 1 / len(lines[0]) - 1e-9 <= choice.probability <= 1 + 1e-9


def test_of_two_that_are_equally_sure_the_first_is_preferred() -> None:
    (choice,) = choose_heads([(Evidence(50, -0.05), Evidence(50, -0.05))])
    assert choice.head == 0
    assert choice.probability > 0.5


def test_the_order_of_the_other_heads_does_not_matter() -> None:
    own, one, two = Evidence(30, -0.3), Evidence(30, -0.1), Evidence(30, -0.2)
    there, back = choose_heads([(own, one, two)])[0], choose_heads([(own, two, one)])[0]
    assert (there.head, back.head) == (1, 2)
    assert there.probability == pytest.approx(back.probability)


@pytest.mark.parametrize(
    ("texts", "typical", "expected"),
    [
        (["fa fe", "ſa ſe"], ["", "ſ"], [2, 0]),
        (["fa ſe", "ſa ſe"], ["", "ſ"], [1, 0]),
        (["ſa ſe ſi", "fa ſe ſi"], ["", "ſ"], [0, 0]),
        (["fa fe", "ſa ſe"], ["", ""], [0, 0]),
        (["fa", "ſa", "ꝛa", "ſꝛ"], ["", "ſ", "ꝛ", ""], [1, 1, 1, 0]),
        (["fa", "ſꝛ"], ["", "ſꝛ"], [2, 0]),
        # To write s for the long one is a convention, and no other letter.
        (["sa se", "ſa ſe"], ["", "ſ"], [0, 0]),
        (["fa se as", "ſa ſe as"], ["", "ſ"], [1, 0]),
        (["", "ſas"], ["", "ſ"], [1, 0]),
    ],
)
def test_what_a_reading_lacks(texts: list[str], typical: list[str], expected: list[int]) -> None:
    assert lacking_letters(texts, typical) == expected


def test_letters_of_another_typeface_are_evidence_against_a_head() -> None:
    sure, lacking = Evidence(30, -0.02), Evidence(30, -0.02, lacking=2)
    assert heads((sure, sure)) == [0]
    assert heads((lacking, sure)) == [1]
