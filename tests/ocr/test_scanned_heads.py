# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the heads that learnt from scanned books have in common."""

from __future__ import annotations

import unicodedata

import pytest

from ocrd_rapid.inference.feature_identity import features_identity
from ocrd_rapid.ocr.recognition.head_files import Head, read_head
from ocrd_rapid.resmgr.locations import module_dir

RECOGNIZER = "PP-OCRv6_rec_small_8bit.onnx"


@pytest.fixture(params=["blackletter", "earlyprint"])
def head(request: pytest.FixtureRequest) -> Head:
    folder = module_dir("ocrd-rapid-recognize")
    return read_head(folder / f"PP-OCRv6_rec_small_{request.param}.npz")


def test_it_belongs_to_the_default_recognizer(head: Head) -> None:
    path = module_dir("ocrd-rapid-recognize") / RECOGNIZER
    assert head.backbone == features_identity(path)


def test_every_character_is_one_class(head: Head) -> None:
    characters = head.characters[1:]
    assert len(set(characters)) == len(characters)
    assert all(unicodedata.normalize("NFC", sign) == sign for sign in characters)
    assert not any(unicodedata.combining(sign[0]) for sign in characters)
