# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The head for early prints that the package ships."""

from __future__ import annotations

import pytest

from ocrd_rapid.ocr.recognition.abbreviations import resolved_sign
from ocrd_rapid.ocr.recognition.head_files import Head, read_head
from ocrd_rapid.resmgr.locations import module_dir

RECOGNIZER = "PP-OCRv6_rec_small_8bit.onnx"
PATH = module_dir("ocrd-rapid-recognize") / "PP-OCRv6_rec_small_earlyprint.npz"


@pytest.fixture(scope="module")
def head() -> Head:
    return read_head(PATH)


def test_it_is_small_and_says_what_it_is(head: Head) -> None:
    assert PATH.stat().st_size < 100_000
    assert (head.name, head.automatic, head.script) == ("earlyprint", True, "Latn")
    assert head.header["languages"] == ["fra", "lat"]
    assert head.header["licence"] == "CC BY 4.0"
    assert "Gallicorpora" in head.header["attribution"]
    assert head.calibration is not None
    assert (head.frequency, head.typical_letters) == (0.05, "ſ")


@pytest.mark.parametrize("sign", [*"ſãẽĩõũ⁊ꝑꝓꝰ¶’-", "q\u0303", "p\u0303", "q\u0365"])
def test_it_can_write_what_early_prints_have(head: Head, sign: str) -> None:
    assert sign in head.characters


def test_what_it_writes_is_resolved(head: Head) -> None:
    assert head.header["abbreviations"]
    changed = {sign for sign in head.characters[1:] if resolved_sign(sign, "t") != sign}
    assert changed == {*"ãẽĩõũÃÕ⁊ꝑꝓꝰ", "q\u0303", "p\u0303", "q\u0365"}


def test_works_that_it_did_not_learn_are_read_with_less_than_half_of_the_errors(
    head: Head,
) -> None:
    for lines in ("unseen works", "unseen works, worse copies", "15th century"):
        errors = head.header["measured"][lines]
        assert errors["head"] < errors["latin"] / 2
