# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""setuptools as a build backend whose archives depend on the content of the files alone.

Neither who builds, nor when, nor with which umask changes a byte. See PEP 517.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from archive_entries import source_date, zip_entry
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 (the hooks that stay as they are)


def build_sdist(directory: str, settings: dict[str, Any] | None = None) -> str:
    """Build the source archive; return its name."""
    name = build_meta.build_sdist(directory, settings)
    path = Path(directory) / name
    content = io.BytesIO()
    with (
        tarfile.open(path) as made,
        tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for member in sorted(made.getmembers(), key=lambda member: member.name):
            member.mtime = source_date()
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.pax_headers = {}
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            archive.addfile(member, made.extractfile(member) if member.isreg() else None)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, source_date()) as stream:
        stream.write(content.getvalue())
    return name


def build_wheel(
    directory: str, settings: dict[str, Any] | None = None, metadata: str | None = None
) -> str:
    """Build the wheel; return its name."""
    name = build_meta.build_wheel(directory, settings, metadata)
    path = Path(directory) / name
    with zipfile.ZipFile(path) as made:
        files = [(entry.filename, made.read(entry)) for entry in made.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for filename, data in files:  # in their order: RECORD has to be the last
            archive.writestr(zip_entry(filename), data, zipfile.ZIP_DEFLATED)
    return name
