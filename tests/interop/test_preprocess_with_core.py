# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""OCR-D core on what ``ocrd-rapid-preprocess`` makes of a skewed and faint scan."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typeset_pages import as_bytes, rotated, with_contrast

from ocrd_rapid.pixels import to_bgr
from ocrd_rapid.workspace.contents import MetsFile
from ocrd_rapid.workspace.decoding import ImageStore
from ocrd_rapid.workspace.page import PageDocument
from ocrd_rapid.workspace.page_images import page_image
from ocrd_rapid.workspace.workspace import Workspace

CORE = Path(__file__).resolve().parents[2] / ".venv-core" / "bin"
SAMPLE = Path(__file__).resolve().parents[1] / "assets" / "sample" / "sample.png"
SCRIPT = Path(__file__).with_name("images_by_core.py")
PREPROCESS = 'rapid-preprocess -I OCR-D-IMG -O OCR-D-PRE -P steps \'["contrast","deskew"]\''

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not (CORE / "ocrd").exists(),
        reason="OCR-D core is not in .venv-core: run `make test-interop`",
    ),
]

Core = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def bad_scans(tmp_path: Path) -> Path:
    """Return a workspace with the sample as it is, and turned by 4 degrees and faint."""
    directory = tmp_path / "bad"
    workspace = Workspace.create(directory=directory)
    (directory / "OCR-D-IMG").mkdir()
    with Image.open(SAMPLE) as sample:
        good = to_bgr(sample)
    bad = with_contrast(rotated(as_bytes(good.astype(np.float64)), 4), 0.3)
    for number, pixels in enumerate([good, bad], start=1):
        path = f"OCR-D-IMG/page{number}.png"
        Image.fromarray(pixels[:, :, ::-1]).save(directory / path, dpi=(300, 300))
        workspace.mets.add_file(
            MetsFile(f"IMG_{number:04}", "OCR-D-IMG", f"P_{number:04}", "image/png", path)
        )
    workspace.save()
    return directory


def test_core_runs_it_and_finds_the_result_valid(core: Core, bad_scans: Path) -> None:
    done = core("ocrd", "process", PREPROCESS, "dummy -I OCR-D-PRE -O OUT", cwd=bad_scans)
    assert done.returncode == 0, done.stderr
    valid = core("ocrd", "workspace", "validate", "--skip", "url", cwd=bad_scans)
    assert valid.returncode == 0, valid.stdout
    made = sorted(path.name for path in (bad_scans / "OCR-D-PRE").iterdir())
    assert [name.rsplit(".", 1)[-1] for name in made] == ["xml", "png", "xml"]


def test_core_sees_the_image_as_we_do(core: Core, bad_scans: Path) -> None:
    assert core("ocrd", "process", PREPROCESS, cwd=bad_scans).returncode == 0
    (path,) = [p.with_name(p.name.replace(".IMG-PRE.png", ".xml"))
               for p in (bad_scans / "OCR-D-PRE").glob("*.png")]  # fmt: skip
    done = subprocess.run(
        [CORE / "python", SCRIPT], input=json.dumps([[path.read_text(), "binarized"]]),
        cwd=bad_scans, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [[theirs]] = json.loads(done.stdout)
    ours = page_image(PageDocument.read(path), ImageStore(bad_scans))
    assert theirs["features"] == ["grayscale_normalized", "deskewed"] == list(ours.features)
    # The sample leans 0.6 degrees to the left by itself.
    assert theirs["angle"] == pytest.approx(4 - 0.6, abs=0.1)
    assert np.abs(ours.transform - theirs["transform"]).max() < 0.01
    with Image.open(bad_scans / theirs["file"]) as image:
        assert (to_bgr(image) == ours.pixels).all()


@pytest.mark.models
def test_the_lines_found_on_the_image_lie_where_they_are_on_the_original(
    core: Core, bad_scans: Path, models: Path
) -> None:
    chain = [PREPROCESS, "rapid-detect -I OCR-D-PRE -O OCR-D-SEG"]
    done = core("ocrd", "process", *chain, cwd=bad_scans)
    assert done.returncode == 0, done.stderr
    valid = core("ocrd", "workspace", "validate", "--skip", "url", cwd=bad_scans)
    assert valid.returncode == 0, valid.stdout
    good, bad = (PageDocument.read(path) for path in sorted((bad_scans / "OCR-D-SEG").iterdir()))
    expected, found = (
        [line.polygon.mean(axis=0) for region in document.text_regions() for line in region.lines]
        for document in (good, bad)
    )
    # Where the scan was put on its larger canvas: turned by 4 degrees about the middle.
    cos, sin = np.cos(np.deg2rad(4)), np.sin(np.deg2rad(4))
    turn = np.array([[cos, -sin], [sin, cos]])
    middles = [np.array([d.width, d.height]) / 2 for d in (good, bad)]
    moved = (np.array(expected) - middles[0]) @ turn.T + middles[1]
    assert np.array(found) == pytest.approx(moved, abs=6)
