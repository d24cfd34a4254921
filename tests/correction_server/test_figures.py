# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Chance, order, pace and what is left to do, as plain functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrd_rapid.correction_server.book_progress import belief, progress_of
from ocrd_rapid.correction_server.correction_journal import Journal, JournalEntry, seconds_of
from ocrd_rapid.correction_server.gain import chance_of_gain, lines_missing
from ocrd_rapid.correction_server.line_choice import LineOrder, lines_in_order, teaching_sample
from ocrd_rapid.correction_server.line_index import KnownLine


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
    ("learnt", "held", "missing"), [(20, 5, 0), (0, 0, 25), (20, 4, 5), (14, 5, 2), (0, 5, 19)]
)
def test_how_many_lines_are_missing(learnt: int, held: int, missing: int) -> None:
    assert lines_missing(learnt, held) == missing


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
    assert again.judged(0) == (2.0, 5)
    assert again.judged(1) == (3.0, 1)


def test_the_error_of_a_book(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "none")
    lines = [line("0123456789", 0.8), line("0123456789", 0.9), line("0123456789", 0.1, "corrected")]
    found = progress_of(lines, journal, 0)
    assert (found.lines, found.corrected, found.minutes_to_goal) == (3, 1, None)
    assert found.error == pytest.approx(3 / 30)
    assert found.lines_to_goal == 2
    journal.append(entry(100, expected=10.0, observed=30))
    assert progress_of(lines, journal, 0).error == pytest.approx(2 * 3 / 30)
    assert progress_of(lines, journal, 1).error == pytest.approx(3 / 30)
    assert progress_of([line("abc", None)], journal, 0).error is None
    assert progress_of([], journal, 0).lines_to_goal is None
    assert progress_of([line("abc", 0.5, "confirmed")], journal, 0).lines_to_goal == 0
    assert belief(0, 1000) == 5 and belief(1000, 0) == 0.2
