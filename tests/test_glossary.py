# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What the glossary says is in the code is in the code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import ocrd_rapid

GLOSSARY = Path(__file__).parent.parent / "docs" / "glossary.md"
NAMES = re.findall(r"`((?:[a-z_]+\.)+[A-Za-z_]+)`", GLOSSARY.read_text(encoding="utf-8"))
PACKAGES = {path.name for path in Path(ocrd_rapid.__file__).parent.iterdir() if path.is_dir()}
CODE = sorted({name for name in NAMES if name.partition(".")[0] in PACKAGES})


@pytest.mark.parametrize("name", CODE)
def test_what_is_named_exists(name: str) -> None:
    module, _, last = name.rpartition(".")
    if last[0].isupper():
        assert hasattr(importlib.import_module(f"ocrd_rapid.{module}"), last)
    else:
        importlib.import_module(f"ocrd_rapid.{name}")


def test_the_names_of_the_code_are_found() -> None:
    assert {"runtime.workflow.Task", "runtime.step.Step", "runtime.plan.Job"} <= set(CODE)
