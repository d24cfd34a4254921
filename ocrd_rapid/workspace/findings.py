# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The findings of a check of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..addresses import scrub

Severity = Literal["error", "warning", "notice"]

#: The checks that can be left out, by the names of OCR-D core.
CHECKS = (
    "mets_unique_identifier", "mets_files", "mets_xsd", "url", "multipage", "pixel_density",
    "page", "page_xsd", "dimension", "imagefilename", "alternativeimage_filename",
    "alternativeimage_comments", "mets_fileid_page_pcgtsid",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something wrong, or at least unusual.

    Attributes:
        severity: ``error`` for breaches of the rules of METS, PAGE or OCR-D, ``warning`` for what
            is hardly intended, ``notice`` for what may be. A workspace is valid without errors
            and warnings.
        check: one of `CHECKS`, or ``mets`` if the METS cannot be read at all.
        where: file and element.
        what: what is wrong, with the wrong value, but without secrets in addresses.
    """

    severity: Severity
    check: str
    where: str
    what: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "what", scrub(self.what))

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def error(check: str, where: str, what: str) -> Finding:
    """Return a finding of severity ``error``."""
    return Finding("error", check, where, what)


def warning(check: str, where: str, what: str) -> Finding:
    """Return a finding of severity ``warning``."""
    return Finding("warning", check, where, what)


def notice(check: str, where: str, what: str) -> Finding:
    """Return a finding of severity ``notice``."""
    return Finding("notice", check, where, what)
