# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Three sizes for users who choose no model: ``fast``, ``balanced`` and ``best``.

``quality_sizes.json`` is the one table of them: for each size and each processor the parameters
that it stands for. Whatever a user gives by name wins over it. A model there is one of the package,
or one that can be downloaded: ``best`` reads with the recognizer that the one of ``balanced`` is
made of (docs/performance.md).
"""

from __future__ import annotations

from typing import Any

from ..config.packaged import packaged_json

#: The sizes, from the cheapest to the most expensive, and the one that is used if nobody asks.
SIZES = ("fast", "balanced", "best")
DEFAULT_SIZE = "balanced"


def size_parameters(size: str, executable: str) -> dict[str, Any]:
    """Return the parameters that a size stands for.

    Args:
        size: one of `SIZES`; any other text stands for none.
        executable: the processor.

    Returns:
        The parameters by their names; none for processors whose models have one size.
    """
    table: dict[str, dict[str, dict[str, Any]]] = packaged_json("loading/quality_sizes.json")
    return dict(table.get(size, {}).get(executable, {}))
