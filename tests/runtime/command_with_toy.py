# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``ocrd-rapid-detect`` with a toy in place of the models.

The toy waits a moment on every page, and forever on the page that ``TOY_STUCK_ON`` names. With
``TOY_MODEL`` it runs a model, which computes for ever there; with ``TOY_TALKS`` it writes to
standard error as a library would, past Python.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import numpy as np
from toys import Toy

import ocrd_rapid.processors
from ocrd_rapid.inference.engines import load_model
from ocrd_rapid.inference.model import EngineConfig, Model
from ocrd_rapid.runtime.processor import OpenPage


def _model() -> Model | None:
    """Return the model that ``TOY_MODEL`` names, with the engine that ``TOY_ENGINE`` does."""
    if not os.environ.get("TOY_MODEL"):
        return None
    config = EngineConfig(os.environ["TOY_ENGINE"], parallel_calls=2)
    return load_model(Path(os.environ["TOY_MODEL"]), config)


MODEL = _model()


def _process(page: OpenPage) -> None:
    if MODEL is not None:
        endless = page.page_id == os.environ["TOY_STUCK_ON"]
        MODEL.run(np.full((1, 3, 8, 8), 0 if endless else 2e6, np.float32))
        return
    if os.environ.get("TOY_TALKS"):
        with contextlib.suppress(OSError):
            os.write(2, b"a library has its say\n")
    time.sleep(3600 if page.page_id == os.environ["TOY_STUCK_ON"] else 0.005)


ocrd_rapid.processors.create = lambda executable, parameters: Toy(_process)

from ocrd_rapid.cli.processor import detect  # noqa: E402 -- after the change above

if __name__ == "__main__":
    detect()
