"""The engines' Python packages, imported so that they send nothing.

Both report to their makers if they are let: onnxruntime from version 1.30 on, which also keeps an
identifier of the device below ``~/.cache/Microsoft``, and OpenVINO at every import, with another
one in ``~/intel``. Both must be told before they are imported. This module is the only one that
imports them, and it is told to `silence` them when ``ocrd_rapid`` is imported, so that no way to
an engine goes round it.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from ..errors import EngineError

LOG = logging.getLogger(__name__)

#: What onnxruntime reads when it is loaded (``OneDsTelemetry``); child processes inherit it.
_ORT_VARIABLE = "ORT_DISABLE_TELEMETRY"
#: What OpenVINO reports with; where it cannot be imported, OpenVINO has a stub that does nothing.
_OPENVINO_REPORTER = "openvino_telemetry"

#: Whether onnxruntime had been loaded by somebody else, who let it report.
_too_late = False


def silence() -> None:
    """See to it that engines imported from now on send nothing and leave no files behind."""
    global _too_late
    _too_late = "onnxruntime" in sys.modules and os.environ.get(_ORT_VARIABLE) != "1"
    os.environ[_ORT_VARIABLE] = "1"
    # One that is loaded already belongs to somebody else.
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
