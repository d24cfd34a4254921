# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a call returns."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np

from ocrd_rapid.pixels import grey_as_bgr
from ocrd_rapid.rapidocr.results import Elapse, Line, OcrOutput, OcrResult


def box(x: float, y: float, width: float = 100, height: float = 10) -> list[list[float]]:
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


LINES: list[Line] = [
    (box(0, 0), "one", 0.9), (box(0, 12), "two", 0.8), (box(0, 80), "three", 0.7),
]  # fmt: skip


def test_a_result_is_a_list_of_lines() -> None:
    result = OcrResult(LINES)
    assert len(result) == 3
    assert result[0][1] == "one"
    assert [line[1] for line in result] == ["one", "two", "three"]
    corners, text, score = result[1]
    assert (corners[0], text, score) == ([0, 12], "two", 0.8)
    assert result == LINES


def test_the_attributes_of_rapidocr_3() -> None:
    result = OcrResult(LINES, elapse=Elapse(1, 2, 3), cls_res=[("0", 0.9)] * 3)
    assert result.boxes is not None
    assert result.boxes.shape == (3, 4, 2)
    assert result.boxes.dtype == np.float32
    assert result.txts == ("one", "two", "three")
    assert result.scores == (0.9, 0.8, 0.7)
    assert result.word_results == ()
    assert result.elapse_list == [1, 2, 3]
    assert result.to_json()[0] == {"box": box(0, 0), "txt": "one", "score": 0.9}
    assert json.loads(json.dumps(result)) == [list(line) for line in LINES]


def test_nothing_was_found() -> None:
    result = OcrResult()
    assert not result
    assert (result.boxes, result.txts, result.scores) == (None, None, None)
    assert result.word_results == ()
    assert result.to_json() == []
    assert result.to_markdown() == ""


def test_nothing_was_read() -> None:
    result = OcrResult([(box(0, 0), "", 0.9)], was_read=False)
    assert result.txts is None
    assert result.scores == (0.9,)


def test_words() -> None:
    word = ("one", 0.9, [[0, 0], [9, 0], [9, 9], [0, 9]])
    result = OcrResult([(box(0, 0), "one", 0.9, (word,))])
    assert result.word_results == ((word,),)
    assert result[0][3][0][0] == "one"  # type: ignore[misc]


def test_markdown_has_an_empty_line_between_paragraphs() -> None:
    assert OcrResult(LINES, regions=[0, 0, 1]).to_markdown() == "one\ntwo\n\nthree"


def test_output_is_a_pair_and_has_the_attributes() -> None:
    result = OcrResult(LINES, elapse=Elapse(0.5, 0.25, 0.25))
    output = OcrOutput(result, result.elapse)
    first, second = output
    assert first is result
    assert second is result.elapse
    for name in ("txts", "scores", "word_results", "elapse_list", "cls_res", "img"):
        assert getattr(output, name) == getattr(result, name)
    assert output.boxes is not None
    assert output.boxes.tolist() == [line[0] for line in LINES]
    assert output.to_json() == result.to_json()
    assert output.to_markdown() == result.to_markdown()


def test_elapse_is_a_number_a_list_and_a_dictionary() -> None:
    elapse = Elapse(0.5, 0.25, 1.0)
    assert elapse == 1.75
    assert f"{elapse:.1f}" == "1.8"
    assert float(elapse) * 2 == 3.5
    assert elapse["det"] == elapse[0] == 0.5
    assert list(elapse) == [0.5, 0.25, 1.0]
    assert sum(elapse.values()) == sum(elapse) == 1.75
    assert dict(elapse) == {"det": 0.5, "cls": 0.25, "rec": 1.0} == dict(elapse.items())
    assert len(elapse) == 3
    for twin in (copy.deepcopy(elapse), pickle.loads(pickle.dumps(elapse))):
        assert (twin, list(twin)) == (1.75, [0.5, 0.25, 1.0])


def test_an_image_without_colour_may_be_drawn_on() -> None:
    grey = np.full((4, 6), 7, np.uint8)
    result = OcrResult(img=grey_as_bgr(grey))
    assert result.img is result.img
    assert result.img is not None
    result.img[1, 2] = (1, 2, 3)
    assert result.img[1, 2].tolist() == [1, 2, 3]
    assert result.img[0, 0].tolist() == [7, 7, 7]
    assert (grey == 7).all()


def test_what_a_call_returns_is_false_without_lines() -> None:
    none, some = OcrResult(), OcrResult([([[0.0, 0.0]] * 4, "a", 1.0)])
    assert not OcrOutput(none, none.elapse)
    assert OcrOutput(some, some.elapse)
    result, elapse = OcrOutput(none, none.elapse)
    assert (result, elapse) == ([], 0.0)
