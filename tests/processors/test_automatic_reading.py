# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``-P model auto``: which model read a page is recorded in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from lettered_lines import outline_of, paint_line
from painted_pages import line, region, task

from ocrd_rapid.errors import ConfigurationError, ParameterError
from ocrd_rapid.ocr.recognition.automatic_recognizer import AutomaticRecognizer, ModelCandidate
from ocrd_rapid.ocr.recognition.ctc_decoding import RecognizedCharacter, RecognizedLine
from ocrd_rapid.ocr.recognition.line_model import LineHead
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.processors.model_requests import model_request, with_config
from ocrd_rapid.processors.recognize import EXECUTABLE, RecognizeProcessor
from ocrd_rapid.rapidocr import configured_models
from ocrd_rapid.rapidocr.hkmc import load_config
from ocrd_rapid.runtime.processor import OpenPage

TEXT = "abcdefghijabcdefghij"


class Reader:
    """Reads every line as twenty times the same letter."""

    heads: tuple[LineHead, ...] = ()

    def __init__(self, letter: str, probability: float) -> None:
        characters = tuple(
            RecognizedCharacter(letter, probability, (n + 0.5) / 20, confidence=probability)
            for n in range(20)
        )
        self.line = RecognizedLine(letter * 20, probability, characters, head="base")

    def recognize(
        self,
        images: Sequence[BgrImage],
        *,
        alternatives: int = 0,
        regions: Sequence[int] | None = None,
    ) -> list[RecognizedLine]:
        return [self.line] * len(images)

    def typeface(self, line: RecognizedLine) -> str:
        return ""


def candidate(name: str, letter: str, probability: float) -> ModelCandidate:
    return ModelCandidate(name, lambda: Reader(letter, probability), frozenset)


def processor(*candidates: ModelCandidate) -> RecognizeProcessor:
    recognizer = AutomaticRecognizer(candidates)
    return RecognizeProcessor(recognizer, "line", True, 0.0, {"model": "one of them"})


def page(folder: Path) -> OpenPage:
    image = np.full((60 + 4 * 80, 600, 3), 255, dtype=np.uint8)
    lines = []
    for number in range(4):
        paint_line(image, TEXT, 50, 30 + 80 * number)
        lines.append(line(f"l{number}", outline_of(TEXT, 50, 30 + 80 * number)))
    outline = f"0,0 600,0 600,{len(image)} 0,{len(image)}"
    return task(folder, image, region("r", outline, *lines))


@pytest.mark.parametrize(("sure", "letter"), [(0.95, "x"), (0.4, "y")])
def test_a_page_says_which_model_read_it(tmp_path: Path, sure: float, letter: str) -> None:
    opened = page(tmp_path)
    processor(candidate("x.onnx", "x", sure), candidate("y.onnx", "y", 0.99)).process(opened)
    assert opened.versions == {"model": f"{letter}.onnx"}
    [found] = opened.document.text_regions()
    assert [each.text for each in found.lines] == [letter * 20] * 4


def test_a_page_without_lines_says_nothing(tmp_path: Path) -> None:
    opened = task(tmp_path, np.full((100, 100, 3), 255, dtype=np.uint8))
    processor(candidate("x.onnx", "x", 0.5)).process(opened)
    assert opened.versions == {}


def parameters(**more: str) -> dict[str, object]:
    from ocrd_rapid.config.parameters import complete_parameters
    from ocrd_rapid.config.tools import tool_description

    given = with_config(EXECUTABLE, more)
    return complete_parameters(given, tool_description(EXECUTABLE), executable=EXECUTABLE)


def test_the_parameter(models: Path) -> None:
    request = model_request(EXECUTABLE, parameters(model="auto", languages="deu"))
    assert (request.automatic, request.path.name) == (True, "PP-OCRv6_rec_small_8bit.onnx")
    assert not model_request(EXECUTABLE, parameters()).automatic
    with pytest.raises(ParameterError, match="key files belong to one model"):
        model_request(EXECUTABLE, parameters(model="auto", keys="ppocrv6_dict.txt"))


def test_the_configuration(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "auto.yaml"
    file.write_text("Rec:\n  model_path: auto\n")
    config = load_config(file)
    request = configured_models.configured_model(config, "Rec")
    assert (request.automatic, request.path.name) == (True, "PP-OCRv6_rec_small_8bit.onnx")
    assert configured_models.stage_parameters(config, "Rec")["model"] == "auto"
    assert parameters(config=str(file))["model"] == "auto"
    keys = tmp_path / "keys.txt"
    keys.write_text("a\n")
    wrong = load_config(file, params={"Rec.rec_keys_path": str(keys)})
    with pytest.raises(ConfigurationError, match="key files belong to one model"):
        configured_models.configured_model(wrong, "Rec")
