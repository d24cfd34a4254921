# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Rules for missing, existing, failed and late pages.

OCR-D sets them in environment variables: https://ocr-d.de/en/spec/cli, measured on core 3.13.3.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from ..config.environment import flag
from ..errors import ConfigurationError, OcrdRapidError, TooManyFailuresError
from .step import Existing

_Choice = TypeVar("_Choice", bound=Enum)
_Number = TypeVar("_Number", int, float)

#: Minimum number of failed pages for a run to end early.
_ENOUGH_FAILURES = 10


class MissingInput(Enum):
    """What to do about a page without a file in the input group."""

    SKIP = "SKIP"
    ABORT = "ABORT"


class MissingOutput(Enum):
    """What to do about a page that fails: leave it out, copy its input, or stop."""

    SKIP = "SKIP"
    COPY = "COPY"
    ABORT = "ABORT"


@dataclass(frozen=True)
class Policy:
    """How a run deals with problems, and how many pages it processes at a time.

    Attributes:
        missing_input: ``OCRD_MISSING_INPUT``.
        missing_output: ``OCRD_MISSING_OUTPUT``.
        tolerated: share of pages that may fail (``OCRD_MAX_MISSING_OUTPUTS``); negative: all.
        existing: ``OCRD_EXISTING_OUTPUT``, ``None`` if it is not set.
        parallel_pages: ``OCRD_MAX_PARALLEL_PAGES``; 0 lets the runtime choose.
        page_timeout: seconds (``OCRD_PROCESSING_PAGE_TIMEOUT``); 0 for none.
        download: fetch input files that are only at a URL (``OCRD_DOWNLOAD_INPUT``).
    """

    missing_input: MissingInput = MissingInput.SKIP
    missing_output: MissingOutput = MissingOutput.SKIP
    tolerated: float = 0.1
    existing: Existing | None = None
    parallel_pages: int = 0
    page_timeout: float = 0.0
    download: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Policy:
        """Return the policy that environment variables set.

        Unlike core, we download nothing unless ``OCRD_DOWNLOAD_INPUT`` is set.

        Raises:
            ConfigurationError: a value is not allowed.
        """
        variables = os.environ if environ is None else environ
        existing = variables.get("OCRD_EXISTING_OUTPUT")
        return cls(
            missing_input=_choice(variables, "OCRD_MISSING_INPUT", MissingInput.SKIP),
            missing_output=_choice(variables, "OCRD_MISSING_OUTPUT", MissingOutput.SKIP),
            tolerated=_number(variables, "OCRD_MAX_MISSING_OUTPUTS", float, 0.1),
            existing=_choice(variables, "OCRD_EXISTING_OUTPUT", Existing.ABORT)
            if existing
            else None,
            parallel_pages=_number(variables, "OCRD_MAX_PARALLEL_PAGES", int, 0, least=0),
            page_timeout=_number(variables, "OCRD_PROCESSING_PAGE_TIMEOUT", float, 0.0, least=0),
            download=flag("OCRD_DOWNLOAD_INPUT", environ=variables),
        )

    def exceeded(self, failed: int, total: int) -> bool:
        """Return whether more of the requested pages failed than allowed."""
        return self.tolerated >= 0 and failed > self.tolerated * total

    def verdict(
        self, failed: Mapping[str, OcrdRapidError], total: int, *, early: bool = False
    ) -> OcrdRapidError | None:
        """Return the error of a run if more pages failed than allowed.

        Args:
            failed: the errors of pages, by ID.
            total: the number of requested pages; of a single one, its own error is returned.
            early: whether the run ended before its last page.
        """
        if not self.exceeded(len(failed), total):
            return None
        page, error = next(iter(failed.items()))
        if total == 1:
            return error
        counts = Counter(type(error).__name__ for error in failed.values())
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        end = ", and the run ended early" if early else ""
        return TooManyFailuresError(
            f"{len(failed)} of {total} pages failed ({kinds}), more than OCRD_MAX_MISSING_OUTPUTS"
            f" allows{end}; the first was {page}: {error}; fix the cause and continue with"
            " --resume, or set OCRD_MAX_MISSING_OUTPUTS=-1 to do without these pages"
        )

    def hopeless(self, failed: int, total: int) -> bool:
        """Return whether so many pages have failed that the run should end.

        More failed than allowed, and enough to show the cause. A few bad scans do not keep the
        pages after them from being read.
        """
        return failed >= _ENOUGH_FAILURES and self.exceeded(failed, total)


def _choice(variables: Mapping[str, str], name: str, default: _Choice) -> _Choice:
    value = variables.get(name) or default.value
    try:
        return type(default)(value)
    except ValueError:
        allowed = ", ".join(str(choice.value) for choice in type(default))
        raise ConfigurationError(
            f"environment variable {name}: '{value}' is not allowed (allowed are: {allowed})"
        ) from None


def _number(
    variables: Mapping[str, str], name: str, kind: Callable[[str], _Number], default: _Number,
    least: float = -math.inf,
) -> _Number:  # fmt: skip
    text = variables.get(name)
    if not text:
        return default
    try:
        value = kind(text)
        if math.isnan(value) or value < least:
            raise ValueError(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        bound = f" of at least {least:g}" if math.isfinite(least) else ""
        raise ConfigurationError(
            f"environment variable {name}: '{text}' is not {what}{bound}"
        ) from None
    return value
