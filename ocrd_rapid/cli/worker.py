# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run a processor as a worker of OCR-D's processing network."""

from __future__ import annotations

from ..config.extras import required
from ..errors import UsageError
from .memory import limit_arenas


def start_worker(executable: str, queue: str | None, database: str | None) -> None:
    """Work for an executable's queue until interrupted.

    Raises:
        UsageError: the address of the queue or of the database is missing.
        MissingExtraError: OCR-D core is not installed.
        WorkerError: a server cannot be reached.
    """
    if not queue or not database:
        raise UsageError(
            f"a worker needs both addresses: {executable} worker"
            " --queue amqp://USER:PASSWORD@HOST:5672/VHOST --database mongodb://HOST:27017"
        )
    required("ocrd_network", "ocrd")
    from ..network.core_worker import work

    limit_arenas()
    work(executable, queue, database)
