# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Saving a PDF, as PDF/A if it can be."""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ...errors import NotArchivableError
from .description import declare_archival, withdraw_archival

if TYPE_CHECKING:
    import pikepdf

LOG = logging.getLogger(__name__)

_TOO_OLD = "PDF/A is checked by pikepdf 10.15, which needs Python 3.11"


def save(pdf: pikepdf.Pdf, out: BinaryIO, pdf_type: str, name: str) -> None:
    """Write a document to a file, in the same way each time.

    Args:
        pdf: the document.
        out: the file.
        pdf_type: one of `export_options.PDF_TYPES`.
        name: the name of the document, for messages.

    Raises:
        NotArchivableError: it must be PDF/A, but something in it does not allow that; nothing has
            been written.
        OSError: there is no room for it.
    """
    settings = None if pdf_type == "pdf" else _archival(pdf, pdf_type, name)
    if settings is None:
        settings = _plain()
    if out.seekable():
        _save(pdf, out, settings)
        return
    with tempfile.TemporaryFile() as file:
        _save(pdf, file, settings)
        file.seek(0)
        shutil.copyfileobj(file, out)


class _Patient(io.RawIOBase):
    """A file that takes all that is written, and keeps the error of writing until it is asked for.

    An error in the last bytes of a file, whose ID comes from its content, ends the process in qpdf.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.error is None:
            try:
                self._file.write(data)
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


def _save(pdf: pikepdf.Pdf, file: BinaryIO, settings: Mapping[str, Any]) -> None:
    patient = _Patient(file)
    pdf.save(cast(BinaryIO, patient), **settings)
    if patient.error is not None:
        raise patient.error
    file.flush()


def _plain() -> dict[str, Any]:
    from pikepdf import ObjectStreamMode, StreamDecodeLevel

    return {
        "deterministic_id": True,
        "object_stream_mode": ObjectStreamMode.generate,
        "stream_decode_level": StreamDecodeLevel.none,
    }


def _archival(pdf: pikepdf.Pdf, pdf_type: str, name: str) -> dict[str, Any] | None:
    """Make a document PDF/A; return the settings to save it with, or ``None`` if it cannot be."""
    try:
        from pikepdf import pdfa
    except ImportError as error:
        if pdf_type == "pdfa":
            raise NotArchivableError(f"{name} cannot be PDF/A: {_TOO_OLD} ({error})") from error
        LOG.info("%s is a plain PDF: %s", name, _TOO_OLD)
        return None
    had_intent = "/OutputIntents" in pdf.Root
    flavour = declare_archival(pdf)
    report = pdfa.check(pdf, flavour, deterministic_id=True)
    if report.passed:
        return dict(report.save_kwargs)
    withdraw_archival(pdf, intent=not had_intent)
    finding = report.findings[0]
    reason = f"{finding.message} ({finding.where})" if finding.where else finding.message
    if pdf_type == "pdfa":
        raise NotArchivableError(
            f"{name} cannot be PDF/A: {reason}; --pdf-type auto writes a plain PDF then"
        )
    LOG.warning("%s is a plain PDF, not PDF/A: %s", name, reason)
    return None
