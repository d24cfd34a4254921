# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Chance, order, pace and what is left to do, as plain functions."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ocrd_rapid.correction_server.book_progress import progress_of
from ocrd_rapid.correction_server.correction_journal import Journal, JournalEntry, seconds_of
from ocrd_rapid.correction_server.gain import CHANCE, chance_of_gain, lines_missing, parts_of
from ocrd_rapid.correction_server.line_choice import LineOrder, lines_in_order, teaching_sample
from ocrd_rapid.correction_server.line_index import KnownLine
from ocrd_rapid.correction_server.reading_belief import Belief, JudgedLine, belief_in


def line(text: str, confidence: float | None = 0.9, state: str = "", page: str = "P") -> KnownLine:
    return KnownLine(page, f"{page} {text}", text, state, text, confidence)


def test_a_gain_that_is_chance() -> None:
    assert chance_of_gain([1, 1, 1], [1, 1, 1]) == 1
    assert chance_of_gain([1, 0], [0, 1]) == 1
    assert chance_of_gain([0, 0], [1, 1]) == 1
    assert chance_of_gain([1], [0]) == 0.5
    assert chance_of_gain([3] * 4, [0] * 4) == 1 / 16
    assert chance_of_gain([3] * 5, [0] * 5) == 1 / 32
    assert chance_of_gain([3, 3, 3, 3, 3, 0], [0, 0, 0, 0, 0, 9]) > 0.05
    many = chance_of_gain([2, 0, 1, 3] * 10, [0, 0, 0, 1] * 10)
    assert 0 < many < 0.001
    assert chance_of_gain([1, 0] * 20, [0, 1] * 20) == 1


@pytest.mark.parametrize(
    ("judged", "others", "missing"), [(20, 0, 0), (0, 0, 20), (12, 0, 8), (10, 10, 0), (4, 90, 6)]
)
def test_how_many_lines_are_missing(judged: int, others: int, missing: int) -> None:
    assert lines_missing(judged, others) == missing


def test_lines_are_dealt_by_their_names() -> None:
    names = [f"P_{page}, line {line}" for page in range(4) for line in range(11)]
    parts = parts_of(names)
    assert sorted(i for part in parts for i in part) == list(range(44))
    assert sorted(map(len, parts)) == [8, 9, 9, 9, 9]
    turned = [{names[::-1][i] for i in part} for part in parts_of(names[::-1])]
    assert turned == [{names[i] for i in part} for part in parts]


def test_equally_good_heads_are_seldom_called_better() -> None:
    chance = random.Random("equal")
    called = 0
    for _ in range(400):
        pairs = [
            (chance.choice([0, 0, 0, 1, 2]), chance.choice([0, 0, 0, 1, 2])) for _ in range(40)
        ]
        called += chance_of_gain(*zip(*pairs, strict=True)) < CHANCE
    assert called <= 400 * 0.08


def test_the_sample_that_teaches_has_what_is_rare_and_several_pages() -> None:
    common = [line(f"das ist der Tag {i}", page="P_1") for i in range(50)]
    rare = [line("Qualm yxzw ſtoß ℔", page="P_1"), line("das ist der Tag", page="P_2")]
    chosen = teaching_sample([*common, *rare], [], 6)
    assert rare[0] in chosen[:2]
    assert {each.page for each in chosen} == {"P_1", "P_2"}
    assert len(set(chosen)) == 6
    assert teaching_sample([*common, *rare], [], 6) == chosen


def test_short_lines_and_dirt_teach_nothing_unless_there_is_nothing_else() -> None:
    text = line("ein ganzer Satz")
    assert teaching_sample([line("17"), line("~:~ ~:~ :~:", 0.1), text], [], 9) == [text]
    assert len(teaching_sample([line("17"), line("18")], [], 9)) == 2


def test_the_least_sure_first() -> None:
    lines = [
        line("a", 0.9),
        line("b", 0.2),
        line("c", None),
        line("d", 0.5),
        line("e", 0.1, "corrected"),
    ]
    found = lines_in_order(lines, LineOrder.UNSURE, 9)
    assert [each.text for each in found] == ["b", "d", "a", "c"]
    assert [each.text for each in lines_in_order(lines, LineOrder.PAGE, 2)] == ["a", "b"]


def entry(time: float, name: str = "l", **values: object) -> JournalEntry:
    known = {"state": "corrected", "reading": 0, "expected": 1.0, "observed": 1, **values}
    return JournalEntry(time, "P", name, **known)  # type: ignore[arg-type]


def test_breaks_are_no_work() -> None:
    assert seconds_of([]) == 0
    assert seconds_of([100, 110, 130]) == 15 + 30
    assert seconds_of([100, 110, 9000, 9010]) == 15 + 10 + 15 + 10
    assert seconds_of([100, 50]) == 30


def test_a_journal_with_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.append(entry(100, "a", expected=2.0, observed=4))
    journal.append(entry(110, "b", expected=3.0, observed=1, reading=1))
    journal.append(entry(120, "a", expected=2.0, observed=5))
    with path.open("ab") as file:
        file.write(b'{"time": 12\xff\n[1]\n{"time": "x"}\n' + b"[" * 100_000)
    again = Journal(path)
    assert (again.seconds, again.pace) == (35, 17.5)
    assert again.unconfirmed() == {}
    found = {(each.line, each.reading): each.observed for each in again.judged()}
    assert found == {("a", 0): 5, ("b", 1): 1}


def first_reading(page: str) -> int:
    return 0


def test_a_line_that_was_left_is_thought_to_have_the_errors_that_are_left(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    lines = [
        KnownLine("P", "l", "0123456789", "corrected", "012345678x", 0.6),
        KnownLine("P", "m", "0123456789", "", "0123456789", 1.0),
    ]
    journal.append(entry(100, "l", expected=4.0, observed=1, confirmed=False))
    found = progress_of(lines, Journal(tmp_path / "journal.jsonl"), first_reading)
    assert found.error == pytest.approx(3 / 20)
    assert (found.corrected, found.lines_to_goal) == (0, 1)
    journal.append(entry(110, "l", expected=4.0, observed=1))
    found = progress_of(lines, Journal(tmp_path / "journal.jsonl"), first_reading)
    assert (found.error, found.corrected, found.lines_to_goal) == (0, 1, 0)


def test_a_journal_of_an_earlier_release(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(
        '{"time":1,"page":"P","line":"l","state":"corrected","reading":0,"expected":2,"observed":3}\n'
    )
    [found] = Journal(path).judged()
    assert (found.expected, found.observed) == (2.0, 3)


def test_the_error_of_a_book(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "none")
    corrected = KnownLine("P", "l", "x" * 30, "corrected", "y" * 30, 0.5)
    lines = [line("0123456789", 0.8), line("0123456789", 0.9), corrected]
    found = progress_of(lines, journal, first_reading)
    assert (found.lines, found.corrected, found.minutes_to_goal) == (3, 1, None)
    assert found.error == pytest.approx(3 / 50)
    assert found.lines_to_goal == 2
    journal.append(entry(100, expected=10.0, observed=30))
    assert progress_of(lines, journal, first_reading).error == pytest.approx(2 * 3 / 50)
    assert progress_of(lines, journal, lambda page: 1).error == pytest.approx(3 / 50)
    assert progress_of([line("abc", None)], journal, first_reading).error is None
    assert progress_of([], journal, first_reading).lines_to_goal is None
    done = [line("abc", 0.5, "confirmed")]
    assert progress_of(done, journal, first_reading).lines_to_goal == 0


def test_pages_are_judged_by_their_own_reading(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "none")
    lines = [KnownLine("P", "l", "x" * 30, "corrected", "y" * 30, 0.5)]
    journal.append(entry(100, expected=10.0, observed=30))
    lines += [line("0123456789", 0.8, page=page) for page in ("P", "Q")]
    found = progress_of(lines, journal, lambda page: 0 if page == "P" else 1)
    assert found.error == pytest.approx((2 * 2 + 2) / 50)


def test_lines_to_the_goal_are_counted_in_the_order_in_which_they_come(tmp_path: Path) -> None:
    unsure = [line(f"{number}", 0.3) for number in range(9)]
    lines = [*unsure, line("a long line " * 20, 0.9)]
    found = progress_of(lines, Journal(tmp_path / "none"), first_reading)
    assert found.lines_to_goal == 10  # the long one has most errors, but comes last


def test_few_lines_change_little_of_what_confidences_say() -> None:
    assert belief_in([]) == Belief()
    assert belief_in([JudgedLine(0, "a" * 1000, "b" * 1000)]).factor == 5
    assert belief_in([JudgedLine(1000, "abc", "abc")]).factor == 0.2
    assert belief_in([JudgedLine(1.0, "abc", "xyz")]).factor == pytest.approx(13 / 11)


def test_conventions_are_counted_by_character_and_not_as_misreadings() -> None:
    """A person who writes the long s changes it in every line, however sure the network was."""
    found = belief_in([JudgedLine(1.0, "das ist es", "das iſt es"), JudgedLine(1.0, "so", "ſo")])
    assert found.factor == pytest.approx(10 / 12)
    assert found.conventions == {"s": 2 / 5}
    sure, other = line("so es", 1.0), line("am Tag", 1.0)
    assert found.errors(sure) == pytest.approx(2 * 2 / 5)
    assert found.errors(other) == 0
    assert found.errors(line("so es", None)) == 0
    assert Belief(5, {"s": 1}).errors(line("sss", 0.1)) == 3
