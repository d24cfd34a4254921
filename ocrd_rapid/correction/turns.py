# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Those who write corrections into a workspace take turns: nobody changes a page that others read.

The METS has a lock of its own, which is held only while it is written.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..workspace.mets_lock import locked
from ..workspace.workspace import Workspace


@contextlib.contextmanager
def turn(workspace: Workspace) -> Iterator[bool]:
    """Wait until nobody else changes corrected pages, and keep others waiting until the end.

    Yields:
        Whether the METS has been changed by somebody else since it was read.

    Raises:
        StorageError: another process takes longer than a minute.
    """
    with locked(workspace.mets_path.with_name(f"{workspace.mets_path.name}.corrections")):
        yield workspace.is_outdated
