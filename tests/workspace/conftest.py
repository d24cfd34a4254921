# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What several tests of workspaces begin with."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_with_images import colour_map
from PIL import Image


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a workspace directory with the image page.png."""
    Image.fromarray(colour_map()).save(tmp_path / "page.png")
    return tmp_path
