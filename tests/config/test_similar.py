# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What somebody may have meant."""

from __future__ import annotations

import pytest

from ocrd_rapid.config.similar import nearest

NAMES = ["PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx", "PP-OCRv5_rec_mobile.onnx",
         "ppocrv6_dict.txt", "ppocrv5_dict.txt"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "best"),
    [
        ("PP-OCRv6_rec_smal.onnx", "PP-OCRv6_rec_small.onnx"),
        ("pp-ocrv6_rec_small", "PP-OCRv6_rec_small.onnx"),
        ("ppocrv6_dict", "ppocrv6_dict.txt"),
    ],
)
def test_the_nearest_name_is_the_one_that_was_meant(name: str, best: str) -> None:
    found = nearest(name, NAMES)
    assert found[0] == best
    assert len(found) <= 3


def test_nothing_is_near_to_what_is_wholly_different() -> None:
    assert nearest("zzzzzzzz", NAMES) == []
