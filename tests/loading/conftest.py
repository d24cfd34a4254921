# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Tests of loading install their models themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.rasters.load_image import load_image

SAMPLE = Path(__file__).parent.parent / "assets" / "sample" / "sample.png"


@pytest.fixture(autouse=True)
def only_own_models(nowhere: Path) -> None:
    """See `nowhere`."""


@pytest.fixture(scope="session")
def page() -> BgrImage:
    """Return the upper part of the sample page: a heading over two columns."""
    return np.ascontiguousarray(load_image(SAMPLE)[:900])
