# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Suggestions for a misspelled name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three of ``names``, best first: those like ``name``, or that begin with it."""
    lowered = {candidate.lower(): candidate for candidate in names}
    key = name.lower()
    matches = difflib.get_close_matches(key, lowered, n=3, cutoff=0.5)
    if not matches and len(key) > 2:
        matches = [candidate for candidate in lowered if candidate.startswith(key)][:3]
    return [lowered[match] for match in matches]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return the end of a message, ``; did you mean x or y?``; empty if no name is similar."""
    similar = nearest(name, names)
    return f"; did you mean {' or '.join(similar)}?" if similar else ""
