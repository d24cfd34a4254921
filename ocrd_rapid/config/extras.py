# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Optional libraries, which an extra of the package installs."""

from __future__ import annotations

import importlib
from typing import Any

from ..errors import MissingExtraError


def required(module: str, extra: str) -> Any:
    """Import a module of an optional library, and return it.

    Args:
        module: the module, such as ``pypdfium2``; with dots, the last part is returned.
        extra: the extra that installs it, such as ``pdf``.

    Raises:
        MissingExtraError: it is not installed, or cannot be loaded.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{module.partition('.')[0]} is not usable ({error});"
            f" install it with: pip install 'ocrd-rapid[{extra}]'"
        ) from error
