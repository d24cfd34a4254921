# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""What a response of a web server means for the bytes received so far.

Pure functions, after RFC 9110, sections 13.1.5 (If-Range) and 14 (Range): resume only with a
validator that the server itself gave, and believe only what the response says.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .partial_files import Partial

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class NextStep(Enum):
    """What to do with a response."""

    WRITE_ANEW = "write from the beginning"
    APPEND = "append"
    COMPLETE = "complete"
    ASK_ANEW = "ask again, for the whole file"
    TRY_AGAIN = "try again"
    GIVE_UP = "give up"


@dataclass(frozen=True)
class Verdict:
    """What a response means.

    Attributes:
        step: what to do.
        total: size of the whole file; 0 if unknown.
        end: how many bytes the file may have after this response; 0 if unknown.
        reason: why to give up, if the status does not say it.
    """

    step: NextStep
    total: int = 0
    end: int = 0
    reason: str = ""


def interpret(status: int, headers: Mapping[str, str], partial: Partial) -> Verdict:
    """Decide what a response means for the bytes received so far."""
    if status == 206:
        start, end, total = parse_content_range(headers.get("Content-Range", ""))
        # A server that does not know If-Range may send the rest of another version.
        kind = "ETag" if partial.validator.startswith('"') else "Last-Modified"
        other = headers.get(kind, partial.validator) != partial.validator
        if start is None or start != partial.size or end <= start or 0 < total < end or other:
            return Verdict(NextStep.ASK_ANEW)
        return Verdict(NextStep.APPEND, total, end)
    if status == 200:
        length = _content_length(headers)
        if length is None:
            # RFC 9112, 6.3: the end of the body is unknown then.
            said = headers["Content-Length"][:40]
            return Verdict(
                NextStep.GIVE_UP, reason=f"the server announces an impossible size: {said}"
            )
        return Verdict(NextStep.WRITE_ANEW, length, length)
    if status == 416:
        _, _, total = parse_content_range(headers.get("Content-Range", ""))
        if total and total == partial.size:
            return Verdict(NextStep.COMPLETE, total)
        return Verdict(NextStep.ASK_ANEW if partial.resumable else NextStep.GIVE_UP)
    return Verdict(NextStep.TRY_AGAIN if status in _TRY_AGAIN else NextStep.GIVE_UP)


def parse_content_range(value: str) -> tuple[int | None, int, int]:
    """Return the first byte, the one after the last, and the total of a ``Content-Range``.

    It reads ``bytes 5-9/10`` or ``bytes */10``; missing values are ``None`` or 0.
    """
    match = re.fullmatch(r"bytes (?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]+|\*)", value.strip())
    if match is None:
        return None, 0, 0
    if match[1] is None:
        return None, 0, _number(match[3])
    return int(match[1]), int(match[2]) + 1, _number(match[3])


def _content_length(headers: Mapping[str, str]) -> int | None:
    """Return the announced size, 0 if there is none; ``None`` for an impossible one."""
    said = headers.get("Content-Length")
    if said is None or "Transfer-Encoding" in headers:
        return 0
    sizes = {part.strip() for part in said.split(",")}  # may repeat, not contradict
    size = sizes.pop()
    return int(size) if not sizes and re.fullmatch(r"[0-9]{1,18}", size) else None


def _number(text: str | None) -> int:
    """Return a number of bytes or seconds; 0 if it is not one, or implausible."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,18}", text) else 0


def validator_of(headers: Mapping[str, str]) -> str:
    """Return the validator for ``If-Range``: a strong ETag, else the date of change."""
    etag = headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("Last-Modified", "")


def delay_before(attempt: int, retry_after: str | None = None) -> float:
    """Return the seconds to wait before attempt 1, 2, …: doubling, with some randomness."""
    if retry_after and re.fullmatch(r"[0-9]{1,18}", retry_after):
        return min(float(retry_after), _LONGEST_DELAY)
    return min(_FIRST_DELAY * 2.0**attempt, _LONGEST_DELAY) * random.uniform(0.5, 1.0)
