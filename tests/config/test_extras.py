# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Optional libraries."""

from __future__ import annotations

import configparser
import json.decoder
import re
import sys
from pathlib import Path

import pytest

from ocrd_rapid.config.extras import required
from ocrd_rapid.errors import ExitCode, UsageError

ROOT = Path(__file__).parents[2]


def test_an_installed_module_is_imported() -> None:
    assert required("json.decoder", "pdf") is json.decoder


@pytest.mark.parametrize(("module", "named"), [("pypdfium2", "pypdfium2"), ("json.x", "json")])
def test_a_missing_one_is_an_error_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, named: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"^{named} is not usable .*'ocrd-rapid\[pdf\]'$") as info:
        required(module, "pdf")
    assert info.value.exit_code == ExitCode.USAGE


def test_every_extra_that_is_named_exists() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    calls = [
        call
        for path in (ROOT / "ocrd_rapid").rglob("*.py")
        for call in re.findall(r'\brequired\("\w[\w.]*", "(\w+)"\)', path.read_text("utf-8"))
    ]
    assert set(calls) <= set(setup["options.extras_require"])
