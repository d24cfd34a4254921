# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The programs that train what the package ships: modules that stand outside of it."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

from documents import ROOT

TRAINING = str(ROOT / "training")


@contextlib.contextmanager
def imported(**names: str) -> Iterator[dict[str, ModuleType]]:
    """Import modules of ``training/``, by short names, and forget all of that folder at the end."""
    before = set(sys.modules)
    sys.path.insert(0, TRAINING)
    try:
        yield {short: importlib.import_module(name) for short, name in names.items()}
    finally:
        sys.path.remove(TRAINING)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(TRAINING):
                del sys.modules[name]
