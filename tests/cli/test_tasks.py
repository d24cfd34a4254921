"""Tasks without their quotes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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
    assert f'a task is one word in quotes: ocrd-rapid process "{task}" (' in done.err
    assert done.err.count("\n") == 1


def test_other_unknown_options_are_unknown_options(call: Call) -> None:
    done = call("ocrd-rapid", "process", "--overwrit", "rapid-detect -I A -O B")
    assert done.code == 2
    assert "No such option" in done.err and "--overwrite" in done.err
