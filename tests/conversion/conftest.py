# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Scans that models of tests read, and conversions of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from null_models import configuration, write_page

from ocrd_rapid.conversion.convert_documents import ConversionRequest
from ocrd_rapid.conversion.page_chain import ReadingOptions
from ocrd_rapid.export.output_formats import FORMATS

#: The widths of the words on the pages of `scans`.
LINES = ((100, 200), (300,))


@pytest.fixture
def reading(null_models: object, tmp_path: Path) -> ReadingOptions:
    """Return options that read with the null models."""
    config = tmp_path / "null.yaml"
    config.write_text(json.dumps(configuration()))
    return ReadingOptions(config=str(config))


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Return a folder with three pages, 1.png, 2.png and 10.png, of one, two and three lines."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number, count in ((1, 1), (2, 2), (10, 3)):
        write_page(folder / f"{number}.png", LINES[:1] * count)
    return folder


@pytest.fixture
def requested(reading: ReadingOptions, tmp_path: Path) -> Callable[..., ConversionRequest]:
    """Return a function that makes a request from inputs, formats and an output."""

    def make(
        *inputs: Path | str, formats: str = "txt", output: Path | str = "", **options: Any
    ) -> ConversionRequest:
        known = [FORMATS[name] for name in formats.split(",")]
        given = {"reading": reading, **options}
        return ConversionRequest([str(path) for path in inputs], known, str(output), **given)

    return make
