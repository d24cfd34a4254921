# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Hashes of resources that we installed, where the databases cannot hold them.

The catalogue has hashes, and for web addresses the user's database holds them as a fragment of
the URL. A resource from a local file has neither: its hash is recorded beside the resources, in
our private directory. A record belongs to a URL: it is void when somebody else installs something
from elsewhere under the same name. The hashes of shipped files are in the package's ``SHA256SUMS``.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

from ..files import write_atomically
from .locations import PRIVATE_DIR
from .resource import Resource

#: Beside the module directories of the executables, in the format of ``sha256sum``. Inside one of
#: them, core would take it for a resource.
SHIPPED = "SHA256SUMS"


def _file(directory: Path, resource: Resource) -> Path:
    """Return the record of a resource in the directory of its executable."""
    return directory.parent / PRIVATE_DIR / "sha256" / resource.executable / f"{resource.name}.json"


def record(directory: Path, resource: Resource) -> None:
    """Record the hash of a resource installed into a directory, if possible.

    Where the user's database holds the hash, there is nothing to record.
    """
    if resource.url_with_hash != resource.url:
        return
    content = json.dumps({"url": resource.url, "sha256": resource.sha256})
    with contextlib.suppress(OSError):
        write_atomically(_file(directory, resource), content.encode("utf-8"))


def with_hash(directory: Path, resource: Resource) -> Resource:
    """Return an entry with its recorded hash, if it has no hash of its own."""
    if resource.sha256:
        return resource
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(_file(directory, resource).read_text(encoding="utf-8"))
        if known["url"] == resource.url:
            return replace(resource, sha256=str(known["sha256"]))
    return resource


def shipped_sha256(path: Path) -> str:
    """Return the package's own hash of a file in a module directory; empty if it has none."""
    name = f"{path.parent.name}/{path.name}"
    with contextlib.suppress(OSError, ValueError):
        for line in (path.parents[1] / SHIPPED).read_text(encoding="utf-8").splitlines():
            digest, _, listed = line.partition("  ")
            if listed == name:
                return digest
    return ""
