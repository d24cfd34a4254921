# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The head for black letter that the package ships."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from ocrd_rapid.inference.derive import derive, own_layer
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, FloatArray
from ocrd_rapid.inference.output_layers import TrainedLayer, apply_layer
from ocrd_rapid.ocr.recognition.characters import class_characters, keys_from_metadata
from ocrd_rapid.ocr.recognition.ctc_decoding import decode
from ocrd_rapid.ocr.recognition.head_files import OTHER, Head, read_head
from ocrd_rapid.ocr.recognition.line_input import prepare_line
from ocrd_rapid.resmgr.locations import module_dir

RECOGNIZER = "PP-OCRv6_rec_small_8bit.onnx"

#: Character error in percent on the lines of the ground truth: the network's own layer, the head.
RECORDED = {
    "de-fraktur-book/clauren_mimil_1815_0041": (6.46, 1.34),
    "de-fraktur-newspaper/nzz_18320516": (10.16, 1.52),
}
#: In percentage points: versions of the engine and of OpenCV differ a little.
TOLERANCE = 0.4


@pytest.fixture(scope="module")
def head() -> Head:
    folder = module_dir("ocrd-rapid-recognize")
    return read_head(folder / "PP-OCRv6_rec_small_blackletter.npz")


def test_it_is_small_and_says_what_it_is(head: Head) -> None:
    path = module_dir("ocrd-rapid-recognize") / "PP-OCRv6_rec_small_blackletter.npz"
    assert path.stat().st_size < 250_000
    assert (head.name, head.automatic, head.font_family) == ("blackletter", True, "Fraktur")
    assert head.header["languages"] == ["deu"]
    assert head.header["script"] == "Latf"
    assert head.header["licence"] == "CC BY 4.0"
    assert "archiscribe-corpus" in head.header["attribution"]


@pytest.mark.parametrize("sign", [*"ſ⸗„“‚‘»«›‹ꝛßäöüÄÖÜ§†", "aͤ", "oͤ", "uͤ", "Aͤ", "Oͤ", "Uͤ"])
def test_it_can_write_what_black_letter_prints(head: Head, sign: str) -> None:
    assert sign in head.characters


def error(layer: TrainedLayer, signs: tuple[str, ...], lines: list, scoring: ModuleType) -> float:
    from rapidfuzz.distance import Levenshtein

    wrong = total = 0
    for features, text in lines:
        truth = scoring.normalise(text)
        found = decode(apply_layer(layer, features), signs).text
        wrong += Levenshtein.distance(scoring.normalise(found), truth)
        total += len(truth)
    return 100 * wrong / total


def read_lines(
    page: str, models: Path, scans: Path, scoring: ModuleType
) -> list[tuple[FloatArray, str]]:
    """Return the features and the text of every line of a page, cut out by its ground truth."""
    network = load_model(derive(models / "ocrd-rapid-recognize" / RECOGNIZER, []), EngineConfig())
    scan = next(p for p in scans.glob(f"{page}.*") if p.suffix in (".jpg", ".tif"))
    truth = next(scans.glob(f"{page}.*.xml"))
    with Image.open(scan) as opened:
        pixels = np.asarray(opened.convert("RGB"))[:, :, ::-1]
    lines = []
    read = scoring.read_alto if truth.name.endswith(".alto.xml") else scoring.read_page
    for line in read(truth):
        left, top, right, bottom = (int(v) for v in line.box)
        batch, _ = prepare_line(np.ascontiguousarray(pixels[top:bottom, left:right]))
        lines.append((network.run(batch)[0].astype(np.float32), line.text))
    return lines


@pytest.mark.models
@pytest.mark.scans
@pytest.mark.parametrize("page", RECORDED)
def test_it_reads_black_letter_better_than_the_network_does(
    page: str, head: Head, models: Path, scans: Path, scoring: ModuleType
) -> None:
    lines = read_lines(page, models, scans, scoring)
    path = models / "ocrd-rapid-recognize" / RECOGNIZER
    keys = keys_from_metadata(load_model(path, EngineConfig()).metadata)
    assert keys is not None
    own = own_layer(path)
    before = error(own, class_characters(keys, len(own.bias)), lines, scoring)
    after = error(head.layer, head.characters, lines, scoring)
    assert (before, after) == pytest.approx(RECORDED[page], abs=TOLERANCE)
    read = "".join(decode(apply_layer(head.layer, each), head.characters).text for each, _ in lines)
    assert refused(read) < 0.01


@pytest.mark.models
@pytest.mark.scans
@pytest.mark.parametrize(
    "page", ["multi-typewriter/EHRI-BF-19380311b_CZ_02", "fr-typewriter/26_0f21a_default"]
)
def test_it_refuses_typescript(
    page: str, head: Head, models: Path, scans: Path, scoring: ModuleType
) -> None:
    lines = read_lines(page, models, scans, scoring)
    read = "".join(decode(apply_layer(head.layer, each), head.characters).text for each, _ in lines)
    assert refused(read) > 0.5


def refused(text: str) -> float:
    """Return the share of the letters of a reading that are something else."""
    letters = [sign for sign in text if sign.isalpha() or sign == OTHER]
    return letters.count(OTHER) / len(letters)
