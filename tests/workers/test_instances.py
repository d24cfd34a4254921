# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Our processors in core's hands: cached by their parameters, and gone when core drops them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from processing_network import ENVIRONMENT

pytestmark = [
    pytest.mark.workers,
    pytest.mark.skipif(
        not (ENVIRONMENT / "ocrd").exists(),
        reason="OCR-D core is not in .venv-network: run `make test-network`",
    ),
]

CODE = """
import gc, json, weakref
from ocrd.processor.helpers import get_processor
from ocrd_rapid.network.core_processors import core_processor

gc.disable()
kind = core_processor("ocrd-rapid-preprocess")
alive = weakref.WeakSet()
for _ in range(2):
    for skew in range(1, 7):
        parameters = {"min_skew": skew, "steps": ("denoise", "contrast")}
        made = get_processor(kind, parameters, instance_caching=True)
        alive.add(made)
same = get_processor(kind, parameters, instance_caching=True) is made
print(json.dumps([len(alive), kind.max_instances, same, made.parameter, made.version]))
"""


def test_instances_are_kept_by_parameters_and_not_beyond_their_number(own_home: Path) -> None:
    done = subprocess.run(
        [ENVIRONMENT / "python", "-c", CODE], capture_output=True, text=True, check=True
    )
    alive, most, same, parameters, version = json.loads(done.stdout)
    assert alive == most == 3
    assert same
    assert parameters["min_skew"] == 6
    assert parameters["steps"] == ["denoise", "contrast"]
    assert parameters["max_unevenness"] == 0.3
    assert version
