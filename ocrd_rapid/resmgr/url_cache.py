# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Resources that a parameter names by URL: downloaded once, into our own cache.

OCR-D's specification has file parameters that are URLs and says that those marked
``cacheable`` may be kept; core leaves the rest open, so place and names are ours.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from ..addresses import redact
from ..cache import URLS, publish, staging, touch
from .integrity import check_file
from .resource import Resource, check_name
from .sources import parse_source

LOG = logging.getLogger(__name__)


def is_url(name: str) -> bool:
    """Return whether the value of a file parameter is a web address."""
    return name.lower().startswith(("http://", "https://"))


def fetch(url: str, executable: str) -> Path:
    """Return the path of the file at a URL, downloading it unless it is in the cache.

    A hash in the fragment (``#sha256=…``) is checked, even for a file in the cache.

    Raises:
        DownloadError: it cannot be fetched, or offline mode forbids fetching it.
        IntegrityError: its hash is wrong.
        ConfigurationError: the address is malformed, or does not end in a valid name.
        StorageError: there is no place to keep it.
    """
    resource = Resource.from_mapping(executable, {"url": url})
    name, plain = resource.name or "resource", resource.url
    check_name(name)
    key = hashlib.sha256(plain.encode("utf-8")).hexdigest()[:20]
    for folder in URLS.folders():
        target = folder / key / name
        if target.is_file():
            check_file(target, resource, origin=str(target.parent))
            touch(target.parent)
            return target
    URLS.tidy()
    folder = URLS.writable_folder()
    target = folder / key / name
    LOG.info("Downloading %s", redact(url))
    with staging(folder) as place:
        fetched = place / "fetched"
        parse_source(plain, folder / "parts").fetch(fetched)
        check_file(fetched, resource, origin=redact(url))
        publish(fetched, target)
    return target
