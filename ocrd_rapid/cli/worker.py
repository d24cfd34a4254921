# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Run a processor as a worker of OCR-D's processing network, by OCR-D core."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

from ..errors import EngineError, UsageError


def start_worker(executable: str, queue: str | None, database: str | None) -> NoReturn:
    """Replace this process by core's worker for an executable.

    Raises:
        UsageError: the address of the queue or of the database is missing.
        EngineError: core is not installed.
    """
    if not queue or not database:
        raise UsageError(
            f"a worker needs both addresses: {executable} worker"
            " --queue amqp://USER:PASSWORD@HOST:5672/VHOST --database mongodb://HOST:27017"
        )
    core = shutil.which("ocrd")
    if core is None:
        raise EngineError(
            "workers are started by OCR-D core, which is not installed: pip install ocrd"
        )
    arguments = ["network", "processing-worker", executable, "-q", queue, "-d", database]
    os.execv(core, [core, *arguments])
