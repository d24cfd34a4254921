"""What somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three of ``names`` that look like ``name``, best first."""
    lowered = {candidate.lower(): candidate for candidate in names}
    matches = difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)
    return [lowered[match] for match in matches]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return the end of a message, ``; did you mean x or y?``; nothing if none is similar."""
    similar = nearest(name, names)
    return f"; did you mean {' or '.join(similar)}?" if similar else ""
