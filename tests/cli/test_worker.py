# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""``worker`` without OCR-D core; what it does with core: tests/workers."""

from __future__ import annotations

from typing import Any

ADDRESSES = ("--queue", "amqp://u:p@host:5672/v", "--database", "mongodb://host:27017")


def test_without_core_it_is_said_how_it_is_installed(run: Any) -> None:
    done = run("ocrd-rapid-detect", *ADDRESSES)
    assert done.code == 2
    assert "pip install 'ocrd-rapid[ocrd]'" in done.err
    assert done.err.count("\n") == 1


def test_both_addresses_are_needed(run: Any) -> None:
    done = run("ocrd-rapid-detect", "worker", *ADDRESSES[:2])
    assert done.code == 2
    assert "a worker needs both addresses" in done.err
