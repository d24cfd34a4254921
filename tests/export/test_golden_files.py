# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Formats for programs: the whole file of one page (`full_page.full_page`), byte by byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from full_page import DOCUMENT, full_page
from read_pages import written

GOLDEN = Path(__file__).parents[1] / "assets" / "formats"


@pytest.mark.parametrize(
    ("name", "golden", "options"),
    [
        ("alto", "4.4.alto.xml", {"alto_version": "4.4"}),
        ("alto", "4.2.alto.xml", {"alto_version": "4.2"}),
        ("alto", "3.1.alto.xml", {"alto_version": "3.1", "alto_hyphens": False}),
        ("alto", "2.1.alto.xml", {"alto_version": "2.1"}),
        ("hocr", "page.hocr", {}),
        ("json", "page.json", {}),
        ("csv", "page.csv", {}),
        ("page", "page.page.xml", {}),
    ],
)
def test_files(name: str, golden: str, options: dict[str, Any]) -> None:
    found = written(name, [full_page()], DOCUMENT, generator="ocrd-rapid 1.2", **options)
    assert found == (GOLDEN / golden).read_bytes()
