"""``ocrd-rapid-detect`` with a toy in place of the models.

The toy waits a moment on every page, and forever on the page that ``TOY_STUCK_ON`` names. With
``TOY_TALKS`` it writes to standard error as a library would, past Python.
"""

from __future__ import annotations

import contextlib
import os
import time

from toys import Toy

import ocrd_rapid.processors
from ocrd_rapid.runtime.processor import PageTask


def _process(task: PageTask) -> None:
    if os.environ.get("TOY_TALKS"):
        with contextlib.suppress(OSError):
            os.write(2, b"a library has its say\n")
    time.sleep(600 if task.page_id == os.environ["TOY_STUCK_ON"] else 0.005)


ocrd_rapid.processors.create = lambda executable, parameters: Toy(_process)

from ocrd_rapid.cli.processor import detect  # noqa: E402 -- after the change above

if __name__ == "__main__":
    detect()
