# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tasks that are spelt wrongly, or without their quotes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ocrd_rapid.errors import UsageError
from ocrd_rapid.runtime.workflow import parse_task

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "task"),
    [
        (["rapid-detect", "-I", "A", "-O", "B"], "rapid-detect -I A -O B"),
        (["rapid-detect", "-I", "A", "-O", "B", "rapid-x", "-I", "B"], "rapid-detect -I A -O B"),
        (["-w", "book", "rapid-detect", "-O", "B"], "rapid-detect -O B"),
        (["rapid-detect", "-P", "threads", "2", "-I", "A"], "rapid-detect -P threads 2 -I A"),
        (["rapid-detect", "-p", '{"a": 1}'], """rapid-detect -p '{"a": 1}'"""),
        (["-I", "A", "-O", "B"], "rapid-detect -I OCR-D-IMG -O OCR-D-SEG"),
        (["rapid-x", "-I A -O B"], "rapid-detect -I OCR-D-IMG -O OCR-D-SEG"),
    ],
    ids=str,
)
def test_it_is_shown_how_a_task_is_quoted(call: Call, words: list[str], task: str) -> None:
    done = call("ocrd-rapid", "process", *words)
    assert (done.code, done.out) == (2, "")
    assert f'each task must be in quotes: ocrd-rapid process "{task}" (' in done.err
    assert done.err.count("\n") == 1


def test_other_unknown_options_are_unknown_options(call: Call) -> None:
    done = call("ocrd-rapid", "process", "--overwrit", "rapid-detect -I A -O B")
    assert done.code == 2
    assert "No such option" in done.err and "--overwrite" in done.err


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("rapid-detect -i IMG -O SEG", "'-i' is not allowed here; did you mean -I?"),
        ("rapid-detect --output-file-grp SEG", "not allowed here; did you mean -O?"),
        ("rapid-detect -x -I IMG", "'-x' is not allowed here; a task takes only -I, -O, -p and -P"),
        (
            'rapid-detect -I IMG -O SEG -p {"thresh": 0.2}',
            """'0.2}' is not allowed here; JSON in a task needs quotes of its own:"""
            """ -p '{"NAME": VALUE}'""",
        ),
        ("rapid-detect -I IMG -O SEG -P thresh=0.2", "-P needs 2 values: the name of a parameter"),
        ("rapid-detect -O SEG -I", "-I needs a value: a file group"),
    ],
)
def test_what_is_wrong_in_a_task_is_said_with_what_is_right(task: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_task(task)
    assert message in str(caught.value)
    assert parse_task("""rapid-detect -I IMG -O SEG -p '{"thresh": 0.2}'""").parameters
