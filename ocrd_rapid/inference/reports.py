# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Messages about devices and failures, the same for both engines."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from ..errors import EngineError, ModelEndsError

LOG = logging.getLogger(__name__)


def missing(device: str, engine: str, here: Sequence[str], *, strict: bool) -> None:
    """Report a device that is not available, in RapidOCR's words.

    Raises:
        EngineError: if ``strict``.
    """
    if strict:
        raise EngineError(
            f"Requested device '{device}' is not available: {engine} has {', '.join(here)}"
            " ('ocrd-rapid check' shows all; without strict, the CPU is used)"
        )
    LOG.warning("Requested device '%s' is not available. Falling back to CPU.", device)


def failed(device: str, path: Path, reason: str, *, strict: bool) -> None:
    """Report a device that is available, but cannot load a model.

    Raises:
        EngineError: if ``strict``.
    """
    if strict:
        raise EngineError(
            f"Failed to compile model {path} on {device} device: {reason}"
            " (without strict, the CPU is used)"
        )
    LOG.warning(
        "Failed to compile model on %s device. Error: %s (model %s). Falling back to CPU.",
        device,
        reason,
        path,
    )


def loaded(device: str, seconds: float) -> None:
    """Report the device in use and how long loading took."""
    LOG.info("Using device: %s", device)
    LOG.info("Model compiled successfully on %s device in %.2fs", device, seconds)


def check_ends(path: Path, inputs: int, outputs: int, *, named: bool) -> None:
    """Check the number of inputs and outputs of a model.

    Args:
        path: its file.
        inputs: number of its inputs.
        outputs: number of its outputs.
        named: whether it may have several inputs.

    Raises:
        ModelEndsError: it has too many or too few.
    """
    if not outputs or not inputs or (inputs > 1 and not named):
        raise ModelEndsError(
            f"model {path} has {inputs} inputs and {outputs} outputs, expected one input"
        )


def first_line(error: Exception) -> str:
    """Return the gist of one of onnxruntime's messages."""
    return next(iter(_lines(error)), type(error).__name__)


def last_line(error: BaseException) -> str:
    """Return the gist of one of OpenVINO's messages: earlier lines name its source files."""
    return next(reversed(_lines(error)), type(error).__name__)


def _lines(error: BaseException) -> list[str]:
    return [line.strip() for line in str(error).splitlines() if line.strip()]
