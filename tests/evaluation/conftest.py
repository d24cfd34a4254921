# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Pages for the tests of the evaluation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.workspace.page import PageDocument

#: A line: text, left, top, right, bottom.
Box = tuple[str, int, int, int, int]
WritePage = Callable[..., Path]


@pytest.fixture
def write_lines(tmp_path: Path) -> WritePage:
    """Return a function that writes a PAGE file with lines, each in a region of its own."""

    def write(name: str, *boxes: Box, size: tuple[int, int] = (1000, 1000)) -> Path:
        page = PageDocument.for_image("a.png", *size, "me")
        for number, (text, left, top, right, bottom) in enumerate(boxes):
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            outline = np.array(corners, dtype=np.float32)
            region = page.add_region(f"r{number}", outline)
            region.add_line(f"l{number}", outline, None).set_text(text)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.to_bytes())
        return path

    return write
