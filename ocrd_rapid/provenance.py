# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What was done to a page, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ProcessingStep:
    """A processing step in the metadata of a page.

    Attributes:
        step: the kind of step, in OCR-D's vocabulary.
        executable: name of the processor.
        parameters: all parameters, as text.
        versions: versions of the processor and of what it used.
    """

    step: str
    executable: str
    parameters: Mapping[str, str]
    versions: Mapping[str, str]
