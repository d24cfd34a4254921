# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Import the engines' Python packages so that they send nothing.

Both report to their makers by default: onnxruntime from version 1.30 on, which also keeps an
identifier of the device below ``~/.cache/Microsoft``, and OpenVINO at every import, with another
one in ``~/intel``. Both must be told not to before they are imported. This module is the only one
that imports them, and importing ``ocrd_rapid`` calls `silence`, so that no path to an engine
bypasses it.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from ..errors import EngineError

LOG = logging.getLogger(__name__)

#: Variable that onnxruntime reads when loaded (``OneDsTelemetry``); child processes inherit it.
_ORT_VARIABLE = "ORT_DISABLE_TELEMETRY"
#: Package that OpenVINO reports with; without it, OpenVINO uses a stub that does nothing.
_OPENVINO_REPORTER = "openvino_telemetry"

#: Whether other code loaded onnxruntime first and let it report.
_too_late = False


def silence() -> None:
    """Make engines imported from now on send nothing and leave no files behind."""
    global _too_late
    _too_late = "onnxruntime" in sys.modules and os.environ.get(_ORT_VARIABLE) != "1"
    os.environ[_ORT_VARIABLE] = "1"
    # A reporter that is already loaded belongs to other code.
    sys.modules.setdefault(_OPENVINO_REPORTER, None)  # type: ignore[arg-type]


def import_onnxruntime() -> Any:
    """Return the module ``onnxruntime``.

    Raises:
        EngineError: it is not installed, or cannot be loaded.
    """
    global _too_late
    try:
        import onnxruntime
    except ImportError as error:
        raise _unusable("onnxruntime", error) from error
    if _too_late:
        _too_late = False
        onnxruntime.disable_telemetry_events()
        LOG.warning(
            "onnxruntime was imported before ocrd_rapid and may report to its makers over the"
            " network; import ocrd_rapid first, or set %s=1",
            _ORT_VARIABLE,
        )
    return onnxruntime


def import_openvino() -> Any:
    """Return the module ``openvino``.

    Raises:
        EngineError: it is not installed, or cannot be loaded.
    """
    try:
        import openvino
    except ImportError as error:
        raise _unusable("openvino", error) from error
    return openvino


def _unusable(name: str, error: ImportError) -> EngineError:
    return EngineError(
        f"engine {name} is not usable ({error}); install it with: pip install {name}"
    )
