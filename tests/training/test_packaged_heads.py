# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The heads of the package: weights with few digits."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import packaged_heads
import pytest

from ocrd_rapid.inference.output_layers import LinearLayer, arrays_of
from ocrd_rapid.ocr.recognition.head_files import Head, read_head, write_head

HEADS = Path(packaged_heads.__file__).parent.parent / "ocrd_rapid/models/ocrd-rapid-recognize"


def a_head() -> Head:
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(120, 50)).astype(np.float32)
    layer = LinearLayer(weights, rng.normal(size=50).astype(np.float32))
    return Head("mine", "0" * 64, ("", *map(chr, range(0x41, 0x41 + 49))), layer)


def test_rounding_changes_weights_by_less_than_a_hundredth_and_leaves_biases() -> None:
    head = a_head()
    before, after = arrays_of(head.layer), arrays_of(packaged_heads.rounded(head).layer)
    assert (before["weights"] != after["weights"]).mean() > 0.9
    np.testing.assert_allclose(after["weights"], before["weights"], rtol=0.01, atol=1e-6)
    np.testing.assert_array_equal(after["bias"], before["bias"])


@pytest.mark.parametrize("path", sorted(HEADS.glob("*.npz")), ids=lambda path: path.stem)
def test_heads_of_the_package_are_rounded(path: Path) -> None:
    head = read_head(path)
    arrays, rounded = (arrays_of(each.layer) for each in (head, packaged_heads.rounded(head)))
    assert list(arrays) == list(rounded)
    for name, values in arrays.items():
        np.testing.assert_array_equal(rounded[name], values)


def test_files_get_smaller_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.npz"
    write_head(a_head(), path)
    before = path.stat().st_size
    monkeypatch.setattr(sys, "argv", ["packaged_heads.py", str(path)])
    packaged_heads.main()
    small = path.read_bytes()
    assert len(small) < 0.85 * before
    assert capsys.readouterr().out == f"{path}: {len(small)} bytes, {before} before\n"
    packaged_heads.main()
    assert path.read_bytes() == small


def test_what_is_no_head_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.npz"
    path.write_text("no head")
    monkeypatch.setattr(sys, "argv", ["packaged_heads.py", str(path)])
    with pytest.raises(SystemExit, match=r"^packaged_heads: head .*mine\.npz cannot be read"):
        packaged_heads.main()
    assert path.read_text() == "no head"
