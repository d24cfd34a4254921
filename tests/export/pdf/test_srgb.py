# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The color profile of sRGB."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from ocrd_rapid.export.pdf.srgb import srgb_profile


def test_it_means_the_colors_that_littlecms_means() -> None:
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    ours = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    theirs = ImageCms.createProfile("sRGB")
    changed = ImageCms.profileToProfile(image, ours, theirs)
    assert changed is not None
    assert np.abs(np.asarray(changed, int) - np.asarray(image, int)).max() <= 2


def test_it_is_small_and_says_its_size() -> None:
    data = srgb_profile()
    assert int.from_bytes(data[:4], "big") == len(data) < 600
