"""What a check of a workspace finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..addresses import scrub

Severity = Literal["error", "warning", "notice"]

#: The checks that can be left out, with the names that OCR-D core has for them.
CHECKS = (
    "mets_unique_identifier", "mets_files", "mets_xsd", "url", "multipage", "pixel_density",
    "page", "page_xsd", "dimension", "imagefilename", "alternativeimage_filename",
    "alternativeimage_comments", "mets_fileid_page_pcgtsid",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or at least unusual.

    Attributes:
        severity: ``error`` for what breaks the rules of METS, PAGE or OCR-D, ``warning`` for what
            will hardly be wanted, ``notice`` for what may be so. A workspace is valid without
            errors and warnings.
        check: one of `CHECKS`, or ``mets`` if the METS cannot be read at all.
        where: file and element.
        what: what is wrong, with the value that is, but without what is secret in addresses.
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
