# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""The date of a document: never that of its writing, so that the same input gives the same file."""

from __future__ import annotations

from datetime import datetime, timezone

from ..config.environment import source_date
from ..ocr.page_model import ReadDocument


def document_date(document: ReadDocument) -> datetime | None:
    """Return the date of a document in UTC, in whole seconds.

    It is that of the document, else that of ``SOURCE_DATE_EPOCH``, else ``None``.

    Raises:
        ConfigurationError: ``SOURCE_DATE_EPOCH`` is needed, and no number of seconds.
    """
    try:
        # Python 3.10 does not read the Z.
        date = datetime.fromisoformat(document.created.strip().replace("Z", "+00:00"))
        date = date if date.tzinfo else date.replace(tzinfo=timezone.utc)
        return date.astimezone(timezone.utc).replace(microsecond=0)
    except (ValueError, OverflowError):
        return source_date()
