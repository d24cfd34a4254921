"""docs/python.md: its example reads any image, wherever it is run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "assets" / "sample" / "sample.png"
GUIDE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.models


def test_the_example_reads_a_page(
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    shutil.copyfile(SAMPLE, "page.jpg")
    exec(compile(example, "docs/python.md", "exec"), {})
    assert "the same page." in capsys.readouterr().out
