# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Files in archives without anything of whoever made them: date, owner, permissions, system.

All dates are ``SOURCE_DATE_EPOCH``, or 1980-01-01 without it, which is the first that a zip
archive can have. See https://reproducible-builds.org/specs/source-date-epoch/.
"""

from __future__ import annotations

import os
import time
import zipfile

#: 1980-01-01 in seconds since 1970.
_FIRST = 315532800


def source_date() -> int:
    """Return the date of all files, in seconds since 1970."""
    return max(_FIRST, int(os.environ.get("SOURCE_DATE_EPOCH", _FIRST)))


def zip_entry(name: str, *, executable: bool = False) -> zipfile.ZipInfo:
    """Return the description of a file in a zip archive, without anything of its maker."""
    entry = zipfile.ZipInfo(name, time.gmtime(source_date())[:6])
    entry.create_system = 3  # Unix, on any system
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    return entry
